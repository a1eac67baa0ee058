"""Flags: the soft rules that accepted events broke, derived from what is known and never appended (domain.md 9)."""

from projections.flags.evaluation import Flag, flags_of
from projections.flags.table import RULES

__all__ = ["RULES", "Flag", "flags_of"]
