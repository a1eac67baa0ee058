"""The keys of signed notes: who may sign, in what way, and how a key is written. Pure. C2SP signed-note v1.0.0.

A key is known by its name and its 4-byte key ID, SHA-256(name || newline || type || public key)[:4]. Two types are
verified here: Ed25519 over the text (a log's), and Ed25519 over time and text (a witness's cosignature, C2SP
tlog-cosignature). The specification asks for no more types than are needed; signatures of others are carried, and are
nobody's that we know. A log's second signature (type 0x06, ML-DSA-44) would be one more entry of `_MESSAGES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.tlog.line_values import decode_base64, encode_base64

ED25519: Final = 0x01
"""Type of a key that signs the text of a note."""

COSIGNATURE: Final = 0x04
"""Type of a key that signs a time and the text of a checkpoint: a witness's, C2SP tlog-cosignature."""

KEY_ID_SIZE: Final = 4
"""Bytes of a key ID."""

TIME_SIZE: Final = 8
"""Bytes of the time before a cosignature: seconds since 1970, big-endian."""

KEY_SIZE: Final = 32
"""Bytes of an Ed25519 key, private (its seed) or public, RFC 8032."""

_SIGNATURE_SIZE: Final = 64
_SKEY_START: Final = "PRIVATE+KEY+"
_FIRST_PRINTABLE: Final = " "


class NoteError(ValueError):
    """Bytes that are no note, no key, or a note whose signatures do not hold. Trust nothing that came with it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a note: the key's name and ID (4 bytes), and what the key's type makes of the text."""

    name: str
    key_id: bytes
    value: bytes


def check_name(name: str) -> None:
    """Raise NoteError unless a key may have this name: not empty, without blanks (of all of Unicode's), without `+`."""
    wrong = not name or "+" in name or any(c.isspace() or c < _FIRST_PRINTABLE for c in name)
    if wrong or any("\ud800" <= c <= "\udfff" for c in name):
        raise NoteError(f"{name[:80]!r} is no name of a key: it has no blanks and no '+', and is not empty")


def cosigned_message(text: str, time: int) -> str:
    """Return what a witness signs: the time (seconds since 1970) and the whole text. C2SP tlog-cosignature, v1."""
    return f"cosignature/v1\ntime {time}\n{text}"


def _plain_message(text: str, value: bytes) -> tuple[str, bytes]:
    return text, value


def _timed_message(text: str, value: bytes) -> tuple[str, bytes]:
    return cosigned_message(text, int.from_bytes(value[:TIME_SIZE])), value[TIME_SIZE:]


# By type of key: from the text and a signature's value, what was signed, and Ed25519's own 64 bytes.
_MESSAGES: Final[dict[int, Callable[[str, bytes], tuple[str, bytes]]]] = {
    ED25519: _plain_message,
    COSIGNATURE: _timed_message,
}


@dataclass(frozen=True)
class VerifierKey:
    """A public key (32 bytes, Ed25519), whose it is, and in what way it signs: ED25519 or COSIGNATURE.

    str() gives the line that others' verifiers take, `<name>+<8 hex of key ID>+<base64 of type || public key>`.
    Raises NoteError for a name or key that cannot be.
    """

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        """Check what was given."""
        check_name(self.name)
        if self.kind not in _MESSAGES:
            raise NoteError(f"the key of {self.name!r} is of type {self.kind:#04x}, which is not verified here")
        if len(self.public) != KEY_SIZE:
            raise NoteError(f"the key of {self.name!r} has {len(self.public)} bytes, and one of Ed25519 {KEY_SIZE}")

    def __str__(self) -> str:
        """Return the key as others' verifiers take it (a vkey)."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    @cached_property
    def key_id(self) -> bytes:
        """The key's ID (4 bytes), by which its signatures are found."""
        return _key_id(self.name, bytes([self.kind]) + self.public)

    def verify(self, text: str, value: bytes) -> bool:
        """Return whether `value` is this key's signature of a note with this text."""
        message, signature = _MESSAGES[self.kind](text, value)
        if len(signature) != _SIGNATURE_SIZE:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message.encode())
        except InvalidSignature:
            return False
        return True


def _key_id(name: str, kind_and_public: bytes) -> bytes:
    """Return the ID (4 bytes) of a key, C2SP signed-note, "Signatures"."""
    return sha256(name.encode() + b"\n" + kind_and_public).digest()[:KEY_ID_SIZE]


def parse_vkey(text: str) -> VerifierKey:
    """Return the public key that a vkey names: the inverse of str(key). Raises NoteError for everything else."""
    name, key_id, encoded = _split_key(text, text)
    key = VerifierKey(name, encoded[0], encoded[1:])
    if key.key_id.hex() != key_id:
        raise NoteError(f"the key of {name!r} has ID {key.key_id.hex()}, and is written with {key_id!r}")
    return key


def _split_key(text: str, shown: str) -> tuple[str, str, bytes]:
    """Return name, key ID (hex) and type byte with key of `name+id+base64`; base64 has '+' itself.

    `shown` is what an error may quote. Raises NoteError.
    """
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, key ID, key
        raise NoteError(f"{shown[:80]!r} is no key: it is written <name>+<key ID>+<base64>")
    try:
        encoded = decode_base64(parts[2])
    except ValueError:  # its message would quote the key
        encoded = b""
    if not encoded:
        raise NoteError(f"{shown[:80]!r} is no key: its last part is not base64")
    return parts[0], parts[1], encoded


class NoteSigner(Protocol):
    """Whoever signs notes: a key in a file, or a service that keeps one and never gives it away."""

    @property
    def verifier(self) -> VerifierKey:
        """The public key by which the signatures are verified."""
        ...

    def sign(self, text: str) -> Signature:
        """Return a signature of exactly this text, in the name of the verifier. A cosigner's text has its time."""
        ...


class Ed25519Signer:
    """A NoteSigner with its private key (a seed of 32 bytes) in memory; it shows it to nobody but format_skey."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        """Take a key's name, seed and type. Raises NoteError for those that cannot be."""
        if len(seed) != KEY_SIZE:
            raise NoteError(f"the private key of {name!r} has {len(seed)} bytes, and one of Ed25519 {KEY_SIZE}")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._verifier = VerifierKey(name, kind, self._private.public_key().public_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        """The public key."""
        return self._verifier

    @property
    def seed(self) -> bytes:
        """The private key: 32 secret bytes."""
        return self._private.private_bytes_raw()

    def sign(self, text: str) -> Signature:
        """Return Ed25519's signature of the text."""
        return Signature(self._verifier.name, self._verifier.key_id, self._private.sign(text.encode()))


def generate_seed() -> bytes:
    """Return a new private key: 32 random bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def format_skey(signer: Ed25519Signer) -> str:
    """Return a private key as Go's x/mod writes it, `PRIVATE+KEY+<name>+<key ID>+<base64 of type || seed>`. Secret."""
    key = signer.verifier
    return f"{_SKEY_START}{key.name}+{key.key_id.hex()}+{encode_base64(bytes([key.kind]) + signer.seed)}"


def parse_skey(text: str) -> Ed25519Signer:
    """Return the signer of a private key: the inverse of format_skey.

    Raises NoteError for everything else, and never quotes it.
    """
    if not text.startswith(_SKEY_START):
        raise NoteError(f"a private key begins {_SKEY_START}<name>, and this does not")
    name, key_id, encoded = _split_key(text.removeprefix(_SKEY_START), "what follows " + _SKEY_START)
    signer = Ed25519Signer(name, encoded[1:], encoded[0])
    if signer.verifier.key_id.hex() != key_id:
        raise NoteError(f"the private key of {name!r} is of another key ID than the one it is written with")
    return signer
