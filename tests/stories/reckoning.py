"""What a story's questions come to, reckoned from its lines alone by the rules of domain.md 2.3 and 14.

Nothing of the product is used: no view, no fold, no parser. It knows only what stories of the scripted shape hold.
"""

import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Line = dict[str, Any]
NOW = datetime(2100, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FROM_THE_DAY = {"MembershipAdmitted", "BrandAssociated", "AgreementSigned", "PolicyRuleDefined", "MeetingScheduled"}
"""Types of class T2: of a day, they hold from its beginning."""
SHANGHAI, JAKARTA = "Asia/Shanghai", "Asia/Jakarta"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def end_of_day(text: str, zone: str) -> datetime:
    following = date.fromisoformat(text) + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) - MICROSECOND


def end_of_utc_day(text: str) -> datetime:
    return end_of_day(text, "UTC")


def latest(line: Line) -> datetime:
    """Return the last instant at which a fact may have taken effect."""
    if stated := line.get("timelatest"):
        return instant(str(stated))
    time, precision = instant(line["time"]), line.get("timeprecision", "INSTANT")
    if precision == "INSTANT" or (precision == "DAY" and line["type"] in FROM_THE_DAY):
        return time
    local = time.astimezone(ZoneInfo(line["timezone"]))
    following = {
        "DAY": local.date() + timedelta(days=1),
        "MONTH": date(local.year + local.month // 12, local.month % 12 + 1, 1),
        "YEAR": date(local.year + 1, 1, 1),
    }[precision]
    return end_of_day((following - timedelta(days=1)).isoformat(), line["timezone"])


class Reckoner:
    """A story, and what it comes to at a moment."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = [line for line in lines if "type" in line]

    def known(self, log: str, at: datetime = NOW, *, basis: str = "LEDGER") -> list[Line]:
        """Return the facts of a log that are known at an instant: corrected, without the voided."""
        clock = "sourcetime" if basis == "SOURCE" else "recordedtime"
        lines = [
            line
            for line in self.lines
            if line["log"] == log and instant(str(line.get(clock, line["recordedtime"]))) <= at
        ]
        voided = {line["data"]["target_event_id"] for line in lines if line["type"] == "EventVoided"}
        facts = {line["id"]: dict(line) for line in lines if line["id"] not in voided}
        for line in lines:
            if line["type"] == "EventCorrected":
                target = facts[line["data"]["target_event_id"]]
                changed = dict(line["data"]["set"])
                target |= {**changed, "data": {**target["data"], **changed.get("data", {})}}
        return [line for line in facts.values() if line["type"] not in {"EventCorrected", "EventVoided"}]

    def facts(
        self, log: str, as_of: datetime = NOW, known_at: datetime = NOW, *, certain: bool = True, basis: str = "LEDGER"
    ) -> list[Line]:
        """Return the facts of a log that hold at an instant, in the order in which they took effect."""
        when = latest if certain else _earliest
        known = self.known(log, known_at, basis=basis)
        return sorted((line for line in known if when(line) <= as_of), key=when)

    def members(self, as_of: str, *, certain: bool = True) -> int:
        facts = self.facts("alibaba", end_of_day(as_of, SHANGHAI), certain=certain)
        return len(_of(facts, "MembershipAdmitted"))

    def brands(self, as_of: str) -> int:
        facts = _of(self.facts("alibaba", end_of_day(as_of, SHANGHAI)), "BrandAssociated")
        return len({line["data"]["brand_id"] for line in facts})

    def banned(self, as_of: str, known_at: datetime = NOW, *, basis: str = "LEDGER") -> int:
        facts = self.facts("alibaba", end_of_utc_day(as_of), known_at, basis=basis)
        return len(_subjects(_of(facts, "SellerBanned")) - _subjects(_of(facts, "SellerBanRevoked")))

    def bans(self, as_of: str) -> list[int]:
        facts = self.facts("alibaba", end_of_utc_day(as_of))
        voids = [line for line in self.lines if line["type"] == "EventVoided" and line["log"] == "alibaba"]
        counts = [len(_of(facts, name)) for name in ("SellerBanned", "SellerBanRevoked")]
        return [counts[0], self.banned(as_of), counts[1], len(voids)]

    def meeting(self, as_of: datetime = NOW, known_at: datetime = NOW) -> Line | None:
        facts = _of(self.facts("public-record", as_of, known_at), "MeetingHeld")
        return next((line for line in facts if line["data"]["meeting_no"] == 1), None)

    def hours(self, day: str) -> dict[str, Any]:
        moment = end_of_day(day, SHANGHAI)
        facts = self.facts("alibaba", moment, moment)
        acted = {line["subject"]: instant(line["time"]) for line in _of(facts, "TakedownActioned")}
        taken: dict[str, list[float]] = {"SME": [], "LARGE": []}
        waiting = {"SME": 0, "LARGE": 0}
        for notice in _of(facts, "NoticeReceived"):
            size = "LARGE" if notice["data"]["notifier_size_class"] == "LARGE" else "SME"
            if notice["subject"] in acted:
                taken[size].append((acted[notice["subject"]] - instant(notice["time"])).total_seconds() / 3600)
            else:
                waiting[size] += 1
        return {
            size: {
                "n": len(hours),
                "median_h": statistics.median(hours),
                "p90_nearest_rank_h": sorted(hours)[-(-9 * len(hours) // 10) - 1],
                "open": waiting[size],
            }
            for size, hours in taken.items()
        }

    def countered(self) -> list[Any]:
        case = "takedown_case:alibaba-ipp:T02"
        mine = {line["type"]: line for line in self.facts("alibaba") if line["subject"] == case}
        due = instant(mine["CounterNoticeForwarded"]["data"]["delivered_at"]) + timedelta(days=15)
        back = instant(mine["TakedownReversed"]["time"])
        late = (back - due).days
        shown = [self.shown("listing:tmall:TM02", day) for day in ("2020-11-03", "2020-11-05")]
        return [_short(due), _short(back), late, *shown, self.shown("listing:tmall:TM09", "2020-11-05")]

    def shown(self, listing: str, day: str) -> bool:
        mine = [line for line in self.facts("alibaba", end_of_day(day, SHANGHAI)) if line["subject"] == listing]
        return not _restricted(mine)

    def clusters(self, as_of: datetime, known_at: datetime) -> list[str]:
        rules = _of(self.facts("lazada-id", as_of, known_at), "PolicyRuleDefined")
        return sorted(rule["data"]["when"]["all"][0]["value"] for rule in rules)

    def breaches(self, as_of: str, known_at: str, cluster: str | None = None) -> list[list[str]]:
        moment, knowledge = end_of_day(as_of, JAKARTA), end_of_day(known_at, JAKARTA)
        facts = self.facts("lazada-id", moment, knowledge)
        closed = [one for one in self.clusters(moment, knowledge) if cluster in (None, one)]
        banned = _subjects(_of(facts, "SellerBanned"))
        violating: list[str] = []
        undetermined: list[str] = []
        for listing in _of(facts, "ListingPublished"):
            data = listing["data"]
            mine = [line for line in facts if line["subject"] == listing["subject"]]
            hidden = _restricted(mine) or data["seller_id"] in banned
            if hidden or data["cluster"] not in closed or data.get("ship_from_country") == "ID":
                continue
            found = violating if "ship_from_country" in data else undetermined
            found.append(listing["subject"].rpartition(":")[2])
        return [sorted(violating), sorted(undetermined)]

    def agreement(self, subject: str, as_of: datetime, known_at: datetime = NOW) -> str:
        signed = {
            certain: subject
            in _subjects(_of(self.facts("public-record", as_of, known_at, certain=certain), "AgreementSigned"))
            for certain in (True, False)
        }
        return "IN_FORCE" if signed[True] else "UNDETERMINED" if signed[False] else "NOT_IN_FORCE"

    def baseless(self, known_at: str) -> list[str]:
        knowledge = end_of_day(known_at, JAKARTA)
        return sorted(
            line["subject"]
            for forum in ("kca", "bpkn", "bpsk", "ukicc")
            for line in _of(self.facts(forum, known_at=knowledge), "DisputeReferred")
            if self.agreement(line["data"]["agreement_id"], instant(line["time"]), knowledge) == "NOT_IN_FORCE"
        )

    def decided(self) -> list[Any]:
        mine = {line["type"]: line for line in self.facts("bpsk") if line["subject"] == "dispute:bpsk:D5"}
        holidays = _of(self.facts("public-record"), "CalendarPublished")[0]["data"]["holidays"]
        due, left = _local_day(mine["DisputeFiled"]["time"]), 21
        while left:
            due += timedelta(days=1)
            left -= due.isoweekday() < 6 and due.isoformat() not in holidays
        decided = _local_day(mine["DisputeOutcomeRecorded"]["time"])
        return [due.isoformat(), decided.isoformat(), decided > due]

    def evaluated(self, known_at: str, *, strict: bool = False) -> list[Any]:
        facts = self.facts("tiktok-shop-id", end_of_day("2023-07-26", JAKARTA), end_of_day(known_at, JAKARTA))
        active = _subjects(_of(facts, "SellerRegistered")) - _subjects(_of(facts, "SellerSuspended"))
        expired = {line["data"]["verification_id"] for line in _of(facts, "SellerVerificationExpired")}
        papers = {
            line["subject"]: line["data"]
            for line in _of(facts, "SellerVerified")
            if line["data"]["verification_id"] not in expired
        }
        wrong = [one for one in active if one not in papers or not _as_claimed(papers[one], strict=strict)]
        return [len(active), sorted(one.rpartition(":")[2] for one in wrong)]

    def goods(self, as_of: str) -> list[int]:
        facts = self.facts("tiktok-shop-id", end_of_day(as_of, JAKARTA))
        listings = [line["data"] for line in _of(facts, "ListingPublished")]
        places = ("ship_from_country", "goods_origin_country")
        return [len(listings), *(sum(one.get(place, "ID") != "ID" for one in listings) for place in places)]

    def task_force(self, as_of: str) -> str:
        facts = self.facts("public-record", end_of_day(as_of, JAKARTA))
        types = {line["type"] for line in facts if line["subject"] == "body:satgas-umkm"}
        return "ESTABLISHED" if "BodyEstablished" in types else "ANNOUNCED"

    def stopped(self, as_of: str) -> bool:
        return bool(_of(self.facts("tiktok-shop-id", instant(as_of)), "ServiceSuspended"))

    def conference(self, known_at: str) -> str:
        facts = self.facts("public-record", known_at=end_of_day(known_at, JAKARTA))
        start: str = _of(facts, "MeetingScheduled")[0]["data"]["start_date"]
        return start

    def outcomes(self, as_of: str) -> list[list[str]]:
        facts = [line for one in ("kca", "bpkn", "bpsk") for line in self.facts(one, end_of_day(as_of, JAKARTA))]
        return sorted([line["subject"], line["data"]["outcome"]] for line in _of(facts, "DisputeOutcomeRecorded"))

    def name(self, log: str, dispute: str) -> str:
        """Return what is read of a claimant's name: an erasure is of every moment, whatever log speaks of it."""
        (filed,) = [line for line in _of(self.facts(log), "DisputeFiled") if line["subject"] == dispute]
        erased = _subjects(_of(self.lines, "ErasureExecuted"))
        return "[ERASED]" if filed["data"]["claimant_subject_id"] in erased else "[MASKED]"


def _earliest(line: Line) -> datetime:
    return instant(line["time"])


def _of(facts: Iterable[Line], name: str) -> list[Line]:
    return [line for line in facts if line["type"] == name]


def _subjects(facts: Iterable[Line]) -> set[str]:
    return {line["subject"] for line in facts}


def _restricted(facts: Sequence[Line]) -> bool:
    imposed = {line["data"]["restriction_id"] for line in _of(facts, "ListingBlocked")}
    return bool(imposed - {line["data"]["restriction_id"] for line in _of(facts, "ListingReinstated")})


def _short(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _local_day(text: str) -> date:
    return instant(text).astimezone(ZoneInfo(JAKARTA)).date()


def _as_claimed(papers: Line, *, strict: bool) -> bool:
    country, kind = papers["document_country"], papers["document_type"]
    business = papers["entity_class"] == "REGISTERED_BUSINESS" and country == "ID"
    micro = papers["entity_class"] == "MICRO_ENTREPRENEUR" and kind in {"KTP", "PASSPORT"}
    return (business or micro) and (country == "ID" or not strict)


def reckon(lines: Iterable[Line]) -> dict[str, Any]:
    """Return the answers of a story, by question."""
    story = Reckoner(lines)
    met = [story.meeting(end_of_day("2020-12-31", SHANGHAI), end_of_day(f"2021-10-0{day}", SHANGHAI)) for day in (2, 6)]
    first = story.meeting() or {}
    announced = instant("2021-08-03T10:00:00Z")
    march = end_of_day("2021-03-01", JAKARTA)
    textile, kca = "TEXTILE_FASHION", "agreement:bpkn-kca"
    return {
        "A01": [story.members("2017-01-20"), story.members("2017-01-20", certain=False)],
        "A02": story.members("2017-01-31"),
        "A03": [story.members(day) for day in ("2018-12-31", "2019-12-31", "2020-09-28")],
        "A04": [story.members("2019-06-30"), story.members("2019-06-30", certain=False)],
        "A05": [story.brands(day) for day in ("2019-10-15", "2020-09-28")],
        "A06": [story.banned("2016-04-30", end_of_utc_day("2020-10-02")), story.banned("2016-04-30")],
        "A07": [
            story.banned("2016-04-30", end_of_utc_day("2017-06-01"), basis=basis) for basis in ("LEDGER", "SOURCE")
        ],
        "A08": [story.banned("2020-09-24", end_of_utc_day(day)) for day in ("2020-10-02", "2020-12-02")],
        "A09": story.bans("2020-12-31"),
        "A10": [one is not None for one in met],
        "A11": [
            first["data"]["attendee_count"],
            len(first["data"]["industries"]),
            instant(first["time"]).astimezone(ZoneInfo(SHANGHAI)).date().isoformat(),
        ],
        "A12": story.hours("2020-10-31"),
        "A13": story.countered(),
        "A14": [
            story.clusters(instant("2021-08-02T16:59:59Z"), announced),
            len(story.clusters(instant("2021-08-02T17:00:01Z"), announced)),
        ],
        "A15": [story.clusters(march, end_of_day(day, JAKARTA)) for day in ("2021-08-04", "2021-08-06")],
        "A16": story.breaches("2021-09-01", "2021-09-02", textile),
        "A17": story.breaches("2021-09-01", "2021-10-01", textile),
        "A18": story.breaches("2021-09-01", "2021-10-01"),
        "A19": [story.breaches("2021-07-15", day, textile) for day in ("2021-08-04", "2021-08-06")],
        "A20": [
            story.agreement(kca, end_of_day("2021-08-10", JAKARTA), end_of_day(day, JAKARTA))
            for day in ("2021-09-30", "2021-10-16")
        ],
        "A21": [
            story.agreement(kca, end_of_day("2021-09-10", JAKARTA)),
            story.agreement("agreement:bpkn-ukicc", end_of_day("2021-10-05", JAKARTA)),
        ],
        "A22": story.baseless("2021-10-16"),
        "A23": story.decided(),
        "A24": story.evaluated("2023-07-27"),
        "A25": story.evaluated("2023-09-01"),
        "A26": story.evaluated("2023-07-27", strict=True),
        "A27": story.goods("2023-07-26"),
        "A28": story.task_force("2023-07-26"),
        "A29": [story.stopped(f"2023-10-04T{time}Z") for time in ("09:59:59", "10:00:00")],
        "A30": [story.conference(day) for day in ("2021-09-30", "2021-10-09")],
        "A31": story.outcomes("2021-12-31"),
        "A32": [story.name("kca", "dispute:kca:D1"), story.name("bpkn", "dispute:bpkn:D4")],
    }
