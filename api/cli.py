"""The command line: `jejak`, also `python -m api`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import uvloop

from api import (
    commands,
    commands_backup,
    commands_diff,
    commands_dump,
    commands_import,
    commands_keys,
    commands_outside,
    commands_signing,
    commands_tokens,
    commands_witness,
)
from ledger.database import DATABASE_ERRORS
from ledger.errors import DataFolderError, InputError, JejakError, NotFound, SettingError, Tampered, reason_of

DONE, BAD, USAGE, UNKNOWN = 0, 1, 2, 3
"""Exit codes: done; the answer is bad (tampered, differences); usage or bad input; could not tell."""
OUTSIDE_ONLY = ("key", "policy", "token_file", "save")
"""Options that say nothing without `--from`, and are refused there: who gives one believes that it counts."""
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    common = argparse.ArgumentParser(add_help=False)
    place = common.add_mutually_exclusive_group()
    place.add_argument("--data", metavar="DIR", help="data folder with its own PostgreSQL (default ./jejak-data)")
    place.add_argument("--database", metavar="URL", help="a PostgreSQL server of yours, 15 to 18")
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    root = argparse.ArgumentParser(prog="jejak", description="A compliance ledger for marketplaces.")
    subparsers = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serving(subparsers, common)
    _add_logs(subparsers, common)
    _add_reading(subparsers, common)
    _add_keeping(subparsers, common)
    _add_keys(subparsers, common)
    commands_backup.add_backup(subparsers.add_parser("backup", parents=[common], help="copy the ledger as it runs"))
    commands_backup.add_restore(subparsers.add_parser("restore", parents=[common], help="put a backup back, verified"))
    commands_witness.add_witness(subparsers.add_parser("witness", help="cosign the checkpoints of others' logs"))
    return root


def _add_serving(subparsers: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401 - argparse's own type is private
    serve = subparsers.add_parser("serve", parents=[common], help="serve the ledger over HTTP, and keep its views")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8321)")
    serve.add_argument("--only", choices=("api", "projector", "signer"), help="one part, where several processes share")
    serve.set_defaults(run=commands.serve)
    demo = subparsers.add_parser("demo", parents=[common], help="tell a story, ask it 32 questions, and serve it")
    demo.add_argument("--story", metavar="FILE", help="another story of the same shape: NDJSON, gzip too")
    demo.add_argument("--port", type=int, help="port to listen on (default 8321)")
    demo.add_argument("--no-serve", action="store_true", help="stop after the answers")
    demo.set_defaults(run=commands.demo)


def _add_logs(subparsers: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    log = subparsers.add_parser("log", help="create and list logs").add_subparsers(dest="log_command", required=True)
    create = log.add_parser("create", parents=[common], help="create a log")
    create.add_argument("slug")
    create.add_argument("--timezone", required=True, metavar="ZONE", help="IANA zone in which its days are meant")
    create.add_argument("--jurisdiction", metavar="CC", help="ISO 3166-1 country")
    create.add_argument("--kind", default="PLATFORM", help="PLATFORM (default), AUTHORITY, HOLDER, FORUM, REGISTER ...")
    create.add_argument("--data-class", default="CONFIDENTIAL", help="PUBLIC, INTERNAL, CONFIDENTIAL (default) ...")
    create.set_defaults(run=commands.create_log)
    listed = log.add_parser("list", parents=[common], help="list logs")
    listed.set_defaults(run=commands.list_logs)
    reopened = log.add_parser("reopen", parents=[common], help="accept what a halted log has lost, and go on")
    reopened.add_argument("slug")
    reopened.add_argument("--reason", metavar="TEXT", help="what happened; it is recorded in the log")
    reopened.set_defaults(run=commands_signing.reopen)
    rotated = log.add_parser("rotate-key", parents=[common], help="sign by a new key, for a while beside the old")
    rotated.add_argument("slug")
    rotated.set_defaults(run=commands_signing.rotate)
    append = subparsers.add_parser("append", parents=[common], help="append events from a file")
    append.add_argument("log")
    append.add_argument("file", help="NDJSON or a JSON array, gzip too; - is standard input")
    append.add_argument("--atomic", action="store_true", help="stop at the first batch that is refused")
    append.set_defaults(run=commands.append)
    commands_import.add_import(subparsers.add_parser("import", parents=[common], help="import an export, by a mapping"))
    commands_dump.add_dump(subparsers.add_parser("dump", parents=[common], help="publish a day of statements"))


def _add_time(command: argparse.ArgumentParser) -> None:
    command.add_argument("--as-of", metavar="D", help="valid date: an RFC 3339 instant, or a date (its end)")
    command.add_argument("--known-at", metavar="K", help="knowledge date, likewise")
    command.add_argument("--size", action="append", metavar="LOG:N", help="knowledge as a number of entries")
    command.add_argument("--tz", metavar="ZONE", help="zone in which dates are meant (default the logs')")
    command.add_argument("--certainty", choices=("CERTAIN", "POSSIBLE"), default="CERTAIN")
    command.add_argument("--basis", choices=("LEDGER", "SOURCE"), default="LEDGER")
    command.add_argument("--log", action="append", metavar="L", help="only this log (repeatable)")


def _add_reading(subparsers: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    events = subparsers.add_parser("events", parents=[common], help="print recorded events")
    events.add_argument("log")
    for name in ("type", "subject", "subject-prefix", "q"):
        events.add_argument(f"--{name}", action="append")
    for name in ("time-from", "time-to", "recorded-from", "recorded-to"):
        events.add_argument(f"--{name}", metavar="INSTANT")
    events.add_argument("--limit", type=int, help="at most so many (default: all)")
    events.set_defaults(run=commands.events)
    show = subparsers.add_parser("show", parents=[common], help="print the state of a subject")
    show.add_argument("subject")
    _add_time(show)
    show.set_defaults(run=commands.show)
    replay = subparsers.add_parser("replay", parents=[common], help="fold the log: the state of everything at a date")
    _add_time(replay)
    replay.add_argument("--subject-prefix", metavar="P", help="only subjects that begin so")
    replay.add_argument("--out", metavar="FILE", help="write the states to FILE.ndjson or FILE.csv")
    _add_source(replay)
    replay.set_defaults(run=inside_or_outside(commands.replay, commands_outside.replay))
    diff = subparsers.add_parser("diff", parents=[common], help="what differs between two moments, and by which events")
    _add_time(diff)
    commands_diff.add_diff(diff)
    export = subparsers.add_parser("export", parents=[common], help="write a log's tiles to a folder, for --from")
    export.add_argument("log")
    export.add_argument("folder", metavar="DIR")
    export.set_defaults(run=commands_outside.export)


def _add_source(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--from", dest="source", metavar="URL_OR_DIR", help="no database: a log's tiles on a server, or in a folder"
    )
    command.add_argument("--key", action="append", metavar="VKEY", help="a public key of that log (repeatable)")
    command.add_argument("--policy", metavar="FILE", help="tlog-policy: who must have cosigned, keys of logs")
    command.add_argument(
        "--token-file", metavar="FILE", help="with a token, for entries that are not public (default JEJAK_TOKEN)"
    )


def inside_or_outside(inside: Command, outside: Command) -> Command:
    """Return what a command does: in its database, or, with `--from`, without one."""

    async def run(arguments: argparse.Namespace) -> int:
        if arguments.source is not None:
            return await outside(arguments)
        alone = next((name for name in OUTSIDE_ONLY if getattr(arguments, name, None)), None)
        if alone is not None:
            option = alone.replace("_", "-")
            raise InputError(f"--{option} is for a log that is seen from outside: say which, with --from")
        return await inside(arguments)

    return run


def _add_keeping(subparsers: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    verify = subparsers.add_parser("verify", parents=[common], help="recompute everything and compare")
    verify.add_argument("logs", nargs="*", metavar="LOG")
    _add_source(verify)
    verify.add_argument("--since", metavar="FILE", help="a checkpoint you trust: what is newer is verified")
    verify.add_argument("--save", metavar="FILE", help="keep the checkpoint that was verified, for the next --since")
    verify.set_defaults(run=inside_or_outside(commands.verify, commands_outside.verify))
    rebuild = subparsers.add_parser("rebuild", parents=[common], help="rebuild views beside the live ones, then swap")
    rebuild.add_argument("views", nargs="*", metavar="VIEW")
    rebuild.set_defaults(run=commands.rebuild)
    erase = subparsers.add_parser("erase", parents=[common], help="destroy a data subject's key, for ever")
    erase.add_argument("subject")
    erase.add_argument("--basis", required=True, help="the right by which it is erased, e.g. a law's article")
    erase.add_argument("--request-ref", required=True, metavar="REF", help="the request that it answers")
    erase.add_argument("--log", metavar="L", help="only in this log (default: in every log that holds a key)")
    erase.add_argument("--recordedtime", metavar="INSTANT", help="when, on a ledger with a test clock")
    erase.set_defaults(run=commands.erase)
    commands_tokens.add_tokens(subparsers.add_parser("token", help="create, list, rotate and revoke tokens"), common)


def _add_keys(subparsers: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    keys = subparsers.add_parser("keys", help="keys of data subjects").add_subparsers(
        dest="keys_command", required=True
    )
    rotate = keys.add_parser("rotate-master", parents=[common], help="wrap every key by a new master key")
    rotate.set_defaults(run=commands_keys.rotate)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors go to standard error, in one line."""
    arguments = parser().parse_args(argv)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            run: Command = arguments.run
            return runner.run(run(arguments))
    except (InputError, NotFound, SettingError, DataFolderError) as error:
        return _complain(error, USAGE)
    except Tampered as error:
        return _complain(error, BAD)
    except (JejakError, *DATABASE_ERRORS) as error:
        return _complain(error, UNKNOWN)
    except KeyboardInterrupt:
        return UNKNOWN


def _complain(error: Exception, code: int) -> int:
    why = str(error) if isinstance(error, JejakError) else reason_of(error)
    print(f"jejak: {why}".replace("\n", " "), file=sys.stderr)
    return code
