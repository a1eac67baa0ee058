"""What a platform said of its sellers and goods, beside what its own log says."""

from typing import Any

from api.asking import Asker, AskingFailed, short_ids
from api.questions.question import Question

LOG, RECORD, ZONE, COUNTRY = "tiktok-shop-id", "public-record", "Asia/Jakarta", "ID"
CLAIM = "claim:tiktok:c1-literal"
LITERAL, STRICT = "P_VERIFIED_LOCAL_LITERAL", "P_VERIFIED_LOCAL_STRICT"
DAY = "2023-07-26"


def _evaluated(ask: Asker, predicate: str, known_at: str) -> list[Any]:
    """Return how many sellers a claim was held against, and those that contradict it, by short id."""
    body = {"claim": CLAIM, "predicate_id": predicate, "as_of": DAY, "known_at": known_at, "tz": ZONE}
    evaluation = ask.post("/v1/claims/evaluations", body)
    if evaluation["counterexamples_n"] > len(evaluation["counterexamples"]):
        raise AskingFailed(f"{CLAIM} is contradicted {evaluation['counterexamples_n']} times: too often to be listed")
    return [evaluation["population_n"], short_ids(evaluation["counterexamples"])]


def literally(ask: Asker) -> list[Any]:
    """Return the claim as it was made, held against what was known the next day."""
    return _evaluated(ask, LITERAL, "2023-07-27")


def literally_in_september(ask: Asker) -> list[Any]:
    """Return the same, held against what became known since."""
    return _evaluated(ask, LITERAL, "2023-09-01")


def strictly(ask: Asker) -> list[Any]:
    """Return the claim read strictly: a document of the country itself."""
    return _evaluated(ask, STRICT, "2023-07-27")


def goods(ask: Asker) -> list[int]:
    """Return the visible listings, those sent from abroad, and those made abroad."""
    query = {"log": LOG, "visible": "true", "country": COUNTRY, "as_of": DAY, "tz": ZONE}
    listings = ask.items("listings", **query)
    places = ("ship_from_country", "goods_origin_country")
    return [len(listings), *(sum(1 for one in listings if one.get(place, COUNTRY) != COUNTRY) for place in places)]


def task_force(ask: Asker) -> str | None:
    """Return the state of the task force that was spoken of."""
    body = ask.first("bodies", log=RECORD, subject="body:satgas-umkm", as_of=DAY, tz=ZONE)
    state: str | None = body.get("state")
    return state


def checkout(ask: Asker) -> list[bool]:
    """Return whether checkout was suspended, a second before and at the instant."""
    query = {"log": LOG, "service": "CHECKOUT", "country": COUNTRY, "suspended": "true"}
    return [ask.count("services", **query, as_of=f"2023-10-04T{time}Z") > 0 for time in ("09:59:59", "10:00:00")]


PARTS = ("active sellers", "contradicting it")
CLAIMS = (
    Question(
        id="A24",
        chapter="One hundred per cent",
        text='"100 per cent of sellers are verified locals", on 26 July 2023, as known the next day',
        ask=literally,
        parts=PARTS,
    ),
    Question(
        id="A25",
        text="... as known in September, with what has come out since",
        ask=literally_in_september,
        parts=PARTS,
    ),
    Question(
        id="A26",
        text="... read strictly, as verified by a document of Indonesia, as known the next day",
        ask=strictly,
        parts=PARTS,
    ),
    Question(
        id="A27",
        text='"No goods from abroad": listings visible that day',
        ask=goods,
        parts=("visible", "sent from abroad", "made abroad"),
    ),
    Question(id="A28", text="The task force to protect small firms, that day", ask=task_force),
    Question(
        id="A29",
        text="Was checkout suspended on 4 October 2023, just before 10:00 UTC and then?",
        ask=checkout,
        parts=("before", "then"),
    ),
)
