"""What events do to a state, found by their types.

A payload that is read again is of a subclass of its event's shape (`unchecked`), so that its type has to be compared
with one shape after another. For each type that is done once: for every event it takes as long as the step itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from ledger.domain.fact import Fact
from ledger.domain.payload import Payload

State = TypeVar("State")
Step: TypeAlias = Callable[[State, Any, Fact], State]
"""Returns a state after one more event, given the state, the event's payload and the event."""


class Steps(dict[type[Payload], Step[State]]):
    """The step for each type of payload: that of the first shape that it is of, or another one."""

    def __init__(self, by_shape: Mapping[type[Payload], Step[State]], otherwise: Step[State]) -> None:
        """Take the step for each shape, and that for all others."""
        super().__init__()
        self._by_shape = by_shape
        self._otherwise = otherwise

    def __missing__(self, event: type[Payload]) -> Step[State]:
        """Find the step for a type that is asked for the first time."""
        steps = (step for shape, step in self._by_shape.items() if issubclass(event, shape))
        self[event] = found = next(steps, self._otherwise)
        return found
