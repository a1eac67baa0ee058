"""What every problem and every fault means, and what to do about it: the text of the pages at `/problems/{type}`.

The table of problems (`api.problems`) says which error is which problem, under which status; a fault's code is the type
of the problem when all faults of a request share it, and stands at each of them in `errors` in any case.
"""

from collections.abc import Mapping

from msgspec import Struct


class Text(Struct, frozen=True):
    """When a problem comes, and what to do about it."""

    when: str
    do: str


_SEND_AGAIN = "Correct what `pointer` names and send the request again; nothing of it was stored."
_ASK_AGAIN = "Correct the parameter that `pointer` names and ask again."

PROBLEM_TEXTS: Mapping[str, Text] = {
    "unreadable": Text(
        "The body is not what its media type says: no JSON, no NDJSON, no UTF-8, no whole gzip.",
        "Check the encoding. Where lines are counted, `detail` names the line.",
    ),
    "unauthorised": Text(
        "There is no token, or it is unknown, expired, rotated or revoked.",
        "Send `Authorization: Bearer ...`. Whoever runs the ledger makes tokens with `jejak token create`.",
    ),
    "forbidden": Text(
        "The token counts, and is not for this: not for this log, this role, this case or this window of time.",
        "Ask of logs that the token names. If it should see more, let its issuer make another.",
    ),
    "unknown-log": Text("No log has this slug.", "See `GET /v1/logs` for those that the token may read."),
    "not-found": Text(
        "What the path names is not there; or it is there, and not for this token.",
        "Check the id. What is to be found in another log is asked there.",
    ),
    "log-exists": Text("A log has this slug already.", "Choose another: slugs are never used again."),
    "method-not-allowed": Text("The path is not asked so.", "`Allow` names the methods that it takes."),
    "too-large": Text("The request is past a bound, packed or unpacked.", "Send less at once, in several requests."),
    "unsupported-media-type": Text(
        "The body is of a media type, or coded in a way, that is not taken: also CloudEvents in binary mode.",
        "Send structured CloudEvents, a batch or NDJSON, plain or as gzip.",
    ),
    "legal-hold": Text(
        "A legal hold is in force over the data subject; nothing was erased.",
        "Ask again once a LegalHoldReleased is recorded. `detail` names the event that placed it.",
    ),
    "erasure-deferred": Text(
        "The erasure was put off by law; nothing was erased.",
        "Ask again after the day that `detail` names, or record a new ErasureRequested.",
    ),
    "invalid-input": Text(
        "The request is not valid for the reason that `detail` says.", "Correct it and send it again."
    ),
    "too-many-requests": Text(
        "The token has as many requests or jobs under way as it may; nothing of this one was read.",
        "Wait as long as `Retry-After` says, then send the same again. Let fewer be under way at once.",
    ),
    "busy": Text(
        "There is no room now, the database is away, or the views are not as far as was asked; nothing was stored.",
        "Send the same again after `Retry-After`, with the same ids.",
    ),
    "log-halted": Text(
        "The log contradicts what it has signed: its database was set back, or changed. It takes nothing.",
        "Whoever runs it restores the right database, or accepts the loss with `jejak log reopen`. Nothing is lost of "
        "what you keep: send it again then.",
    ),
    "outcome-unknown": Text(
        "The answer of the database was lost: the request was stored wholly, or not at all.",
        "Send the same events again, with the same ids. Those that stand get their first receipt.",
    ),
    "vault-unavailable": Text(
        "What is kept outside the database, keys and marks, cannot be read or written.",
        "Whoever runs the ledger mends its folder or disk. Send the same again then.",
    ),
    "internal": Text(
        "The ledger failed for a reason of its own.",
        "Send the same again, with the same ids. If it stays so, tell who runs the ledger: its log says why.",
    ),
    "batch-rejected": Text(
        "Several things are wrong with the events that were sent, under several codes.",
        "`errors` has all of them, each with the index of its event. Nothing was stored: correct them and send all "
        "again, or send with `?atomic=false`, which stores the others.",
    ),
}
"""By the last part of the type."""

EVENT_TEXTS: Mapping[str, Text] = {
    "invalid-event": Text(
        "An event is not of the shape of its type, or an attribute is not what the contract says.",
        f"See the schema at `/schemas/{{type}}`. {_SEND_AGAIN}",
    ),
    "unknown-event-type": Text(
        "There is no such type of event.", "`/schemas` lists all of them, each with an example."
    ),
    "forbidden-role": Text(
        "The token's role may not append this type of event, or not to this case: nobody appends on both sides of a "
        "fact.",
        "Let the side that it belongs to append it, with its own token.",
    ),
    "version-conflict": Text(
        "The stream is not at the version that `expectedversion` says: somebody has appended to it since.",
        "Read the stream again, decide anew, and send with its version; or leave `expectedversion` out.",
    ),
    "id-reused": Text(
        "The log has an event of this id, and its content is another. An id is used once, for ever.",
        "If it is meant to be another event, give it another id. If it is meant to change one, send EventCorrected.",
    ),
    "timeline-impossible": Text(
        "By no choice of instants within what is known could it have happened so: an end before its beginning, say.",
        "Check `time` and `timelatest`; if an earlier event is wrong, correct or void that one first.",
    ),
    "outcome-exists": Text(
        "The dispute has an outcome already.",
        "Correct or void the earlier one, or record that it was set aside or revised.",
    ),
    "version-overlap": Text(
        "Two versions of a policy would be in force at once.", "Record when the earlier one ends, or correct its dates."
    ),
    "unknown-restriction": Text(
        "What is to be amended or lifted never began, or has ended.",
        "Check `restriction_id`. A restriction of before the log's beginning is imposed first, with its own time.",
    ),
    "unknown-reference": Text(
        "What the event refers to is not in this log, or not of the right kind: a target to correct, a cause, a stage.",
        "Append that first. References to other logs are never refused.",
    ),
    "future-not-allowed": Text(
        "`time`, or what a correction sets it to, is after the ledger's clock.",
        "Append it once it has happened. What is planned has types of its own, such as PolicyAnnounced.",
    ),
    "not-foreseeable": Text(
        "The event counts from when it is recorded, and says a time of its own.", "Leave `time` to the ledger."
    ),
    "recordedtime-not-later": Text(
        "On a ledger with a test clock: `recordedtime` is not after the log's last.", "Send a later one, or none."
    ),
    "pii-without-subject": Text(
        "A personal field is there, and nobody is named whose key it could be sealed with.",
        "Name the data subject in `subject_id` (in DisputeFiled: `claimant_subject_id`).",
    ),
    "subject-erased": Text(
        "The data subject was erased: the key is destroyed and never made again.",
        "Send the event without personal fields, or about another data subject.",
    ),
    "entry-too-large": Text(
        "The entry would be over 65,535 bytes.", "Keep documents elsewhere, and send their SHA-256."
    ),
}
"""Of events, by code."""

QUESTION_TEXTS: Mapping[str, Text] = {
    "unknown-parameter": Text("The query has a parameter that is not known here.", "`detail` names those that are."),
    "invalid-parameter": Text("A parameter is not what it may be.", _ASK_AGAIN),
    "invalid-filter": Text("A filter's value is none that it may have.", _ASK_AGAIN),
    "invalid-cursor": Text(
        "The cursor is none that was given out.", "Take `next` of the page before, or begin without a cursor."
    ),
    "invalid-time": Text(
        "It is no RFC 3339 instant with its offset and no date, or it is outside the calendar.",
        "Write `2021-09-01T00:00:00+07:00`, or a date where dates are taken.",
    ),
    "invalid-zone": Text("It is no IANA time zone.", "Write `Asia/Jakarta`, say."),
    "zone-needed": Text(
        "A date is asked of logs in several zones, and nobody says whose day is meant.", "Add `tz`, or give an instant."
    ),
    "future-knowledge": Text(
        "`known_at` is in the future: nobody knows yet what will be known.", "Leave it out for now."
    ),
    "unknown-size": Text(
        "`size` names a log that is not asked, or more entries than it has.",
        "Take sizes from an earlier answer's `logs`.",
    ),
    "unknown-position": Text(
        "The log is shorter than what `Last-Event-ID` or `after` says was seen: it is not the log that was followed.",
        "Check the log. If it was set back, verify what you kept against its checkpoint.",
    ),
    "use-a-replay": Text(
        "The question would fold more events than a list may.", "Ask by `POST /v1/replays`, or narrow it."
    ),
    "other-root": Text(
        "A log holds other entries at that size than the manifest is of: it is not the log that was asked then.",
        "Verify the log against the checkpoint that you keep (`jejak verify --since`), and tell who runs it.",
    ),
    "pack-too-large": Text("The evidence of the case is more than one pack holds.", "Narrow what is asked."),
    "ambiguous-claim": Text("Several logs know a claim of this id.", "Say which is meant with `log`."),
    "not-evaluable": Text(
        "The claim had no such predicate at that moment, or its population cannot be asked.",
        "Attach a predicate with ClaimPredicateAttached, or ask of a later moment.",
    ),
    "unknown-section": Text("The report has no such section.", "`GET /v1/reports` lists the sections of each."),
    "too-many-rows": Text("The report would have too many rows.", "Narrow it by period, log or section."),
    "log-needed": Text("The token is for several logs, and none is named.", "Say which platform is meant with `log`."),
    "day-not-over": Text("The day is not over by the ledger's clock.", "Publish it tomorrow."),
}
"""Of what is asked, by code."""

IMPORT_TEXTS: Mapping[str, Text] = {
    "bad-date": Text("In an import: a value is no date of the mapping's format.", "Mend the row or the mapping."),
    "bad-value": Text(
        "In an import: a value is not of the kind that the mapping says.", "Mend the row or the mapping."
    ),
    "missing-value": Text("In an import: a column that an event needs is empty.", "Mend the row, or add a condition."),
    "unknown-code": Text("In an import: a code is not in the mapping's table.", "Add it to the table."),
    "wrong-cells": Text("In an import: a row has more or fewer cells than the header.", "Mend the row."),
}
"""Of a row of an import, by code."""
FAULT_TEXTS: Mapping[str, Text] = {**EVENT_TEXTS, **QUESTION_TEXTS, **IMPORT_TEXTS}
TEXTS: Mapping[str, Text] = {**PROBLEM_TEXTS, **FAULT_TEXTS}
