"""The histories of one log's streams that are kept in memory for the hard rules: as many as fit."""

from collections.abc import Collection

from ledger.domain.history import FACT_BYTES, History

HISTORIES_MAX_BYTES = 256 * 1024 * 1024
"""Roughly what the histories of one log may take; those read longest ago go first."""
WEIGHED_EVERY = 8
"""They are weighed whenever they may have grown by this part of it: weighing looks at each."""


class Histories(dict[str, History]):
    """Histories by subject. Whoever adds to them says how much (`grew`), and now and then bounds them."""

    def __init__(self, max_bytes: int = HISTORIES_MAX_BYTES) -> None:
        """Take how much they may take."""
        super().__init__()
        self._max_bytes = max_bytes
        self._grown = 0

    def grew(self, events: int, size: int) -> None:
        """Take note of so many events, of so many bytes in all, that histories may hold now."""
        self._grown += size + events * FACT_BYTES

    @property
    def may_pass_the_bound(self) -> bool:
        """Whether they may have grown by so much since they were weighed that it is time to do it again."""
        return self._grown * WEIGHED_EVERY >= self._max_bytes

    def bound(self, kept: Collection[str]) -> None:
        """Weigh them, and let go of what does not fit, but of none of `kept`."""
        self._grown = 0
        excess = sum(history.weight for history in self.values()) - self._max_bytes
        for subject in [subject for subject in self if subject not in kept] if excess > 0 else ():
            excess -= self.pop(subject).weight
            if excess <= 0:
                return
