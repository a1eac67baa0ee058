"""What is asked of a benchmark on the command line; what is not said, each has its own default for."""

from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """How large a run is, and over which ledger."""

    events: int | None = None
    """Events of each round, or of the ledger that is asked."""
    seconds: float | None = None
    """At most so long for each phase of a round."""
    data: Path | None = None
    """A folder whose grown ledger is used, and kept; without, one is made and removed."""
