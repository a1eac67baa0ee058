"""How the tests of the questions ask: lists at a moment, reduced to what names their items and what answers.

Days are Jakarta's, of 2026: `01-12` is 12 January. A moment of a day is its end.
"""

from collections.abc import Sequence

from msgspec.json import encode

from tests.api.desk import SHOP, Desk, Event, Json

ZONE = "Asia/Jakarta"
OFFSET = "+07:00"
MORNING, EVENING = 9, 23
Row = tuple[Json, ...]


def day(name: str) -> str:
    """Return a day as a question names it."""
    return f"2026-{name}"


def on(name: str, hour: int = MORNING) -> str:
    """Return an hour of a day, in the morning unless it is given."""
    return f"{day(name)}T{hour:02}:00:00{OFFSET}"


async def record(desk: Desk, name: str, *events: Event, log: str = SHOP) -> None:
    """Append events in the evening of a day, by the test clock of the desk's ledger."""
    recordedtime = on(name, EVENING)
    await desk.tell(*({**event, "recordedtime": recordedtime} for event in events), log=log)


async def found(desk: Desk, view: str, names: Sequence[str], as_of: str, **query: Json) -> list[Row]:
    """Return these members of every item of a list at a day; None for what an item does not say.

    Streams are named by their native id. The list must be whole, and the count, asked for alone, its own.
    """
    asked: dict[str, Json] = {"who": "operator", "tz": ZONE, "as_of": day(as_of), **query}
    if "known_at" in asked:
        asked["known_at"] = day(asked["known_at"])
    answer = await desk.get(f"/v1/{view}", **asked)
    counted = await desk.get(f"/v1/{view}", count="true", **asked)
    assert (answer["next"], counted["count"]) == (None, len(answer["items"]))
    return [tuple(_said(item, name) for name in names) for item in answer["items"]]


def _said(item: dict[str, Json], name: str) -> Json:
    return native(item["subject"]) if name == "subject" else item.get(name)


def native(subject: str) -> str:
    """Return how a stream is called in its namespace."""
    return subject.rpartition(":")[2]


async def evaluated(
    desk: Desk, claim: str, predicate_id: str, names: Sequence[str], as_of: str, **asked: str
) -> dict[str, Json]:
    """Return these members of what comes of holding a claim against a day; `known_at` and `from` are days too."""
    days = {name: day(value) for name, value in asked.items()}
    body = {"claim": claim, "predicate_id": predicate_id, "as_of": day(as_of), "tz": ZONE, **days}
    response = await desk.ask("POST", "/v1/claims/evaluations", who="operator", content=encode(body))
    assert response.status_code == 200, response.text
    answer = response.json()
    return {name: answer[name] for name in names}
