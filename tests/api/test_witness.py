"""Witness and log over HTTP: the witness's answers on the wire, and the log's side of the talk."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from api.witness import make_app
from ledger.errors import Rollback, SettingError
from ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from ledger.tlog.merkle import Tile, extend_frontier, frontier_root, leaf_hash
from ledger.tlog.note import Ed25519Signer, Note, Signature, format_note, parse_note, verify_note
from ledger.tlog.policy import parse_policy
from ledger.tlog.proof import TileReader, prove_consistency
from ledger.tlog.witness_protocol import MAX_REQUEST_BYTES, AddCheckpoint, format_add_checkpoint
from ledger.witnessing import Witnesses, read_policy
from tests.witnesses import NAMES, POLICY, SIGNERS, Handler, Network, answering, fail, hang

ORIGIN = "example.com/log"
LOG = Ed25519Signer(ORIGIN, bytes(range(32)))
LEAVES = [leaf_hash(str(number).encode()) for number in range(16)]
FORK = [*LEAVES[:2], *[leaf_hash(b"other")] * 14]


def checkpoint(size: int, leaves: list[bytes] = LEAVES) -> bytes:
    text = Checkpoint(ORIGIN, size, frontier_root(size, extend_frontier(0, b"", leaves[:size]))).text
    return format_note(Note(text, (LOG.sign(text),)))


def growth_to(size: int, leaves: list[bytes] = LEAVES) -> Callable[[int], Awaitable[tuple[bytes, ...]]]:
    async def prove(old: int) -> tuple[bytes, ...]:
        reader = TileReader({Tile(0, 0, size): b"".join(leaves[:size])})
        return prove_consistency(old, size, reader.hash_of)

    return prove


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path, [LOG.verifier])


@asynccontextmanager
async def witnesses_on(network: Network) -> AsyncGenerator[Witnesses]:
    witnesses = Witnesses(POLICY, network)
    try:
        yield witnesses
    finally:
        await witnesses.close()


@pytest.fixture
async def witnesses(network: Network) -> AsyncGenerator[Witnesses]:
    async with witnesses_on(network) as opened:
        yield opened


def with_all(note: bytes, signatures: list[Signature]) -> bytes:
    parsed = parse_note(note)
    return format_note(Note(parsed.text, (*parsed.signatures, *signatures)))


async def test_all_witnesses_cosign_as_the_log_grows_and_are_asked_once_each(
    witnesses: Witnesses, network: Network
) -> None:
    for size in (3, 4, 16, 16):
        network.asked.clear()
        signatures = await witnesses.cosign(checkpoint(size), growth_to(size))
        assert [signature.name for signature in signatures] == list(NAMES)
        note = with_all(checkpoint(size), signatures)
        assert len(verify_note(parse_note(note), [signer.verifier for signer in SIGNERS.values()])) == 3
        assert witnesses.satisfied(note)
        assert sorted(name for name, _ in network.asked) == sorted(NAMES)
    assert not witnesses.satisfied(checkpoint(16))


async def test_a_client_that_knows_nothing_is_told_the_size_and_asks_once_more_from_there(network: Network) -> None:
    async with witnesses_on(network) as before:
        await before.cosign(checkpoint(7), growth_to(7))
    network.asked.clear()
    async with witnesses_on(network) as witnesses:
        assert len(await witnesses.cosign(checkpoint(9), growth_to(9))) == 3
    assert sorted(network.asked) == sorted([(name, old) for name in NAMES for old in (b"old 0", b"old 7")])


async def test_a_witness_that_has_seen_more_than_the_log_has_raises_the_alarm(network: Network) -> None:
    async with witnesses_on(network) as before:
        await before.cosign(checkpoint(7), growth_to(7))
    async with witnesses_on(network) as witnesses:
        with pytest.raises(Rollback, match="it has cosigned 7, which this log has lost") as alarm:
            await witnesses.cosign(checkpoint(5), growth_to(5))
        assert alarm.value.seen == 7


async def test_a_log_that_was_rewritten_raises_the_alarm_at_the_same_size_and_at_a_later_one(network: Network) -> None:
    async with witnesses_on(network) as before:
        await before.cosign(checkpoint(7), growth_to(7))
    for size in (7, 9):
        async with witnesses_on(network) as witnesses:
            with pytest.raises(Rollback, match="does not follow from"):
                await witnesses.cosign(checkpoint(size, FORK), growth_to(size, FORK))


@pytest.mark.parametrize(
    "answer",
    [
        answering(422, b"no"),
        answering(409, b"another root"),
        answering(409, b"7\n"),
        answering(409, b"seven\n", "text/x.tlog.size"),
        answering(409, b"10\n", "text/x.tlog.size"),
    ],
)
async def test_one_alarm_is_an_alarm_whatever_the_others_answer(
    witnesses: Witnesses, network: Network, answer: Handler
) -> None:
    network.faults["two.example"] = answer
    network.faults["three.example"] = answering(500)
    with pytest.raises(Rollback, match=r"witness two\.example"):
        await witnesses.cosign(checkpoint(7), growth_to(7))


async def test_a_size_with_a_charset_is_a_size(witnesses: Witnesses, network: Network) -> None:
    async def at_first(request: httpx.Request) -> httpx.Response:
        assert await request.aread()
        network.faults.clear()
        return httpx.Response(409, content=b"0\n", headers={"Content-Type": "text/x.tlog.size; charset=utf-8"})

    network.faults["two.example"] = at_first
    assert len(await witnesses.cosign(checkpoint(7), growth_to(7))) == 3


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        (fail, 3),
        (hang, 3),
        (answering(500), 3),
        (answering(503), 3),
        (answering(429), 3),
        (answering(403), 1),
        (answering(404), 1),
        (answering(400), 1),
        (answering(200, b""), 1),
        (answering(200, b"\xff\n"), 1),
        (answering(200, b"nonsense\n"), 1),
        (answering(200, "— two.example AAAAAAA=\n".encode()), 1),
        (answering(200, b"x" * 100_000), 1),
    ],
)
async def test_a_witness_that_is_away_or_answers_nonsense_is_left_out_and_then_left_alone(
    witnesses: Witnesses, network: Network, answer: Handler, attempts: int
) -> None:
    network.faults["two.example"] = answer
    signatures = await witnesses.cosign(checkpoint(7), growth_to(7))
    assert [signature.name for signature in signatures] == ["one.example", "three.example"]
    assert witnesses.satisfied(with_all(checkpoint(7), signatures))
    assert [name for name, _ in network.asked].count("two.example") == attempts
    network.asked.clear()
    assert len(await witnesses.cosign(checkpoint(9), growth_to(9))) == 2
    assert sorted(name for name, _ in network.asked) == ["one.example", "three.example"]


async def test_a_cosignature_of_another_checkpoint_or_by_another_key_is_not_taken(
    witnesses: Witnesses, network: Network
) -> None:
    stolen = network.witnesses["two.example"].add_checkpoint(format_add_checkpoint(AddCheckpoint(0, (), checkpoint(3))))
    network.faults["two.example"] = answering(200, stolen.body)
    foreign = network.witnesses["one.example"].add_checkpoint(
        format_add_checkpoint(AddCheckpoint(0, (), checkpoint(7)))
    )
    network.faults["three.example"] = answering(200, foreign.body)
    signatures = await witnesses.cosign(checkpoint(7), growth_to(7))
    assert [signature.name for signature in signatures] == ["one.example"]
    assert not witnesses.satisfied(with_all(checkpoint(7), signatures))


def test_a_quorum_that_cannot_be_met_is_refused_at_once(tmp_path: Path) -> None:
    key = SIGNERS["one.example"].verifier
    with pytest.raises(SettingError, match="cannot be met by the witnesses that have a URL"):
        Witnesses(parse_policy(f"witness one {key}\nquorum one\n"))
    with pytest.raises(SettingError, match="cannot be read"):
        read_policy(tmp_path / "none")
    file = tmp_path / "policy"
    file.write_bytes(b"quorum nobody\n")
    with pytest.raises(SettingError, match="line 1 of the policy"):
        read_policy(file)
    file.write_bytes(b"#" * 1024 * 1024 + b"\n")
    with pytest.raises(SettingError, match="more than"):
        read_policy(file)


@pytest.fixture
async def client(network: Network) -> AsyncGenerator[httpx.AsyncClient]:
    app = make_app(network.witnesses["one.example"])
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://one.example") as opened:
        yield opened


async def test_the_wire_is_that_of_the_specification(client: httpx.AsyncClient) -> None:
    good = format_add_checkpoint(AddCheckpoint(0, (), checkpoint(7)))
    response = await client.post("/add-checkpoint", content=good)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert response.text.startswith("— one.example ")
    stale = await client.post("/add-checkpoint", content=good)
    assert (stale.status_code, stale.headers["content-type"], stale.content) == (409, "text/x.tlog.size", b"7\n")
    assert (await client.post("/add-checkpoint", content=b"nonsense")).status_code == 400
    assert (await client.post("/add-checkpoint", content=b"x" * (MAX_REQUEST_BYTES + 1))).status_code == 413
    assert (await client.get("/add-checkpoint")).status_code == 405
    assert (await client.get("/elsewhere")).status_code == 404
    assert (await client.get("/health/live")).json() == {"status": "alive"}


async def test_a_witness_that_cannot_write_down_what_it_cosigns_says_so_and_cosigns_nothing(
    client: httpx.AsyncClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "one.example" / "checkpoints").touch()  # where a folder is to be
    good = format_add_checkpoint(AddCheckpoint(0, (), checkpoint(7)))
    response = await client.post("/add-checkpoint", content=good)
    assert (response.status_code, response.text) == (503, "the witness cannot write down what it cosigns\n")
    assert "nothing is cosigned: " in caplog.text
    (tmp_path / "one.example" / "checkpoints").unlink()
    assert (await client.post("/add-checkpoint", content=good)).status_code == 200


async def test_everybody_reads_what_was_cosigned_last(client: httpx.AsyncClient) -> None:
    place = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert (await client.get(place)).status_code == 404
    await client.post("/add-checkpoint", content=format_add_checkpoint(AddCheckpoint(0, (), checkpoint(7))))
    response = await client.get(place)
    assert response.status_code == 200
    note = parse_note(response.content)
    assert len(verify_note(note, [LOG.verifier, SIGNERS["one.example"].verifier])) == 2
    assert parse_checkpoint(note.text).size == 7
    assert (await client.get("/..%2Fwitness.key/checkpoint")).status_code == 404


async def test_of_many_requests_at_once_one_wins_and_nothing_is_taken_back(client: httpx.AsyncClient) -> None:
    requests = [format_add_checkpoint(AddCheckpoint(0, (), checkpoint(size))) for size in range(1, 13)]
    answers = await asyncio.gather(*[client.post("/add-checkpoint", content=request) for request in requests])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    (winner,) = [size for size, answer in enumerate(answers, 1) if answer.status_code == 200]
    assert {answer.content for answer in answers if answer.status_code == 409} == {b"%d\n" % winner}
