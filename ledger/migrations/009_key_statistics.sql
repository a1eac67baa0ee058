-- No statistics of wrapped keys: ANALYZE, which the server runs by itself, would put samples of them into the catalogue,
-- where they outlive the row, and an erasure promises that nothing of a key is left (`ledger.scrubbing`).
ALTER TABLE subject_key ALTER COLUMN wrapped SET STATISTICS 0;

-- Samples taken before are dropped by a change of type, to the same one too.
ALTER TABLE subject_key ALTER COLUMN wrapped TYPE bytea;
