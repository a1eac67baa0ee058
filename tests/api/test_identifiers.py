"""Identifiers of persons: stored as tokens and never as numbers, the same everywhere, compared without being shown."""

import hmac
from typing import Any

import msgspec
import pytest

from ledger.domain.json_values import is_object
from ledger.entry import read_entry
from ledger.identifiers import IdentifierKey, normalised
from ledger.masters import open_masters
from ledger.rotation import rotate_master
from tests.api.desk import OPEN, SHOP, Desk, Event, Json, block, corrected, event, published, registered
from tests.api.test_erasures import deferred, erased, refusal, requested
from tests.api.test_recidivism import banned, linked, said

NIK = "3171 2345.6789-0123"
SELLER = "seller:shop"
BY_OPENSSL = "7PlA8rj27cLH-R0IqadEmgmdOYbY0hMAOfEbPQkGm0M"
"""Base64url of HMAC-SHA-256 of the number's digits under 64 zero bytes, as OpenSSL's command has it."""


def verified(name: str, number: str | None = NIK, person: str | None = None) -> Event:
    """Return that an account was verified by a number of its holder."""
    data = {"verification_id": "V1", "national_id_token": number, "subject_id": person or f"subject:{name}"}
    return event(f"ver-{name}", "SellerVerified", f"{SELLER}:{name}", "2026-01-03T00:00:00Z", **data)


def numbered(name: str, scheme: str, value: str, person: str | None = None) -> Event:
    """Return that a party, a person, has a number."""
    data = {"scheme": scheme, "value": value, "subject_id": person or f"subject:{name}"}
    return event(f"id-{name}-{scheme}", "PartyIdentifierAdded", f"party:{name}", "2026-01-01T00:00:00Z", **data)


async def token_of(desk: Desk, event_id: str, member: str, log: str = SHOP) -> str:
    """Return what a † value of an event is, opened."""
    recorded = read_entry(await desk.entry(event_id, log))
    data: Any = msgspec.json.decode(recorded.data)
    data = data["set"]["data"] if is_object(data.get("set")) else data
    target, subject = data.get("target_event_id", event_id), data.get("subject_id")
    found = await desk.service.find_log(log)
    return await desk.service.keys.decrypt(found, subject, target, f"/data/{member}", data[member])


def test_a_number_is_the_same_however_it_is_written() -> None:
    written = ("3171234567890123", NIK, " 3171-2345-6789-0123 ", "\uff13171234567890123", "3171/2345/6789/0123")
    assert {normalised(text) for text in written} == {"3171234567890123"}
    assert normalised("ab-12") == normalised("AB12") != normalised("AB13")


def test_a_token_is_that_of_its_key_and_says_nothing_of_the_number() -> None:
    one, other = (IdentifierKey("k1", hmac.new(key, digestmod="sha256")) for key in (bytes(64), b"1" * 64))
    assert one.token(NIK) == one.token("3171234567890123") == f"hmac:v1:k1:{BY_OPENSSL}"
    assert one.token(NIK) != other.token(NIK)
    assert "3171" not in one.token(NIK)


async def test_equal_numbers_give_equal_tokens_for_every_seller_party_and_log_and_are_not_stored(
    desk: Desk,
) -> None:
    await desk.tell(verified("A"), verified("B", "3171234567890123"), verified("C", "3171234567890124"))
    await desk.tell(numbered("p", "NPWP", NIK))
    await desk.tell(verified("A"), log=OPEN)
    tokens = [await token_of(desk, f"ver-{name}", "national_id_token") for name in "ABC"]
    tokens.append(await token_of(desk, "ver-A", "national_id_token", OPEN))
    assert [text.startswith("hmac:v1:") for text in tokens] == [True] * 4
    assert (tokens[0] == tokens[1] == tokens[3], tokens[0] == tokens[2]) == (True, False)
    tax = await token_of(desk, "id-p-NPWP", "value")
    assert (tax.startswith("hmac:v1:"), tax in tokens) == (True, False)  # a class of its own
    rows = await desk.service.database.pool("reader").fetch("SELECT entry FROM event")
    held = b"".join(row["entry"] for row in rows)
    assert not [part for part in (b"3171", b"hmac:") if part in held]


async def test_an_event_with_a_number_sent_again_is_the_recorded_one_however_it_is_written(desk: Desk) -> None:
    (receipt,) = await desk.tell(verified("A"))
    again = await desk.send(verified("A", "3171234567890123"))
    assert (again.status_code, again.json()["receipts"]) == (200, [{**receipt, "duplicate": True}])
    other = await desk.send(verified("A", "3171234567890124"))
    assert (other.status_code, other.json()["type"]) == (409, "/problems/id-reused")


async def test_a_corrected_number_is_a_token_too(desk: Desk) -> None:
    await desk.tell(verified("A", "1"), verified("B"))
    await desk.tell(corrected("c", f"{SELLER}:A", "ver-A", data={"national_id_token": NIK, "subject_id": "subject:A"}))
    recorded: Any = msgspec.json.decode(read_entry(await desk.entry("c")).data)
    text = recorded["set"]["data"]["national_id_token"]
    log = await desk.service.find_log(SHOP)
    opened = await desk.service.keys.decrypt(log, "subject:A", "ver-A", "/data/national_id_token", text)
    assert opened == await token_of(desk, "ver-B", "national_id_token")


async def test_the_tokens_stay_the_same_under_another_master_key(desk: Desk) -> None:
    await desk.tell(verified("A"))
    keeper = desk.service.database.pool("keeper")
    masters = await open_masters(desk.service.database, desk.service.vault)
    done = await rotate_master(keeper, masters)
    assert (done.keys, await keeper.fetchval("SELECT wrapped_by FROM identifier_key")) == (2, done.master_id)
    await desk.tell(verified("B"))
    assert await token_of(desk, "ver-A", "national_id_token") == await token_of(desk, "ver-B", "national_id_token")


def came_back() -> list[Event]:
    """Return the history of a banned seller who opened another account: no party is linked, and the number is one."""
    return [
        registered("A", "2025-01-01T00:00:00Z", party_id="party:ana"),
        registered("B", "2025-12-20T00:00:00Z"),
        published("L2", "2026-01-01T00:00:00Z", seller_id=f"{SELLER}:B"),
        banned("A", "2025-12-10T00:00:00Z"),
        block("L2", "R2", "2026-01-09T00:00:00Z"),
    ]


async def clusters(desk: Desk, **query: Json) -> list[list[Json]]:
    return await said(desk, "account", "recidivist", "re_entered", **query)


APART = [[[f"{SELLER}:A"], False, False], [[f"{SELLER}:B"], False, False]]
ONE = [[[f"{SELLER}:A", f"{SELLER}:B"], True, True]]


@pytest.mark.parametrize(
    "told",
    [
        (verified("A"), verified("B", "3171234567890123")),
        (numbered("ana", "NIK_TOKEN", "theirs:1"), verified("B", "theirs:1")),
        (
            numbered("ana", "NPWP", "01.234.567.8-901.000"),
            numbered("budi", "NPWP", "012345678901000"),
            linked("party:budi", "party:b", "1"),
            event("reg", "SellerVerified", f"{SELLER}:B", verification_id="V9", subject_id="subject:B"),
        ),
    ],
)
async def test_who_holds_one_number_is_one_cluster_and_nobody_is_shown_it(desk: Desk, told: tuple[Event, ...]) -> None:
    story = came_back()
    if len(told) > 2:
        story[1] = registered("B", "2025-12-20T00:00:00Z", party_id="party:b")
    await desk.tell(*story)
    before = await clusters(desk)
    await desk.tell(*told)
    assert (before, await clusters(desk)) == (APART, ONE)
    text = (await desk.ask("GET", "/v1/recidivism", log=SHOP)).text
    assert not [part for part in ("hmac", "enc:", "3171234567890123", "012345678901000") if part in text]
    assert await clusters(desk, size=f"{SHOP}:5") == APART  # nobody knew then


async def test_what_is_to_be_erased_later_matches_until_then(desk: Desk) -> None:
    await desk.tell(*came_back(), verified("A"), verified("B"))
    await desk.tell(requested("1", "subject:B"), deferred("1", "subject:B", ground="STATUTORY_RETENTION"))
    assert await refusal(desk, subject="subject:B") == (423, "erasure-deferred")
    assert await clusters(desk) == ONE


async def test_what_is_erased_matches_nothing_any_more(desk: Desk) -> None:
    await desk.tell(*came_back(), verified("A"), verified("B"))
    assert await clusters(desk) == ONE
    await erased(desk, subject="subject:B")
    assert await clusters(desk) == APART
