"""The AKAR programme, which closed three clusters to imports: when each rule held, and what was visible then."""

from typing import Any

from api.asking import Asker, short_ids
from api.questions.question import Question
from ledger.domain.json_values import is_array, is_object

LOG, ZONE = "lazada-id", "Asia/Jakarta"
POLICY, TEXTILE = "policy:lazada-id:akar", "akar-textile_fashion"
FINDINGS = ("VIOLATING", "UNDETERMINED")


def _clusters(ask: Asker, **time: str) -> list[str]:
    """Return the clusters that the rules in force are about, sorted."""
    rules: list[dict[str, Any]] = ask.first("policies", log=LOG, subject=POLICY, tz=ZONE, **time).get("rules", [])
    return sorted(_cluster(rule.get("when")) or rule["rule_id"] for rule in rules if rule["in_force"])


def _cluster(predicate: object) -> str | None:
    """Return the cluster that a predicate asks for, wherever in it that stands."""
    if is_object(predicate):
        if predicate.get("field") == "cluster" and predicate.get("op") == "eq":
            return str(predicate["value"])
        predicate = list(predicate.values())
    if is_array(predicate):
        return next((found for part in predicate if (found := _cluster(part)) is not None), None)
    return None


def _breaches(ask: Asker, as_of: str, known_at: str, **narrowed: str) -> list[list[str]]:
    """Return the short ids of the listings that break the rules, and of those of which that cannot be said."""
    query = {"log": LOG, "policy": POLICY, "as_of": as_of, "known_at": known_at, "tz": ZONE, **narrowed}
    found = [ask.items("breaches", **query, status=status) for status in FINDINGS]
    return [short_ids(breach["subject"] for breach in breaches) for breaches in found]


def rules_at_first(ask: Asker) -> list[Any]:
    """Return the clusters closed a second before the first announced instant, and how many a second after."""
    known_at = "2021-08-03T10:00:00Z"
    before, after = "2021-08-02T16:59:59Z", "2021-08-02T17:00:01Z"
    return [_clusters(ask, as_of=before, known_at=known_at), len(_clusters(ask, as_of=after, known_at=known_at))]


def rules_in_march(ask: Asker) -> list[list[str]]:
    """Return the clusters closed in March 2021: as known before and after the dates were corrected."""
    return [_clusters(ask, as_of="2021-03-01", known_at=known_at) for known_at in ("2021-08-04", "2021-08-06")]


def textile_at_first(ask: Asker) -> list[list[str]]:
    """Return what of textiles was visible against the rule, as was known the day after."""
    return _breaches(ask, "2021-09-01", "2021-09-02", rule=TEXTILE)


def textile_later(ask: Asker) -> list[list[str]]:
    """Return the same as known a month later, when a block had been recorded late."""
    return _breaches(ask, "2021-09-01", "2021-10-01", rule=TEXTILE)


def all_clusters(ask: Asker) -> list[list[str]]:
    """Return the same of all clusters."""
    return _breaches(ask, "2021-09-01", "2021-10-01")


def textile_in_july(ask: Asker) -> list[list[list[str]]]:
    """Return what was visible in July, before and after it was known that the rule held by then."""
    known = ("2021-08-04", "2021-08-06")
    return [_breaches(ask, "2021-07-15", known_at, rule=TEXTILE) for known_at in known]


STATUSES = ("against the rule", "cannot be said")
AKAR = (
    Question(
        id="A14",
        chapter="Closed on paper, visible in the shop",
        text="Clusters closed to imports a second before and after midnight of 3 August 2021 in Jakarta, as announced",
        ask=rules_at_first,
        parts=("before", "after"),
    ),
    Question(
        id="A15",
        text="Clusters closed on 1 March 2021",
        ask=rules_in_march,
        parts=("as known on 4 August", "on 6 August"),
    ),
    Question(
        id="A16",
        text="Imported textiles in the shop on 1 September 2021 though closed on paper, as known the next day",
        ask=textile_at_first,
        parts=STATUSES,
    ),
    Question(
        id="A17",
        text="... as known a month later, with what was recorded late",
        ask=textile_later,
        parts=STATUSES,
    ),
    Question(id="A18", text="... of all clusters", ask=all_clusters, parts=STATUSES),
    Question(
        id="A19",
        text="Such textiles on 15 July 2021: against the rule / cannot be said",
        ask=textile_in_july,
        parts=("as known on 4 August", "on 6 August"),
    ),
)
