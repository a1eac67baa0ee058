"""Policies: which logs are believed, and how many of which witnesses must have cosigned. Pure. C2SP tlog-policy.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member> ...       so many of its members, witnesses or groups named before
    quorum <name>|none                          exactly one

Items stand between blanks or tabs; empty lines and lines that begin with # say nothing. The names are the file's own:
what a cosignature bears is the name in the witness's key.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.tlog.line_values import parse_decimal
from ledger.tlog.note import COSIGNATURE, Note, NoteError, Signature, VerifierKey, parse_vkey, verify_note

MAX_LINES: Final = 1_000
"""Lines of a policy file: the specification asks for 32 each of logs, witnesses and groups."""

NONE: Final = "none"
"""The quorum that nobody need cosign; no witness or group may be called so."""

_CONTROLS = frozenset(map(chr, (*range(32), 127))) - {"\t"}
_KEY_AND_URL = 2
_SMALLEST_GROUP = 3  # name, threshold, one member


class PolicyError(ValueError):
    """A policy file that is not one; the message names the line."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A log or a witness: its public key, and the URL at which it is reached, if the file has one."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group that has cosigned when `threshold` of its members (names of witnesses or groups) have."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and groups by their names in the file, and the name of the witness or group that must cosign."""

    logs: tuple[Participant, ...]
    witnesses: Mapping[str, Participant]
    groups: Mapping[str, Group]
    quorum: str

    def cosignatures(self, note: Note) -> tuple[Signature, ...]:
        """Return the signatures of its witnesses on a note. Raises NoteError if one of them does not hold."""
        keys = [witness.key for witness in self.witnesses.values()]
        known = {(key.name, key.key_id) for key in keys}
        if not any((signature.name, signature.key_id) in known for signature in note.signatures):
            return ()
        return verify_note(note, keys)

    def satisfied(self, cosignatures: Iterable[Signature]) -> bool:
        """Return whether these are enough. They must have been verified before: here only their keys are looked at."""
        given = {(signature.name, signature.key_id) for signature in cosignatures}
        met = {name: (witness.key.name, witness.key.key_id) in given for name, witness in self.witnesses.items()} | {
            NONE: True
        }
        for name, group in self.groups.items():  # in the file's order: members come before their group
            met[name] = sum(met[member] for member in group.members) >= group.threshold
        return met[self.quorum]


def parse_policy(text: str) -> Policy:
    """Return the policy that a file's text is. Bytes that are not UTF-8 are read with `surrogateescape`.

    Raises PolicyError, with the line's number, for everything else.
    """
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise PolicyError(f"a policy has at most {MAX_LINES} lines, and this {len(lines)}")
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            reader.take(line)
        except ValueError as error:
            raise PolicyError(f"line {number} of the policy: {error}") from error
    if reader.quorum is None:
        raise PolicyError("a policy has exactly one line that names its quorum, and this has none")
    return Policy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)


class _Reader:
    """What has been read of a policy so far. Each line is judged by what stands before it."""

    def __init__(self) -> None:
        self.logs: list[Participant] = []
        self.witnesses: dict[str, Participant] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._taken: set[str] = set()
        self._lines: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }

    def take(self, line: str) -> None:
        """Read one line. Raises ValueError if it cannot stand here."""
        if any(character in _CONTROLS for character in line):
            raise PolicyError("there are control characters in it")
        words = line.replace("\t", " ").split(" ")
        items = [word for word in words if word]
        if not items or items[0].startswith("#"):
            return
        read = self._lines.get(items[0])
        if read is None:
            raise PolicyError(f"it begins with {items[0][:80]!r}, not with {', '.join(self._lines)}")
        read(items[1:])

    def _log(self, items: list[str]) -> None:
        log = _participant(items)
        if log.key.kind == COSIGNATURE:
            raise NoteError(f"the key of {log.key.name!r} is a witness's, not a log's")
        _refuse_known(log, self.logs)
        self.logs.append(log)

    def _witness(self, items: list[str]) -> None:
        if not items:
            raise PolicyError("a witness has a name and a key")
        name, *rest = items
        witness = _participant(rest)
        if witness.key.kind != COSIGNATURE:
            raise NoteError(f"the key of {witness.key.name!r} does not cosign: it is no witness's")
        _refuse_known(witness, self.witnesses.values())
        self._define(name)
        self.witnesses[name] = witness

    def _group(self, items: list[str]) -> None:
        if len(items) < _SMALLEST_GROUP:
            raise PolicyError("a group has a name, how many must have cosigned, and a member or more")
        name, count, *members = items
        for member in members:
            self._refer(member)
            if member in self._taken:
                raise PolicyError(f"{member!r} is a member already: a witness counts in one way only")
            self._taken.add(member)
        threshold = {"any": 1, "all": len(members)}.get(count) or parse_decimal(count)
        if not 1 <= threshold <= len(members):
            raise PolicyError(f"a group asks for all, any or a number up to that of its members, not {count[:80]!r}")
        self._define(name)
        self.groups[name] = Group(threshold, tuple(members))

    def _quorum(self, items: list[str]) -> None:
        if len(items) != 1 or self.quorum is not None:
            raise PolicyError("there is one quorum, and it is one name")
        if items[0] != NONE:
            self._refer(items[0])
        self.quorum = items[0]

    def _define(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise PolicyError(f"the name {name!r} is taken")

    def _refer(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise PolicyError(f"there is no witness or group {name[:80]!r} on a line before")


def _participant(items: list[str]) -> Participant:
    """Return a log or a witness from its key and URL. Raises ValueError."""
    if not 1 <= len(items) <= _KEY_AND_URL:
        raise PolicyError("there is one key, and at most one URL after it")
    return Participant(parse_vkey(items[0]), items[1] if len(items) == _KEY_AND_URL else None)


def _refuse_known(new: Participant, others: Iterable[Participant]) -> None:
    """Raise PolicyError if one of the others has the same public key, under whatever name."""
    if any(other.key.public == new.key.public for other in others):
        raise PolicyError(f"the public key of {new.key.name!r} stands in it twice")
