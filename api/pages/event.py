"""One event: what it says, exactly what was recorded, and the proof that its log holds it, for the reader to verify."""

import asyncio
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct

from api.pages.asking import Answer, Parameters, ask, link_to, send, try_asking
from api.pages.formats import Formats
from api.pages.members import Member, members_of
from api.pages.overview import seal_of
from api.pages.preferences import preferences_of
from api.pages.proof_path import ProofPath, path_of
from api.pages.rendering import render
from ledger.domain.catalogue import EVENTS

CIPHERTEXT = b'"enc:v1:'
"""How a † value begins in an entry (contract section 1)."""
PARTLY_WITHOUT = "source"
"""An attribute of every event, which is left out of those of which a reader sees only what is shared."""


class Change(Struct, frozen=True, kw_only=True):
    """What a correction or a void has changed of an event: a member before and after; None: not there."""

    path: str
    before: object
    after: object


class Proof(Struct, frozen=True, kw_only=True):
    """The proof of an entry: where it is had, its path, the entry's own bytes as text, and the log's key (a vkey)."""

    link: str
    entry_link: str
    path: ProofPath
    exact: str
    pretty: str
    enciphered: bool
    key: str


@get("/workbench/events/{log:str}/{event_id:str}")
async def show(request: Request[Any, Any, Any], log: FromPath[str], event_id: FromPath[str]) -> Template:
    """Show an event; its proof to those who may read the log, and what corrected it to those who may list that."""
    place = f"/v1/logs/{log}/events/{event_id}"
    answer, described, entry = await asyncio.gather(
        ask(request, place), try_asking(request, f"/v1/logs/{log}"), _content(request, f"{place}/entry")
    )
    event = answer.document
    narrowed = [("log", log), ("subject", event["subject"]), ("target", event_id)]
    corrections, proof = await asyncio.gather(
        try_asking(request, "/v1/corrections", narrowed),
        _proof(request, place, event, described, entry),
    )
    return render(
        request,
        "event.html",
        answer=answer,
        event=event,
        meaning=meaning_of(event["type"]),
        day=day_of(event, preferences_of(request).language),
        late=lateness_of(event),
        members=members_of(event["data"]),
        corrections=corrections,
        changes={item["id"]: changes_of(item) for item in corrections.items},
        proof=proof,
        pack=link_to("/v1/packs", narrowed[:2]) if PARTLY_WITHOUT in event else None,
        tiles=f"/logs/{log}",
        host=str(request.base_url).rstrip("/"),
    )


def meaning_of(event_type: str) -> str:
    """Return what an event of a type says, in one English sentence; nothing for a type that is no more."""
    known = EVENTS.get(event_type)
    return " ".join((known.__doc__ or "").split()) if known is not None else ""


def lateness_of(event: dict[str, Any]) -> float:
    """Return how many hours after it took effect an event was recorded."""
    recorded, time = (datetime.fromisoformat(event[name]) for name in ("recordedtime", "time"))
    return (recorded - time).total_seconds() / 3600


def changes_of(correction: dict[str, Any]) -> list[Change]:
    """Return what a correction, as `/v1/corrections` lists it, has changed, member by member."""
    before, after = (_by_path(correction[side] or {}) for side in ("before", "after"))
    return [
        Change(path=path, before=before.get(path), after=after.get(path))
        for path in dict.fromkeys((*before, *after))
        if before.get(path) != after.get(path)
    ]


def _by_path(shown: dict[str, Any]) -> dict[str, Member]:
    return {member.path.removeprefix("data."): member for member in members_of(shown)}


def day_of(event: dict[str, Any], language: str) -> str | None:
    """Return the local date of an event that is known to the day, month or year only; None for one known exactly."""
    if event["timeprecision"] == "INSTANT":
        return None
    return Formats(language, event["timezone"]).day(event["time"])


async def _proof(
    request: Request[Any, Any, Any], place: str, event: dict[str, Any], described: Answer, entry: bytes | None
) -> Proof | None:
    """Return the proof under the log's newest checkpoint; None for who may not have it, or where none is signed yet.

    The newest, since the key that the log has now need not have signed those before it.
    """
    if entry is None or not described.good or described.document["key"] is None:
        return None
    seal = seal_of(described.document)
    parameters = [("size", str(seal.size))] if seal is not None and seal.size > int(event["sequence"]) else []
    receipt = await _content(request, f"{place}/proof", parameters)
    return (
        None
        if receipt is None
        else Proof(
            link=link_to(f"{place}/proof", parameters),
            entry_link=f"{place}/entry",
            path=path_of(receipt, entry),
            exact=entry.decode(),
            pretty=msgspec.json.format(entry, indent=2).decode(),
            enciphered=CIPHERTEXT in entry,
            key=described.document["key"],
        )
    )


async def _content(request: Request[Any, Any, Any], path: str, parameters: Parameters = ()) -> bytes | None:
    """Return what is answered that is no JSON; None for who may not have it."""
    status, content = await send(request, "GET", path, parameters)
    return content if status == 200 else None  # noqa: PLR2004 - good, of what is never anything else


ROUTES = (show,)
