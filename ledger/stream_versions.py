"""The newest version of every stream that was met, however many there are: kept in a temporary file, not in memory."""

from ledger.errors import Tampered
from ledger.spill import temporary_database

_TABLE = "CREATE TABLE stream (subject TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"
_BEGIN = "INSERT OR IGNORE INTO stream (version, subject) VALUES (?, ?)"
_GO_ON = "UPDATE stream SET version = ?1 WHERE subject = ?2 AND version = ?1 - 1"
_FIND = "SELECT version FROM stream WHERE subject = ?"


class StreamVersions:
    """Sees that the versions of every stream are 1, 2, 3 ... in the order in which they are taken. Close it at the end.

    With `whole` false, what is taken is not the log from its beginning, and a stream may begin at any version.
    """

    def __init__(self, *, whole: bool) -> None:
        """Make the file, which has no name: the system removes it when it is closed, whatever happens."""
        self._whole = whole
        self._database = temporary_database(_TABLE)

    def take(self, subject: str, version: int, position: int) -> None:
        """Take in the next event. Raises Tampered for one that does not follow what is known of its stream."""
        row = version, subject
        taken = self._database.execute(_BEGIN if version == 1 else _GO_ON, row).rowcount
        if not taken and not self._whole and version > 1:
            taken = self._database.execute(_BEGIN, row).rowcount
        if not taken:
            last = self._database.execute(_FIND, (subject,)).fetchone()
            stood = last[0] if last else "none"
            raise Tampered(f"position {position}", f"is version {version} of {subject}, and before it was {stood}")

    def close(self) -> None:
        """End with the file."""
        self._database.close()
