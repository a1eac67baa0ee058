"""What a question is."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from api.asking import Asker


class Question(Struct, frozen=True, kw_only=True):
    """A question, and the function that asks it and returns its answer, a JSON value.

    For people, `parts` names what a list that is the answer holds, in its order, or `say` puts it into words, and
    `chapter` is what the story turns to with it.
    """

    id: str
    text: str
    ask: Callable[[Asker], Any]
    parts: tuple[str, ...] = ()
    say: Callable[[Any], str] | None = None
    chapter: str | None = None
