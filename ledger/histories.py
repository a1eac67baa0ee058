"""The histories of one log's streams that are kept in memory for the hard rules: as many as fit."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, MutableMapping

from ledger.domain.history import History

HISTORIES_MAX_BYTES = 256 * 1024 * 1024
"""Roughly what the histories of one log may take; those not touched for longest go first."""


class Histories(MutableMapping[str, History]):
    """Histories by subject. `bound` keeps them within a size; nothing else lets one go by itself."""

    def __init__(self, max_bytes: int = HISTORIES_MAX_BYTES) -> None:
        """Take how much they may take."""
        self._max_bytes = max_bytes
        self.held: OrderedDict[str, History] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._bytes = 0

    def __getitem__(self, subject: str) -> History:
        """Return the history of a subject. Raises KeyError."""
        return self.held[subject]

    def __setitem__(self, subject: str, history: History) -> None:
        """Hold a history."""
        self.held[subject] = history

    def __delitem__(self, subject: str) -> None:
        """Let one go. Raises KeyError."""
        del self.held[subject]
        self._bytes -= self._weights.pop(subject, 0)

    def __iter__(self) -> Iterator[str]:
        """Yield the subjects, the one touched longest ago first."""
        return iter(self.held)

    def __len__(self) -> int:
        """Count the histories held."""
        return len(self.held)

    def bound(self, touched: Collection[str]) -> None:
        """Weigh those that a commit has touched again, and let go of what no longer fits, but of none of these."""
        for subject in touched:
            weight = self.held[subject].weight
            self._bytes += weight - self._weights.get(subject, 0)
            self._weights[subject] = weight
            self.held.move_to_end(subject)
        while self._bytes > self._max_bytes and (oldest := next(iter(self.held))) not in touched:
            del self[oldest]
