-- Keep a table from being dropped until the transaction ends. `view_any` stands for the table.
LOCK TABLE view_any IN ACCESS SHARE MODE
