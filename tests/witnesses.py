"""Three witnesses on a network of their own, on which any of them can be away, or answer whatever a test says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx

from api.witness import make_app
from ledger.tlog.note import COSIGNATURE, Ed25519Signer, VerifierKey
from ledger.tlog.policy import parse_policy
from ledger.vault import Vault
from ledger.witness import Witness

NAMES = ("one.example", "two.example", "three.example")
SIGNERS = {name: Ed25519Signer(name, name.encode().ljust(32), COSIGNATURE) for name in NAMES}
POLICY = parse_policy(
    "".join(f"witness {name} {signer.verifier} http://{name}/base/\n" for name, signer in SIGNERS.items())
    + f"group two 2 {' '.join(NAMES)}\nquorum two\n"
)

Handler = Callable[[httpx.Request], Awaitable[httpx.Response]]


class Network(httpx.AsyncBaseTransport):
    """Leads each witness's host to its application; what is put into `faults` answers in its place."""

    def __init__(self, folder: Path, logs: Sequence[VerifierKey]) -> None:
        self.faults: dict[str, Handler] = {}
        self.asked: list[tuple[str, bytes]] = []
        self.witnesses = {name: Witness(Vault(folder / name), signer, logs) for name, signer in SIGNERS.items()}
        self._apps = {name: httpx.ASGITransport(make_app(witness)) for name, witness in self.witnesses.items()}  # type: ignore[arg-type]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        assert request.url.path == "/base/add-checkpoint"
        self.asked.append((name, (await request.aread()).split(b"\n")[0]))
        if name in self.faults:
            return await self.faults[name](request)
        request.url = request.url.copy_with(path="/add-checkpoint")
        return await self._apps[name].handle_async_request(request)


def answering(status: int, body: bytes = b"", media_type: str = "text/plain") -> Handler:
    async def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body, headers={"Content-Type": media_type})

    return handle


async def fail(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def hang(_: httpx.Request) -> httpx.Response:
    await asyncio.sleep(60)
    raise AssertionError
