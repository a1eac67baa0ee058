"""A persistence module for the `eventsourcing` library: its recorders and factory over this store.

An application written with the library gains a tamper-evident log when its environment says
`PERSISTENCE_MODULE=ledger.persistence`, with

- `JEJAK_DATABASE_URL` or `JEJAK_DATA`, and the other JEJAK_* variables, as everywhere;
- `JEJAK_LOG`: the log's slug; by default the application's name, `BankAccounts` as `bank-accounts`. Set it in the
  application's own environment: the ledger's other programs do not know it;
- `ORIGINATOR_ID_TYPE`: `uuid` (the default) or `text`, as for the library's own PostgreSQL module.

The log has the kind APPLICATION, a notification's id is its position + 1, and snapshots go to a log of their own,
`<slug>-snapshots`. Every stored event is an `ApplicationEventStored`, appended with its batch or not at all. What the
library calls an IntegrityError is an id that the log has already.

Not offered: tracking and process recorders. A tracking record must be written in the transaction of the events that
follow from it, and the ledger writes nothing beside a log's own events: keep it in the projection's database.
"""

import re
from typing import NoReturn

from eventsourcing.domain import TAggregateID
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    Mapper,
    ProcessRecorder,
    Recorder,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType

from ledger.bridge import Bridge
from ledger.errors import JejakError
from ledger.intake import LogInfo
from ledger.mapper import StructMapper
from ledger.recorder import (
    KIND,
    ORIGINATOR_ID_TYPE,
    JejakAggregateRecorder,
    JejakApplicationRecorder,
    JejakSubscription,
    library_errors,
)
from ledger.settings import Settings, read_settings

__all__ = [
    "Factory",
    "JejakAggregateRecorder",
    "JejakApplicationRecorder",
    "JejakFactory",
    "JejakSubscription",
    "StructMapper",
]

DATA_CLASS = "CONFIDENTIAL"
JEJAK_LOG = "JEJAK_LOG"
EVENTS = "events"

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_. ]+")


class JejakFactory(InfrastructureFactory[TrackingRecorder]):
    """Makes the recorders of one application. The database is opened with the first, and left by `close`."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Take the environment. Raises InfrastructureFactoryError when a variable is wrong."""
        super().__init__(env)
        self._settings = _read_settings(self.env)
        self._slug = _slug(self.env)
        id_type = self.env.get(ORIGINATOR_ID_TYPE, "uuid").lower()
        if id_type not in {"uuid", "text"}:
            raise InfrastructureFactoryError(f"{ORIGINATOR_ID_TYPE} is {id_type!r}: it must be 'uuid' or 'text'")
        self._uuids = id_type == "uuid"
        self._bridge: Bridge | None = None

    def mapper(
        self, transcoder: Transcoder | None = None, mapper_class: type[Mapper[TAggregateID]] | None = None
    ) -> Mapper[TAggregateID]:
        """Return the mapper that is named, or one that also takes Structs."""
        if mapper_class is None and not self.env.get(self.MAPPER_TOPIC):
            mapper_class = StructMapper[TAggregateID]
        return super().mapper(transcoder, mapper_class)

    def aggregate_recorder(self, purpose: str = EVENTS) -> AggregateRecorder:
        """Return a recorder over the application's log, or over `<slug>-<purpose>` for any other than its events."""
        return JejakAggregateRecorder(*self._place(purpose), uuids=self._uuids)

    def application_recorder(self) -> ApplicationRecorder:
        """Return a recorder over the application's log."""
        return JejakApplicationRecorder(*self._place(EVENTS), uuids=self._uuids)

    def tracking_recorder(self, tracking_recorder_class: type[TrackingRecorder] | None = None) -> TrackingRecorder:
        """Not offered: raises InfrastructureFactoryError."""
        _not_offered(tracking_recorder_class or TrackingRecorder)

    def process_recorder(self) -> ProcessRecorder:
        """Not offered: raises InfrastructureFactoryError."""
        _not_offered(ProcessRecorder)

    def close(self) -> None:
        """Answer what has queued, then leave the database. Recorders made before then fail."""
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            with library_errors():
                bridge.close()

    def _place(self, purpose: str) -> tuple[Bridge, LogInfo]:
        slug = self._slug if purpose == EVENTS else _checked_slug(f"{self._slug}-{purpose}")
        with library_errors():
            bridge = self._bridge = self._bridge or Bridge(self._settings)
            log = bridge.settle_log(slug, KIND, DATA_CLASS)
        if log.kind != KIND:
            raise InfrastructureFactoryError(
                f"log {slug} has the kind {log.kind}, not {KIND}: name another by {JEJAK_LOG}"
            )
        return bridge, log


def _read_settings(env: Environment) -> Settings:
    """Return the settings of a library's environment: a variable may begin with the application's name there."""
    known = [f"JEJAK_{field.upper()}" for field in Settings.__struct_fields__]
    others = [name for name in env if name.startswith("JEJAK_") and name != JEJAK_LOG]
    try:
        return read_settings({name: env.get(name, "") for name in (*known, *others)})
    except JejakError as error:
        raise InfrastructureFactoryError(str(error)) from error


def _slug(env: Environment) -> str:
    """Return the log's slug: as set, or the application's name in small letters, with hyphens between its words."""
    return _checked_slug(env.get(JEJAK_LOG) or _SEAM.sub("-", env.name).lower() or KIND.lower())


def _checked_slug(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        detail = "small letters, digits and hyphens, at most 63 with `-snapshots` behind it"
        raise InfrastructureFactoryError(f"{JEJAK_LOG}, or the application's name, makes {slug!r}: it must be {detail}")
    return slug


def _not_offered(recorder: type[Recorder]) -> NoReturn:
    raise InfrastructureFactoryError(
        f"ledger.persistence offers no {recorder.__name__}: tracking records must be written with what follows from "
        "them, and the ledger writes nothing beside events; keep them in the projection's own database"
    )


Factory = JejakFactory
