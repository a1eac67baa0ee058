-- Lock every cursor of a view: no projector moves it until the swap.
-- $1 view
SELECT position FROM cursor WHERE view = $1 FOR UPDATE
