"""A job as it is kept: who asked, how far it has come, and what came of it."""

from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import asyncpg
import msgspec
from msgspec import Struct

from ledger.domain.instants import format_instant
from projections.jobs.question import Kind, Question

State: TypeAlias = Literal["QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"]
UNDER_WAY: frozenset[State] = frozenset({"QUEUED", "RUNNING"})
KEPT = timedelta(days=30)
"""How long a job and its result are kept after its end. Its manifest is in the audit log for ever."""


class Job(Struct, frozen=True, kw_only=True):
    """A row of `job`. `manifest` and `problem` are JSON; `sha256` and `bytes` are the result's."""

    job_id: str
    kind: Kind
    token_id: str
    question: str
    state: State
    attempt: int
    done: int
    total: int
    created: datetime
    started: datetime | None
    ended: datetime | None
    manifest: str | None
    sha256: bytes | None
    bytes: int | None
    problem: str | None

    @property
    def asked(self) -> Question:
        """What it is asked."""
        return msgspec.json.decode(self.question, type=Question)

    def describe(self) -> dict[str, Any]:
        """Return it as JSON values, as who asked sees it."""
        return {
            "id": self.job_id,
            "kind": self.kind,
            "state": self.state,
            "progress": {"done": self.done, "of": self.total},
            "created": format_instant(self.created),
            "started": None if self.started is None else format_instant(self.started),
            "ended": None if self.ended is None else format_instant(self.ended),
            "result": None if self.state != "DONE" else self._result(),
            "problem": None if self.problem is None else msgspec.json.decode(self.problem),
        }

    def _result(self) -> dict[str, Any]:
        """Return what came of it. `reproduces`: whether that is what the manifest says that was posted."""
        manifest: dict[str, Any] = msgspec.json.decode(self.manifest or "{}")
        asked = self.asked
        return {
            "url": f"/v1/jobs/{self.job_id}/result",
            "format": asked.format,
            "manifest": manifest,
            "sha256": (self.sha256 or b"").hex(),
            "bytes": self.bytes,
            "expires": None if self.ended is None else format_instant(self.ended + KEPT),
            **({"reproduces": manifest["result_sha256"] == asked.expected_sha256} if asked.expected_sha256 else {}),
        }


def job_of(row: asyncpg.Record) -> Job:
    """Turn a row of `job` into what it says."""
    return msgspec.convert(dict(row), Job)
