"""Applications written with the `eventsourcing` library, for the tests of `ledger.persistence`.

`python -m tests.postgres.applications` is one that nobody closes: it adds points to an account and says how many there
are, in the ledger that its environment names.
"""

from typing import ClassVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from msgspec import Struct


class Account(Aggregate):
    @event("Opened")
    def __init__(self, points: int) -> None:
        self.points = points

    @event("Added")
    def add(self, points: int) -> None:
        self.points += points


class PointAccounts(Application[UUID]):
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "ledger.persistence"}

    def open_account(self, points: int = 0) -> UUID:
        account = Account(points)
        self.save(account)
        return account.id

    def add(self, account_id: UUID, points: int) -> None:
        account: Account = self.repository.get(account_id)
        account.add(points)
        self.save(account)

    def points(self, account_id: UUID, version: int | None = None) -> int:
        account: Account = self.repository.get(account_id, version=version)
        return account.points


class SnapshotAccounts(PointAccounts):
    name = "PointAccounts"
    is_snapshotting_enabled = True


class Source(Struct, frozen=True):
    name: str
    reference: str | None = None


class PointsAdded(Struct, frozen=True, kw_only=True):
    """As it was first released."""

    TOPIC: ClassVar[str] = "tests.PointsAdded"

    originator_id: UUID
    originator_version: int
    amount: int
    source: Source


class PointsAddedNow(Struct, frozen=True, kw_only=True, rename="camel"):
    """As it is now, under the same stored name."""

    TOPIC: ClassVar[str] = PointsAdded.TOPIC
    class_version: ClassVar[int] = 3

    originator_id: UUID
    originator_version: int
    points: int
    sources: tuple[Source, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, object]) -> None:
        state["points"] = state.pop("amount")

    @staticmethod
    def upcast_v2_v3(state: dict[str, object]) -> None:
        state["sources"] = [state.pop("source")]


class TextEvent(Struct, frozen=True, kw_only=True):
    originator_id: str
    originator_version: int
    note: str


class ArrayEvent(Struct, frozen=True, kw_only=True, array_like=True):
    originator_id: str
    originator_version: int


if __name__ == "__main__":
    forgotten = PointAccounts()
    opened = forgotten.open_account(40)
    forgotten.add(opened, 2)
    print(forgotten.points(opened))  # noqa: T201 - what the test reads
