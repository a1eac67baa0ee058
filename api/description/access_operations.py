"""Access: tokens, who read what, which keys there are, what became of erasures."""

from collections.abc import Mapping

from api.description.event_operations import LIMIT, ORDER, listed
from api.description.operation import Link, Operation, answered, sent
from api.description.parameters import PAGING, in_log, many, path, query, shared, yes_or_no
from api.description.schema import by_name, choice, each, instant, members, or_null, ref, text, whole
from api.description.shapes import NEXT
from api.description.statuses import BODY, NAMED, OWN, TOKEN
from api.privacy import TYPES

TAG = "Access and privacy"
AUDITOR = {
    "role": "AUDITOR",
    "logs": ["lazada-id"],
    "purpose": "engagement 2024-7",
    "window_from": "2021-01-01T00:00:00Z",
}
TOKEN_ID = path("token_id", text(), "The token's id, which is no secret.")
MADE = members({"token": text(), "token_id": text()})
BY_ID = {"token_id": "$response.body#/token_id"}
ROTATION = Link(operation="POST /v1/tokens/{token_id}/rotation", parameters=BY_ID)
REVOCATION = Link(operation="DELETE /v1/tokens/{token_id}", parameters=BY_ID)
AROUND = {"logs": by_name(ref("LogSize"))}
PAGE = (LIMIT, *shared(name for name in PAGING if name == "cursor"))
SCOPE = members({"log": text(), "subject": or_null(text())})
ACCESS = members(
    {
        **{name: text() for name in ("log", "subject", "id", "token")},
        **{name: instant() for name in ("recordedtime", "time")},
        **{name: or_null(text()) for name in ("role", "purpose")},
        "scope": each(SCOPE),
        "requests": whole(minimum=0),
        "rows": or_null(whole(minimum=0)),
        "pii_unmasked": whole(minimum=0),
    }
)
KEY = members(
    {
        **{name: text() for name in ("log", "subject", "key_id")},
        "created": instant(),
        "destroyed": or_null(instant()),
    }
)
ERASURE = members(
    {
        **{name: text() for name in ("log", "subject", "id", "type", "sequence")},
        **{name: instant() for name in ("time", "recordedtime")},
        "data": {"type": "object"},
    }
)

OPERATIONS: Mapping[str, Operation] = {
    "GET /v1/accesses": Operation(
        tag=TAG,
        parameters=[
            many("log", "Logs that were read."),
            many("subject", "Cases that were read, alone or with their whole log."),
            many("token", "Tokens that read."),
            yes_or_no("unmasked", "Whether only readings in clear are wanted.", default=False),
            query("recorded_from", instant(), "Recorded at this instant or later."),
            query("recorded_to", instant(), "Recorded at this instant or earlier."),
            ORDER,
            *PAGE,
        ],
        answers={200: listed(ACCESS, AROUND)},
        problems=OWN,
    ),
    "GET /v1/erasures": Operation(
        tag=TAG,
        parameters=[
            in_log("public-record"),
            many("subject", "A data subject, such as `subject:c1`."),
            many("type", "A type of event.", schema=choice(TYPES)),
            ORDER,
            *PAGE,
        ],
        answers={200: listed(ERASURE, AROUND)},
        problems=(*OWN, 404),
    ),
    "GET /v1/keys": Operation(
        tag=TAG,
        parameters=[in_log("kca"), *PAGE],
        answers={200: listed(KEY, {})},
        problems=(*OWN, 404),
    ),
    "GET /v1/tokens": Operation(
        tag=TAG,
        answers={200: answered(members({"items": each(members({"token_id": text(), "role": text()})), "next": NEXT}))},
        problems=(*TOKEN, 403),
    ),
    "POST /v1/tokens": Operation(
        tag=TAG,
        body=sent(ref("NewToken"), auditor=AUDITOR),
        answers={201: answered(MADE, "Made; the secret is shown this once", rotation=ROTATION, revocation=REVOCATION)},
        problems=(*NAMED, *BODY),
    ),
    "POST /v1/tokens/{token_id:str}/rotation": Operation(
        tag=TAG,
        parameters=[TOKEN_ID],
        body=sent(ref("Rotation"), at_once={"grace_seconds": 0}),
        answers={201: answered(MADE, "The new secret, shown this once")},
        problems=(*NAMED, *BODY),
    ),
    "DELETE /v1/tokens/{token_id:str}": Operation(
        tag=TAG,
        parameters=[TOKEN_ID],
        answers={200: answered(members({"token_id": text(), "revoked": instant()}))},
        problems=(*TOKEN, 403, 404),
    ),
}
