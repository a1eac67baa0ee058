"""The fenced blocks of a text in Markdown: what its reader is shown, to be tried as it stands."""

import re
from collections.abc import Iterator

from msgspec import Struct

BLOCK = re.compile(r"^```(?P<language>\w*)(?P<says>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Fenced(Struct, frozen=True):
    """A block: its language ("" where none is named), the words after that, and its lines, the last with its end."""

    language: str
    says: list[str]
    text: str


def fenced(text: str) -> Iterator[Fenced]:
    """Yield the blocks of a text in order."""
    for found in BLOCK.finditer(text):
        yield Fenced(found["language"], found["says"].split(), found["text"])
