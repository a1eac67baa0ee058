-- Lock every cursor of some views: no projector moves them until the swap. In one order, as others may do the same.
-- $1 views
SELECT position FROM cursor WHERE view = ANY($1::text[]) ORDER BY log_id, view FOR UPDATE
