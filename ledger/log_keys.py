"""The private keys with which logs sign: where they are, behind one interface, so that a key service can stand there.

By default each key is a file of the vault, `signing/<slug>.<key id in hex>.key`, written as Go's x/mod writes private
keys. None is ever deleted: what it has signed stays its own. With JEJAK_SIGNING_KEY_FILE there is one file of seeds for
all logs instead, one in a line (base64 of 32 bytes); the last is the newest, and those before it sign out a rotation.

A key's name is the origin of its log, so that one seed gives each log a key of its own name and id.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ledger.errors import SettingError, VaultError
from ledger.settings import Settings
from ledger.tlog.line_values import decode_base64
from ledger.tlog.note import (
    Ed25519Signer,
    NoteError,
    NoteSigner,
    VerifierKey,
    format_skey,
    generate_seed,
    parse_skey,
)
from ledger.vault import Vault

FOLDER = "signing"
_OTHERS = 0o077
_SEEDS_MAX_BYTES = 64 * 1024
"""A file of seeds is a line for each rotation: anything longer is another file."""


class LogKeys(Protocol):
    """Whoever keeps the private keys of logs."""

    def signer(self, slug: str, key: VerifierKey) -> NoteSigner:
        """Return who signs by this key of a log. Raises VaultError or SettingError where there is no such key."""
        ...

    def make(self, slug: str, origin: str, known: Sequence[VerifierKey]) -> NoteSigner:
        """Return a key of this origin that is not among those `known`: kept durably when it returns.

        It may be one that an attempt before made, and did not come to use.
        """
        ...


def open_log_keys(settings: Settings, vault: Vault) -> LogKeys:
    """Return the keys of a ledger: of its vault, or of JEJAK_SIGNING_KEY_FILE. Raises SettingError."""
    if settings.signing_key_file is None:
        return VaultKeys(vault)
    read_seeds(settings.signing_key_file)  # so that what is wrong with it is said at the start
    return SeedKeys(settings.signing_key_file)


class VaultKeys:
    """A file of the vault for each key."""

    def __init__(self, vault: Vault) -> None:
        """Take the vault."""
        self._vault = vault

    def signer(self, slug: str, key: VerifierKey) -> NoteSigner:
        """Return who signs by this key. Raises VaultError where the vault has not its file."""
        name = _file_name(slug, key)
        signer = self._read(name)
        if signer is None or signer.verifier != key:
            raise VaultError(
                f"{self._vault.folder / name} is not there, or not the key {key.key_id.hex()} of log {slug}: nothing "
                "is signed without it; bring the keys folder back"
            )
        return signer

    def make(self, slug: str, origin: str, known: Sequence[VerifierKey]) -> NoteSigner:
        """Return a key of this origin that is not known: one that is left, or a new one. Raises VaultError."""
        for name in self._vault.names(FOLDER):
            if name.startswith(f"{slug}."):
                left = self._read(f"{FOLDER}/{name}")
                if left is not None and left.verifier.name == origin and left.verifier not in known:
                    return left
        signer = Ed25519Signer(origin, generate_seed())
        self._vault.write(_file_name(slug, signer.verifier), f"{format_skey(signer)}\n".encode())
        return signer

    def _read(self, name: str) -> Ed25519Signer | None:
        content = self._vault.read(name)
        if content is None:
            return None
        try:
            return parse_skey(content.decode("ascii").strip())
        except (NoteError, UnicodeDecodeError) as error:
            raise VaultError(f"{self._vault.folder / name} is no signing key") from error


class SeedKeys:
    """One file of seeds, oldest first, of which every log's keys are. It is read each time: a line may be added."""

    def __init__(self, path: Path) -> None:
        """Take the file."""
        self._path = path

    def signer(self, slug: str, key: VerifierKey) -> NoteSigner:
        """Return who signs by this key. Raises SettingError where no seed gives it."""
        for seed in read_seeds(self._path):
            signer = Ed25519Signer(key.name, seed)
            if signer.verifier == key:
                return signer
        raise SettingError(
            f"JEJAK_SIGNING_KEY_FILE has no seed of the key {key.key_id.hex()} of log {slug}: nothing is signed without"
        )

    def make(self, slug: str, origin: str, known: Sequence[VerifierKey]) -> NoteSigner:
        """Return the key of the newest seed. Raises SettingError where it is known already."""
        signer = Ed25519Signer(origin, read_seeds(self._path)[-1])
        if signer.verifier in known:
            raise SettingError(f"the last seed of JEJAK_SIGNING_KEY_FILE is the key of log {slug} already: add a line")
        return signer


def read_seeds(path: Path) -> list[bytes]:
    """Return the seeds of a file, in its order. Raises SettingError, which never quotes them."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise SettingError(
                    f"JEJAK_SIGNING_KEY_FILE: others may use {path}: chmod go= it, and take another seed"
                )
            lines = file.read(_SEEDS_MAX_BYTES).decode("ascii").split()
        seeds = [decode_base64(line) for line in lines]
        for seed in seeds:
            Ed25519Signer("seed", seed)
    except OSError as error:
        raise SettingError(f"JEJAK_SIGNING_KEY_FILE: {path} cannot be read: {error.strerror}") from error
    except ValueError:
        raise SettingError(f"JEJAK_SIGNING_KEY_FILE: {path} is not seeds of 32 bytes, each a line of base64") from None
    if not seeds:
        raise SettingError(f"JEJAK_SIGNING_KEY_FILE: {path} holds no seed")
    return seeds


def _file_name(slug: str, key: VerifierKey) -> str:
    return f"{FOLDER}/{slug}.{key.key_id.hex()}.key"
