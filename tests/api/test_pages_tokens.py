"""The operators' page of tokens: made and shown once, rotated, revoked after a question; and nobody else's."""

import pytest

from ledger.rights import ROLES
from tests.api.desk import SHOP, Desk
from tests.api.page import SECRET, Shown, sent, shown
from tests.api.roles import many_of

PAGE = "/workbench/tokens"
OPERATOR = "operator"


async def listed(desk: Desk) -> dict[str, dict[str, object]]:
    """Return all tokens by id, as the API lists them."""
    return {token["token_id"]: token for token in (await desk.get("/v1/tokens", who=OPERATOR))["items"]}


def token_of(page: Shown) -> str:
    """Return the token that a page shows."""
    (token,) = [word for word in page.text.split() if word.startswith("jejak_")]
    return token


async def accepted(desk: Desk, token: str) -> bool:
    """Tell whether a token counts."""
    headers = {"Authorization": f"Bearer {token}"}
    return (await desk.client.get("/v1/logs", headers=headers)).status_code == 200


async def test_a_token_is_made_by_its_form_and_shown_once(desk: Desk) -> None:
    before = await listed(desk)
    page = await sent(
        desk,
        PAGE,
        OPERATOR,
        role="REGULATOR",
        jurisdictions="ID, GB",
        purpose="yearly audit",
        expires="2099-01-31T12:00",
    )
    assert page.status == 200
    token = token_of(page)
    assert await accepted(desk, token)
    (made,) = [one for token_id, one in (await listed(desk)).items() if token_id not in before]
    assert token.split("_")[1] == made["token_id"]
    assert (made["role"], made["jurisdictions"], made["purpose"]) == ("REGULATOR", ["ID", "GB"], "yearly audit")
    assert made["expires"] == "2099-01-31T05:00:00Z"  # noon in Jakarta, the reader's zone
    again = await shown(desk, PAGE, who=OPERATOR)
    assert token not in again.text
    assert f"{made['token_id']} REGULATOR Countries: ID, GB Purpose: yearly audit" in again.text


async def test_a_token_for_logs_and_a_window_says_both(desk: Desk) -> None:
    window = {"window_from": "2026-01-01T00:00", "window_to": "2026-02-01T00:00"}
    page = await sent(desk, PAGE, OPERATOR, role="AUDITOR", logs=SHOP, **window)
    made = (await listed(desk))[token_of(page).split("_")[1]]
    assert (made["logs"], made["window_from"], made["window_to"]) == (
        [SHOP],
        "2025-12-31T17:00:00Z",
        "2026-01-31T17:00:00Z",
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"role": "KING"}, "KING"),
        ({"role": "AUDITOR", "logs": "nowhere"}, "nowhere"),
        ({"role": "REGULATOR", "jurisdictions": "Indonesia"}, "jurisdictions"),
        ({"role": "AUDITOR", "logs": SHOP, "expires": "tomorrow"}, "expires"),
    ],
)
async def test_what_is_no_token_is_said_above_the_form_as_it_was_filled_in(
    desk: Desk, fields: dict[str, str], says: str
) -> None:
    before = await listed(desk)
    page = await sent(desk, PAGE, OPERATOR, **fields)
    assert 400 <= page.status < 500
    assert says in page.text
    assert {(name, value) for name, value in fields.items() if name != "role"} <= page.fields
    assert await listed(desk) == before


async def test_a_token_gets_a_new_secret_and_the_former_one_counts_no_more_if_it_is_said(desk: Desk) -> None:
    former = desk.tokens["writer"]
    token_id = former.split("_")[1]
    page = await sent(desk, f"{PAGE}/{token_id}/rotation", OPERATOR, grace_seconds="0")
    assert page.status == 200
    assert "The former secret counts until" in page.text
    assert (await accepted(desk, token_of(page)), await accepted(desk, former)) == (True, False)


async def test_a_token_is_revoked_after_a_question(desk: Desk) -> None:
    token_id = desk.tokens["writer"].split("_")[1]
    path = f"{PAGE}/{token_id}/revocation"
    assert path in (await shown(desk, PAGE, who=OPERATOR)).links
    question = await shown(desk, path, who=OPERATOR)
    assert "Revoke this token? Whoever carries it is refused within a second" in question.text
    assert (await listed(desk))[token_id]["revoked"] is None
    answer = await sent(desk, path, OPERATOR)
    assert (answer.status, answer.leads) == (303, PAGE)
    assert (await listed(desk))[token_id]["revoked"] is not None
    again = await shown(desk, PAGE, who=OPERATOR)
    assert path not in again.links
    assert "revoked" in again.text


async def test_the_reader_s_own_token_is_marked_and_what_is_no_token_is_not_there(desk: Desk) -> None:
    own = desk.tokens[OPERATOR].split("_")[1]
    assert f"{own} (this is yours) operator" in (await shown(desk, PAGE, who=OPERATOR)).text
    assert "you will be signed out" in (await shown(desk, f"{PAGE}/{own}/revocation", who=OPERATOR)).text
    assert (await shown(desk, f"{PAGE}/none/revocation", who=OPERATOR)).status == 404
    assert (await sent(desk, f"{PAGE}/none/revocation", OPERATOR)).status == 404
    assert (await sent(desk, f"{PAGE}/none/rotation", OPERATOR)).status == 404


async def test_forms_without_the_browser_s_secret_change_nothing(desk: Desk) -> None:
    before, token_id = await listed(desk), desk.tokens["writer"].split("_")[1]
    for secret in (None, SECRET[::-1]):
        answers = [
            await sent(desk, PAGE, OPERATOR, secret, role="AUDITOR", logs=SHOP),
            await sent(desk, f"{PAGE}/{token_id}/rotation", OPERATOR, secret),
            await sent(desk, f"{PAGE}/{token_id}/revocation", OPERATOR, secret),
        ]
        assert [answer.status for answer in answers] == [403, 403, 403]
    assert await listed(desk) == before


async def test_nobody_but_an_operator_sees_or_changes_them(desk: Desk) -> None:
    many = await many_of(desk)
    before, token_id = await listed(many), many.tokens["writer"].split("_")[1]
    for role in ROLES:
        if role == OPERATOR:
            continue
        answers = [
            await shown(many, PAGE, who=role),
            await shown(many, f"{PAGE}/{token_id}/revocation", who=role),
            await sent(many, PAGE, role, role="operator"),
            await sent(many, f"{PAGE}/{token_id}/rotation", role),
            await sent(many, f"{PAGE}/{token_id}/revocation", role),
        ]
        assert [answer.status for answer in answers] == [403] * len(answers), role
        assert all(token_id not in answer.text for answer in answers)
    assert await listed(many) == before
    assert PAGE not in (await shown(many, "/", who="AUDITOR")).links


async def test_it_speaks_indonesian(desk: Desk) -> None:
    page = await shown(desk, PAGE, who=OPERATOR, language="id")
    for said in ("Semua token", "(ini milik Anda)", "berlaku", "Beri rahasia baru", "Buat token"):
        assert said in page.text
