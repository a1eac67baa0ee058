"""The anti-counterfeiting alliance: its members and brands, the bans it asked for, its advisory committee."""

from collections.abc import Mapping
from typing import Any

from api.asking import Asker
from api.questions.question import Question

LOG, RECORD, ZONE = "alibaba", "public-record", "Asia/Shanghai"
BODY, COMMITTEE = "body:aaca", "body:aaca-smc"
NOT_HELD: Mapping[str, Any] = {}
SELLERS = "seller:taobao:"
"""Sellers whose bans good-faith members asked for."""


def _members(ask: Asker, as_of: str, certainty: str = "CERTAIN") -> int:
    query = {"log": LOG, "body": BODY, "status": "ACTIVE", "as_of": as_of, "tz": ZONE, "certainty": certainty}
    return ask.count("memberships", **query)


def _brands(ask: Asker, as_of: str) -> int:
    """Count the brands that memberships stand for; those of a membership that ended have left with it."""
    members = ask.items("memberships", log=LOG, body=BODY, as_of=as_of, tz=ZONE)
    brands = [brand["brand_id"] for member in members if member["status"] != "ENDED" for brand in member["brands"]]
    return len(set(brands))


def _banned(ask: Asker, as_of: str, **knowledge: str) -> int:
    query = {"log": LOG, "subject_prefix": SELLERS, "status": "BANNED", "as_of": as_of}
    return ask.count("sellers", **query, **knowledge)


def founders(ask: Asker) -> list[int]:
    """Return the members of the first days: of those whose month alone is known, some were there only possibly."""
    return [_members(ask, "2017-01-20", certainty) for certainty in ("CERTAIN", "POSSIBLE")]


def first_month(ask: Asker) -> int:
    """Return the members at the end of the first month."""
    return _members(ask, "2017-01-31")


def growth(ask: Asker) -> list[int]:
    """Return the members at the ends of two years, and when the alliance told the press."""
    return [_members(ask, as_of) for as_of in ("2018-12-31", "2019-12-31", "2020-09-28")]


def mid_2019(ask: Asker) -> list[int]:
    """Return the members in the middle of a year in which some are known to have joined, and no more."""
    return [_members(ask, "2019-06-30", certainty) for certainty in ("CERTAIN", "POSSIBLE")]


def brands(ask: Asker) -> list[int]:
    """Return the brands on two dates."""
    return [_brands(ask, as_of) for as_of in ("2019-10-15", "2020-09-28")]


def bans_of_2016(ask: Asker) -> list[int]:
    """Return the sellers banned in 2016: as was known once the history was imported, and as is known now."""
    as_of = "2016-04-30T23:59:59Z"
    return [_banned(ask, as_of, known_at="2020-10-02T23:59:59Z"), _banned(ask, as_of)]


def bans_known_in_2017(ask: Asker) -> list[int]:
    """Return the same as known in 2017: by the ledger's clock, and by the source system's own."""
    as_of, known_at = "2016-04-30T23:59:59Z", "2017-06-01T23:59:59Z"
    return [_banned(ask, as_of, known_at=known_at, basis=basis) for basis in ("LEDGER", "SOURCE")]


def bans_before_and_after_a_void(ask: Asker) -> list[int]:
    """Return the sellers banned in September 2020: as known before and after a wrong ban was voided."""
    known = ("2020-10-02T23:59:59Z", "2020-12-02T23:59:59Z")
    return [_banned(ask, "2020-09-24T23:59:59Z", known_at=known_at) for known_at in known]


def bans_in_all(ask: Asker) -> list[int]:
    """Return the bans ever imposed and not voided, the sellers banned, the bans reversed, and those voided."""
    as_of = "2020-12-31T23:59:59Z"
    query = {"log": LOG, "subject_prefix": SELLERS, "kind": "BANNED", "as_of": as_of}
    lasting = ask.count("restrictions", **query, in_force="true")
    ended = ask.items("restrictions", **query, in_force="false")
    reversed_ = [ban for ban in ended if ban.get("ended_by")]
    return [lasting + len(ended), _banned(ask, as_of), len(reversed_), _voided(ask)]


def _voided(ask: Asker) -> int:
    """Count the bans that were voided: a void is about the record, so it counts whenever the ban was."""
    query = {"subject_prefix": SELLERS}
    banned = {event["id"] for event in ask.items(f"logs/{LOG}/events", type="SellerBanned", **query)}
    voids = ask.items(f"logs/{LOG}/events", type="EventVoided", **query)
    return len({void["data"]["target_event_id"] for void in voids} & banned)


def _first_meeting(ask: Asker, **time: str) -> Mapping[str, Any]:
    held = ask.items("meetings", log=RECORD, body=COMMITTEE, state="HELD", tz=ZONE, **time)
    return next((meeting for meeting in held if meeting.get("meeting_no") == 1), NOT_HELD)


def committee_met(ask: Asker) -> list[bool]:
    """Return whether the committee had met in 2020: as known before and after the date was corrected."""
    known = ("2021-10-02", "2021-10-06")
    return [bool(_first_meeting(ask, as_of="2020-12-31", known_at=known_at)) for known_at in known]


def committee_meeting(ask: Asker) -> list[Any]:
    """Return how many attended the committee's first meeting, of how many industries, and its local date."""
    meeting = _first_meeting(ask)
    return [meeting.get("attendee_count"), len(meeting.get("industries", ())), meeting.get("date")]


CERTAINTIES = ("certainly", "possibly")
ALLIANCE = (
    Question(
        id="A01",
        chapter="An alliance grows",
        text="Members of the alliance on 20 January 2017, days after it began",
        ask=founders,
        parts=CERTAINTIES,
    ),
    Question(id="A02", text="... and at the end of that month", ask=first_month),
    Question(
        id="A03",
        text="... at the end of 2018, of 2019, and on 28 September 2020",
        ask=growth,
        parts=("2018", "2019", "2020"),
    ),
    Question(
        id="A04",
        text="... on 30 June 2019, when of some only the year is known in which they joined",
        ask=mid_2019,
        parts=CERTAINTIES,
    ),
    Question(
        id="A05",
        text="Brands its members stood for on 15 October 2019 and 28 September 2020",
        ask=brands,
        parts=("2019", "2020"),
    ),
    Question(
        id="A06",
        chapter="Bans, recorded years later",
        text="Sellers banned on 30 April 2016 at good-faith members' request",
        ask=bans_of_2016,
        parts=("as known in October 2020", "as known now"),
    ),
    Question(
        id="A07",
        text="... as known on 1 June 2017, by the clock of the ledger and by that of its source",
        ask=bans_known_in_2017,
        parts=("to the ledger", "to the source"),
    ),
    Question(
        id="A08",
        text="... banned on 24 September 2020",
        ask=bans_before_and_after_a_void,
        parts=("as known in October 2020", "in December 2020"),
    ),
    Question(
        id="A09",
        text="All such bans up to the end of 2020, as known now",
        ask=bans_in_all,
        parts=("imposed", "in force", "reversed", "voided"),
    ),
    Question(
        id="A10",
        chapter="A committee, and when it met",
        text="Had the committee of small firms met by the end of 2020?",
        ask=committee_met,
        parts=("as known on 2 October 2021", "on 6 October 2021"),
    ),
    Question(
        id="A11",
        text="Its first meeting: who came, and when",
        ask=committee_meeting,
        parts=("attendees", "industries", "local date"),
    ),
)
