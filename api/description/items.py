"""What the items of each list have: one table, a file of this package.

`name` is a member of every item, `name?` one that an item may lack, because nobody has said it; types are those of JSON
Schema. `log` and `subject` are members of every item of every list.
"""

from collections.abc import Mapping
from importlib import resources

import msgspec
from msgspec import Struct

from api.description.schema import Schema, members, text

FILE = "items.json"
OPTIONAL = "?"
ANYTHING = "any"


class ItemOf(Struct, frozen=True, forbid_unknown_fields=True):
    """What an item of a list is, in a sentence, and the types of its members."""

    says: str
    members: Mapping[str, str]

    def schema(self) -> Schema:
        """Return it as a schema."""
        properties = {name.removesuffix(OPTIONAL): _of(types) for name, types in self.members.items()}
        always = [name for name in self.members if not name.endswith(OPTIONAL)]
        whole = members({"log": text(), "subject": text(), **properties}, ["log", "subject", *always])
        return {**whole, "description": self.says}


def _of(types: str) -> Schema:
    named = types.split("|")
    if named == [ANYTHING]:
        return {}
    return {"type": named[0] if len(named) == 1 else named}


TABLE = msgspec.json.decode(
    resources.files("api.description").joinpath(FILE).read_bytes(), type=dict[str, ItemOf], strict=True
)
ITEMS: Mapping[str, Schema] = {name: item.schema() for name, item in TABLE.items()}
"""The schema of an item, by the name of its list."""
