-- Let nobody write to a table until the swap; who wrote already has committed. `view_any` stands for the table.
LOCK TABLE view_any IN EXCLUSIVE MODE
