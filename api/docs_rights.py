"""Which events each role may append, as a table in Markdown: from the table of rights itself. Pure."""

from collections.abc import Iterator

from ledger.rights import APPENDS, ROLES

NOTHING = "nothing"


def rights_table() -> str:
    """Return the table of roles and of the types of events that each may append."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| role | may append |"
    yield "|---|---|"
    for role in ROLES:
        yield f"| {role} | {', '.join(sorted(APPENDS[role])) or NOTHING} |"
