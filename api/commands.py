"""What each command does. The settings come from options and environment, the answer goes to standard output."""

import argparse
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api import app, story
from api.commands_replay import print_replay
from api.demo import demonstrate
from api.demo_tables import show as show_demonstration
from api.erasures import carry_out, read_erasure
from api.erasures import describe as describe_erasure
from api.files import LOCAL_AUTHOR, append_file
from api.logs import describe_heads, read_new_log
from api.questions import QUESTIONS
from api.service import Service, open_service
from api.systems import SYSTEMS
from api.trusted import check_trusted, read_trusted
from ledger.database import Database, Pool, open_database
from ledger.destroyed import open_destroyed
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.instants import parse_instant
from ledger.entry import masked
from ledger.errors import InputError, NotFound
from ledger.garbage import spare_collections
from ledger.intake import LogInfo
from ledger.keys import read_destroyed_keys
from ledger.marks import Mark, read_mark
from ledger.settings import Settings, read_settings
from ledger.store import find_logs, read_heads, read_streams, statements
from ledger.tokens import create_token
from ledger.vault import open_vault
from ledger.verify import Finding, LogVerifier, Verified
from projections.checking import check_views
from projections.event_list import EventFilters, begin, read_page
from projections.event_search import SEARCH, EventSearch
from projections.event_search_check import check_search, clear_search
from projections.moment import Moment, TimeParameters, resolve
from projections.rebuild import rebuild as rebuild_views
from projections.replay import Manifest, item_of, state_at
from projections.replay import replay as replay_all
from projections.views import BY_NAME, VIEWS

DONE, BAD, UNKNOWN = 0, 1, 3
DEMO_FOLDER = "jejak-demo"
EVENTS_PAGE = 1_000


def settings_of(arguments: argparse.Namespace, default: str | None = None, **more: Any) -> Settings:  # noqa: ANN401 - by field
    """Return the settings of a command: its options before the environment, `default` before our own folder."""
    folder = arguments.data or (None if arguments.database or "JEJAK_DATABASE_URL" in os.environ else default)
    return read_settings(os.environ, data=folder, database_url=arguments.database, **more)


def say(arguments: argparse.Namespace, value: Any, text: str) -> None:  # noqa: ANN401 - any JSON value
    """Print a result: as JSON where that is wanted, else for a person."""
    print(msgspec.json.encode(value).decode() if arguments.json else text)


def advance(bar: Progress, what: str, total: int | None = None) -> Callable[[int], None]:
    """Add a line to a progress bar and return what moves it on."""
    task = bar.add_task(what, total=total)

    def move(count: int) -> None:
        bar.advance(task, count)

    return move


def progress_bar() -> Progress:
    """Return a progress bar on standard error; it shows on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


async def serve(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    settings = settings_of(arguments, host=arguments.host, port=arguments.port)

    alone = {"projector": "keeps the views", "signer": "signs checkpoints"}
    does = alone.get(arguments.only, f"serves on http://{settings.host}:{settings.port}")

    def ready(_: Service) -> None:
        print(f"jejak {does}", file=sys.stderr, flush=True)

    await app.serve(settings, only=arguments.only, ready=ready)
    return DONE


async def demo(arguments: argparse.Namespace) -> int:
    """Tell a story, ask it, print the answers; then serve."""
    settings = settings_of(arguments, DEMO_FOLDER, port=arguments.port, test_clock=1)
    own = arguments.story is None
    told = story.read_story(arguments.story)
    systems = SYSTEMS if own else ()
    async with open_service(settings) as service:
        story.keep_to_one_story(settings.data, told)
        with progress_bar() as bar:
            for part in (told, story.read_seeds()) if own else (told,):
                await story.tell(service, part, advance(bar, "tell the story", part.size))
            asking = advance(bar, "ask it", len(QUESTIONS) + len(systems))
            shown = await demonstrate(service, systems, asking)
        if arguments.json:
            print(msgspec.json.encode(shown).decode())
        else:
            show_demonstration(shown, Console())
        operator = await create_token(service.database.pool("keeper"), "operator", [], None)
    if arguments.no_serve:
        return UNKNOWN if shown.failed else DONE
    print(f"A token to read with: {operator}", file=sys.stderr)

    def ready(service: Service) -> None:
        here = f"http://{settings.host}:{settings.port}"
        print(f"jejak serves the story on {here}", file=sys.stderr)
        print(f"Look at it here (once): {here}{service.sign_in_links.make(operator)}", file=sys.stderr, flush=True)

    await app.serve(settings, ready=ready)
    return DONE


async def create_log(arguments: argparse.Namespace) -> int:
    """Create a log."""
    wanted = {
        "slug": arguments.slug,
        "timezone": arguments.timezone,
        "jurisdiction": arguments.jurisdiction,
        "kind": arguments.kind.upper(),
        "data_class": arguments.data_class.upper(),
    }
    new = read_new_log(msgspec.json.encode(wanted))
    async with open_service(settings_of(arguments)) as service:
        await service.create_log(new.slug, new.kind, new.timezone, new.jurisdiction, new.data_class)
        reader = service.database.pool("reader")
        (described,) = await describe_heads(reader, await read_heads(reader, [new.slug]), {})
    say(arguments, described, f"log {new.slug} created: {described['key']}")
    return DONE


async def list_logs(arguments: argparse.Namespace) -> int:
    """List logs."""
    async with open_service(settings_of(arguments)) as service:
        reader = service.database.pool("reader")
        described = await describe_heads(reader, await read_heads(reader), await service.followed())
    lines: list[str] = []
    for d in described:
        halted = f"  HALTED: {d['halted']['reason']}" if d["halted"] else ""
        lines.append(f"{d['slug']:<24} {d['kind']:<12} {d['data_class']:<13} {d['size']:>10}  {d['root'][:16]}{halted}")
        lines += [f"    {d['key']}"] if d["key"] else []  # alone on its line, to be copied
    say(
        arguments, {"items": described}, "\n".join(lines) if lines else "there is no log yet: jejak log create SLUG ..."
    )
    return DONE


async def append(arguments: argparse.Namespace) -> int:
    """Append a file, in batches, and say what was new, repeated and refused."""
    async with open_service(settings_of(arguments)) as service:
        with progress_bar() as bar:
            progress = advance(bar, f"append {arguments.log}")
            result = await append_file(
                service, arguments.log, arguments.file, atomic=arguments.atomic, progress=progress
            )
    for refusal in result.refusals:
        print(f"line {refusal.line}: {refusal.detail} ({refusal.code})", file=sys.stderr)
    refused = f", {result.refused} refused" if result.refused else ""
    say(
        arguments, result, f"{arguments.log}: {result.new} new, {result.repeated} repeated{refused}; size {result.size}"
    )
    return 2 if result.refused else DONE


async def events(arguments: argparse.Namespace) -> int:
    """Print recorded events of a log, one a line."""
    async with database_of(arguments) as database:
        pool = database.pool("reader")
        head = (await read_heads(pool, [arguments.log]))[0]
        await open_destroyed(database.pool("keeper"), open_vault(database.settings, database.ledger.ledger_id))
        destroyed = await read_destroyed_keys(database.pool("keeper"), head.log)
        left = arguments.limit if arguments.limit is not None else head.size
        filters = EventFilters(
            types=arguments.type,
            subjects=arguments.subject,
            prefixes=arguments.subject_prefix,
            time_from=read_instant(arguments.time_from),
            time_to=read_instant(arguments.time_to),
            recorded_from=read_instant(arguments.recorded_from),
            recorded_to=read_instant(arguments.recorded_to),
            words=[word for text in arguments.q or () for word in text.split()] or None,
        )
        place = begin([(head.log.log_id, head.size)])
        while place is not None and left > 0:
            page = await read_page(pool, filters, place, min(left, EVENTS_PAGE))
            for found in page.found:
                print(masked(found.entry, destroyed).decode())
            left -= len(page.found)
            place = page.next
    return DONE


async def show(arguments: argparse.Namespace) -> int:
    """Print the state of a subject, for each log that knows it."""
    if kind_of(arguments.subject) not in STREAMS:
        raise NotFound(f"there is no kind of subject {kind_of(arguments.subject)!r}: {', '.join(sorted(STREAMS))}")
    items: list[dict[str, Any]] = []
    async with database_of(arguments) as database:
        moment = await moment_of(database, arguments)
        for at in moment.logs:
            streams = await read_streams(database.pool("reader"), at.log.log_id, [arguments.subject], at.size)
            for subject, facts in streams.items():
                state = state_at(facts, moment)
                if state is not None:
                    items.append(item_of(at.log, subject, state, moment))
    if not items:
        raise NotFound(f"no log knows {arguments.subject!r}, as far as was asked")
    pretty = msgspec.json.format(msgspec.json.encode({"items": items, **moment.describe()}), indent=2).decode()
    say(arguments, {"items": items, **moment.describe()}, pretty)
    return DONE


async def replay(arguments: argparse.Namespace) -> int:
    """Fold the log: print the state of every stream at a moment, and the manifest that reproduces it."""
    spare_collections()
    async with database_of(arguments) as database:
        moment = await moment_of(database, arguments)
        prefix = arguments.subject_prefix or ""
        manifest = Manifest(moment, prefix or None)
        items = replay_all(database.pool("reader"), moment, manifest, prefix)
        await print_replay(arguments, items, manifest)
    return DONE


async def verify(arguments: argparse.Namespace) -> int:
    """Recompute every log and every view, and say what is not as it must be, and where."""
    spare_collections()
    findings: list[Finding] = []
    verified: list[Any] = []
    trusted = read_trusted(arguments.since)
    async with database_of(arguments) as database:
        pool, vault = database.pool("reader"), open_vault(database.settings, database.ledger.ledger_id)
        logs = await find_logs(pool, arguments.logs or None)
        findings += [] if trusted is None else await check_trusted(pool, logs, trusted)
        with progress_bar() as bar:
            for log in logs:
                result = await verify_log(pool, log, read_mark(vault, log.slug), bar)
                verified.append({"log": result.log, "size": result.size, "root": result.root})
                findings += result.findings
    for finding in findings:
        print(f"{finding.log}: {finding.place}: {finding.detail}", file=sys.stderr)
    lines = [f"{v['log']}: {v['size']} entries, root {v['root']}" for v in verified]
    good = "verified: entries, leaves, tiles, heads, checkpoints, streams and views"
    lines.append("NOT AS IT MUST BE" if findings else good)
    say(arguments, {"verified": not findings, "logs": verified, "findings": findings}, "\n".join(lines))
    return BAD if findings else DONE


async def verify_log(reader: Pool, log: LogInfo, mark: Mark | None, bar: Progress) -> Verified:
    """Recompute a log and its views, and return what was found."""
    size = await reader.fetchval(statements("read_size"), log.log_id)
    result = await LogVerifier(reader, log, advance(bar, f"entries of {log.slug}", size), mark).verify()
    if result.findings:  # views cannot agree with a log that contradicts itself
        return result
    findings = await check_views(reader, log, VIEWS, advance(bar, f"views of {log.slug}"))
    findings += await check_search(reader, log, advance(bar, f"search of {log.slug}"))
    return msgspec.structs.replace(result, findings=findings)


async def rebuild(arguments: argparse.Namespace) -> int:
    """Rebuild views beside the live ones, then swap; and the search of events, which is filled anew."""
    spare_collections()
    known = [*BY_NAME, SEARCH]
    unknown = set(arguments.views) - set(known)
    if unknown:
        raise InputError(f"there is no view {min(unknown)!r}: {', '.join(known)}")
    names = arguments.views or known
    async with open_service(settings_of(arguments)) as service:
        await service.runner.catch_up()
        views = [view for view in VIEWS if view.name in names]
        if views:
            with progress_bar() as bar:
                await rebuild_views(service.database, views, advance(bar, "rebuild views"))
        if SEARCH in names:
            await clear_search(service.database)
            await EventSearch(service.database, service.feed).catch_up()
    say(arguments, {"rebuilt": names}, f"rebuilt: {', '.join(names)}")
    return DONE


async def erase(arguments: argparse.Namespace) -> int:
    """Destroy a data subject's key, in one log or in all that hold one."""
    names = ("subject", "basis", "request_ref", "log", "recordedtime")
    wanted = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    async with open_service(settings_of(arguments)) as service:
        asked = read_erasure(msgspec.json.encode(wanted), test_clock=service.database.test_clock)
        executed = await carry_out(service, LOCAL_AUTHOR, asked)
    lines = [
        f"{one.log}: {asked.subject} is erased, values: {one.fields_count}, event: {one.receipt.id}" for one in executed
    ]
    say(arguments, describe_erasure(asked.subject, executed), "\n".join(lines))
    return DONE


@asynccontextmanager
async def database_of(arguments: argparse.Namespace) -> AsyncGenerator[Database]:
    """Yield the database that a command is about."""
    async with await open_database(settings_of(arguments)) as database:
        yield database


async def moment_of(database: Database, arguments: argparse.Namespace) -> Moment:
    """Return the moment that a command's time options mean, over the logs it names, or all."""
    parameters = parameters_of(arguments)
    pool = database.pool("reader")
    logs = await find_logs(pool, arguments.log)
    return await resolve(pool, parameters, await read_heads(pool, [log.slug for log in logs]))


def parameters_of(arguments: argparse.Namespace) -> TimeParameters:
    """Return a command's time options. Raises InputError for a size that is none."""
    sizes: dict[str, int] = {}
    for text in arguments.size or ():
        slug, _, number = text.rpartition(":")
        if not slug or not number.isdigit():
            raise InputError(f"--size {text} is not of the form LOG:N")
        sizes[slug] = int(number)
    return TimeParameters(
        as_of=arguments.as_of,
        known_at=arguments.known_at,
        tz=arguments.tz,
        certainty=arguments.certainty,
        basis=arguments.basis,
        size=sizes,
    )


def read_instant(text: str | None) -> datetime | None:
    """Return the instant that an option names. Raises InputError."""
    try:
        return parse_instant(text) if text is not None else None
    except ValueError as error:
        raise InputError(f"{text!r} is no RFC 3339 instant with offset") from error
