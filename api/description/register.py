"""The table of operations: what each route says of itself, by method and path."""

from collections.abc import Mapping

from api.description import (
    access_operations,
    duty_operations,
    event_operations,
    job_operations,
    log_operations,
    open_operations,
    question_operations,
)
from api.description.operation import Operation

OPERATIONS: Mapping[str, Operation | tuple[Operation, ...]] = {
    **open_operations.OPERATIONS,
    **log_operations.OPERATIONS,
    **event_operations.OPERATIONS,
    **question_operations.OPERATIONS,
    **job_operations.OPERATIONS,
    **access_operations.OPERATIONS,
    **duty_operations.OPERATIONS,
}
"""A route whose path stands for several kinds of things says of each what it is, under a path of its own."""
TAGS: Mapping[str, str] = {
    event_operations.TAG: "What happened: appended, listed, exported, followed.",
    question_operations.LISTED: "What was so at a moment, as it was known at another.",
    question_operations.SUBJECT: "One stream: its state, its history, its events.",
    question_operations.CLAIMS: "What was said in public, held against what is known.",
    question_operations.REPORT: "Figures of a period, with their definitions.",
    job_operations.TAG: "Replays, differences and packs: accepted, worked out, kept.",
    duty_operations.STATEMENTS: "The DSA Transparency Database's own API.",
    duty_operations.DUMPS: "A day's statements as files that never change.",
    access_operations.TAG: "Tokens, who read what, what became of erasures.",
    duty_operations.ERASURES: "A data subject's key destroyed, and no hash changed.",
    log_operations.LOGS: "The units of order, of proof and of access.",
    log_operations.PROOFS: "That an entry stands in a log, and that a log only grew.",
    log_operations.TILES: "What everybody verifies by, at the paths of C2SP tlog-tiles.",
    open_operations.SCHEMAS: "What every event's data may be.",
    open_operations.PAGES: "This document, and pages for people.",
    open_operations.HEALTH: "Whether it lives, and how it is.",
}
"""What the groups of operations are about, in the order in which they are shown."""
