"""`jejak diff`: what is different between two moments, and which events made it so."""

import argparse
import sys
from typing import Any

from api.commands import DONE, database_of, parameters_of
from api.commands_replay import print_object
from ledger.domain.instants import format_instant
from ledger.entry import encode_canonical
from ledger.store import find_logs, read_heads
from projections.diff import differences
from projections.moment import Moment, resolve
from projections.replay import Manifest

DIFFERENT = 1
"""Exit code where the two moments differ, as that of diff(1)."""


def add_diff(command: argparse.ArgumentParser) -> None:
    """Say what the command takes beside the first moment."""
    command.add_argument("--and-as-of", metavar="D", help="valid date of the other moment (default: the same)")
    command.add_argument("--and-known-at", metavar="K", help="knowledge date of the other moment (default: now)")
    command.add_argument("--and-size", action="append", metavar="LOG:N", help="its knowledge as a number of entries")
    command.add_argument("--subject-prefix", metavar="P", help="only subjects that begin so")
    command.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Print every stream that differs, with the events that are the cause, and the manifest that reproduces it."""
    async with database_of(arguments) as database:
        reader = database.pool("reader")
        heads = await read_heads(reader, [log.slug for log in await find_logs(reader, arguments.log)])
        before = await resolve(reader, parameters_of(arguments), heads)
        after = await resolve(reader, parameters_of(_other(arguments, before)), heads)
        prefix = arguments.subject_prefix or ""
        manifest = Manifest(before, prefix or None, after)
        items = differences(reader, before, after, manifest, prefix)
        if arguments.json:
            await print_object(items, manifest)
        else:
            async for item in items:
                print("\n".join(lines_of(item)))
            print(encode_canonical(manifest.describe()).decode(), file=sys.stderr)
    return DIFFERENT if manifest.subjects else DONE


def _other(arguments: argparse.Namespace, before: Moment) -> argparse.Namespace:
    """Return the options of the other moment: what it does not say of its date is the first's."""
    as_of = arguments.and_as_of or format_instant(before.as_of)
    return argparse.Namespace(
        **{**vars(arguments), "as_of": as_of, "known_at": arguments.and_known_at, "size": arguments.and_size}
    )


def lines_of(item: dict[str, Any]) -> list[str]:
    """Return a difference for a person: the stream, the members that differ, and the causes."""
    lines = [f"{item['log']} {item['subject']}"]
    for sign, name in (("-", "before"), ("+", "after")):
        side: dict[str, Any] | None = item[name]
        members: dict[str, Any] = side or {}
        lines += [f"  {sign} (nothing)"] if side is None else []
        lines += [f"  {sign} {member}: {encode_canonical(value).decode()}" for member, value in sorted(members.items())]
    for event in item["events"]:
        late = ", late" if event["late"] else ""
        lines.append(f"  by {event['id']} {event['type']} at {event['at']}: {event['cause']}{late}")
        lines += [
            f"     {change['type']} {change['id']} recorded {change['recordedtime']}: {change['reason']}"
            for change in event["corrections"]
        ]
    return lines
