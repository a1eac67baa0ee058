"""The witness over HTTP: C2SP tlog-witness, `add-checkpoint` and the checkpoint of each log that it cosigned last."""

import asyncio
import logging
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from api.app import on_own_fault
from api.health import live
from ledger.errors import VaultError
from ledger.tlog.witness_protocol import MAX_REQUEST_BYTES
from ledger.witness import TEXT_MEDIA_TYPE, Answer, Witness

CACHE = "no-cache"
"""The checkpoint that was cosigned last is another every second."""

log = logging.getLogger(__name__)


def make_app(witness: Witness) -> Litestar:
    """Return the application of a witness."""

    @post("/add-checkpoint")
    async def add_checkpoint(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Cosign a checkpoint that follows from the one cosigned last."""
        return _respond(await asyncio.to_thread(witness.add_checkpoint, await request.body()))

    @get("/{name:str}/checkpoint")
    async def checkpoint(name: FromPath[str]) -> Response[bytes]:
        """Return the checkpoint cosigned last of the log whose origin has this SHA-256, in hex."""
        found = await asyncio.to_thread(witness.checkpoint, name)
        return _respond(
            Answer(status=404, body=b"nothing was cosigned of such a log\n")
            if found is None
            else Answer(status=200, body=found)
        )

    return Litestar(
        route_handlers=[add_checkpoint, checkpoint, live],
        exception_handlers={HTTPException: _on_http_error, VaultError: _on_vault_error, Exception: on_own_fault},
        request_max_body_size=MAX_REQUEST_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _respond(answer: Answer) -> Response[bytes]:
    # As a header, not as media type: to that the framework would add a charset, and a size's type has none.
    headers = {"Content-Type": answer.media_type, "Cache-Control": CACHE}
    return Response(answer.body, status_code=answer.status, headers=headers)


def _on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return Response(f"{error.detail}\n".encode(), status_code=error.status_code, media_type=TEXT_MEDIA_TYPE)


def _on_vault_error(_: Request[Any, Any, Any], error: VaultError) -> Response[bytes]:
    """Answer that nothing can be cosigned now; what could not be written down was vouched for to nobody."""
    log.error("nothing is cosigned: %s", error)
    return Response(b"the witness cannot write down what it cosigns\n", status_code=503, media_type=TEXT_MEDIA_TYPE)
