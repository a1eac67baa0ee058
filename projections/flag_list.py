"""The list of flags (domain.md 9, 11 v_exceptions): every soft rule that a stream's events broke, open or resolved.

By default the open ones are listed and the undetermined; `status=RESOLVED` asks for those that were made good.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

from ledger.domain.catalogue import STREAMS
from projections.derived import Derivation, Item, Narrowing, streams_of
from projections.flags.evaluation import Flag, describe, flags_with
from projections.flags.lookup import Lookup
from projections.flags.rule import Rule
from projections.flags.table import RULES
from projections.inquiry import Inquiry, Known

STREAMS_AT_ONCE = 200
"""Streams whose references are read together at most: enough that a list costs few statements, few enough to hold."""
STREAMS_AT_FIRST = 8
"""And at first, twice as many each time: who asks for a few flags does not wait for those of many streams."""
POSITION_DIGITS = 20
"""As in the wire's `sequence`: keys sort as positions do."""
RESOLVED = "RESOLVED"
STANDING = ("OPEN", "UNDETERMINED")


async def flag_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield every flag of every stream, in order of log, stream, position and flag.

    Only rules that are asked for are evaluated, over the kinds of streams that they are about, and past stages only
    where what was resolved is asked for.
    """
    rules = [rule for rule in RULES if _asked(rule, narrowing.filters)]
    kinds = {kind for rule in rules for kind in rule.check.kinds or STREAMS}
    resolved = RESOLVED in narrowing.filters.get("status", STANDING)
    lookup = Lookup(inquiry)
    batch: list[Known] = []
    size = STREAMS_AT_FIRST
    async for stream in streams_of(inquiry, narrowing, kinds):
        batch.append(stream)
        if len(batch) == size:
            for item in await _items(lookup, batch, rules, resolved=resolved):
                yield item
            batch, size = [], min(2 * size, STREAMS_AT_ONCE)
    for item in await _items(lookup, batch, rules, resolved=resolved):
        yield item


def _asked(rule: Rule, filters: Mapping[str, Sequence[str]]) -> bool:
    said = {"flag": rule.flag, "rule": rule.rule, "severity": rule.severity}
    return all(value in filters[name] for name, value in said.items() if name in filters)


async def _items(lookup: Lookup, streams: Sequence[Known], rules: Sequence[Rule], *, resolved: bool) -> list[Item]:
    found = await flags_with(lookup, streams, rules, resolved=resolved)
    return [
        Item(log_id=stream.log.log_id, subject=stream.subject, key=_key(flag), item=describe(flag))
        for stream, flags in zip(streams, found, strict=True)
        for flag in sorted(flags, key=_key)
    ]


def _key(flag: Flag) -> str:
    """Return a flag's key among those of its stream."""
    return f"{flag.position:0{POSITION_DIGITS}}|{flag.flag}|{flag.about or ''}"


DERIVATION = Derivation(
    name="flags",
    filters=("flag", "status", "severity", "rule", "owner"),
    items=flag_items,
    consults="EVERY_LOG",
    defaults={"status": STANDING},
)
