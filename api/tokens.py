"""Tokens over HTTP: listed, made, rotated and revoked by operators. A secret is in the answer that made it, alone."""

from datetime import timedelta
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api.bodies import json_response, read_body
from api.service import Service
from ledger.domain.codes import CountryCode
from ledger.domain.payload import Identifier, Text
from ledger.intake import Moment
from ledger.rights import read_role
from ledger.scopes import Grant
from ledger.tokens import GRACE, GRACE_MAX, NAMED_MAX, create_token, list_tokens, revoke_token, rotate_token

Named = Annotated[tuple[Identifier, ...], Meta(max_length=NAMED_MAX)]


class NewToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token is to be given (`ledger.scopes.Grant`), and when it expires."""

    role: Annotated[str, Meta(max_length=40)]
    logs: Named = ()
    jurisdictions: Annotated[tuple[CountryCode, ...], Meta(max_length=NAMED_MAX)] = ()
    subjects: Named = ()
    party: Identifier | None = None
    window_from: Moment | None = None
    window_to: Moment | None = None
    purpose: Text | None = None
    expires: Moment | None = None


class Rotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many seconds the former secret still counts; 0: it does no more."""

    grace_seconds: Annotated[int, Meta(ge=0, le=int(GRACE_MAX.total_seconds()))] = int(GRACE.total_seconds())


@get("/v1/tokens")
async def list_all(service: NamedDependency[Service]) -> Response[bytes]:
    """List tokens, never their secrets. Operators only."""
    tokens = await list_tokens(service.database.pool("keeper"))
    return json_response({"items": tokens, "next": None})


@post("/v1/tokens", status_code=201)
async def create(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Make a token; the answer alone has its secret. Operators only."""
    new = read_body(await request.body(), NewToken)
    grant = Grant(
        role=read_role(new.role),
        logs=new.logs,
        jurisdictions=new.jurisdictions,
        subjects=new.subjects,
        party=new.party,
        window_from=new.window_from,
        window_to=new.window_to,
        purpose=new.purpose,
    )
    token = await create_token(service.database.pool("keeper"), grant.role, grant.logs, new.expires, grant)
    return json_response({"token": token, "token_id": token.split("_")[1]}, 201, NOT_KEPT)


@post("/v1/tokens/{token_id:str}/rotation", status_code=201)
async def rotate(
    request: Request[Any, Any, Any], service: NamedDependency[Service], token_id: FromPath[str]
) -> Response[bytes]:
    """Give a token a new secret; the former one counts for a while, or no more. Operators only."""
    asked = read_body(await request.body() or b"{}", Rotation)
    grace = timedelta(seconds=asked.grace_seconds)
    token, until = await rotate_token(service.database.pool("keeper"), token_id, grace)
    return json_response({"token": token, "token_id": token_id, "previous_until": until}, 201, NOT_KEPT)


@delete("/v1/tokens/{token_id:str}", status_code=200)
async def revoke(service: NamedDependency[Service], token_id: FromPath[str]) -> Response[bytes]:
    """Revoke a token: every process refuses it within a second, open answers too. Operators only."""
    revoked = await revoke_token(service.database.pool("keeper"), token_id)
    return json_response({"token_id": token_id, "revoked": revoked})


NOT_KEPT = {"Cache-Control": "no-store"}
"""What has a secret in it is kept by no cache."""
ROUTES = (list_all, create, rotate, revoke)
