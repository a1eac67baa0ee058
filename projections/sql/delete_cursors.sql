-- Begin to follow every log anew: whoever holds one of the cursors is waited for.
-- $1 view
DELETE FROM cursor WHERE view = $1
