"""One event: what it says, exactly what was recorded, and the proof that its log holds it, for the reader to verify."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Struct

from api.pages.asking import Answer, Parameters, ask, link_to, send, try_asking
from api.pages.event_facts import changes_of, day_of, lateness_of, meaning_of
from api.pages.members import members_of
from api.pages.overview import seal_of
from api.pages.preferences import preferences_of
from api.pages.proof_path import ProofPath, path_of
from api.pages.rendering import render

CIPHERTEXT = b'"enc:v1:'
"""How a † value begins in an entry (contract section 1)."""
PARTLY_WITHOUT = "source"
"""An attribute of every event, which is left out of those of which a reader sees only what is shared."""


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
    if receipt is None:
        return None
    return Proof(
        link=link_to(f"{place}/proof", parameters),
        entry_link=f"{place}/entry",
        path=path_of(receipt, entry),
        exact=entry.decode(),
        pretty=msgspec.json.format(entry, indent=2).decode(),
        enciphered=CIPHERTEXT in entry,
        key=described.document["key"],
    )


async def _content(request: Request[Any, Any, Any], path: str, parameters: Parameters = ()) -> bytes | None:
    """Return what is answered that is no JSON; None for who may not have it."""
    status, content = await send(request, "GET", path, parameters)
    return content if status == 200 else None  # noqa: PLR2004 - good, of what is never anything else


ROUTES = (show,)
