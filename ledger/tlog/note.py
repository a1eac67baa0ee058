"""Signed notes: a text, and under it the signatures of those who vouch for it. Pure. C2SP signed-note v1.0.0.

    <text ending in a newline>
    <blank line>
    — <key name> <base64 of key ID (4 bytes) || signature>       one line or many

What is parsed is formatted to the same bytes again: no two byte strings are the same note. The keys of notes are
imported from here as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.tlog.line_values import decode_base64, encode_base64
from ledger.tlog.note_key import (
    COSIGNATURE,
    ED25519,
    KEY_ID_SIZE,
    Ed25519Signer,
    NoteError,
    NoteSigner,
    Signature,
    VerifierKey,
    check_name,
    format_skey,
    generate_seed,
    parse_skey,
    parse_vkey,
)

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "Ed25519Signer",
    "Note",
    "NoteError",
    "NoteSigner",
    "Signature",
    "VerifierKey",
    "format_note",
    "format_signature",
    "format_skey",
    "generate_seed",
    "parse_note",
    "parse_signatures",
    "parse_skey",
    "parse_vkey",
    "verify_note",
]

SIGNERS_TOLD: Final = 3
"""Of a note by strangers, so many are named."""
MAX_SIGNATURES: Final = 100
"""Signatures of a note. Verifiers must accept 16; Go's x/mod, from which the format comes, refuses more than 100."""

MAX_NOTE_BYTES: Final = 1_000_000
"""Bytes of a note: 100 signatures of the longest type there is (5 kB each), and as much text."""

_LINE_START: Final = "— "
_FIRST_PRINTABLE: Final = " "


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures, one or more; nothing is verified by having one."""

    text: str
    signatures: tuple[Signature, ...]


def parse_note(data: bytes) -> Note:
    """Return the note that these bytes are. Its signatures are not verified: see verify_note.

    Raises NoteError for everything else: not UTF-8, control characters, no blank line, a line after it that is no
    signature, more than MAX_SIGNATURES or MAX_NOTE_BYTES.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"a note has at most {MAX_NOTE_BYTES} bytes, and this {len(data)}")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8, and this is not") from error
    text, blank, lines = content.rpartition("\n\n")
    if not blank:
        raise NoteError("a note has a blank line before its signatures")
    _check_text(text + "\n")
    return Note(text + "\n", parse_signatures(lines))


def format_note(note: Note) -> bytes:
    """Return the bytes of a note: what parse_note reads. Raises NoteError if it could not be read again."""
    _check_text(note.text)
    if not 1 <= len(note.signatures) <= MAX_SIGNATURES:
        raise NoteError(f"a note has 1 to {MAX_SIGNATURES} signatures, and this {len(note.signatures)}")
    lines = "".join(format_signature(signature) for signature in note.signatures)
    return f"{note.text}\n{lines}".encode()


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Return the signatures of one or more signature lines: what stands under a text, or what a witness answers.

    Raises NoteError if a line is no signature, the last has no newline, or there are none or too many.
    """
    if not lines.endswith("\n") or lines.count("\n") > MAX_SIGNATURES:
        raise NoteError(f"there must be 1 to {MAX_SIGNATURES} signature lines, each ending in a newline")
    return tuple(_parse_signature(line) for line in lines[:-1].split("\n"))


def _parse_signature(line: str) -> Signature:
    """Return the signature of a line without its newline. Raises NoteError."""
    name, blank, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not blank:
        raise NoteError(f"{line[:80]!r} is no signature line")
    check_name(name)
    try:
        content = decode_base64(encoded)
    except ValueError as error:
        raise NoteError(f"the signature of {name!r}: {error}") from error
    if len(content) <= KEY_ID_SIZE:
        raise NoteError(f"the signature of {name!r} has {len(content)} bytes: a key ID has {KEY_ID_SIZE} alone")
    return Signature(name, content[:KEY_ID_SIZE], content[KEY_ID_SIZE:])


def format_signature(signature: Signature) -> str:
    """Return a signature's line, with its newline. Raises NoteError if it could not be read again."""
    check_name(signature.name)
    if len(signature.key_id) != KEY_ID_SIZE or not signature.value:
        raise NoteError(f"a signature of {signature.name!r} needs a key ID of {KEY_ID_SIZE} bytes and a value")
    return f"{_LINE_START}{signature.name} {encode_base64(signature.key_id + signature.value)}\n"


def _check_text(text: str) -> None:
    """Raise NoteError unless a note may have this text."""
    if not text.endswith("\n"):
        raise NoteError("the text of a note ends in a newline")
    if any(character < _FIRST_PRINTABLE and character != "\n" for character in text):
        raise NoteError("the text of a note has no control characters but newlines")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoteError("the text of a note is UTF-8, and this has no such form") from error


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[Signature, ...]:
    """Return the signatures that keys we know made, in the note's order, one or more; all of them hold.

    Signatures of a name and key ID that none of `keys` has are passed over, as the specification asks: anybody may add
    some. Raises NoteError if one of a known pair does not hold, or if none is of a known key.
    """
    known = {(key.name, key.key_id): key for key in keys}
    verified: list[Signature] = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.verify(note.text, signature.value):
            raise NoteError(f"the signature of {key.name!r}, key {key.key_id.hex()}, does not hold")
        verified.append(signature)
    if not verified:
        signers = ", ".join(f"{one.name} {one.key_id.hex()}" for one in note.signatures[:SIGNERS_TOLD])
        raise NoteError(f"no signature is of a key that is known here: it is signed by {signers}")
    return tuple(verified)
