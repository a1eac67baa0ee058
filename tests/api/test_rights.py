"""Who may ask for what: nothing without a token but what the contract lists as open, and deny first."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from api.app import OPEN_ROUTES, ROUTES, make_app
from api.description.routes import describing
from api.pages.routes import ROUTES as PAGE_ROUTES
from api.sessions import SIGN_IN, is_open_page
from ledger.tokens import create_token, revoke_token
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, block, published

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OPEN_PATHS = ("/health/live", "/health/ready")
OPEN_READS = "/logs/"
REVOCATION_SECONDS = 1.0


def paths_of_routes() -> list[str]:
    """Return a path for every route of the application."""
    paths = {path for route in ROUTES for path in route.paths}
    return sorted(re.sub(r"\{[^}]*\}", SHOP, path) for path in paths)


def test_every_route_is_one_of_those_that_the_tests_walk(desk: Desk) -> None:
    app = make_app(desk.service)
    ours = {path for route in ROUTES for path in route.paths}
    others = {route.path for route in app.routes} - ours
    assert others == {path for route in (*OPEN_ROUTES, *describing(()), *PAGE_ROUTES) for path in route.paths}
    assert len(ours) >= 15


@pytest.mark.parametrize("path", sorted({path for route in PAGE_ROUTES for path in route.paths}))
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_page_is_open_without_a_token_but_for_signing_in(shared_desk: Desk, method: str, path: str) -> None:
    response = await shared_desk.ask(method, re.sub(r"\{[^}]*\}", SHOP, path), who=None)
    if is_open_page(path):
        assert response.status_code in {200, 403, 404, 405}
    else:
        assert (response.status_code, response.headers["location"].partition("?")[0]) == (303, SIGN_IN)


@pytest.mark.parametrize("path", [path for path in paths_of_routes() if path not in OPEN_PATHS])
@pytest.mark.parametrize("method", METHODS)
async def test_no_route_is_open_without_a_token(shared_desk: Desk, method: str, path: str) -> None:
    if path.startswith(OPEN_READS) and method in {"GET", "HEAD"}:
        return  # tests.api.test_tlog says which of them are open
    response = await shared_desk.ask(method, path, who=None)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    if method != "HEAD":
        assert response.json()["type"] == "/problems/unauthorised"


@pytest.mark.parametrize("path", [*OPEN_PATHS, "/schema/openapi.json", "/schemas", "/problems", "/docs"])
async def test_what_the_contract_lists_as_open_needs_no_token(shared_desk: Desk, path: str) -> None:
    response = await shared_desk.ask("GET", path, who=None)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v2/logs",
        "/nothing",
        "/v1/logs/shop/nothing",
        "//v1/logs",
        "/v1/logs/",
        "/health",
        "/healthy",
        "/schematic",
        "/docsx",
        "/problem",
        "/health/../v1/logs",
        "/health/%2e%2e/v1/logs",
        "/V1/LOGS",
    ],
)
async def test_an_unknown_path_tells_nothing_without_a_token(shared_desk: Desk, path: str) -> None:
    response = await shared_desk.ask("GET", path, who=None)
    assert response.status_code in {401, 404}
    if not path.startswith("/health/"):
        assert (response.status_code, response.json()["type"]) == (401, "/problems/unauthorised")


@pytest.mark.parametrize("path", ["/v2/logs", "/nothing", "/v1/logs/shop/nothing", "/v1/logs/nothing", "/v1/logs/%00"])
async def test_an_unknown_path_is_not_found_with_a_token(shared_desk: Desk, path: str) -> None:
    response = await shared_desk.ask("GET", path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("who", ["writer", "other", "operator"])
async def test_a_method_that_a_path_does_not_take_is_told(shared_desk: Desk, who: str) -> None:
    response = await shared_desk.ask("DELETE", f"/v1/logs/{SHOP}/events", who=who)
    assert (response.status_code, response.json()["type"]) == (405, "/problems/method-not-allowed")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer nonsense",
        "Bearer jejak__",
        "Bearer jejak_0123456789abcdef_" + "00" * 32,
        "Bearer jejak_0123456789abcdef_zz",
        "Bearer " + "x" * 5_000,
        "Bearer jejak_\u00e9_00",
    ],
)
async def test_what_is_no_token_is_refused(shared_desk: Desk, authorization: str) -> None:
    headers = [(b"Authorization", authorization.encode("latin-1"))]
    response = await shared_desk.client.get("/v1/logs", headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_token_with_another_secret_is_refused(shared_desk: Desk) -> None:
    head, _, secret = shared_desk.tokens["writer"].rpartition("_")
    changed = f"{head}_{'0' if secret[0] != '0' else '1'}{secret[1:]}"
    response = await shared_desk.client.get("/v1/logs", headers={"Authorization": f"Bearer {changed}"})
    assert response.status_code == 401


async def test_the_word_bearer_is_taken_in_any_case(shared_desk: Desk) -> None:
    token = shared_desk.tokens["writer"]
    response = await shared_desk.client.get("/v1/logs", headers={"Authorization": f"bEARER {token}"})
    assert response.status_code == 200


async def test_an_operator_creates_logs_and_a_writer_does_not(desk: Desk) -> None:
    body = b'{"slug":"new","kind":"PLATFORM","timezone":"Asia/Jakarta","jurisdiction":"ID"}'
    refused = await desk.ask("POST", "/v1/logs", who="writer", content=body)
    created = await desk.ask("POST", "/v1/logs", who="operator", content=body)
    again = await desk.ask("POST", "/v1/logs", who="operator", content=body)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert created.status_code == 201
    assert created.headers["location"] == "/v1/logs/new"
    log = created.json()
    assert {name: log[name] for name in ("slug", "kind", "timezone", "jurisdiction", "data_class", "size")} == {
        "slug": "new",
        "kind": "PLATFORM",
        "timezone": "Asia/Jakarta",
        "jurisdiction": "ID",
        "data_class": "CONFIDENTIAL",
        "size": 0,
    }
    assert (again.status_code, again.json()["type"]) == (409, "/problems/log-exists")


async def test_an_operator_reads_every_log_and_appends_to_none(desk: Desk) -> None:
    await desk.tell(published("L1"))
    refused = await desk.send(block("L1", "R1"), who="operator")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert [log["slug"] for log in (await desk.get("/v1/logs", who="operator"))["items"]] == [OPEN, RIVAL, SHOP]
    assert len((await desk.get(f"/v1/logs/{SHOP}/events", who="operator"))["items"]) == 1
    assert await desk.size() == 1


async def test_a_writer_reads_and_writes_its_own_logs_only(desk: Desk) -> None:
    await desk.tell(published("L1"))
    paths = (
        f"/v1/logs/{SHOP}",
        f"/v1/logs/{SHOP}/events",
        f"/v1/logs/{SHOP}/events/pub-L1",
        f"/v1/logs/{SHOP}/events/pub-L1/entry",
        f"/v1/events?log={SHOP}",
        f"/v1/listings?log={SHOP}",
        f"/v1/subject?subject=listing:shop:L1&log={SHOP}",
        f"/v1/subject/history?subject=listing:shop:L1&log={SHOP}",
    )
    for path in paths:
        response = await desk.client.get(path, headers={"Authorization": f"Bearer {desk.tokens['other']}"})
        assert (path, response.status_code, response.json()["type"]) == (path, 403, "/problems/forbidden")
    refused = await desk.send(block("L1", "R1"), who="other")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    assert await desk.size() == 1
    assert [log["slug"] for log in (await desk.get("/v1/logs", who="other"))["items"]] == [RIVAL]
    assert (await desk.get("/v1/events", who="other"))["items"] == []
    assert (await desk.get("/v1/listings", who="other"))["items"] == []
    unseen = await desk.ask("GET", "/v1/subject", who="other", subject="listing:shop:L1")
    assert unseen.status_code == 404


async def test_an_expired_token_is_refused(desk: Desk) -> None:
    keeper = desk.service.database.pool("keeper")
    expired = await create_token(keeper, "PLATFORM_WRITER", [SHOP], datetime.now(UTC) - timedelta(seconds=1))
    fresh = await create_token(keeper, "PLATFORM_WRITER", [SHOP], datetime.now(UTC) + timedelta(hours=1))
    for token, status in ((expired, 401), (fresh, 200)):
        response = await desk.client.get("/v1/logs", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == status


async def test_a_revoked_token_is_refused_within_a_second(desk: Desk) -> None:
    await desk.get("/v1/logs")
    await revoke_token(desk.service.database.pool("keeper"), desk.tokens["writer"].split("_")[1])
    loop = asyncio.get_running_loop()
    deadline = loop.time() + REVOCATION_SECONDS
    status = 200
    while status == 200 and loop.time() < deadline:
        status = (await desk.ask("GET", "/v1/logs")).status_code
    assert status == 401
    assert (await desk.ask("GET", "/v1/logs")).status_code == 401
