"""`jejak witness` as a process of its own, and a service whose checkpoints it cosigns over a real network."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import msgspec

from api.app import make_app
from api.service import service_over
from ledger.checkpoints import log_keys
from ledger.database import Database, open_database
from ledger.settings import read_settings
from ledger.tlog.checkpoint import open_checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import VerifierKey, parse_note, parse_vkey, verify_note
from ledger.tlog.receipt import check_receipt, parse_proof
from tests.api.desk import JSON, OPEN, Desk, open_desk, published
from tests.faults.serving import ROOT, START_SECONDS, command_line, environment, free_port, jejak

NAME = "witness.example.org"
LOG_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@contextlib.asynccontextmanager
async def witnessing(folder: Path, port: int, *words: str) -> AsyncGenerator[VerifierKey]:
    """Run a witness until the block is left; yield the key that it prints, once it listens."""
    process = await asyncio.create_subprocess_exec(
        *command_line("witness", "--data", str(folder), "--port", str(port), *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            printed = (await process.stdout.readline()).decode()
            assert await process.stderr.readline() == f"jejak witnesses on http://127.0.0.1:{port}\n".encode()
        yield parse_vkey(printed.strip() if "--json" not in words else msgspec.json.decode(printed)["vkey"])
        process.terminate()
        assert await asyncio.wait_for(process.wait(), START_SECONDS) == 0
        assert await process.stderr.read() == b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_witness_keeps_its_key_and_says_what_it_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    for words, why in (
        ([], "a witness needs to know a log: give its public key with --log, or a --policy with logs"),
        (["--log", LOG_KEY], "a witness has a name, as `witness.example.org`: say --name at its first start"),
        (["--log", "nonsense"], "--log: 'nonsense' is no key: it is written <name>+<key ID>+<base64>"),
        (["--policy", str(tmp_path / "none")], f"the witness policy {tmp_path / 'none'} cannot be read: No such file"),
    ):
        done = await jejak("witness", "--data", str(folder), *words)
        assert (done.code, done.output) == (2, "")
        assert done.errors.startswith(f"jejak: {why}")
    policy = tmp_path / "policy"
    policy.write_text(f"log {LOG_KEY}\nquorum none\n")
    async with witnessing(folder, free_port(), "--name", NAME, "--policy", str(policy)) as key:
        assert key.name == NAME
    async with witnessing(folder, free_port(), "--log", LOG_KEY, "--json") as again:
        assert again == key


async def test_receipts_carry_the_cosignature_of_a_witness_and_without_it_nothing_is_shown(
    database: Database, tmp_path: Path
) -> None:
    port, policy = free_port(), tmp_path / "policy"
    async with open_desk(database) as desk:  # the log's key is made, for the witness to know
        log = await desk.service.find_log(OPEN)
        (key,) = await log_keys(database.pool("reader"), log.log_id)
        witness_words = (tmp_path / "witness", port, "--name", NAME, "--log", str(key))
        async with witnessing(*witness_words) as witness:
            policy.write_text(f"witness it {witness} http://127.0.0.1:{port}/\nquorum it\n")
    told = {
        "JEJAK_DATABASE_URL": str(database.settings.database_url),
        "JEJAK_KEYS_DIR": str(database.settings.keys_dir),
        "JEJAK_WITNESS_POLICY_FILE": str(policy),
        "JEJAK_WITNESS_FAIL": "closed",
    }
    async with await open_database(read_settings(told)) as opened:
        async with witnessing(*witness_words), open_desk_again(opened, desk) as witnessed:
            proof = parse_proof((await wait(witnessed, "a"))["proof"].encode())
            leaf = leaf_hash(await witnessed.entry("pub-a", OPEN))
            assert check_receipt(proof, leaf, [key, witness]).size == 1
            assert len(verify_note(parse_note(proof.checkpoint), [key, witness])) == 2
            shown = await witnessed.ask("GET", f"/logs/{OPEN}/checkpoint", who=None)
            assert shown.content == proof.checkpoint
        async with open_desk_again(opened, desk) as alone:
            assert "proof" not in await wait(alone, "b")
            shown = await alone.ask("GET", f"/logs/{OPEN}/checkpoint", who=None)
            assert open_checkpoint(shown.content, [key]).size == 1


@contextlib.asynccontextmanager
async def open_desk_again(database: Database, before: Desk) -> AsyncGenerator[Desk]:
    """Yield a desk over a ledger that has its logs and tokens already."""
    async with service_over(database) as service:
        transport = httpx.ASGITransport(app=make_app(service))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            yield Desk(service, client, before.tokens)


async def wait(desk: Desk, name: str) -> dict[str, str]:
    """Append an event and wait for the checkpoint that covers it; return the receipt."""
    event = published(name) | {"subject": f"listing:open:{name}"}
    response = await desk.ask(
        "POST",
        f"/v1/logs/{OPEN}/events",
        content=msgspec.json.encode(event),
        headers={"Content-Type": JSON, "Prefer": "wait=checkpoint"},
    )
    assert response.status_code == 201, response.text
    receipt: dict[str, str] = response.json()["receipts"][0]
    return receipt
