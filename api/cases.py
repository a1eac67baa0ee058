"""Cases: what of a log those may see who take part in it, and do not read it whole (domain.md 3).

Who asks for a case that is not theirs is answered as though there were none.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request
from msgspec import Struct

from api.auth import credential_of, must_read
from api.present import Present, present_of
from api.problems import Forbidden
from api.reading import note_reading
from api.service import Service
from api.windows import recorded_within
from ledger.domain.agreement import Agreement, status
from ledger.domain.catalogue import kind_of
from ledger.domain.dispute_events import DisputeReferred, ReferralDeclined
from ledger.domain.ip_right import IpRightAssigned, IpRightRecorded
from ledger.domain.takedown_events import NoticeReceived
from ledger.entry import encode_canonical, read_entry
from ledger.errors import NotFound
from ledger.intake import Author, EventData, LogInfo, Read
from ledger.rights import PARTICIPATES
from ledger.scopes import sight_of
from ledger.store import Reader, find_event, find_logs, read_heads, read_streams, unknown_event
from ledger.tokens import Credential
from projections.inquiry import REGISTER

PARTLY_SHOWN = (
    "specversion", "id", "type", "subject", "time", "timelatest", "timeprecision", "timezone", "recordedtime", "log",
    "sequence", "streamversion",
)  # fmt: skip
"""The attributes of an event that are shown with the members that are shared: whose they are, and when they counted."""
NOTIFIED_KINDS = frozenset({"takedown_case", "ip_right"})
"""Kinds of streams of which a right holder may be a part."""
OF_THE_REFERRAL = frozenset({"DisputeReferred", "ReferralAccepted", "ReferralDeclined"})
"""Events that a partner is told of, whatever of them is shared."""


class Seen(Struct, frozen=True, kw_only=True):
    """What is seen in a log: all of it, or of a case only these members of its data and state."""

    log: LogInfo
    members: frozenset[str] | None = None

    @property
    def whole(self) -> bool:
        """Tell whether all members are seen."""
        return self.members is None

    def event(self, entry: bytes) -> bytes | None:
        """Return an entry as far as it is seen; None where nothing of it is."""
        if self.members is None:
            return entry
        event: dict[str, Any] = msgspec.json.decode(entry)
        data = self.state(event["data"])
        if not data and event["type"] not in OF_THE_REFERRAL:
            return None
        return encode_canonical({**{name: event[name] for name in PARTLY_SHOWN if name in event}, "data": data})

    def state(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return a state, or the data of an event, as far as it is seen."""
        return {name: value for name, value in state.items() if self.members is None or name in self.members}


async def asked_cases(
    request: Request[Any, Any, Any], service: Service, slugs: Sequence[str] | None, subject: str
) -> list[Seen]:
    """Return where who asks sees a subject: in the logs named, else in all that the token is for.

    The caller heeds windows (`api.windows`).

    Raises UnknownLog, and Forbidden for a log that is named and of which the token sees nothing.
    """
    credential, reader = credential_of(request), service.database.pool("reader")
    found: list[Seen] = []
    for log in await find_logs(reader, slugs or None):
        sight = sight_of(credential, log)
        if sight == "WHOLE":
            note_reading([log], subject)
            found.append(Seen(log=log))
        elif sight == "CASES":
            seen = await seen_case(reader, credential, log, subject)
            if seen is not None:
                note_reading([log], subject)
                found.append(seen)
        elif slugs:
            must_read(credential, log)
    return found


async def must_see(
    request: Request[Any, Any, Any], service: Service, log: LogInfo, subjects: Collection[str] | None
) -> Mapping[str, Seen] | None:
    """Return what is seen of each of the subjects that a question about a log names; None where all of it is.

    Raises Forbidden where the token does not see the whole log and no subject is named, and NotFound for a case that
    is not theirs who ask.
    """
    credential, reader = credential_of(request), service.database.pool("reader")
    sight = sight_of(credential, log)
    if sight == "WHOLE":
        for subject in subjects or (None,):
            note_reading([log], subject)
        return None
    if sight == "NOTHING":
        must_read(credential, log)
    if not subjects:
        raise Forbidden(f"this token sees cases of log {log.slug} only: name one, with subject")
    seen: dict[str, Seen] = {}
    for subject in subjects:
        case = await seen_case(reader, credential, log, subject)
        if case is None:
            raise NotFound(f"no log that this token may read knows {subject!r}, as far as was asked")
        note_reading([log], subject)
        seen[subject] = case
    return seen


def shown_of(cases: Mapping[str, Seen], entries: Sequence[bytes]) -> list[bytes]:
    """Return what is seen of entries, each of one of these cases."""
    shown = (cases[read_entry(entry).subject].event(entry) for entry in entries)
    return [entry for entry in shown if entry is not None]


async def seen_event(request: Request[Any, Any, Any], service: Service, log: LogInfo, event_id: str) -> bytes:
    """Return the entry of an event, as far as who asks sees it.

    Raises Forbidden for a log of which the token sees nothing, and NotFound for an event that is not there, or not
    seen: of a case that is not theirs, or recorded outside the token's window.
    """
    credential, reader = credential_of(request), service.database.pool("reader")
    sight = sight_of(credential, log)
    if sight == "NOTHING":
        must_read(credential, log)
    entry = (await find_event(reader, log.log_id, event_id)).entry
    event = read_entry(entry)
    case = Seen(log=log) if sight == "WHOLE" else await seen_case(reader, credential, log, event.subject)
    shown = case.event(entry) if case is not None else None
    if shown is None or not recorded_within(credential, event.recordedtime):
        raise unknown_event(event_id)
    note_reading([log], event.subject)
    return shown


async def seen_case(reader: Reader, credential: Credential, log: LogInfo, subject: str) -> Seen | None:
    """Return what a credential that takes part in cases of a log sees of a subject; None: nothing."""
    match PARTICIPATES.get(credential.role):
        case "NAMED":
            return Seen(log=log) if subject in credential.subjects else None
        case "BODY":
            return Seen(log=log) if credential.party and _is_of_body(subject, credential.party) else None
        case "NOTIFIED":
            found = await present_of(reader, [log], subject) if kind_of(subject) in NOTIFIED_KINDS else []
            return Seen(log=log) if any(_is_holder(stream, credential.party) for stream in found) else None
        case "REFERRED":
            found = await present_of(reader, [log], subject) if kind_of(subject) == "dispute" else []
            shared = [await _shared(reader, stream, credential.party) for stream in found]
            return Seen(log=log, members=shared[0]) if shared and shared[0] else None
        case _:
            return None


def _is_of_body(subject: str, body: str) -> bool:
    return subject == body or subject.startswith(f"membership:{body.partition(':')[2]}:")


def _is_holder(stream: Present, party: str | None) -> bool:
    """Tell whether a party is the notifier of a takedown case, or the last owner of a right."""
    named: list[str | None] = []
    for fact in stream.facts:
        match fact.payload:
            case NoticeReceived(notifier_party_id=notifier):
                named.append(notifier)
            case IpRightRecorded(owner_party_id=owner):
                named.append(owner)
            case IpRightAssigned(to_party_id=owner):
                named = [owner]
            case _:
                pass
    return party is not None and party in named


async def _shared(reader: Reader, stream: Present, party: str | None) -> frozenset[str]:
    """Return the members of a dispute that are shared with a party to which it is referred; none where it is not.

    They are those that the last referral names, in the data clause of the agreement that it names, while that is in
    force.
    """
    referral: DisputeReferred | None = None
    for fact in stream.facts:
        match fact.payload:
            case DisputeReferred() as referred:
                referral = referred
            case ReferralDeclined():
                referral = None
            case _:
                pass
    if referral is None or party is None or referral.to_party_id != party or referral.agreement_id is None:
        return frozenset()
    agreement = await _agreement(reader, stream.log, referral.agreement_id, party)
    shared = frozenset(referral.fields_shared or ())
    if agreement is None:
        return frozenset()
    return shared if agreement.data_clause is None else shared & frozenset(agreement.data_clause)


async def _agreement(reader: Reader, log: LogInfo, subject: str, party: str) -> Agreement | None:
    """Return the agreement that a log means, if it binds a party and is in force now: its own, else a register's."""
    if kind_of(subject) != "agreement":
        return None
    registers = [one for one in await find_logs(reader) if one.kind == REGISTER and one.log_id != log.log_id]
    found = await present_of(reader, [log], subject) or await present_of(reader, registers, subject)
    if len(found) != 1:  # none, or two that may contradict each other
        return None
    state = found[0].state
    if not isinstance(state, Agreement) or status(state, found[0].now) != "IN_FORCE":
        return None
    return state if party in (state.parties or ()) else None


def _may_begin(credential: Credential, subject: str) -> bool:
    """Tell whether who takes part in cases may begin this one: not for another body, nor what is to be referred."""
    match PARTICIPATES.get(credential.role):
        case "NOTIFIED":
            return True
        case "BODY":
            return kind_of(subject) not in {"body", "membership"}
        case _:
            return False


async def taking_part(
    service: Service, credential: Credential, log: LogInfo, author: Author, events: Sequence[Read]
) -> Author:
    """Return the author of these events, bound to the cases of which the credential is a part; those begun by it are.

    Whoever reads a log whole is bound to none.
    """
    if sight_of(credential, log) != "CASES" or author.subjects is not None:
        return author
    reader = service.database.pool("reader")
    subjects = {event.subject for event in events if isinstance(event, EventData)}
    (head,) = await read_heads(reader, [log.slug])
    begun = await read_streams(reader, log.log_id, sorted(subjects), head.size)
    own = {one for one in subjects if one not in begun and _may_begin(credential, one)}
    own |= {one for one in subjects - own if await seen_case(reader, credential, log, one) is not None}
    return msgspec.structs.replace(author, subjects=frozenset(own))
