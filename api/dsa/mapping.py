"""From an accepted statement to the events of one commit: what was submitted, and what it imposes. Pure.

A restriction cannot be recorded before it takes effect: one of a day to come is in the statement alone, whose stream
says when it is to apply.
"""

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from api.dsa.restrictions import restrictions_of
from api.dsa.submission import Submission
from ledger.domain.instants import start_of
from ledger.domain.statement import StatementSubmitted, statement_id, statement_subject, statement_uuid
from ledger.intake import EventData, LogInfo

SOURCE = "/api/v1/statement"
NAME = StatementSubmitted.event_type


def events_of(submission: Submission, log: LogInfo, now: datetime) -> Iterator[EventData]:
    """Yield the events of a statement submitted to a log `now`: itself first, then its restrictions.

    Their ids follow from the platform's identifier, so that a second attempt repeats them.
    """
    statement = submission.statement
    uuid, event_id = statement_uuid(log.slug, statement.puid), statement_id(statement.puid)
    schema = f"/schemas/{NAME}/{submission.version}"
    yield _event(event_id, NAME, statement_subject(log.slug, uuid), now, submission.data, event_id, schema)
    takes_effect = start_of(date.fromisoformat(statement.application_date), log.timezone)
    if takes_effect > now:
        return
    for name, subject, imposed in restrictions_of(statement, log.slug, uuid, log.timezone):
        data = msgspec.json.encode(imposed)
        event = _event(f"{event_id}:{name}", imposed.event_type, subject, takes_effect, data, event_id)
        yield msgspec.structs.replace(event, timeprecision="DAY", timezone=log.timezone)


def _event(
    event_id: str,
    event_type: str,
    subject: str,
    time: datetime,
    data: bytes,
    correlation: str,
    schema: str | None = None,
) -> EventData:
    return EventData(
        specversion="1.0",
        id=event_id,
        source=SOURCE,
        type=event_type,
        subject=subject,
        time=time,
        data=msgspec.Raw(data),
        correlationid=correlation,
        dataschema=schema,
    )
