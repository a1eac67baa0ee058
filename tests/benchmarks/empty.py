"""The limit of `single`: a Litestar route that decodes the same body and does nothing, served as the service is.

Run as a child process: `python -m tests.benchmarks.empty --port N`.
"""

import argparse
import asyncio
import sys
from typing import Any

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, Request, Response, post

from api.app import BACKLOG, GRACE_SECONDS, KEEP_ALIVE_SECONDS, ReadyServer
from api.bodies import JSON
from ledger.intake import BODY_MAX_BYTES, EventData

_decode = msgspec.json.Decoder(EventData).decode
ANSWER = b'{"log":"bench","size":0,"receipts":[]}'


@post("/v1/logs/{slug:str}/events", status_code=201)
async def empty(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Decode one event, and do nothing with it."""
    _decode(await request.body())
    return Response(ANSWER, status_code=201, media_type=JSON)


def make_config(port: int) -> uvicorn.Config:
    """Return the configuration of `api.app.serve`, over the empty application."""
    return uvicorn.Config(
        Litestar([empty], request_max_body_size=BODY_MAX_BYTES, logging_config=None, openapi_config=None, debug=False),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=BACKLOG,
    )


def main() -> None:
    """Serve until told to stop, on the loop that the command line of the product uses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port

    def ready() -> None:
        print(f"the empty route serves on port {port}", file=sys.stderr, flush=True)  # noqa: T201

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(ReadyServer(make_config(port), ready).serve())


if __name__ == "__main__":
    main()
