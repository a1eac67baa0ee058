"""Conditions of a mapping: what must hold of a row. Pure."""

from dataclasses import dataclass

from api.importing.mapping import Condition, Scalar
from api.importing.references import Row, RowReference


@dataclass(frozen=True, slots=True)
class Test:
    """A compiled condition: the row has something here, or nothing; where `among` is given, one of these."""

    reference: RowReference
    present: bool = True
    among: tuple[Scalar, ...] | None = None

    def holds(self, row: Row) -> bool:
        """Tell whether it holds of a row. 1, "1" and true are three different values."""
        found = self.reference.find(row)
        if self.among is None:
            return (found is not None) == self.present
        return any(type(found) is type(one) and found == one for one in self.among)


def compile_condition(condition: Condition, reference: RowReference) -> Test:
    """Return the test that a condition is. Raises ValueError unless it asks exactly one thing."""
    asked = [name for name in ("present", "equals", "one_of") if getattr(condition, name) is not None]
    if len(asked) != 1:
        raise ValueError(f"asks {' and '.join(asked) or 'nothing'}: it takes one of present, equals and one_of")
    if condition.present is not None:
        return Test(reference, condition.present)
    return Test(reference, among=condition.one_of if condition.equals is None else (condition.equals,))


def all_hold(tests: tuple[Test, ...], row: Row) -> bool:
    """Tell whether every test holds of a row."""
    return all(test.holds(row) for test in tests)
