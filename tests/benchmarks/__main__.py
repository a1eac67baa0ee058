"""`python -m tests.benchmarks NAME [--json] [--events N] [--seconds S] [--data FOLDER]`: measure, and print.

Exit codes: 0 measured, whatever came out; 1 the run failed; 2 usage, a database that is not durable, or no room.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from ledger.errors import DatabaseError, JejakError
from tests.benchmarks import (
    append,
    asof,
    counting,
    export,
    growth,
    lag,
    listing,
    memory,
    pages,
    personal,
    project,
    proof,
    rebuild,
    replay,
    single,
    startup,
    tokens,
    verify,
)
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.durability import NotDurable
from tests.benchmarks.figures import Limit, Result
from tests.benchmarks.grown import NoRoom
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored

DONE, FAILED, REFUSED = 0, 1, 2
BENCHMARKS: dict[str, Callable[[Options], Awaitable[Result]]] = {
    "append": append.run,
    "single": single.run,
    "asof": asof.run,
    "list": listing.run,
    "count": counting.run,
    "replay": replay.run,
    "verify": verify.run,
    "project": project.run,
    "rebuild": rebuild.run,
    "proof": proof.run,
    "export": export.run,
    "startup": startup.run,
    "memory": memory.run,
    "growth": growth.run,
    "lag": lag.run,
    "personal": personal.run,
    "tokens": tokens.run,
    "pages": pages.run,
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    made.add_argument("name", choices=BENCHMARKS)
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.add_argument("--events", type=int, metavar="N", help="events of each round, or of the ledger that is asked")
    made.add_argument("--seconds", type=float, metavar="S", help="at most so long for each phase of a round")
    made.add_argument("--data", type=Path, metavar="FOLDER", help="use the grown ledger kept there, or grow it there")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run one benchmark and return its exit code."""
    arguments = parser().parse_args(argv)
    options = Options(events=arguments.events, seconds=arguments.seconds, data=arguments.data)

    async def measured() -> Result:
        return await BENCHMARKS[arguments.name](options)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(measured())
    except (NotDurable, NoRoom, DatabaseError) as error:
        return _complain(error, REFUSED)
    except (NotAsStored, RequestFailed, JejakError, OSError) as error:
        return _complain(error, FAILED)
    print(msgspec.json.encode(result).decode() if arguments.json else table(result))  # noqa: T201
    return DONE


def table(result: Result) -> str:
    """Return a result for a person: each ratio beside its limit, and then the figures."""
    lines = [_judged(name, ratio, result.limits.get(name)) for name, ratio in result.ratios.items()]
    for name, value in result.figures.items():
        if isinstance(value, dict):
            parts = cast("dict[str, float]", value)
            shown = "  ".join(f"{key} {part:,}" for key, part in parts.items())
        else:
            shown = f"{value!s:>10}"
        lines.append(f"{name:<32} {shown}")
    return "\n".join(lines)


def _judged(name: str, ratio: float, limit: Limit | None) -> str:
    if limit is None:
        return f"{name:<32} {ratio:>10,}"
    return f"{name:<32} {ratio:>10,}  {limit}: {'met' if limit.holds(ratio) else 'NOT MET'}"


def _complain(error: Exception, code: int) -> int:
    print(f"benchmark: {error}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
