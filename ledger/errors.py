"""Every error of the ledger, in one tree.

JejakError
├── InputError                 the caller sent something wrong: change it, then send it again
│   ├── Unreadable             not JSON, not NDJSON, not UTF-8
│   ├── Refused                one or many faults, of events or of what was asked; nothing was stored
│   │   └── SubjectErased      personal values of somebody whose key was destroyed
│   ├── UnknownLog             no such log
│   ├── LogExists              the slug is taken
│   ├── Held                   a legal hold forbids an erasure
│   ├── Deferred               an erasure was put off by law
│   └── TooLarge               past a named bound
├── Busy                       nothing was stored; send the same again after `retry_after_seconds`
├── LogHalted                  nothing was stored: the log contradicts what it has signed; it must be reopened first
├── OutcomeUnknown             the answer was lost; send the same ids again, which settles it
├── NotFound                   what was asked for is not there
├── SettingError               a JEJAK_* variable, or a combination of them
├── DataFolderError            a data folder that is not ours, or cannot be used
├── VaultError                 what is kept outside database and data folder cannot be read or written
├── DatabaseError              the database cannot serve as a ledger
│   └── DatabaseNewer          it was migrated by a newer release
├── Inconclusive               what is to be verified cannot be fetched: nothing was found out
│   ├── Closed                 it is there, and not for everybody
│   └── Gone                   it is not there, or no longer
├── Rollback                   a witness has seen what this log has lost, or contradicts
└── Tampered                   stored bytes contradict each other, or what was signed
"""


class JejakError(Exception):
    """Root of the tree. `str(error)` is one line: what, where, and what to do."""


def reason_of(error: BaseException) -> str:
    """Return what an error says on one line, or else what it is: a timeout says nothing.

    The database's other lines, details and hints, may quote what somebody wrote.
    """
    return next(iter(str(error).splitlines()), type(error).__name__)


FORBIDDEN_ROLE = "forbidden-role"
"""The code of a fault that is no mistake: this role may not do it, in whichever log (domain.md 9)."""


class InputError(JejakError):
    """The caller sent something wrong. Change it, then send it again."""


class Fault(InputError):
    """One thing wrong with one event; or, without `index`, with the request: a parameter, a member of its body.

    `index` counts events of the request from 0, and is 0 where the fault is of none. `pointer` is a JSON pointer into
    the event (RFC 6901; empty for the whole event), or of a parameter `/` and its name; `code` is a stable word of the
    contract, `detail` never carries a personal value.
    """

    def __init__(self, code: str, pointer: str, detail: str, index: int | None = None) -> None:
        where = pointer.removeprefix("/") if index is None else f"event {index}{' at ' + pointer if pointer else ''}"
        super().__init__(f"{where}{': ' if where else ''}{detail} ({code})")
        self.code = code
        self.pointer = pointer
        self.detail = detail
        self.index = index or 0
        self.of_event = index is not None

    def at(self, index: int) -> "Fault":
        """Return the same fault, of the event with this index."""
        return Fault(self.code, self.pointer, self.detail, index)


class Unreadable(InputError):
    """The bytes are not what their media type says. `line` counts from 1 where there are lines."""

    def __init__(self, detail: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {detail}" if line else detail)
        self.detail = detail
        self.line = line


class Refused(InputError):
    """One or many faults of a request's events, or of what was asked. Nothing of the request was stored."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults[:3]) + ("; ..." if len(faults) > 3 else ""))  # noqa: PLR2004
        self.faults = faults


class SubjectErased(Refused):
    """A data subject's key, of this id, was destroyed, and its id is never used again: nothing more can be kept."""

    def __init__(self, key_id: str) -> None:
        super().__init__((Fault("subject-erased", "/data", "the data subject's key was destroyed"),))
        self.key_id = key_id


class UnknownLog(InputError):
    """There is no log of this name. List them, or create it."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is no log {slug!r}: see `jejak log list`, or create it")
        self.slug = slug


class LogExists(InputError):
    """The slug is taken. Slugs are never used again."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is a log {slug!r} already: a slug is never used again")
        self.slug = slug


class Held(InputError):
    """A legal hold is in force, and nothing was erased. Ask again once it is released."""

    def __init__(self, slug: str, event_id: str) -> None:
        super().__init__(f"a legal hold is in force: event {event_id} of log {slug} placed it")
        self.slug = slug
        self.event_id = event_id


class Deferred(InputError):
    """An erasure was put off by law, and nothing was erased. Ask again after that, or record a new request."""

    def __init__(self, slug: str, event_id: str, until: str, ground: str | None) -> None:
        because = f" on the ground {ground}" if ground else ""
        super().__init__(f"the erasure is deferred until {until}{because}: event {event_id} of log {slug} says so")
        self.slug = slug
        self.event_id = event_id
        self.until = until
        self.ground = ground


class TooLarge(InputError):
    """Past a bound that has a name. Send less at once."""


class Busy(JejakError):
    """No room or no time now; nothing was stored. Send the same again after `retry_after_seconds`."""

    def __init__(self, detail: str, retry_after_seconds: int = 1) -> None:
        super().__init__(f"{detail}; try again in {retry_after_seconds} s")
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class LogHalted(JejakError):
    """A log contradicts what it has signed, and nothing was stored. See `reason`; `jejak log reopen` accepts a loss."""

    def __init__(self, slug: str, reason: str) -> None:
        super().__init__(
            f"log {slug} is halted, and takes nothing: {reason}; restore the database that has what was signed, or, "
            f"if that is lost for good, run `jejak log reopen {slug}`"
        )
        self.slug = slug
        self.reason = reason


class OutcomeUnknown(JejakError):
    """The database did not answer: stored wholly, or not at all. Send the same ids again, which settles it."""


class NotFound(JejakError):
    """What was asked for is not there."""


class SettingError(JejakError):
    """A JEJAK_* variable or an option is wrong; the message says which, and what it may be."""


class DataFolderError(JejakError):
    """A data folder that is not a ledger's, is another version's, or cannot be used. Choose another, or mend it."""


class VaultError(JejakError):
    """What a ledger keeps outside cannot be read or written: mend its folder or its disk, then ask again."""


class DatabaseError(JejakError):
    """The database cannot serve as a ledger; the message says what it lacks."""


class DatabaseNewer(DatabaseError):
    """The database was migrated by a newer release. Run that release, or restore a backup of before."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"the database is at migration {found}, this release knows {known}: run the newer release that migrated it"
        )
        self.found = found
        self.known = known


class Inconclusive(JejakError):
    """What is to be verified cannot be fetched, may not be, or is no longer kept: neither good nor bad. Ask again."""


class Closed(Inconclusive):
    """What is to be verified is read with a token only, and with one that is for it."""


class Gone(Inconclusive):
    """What is to be verified is not there: it was never published, or is no longer kept."""


class Rollback(JejakError):
    """A witness has cosigned what this log has lost or contradicts: sign nothing more until it is explained.

    `seen` is the size that it has cosigned, where it says so.
    """

    def __init__(self, detail: str, seen: int | None = None) -> None:
        super().__init__(detail)
        self.seen = seen


class Tampered(JejakError):
    """Stored bytes contradict each other. `place` says where; stop trusting the store until it is explained."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"{place}: {detail}")
        self.place = place
        self.detail = detail
