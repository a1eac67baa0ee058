-- Say which ledger this is, unless it was said before. $1 name, $2 whether its clock may be set by who appends.
INSERT INTO ledger (name, test_clock) VALUES ($1, $2) ON CONFLICT (only_one) DO NOTHING
