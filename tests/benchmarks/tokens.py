"""`tokens`: how much longer a right token's questions take while a thousand wrong ones a second are refused.

The same question is asked alone and under attack, in turns; the attack has a process of its own.
"""

import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import AsyncGenerator

import msgspec
from msgspec import Struct

from tests.benchmarks.asking import asking
from tests.benchmarks.attack import ATTACKING, PER_SECOND, Attacked
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.figures import Limit, Result, machine, spread
from tests.benchmarks.options import Options
from tests.benchmarks.server import ROOT, Product, running_product
from tests.benchmarks.sides import percentile

ROUNDS = 5
DEFAULT_QUESTIONS = 400
"""In each phase: twenty of them are above the 95th percentile."""
WARM_UP_QUESTIONS = 100
DEFAULT_SECONDS = 60.0
PAUSE_SECONDS = 0.005
"""From an answer to the next question, so that the right ones are no load of their own."""
LIMIT = Limit(at_most=2.0)
"""How many times as long the median answer may take under attack."""
PACE_MIN = 0.95 * PER_SECOND
"""An attack that was slower says nothing of one of a thousand a second."""
START_SECONDS = 60


class Round(Struct, frozen=True, kw_only=True):
    """The seconds of each answer, and what the attack came to."""

    alone: list[float]
    under_attack: list[float]
    attacked: Attacked


async def run(options: Options) -> Result:
    """Measure and return the ratios. `options.events` counts the questions of each phase.

    Raises NotDurable, or RequestFailed: also for an attack that did not keep its pace.
    """
    async with running_product() as product:
        limits = options.events or DEFAULT_QUESTIONS, options.seconds or DEFAULT_SECONDS
        await _ask(product, WARM_UP_QUESTIONS, limits[1])
        rounds = [await _round(product, *limits) for _ in range(ROUNDS)]
        return _result(rounds, await product.postgresql())


async def _round(product: Product, questions: int, seconds: float) -> Round:
    alone = await _ask(product, questions, seconds)
    async with _attacking(product.port) as attack:
        under_attack = await _ask(product, questions, seconds)
        attacked = await _end(attack)
    return Round(alone=alone, under_attack=under_attack, attacked=attacked)


async def _ask(product: Product, questions: int, seconds: float) -> list[float]:
    """Return how long each answer took. No question is asked after so many seconds."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    async with asking(product.port, product.token) as asker:
        while len(taken) < questions and time.perf_counter() < end:
            taken.append((await asker.ask(f"/v1/logs/{product.log.slug}"))[1])
            await asyncio.sleep(PAUSE_SECONDS)
    return taken


@contextlib.asynccontextmanager
async def _attacking(port: int) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Yield an attack that is under way; it is over afterwards."""
    command = (sys.executable, "-m", "tests.benchmarks.attack", "--port", str(port))
    pipe = asyncio.subprocess.PIPE
    attack = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
    try:
        assert attack.stdout is not None
        if await asyncio.wait_for(attack.stdout.readline(), START_SECONDS) != ATTACKING:
            raise RequestFailed("the attack did not begin")
        yield attack
    finally:
        if attack.returncode is None:
            attack.kill()
        await attack.wait()


async def _end(attack: asyncio.subprocess.Process) -> Attacked:
    """End an attack, and return what it came to."""
    told, _ = await attack.communicate(b"")  # which ends its standard input
    if attack.returncode != 0:
        raise RequestFailed("the attack failed")
    attacked = msgspec.json.decode(told, type=Attacked)
    if _pace(attacked) < PACE_MIN:
        raise RequestFailed(f"only {_pace(attacked):.0f} wrong tokens a second could be sent: the machine is too busy")
    return attacked


def _pace(attacked: Attacked) -> float:
    return attacked.refused / attacked.seconds


def _milliseconds(answers: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    return {f"p{percent}": round(percentile(answers, percent), 2) for percent in (50, 95)}


def _result(rounds: list[Round], postgresql: str) -> Result:
    ratio = spread([statistics.median(one.under_attack) / statistics.median(one.alone) for one in rounds])
    figures = {
        "under_attack/alone": ratio,
        "alone_milliseconds": _milliseconds([each for one in rounds for each in one.alone]),
        "under_attack_milliseconds": _milliseconds([each for one in rounds for each in one.under_attack]),
        "wrong_tokens_per_second": spread([_pace(one.attacked) for one in rounds]),
        **machine(postgresql),
    }
    return Result(ratios={"under_attack/alone": ratio["median"]}, limits={"under_attack/alone": LIMIT}, figures=figures)
