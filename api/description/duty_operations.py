"""Duties: statements of reasons for the DSA, their daily files, and erasures."""

from collections.abc import Mapping

from api.bodies import CSV
from api.description.log_operations import CACHING, LARGE
from api.description.operation import JSON, Answer, Content, Link, Operation, answered, sent
from api.description.parameters import in_path, path, query
from api.description.schema import choice, each, members, ref, text
from api.description.shapes import NEXT
from api.description.statuses import BODY, NAMED, TOKEN
from api.dsa.routes import STATEMENTS_MAX
from api.problems import MEDIA_TYPE

STATEMENTS, DUMPS, ERASURES = "Statements of reasons", "Daily files", "Erasures"
DAY = "2023-10-05"
STATEMENT = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "section 3",
    "illegal_content_explanation": "the sale of wild animals is forbidden",
    "category": "STATEMENT_CATEGORY_ANIMAL_WELFARE",
    "content_type": ["CONTENT_TYPE_PRODUCT"],
    "content_date": "2023-10-01",
    "application_date": "2023-10-02",
    "territorial_scope": ["DE", "FR"],
    "decision_facts": "a notice with photographs",
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "puid": "TK421",
}
PLATFORM = query("log", text(minLength=1), "The platform, for a token of several.", example="lazada-id")
CODES = query("version", {**choice(("1", "2")), "default": "2"}, "1: the codes of before 2025-07-01.")
REFUSED = Answer(
    means="The statement breaks the database's own rules, or its puid is taken; else a problem",
    contents={
        JSON: Content(schema=ref("StatementProblem")),
        MEDIA_TYPE: Content(schema=ref("Problem")),
    },
)
MISSING = Answer(
    means="There is none; or there is no such log, which is a problem",
    contents={
        JSON: Content(schema=members({"message": text()})),
        MEDIA_TYPE: Content(schema=ref("Problem")),
    },
)
FOUND = Answer(means="There is one; no Location is said", contents={JSON: Content(schema=members({"message": text()}))})

SHOWN = Link(operation="GET /api/v1/statement/{uuid}", parameters={"uuid": "$response.body#/uuid"})
FILE = Link(
    operation="GET /logs/{slug}/dumps/{name}",
    parameters={"slug": "$request.path.slug", "name": "$response.body#/files/0/name"},
)

OPERATIONS: Mapping[str, Operation] = {
    "POST /api/v1/statement": Operation(
        tag=STATEMENTS,
        parameters=[PLATFORM, CODES],
        body=sent({"type": "object"}, statement=STATEMENT),
        answers={201: answered(ref("Statement"), "Kept", statement=SHOWN), 422: REFUSED},
        problems=(*TOKEN, 403, 404, *BODY),
    ),
    "POST /api/v1/statements": Operation(
        tag=STATEMENTS,
        parameters=[PLATFORM, CODES],
        body=sent(
            members({"statements": each({"type": "object"}, minItems=1, maxItems=STATEMENTS_MAX)}),
            statements={"statements": [{**STATEMENT, "puid": "TK422"}]},
        ),
        answers={201: answered(members({"statements": each(ref("Statement"))}), "All were kept"), 422: REFUSED},
        problems=(*TOKEN, 403, 404, *BODY),
    ),
    "GET /api/v1/statement/{uuid:str}": Operation(
        tag=STATEMENTS,
        parameters=[path("uuid", text(), "The statement's own id, as it was answered."), PLATFORM],
        answers={200: answered(ref("Statement")), 404: MISSING},
        problems=(*TOKEN, 403, 422),
    ),
    "GET /api/v1/statement/existing-puid/{puid:str}": Operation(
        tag=STATEMENTS,
        parameters=[path("puid", text(), "The platform's own identifier.", "TK421"), PLATFORM, CODES],
        answers={302: FOUND, 404: MISSING},
        problems=(*TOKEN, 403, 422),
    ),
    "GET /logs/{slug:str}/dumps": Operation(
        tag=DUMPS,
        access="EITHER",
        parameters=[in_path(LARGE)],
        answers={200: answered(members({"log": text(), "items": each(ref("Dump")), "next": NEXT}))},
        problems=(401, 403, 404, 503),
    ),
    "POST /logs/{slug:str}/dumps": Operation(
        tag=DUMPS,
        parameters=[in_path(LARGE)],
        body=sent(ref("Day"), day={"date": DAY}),
        answers={201: answered(ref("Dump"), "What was published of the day, now or before", file=FILE)},
        problems=(*NAMED, *BODY),
    ),
    "GET /logs/{slug:str}/dumps/{name:str}": Operation(
        tag=DUMPS,
        access="EITHER",
        parameters=[in_path(LARGE), path("name", text(), "The file's name, as the list says.")],
        answers={200: Answer(means="The file", contents={CSV: Content(schema=text())}, headers=CACHING)},
        problems=(401, 403, 404, 503),
    ),
    "POST /v1/erasures": Operation(
        tag=ERASURES,
        body=sent(
            ref("NewErasure"),
            erasure={"subject": "subject:c2", "basis": "UU-27-2022:43", "request_ref": "request-2"},
        ),
        answers={
            200: answered(ref("Erased"), "All of it was done before"),
            201: answered(ref("Erased"), "Erased: everybody reads [ERASED] from now on"),
        },
        problems=(*TOKEN, 403, 404, 409, 422, 423, *BODY),
    ),
}
