"""The `eventsourcing` library's recorders over one log, and its subscription: what `ledger.persistence` gives out."""

import contextlib
from collections import deque
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import UUID

import asyncpg
import eventsourcing.persistence as library
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactoryError,
    Notification,
    StoredEvent,
    Subscription,
)
from msgspec import Raw

from ledger.bridge import Bridge
from ledger.domain.application import ApplicationEventStored, format_event_id, format_subject
from ledger.domain.catalogue import read_payload
from ledger.domain.fact import schema_version
from ledger.domain.payload import INTEGER_MAX
from ledger.entry import Draft, RecordedEvent, encode_canonical, read_entry
from ledger.errors import (
    DatabaseError,
    DataFolderError,
    InputError,
    JejakError,
    Refused,
    SettingError,
    Tampered,
    reason_of,
)
from ledger.intake import BATCH_MAX_EVENTS, Author, EventData, LogInfo, check_event
from ledger.judging import Receipt
from ledger.store import PAGE_EVENTS, statements

KIND = "APPLICATION"
"""The kind of an application's log, and the role that appends to it."""
ORIGINATOR_ID_TYPE = "ORIGINATOR_ID_TYPE"
END = 2**63 - 1
"""Behind every position."""
WAIT_SECONDS = 5.0
"""How long a subscription waits at most before it looks by itself: the bridge wakes it far more often."""

_CONFLICTS = frozenset({"id-reused", "version-conflict"})


class JejakAggregateRecorder(AggregateRecorder):
    """Stores and reads the events of aggregates in one log. Any number of threads may use it."""

    def __init__(self, bridge: Bridge, log: LogInfo, *, uuids: bool = True) -> None:
        """Take the log; `uuids` tells whether originator ids are UUIDs, or any text."""
        self._bridge = bridge
        self._log = log
        self._uuids = uuids
        self._author = Author(authid=f"application:{log.slug}", authrole=KIND)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ANN401 - the library's
        """Store events, all or none.

        Raises:
            IntegrityError: an aggregate has this version already; nothing was stored.
            DataError: an event is not what can be stored (its state is over STATE_MAX_BYTES, say); nothing was stored.
            OperationalError: the database could not, or did not answer; an IntegrityError of the same events,
                sent again, then tells that they had been stored.
        """
        self._append(stored_events, **kwargs)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return an aggregate's events with versions in (gt, lte], in their order, at most `limit`."""
        statement = statements("read_aggregate_backwards" if desc else "read_aggregate")
        found: list[StoredEvent] = []
        with library_errors():
            text = self._text(originator_id)
            subject = format_subject(text)
            after, before = _version(-1 if gt is None else gt), _version(INTEGER_MAX if lte is None else lte) + 1
            ids = [format_event_id(text, after), format_event_id(text, before)]
            while limit is None or len(found) < limit:
                asked = PAGE_EVENTS if limit is None else min(PAGE_EVENTS, limit - len(found))
                rows = self._bridge.fetch(statement, self._log.log_id, *ids, asked)
                found += [self._stored(read_entry(row["entry"])) for row in rows if row["subject"] == subject]
                if len(rows) < asked:
                    break
                ids[1 if desc else 0] = rows[-1]["id"]
        return found

    def _append(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> list[Receipt]:  # noqa: ANN401 - the library's
        if kwargs.get("tracking") is not None:
            raise library.NotSupportedError("tracking is not offered by ledger.persistence: see its description")
        if len(stored_events) > BATCH_MAX_EVENTS:
            raise library.DataError(f"{len(stored_events)} events at once: at most {BATCH_MAX_EVENTS}")
        with library_errors():
            return self._bridge.append(self._log, [self._draft(event) for event in stored_events])

    def _draft(self, event: StoredEvent) -> Draft:
        text = self._text(event.originator_id)
        payload = ApplicationEventStored(
            originator_id=text,
            originator_version=event.originator_version,
            topic=event.topic,
            state=event.state,
        )
        return check_event(
            EventData(
                specversion="1.0",
                id=format_event_id(text, event.originator_version),
                source=f"/applications/{self._log.slug}",
                type=ApplicationEventStored.event_type,
                subject=format_subject(text),
                time=datetime.now(UTC),
                data=Raw(encode_canonical(payload)),
            ),
            self._log,
            self._author,
        )

    def _stored(self, recorded: RecordedEvent) -> StoredEvent:
        payload = _payload(recorded)
        return StoredEvent(
            originator_id=self._originator_id(payload.originator_id),
            originator_version=payload.originator_version,
            topic=payload.topic,
            state=payload.state,
        )

    def _text(self, originator_id: UUID | str) -> str:
        """Return an originator id as text: a UUID always in the same form."""
        return str(self._originator_id(str(originator_id)))

    def _originator_id(self, text: str) -> UUID | str:
        if not self._uuids:
            return text
        try:
            return UUID(text)
        except ValueError as error:
            raise library.DataError(f"{text!r} is no UUID: for other ids set {ORIGINATOR_ID_TYPE} to 'text'") from error


class JejakApplicationRecorder(JejakAggregateRecorder, ApplicationRecorder):
    """The same, and the log as the sequence of an application's notifications: id = position + 1, gapless, final."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ANN401 - the library's
        """Store events, all or none, and return their notifications' ids, one after the other.

        Raises what `JejakAggregateRecorder.insert_events` raises.
        """
        return [receipt.position + 1 for receipt in self._append(stored_events, **kwargs)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return notifications from `start` to `stop` in order, at most `limit`, of these topics or of all."""
        position = 0 if start is None else max(0, start - 1 if inclusive_of_start else start)
        end = END if stop is None else stop
        found: list[Notification] = []
        while len(found) < limit and position < end:
            asked = PAGE_EVENTS if topics else min(PAGE_EVENTS, limit - len(found))
            page, following = self.read_page(position, end, asked, topics)
            found += page
            if following - position < asked:
                break
            position = following
        return found[:limit]

    def read_page(
        self, position: int, end: int, limit: int, topics: Sequence[str] = ()
    ) -> tuple[list[Notification], int]:
        """Return the notifications among at most `limit` entries of [position, end), and where to read on."""
        with library_errors():
            rows = self._bridge.fetch(statements("read_entries"), self._log.log_id, position, end, limit)
            recorded = [(row["position"], read_entry(row["entry"])) for row in rows]
        page = [
            Notification(id=place + 1, **vars(self._stored(event)))
            for place, event in recorded
            if event.type == ApplicationEventStored.event_type  # others may write to the log, too
        ]
        chosen = [notification for notification in page if not topics or notification.topic in topics]
        return chosen, recorded[-1][0] + 1 if recorded else position

    def max_notification_id(self) -> int | None:
        """Return the id of the newest notification, None before the first."""
        with library_errors():
            rows = self._bridge.fetch(statements("read_size"), self._log.log_id)
        return rows[0]["size"] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Return an iterator over notifications after `gt`, which waits for more: enter it, and stop or leave it."""
        return JejakSubscription(self, gt, topics)

    def listen(self, woken: Event) -> None:
        """Set `woken` whenever there may be more, and when the factory closes."""
        self._bridge.listen(woken)

    def unlisten(self, woken: Event) -> None:
        """Leave `woken` alone again."""
        self._bridge.unlisten(woken)


class JejakSubscription(Subscription[ApplicationRecorder]):
    """Follows a log page by page, in the thread that iterates: nothing is read before it is asked for.

    `stop` may be called by any thread. It fails with OperationalError once the factory is closed.
    """

    def __init__(self, recorder: JejakApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder, gt, topics)
        self._source = recorder
        self._position = gt or 0
        self._found: deque[Notification] = deque()
        self._woken = Event()
        recorder.listen(self._woken)

    def stop(self) -> None:
        """Stop the iteration, and wake it if it waits."""
        super().stop()
        self._source.unlisten(self._woken)
        self._woken.set()

    def __next__(self) -> Notification:
        """Return the next notification, when there is one. Raises StopIteration once stopped."""
        while not self._has_been_stopped:
            if self._found:
                return self._found.popleft()
            self._woken.clear()  # before the look: what comes after it wakes us
            page, following = self._source.read_page(self._position, END, PAGE_EVENTS, self._topics)
            self._found.extend(page)
            if following == self._position and not self._has_been_stopped:
                self._woken.wait(WAIT_SECONDS)
            self._position = following
        raise StopIteration


def _version(number: int) -> int:
    """Return the nearest number that ids can be compared by: from one below the first version to the last."""
    return max(-1, min(number, INTEGER_MAX))


def _payload(recorded: RecordedEvent) -> ApplicationEventStored:
    payload = read_payload(recorded.type, schema_version(recorded.dataschema), bytes(recorded.data))
    if not isinstance(payload, ApplicationEventStored):
        raise Tampered(f"event {recorded.id}", f"it is read as an aggregate's, and is a {recorded.type}")
    return payload


@contextlib.contextmanager
def library_errors() -> Generator[None]:
    """Raise what goes wrong as the library's applications expect it (PEP 249)."""
    try:
        yield
    except Refused as error:
        conflict = any(fault.code in _CONFLICTS for fault in error.faults)
        raise (library.IntegrityError if conflict else library.DataError)(str(error)) from error
    except InputError as error:
        raise library.ProgrammingError(str(error)) from error
    except UnicodeEncodeError as error:
        raise library.DataError(f"no Unicode text: {error}") from error
    except Tampered as error:
        raise library.InternalError(str(error)) from error
    except (SettingError, DataFolderError, DatabaseError) as error:
        raise InfrastructureFactoryError(str(error)) from error
    except JejakError as error:
        raise library.OperationalError(str(error)) from error
    except asyncpg.SyntaxOrAccessError as error:
        raise library.ProgrammingError(reason_of(error)) from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise library.OperationalError(reason_of(error)) from error
