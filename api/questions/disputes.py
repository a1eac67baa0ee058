"""Consumers across borders: the agreements they rely on, the disputes referred, decided, and erased from."""

from typing import Any

from api.asking import Asker, short_ids
from api.questions.question import Question
from ledger.domain.instants import parse_instant, zone

RECORD, ZONE = "public-record", "Asia/Jakarta"
FORUMS = ("kca", "bpkn", "bpsk", "ukicc")
KCA_MOU, UKICC_MOU = "agreement:bpkn-kca", "agreement:bpkn-ukicc"
DECISION_RULE = "ID-UUPK-55"
"""The rule by which a claim is decided within 21 working days (domain.md 8)."""


def _standing(ask: Asker, agreement: str, as_of: str, **knowledge: str) -> str:
    """Return whether an agreement is in force: what possibly is and not certainly is undetermined (domain.md D11)."""
    query = {"log": RECORD, "subject": agreement, "status": "IN_FORCE", "as_of": as_of, "tz": ZONE, **knowledge}
    if ask.count("agreements", **query, certainty="CERTAIN"):
        return "IN_FORCE"
    return "UNDETERMINED" if ask.count("agreements", **query, certainty="POSSIBLE") else "NOT_IN_FORCE"


def mou_in_august(ask: Asker) -> list[str]:
    """Return whether the memorandum could be relied on when its month alone was known, and once its day was."""
    return [_standing(ask, KCA_MOU, "2021-08-10", known_at=known_at) for known_at in ("2021-09-30", "2021-10-16")]


def mous_later(ask: Asker) -> list[str]:
    """Return whether the two memoranda could be relied on later."""
    return [_standing(ask, KCA_MOU, "2021-09-10"), _standing(ask, UKICC_MOU, "2021-10-05")]


def baseless_referrals(ask: Asker) -> list[str]:
    """Return the disputes that were referred when no agreement was in force."""
    found = ask.items("referrals", log=FORUMS, agreement_basis="NOT_IN_FORCE", known_at="2021-10-16", tz=ZONE)
    return sorted({referral["subject"] for referral in found})


def decided_late(ask: Asker) -> list[Any]:
    """Return when D5 was to be decided, when it was, and whether that was missed."""
    dispute = "dispute:bpsk:D5"
    deadline = ask.first("deadlines", log="bpsk", rule=DECISION_RULE, subject=dispute)
    outcome = ask.first("disputes", log="bpsk", subject=dispute).get("outcome_at")
    decided = parse_instant(outcome).astimezone(zone(ZONE)).date().isoformat() if outcome else None
    return [deadline.get("due_on"), decided, deadline.get("status") in {"MISSED", "MET_LATE"}]


def conference(ask: Asker) -> list[str | None]:
    """Return the first day of UNCTAD's conference, before and after it was corrected."""
    return [_start(ask, known_at) for known_at in ("2021-09-30", "2021-10-09")]


def _start(ask: Asker, known_at: str) -> str | None:
    meetings = ask.items("meetings", log=RECORD, body="body:unctad", known_at=known_at, tz=ZONE)
    return next((meeting["start_date"] for meeting in meetings if meeting.get("meeting") == "UNCTAD15"), None)


def outcomes(ask: Asker) -> list[list[str]]:
    """Return the disputes that had an outcome at the end of 2021, and which."""
    found = ask.items("disputes", log=FORUMS, as_of="2021-12-31", tz=ZONE)
    return sorted([dispute["subject"], dispute["outcome"]] for dispute in found if dispute.get("outcome"))


def say_outcomes(answer: list[list[str]]) -> str:
    """Return disputes and their outcomes in words, one a line."""
    return "\n".join(f"{short_ids([dispute])[0]}: {outcome.lower().replace('_', ' ')}" for dispute, outcome in answer)


def names(ask: Asker) -> list[str | None]:
    """Return two claimants' names as recorded by the end of 2021: one was erased since, one may not be read."""
    return [_name(ask, "kca", "dispute:kca:D1"), _name(ask, "bpkn", "dispute:bpkn:D4")]


def _name(ask: Asker, log: str, dispute: str) -> str | None:
    filed = ask.first(
        f"logs/{log}/events", type="DisputeFiled", subject=dispute, recorded_to="2021-12-31T16:59:59.999999Z"
    )
    name: str | None = filed.get("data", {}).get("claimant_name")
    return name


DISPUTES = (
    Question(
        id="A20",
        chapter="An agreement one cannot yet rely on",
        text="Could one rely on the memorandum with Korea's agency on 10 August 2021?",
        ask=mou_in_august,
        parts=("as known on 30 September", "on 16 October"),
    ),
    Question(
        id="A21",
        text="... on 10 September 2021, and on that with Britain's on 5 October?",
        ask=mous_later,
        parts=("Korea's", "Britain's"),
    ),
    Question(id="A22", text="Disputes referred though no agreement was in force", ask=baseless_referrals),
    Question(
        id="A23",
        text="D5 is to be decided within 21 working days of its filing",
        ask=decided_late,
        parts=("due", "decided", "missed"),
    ),
    Question(
        id="A30",
        chapter="A conference, and what is left of the disputes",
        text="The first day of UNCTAD's conference",
        ask=conference,
        parts=("as known on 30 September 2021", "on 9 October"),
    ),
    Question(id="A31", text="Disputes that had an outcome at the end of 2021", ask=outcomes, say=say_outcomes),
    Question(
        id="A32",
        text="Claimants' names as recorded by the end of 2021, without the right to unmask them",
        ask=names,
        parts=("D1", "D4"),
    ),
)
