"""`python -m tests.benchmarks NAME [--json] [--events N] [--seconds S]`: measure, and print ratios and figures.

Exit codes: 0 measured, whatever came out; 1 the run failed; 2 usage, or a database that is not durable.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import msgspec
import uvloop

from ledger.errors import DatabaseError, JejakError
from tests.benchmarks import append, asof, pages, personal, project, single, tokens, verify
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.durability import NotDurable
from tests.benchmarks.figures import Result
from tests.benchmarks.server import NotAsStored

DONE, FAILED, REFUSED = 0, 1, 2
BENCHMARKS: dict[str, Callable[[int | None, float | None], Awaitable[Result]]] = {
    "append": append.run,
    "single": single.run,
    "project": project.run,
    "asof": asof.run,
    "verify": verify.run,
    "personal": personal.run,
    "tokens": tokens.run,
    "pages": pages.run,
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    made.add_argument("name", choices=BENCHMARKS)
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.add_argument("--events", type=int, metavar="N", help="events of each round")
    made.add_argument("--seconds", type=float, metavar="S", help="at most so long for each phase of a round")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run one benchmark and return its exit code."""
    arguments = parser().parse_args(argv)

    async def measured() -> Result:
        return await BENCHMARKS[arguments.name](arguments.events, arguments.seconds)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(measured())
    except (NotDurable, DatabaseError) as error:
        return _complain(error, REFUSED)
    except (NotAsStored, RequestFailed, JejakError, OSError) as error:
        return _complain(error, FAILED)
    print(msgspec.json.encode(result).decode() if arguments.json else table(result))  # noqa: T201
    return DONE


def table(result: Result) -> str:
    """Return a result for a person."""
    lines: list[str] = []
    for name, value in result.figures.items():
        if isinstance(value, dict):
            parts = cast("dict[str, float]", value)
            shown = "  ".join(f"{key} {part:,}" for key, part in parts.items())
        else:
            shown = f"{value!s:>10}"
        lines.append(f"{name:<32} {shown}")
    return "\n".join(lines)


def _complain(error: Exception, code: int) -> int:
    print(f"benchmark: {error}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
