"""Asking witnesses to cosign a checkpoint: the log's side of C2SP tlog-witness, over HTTP.

All witnesses are asked at once. One that is away is asked again for a moment, and then left alone for a while, so that
nothing waits for it at every checkpoint; one that has seen what this log has not raises the alarm.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx
from msgspec import Struct

from ledger.errors import Rollback, SettingError, reason_of
from ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from ledger.tlog.note import Note, NoteError, Signature, parse_note, parse_signatures, verify_note
from ledger.tlog.policy import Participant, Policy, PolicyError, parse_policy
from ledger.tlog.witness_protocol import (
    SIZE_MEDIA_TYPE,
    AddCheckpoint,
    RequestError,
    format_add_checkpoint,
    parse_cosigned_size,
)

ATTEMPTS = 3
"""Times that a witness is asked, as Tessera's client does."""
FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.25
"""Between two attempts, doubled each time and with chance in it, as Tessera's client does."""
TIMEOUT_SECONDS = 1.0
"""For one attempt, as Tessera's client does: a checkpoint a second is what the log wants."""
FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 60.0
"""How long a witness that did not answer is left alone; twice as long after each time more."""
MOST_ANSWER_BYTES = 64 * 1024
"""Bytes of an answer: a few signature lines, of at most 5 kB each."""
MOST_POLICY_BYTES = 1024 * 1024

Consistency = Callable[[int], Awaitable[tuple[bytes, ...]]]
"""Returns the consistency proof from a size (above 0, below the checkpoint's) to the checkpoint's."""

_OK, _CONFLICT, _UNPROVED, _TOO_MANY, _SERVER_FAULT = 200, 409, 422, 429, 500

log = logging.getLogger(__name__)


class _Reply(Struct, frozen=True):
    """What a witness answered: status, media type and body."""

    status: int
    media_type: str
    body: bytes


class _Away(Exception):
    """A witness did not answer now, or said that it cannot."""


class _Unwilling(Exception):
    """A witness does not cosign for this log, or not in a way that we can use; asking again now changes nothing."""


class _Rests:
    """Which witnesses are left alone, and until when: one that is away for every log, one that is unwilling for one."""

    def __init__(self) -> None:
        self._rests: dict[tuple[str, str], tuple[float, float]] = {}

    def lasts(self, place: tuple[str, str]) -> bool:
        """Return whether a witness (and an origin, or "") is to be left alone now."""
        return place in self._rests and time.monotonic() < self._rests[place][0]

    def begin(self, place: tuple[str, str]) -> None:
        """Leave it alone for a while, twice as long as the last time."""
        seconds = min(2 * self._rests[place][1], LONGEST_REST_SECONDS) if place in self._rests else FIRST_REST_SECONDS
        self._rests[place] = (time.monotonic() + seconds, seconds)

    def end(self, place: tuple[str, str]) -> None:
        """Forget that it was left alone."""
        self._rests.pop(place, None)


class Witnesses:
    """The witnesses of a policy. Owns what each was last known to have cosigned, and which are left alone."""

    def __init__(self, policy: Policy, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take the policy, and how to connect. Raises SettingError where its quorum can never be met.

        A witness without URL is verified, and cannot be asked.
        """
        self.policy = policy
        self._asked = [witness for witness in policy.witnesses.values() if witness.url is not None]
        if not policy.satisfied([Signature(asked.key.name, asked.key.key_id, b"") for asked in self._asked]):
            raise SettingError("the quorum of the witness policy cannot be met by the witnesses that have a URL")
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, transport=transport)
        self._sizes: dict[tuple[str, str], int] = {}
        self._rests = _Rests()

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()

    def satisfied(self, note: bytes) -> bool:
        """Return whether a checkpoint has the cosignatures that the policy asks for."""
        try:
            return self.policy.satisfied(self.policy.cosignatures(parse_note(note)))
        except NoteError:  # one that does not hold
            return self.policy.satisfied(())

    async def cosign(self, checkpoint: bytes, consistency: Consistency) -> list[Signature]:
        """Return the cosignatures on a checkpoint that the witnesses give now, verified; each witness is asked once.

        Witnesses that are away, or do not want to, are told in the log and left out: whether what there is suffices
        is `satisfied`'s to say. Raises Rollback if any of them has seen what contradicts the checkpoint, whatever the
        others answer: then nothing more may be signed.
        """
        note = parse_note(checkpoint)
        wanted = parse_checkpoint(note.text)
        asking = [self._ask(witness, note, wanted, checkpoint, consistency) for witness in self._asked]
        answers = await asyncio.gather(*asking, return_exceptions=True)
        for answer in sorted((one for one in answers if isinstance(one, BaseException)), key=_gravity):
            raise answer
        return [signature for answer in answers if not isinstance(answer, BaseException) for signature in answer]

    async def _ask(
        self, witness: Participant, note: Note, wanted: Checkpoint, checkpoint: bytes, consistency: Consistency
    ) -> Sequence[Signature]:
        """Return a witness's cosignatures; none where it is left alone, away or unwilling. Raises Rollback."""
        name = witness.key.name
        everywhere, here = (name, ""), (name, wanted.origin)
        if self._rests.lasts(everywhere) or self._rests.lasts(here):
            return ()
        try:
            lines = await self._negotiate(witness, wanted, checkpoint, consistency)
            signatures = verify_note(Note(note.text, parse_signatures(lines)), [witness.key])
        except (_Away, _Unwilling, NoteError) as error:
            log.warning("witness %s has not cosigned %s at %s: %s", name, wanted.origin, wanted.size, error)
            self._rests.begin(everywhere if isinstance(error, _Away) else here)
            return ()
        self._rests.end(everywhere)
        self._rests.end(here)
        self._sizes[here] = wanted.size
        return signatures

    async def _negotiate(
        self, witness: Participant, wanted: Checkpoint, checkpoint: bytes, consistency: Consistency
    ) -> str:
        """Return the signature lines of a witness, asked from the size that it cosigned last: its own word, if need be.

        Raises Rollback, _Away, _Unwilling.
        """
        place = (witness.key.name, wanted.origin)
        for _ in range(2):
            old_size = min(self._sizes.get(place, 0), wanted.size)
            proof = await consistency(old_size) if 0 < old_size < wanted.size else ()
            request = format_add_checkpoint(AddCheckpoint(old_size, proof, checkpoint))
            reply = await self._submit(f"{witness.url}".rstrip("/") + "/add-checkpoint", request)
            if reply.status == _OK:
                return _text(reply)
            self._sizes[place] = _seen(witness, wanted, reply)
        raise _Away("it has cosigned another checkpoint of this log meanwhile")

    async def _submit(self, url: str, request: bytes) -> _Reply:
        """Return a witness's answer, asking again for a moment where there is none. Raises _Away."""
        why, pause = "", FIRST_PAUSE_SECONDS
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - to spread load, not a secret
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    reply = await self._post(url, request)
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                why = reason_of(error)
                continue
            if reply.status != _TOO_MANY and reply.status < _SERVER_FAULT:
                return reply
            why = f"it answers {reply.status}"
        raise _Away(why)

    async def _post(self, url: str, request: bytes) -> _Reply:
        """Send a request once and return the answer. Raises what httpx does, and _Unwilling for an endless one."""
        async with self._client.stream("POST", url, content=request) as response:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_ANSWER_BYTES:
                    raise _Unwilling(f"its answer has more than {MOST_ANSWER_BYTES} bytes")
            media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
            return _Reply(response.status_code, media_type, bytes(body))


def _gravity(error: BaseException) -> bool:
    """Return what sorts an alarm before every fault of our own."""
    return not isinstance(error, Rollback)


def _text(reply: _Reply) -> str:
    """Return the signature lines of an answer. Raises _Unwilling for one that is none."""
    try:
        return reply.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Unwilling("its answer is not UTF-8") from error


def _seen(witness: Participant, wanted: Checkpoint, reply: _Reply) -> int:
    """Return the size that a witness says it cosigned last, instead of cosigning.

    Raises Rollback if it cannot be reconciled with this log: a greater size, a conflict without a size (another root at
    the same size, in the protocol's first version), a proof that does not hold. Raises _Unwilling for other answers.
    """
    said = f"witness {witness.key.name} answers {reply.status} to {wanted.origin} at {wanted.size} entries"
    if reply.status == _UNPROVED:
        raise Rollback(f"{said}: it has cosigned what this log does not follow from ({_line(reply)})")
    if reply.status != _CONFLICT:
        raise _Unwilling(f"it answers {reply.status} ({_line(reply)})")
    size = _cosigned_size(reply)
    if size is None:
        raise Rollback(f"{said}, and names no size: it has cosigned another root of that size ({_line(reply)})")
    if size > wanted.size:
        raise Rollback(f"{said}: it has cosigned {size}, which this log has lost", size)
    return size


def _cosigned_size(reply: _Reply) -> int | None:
    """Return the size that an answer 409 names; None where it names none."""
    try:
        return parse_cosigned_size(reply.body) if reply.media_type == SIZE_MEDIA_TYPE else None
    except RequestError:
        return None


def _line(reply: _Reply) -> str:
    """Return the beginning of an answer, as it may stand in a log."""
    shown = reply.body[:200].decode("utf-8", "replace").strip()
    return "".join(character if character.isprintable() else " " for character in shown)


def read_policy(path: Path) -> Policy:
    """Return the policy of a file. Raises SettingError for one that cannot be read, or is none."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_POLICY_BYTES + 1)
    except OSError as error:
        raise SettingError(f"the witness policy {path} cannot be read: {error.strerror}") from error
    if len(content) > MOST_POLICY_BYTES:
        raise SettingError(f"the witness policy {path} has more than {MOST_POLICY_BYTES} bytes")
    try:
        return parse_policy(content.decode("utf-8", "surrogateescape"))
    except PolicyError as error:
        raise SettingError(f"the witness policy {path}: {error}") from error
