-- Make an empty temporary table of a view's name and shape; names in later statements of the transaction mean it.
-- `view_any` stands for the view's table.
CREATE TEMPORARY TABLE view_any (LIKE public.view_any) ON COMMIT DROP
