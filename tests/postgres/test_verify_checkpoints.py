"""`jejak verify` and what was signed: nothing is found on what the signer wrote, and each change behind its back is."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.cli import main
from ledger.database import Connection, Database
from ledger.marks import Mark, read_mark
from ledger.reopening import reopen
from ledger.signing_rotation import rotate_key
from ledger.store import find_logs
from ledger.tlog.merkle import TILE_WIDTH
from ledger.verify import Finding, LogVerifier
from ledger.verify_checkpoints import CheckpointVerifier
from tests.signing import SLUG, Signed, signed_log

COUNTS = (1, 2, TILE_WIDTH - 3, 1, 900, 7)
SIZES = (1, 3, 256, 257, 1157, 1164)
"""Sizes within the first page, at a full tile, and beyond a page."""
ORIGIN = f"jejak.local/ledger/{SLUG}"


@pytest.fixture
async def signed(database: Database, tmp_path: Path) -> AsyncGenerator[Signed]:
    async with signed_log(database, tmp_path) as one:
        for number, count in enumerate(COUNTS):
            await one.append(f"a{number}", count)
            await one.sign()
        yield one


async def found(connection: Connection, mark: Mark | None = None) -> list[Finding]:
    (log,) = await find_logs(connection, [SLUG])
    return (await LogVerifier(connection, log, mark=mark).verify()).findings


@asynccontextmanager
async def changed(signed: Signed, *statements: str) -> AsyncGenerator[Connection]:
    """Yield a connection that sees the database changed with its guards off; it is as before afterwards."""
    async with signed.database.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
        yield connection
        await transaction.rollback()


async def test_what_the_signer_wrote_verifies_with_its_mark_and_after_growth(signed: Signed) -> None:
    await signed.append("unsigned", 3)
    assert [one.size for one in await signed.kept()] == list(SIZES)
    async with changed(signed) as connection:
        assert await found(connection, read_mark(signed.vault, SLUG)) == []


@pytest.mark.parametrize("size", SIZES)
async def test_a_root_that_is_not_that_of_the_entries_is_found_at_its_size(signed: Signed, size: int) -> None:
    statement = f"UPDATE checkpoint SET root = sha256('x') WHERE size = {size}"
    async with changed(signed, statement) as connection:
        findings = await found(connection)
    place = f"checkpoint {ORIGIN} {size}"
    assert [(finding.place, re.sub(":.*", "", finding.detail)) for finding in findings] == [
        (place, "its signatures do not hold"),
        (place, f"its root is not that of the log's first {size} entries"),
    ]


@pytest.mark.parametrize(
    ("statements", "findings"),
    [
        (
            ("UPDATE signature SET value = overlay(value PLACING '\\x00'::bytea FROM 5) WHERE size = 256",),
            [(f"checkpoint {ORIGIN} 256", "its signatures do not hold")],
        ),
        (("DELETE FROM signature WHERE size = 256",), [(f"checkpoint {ORIGIN} 256", "is no note")]),
        (
            ("UPDATE signature SET key_id = '\\x00000000' WHERE size = 256",),
            [(f"checkpoint {ORIGIN} 256", "its signatures do not hold")],
        ),
        (
            ("INSERT INTO checkpoint SELECT log_id, origin, 9999, root FROM checkpoint WHERE size = 1164",),
            [
                (f"checkpoint {ORIGIN} 9999", "is no note"),
                (f"checkpoint {ORIGIN} 9999", "was signed, and the log has 1164 entries"),
            ],
        ),
        (
            ("UPDATE log SET origin = 'other/shop'", "DELETE FROM log_key", "DELETE FROM checkpoint"),
            [("mark", f"is of {ORIGIN}, and the log's origin is other/shop")],
        ),
        (
            ("UPDATE log_key SET vkey = 'a/b+f5ee7b59+AR1S0M7RzlGo0vRVoUk9gQ0C1Yy0BbrdNwNVOzbPAXnJ'",),
            [("mark", "its signatures do not hold")],
        ),
    ],
)
async def test_signatures_keys_and_sizes_that_were_changed_are_found(
    signed: Signed, statements: Sequence[str], findings: Sequence[tuple[str, str]]
) -> None:
    async with changed(signed, *statements) as connection:
        told = await found(connection, read_mark(signed.vault, SLUG))
    shortened = [(finding.place, re.sub(": .*", "", finding.detail)) for finding in told]
    assert set(findings) <= set(shortened)
    assert len(shortened) == len(findings) or "log_key" in statements[0]


async def test_a_log_cut_together_with_its_checkpoints_is_found_by_the_mark_alone(signed: Signed) -> None:
    statements = (
        "DELETE FROM event WHERE position >= 3",
        "DELETE FROM tile",
        "DELETE FROM checkpoint WHERE size > 3",
        "DELETE FROM signature WHERE size > 3",
    )
    frontier = await signed.reader.fetchval("SELECT root FROM checkpoint WHERE size = 1")
    leaves = await signed.reader.fetch("SELECT leaf_hash FROM event WHERE position < 3 ORDER BY position")
    assert leaves[0]["leaf_hash"] == frontier
    async with changed(signed, *statements) as connection:
        await connection.execute(
            "UPDATE log_head SET size = 3, recordedtime = (SELECT max(recordedtime) FROM event), "
            "frontier = sha256('\\x01'::bytea || $1::bytea || $2::bytea) || $3::bytea",
            *[leaf["leaf_hash"] for leaf in leaves],
        )
        assert await found(connection) == []
        told = await found(connection, read_mark(signed.vault, SLUG))
        assert [(finding.place, finding.detail) for finding in told] == [
            ("mark", "was signed, and the log has 3 entries")
        ]


async def test_what_a_new_key_signs_while_a_log_is_verified_is_verified_by_that_key(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.checkpoints.PAGE_CHECKPOINTS", 1)
    told: list[tuple[str, str]] = []

    def find(place: str, detail: str) -> None:
        told.append((place, detail))

    verifier = CheckpointVerifier(signed.reader, signed.log, None, find)
    await verifier.begin()
    await rotate_key(signed.database, signed.vault, signed.keys, signed.log)
    async with signed.database.owner() as connection:
        await connection.execute("UPDATE log_key SET retired = clock_timestamp() WHERE retired IS NOT NULL")
    await signed.sign()
    rows = await signed.reader.fetch("SELECT leaf_hash FROM event ORDER BY position")
    await verifier.take(0, b"", [row["leaf_hash"] for row in rows])
    assert told == []


async def test_a_log_that_was_reopened_verifies_though_what_it_signed_before_is_lost(signed: Signed) -> None:
    async with signed.database.owner() as connection, connection.transaction():
        await connection.execute("INSERT INTO log_halt (log_id, reason) VALUES ($1, 'tried')", signed.log.log_id)
    await reopen(signed.database, signed.vault, signed.keys, signed.log)
    await signed.append("after", 2)
    await signed.signer.sign(signed.log)
    mark = read_mark(signed.vault, SLUG)
    async with changed(signed) as connection:
        assert await found(connection, mark) == []
    lost = "UPDATE signature SET value = overlay(value PLACING '\\x00'::bytea FROM 5) WHERE size = 256"
    async with changed(signed, lost) as connection:
        assert [finding.place for finding in await found(connection, mark)] == [f"checkpoint {ORIGIN} 256"]


def test_the_command_verifies_checkpoints_and_the_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(tmp_path / "data")
    assert main(["log", "create", SLUG, "--timezone", "Asia/Jakarta", "--data", data]) == 0
    assert f"log {SLUG} created: {ORIGIN}+" in capsys.readouterr().out
    assert main(["verify", "--data", data]) == 0
    assert "checkpoints" in capsys.readouterr().out
    assert main(["log", "reopen", SLUG, "--data", data]) == 2
    assert "is not halted" in capsys.readouterr().err
    assert main(["log", "rotate-key", SLUG, "--data", data, "--json"]) == 0
    assert f'"key":"{ORIGIN}+' in capsys.readouterr().out
    assert main(["verify", "--data", data]) == 0
