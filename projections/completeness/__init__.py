"""Whether a log is complete: control totals, the source's own counter, notices and their receipts (domain.md D14)."""
