"""What the ledger records, as pure values: events, states, folds and hard rules."""
