"""A program that is not ours verifies a running ledger over HTTP, with nothing but the log's public key.

It is Go's own checksum-database code (golang.org/x/mod/sumdb), as Debian packages it, built without a network.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from ledger.tlog.note import Ed25519Signer
from tests.faults.serving import LOG, Done, Serving, poll, serving
from tests.races.writing import listing, published

SOURCE = Path(__file__).with_name("verify.go")
GOPATH = Path("/usr/share/gocode")
"""Where Debian keeps the sources of its Go packages."""
MODULE = GOPATH / "src/golang.org/x/mod/sumdb/tlog"
BUILD_SECONDS = 200
SIZES = (1, 255, 257, 1_200)
needs_go = pytest.mark.skipif(
    shutil.which("go") is None or not MODULE.is_dir(),
    reason="needs Debian's golang-go and golang-golang-x-mod-dev",
)


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program, built from what is on this machine alone."""
    folder = tmp_path_factory.mktemp("go")
    built = folder / "verify"
    offline = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOPROXY": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local"}
    subprocess.run(
        ["go", "build", "-o", str(built), str(SOURCE)],
        env={**os.environ, **offline, "GOCACHE": str(folder / "cache")},
        check=True,
        timeout=BUILD_SECONDS,
    )
    return built


async def verified(verifier: Path, *words: str) -> Done:
    process = await asyncio.create_subprocess_exec(
        str(verifier), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return Done(process.returncode, output.decode(), errors.decode())


@pytest.fixture
async def served(tmp_path: Path) -> AsyncGenerator[Serving]:
    async with serving(tmp_path / "data") as serving_:
        await serving_.start()
        yield serving_


async def grow(served: Serving, begin: int, end: int) -> bytes:
    """Append until the log has `end` entries, and return the checkpoint of so many."""
    events = [published(f"e{number}", listing(f"L{number}")) for number in range(begin, end)]
    assert (await served.append(msgspec.json.encode(events))).status == 201
    checkpoint = b""

    async def is_signed() -> bool:
        nonlocal checkpoint
        checkpoint = (await served.ask("GET", f"/logs/{LOG}/checkpoint")).body
        return checkpoint.split(b"\n")[1:2] == [str(end).encode()]

    await poll(is_signed)
    return checkpoint


@needs_go
async def test_a_running_ledger_is_verified_by_a_program_that_is_not_ours(
    served: Serving, verifier: Path, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{served.port}/logs/{LOG}"
    key = (await served.ask("GET", f"/v1/logs/{LOG}")).json()["key"]
    older = tmp_path / "older"
    words: list[str] = []
    for before, size in zip((0, *SIZES), SIZES, strict=False):
        checkpoint = await grow(served, before, size)
        done = await verified(verifier, url, key, *words)
        assert (done.code, done.errors) == (0, "")
        tiles = -(-size // 256) + (size >= 256)
        assert msgspec.json.decode(done.output) == {
            "size": size,
            "tiles": tiles,
            "entries": size,
            "grown_from": before,
        }
        older.write_bytes(checkpoint)
        words = [str(older)]


@needs_go
async def test_that_program_refuses_another_key_and_a_log_that_was_rewritten(served: Serving, verifier: Path) -> None:
    url = f"http://127.0.0.1:{served.port}/logs/{LOG}"
    key = (await served.ask("GET", f"/v1/logs/{LOG}")).json()["key"]
    await grow(served, 0, 300)
    stranger = Ed25519Signer(key.split("+")[0], bytes(32)).verifier
    refused = await verified(verifier, url, str(stranger))
    assert (refused.code, refused.errors) == (1, "note has no verifiable signatures\n")
    changes = (
        "UPDATE event SET entry = entry || ' ' WHERE position = 7",
        "UPDATE event SET leaf_hash = sha256('\\x00'::bytea || entry) WHERE position = 7",
        "UPDATE tile SET hashes = overlay(hashes PLACING leaf_hash FROM 225) FROM event WHERE position = 7",
    )
    reasons = [
        "position 7: the entry is not that of the tree",
        "position 7: the entry is not that of the tree",
        "invalid transparency proof",
    ]
    for change, reason in zip(changes, reasons, strict=True):
        async with served.database() as connection:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(change)
        refused = await verified(verifier, url, key)
        assert (refused.code, refused.errors) == (1, f"{reason}\n")
