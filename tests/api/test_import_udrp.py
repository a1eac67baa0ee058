"""Importing the UDRP cases: 12,012 rows of a real export, by the mapping that comes with the ledger."""

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from msgspec import Struct

from api.files import Refusal
from api.importing.importer import Imported, import_files, load_mapping
from api.service import Service, service_over
from ledger.database import DATABASE_ERRORS
from ledger.server.embedded import EmbeddedServer
from ledger.store import read_heads
from projections.moment import TimeParameters, resolve
from projections.replay import Manifest, replay
from tests.conftest import copied_database
from tests.faults.serving import ROOT, Done, command_line, environment, jejak, poll
from tests.shared import needs_shared, shared_path

pytestmark = needs_shared
CASES = "data/udrp_disputes/cases.ndjson.gz"
DISPUTES, OUTCOMES, BEFORE_FILING, REPEATED = 12_011, 11_681, 327, 2
"""Of 12,012 rows: one is a repetition, three have no outcome, and 327 outcomes are said to be before their filing."""
TO_THE_END_OF_2023, TRANSFERRED = 6_844, 6_508
BAD_INPUT, KILLED = 2, -9
KILL_AT = (DISPUTES + OUTCOMES) // 2
"""The entries at which an import is killed."""


class Loaded(Struct, frozen=True):
    """A ledger with the cases in its log `udrp`, and what was said of them the first and the second time."""

    service: Service
    first: Imported
    second: Imported


@pytest.fixture(scope="module")
async def loaded(server: EmbeddedServer, template: str) -> AsyncGenerator[Loaded]:
    async with copied_database(server, template, test_clock=False) as database, service_over(database) as service:
        await service.create_log("udrp", "FORUM", "Asia/Jakarta", "ID", "PUBLIC")
        names, mapping = [str(shared_path(CASES))], load_mapping("udrp")
        first = await import_files(service, "udrp", names, mapping)
        yield Loaded(service, first, await import_files(service, "udrp", names, mapping))


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    """Return the cases of the file, by line."""
    return [msgspec.json.decode(row) for row in gzip.decompress(shared_path(CASES).read_bytes()).splitlines()]


def impossible(cases: list[dict[str, Any]]) -> list[Refusal]:
    """Return what is to be said of each outcome that was published on a day before that of its filing."""
    detail = "/time the dispute is filed only later, by event udrp:{provider}:{case}:filed"
    return [
        Refusal(line, "timeline-impossible", detail.format(**case))
        for line, case in enumerate(cases, 1)
        if case["published"] and case["published"][:10] < case["submitted"][:10]
    ]


async def test_every_case_comes_in_and_outcomes_before_their_filing_are_told_by_line(
    loaded: Loaded, cases: list[dict[str, Any]]
) -> None:
    size = DISPUTES + OUTCOMES
    assert len(impossible(cases)) == BEFORE_FILING
    assert loaded.first == Imported(
        rows=12_012, new=size, repeated=REPEATED, refused=BEFORE_FILING, size=size, refusals=impossible(cases)
    )
    types = await loaded.service.database.pool("reader").fetch("SELECT type, count(*) FROM event GROUP BY 1")
    assert {row["type"]: row["count"] for row in types} == {
        "DisputeFiled": DISPUTES,
        "DisputeOutcomeRecorded": OUTCOMES,
    }


async def test_again_nothing_is_new(loaded: Loaded) -> None:
    assert loaded.second == msgspec.structs.replace(
        loaded.first, new=0, repeated=DISPUTES + OUTCOMES + REPEATED, refusals=loaded.first.refusals
    )


async def test_outcomes_by_the_end_of_2023_are_those_of_the_source(loaded: Loaded) -> None:
    pool = loaded.service.database.pool("reader")
    moment = await resolve(pool, TimeParameters(as_of="2023-12-31", tz="UTC"), await read_heads(pool, ["udrp"]))
    states = [item["state"] async for item in replay(pool, moment, Manifest(moment, None))]
    assert outcomes(states) == (TO_THE_END_OF_2023, TRANSFERRED)


def outcomes(states: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many of the disputes are decided, and how many of these by a transfer."""
    remedies = Counter("".join(state.get("remedies") or ()) for state in states if state["outcome"])
    return remedies.total(), remedies["X_DOMAIN_TRANSFER"]


async def test_no_name_of_a_party_is_in_the_log(loaded: Loaded) -> None:
    entries = await loaded.service.database.pool("reader").fetch("SELECT entry FROM event")
    data = [msgspec.json.decode(row["entry"])["data"] for row in entries]
    assert {name for members in data for name in members} == {
        *("claimant_kind", "claimant_country", "respondent_country", "issue", "document"),
        *("outcome", "remedies", "method", "published"),
    }
    assert {name for members in data for name in members["document"]} == {"kind", "uri"}


class Ledger(Struct, frozen=True):
    """A data folder with a log for the cases."""

    folder: Path

    async def create(self) -> None:
        words = ("--timezone", "Asia/Jakarta", "--kind", "FORUM", "--data-class", "PUBLIC", "--data", str(self.folder))
        assert (await jejak("log", "create", "udrp", *words)).code == 0

    @property
    def words(self) -> tuple[str, ...]:
        cases = str(shared_path(CASES))
        return ("import", "udrp", cases, "--mapping", "udrp", "--json", "--data", str(self.folder))

    async def import_cases(self) -> Done:
        return await jejak(*self.words)

    async def kill_import(self) -> None:
        """Import, and kill that as soon as the log has KILL_AT entries."""
        process = await asyncio.create_subprocess_exec(
            *command_line(*self.words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=ROOT,
            env=environment(),
        )

        async def grown() -> bool:
            return process.returncode is not None or await self.size() >= KILL_AT

        try:
            await poll(grown)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        assert process.returncode == KILLED

    async def size(self) -> int:
        """Return how many entries the log has; none while the database starts."""
        try:
            connection = await asyncpg.connect(
                host=str(self.folder / "socket"), port=5432, user="jejak", database="jejak"
            )
        except DATABASE_ERRORS:
            return 0
        try:
            size: int = await connection.fetchval("SELECT size FROM log_head")
        finally:
            await connection.close()
        return size

    async def ids(self) -> list[str]:
        """Return the ids of the log by position."""
        done = await jejak("events", "udrp", "--data", str(self.folder))
        return [msgspec.json.decode(line)["id"] for line in done.output.splitlines()]

    async def states(self, folder: Path) -> list[dict[str, Any]]:
        """Return the state of every dispute at the end of 2023."""
        out = folder / "states.ndjson"
        moment = ("--as-of", "2023-12-31", "--tz", "UTC")
        assert (await jejak("replay", *moment, "--out", str(out), "--data", str(self.folder))).code == 0
        return [msgspec.json.decode(line)["state"] for line in out.read_bytes().splitlines()]


async def test_killed_in_the_middle_and_run_again_it_comes_to_the_same_end(
    loaded: Loaded, cases: list[dict[str, Any]], tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path / "data")
    await ledger.create()
    await ledger.kill_import()
    kept = await ledger.ids()
    again = await ledger.import_cases()
    size = DISPUTES + OUTCOMES
    whole = await loaded.service.database.pool("reader").fetch("SELECT id FROM event ORDER BY position")
    assert KILL_AT <= len(kept) < size
    assert (again.code, msgspec.json.decode(again.output, type=Imported)) == (
        BAD_INPUT,
        msgspec.structs.replace(loaded.first, new=size - len(kept), repeated=len(kept) + REPEATED),
    )
    assert again.errors.splitlines() == [
        f"line {refusal.line}: {refusal.detail} ({refusal.code})" for refusal in impossible(cases)
    ]
    assert await ledger.ids() == [row["id"] for row in whole]
    assert outcomes(await ledger.states(tmp_path)) == (TO_THE_END_OF_2023, TRANSFERRED)
    assert (await jejak("verify", "--data", str(ledger.folder))).code == 0
