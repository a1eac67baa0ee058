"""A result on its way into the database, in pieces of about a mebibyte: memory holds one."""

import hashlib

from ledger.errors import TooLarge
from projections.jobs.attempt import Attempt

PART_BYTES = 1 << 20
RESULT_MAX_BYTES = 1 << 30
"""Bytes of one result: the states of about a million streams."""


class Result:
    """Takes bytes, keeps them under an attempt at a job, and knows their SHA-256 and how many they are."""

    def __init__(self, attempt: Attempt) -> None:
        """Take whose result it is."""
        self._attempt = attempt
        self._waiting = bytearray()
        self._hash = hashlib.sha256()
        self._parts = 0
        self.size = 0

    @property
    def sha256(self) -> bytes:
        """The SHA-256 of all that was taken."""
        return self._hash.digest()

    async def add(self, content: bytes) -> None:
        """Take some more. Raises LostJob, and TooLarge past RESULT_MAX_BYTES."""
        self._hash.update(content)
        self._waiting += content
        self.size += len(content)
        if self.size > RESULT_MAX_BYTES:
            raise TooLarge(f"the result is over {RESULT_MAX_BYTES} bytes: narrow it by logs or subject_prefix")
        if len(self._waiting) >= PART_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Keep what waits. Raises LostJob."""
        if self._waiting:
            await self._attempt.add_part(self._parts, bytes(self._waiting))
            self._waiting.clear()
            self._parts += 1
