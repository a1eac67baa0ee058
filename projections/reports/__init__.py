"""Reports: figures over a period, worked out from the facts at a question's moment (domain.md 13.1). One file each."""
