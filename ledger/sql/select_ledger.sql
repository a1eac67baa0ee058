-- The one row that says which ledger this is.
SELECT ledger_id, name, test_clock, created FROM ledger
