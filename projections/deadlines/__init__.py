"""Deadlines, derived: the register of rules, terms in working days, and what became of each (domain.md D13, 8)."""
