"""Credentials: made, found, given new secrets, revoked.

A secret is shown once and kept only as its SHA-256; it is 256 random bits, so a plain hash is enough.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from ledger.database import Pool
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.errors import InputError, NotFound
from ledger.rights import Role, read_role
from ledger.scopes import Grant, check_grant
from ledger.store import find_logs, statements

PREFIX = "jejak"
SECRET_BYTES = 32
ID_BYTES = 8
_TOKEN = re.compile(rf"{PREFIX}_([0-9a-f]{{{2 * ID_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")
GRACE = timedelta(hours=24)
"""How long a secret counts after a new one was made, unless it is said: who has it takes the new one meanwhile."""
GRACE_MAX = timedelta(days=30)
NAMED_MAX = 1_000
"""Logs, countries and subjects that one token is for: it is read whole with every look-up."""


class Credential(Grant, frozen=True, kw_only=True):
    """Who asks: the token's id, and what it was given."""

    token_id: str


class TokenInfo(Grant, frozen=True, kw_only=True):
    """A token as it is listed: never its secret."""

    token_id: str
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    rotated: datetime | None
    previous_until: datetime | None


class TokenRow(Struct, frozen=True, kw_only=True):
    """What is kept of a token, as far as it was read at an instant of the ledger's clock."""

    credential: Credential
    secret_sha256: bytes
    previous_sha256: bytes | None
    previous_until: datetime | None
    expires: datetime | None
    revoked: datetime | None
    now: datetime

    def accepts(self, secret: str) -> bool:
        """Tell whether a secret was this token's when it was read."""
        if self.revoked is not None or (self.expires is not None and self.expires <= self.now):
            return False
        digest = hashlib.sha256(bytes.fromhex(secret)).digest()
        if hmac.compare_digest(self.secret_sha256, digest):
            return True
        former, until = self.previous_sha256, self.previous_until
        return former is not None and until is not None and self.now < until and hmac.compare_digest(former, digest)


def split_token(token: str) -> tuple[str, str] | None:
    """Return a token's id and secret; None where it cannot be one."""
    match = _TOKEN.fullmatch(token)
    return None if match is None else (match[1], match[2])


async def create_token(
    pool: Pool, role: Role, logs: Sequence[str], expires: datetime | None, grant: Grant | None = None
) -> str:
    """Keep a new credential and return the token, which is never shown again. Raises UnknownLog or InputError.

    `grant` says what else it is given; its role and logs are those named before.
    """
    grant = msgspec.structs.replace(grant or Grant(role=role), role=role, logs=tuple(logs))
    check_grant(grant)
    if max(map(len, (grant.logs, grant.jurisdictions, grant.subjects))) > NAMED_MAX:
        raise InputError(f"a token is for at most {NAMED_MAX} logs, countries or subjects")
    unknown = [one for one in (*grant.subjects, grant.party) if one is not None and kind_of(one) not in STREAMS]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no subject: kind:namespace:native")
    await find_logs(pool, list(grant.logs))
    token_id, (secret, digest) = token_hex(ID_BYTES), _new_secret()
    lists = list(grant.logs), expires, list(grant.jurisdictions), list(grant.subjects)
    rest = grant.party, grant.window_from, grant.window_to, grant.purpose
    await pool.execute(statements("add_token"), token_id, digest, role, *lists, *rest)
    return f"{PREFIX}_{token_id}_{secret}"


def _new_secret() -> tuple[str, bytes]:
    """Return a secret as a token holds it, and what is kept of it."""
    secret = token_bytes(SECRET_BYTES)
    return secret.hex(), hashlib.sha256(secret).digest()


async def find_tokens(pool: Pool, token_ids: Collection[str]) -> dict[str, TokenRow]:
    """Return what is kept of tokens, by their ids; nothing of an id that is none."""
    rows = await pool.fetch(statements("find_tokens"), list(token_ids))
    return {row["token_id"]: _read_row(row) for row in rows}


async def find_credential(pool: Pool, token: str) -> Credential | None:
    """Return whom a token stands for; None when it is none, has expired or was revoked."""
    parts = split_token(token)
    if parts is None:
        return None
    row = (await find_tokens(pool, [parts[0]])).get(parts[0])
    return row.credential if row is not None and row.accepts(parts[1]) else None


def _read_row(row: asyncpg.Record) -> TokenRow:
    names = ("secret_sha256", "previous_sha256", "previous_until", "expires", "revoked", "now")
    credential = Credential(token_id=row["token_id"], **_granted(row))
    return TokenRow(credential=credential, **{name: row[name] for name in names})


def _granted(row: asyncpg.Record) -> dict[str, Any]:
    lists = {name: tuple(row[name]) for name in ("logs", "jurisdictions", "subjects")}
    single = {name: row[name] for name in ("party", "window_from", "window_to", "purpose")}
    return {"role": read_role(row["role"]), **lists, **single}


async def list_tokens(pool: Pool) -> list[TokenInfo]:
    """Return all tokens, oldest first."""
    names = ("token_id", "created", "expires", "revoked", "rotated", "previous_until")
    return [
        TokenInfo(**_granted(row), **{name: row[name] for name in names})
        for row in await pool.fetch(statements("list_tokens"))
    ]


async def rotate_token(pool: Pool, token_id: str, grace: timedelta = GRACE) -> tuple[str, datetime]:
    """Give a token a new secret. Returns the token, never shown again, and until when its former secret counts.

    Raises NotFound for a token that is not there or revoked, and InputError for a grace that is too long.
    """
    if not timedelta() <= grace <= GRACE_MAX:
        raise InputError(f"a former secret counts for at most {GRACE_MAX.days} days")
    secret, digest = _new_secret()
    until: datetime | None = await pool.fetchval(statements("rotate_token"), token_id, digest, grace)
    if until is None:
        raise NotFound("there is no such token, or it was revoked")
    return f"{PREFIX}_{token_id}_{secret}", until


async def revoke_token(pool: Pool, token_id: str) -> datetime:
    """Revoke a token at once; return since when it is. Raises NotFound."""
    revoked: datetime | None = await pool.fetchval(statements("revoke_token"), token_id)
    if revoked is None:
        raise NotFound("there is no such token")  # what was named may be a whole token
    return revoked
