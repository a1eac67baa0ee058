"""The histories of one log's streams that are kept in memory for the hard rules: those used last, as many as fit."""

from collections.abc import Iterable

from ledger.domain.history import History

HISTORIES_MAX_BYTES = 56 * 1024 * 1024
"""Roughly what the histories of one log may take."""
LEAVING_STEP = 1_000
"""Histories that go at once: some tenths of a millisecond, in which nobody else gets their turn."""


class Histories(dict[str, History]):
    """Histories by subject, in two generations: those used since the last turn, and those used before it.

    Who needs one recalls it, which makes it one of the younger; only those are found as in a dictionary. Once they take
    half of what all may, they become the elder, and the elder go: what was not used for longest goes first, and none
    is looked at for that.
    """

    def __init__(self, max_bytes: int = HISTORIES_MAX_BYTES) -> None:
        """Take how much they may take."""
        super().__init__()
        self._elder: dict[str, History] = {}
        self._leaving: dict[str, History] = {}
        self._max_bytes = max_bytes
        self._size = 0

    def recall(self, subject: str) -> History | None:
        """Return a history that is held, one of the younger from now on."""
        history = self.get(subject)
        if history is None:
            history = self._elder.pop(subject, None)
            if history is not None:
                self.put(subject, history)
        return history

    def put(self, subject: str, history: History) -> None:
        """Hold a history, with what it weighs now."""
        self[subject] = history
        self._size += history.weight

    def grew(self, size: int) -> None:
        """Take note that some of the younger weigh so much more than when they were put."""
        self._size += size

    def bound(self, kept: Iterable[str]) -> None:
        """Let go of the elder, some at a time and none that is `kept`, when the younger take their half."""
        for _ in range(min(LEAVING_STEP, len(self._leaving))):
            self._leaving.popitem()
        if 2 * self._size < self._max_bytes:
            return
        for subject in kept:
            self.recall(subject)
        self._leaving, self._elder = self._elder, dict(self)
        super().clear()
        self._size = 0

    def forget(self, subject: str) -> None:
        """Let go of one, if it is held."""
        self.pop(subject, None)
        self._elder.pop(subject, None)

    def clear(self) -> None:
        """Let go of all."""
        super().clear()
        self._elder.clear()
        self._leaving.clear()
        self._size = 0

    def __bool__(self) -> bool:
        """Tell whether any is held."""
        return bool(len(self) or self._elder)
