"""Master keys: the keys of data subjects are wrapped by one, and it is never in the database (domain.md 10).

It comes from the variable JEJAK_MASTER_KEY, from the file JEJAK_MASTER_KEY_FILE names, or from the vault, where the
first start makes it. There are one or two, newest first: two while keys are wrapped anew (`ledger.rotation`). Every
wrapped key says by which it is, and the database says which is in use, so that processes that run agree.
"""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from msgspec import Struct

from ledger.database import Database, Pool
from ledger.errors import SettingError
from ledger.settings import Settings
from ledger.store import statements
from ledger.vault import Vault

KEY_BYTES = 64
"""AES-256-SIV takes two keys of 256 bits."""
MASTERS_MAX = 2
MASTER_FILE = "master.key"
VARIABLE = "JEJAK_MASTER_KEY"
REFRESH_ATTEMPTS = 3
"""Places and database change one after the other while keys are wrapped anew: who reads between the two reads again."""
_ID_BYTES = 8


class MasterKey(Struct, frozen=True):
    """A master key. Its id says which it is, and nothing of it."""

    secret: bytes

    def __repr__(self) -> str:
        """Return its id: the key itself is never shown."""
        return f"MasterKey({self.master_id})"

    @property
    def master_id(self) -> str:
        """Return what the database calls it."""
        return hashlib.sha256(b"jejak master key\0" + self.secret).digest()[:_ID_BYTES].hex()


class Wrapped(Struct, frozen=True):
    """A key that only a master key opens, and which one."""

    content: bytes
    master_id: str


def parse_masters(content: bytes, place: str) -> tuple[MasterKey, ...]:
    """Read one or two master keys, base64, newest first, with white space or a comma between them.

    Raises SettingError, which says where they stand and nothing of what stands there.
    """
    try:
        secrets = [base64.b64decode(word, validate=True) for word in content.replace(b",", b" ").split()]
    except ValueError as error:
        raise SettingError(f"the master key {place} is not base64") from error
    if not 1 <= len(secrets) <= MASTERS_MAX:
        raise SettingError(f"the master key {place}: there are {len(secrets)} keys, not 1 or {MASTERS_MAX}")
    for secret in secrets:
        if len(secret) != KEY_BYTES:
            raise SettingError(f"the master key {place} has {len(secret)} bytes, not {KEY_BYTES}")
    return tuple(map(MasterKey, secrets))


def format_masters(masters: Sequence[MasterKey]) -> bytes:
    """Return master keys as their file holds them, newest first."""
    return b"".join(base64.b64encode(master.secret) + b"\n" for master in masters)


def make_master() -> MasterKey:
    """Return a new master key."""
    return MasterKey(token_bytes(KEY_BYTES))


class MasterStore:
    """Where a ledger's master keys stand."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        """Take the settings, which may name a place of its own, and the vault, where they stand otherwise."""
        self._given = settings.master_key
        file = settings.master_key_file
        self._vault = vault if file is None else Vault(file.resolve().parent)
        self._name = MASTER_FILE if file is None else file.name
        self.place = f"in {VARIABLE}" if self._given else f"in {self._vault.folder / self._name}"

    @property
    def writable(self) -> bool:
        """Whether the ledger may change them: what a variable says only its owner can."""
        return self._given is None

    def read(self) -> tuple[MasterKey, ...]:
        """Return the master keys, newest first; none where none was made yet. Raises SettingError or VaultError."""
        content = self._given.encode() if self._given else self._vault.read(self._name)
        return () if content is None else parse_masters(content, self.place)

    def make(self) -> tuple[MasterKey, ...]:
        """Return the master keys, the first one made where there is none. Raises SettingError or VaultError."""
        if self.writable:
            self._vault.create(self._name, lambda: format_masters([make_master()]))
        return self.read()

    def add(self) -> tuple[MasterKey, ...]:
        """Return a new master key and the old one, both held from now on, durably; others may be at it, too."""
        with self._vault.lock(self._name):
            held = self.read()
            if len(held) < MASTERS_MAX:
                held = (make_master(), *held)
                self._vault.write(self._name, format_masters(held))
            return held

    def keep_only(self, master: MasterKey) -> None:
        """Write off what is held beside a master key, unless a newer one has been added since. Durable."""
        with self._vault.lock(self._name):
            if self.read()[0] == master:
                self._vault.write(self._name, format_masters([master]))


class Masters:
    """The master keys of a running ledger: wraps by the one in use, opens what any of them wrapped."""

    def __init__(self, keeper: Pool, store: MasterStore) -> None:
        """Take the keepers' pool and where the keys stand. They are read when they are first wanted."""
        self._keeper = keeper
        self.store = store
        self._ciphers: dict[str, AESSIV] = {}
        self.in_use = ""

    async def wrap(self, key: bytes, associated: list[bytes]) -> Wrapped:
        """Return a key wrapped by the master key in use, bound to `associated`. Raises what `refresh` does."""
        if not self.in_use:
            await self.refresh()
        return Wrapped(self._ciphers[self.in_use].encrypt(key, associated), self.in_use)

    async def open(self, wrapped: Wrapped, associated: list[bytes]) -> bytes:
        """Return the key that was wrapped. Raises SettingError when no master key of this ledger opens it."""
        if wrapped.master_id not in self._ciphers:  # a new one has come into use since this process read them
            await self.refresh()
        try:
            return self._ciphers[wrapped.master_id].decrypt(wrapped.content, associated)
        except (KeyError, InvalidTag) as error:
            raise SettingError(
                f"the master key {self.store.place} is not the one that this ledger's keys were wrapped with"
            ) from error

    async def refresh(self) -> None:
        """Read them again: another process may have put a new one into use.

        Raises SettingError when one is missing that may still wrap a key.
        """
        missing: list[str] = []
        for _ in range(REFRESH_ATTEMPTS):
            wanted = await self._wanted()
            ciphers = {master.master_id: AESSIV(master.secret) for master in self.store.read()}
            missing = [master_id for master_id in wanted if master_id not in ciphers]
            if not missing:
                self._ciphers, self.in_use = ciphers, wanted[0]
                return
        raise SettingError(
            f"this ledger's keys are wrapped by master key {missing[0]}, which does not stand {self.store.place}: put "
            "back the one it had, or no personal data can be read again"
        )

    async def _wanted(self) -> list[str]:
        """Return the ids of the master keys that may wrap a key, that in use first; at the first start make one."""
        rows = await self._keeper.fetch(statements("read_masters"))
        if not rows:
            (newest, *_) = self.store.make()
            await self._keeper.execute(statements("add_master"), newest.master_id)
            rows = await self._keeper.fetch(statements("read_masters"))
            await self._keeper.execute(statements("adopt_keys"), rows[0]["master_id"])
        return [row["master_id"] for row in rows]


async def open_masters(database: Database, vault: Vault) -> Masters:
    """Return the master keys of a ledger, the first one made at its first start. Raises SettingError or VaultError."""
    if database.server:
        _adopt_master(vault, database.settings.data)
    masters = Masters(database.pool("keeper"), MasterStore(database.settings, vault))
    await masters.refresh()
    return masters


def _adopt_master(vault: Vault, data: Path) -> None:
    """Take the master key of a data folder, where an earlier release kept it, into the vault."""
    there = Vault(data)
    key = there.read(MASTER_FILE)
    if key is not None and vault.read(MASTER_FILE) is None:
        vault.write(MASTER_FILE, key)
        there.remove(MASTER_FILE)
