"""A log's public files, made from its entries by the words of C2SP tlog-tiles alone: what a source should answer."""

import hashlib
from collections.abc import Mapping, Sequence

from ledger.errors import Gone
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Ed25519Signer, Note, format_note

WIDTH = 256
Files = dict[str, bytes]


class MemoryFiles:
    """Files that a test may change; `asked` says which were read."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.asked: list[str] = []

    async def read(self, path: str, most_bytes: int) -> bytes:
        self.asked.append(path)
        if path not in self.files:
            raise Gone(f"{path} is not there")
        assert len(self.files[path]) <= most_bytes
        return self.files[path]


def numbered(index: int, width: int) -> str:
    """Return how paths end: 1234067 is x001/x234/067."""
    groups = [index % 1000]
    while index := index // 1000:
        groups.insert(0, index % 1000)
    text = "/".join([*(f"x{group:03}" for group in groups[:-1]), f"{groups[-1]:03}"])
    return text if width == WIDTH else f"{text}.p/{width}"


def levels_of(entries: Sequence[bytes]) -> list[list[bytes]]:
    """Return the hashes of each tile level: a hash of level L + 1 is the root of 256 of level L."""
    level = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
    levels: list[list[bytes]] = []
    while level:
        levels.append(level)
        level = [root_of(level[at : at + WIDTH]) for at in range(0, len(level) - WIDTH + 1, WIDTH)]
    return levels


def root_of(hashes: Sequence[bytes]) -> bytes:
    """MTH over hashes that are already there: a perfect tree level by level, an odd last one carried up."""
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return level[0] if level else hashlib.sha256(b"").digest()


def root_over(entries: Sequence[bytes]) -> bytes:
    return root_of([hashlib.sha256(b"\0" + entry).digest() for entry in entries])


def signed(entries: Sequence[bytes], signer: Ed25519Signer) -> bytes:
    """Return the checkpoint of a log, whose origin is the name of its key."""
    text = Checkpoint(signer.verifier.name, len(entries), root_over(entries)).text
    return format_note(Note(text, (signer.sign(text),)))


def published_files(entries: Sequence[bytes], signer: Ed25519Signer | None = None) -> Files:
    """Return every file of a log as it is now: no partial tile or bundle of an earlier size is among them.

    The checkpoint is there where somebody signs it.
    """
    files: Files = {"checkpoint": signed(entries, signer)} if signer is not None else {}
    for number, level in enumerate(levels_of(entries)):
        for at in range(0, len(level), WIDTH):
            hashes = level[at : at + WIDTH]
            files[f"tile/{number}/{numbered(at // WIDTH, len(hashes))}"] = b"".join(hashes)
    for at in range(0, len(entries), WIDTH):
        bundle = entries[at : at + WIDTH]
        path = f"tile/entries/{numbered(at // WIDTH, len(bundle))}"
        files[path] = b"".join(len(entry).to_bytes(2, "big") + entry for entry in bundle)
    return files
