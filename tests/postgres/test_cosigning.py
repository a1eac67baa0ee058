"""Ledgers under witnesses: what is kept and shown, who finds out that one was set back, and what failing closed is."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from api.witness import make_app
from ledger import witnessing
from ledger.checkpoints import covering_checkpoint, log_keys, newest_checkpoint
from ledger.cosigning import Cosigning, open_cosigning
from ledger.database import Database, open_database
from ledger.errors import LogHalted, SettingError
from ledger.feed import Feed
from ledger.log_keys import VaultKeys
from ledger.marks import check_marks, read_halts
from ledger.sequencer import Sequencer
from ledger.server.embedded import EmbeddedServer
from ledger.settings import read_settings
from ledger.signer import Signer
from ledger.store import find_logs
from ledger.tlog.checkpoint import open_checkpoint, parse_checkpoint
from ledger.tlog.note import COSIGNATURE, Ed25519Signer, VerifierKey, parse_note, verify_note
from ledger.tlog.policy import parse_policy
from ledger.vault import Vault
from ledger.witness import Witness
from ledger.witnessing import Witnesses
from tests.conftest import execute
from tests.signing import SLUG, Signed, drafts, signed_log
from tests.witnesses import NAMES, POLICY, SIGNERS, Network, answering, fail

KEYS = [signer.verifier for signer in SIGNERS.values()]


@pytest.fixture
async def signed(database: Database, tmp_path: Path) -> AsyncGenerator[Signed]:
    """Yield a log whose first key is made, and of which nothing is signed."""
    async with signed_log(database, tmp_path) as one:
        await one.signer.prepare(one.log)
        yield one


@pytest.fixture
async def network(signed: Signed, tmp_path: Path) -> Network:
    """Yield three witnesses that know the log."""
    return Network(tmp_path, await log_keys(signed.reader, signed.log.log_id))


@asynccontextmanager
async def witnessed(
    database: Database, vault: Vault, network: httpx.AsyncBaseTransport, *, withholds: bool = False
) -> AsyncGenerator[Signer]:
    """Yield a signer whose checkpoints are to be cosigned, as a process of its own has one."""
    cosigning = Cosigning(database, Witnesses(POLICY, network), withholds=withholds)
    try:
        yield Signer(database, vault, Feed(database.pool("reader")), VaultKeys(vault), cosigning)
    finally:
        await cosigning.close()


@pytest.fixture
async def signer(signed: Signed, network: Network) -> AsyncGenerator[Signer]:
    async with witnessed(signed.database, signed.vault, network) as opened:
        yield opened


@pytest.fixture
async def closed_signer(signed: Signed, network: Network) -> AsyncGenerator[Signer]:
    """Yield one that shows nothing without the quorum."""
    async with witnessed(signed.database, signed.vault, network, withholds=True) as opened:
        yield opened


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let witnesses that were away be asked again at once."""
    monkeypatch.setattr(witnessing, "FIRST_REST_SECONDS", 0.0)
    monkeypatch.setattr("ledger.cosigning.CATCH_UP_SECONDS", 0.0)


def size_of(note: bytes | None) -> int | None:
    return None if note is None else parse_checkpoint(parse_note(note).text).size


def cosigners(note: bytes | None, keys: list[VerifierKey] | None = None) -> list[str]:
    assert note is not None
    return sorted(signature.name for signature in verify_note(parse_note(note), keys or KEYS))


async def test_a_checkpoint_is_shown_with_its_cosignatures_after_its_own(
    signed: Signed, signer: Signer, network: Network
) -> None:
    for count in (3, 1, 4):
        await signed.append(f"a{count}", count)
        note = await signer.sign(signed.log)
        assert cosigners(note) == sorted(NAMES)
        assert note is not None
        assert parse_note(note).signatures[0].name == signed.log.origin
        open_checkpoint(note, [*KEYS, *await log_keys(signed.reader, signed.log.log_id)])
        assert await newest_checkpoint(signed.reader, signed.log) == note
    network.asked.clear()
    assert size_of(await signer.sign(signed.log)) == 8
    assert network.asked == []


@pytest.mark.usefixtures("no_rest")
async def test_failing_open_a_checkpoint_is_shown_without_quorum_and_cosigned_when_witnesses_are_back(
    signed: Signed, signer: Signer, network: Network
) -> None:
    network.faults = dict.fromkeys(NAMES[:2], fail)
    await signed.append("a", 3)
    assert cosigners(await signer.sign(signed.log)) == ["three.example"]
    network.faults.clear()
    await signer.step()
    assert cosigners(await newest_checkpoint(signed.reader, signed.log)) == sorted(NAMES)
    network.asked.clear()
    await signer.step()
    assert network.asked == []


@pytest.mark.usefixtures("no_rest")
async def test_failing_closed_nothing_is_shown_without_quorum(
    signed: Signed, closed_signer: Signer, network: Network
) -> None:
    network.faults = dict.fromkeys(NAMES[:2], fail)
    await signed.append("a", 3)
    assert await closed_signer.sign(signed.log) is None
    assert await closed_signer.cover(signed.log, 1) is None
    assert await covering_checkpoint(signed.reader, signed.log, 1) is None
    assert [one.size for one in await signed.assert_sound()] == [3]
    why = "too few witnesses have cosigned its newest checkpoint, which is withheld"
    assert closed_signer.failures == {signed.log.log_id: why}
    network.faults = {NAMES[0]: fail}
    await closed_signer.step()
    assert closed_signer.failures == {}
    assert cosigners(await newest_checkpoint(signed.reader, signed.log)) == ["three.example", "two.example"]
    network.faults = dict.fromkeys(NAMES, answering(503))
    await signed.append("b", 2)
    assert size_of(await closed_signer.sign(signed.log)) == 3
    assert await closed_signer.cover(signed.log, 4) is None
    await signed.append("c", 1)
    network.faults.clear()
    assert size_of(await closed_signer.cover(signed.log, 4)) == 6
    assert [one.size for one in await signed.assert_sound()] == [3, 5, 6]


async def test_failing_closed_the_next_process_asks_for_what_the_last_one_could_not_get(
    signed: Signed, closed_signer: Signer, network: Network
) -> None:
    network.faults = dict.fromkeys(NAMES, answering(500))
    await signed.append("a", 3)
    assert await closed_signer.sign(signed.log) is None
    network.faults.clear()
    async with witnessed(signed.database, signed.vault, network, withholds=True) as after:
        await after.step()
    assert cosigners(await newest_checkpoint(signed.reader, signed.log)) == sorted(NAMES)


async def test_failing_open_shows_what_was_withheld(signed: Signed, closed_signer: Signer, network: Network) -> None:
    network.faults = dict.fromkeys(NAMES, answering(500))
    await signed.append("a", 3)
    assert await closed_signer.sign(signed.log) is None
    async with witnessed(signed.database, signed.vault, network) as after:
        await after.step()
    assert size_of(await newest_checkpoint(signed.reader, signed.log)) == 3


async def test_a_crash_after_the_mark_withholds_the_checkpoint_that_is_settled_later(
    signed: Signed, closed_signer: Signer, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_short(*_: object, **__: object) -> None:
        raise ConnectionResetError

    network.faults = dict.fromkeys(NAMES, answering(500))
    await signed.append("a", 3)
    with monkeypatch.context() as patched:
        patched.setattr("ledger.signer.keep_note", cut_short)
        with pytest.raises(ConnectionResetError):
            await closed_signer.sign(signed.log)
    assert await closed_signer.sign(signed.log) is None
    assert [one.size for one in await signed.assert_sound()] == [3]
    assert await newest_checkpoint(signed.reader, signed.log) is None


@asynccontextmanager
async def copy_of(server: EmbeddedServer, signed: Signed, folder: Path) -> AsyncGenerator[tuple[Database, Vault]]:
    """Yield a copy of the database and of the keys folder as they are now: what a backup of everything brings back."""
    name = await signed.reader.fetchval("SELECT current_database()")
    copy = f"test_{uuid4().hex}"
    await execute(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await execute(server, f"CREATE DATABASE {copy} TEMPLATE {name}")
    try:
        vault = Vault(Path(shutil.copytree(signed.vault.folder, folder / "old-vault")))
        settings = read_settings({"JEJAK_DATABASE_URL": server.url(copy), "JEJAK_KEYS_DIR": str(folder / "keys")})
        async with await open_database(settings) as database:
            yield database, vault
    finally:
        await execute(server, f"DROP DATABASE {copy} WITH (FORCE)")


async def append_to(database: Database, name: str, count: int) -> None:
    (log,) = await find_logs(database.pool("reader"), [SLUG])
    sequencer = Sequencer(log, database.pool("writer"), lambda _log, _size: None)
    try:
        await sequencer.append(drafts(log, name, count))
    finally:
        await sequencer.close()


@pytest.mark.parametrize("grown_by", [0, 1, 9])
async def test_a_ledger_restored_with_its_keys_from_an_older_copy_is_found_out_by_a_witness_and_halts(
    server: EmbeddedServer, signed: Signed, signer: Signer, network: Network, tmp_path: Path, grown_by: int
) -> None:
    await signed.append("a", 5)
    await signer.sign(signed.log)
    async with copy_of(server, signed, tmp_path) as (database, vault):
        await signed.append("b", 3)
        assert cosigners(await signer.sign(signed.log)) == sorted(NAMES)
        assert await check_marks(database, vault) == []  # nothing that the operator holds knows of it
        if grown_by:
            await append_to(database, "c", grown_by)
        async with witnessed(database, vault, network) as restored:
            await restored.step()
            (halt,) = await read_halts(database.pool("reader"))
            assert halt.reason.endswith("it has cosigned 8, which this log has lost")
            with pytest.raises(LogHalted):
                await append_to(database, "d", 1)
            network.asked.clear()
            with pytest.raises(LogHalted):
                await restored.sign(signed.log)
            assert network.asked == []
        assert size_of(await newest_checkpoint(database.pool("reader"), signed.log, withheld=True)) == 5
    assert size_of(await signer.sign(signed.log)) == 8


async def test_a_rewritten_log_is_found_out_at_its_next_checkpoint_and_signs_no_other(
    server: EmbeddedServer, signed: Signed, signer: Signer, network: Network, tmp_path: Path
) -> None:
    await signed.append("a", 5)
    await signer.sign(signed.log)
    async with copy_of(server, signed, tmp_path) as (database, vault), witnessed(database, vault, network) as fork:
        await fork.sign(signed.log)  # compared, while both are the same
        await signed.append("b", 3)
        await signer.sign(signed.log)
        await append_to(database, "c", 4)
        with pytest.raises(LogHalted, match="does not follow from"):
            await fork.sign(signed.log)
        await fork.step()
        assert fork.failures == {}
        assert [halt.slug for halt in await read_halts(database.pool("reader"))] == [SLUG]


async def test_processes_of_one_ledger_that_sign_in_turn_raise_no_alarm(
    signed: Signed, signer: Signer, network: Network
) -> None:
    async with witnessed(signed.database, signed.vault, network) as other:
        for number, one in enumerate((signer, other, other, signer, other)):
            await signed.append(f"a{number}", 2)
            assert cosigners(await one.sign(signed.log)) == sorted(NAMES)
    assert await read_halts(signed.reader) == []


async def test_a_witness_ahead_of_a_process_that_was_slow_raises_no_alarm(
    signed: Signed, signer: Signer, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed.append("a", 3)
    await signer.sign(signed.log)
    async with witnessed(signed.database, signed.vault, network) as slow:
        old = await newest_checkpoint(signed.reader, signed.log)
        await signed.append("b", 3)
        await signer.sign(signed.log)

        async def as_it_was(*_: object, **__: object) -> bytes | None:
            return old

        with monkeypatch.context() as patched:
            patched.setattr("ledger.cosigning.newest_checkpoint", as_it_was)
            assert size_of(await slow.sign(signed.log)) == 6
    assert await read_halts(signed.reader) == []


async def test_two_ledgers_witness_each_other(database: Database, clocked_database: Database, tmp_path: Path) -> None:
    async with (
        signed_log(database, tmp_path / "one", "one") as one,
        signed_log(clocked_database, tmp_path / "two", "two") as two,
    ):
        parties = (one, two)
        keys: list[VerifierKey] = []
        for party in parties:
            await party.signer.prepare(party.log)
            keys += await log_keys(party.reader, party.log.log_id)
        signers = [Ed25519Signer(f"witness-of-{party.log.slug}.example", bytes(32), COSIGNATURE) for party in parties]
        for party, other, watched, witness_key in zip(parties, reversed(parties), keys, reversed(signers), strict=True):
            witness = Witness(Vault(tmp_path / f"of-{other.log.slug}"), witness_key, [watched])
            policy = parse_policy(f"witness other {witness.verifier} http://other\nquorum other\n")
            transport = httpx.ASGITransport(make_app(witness))  # type: ignore[arg-type]
            cosigning = Cosigning(party.database, Witnesses(policy, transport), withholds=True)
            signer = Signer(party.database, party.vault, Feed(party.reader), party.keys, cosigning)
            await party.append("a", 3)
            await signer.sign(party.log)
            await party.append("b", 3)
            note = await signer.sign(party.log)
            assert cosigners(note, [witness.verifier, watched]) == sorted([watched.name, witness.verifier.name])
            seen = witness.checkpoint(sha256(party.log.origin.encode()).hexdigest())
            assert seen is not None
            assert parse_note(seen).text == parse_note(note or b"").text
            await cosigning.close()


async def test_the_settings_say_who_must_cosign_and_what_becomes_of_a_checkpoint_without(
    database: Database, tmp_path: Path
) -> None:
    assert open_cosigning(database) is None
    url = {"JEJAK_DATABASE_URL": str(database.settings.database_url), "JEJAK_KEYS_DIR": str(tmp_path / "keys")}
    file = tmp_path / "policy"
    key = SIGNERS["one.example"].verifier
    file.write_text(f"witness one {key} http://one.example\nquorum one\n")
    closed = {"JEJAK_WITNESS_FAIL": "closed"}
    for said, withholds in (({}, False), ({"JEJAK_WITNESS_FAIL": "open"}, False), (closed, True)):
        settings = read_settings({**url, "JEJAK_WITNESS_POLICY_FILE": str(file), **said})
        async with await open_database(settings) as opened:
            cosigning = open_cosigning(opened)
            assert cosigning is not None
            assert cosigning.withholds is withholds
            await cosigning.close()
    async with await open_database(read_settings({**url, **closed})) as opened:
        with pytest.raises(SettingError, match="no JEJAK_WITNESS_POLICY_FILE says who must cosign"):
            open_cosigning(opened)
    with pytest.raises(SettingError, match="JEJAK_WITNESS_FAIL is 'ajar': it must be open or closed"):
        read_settings({"JEJAK_WITNESS_FAIL": "ajar"})
