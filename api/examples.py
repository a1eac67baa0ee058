"""Examples: one event of every type, as a client sends it.

They are a file, one event a line, sorted by type, except that what ends something stands after what it ends: each can
be appended on its own, in the order of the file, to one log.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

FILE = "stories/examples.ndjson"
"""The file within this package."""

Example = dict[str, Any]


@cache
def read_examples() -> Mapping[str, Example]:
    """Return the example of each event type, in the order in which they can be appended."""
    content = resources.files("api").joinpath(FILE).read_bytes()
    examples = msgspec.json.Decoder(Example).decode_lines(content)
    return {example["type"]: example for example in examples}
