"""Tokens of identifiers that must match without being known: a national id, a person's tax number (domain.md 4).

`hmac:v1:<key id>:<base64url>` is HMAC-SHA-256 of the normalised identifier, under a key of this ledger for its class,
wrapped by the master key. The same number gives the same token for every seller, party and log; the number itself is
stored nowhere, and a bare hash of sixteen digits, which anybody could reverse, neither. The token is personal data
itself: it stands in the log as ciphertext, as every † value does, and is gone with the data subject's key. Where it is
to outlive the rest, until a ban's retention ends (domain.md 10), the erasure as a whole is deferred until then.
"""

import base64
import hmac
import unicodedata
from collections.abc import Sequence
from secrets import token_bytes, token_urlsafe

import asyncpg
from msgspec import Struct

from ledger.database import Pool
from ledger.errors import Busy
from ledger.masters import KEY_BYTES, Masters, Wrapped
from ledger.store import statements

PREFIX = "hmac:v1:"
KEY_ID_BYTES = 9
MAKE_ATTEMPTS = 3
"""As of a data subject's key (`ledger.keys`)."""
_SEPARATORS = str.maketrans("", "", " \t\u00a0.-/")
"""What people write between the digits of a number, and leave out."""


class IdentifierKey(Struct, frozen=True):
    """The key of a class of identifiers, unwrapped: an HMAC that has taken in nothing yet."""

    key_id: str
    mac: hmac.HMAC

    def token(self, text: str) -> str:
        """Return the token of an identifier, however it is written."""
        mac = self.mac.copy()  # to begin one anew takes twice as long
        mac.update(normalised(text).encode())
        return f"{PREFIX}{self.key_id}:{base64.urlsafe_b64encode(mac.digest()).rstrip(b'=').decode()}"


def normalised(text: str) -> str:
    """Return an identifier without what may differ between two ways to write it: blanks, dots, dashes, case, width."""
    return unicodedata.normalize("NFKC", text).translate(_SEPARATORS).upper()


def identifier_place(name: str, key_id: str) -> list[bytes]:
    """Return what a wrapped key of identifiers is bound to, so that it opens nowhere else."""
    return [b"identifier", name.encode(), key_id.encode()]


async def find_identifier_key(keeper: Pool, masters: Masters, name: str) -> IdentifierKey:
    """Return the key of a class of identifiers, made at its first use; another process may have been first.

    Raises SettingError when no master key opens it, and Busy while that is being changed.
    """
    key_id, key = token_urlsafe(KEY_ID_BYTES), token_bytes(KEY_BYTES)
    for _ in range(MAKE_ATTEMPTS):
        row = await keeper.fetchrow(statements("find_identifier_key"), name)
        if row is not None:
            wrapped = Wrapped(row["wrapped"], row["wrapped_by"])
            secret = await masters.open(wrapped, identifier_place(name, row["key_id"]))
            return IdentifierKey(row["key_id"], hmac.new(secret, digestmod="sha256"))
        made = await masters.wrap(key, identifier_place(name, key_id))
        added = await keeper.execute(statements("add_identifier_key"), name, key_id, made.content, made.master_id)
        if added.endswith(" 0"):  # somebody was first, or the master key has just gone out of use
            await masters.refresh()
    raise Busy("the master key is being changed")


async def rewrap_identifiers(keeper: Pool, masters: Masters) -> int:
    """Wrap the keys of identifiers by the master key in use; return how many were wrapped by another one."""
    rows: Sequence[asyncpg.Record] = await keeper.fetch(statements("read_identifier_keys"), masters.in_use)
    for row in rows:
        place = identifier_place(row["name"], row["key_id"])
        key = await masters.open(Wrapped(row["wrapped"], row["wrapped_by"]), place)
        now = await masters.wrap(key, place)
        await keeper.execute(statements("rewrap_identifier_key"), row["name"], now.content, now.master_id)
    return len(rows)
