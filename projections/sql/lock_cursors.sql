-- Lock the cursors of a log: whoever holds them is its projector. Those held by another are left out.
-- $1 log_id, $2 views
SELECT view, position FROM cursor WHERE log_id = $1 AND view = ANY($2::text[]) FOR UPDATE SKIP LOCKED
