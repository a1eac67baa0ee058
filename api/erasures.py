"""Erasures: a data subject's key is destroyed, and everybody reads `[ERASED]` from then on (contract section 2)."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Struct

from api.auth import credential_of, must_cover
from api.bodies import json_response, read_body
from api.service import Service
from ledger.domain.instants import EARLIEST, LATEST
from ledger.domain.payload import Identifier, Name, SubjectId
from ledger.erasure import Eraser, Executed, Order
from ledger.errors import Fault, Refused
from ledger.intake import Moment
from ledger.shape import INVALID


class NewErasure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to erase, by what right, and which request that answers; without `log` in every log that holds a key."""

    subject: SubjectId
    basis: Name
    request_ref: Identifier
    log: Identifier | None = None


class ClockedErasure(NewErasure, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same on a ledger with a test clock, where whoever asks may say when it happens."""

    recordedtime: Moment | None = None


@post("/v1/erasures", status_code=201, summary="Erase a data subject")
async def erase(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Destroy a data subject's key. Operators and privacy officers only.

    200 where all of it was done before, 423 under a legal hold.
    """
    credential = credential_of(request)
    asked = read_erasure(await request.body(), test_clock=service.database.test_clock)
    must_cover(credential, asked.log)
    executed = await carry_out(service, credential.token_id, asked)
    done_before = all(one.receipt.duplicate for one in executed)
    return json_response(describe(asked.subject, executed), 200 if done_before else 201)


def read_erasure(body: bytes, *, test_clock: bool) -> NewErasure:
    """Read what to erase. Raises Unreadable or Refused."""
    return read_clocked_erasure(body) if test_clock else read_body(body, NewErasure)


def read_clocked_erasure(body: bytes) -> ClockedErasure:
    """Read what to erase on a ledger with a test clock. Raises Unreadable or Refused."""
    asked = read_body(body, ClockedErasure)
    if asked.recordedtime is not None and not EARLIEST <= asked.recordedtime <= LATEST:
        raise Refused((Fault(INVALID, "/recordedtime", "is outside the calendar"),))
    return asked


async def carry_out(service: Service, author_id: str, asked: NewErasure) -> list[Executed]:
    """Erase, and return what was erased, log by log. Raises what `Eraser.erase` does."""
    order = Order(
        subject=asked.subject,
        basis=asked.basis,
        request_ref=asked.request_ref,
        recordedtime=asked.recordedtime if isinstance(asked, ClockedErasure) else None,
    )
    eraser = Eraser(service.database.pool("keeper"), service.appender, service.destroyed_keys, service.scrubber)
    return await eraser.erase(author_id, order, asked.log)


def describe(subject: str, executed: list[Executed]) -> dict[str, Any]:
    """Return what was erased as JSON values: of each log what its event says, and that event's receipt."""
    return {"subject": subject, "erasures": [_describe_one(one) for one in executed]}


def _describe_one(one: Executed) -> dict[str, Any]:
    item: dict[str, Any] = msgspec.to_builtins(one)
    return {**{name: value for name, value in item.items() if name != "receipt"}, **item["receipt"]}


ROUTES = (erase,)
