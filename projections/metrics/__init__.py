"""What a figure means: each metric of domain.md 13.2 once, as a pure function with its definition in words."""
