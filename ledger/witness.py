"""A witness: cosigns checkpoints of logs that it knows, and never two that contradict each other. C2SP tlog-witness.

What it keeps is small files in one folder (`ledger.vault`):

    witness.key                           its private key, made at the first start, which fixes its name
    checkpoints/<hex SHA-256 of origin>   the last checkpoint of each log that it cosigned, with the cosignature

Two parties that run one for each other's ledger cannot either of them take anything back unseen.
"""

import time
from collections.abc import Callable, Iterable
from hashlib import sha256

from msgspec import Struct

from ledger.errors import SettingError, VaultError
from ledger.tlog.checkpoint import Checkpoint, cosign, parse_checkpoint
from ledger.tlog.merkle import EMPTY_ROOT
from ledger.tlog.note import (
    COSIGNATURE,
    Ed25519Signer,
    Note,
    NoteError,
    NoteSigner,
    VerifierKey,
    format_note,
    format_signature,
    format_skey,
    generate_seed,
    parse_note,
    parse_skey,
    verify_note,
)
from ledger.tlog.proof import ProofError, check_consistency
from ledger.tlog.witness_protocol import (
    SIZE_MEDIA_TYPE,
    AddCheckpoint,
    RequestError,
    format_cosigned_size,
    parse_add_checkpoint,
)
from ledger.vault import Vault

KEY_FILE = "witness.key"
FOLDER = "checkpoints"
TEXT_MEDIA_TYPE = "text/plain; charset=utf-8"

_OK, _BAD, _FORBIDDEN, _UNKNOWN, _CONFLICT, _UNPROVED = 200, 400, 403, 404, 409, 422


class Answer(Struct, frozen=True, kw_only=True):
    """What a witness answers: an HTTP status, a body and its media type."""

    status: int
    body: bytes
    media_type: str = TEXT_MEDIA_TYPE


class _Refusal(Exception):
    """A request that is not cosigned, with the answer that it gets."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.answer = Answer(status=status, body=f"{why}\n".encode())


class Witness:
    """Cosigns for the logs whose keys it is given; state in a vault, which other processes may use at once."""

    def __init__(
        self, vault: Vault, signer: NoteSigner, logs: Iterable[VerifierKey], clock: Callable[[], float] = time.time
    ) -> None:
        """Take the folder, who signs, the keys of logs (several of one name are keys of one log), and the clock."""
        self._vault = vault
        self._signer = signer
        self._clock = clock
        self._keys: dict[str, list[VerifierKey]] = {}
        for key in logs:
            self._keys.setdefault(key.name, []).append(key)
        self._files = {_file(origin): origin for origin in self._keys}

    @property
    def verifier(self) -> VerifierKey:
        """The key by which its cosignatures are verified."""
        return self._signer.verifier

    def add_checkpoint(self, data: bytes) -> Answer:
        """Return the answer to a request for a cosignature (`ledger.tlog.witness_protocol`). Waits for the disk.

        Every check is in the order that the specification gives. Locks: the log's file, from reading what was cosigned
        last until the new one is durable; without it an older request could be answered after a newer one, and what it
        stores would take back what the newer one vouched for.
        """
        try:
            request = parse_add_checkpoint(data)
            note = parse_note(request.checkpoint)
        except (RequestError, NoteError) as error:
            return Answer(status=_BAD, body=f"{error}\n".encode())
        origin = note.text.partition("\n")[0]
        if origin not in self._keys:
            return Answer(status=_UNKNOWN, body=b"this log is not known here\n")
        try:
            return self._judge(origin, request, note)
        except _Refusal as refusal:
            return refusal.answer

    def checkpoint(self, name: str) -> bytes | None:
        """Return the last checkpoint that was cosigned of the log with this hex SHA-256 of its origin, if any."""
        path = f"{FOLDER}/{name}"
        return self._vault.read(path) if path in self._files else None

    def _judge(self, origin: str, request: AddCheckpoint, note: Note) -> Answer:
        """Return the answer to a request about a log that is known: from its signatures on. Raises _Refusal."""
        signed = self._signed(origin, note)
        checkpoint = _parsed(signed)
        if request.old_size > checkpoint.size:
            raise _Refusal(_BAD, f"the old size, {request.old_size}, is greater than the new, {checkpoint.size}")
        with self._vault.lock(_file(origin)):
            last = self._last(origin)
            if request.old_size != last.size:
                return Answer(status=_CONFLICT, body=format_cosigned_size(last.size), media_type=SIZE_MEDIA_TYPE)
            _check_growth(last, checkpoint, request.proof)
            return self._cosigned(origin, signed)

    def _signed(self, origin: str, note: Note) -> Note:
        """Return the note with the log's own signatures alone. Raises _Refusal if they do not hold."""
        try:
            return Note(note.text, verify_note(note, self._keys[origin]))
        except NoteError as error:
            raise _Refusal(_FORBIDDEN, str(error)) from error

    def _last(self, origin: str) -> Checkpoint:
        """Return what was cosigned last of a log; before the first time, the empty tree. Raises VaultError."""
        data = self._vault.read(_file(origin))
        try:
            return Checkpoint(origin, 0, EMPTY_ROOT) if data is None else parse_checkpoint(parse_note(data).text)
        except NoteError as error:
            raise VaultError(f"{self._vault.folder / _file(origin)} is no checkpoint: {error}") from error

    def _cosigned(self, origin: str, signed: Note) -> Answer:
        """Cosign, keep it durably, then answer: in this order, or a crash could make it forget what it vouched for."""
        cosignature = cosign(self._signer, signed.text, int(self._clock()))
        self._vault.write(_file(origin), format_note(Note(signed.text, (*signed.signatures, cosignature))))
        return Answer(status=_OK, body=format_signature(cosignature).encode())


def _parsed(signed: Note) -> Checkpoint:
    """Return the checkpoint of a note that its log signed. Raises _Refusal if it is none."""
    try:
        return parse_checkpoint(signed.text)
    except NoteError as error:
        raise _Refusal(_BAD, str(error)) from error


def _check_growth(last: Checkpoint, new: Checkpoint, proof: tuple[bytes, ...]) -> None:
    """Return if a log only grew since it was cosigned last. Raises _Refusal.

    From size 0 there is nothing to prove, and a proof of it is refused (see proof.check_consistency); a tree of size 0
    has one root.
    """
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise _Refusal(_UNPROVED, "the empty tree has another root")
    if last.size == 0:
        if proof:
            raise _Refusal(_UNPROVED, f"from size 0 the proof is empty, and this one has {len(proof)} hashes")
        return
    try:
        check_consistency(last.size, last.root, new.size, new.root, proof)
    except ProofError as error:
        raise _Refusal(_UNPROVED, str(error)) from error


def _file(origin: str) -> str:
    """Return the name of the file of a log."""
    return f"{FOLDER}/{sha256(origin.encode()).hexdigest()}"


def open_signer(vault: Vault, name: str | None) -> NoteSigner:
    """Return the key of a witness, made at the first start under this name, which must be given then.

    Raises SettingError for a name that cannot be, or is another than the key's, or is missing.
    """
    try:
        if name is None:
            kept = vault.read(KEY_FILE)
            if kept is None:
                raise SettingError("a witness has a name, as `witness.example.org`: say --name at its first start")
        else:
            new = Ed25519Signer(name, generate_seed(), COSIGNATURE)
            kept = vault.create(KEY_FILE, lambda: format_skey(new).encode() + b"\n")
        signer = parse_skey(kept.decode().strip())
    except (NoteError, UnicodeDecodeError) as error:
        raise SettingError(f"the key of the witness, {vault.folder / KEY_FILE}: {error}") from error
    if name not in {None, signer.verifier.name} or signer.verifier.kind != COSIGNATURE:
        raise SettingError(f"{vault.folder / KEY_FILE} is the key of {signer.verifier.name!r}, not of witness {name!r}")
    return signer
