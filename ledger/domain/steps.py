"""What events do to a state, found by their types.

A payload that is read again is of a subclass of its event's shape (`unchecked`), so that its type has to be compared
with one shape after another. For each type that is done once: for every event it takes as long as the step itself.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias, TypeVar

from ledger.domain.fact import Fact
from ledger.domain.payload import Payload

State = TypeVar("State")
Step: TypeAlias = Callable[[State, Any, Fact], State]
"""Returns a state after one more event, given the state, the event's payload and the event."""


def steps(
    by_shape: Mapping[type[Payload], Step[State]], otherwise: Step[State]
) -> Callable[[type[Payload]], Step[State]]:
    """Return what tells the step for a type of payload: that of the first shape it is of, or the other one."""

    @cache
    def step_of(event: type[Payload]) -> Step[State]:
        return next((step for shape, step in by_shape.items() if issubclass(event, shape)), otherwise)

    return step_of
