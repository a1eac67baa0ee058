"""`jejak verify --from`, `replay --from` and `export`: what they print, and how they end."""

import argparse
import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from api.cli import main
from api.commands_outside import token_of
from ledger.errors import InputError
from ledger.tlog.checkpoint import cosign
from ledger.tlog.note import COSIGNATURE, Ed25519Signer, Note, format_note, parse_note
from tests.api.desk import block, published, reinstated
from tests.faults.serving import LOG, Done, Serving, free_port, serving

DONE, BAD, USAGE, UNKNOWN = range(4)
SHUT, EMPTY = "shut", "empty"
EVENTS = 300


class Served(Struct, frozen=True):
    """A running ledger with a public log, a closed one and an empty one; their keys, and a token for the closed one."""

    serving: Serving
    keys: dict[str, str]
    token: str

    @property
    def data(self) -> tuple[str, str]:
        return "--data", str(self.serving.folder)

    def source(self, slug: str = LOG) -> tuple[str, ...]:
        url = f"http://127.0.0.1:{self.serving.port}/logs/{slug}"
        return "--from", url, "--key", self.keys[slug]


async def jejak(*words: str) -> Done:
    """Run a command to its end on a thread: as a process would, without the time that one takes to start."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = await asyncio.to_thread(main, words)
    return Done(code, output.getvalue(), errors.getvalue())


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    folder = tmp_path_factory.mktemp("served")
    file = folder / "events.ndjson"
    told = [published(f"L{number}") for number in range(EVENTS)]
    told += [block("L1", "R1"), block("L2", "R2"), reinstated("L1", "R1")]
    file.write_bytes(b"\n".join(map(msgspec.json.encode, told)))
    async with serving(folder / "data") as running:
        data = ("--data", str(running.folder))
        for slug in (SHUT, EMPTY):
            assert (await jejak("log", "create", slug, "--timezone", "Asia/Jakarta", *data)).code == DONE
        for slug in (LOG, SHUT):
            assert (await jejak("append", slug, str(file), *data)).code == DONE
        token = await jejak("token", "create", "--role", "PLATFORM_WRITER", "--log", SHUT, *data)
        for slug in (LOG, SHUT):
            assert (await jejak("export", slug, str(folder / slug), *data)).code == DONE, "which signs it"
        listed = await jejak("log", "list", "--json", *data)
        keys = {log["slug"]: log["key"] for log in msgspec.json.decode(listed.output)["items"]}
        await running.start()
        yield Served(running, keys, token.output.strip())


async def told(*words: str, code: int = DONE) -> dict[str, Any]:
    """Return what a command says as JSON."""
    done = await jejak(*words, "--json")
    assert (done.code, done.errors if code == DONE else "") == (code, ""), done
    said: dict[str, Any] = msgspec.json.decode(done.output)
    return said


async def refused(*words: str, code: int, reason: str) -> None:
    done = await jejak(*words)
    assert (done.code, done.output, done.errors.count("\n")) == (code, "", 1), done
    assert done.errors.startswith("jejak: ")
    assert reason in done.errors


async def test_a_log_is_verified_and_then_only_what_is_new(served: Served, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    said = await told("verify", *served.source(), "--save", kept)
    (log,) = said["logs"]
    size = EVENTS + 3
    assert said == {"verified": True, "logs": [log], "findings": []}
    assert (log["size"], log["since"], log["entries"]) == (size, None, "verified")
    again = await told("verify", *served.source(), "--since", kept, "--save", kept)
    assert again["logs"] == [{**log, "since": size}]
    shown = await jejak("verify", *served.source(), "--since", kept)
    assert shown.output.splitlines() == [
        f"{log['origin']}: size {size}, root {log['root']}",
        f"verified: signature, growth from size {size}, tiles",
    ]
    shown = await jejak("verify", *served.source())
    assert shown.output.splitlines()[1] == f"verified: signature, tiles, entries 0 to {size - 1}"
    inside = await told("verify", LOG, *served.data)
    assert inside["logs"][0]["root"] == log["root"]


async def test_a_trusted_checkpoint_is_held_against_the_database_too(served: Served, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (log,) = (await told("verify", *served.source(), "--save", str(kept)))["logs"]
    words = ("verify", LOG, *served.data, "--since", str(kept))
    assert (await told(*words))["verified"] is True
    note = kept.read_text()
    for forged, detail in (
        (note.replace(base64_of(log["root"]), base64_of("00" * 32)), "another root than they had: the log was changed"),
        (note.replace(f"\n{log['size']}\n", "\n999\n"), "of 999 entries: "),
    ):
        kept.write_text(forged)
        said = await told(*words, code=BAD)
        assert [(one["log"], one["place"]) for one in said["findings"]] == [(LOG, "trusted checkpoint")]
        assert detail in said["findings"][0]["detail"]


def base64_of(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


def shown_as(folder: Path, token: str) -> tuple[str, str]:
    """Return the option that shows a token, which stands in a file."""
    file = folder / "token"
    file.write_text(f"{token}\n", encoding="ascii")
    return "--token-file", str(file)


async def test_of_a_closed_log_hashes_are_verified_and_entries_by_who_may_read_them(
    served: Served, tmp_path: Path
) -> None:
    source = served.source(SHUT)
    (log,) = (await told("verify", *source))["logs"]
    assert log["entries"] == "closed"
    shown = await told("verify", *source, *shown_as(tmp_path, served.token))
    assert shown["logs"] == [{**log, "entries": "verified"}]
    closed = await jejak("verify", *source)
    assert closed.output.splitlines()[-1] == "the entries are closed to who has no token: none was read"
    for token in ("jejak_nobody", served.serving.writer):  # none at all, and one that is for another log
        option, reason = shown_as(tmp_path, token), "not for everybody, nor for this token"
        await refused("verify", *source, *option, code=UNKNOWN, reason=reason)
    await refused("replay", *source, "--as-of", "2026-02-01", code=UNKNOWN, reason="not for everybody")


async def test_a_replay_from_outside_prints_what_one_inside_prints(served: Served, tmp_path: Path) -> None:
    folder = served.serving.folder.parent
    for slug, more in ((LOG, ()), (SHUT, shown_as(tmp_path, served.token))):
        question = ("--as-of", "2026-01-11", "--subject-prefix", "listing:shop:L1", "--size", f"{slug}:{EVENTS + 2}")
        inside = await jejak("replay", "--log", slug, *question, *served.data)
        assert inside.output.count("\n") > 100
        for source in (served.source(slug), ("--from", str(folder / slug), "--key", served.keys[slug])):
            outside = await jejak("replay", *source, *more, *question)
            assert outside == inside
        names = tmp_path / "inside.csv", tmp_path / "outside.csv"
        for name, where in zip(names, (("--log", slug, *served.data), (*served.source(slug), *more)), strict=True):
            assert (await jejak("replay", *where, *question, "--out", str(name))).code == DONE
        assert names[0].read_bytes() == names[1].read_bytes()


async def test_what_was_tampered_with_in_a_folder_is_told(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    assert (await jejak("export", LOG, str(folder), *served.data)).code == DONE
    source = ("--from", str(folder), "--key", served.keys[LOG])
    assert (await told("verify", *source))["verified"] is True
    bundle = folder / "tile" / "entries" / "001.p" / str(EVENTS + 3 - 256)
    bundle.write_bytes(
        bundle.read_bytes().replace(b"DECISION_VISIBILITY_CONTENT_REMOVED", b"DECISION_VISIBILITY_CONTENT_REMOVEX")
    )
    said = await told("verify", *source, code=BAD)
    place, detail = f"position {EVENTS}", "the entry is not the one that the signed root stands on"
    assert said == {
        "verified": False,
        "logs": [],
        "findings": [{"log": str(folder), "place": place, "detail": detail}],
    }
    await refused("replay", *source, "--as-of", "2026-02-01", code=BAD, reason=f"{place}: {detail}")
    bundle.unlink()
    await refused("verify", *source, code=UNKNOWN, reason="is not there")


async def test_a_policy_asks_for_witnesses_and_names_the_keys_of_logs(served: Served, tmp_path: Path) -> None:
    folder, policy, kept = tmp_path / "exported", tmp_path / "policy", tmp_path / "kept"
    assert (await jejak("export", LOG, str(folder), *served.data)).code == DONE
    witness = Ed25519Signer("witness.example", bytes(32), COSIGNATURE)
    policy.write_text(f"log {served.keys[LOG]}\nwitness one {witness.verifier}\nquorum one\n")
    words = ("verify", "--from", str(folder), "--policy", str(policy))
    few = "the checkpoint is not cosigned as the policy asks: by none of its witnesses"
    await refused(*words, "--save", str(kept), code=UNKNOWN, reason=few)
    assert not kept.exists()
    question = ("--as-of", "2026-02-01")
    await refused("replay", *words[1:], *question, code=UNKNOWN, reason=few)
    note = parse_note((folder / "checkpoint").read_bytes())
    cosigned = Note(note.text, (*note.signatures, cosign(witness, note.text, 1_800_000_000)))
    (folder / "checkpoint").write_bytes(format_note(cosigned))
    assert (await told(*words))["logs"][0]["witnesses"] == ["witness.example"]
    assert (await jejak(*words)).output.splitlines()[-1] == "cosigned by witness.example"
    assert (await told(*words, *served.source()[2:]))["logs"][0]["size"] == EVENTS + 3
    inside = await jejak("replay", "--log", LOG, *question, *served.data)
    assert await jejak("replay", *words[1:], *question) == inside
    policy.write_text(f"witness one {witness.verifier}\nquorum one\n")
    await refused(*words, code=USAGE, reason="--from needs --key")
    await refused(*words[:-1], str(tmp_path / "nowhere"), code=USAGE, reason="cannot be read")


async def test_a_url_that_is_no_logs_is_told_what_it_should_be(served: Served) -> None:
    _, url, *key = served.source()
    server = url.removesuffix(f"/logs/{LOG}")
    for wrong, status in ((server, 401), (f"{server}/logs", 404), (f"{server}/logs/nowhere", 404)):
        reason = (
            f"the server answers {status}; a log's checkpoint is open to everybody: give the log's own URL, as http"
        )
        await refused("verify", "--from", wrong, *key, code=UNKNOWN, reason=reason)


async def test_the_list_of_logs_shows_each_key_on_a_line_of_its_own(served: Served) -> None:
    lines = (await jejak("log", "list", *served.data)).output.splitlines()
    keyed = {line.split()[0]: key.strip() for line, key in zip(lines[::2], lines[1::2], strict=True)}
    assert keyed == served.keys | {EMPTY: keyed[EMPTY]}


async def test_a_log_that_lacks_what_it_has_signed_is_not_exported_and_ends_as_tampered(
    served: Served, tmp_path: Path
) -> None:
    async with served.serving.database() as connection:
        await connection.execute("SET session_replication_role = replica")
        tile = "DELETE FROM tile WHERE log_id = (SELECT log_id FROM log WHERE slug = $1) RETURNING *"
        kept = await connection.fetchrow(tile, LOG)
        assert kept is not None
        words = ("export", LOG, str(tmp_path / "exported"), *served.data)
        await refused(*words, code=BAD, reason="tile/0/000 of log shop: is signed, and is missing")
        await connection.execute("INSERT INTO tile VALUES ($1, $2, $3, $4, $5)", *kept.values())
    assert (await jejak(*words)).code == DONE


async def test_what_cannot_be_asked_so_is_a_usage_error(served: Served, tmp_path: Path) -> None:
    _, url, _, key = served.source()
    foreign = tmp_path / "foreign"
    assert (await jejak("verify", *served.source(SHUT), "--save", str(foreign))).code == DONE
    for words, reason in (
        (("verify", "--from", url), "--from needs --key"),
        (("verify", "--key", key, *served.data), "--key is for a log that is seen from outside"),
        (("verify", "--save", str(foreign), *served.data), "--save is for a log that is seen from outside"),
        (("replay", "--policy", str(foreign), *served.data), "--policy is for a log that is seen from outside"),
        (("verify", LOG, "--since", str(foreign), *served.data), "which is none of the logs to verify"),
        (("verify", "--from", url, "--key", "no key"), "--key: "),
        (("verify", LOG, "--from", url, "--key", key), "--from names one log already"),
        (("verify", "--from", str(tmp_path / "nowhere"), "--key", key), "is no folder"),
        (("verify", "--from", url, "--key", key, "--since", str(tmp_path / "nowhere")), "holds no checkpoint"),
        (("verify", "--from", url, "--key", key, "--since", str(foreign)), "the trusted checkpoint is of "),
        (("replay", "--from", url, "--key", key, "--log", SHUT), f"this is log {LOG}"),
        (("replay", "--from", url, "--key", key, "--size", f"{LOG}:9999"), f"log {LOG} has {EVENTS + 3} entries"),
    ):
        await refused(*words, code=USAGE, reason=reason)


async def test_a_log_that_cannot_be_reached_or_has_signed_nothing_tells_nothing(served: Served, tmp_path: Path) -> None:
    key = str(Ed25519Signer("ledger.example/shop", bytes(32)).verifier)
    nobody = f"http://127.0.0.1:{free_port()}/logs/{LOG}"
    await refused("verify", "--from", nobody, "--key", key, code=UNKNOWN, reason="cannot be fetched")
    await refused("verify", *served.source(EMPTY), code=UNKNOWN, reason="is not there")
    nowhere = tmp_path / "unwritten"
    await refused("export", EMPTY, str(nowhere), *served.data, code=USAGE, reason="nothing is signed yet of log empty")
    assert not nowhere.exists()
    stranger = await told("verify", *served.source()[:2], "--key", key, code=BAD)
    assert [finding["place"] for finding in stranger["findings"]] == ["checkpoint"]


def test_a_token_comes_from_a_file_or_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert token_of(argparse.Namespace(token_file=None)) is None
    monkeypatch.setenv("JEJAK_TOKEN", "one")
    assert token_of(argparse.Namespace(token_file=None)) == "one"
    assert token_of(argparse.Namespace(token_file=shown_as(tmp_path, "other")[1])) == "other"
    with pytest.raises(InputError) as refused:  # a token where a file is meant is not repeated
        token_of(argparse.Namespace(token_file="jejak_0123"))
    assert "0123" not in str(refused.value)
