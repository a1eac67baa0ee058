"""Credentials: made, found, revoked.

A secret is shown once and kept only as its SHA-256; it is 256 random bits, so a plain hash is enough.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from secrets import token_bytes, token_hex
from typing import Literal, get_args

from msgspec import Struct

from ledger.database import Pool
from ledger.errors import InputError, NotFound
from ledger.store import find_logs, statements

Role = Literal["operator", "PLATFORM_WRITER"]
ROLES: tuple[Role, ...] = get_args(Role)
PREFIX = "jejak"
SECRET_BYTES = 32
ID_BYTES = 8


class Credential(Struct, frozen=True, kw_only=True):
    """Who asks: the token's id, its role and the logs it is for (none named: as the role has it)."""

    token_id: str
    role: Role
    logs: tuple[str, ...]


class TokenInfo(Struct, frozen=True, kw_only=True):
    """A token as it is listed: never its secret."""

    token_id: str
    role: str
    logs: tuple[str, ...]
    created: datetime
    expires: datetime | None
    revoked: datetime | None


def read_role(text: str) -> Role:
    """Return the role of this name, whatever its case. Raises InputError."""
    for role in ROLES:
        if role.lower() == text.lower():
            return role
    raise InputError(f"there is no role {text!r}: it is one of {', '.join(ROLES)}")


async def create_token(pool: Pool, role: Role, logs: Sequence[str], expires: datetime | None) -> str:
    """Keep a new credential and return the token, which is never shown again. Raises UnknownLog or InputError."""
    await find_logs(pool, list(logs))
    if role == "PLATFORM_WRITER" and not logs:
        raise InputError("a PLATFORM_WRITER writes to logs of its own: name at least one")
    token_id, secret = token_hex(ID_BYTES), token_bytes(SECRET_BYTES)
    await pool.execute(statements("add_token"), token_id, hashlib.sha256(secret).digest(), role, list(logs), expires)
    return f"{PREFIX}_{token_id}_{secret.hex()}"


async def find_credential(pool: Pool, token: str) -> Credential | None:
    """Return whom a token stands for; None when it is none, has expired or was revoked."""
    prefix, _, rest = token.partition("_")
    token_id, _, secret = rest.partition("_")
    try:
        digest = hashlib.sha256(bytes.fromhex(secret)).digest()
    except ValueError:
        return None
    if prefix != PREFIX or not token_id.isascii() or "\0" in token_id:
        return None
    row = await pool.fetchrow(statements("find_token"), token_id)
    if row is None or not hmac.compare_digest(row["secret_sha256"], digest):
        return None
    if row["revoked"] is not None or (row["expires"] is not None and row["expires"] <= row["now"]):
        return None
    return Credential(token_id=token_id, role=read_role(row["role"]), logs=tuple(row["logs"]))


async def list_tokens(pool: Pool) -> list[TokenInfo]:
    """Return all tokens, oldest first."""
    return [
        TokenInfo(
            token_id=row["token_id"],
            role=row["role"],
            logs=tuple(row["logs"]),
            created=row["created"],
            expires=row["expires"],
            revoked=row["revoked"],
        )
        for row in await pool.fetch(statements("list_tokens"))
    ]


async def revoke_token(pool: Pool, token_id: str) -> datetime:
    """Revoke a token at once; return since when it is. Raises NotFound."""
    revoked: datetime | None = await pool.fetchval(statements("revoke_token"), token_id)
    if revoked is None:
        raise NotFound(f"there is no token {token_id!r}")
    return revoked
