"""`proof`: receipts of random events under the newest checkpoint, and that a log only grew, of a small and a large log.

A proof has a hash for each time that a log has doubled: twice as many of a log that is a thousand times as large. Some
of each kind are checked as their readers would: receipts by the log's public key, growth by the roots of both sizes.
"""

import asyncio
import random
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from ledger.checkpoints import newest_sizes
from ledger.tlog.checkpoint import open_checkpoint
from ledger.tlog.note import NoteError, VerifierKey, parse_vkey
from ledger.tlog.proof import ProofError, check_consistency
from ledger.tlog.receipt import check_receipt, parse_proof
from tests.benchmarks.asking import Asker
from tests.benchmarks.figures import Limit, Result
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, Product, running_child, serve_command
from tests.benchmarks.sides import ROUNDS, Pair, ask_in_turns, compared, two_sides
from tests.benchmarks.workload import SEED

QUESTIONS = 300
"""Of each kind, in a round: three of them are above the 99th percentile."""
WARM_UP_QUESTIONS = 50
CHECKED_QUESTIONS = 50
"""Of each kind, of each log: the service itself checks every proof before it answers."""
EVENTS_KNOWN = 2_000
"""Events of a log that are asked about, spread evenly over it."""
LIMIT = Limit(at_most=2.0)
KINDS = ("receipt", "growth")
SIGNING_SECONDS = 30.0
POLL_SECONDS = 0.1
EVENTS = "SELECT id, leaf_hash FROM event WHERE log_id = $1 AND position = ANY($2::bigint[]) ORDER BY position"


class Signed(Struct, frozen=True, kw_only=True):
    """What a log has signed: its newest checkpoint, by which key, and events under it as (id, leaf hash)."""

    path: str
    size: int
    root: bytes
    key: VerifierKey
    events: list[tuple[str, bytes]]


async def run(options: Options) -> Result:
    """Measure and return the ratios of the 99th percentiles. Raises NotDurable, NoRoom, NotAsStored, RequestFailed."""
    async with two_sides(options) as sides:
        signed = await _signed(sides.small, sides.of_small), await _signed(sides.large, sides.of_large)
        await ask_in_turns(sides, asked(signed, WARM_UP_QUESTIONS, 0))
        rounds = [await ask_in_turns(sides, asked(signed, QUESTIONS, number)) for number in range(1, ROUNDS + 1)]
        for each, asker in zip(signed, (sides.of_small, sides.of_large), strict=True):
            await _check(each, asker)
        ratios, figures = compared(rounds, "proof")
        limits = dict.fromkeys(ratios, LIMIT)
        return Result(ratios=ratios, limits=limits, figures={**figures, **await sides.describe()})


async def _sign(product: Product) -> None:
    """Have the log's newest size signed, as the process does that is for it."""
    async with running_child(serve_command(product.database, "signer")), asyncio.timeout(SIGNING_SECONDS):
        reader, log, size = product.database.pool("reader"), product.log, await product.size()
        while (await newest_sizes(reader, [log])).get(log.log_id) != size:  # noqa: ASYNC110 - another process signs
            await asyncio.sleep(POLL_SECONDS)


async def _signed(product: Product, asker: Asker) -> Signed:
    """Have the newest size signed, and return what can be asked about it."""
    await _sign(product)
    size, path = await product.size(), f"/v1/logs/{product.log.slug}"
    positions = sorted({number * (size - 1) // EVENTS_KNOWN for number in range(1, EVENTS_KNOWN + 1)})
    rows = await product.database.pool("reader").fetch(EVENTS, product.log.log_id, positions)
    receipt, _ = await asker.ask(_receipt_path(path, rows[-1]["id"]))  # of the last event: only the newest covers it
    key = parse_vkey(msgspec.json.decode((await asker.ask(path))[0])["key"])
    checkpoint = open_checkpoint(parse_proof(receipt).checkpoint, [key])
    events = [(row["id"], row["leaf_hash"]) for row in rows]
    return Signed(path=path, size=checkpoint.size, root=checkpoint.root, key=key, events=events)


def asked(signed: tuple[Signed, Signed], count: int, number: int) -> dict[str, list[Pair]]:
    """Return a round's questions to both logs, by kind; the same for the same number."""
    small, large = (questions(each, count, number) for each in signed)
    return {kind: list(zip(small[kind], large[kind], strict=True)) for kind in KINDS}


def questions(signed: Signed, count: int, number: int) -> dict[str, list[str]]:
    """Return a round's questions to one log, by kind."""
    chance = random.Random(f"{SEED}/proof/{number}")
    return {
        "receipt": [_receipt_path(signed.path, chance.choice(signed.events)[0], signed.size) for _ in range(count)],
        "growth": [_growth_path(signed, chance.randrange(1, signed.size)) for _ in range(count)],
    }


def _receipt_path(path: str, event_id: str, size: int | None = None) -> str:
    return f"{path}/events/{quote(event_id)}/proof" + ("" if size is None else f"?size={size}")


def _growth_path(signed: Signed, old_size: int) -> str:
    return f"{signed.path}/consistency?from={old_size}&to={signed.size}"


async def _check(signed: Signed, asker: Asker) -> None:
    """Raise NotAsStored unless what is answered is proved."""
    chance = random.Random(f"{SEED}/proof/checked")
    try:
        for event_id, leaf in chance.sample(signed.events, CHECKED_QUESTIONS):
            receipt, _ = await asker.ask(_receipt_path(signed.path, event_id, signed.size))
            check_receipt(parse_proof(receipt), leaf, [signed.key])
            grown, _ = await asker.ask(_growth_path(signed, chance.randrange(1, signed.size)))
            _check_growth(signed, msgspec.json.decode(grown))
    except (ProofError, NoteError) as error:
        raise NotAsStored(f"{signed.path} is not proved: {error}") from error


def _check_growth(signed: Signed, said: dict[str, Any]) -> None:
    """Raise ProofError unless a log of the old size and root, as said, grew into the signed one."""
    proof = [bytes.fromhex(value) for value in said["proof"]]
    check_consistency(said["from"]["size"], bytes.fromhex(said["from"]["root"]), signed.size, signed.root, proof)
