"""How good the notices of a notifier are, and which tier that gives (domain.md D16, 13.2)."""
