-- The one row that says which ledger this is.
SELECT name, test_clock, created FROM ledger
