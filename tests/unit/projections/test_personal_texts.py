"""What looks like personal data in a text, what only seems to, and in which members it is looked for."""

import pytest

from ledger.domain.catalogue import EVENTS
from ledger.shape import marked_members
from projections.flags.personal import (
    EMAIL,
    IDENTITY,
    PASSPORT,
    SIXTEEN,
    TAX,
    TELEPHONE,
    is_gtin,
    is_identity_number,
    looks_like,
)
from projections.flags.texts import FreeMember, free_members

PERSONAL = [
    (IDENTITY, "The seller's NIK is 3171234502890123."),
    (IDENTITY, "NIK:3171 2305 0289 0123, of a man"),
    (IDENTITY, "317123-450289-0123"),
    (SIXTEEN, "The card 3171234567890123 was used."),
    (TAX, "NPWP 01.234.567.8-901.000 was shown"),
    (TAX, "npwp no. 012345678901000"),
    (PASSPORT, "her passport no. A1234567"),
    (PASSPORT, "Paspor: X 1234567"),
    (EMAIL, "Write to ani@example.co.id."),
    (EMAIL, "mailto:ani.b+1@mail.example.com"),
    (TELEPHONE, "Call +62 812-3456-7890."),
    (TELEPHONE, "+44 20 7946 0958"),
    (TELEPHONE, "WA 081234567890"),
    (TELEPHONE, "WA 6281234567891, please"),
    (TELEPHONE, "kantor (021) 555-1234"),
    (TELEPHONE, "kantor 021-5551234."),
]
OTHERS = [
    "GTIN 4006381333931 and 0812345678901 and 00012345600012",
    "HS 0901.21.00, 09012100, 0901210010, 8471.30.90",
    "2025-01-05T08:12:34.123456Z, 05-08-2021, 08:56:00",
    "Rp 1.234.567.890.123.456, 12 000 000 000, +12.000.000, 1234567 rupiah, 1,234,567,890,123,456.00",
    "sha256 71c273b6c442ad4ba68bec2736192eb18bfc588b878b8f66b1861f34679f683e",
    "00000000000000001234, 317123450289012, 31712345028901234",
    "order-3171234502890123, listing:lazada-id:L07, ord_3171234502890123, item/3171234502890123",
    "https://shop.example/p/3171234502890123?ref=ani@example.com and http://x.example/081234567890",
    "550e8400-e29b-41d4-a716-446655440000",
    "Permendag No. 31 Tahun 2023 Pasal 19, PP 80/2019",
    "ISO 9001:2015, SNI 8211:2023, EAN-13, 24/7, 100%",
    "@shop, ani at example.com, a@b",
    "The listing has 123456789012345 views.",
]


@pytest.mark.parametrize(("what", "text"), PERSONAL)
def test_what_is_personal_in_a_sentence_is_seen_and_named(what: str, text: str) -> None:
    assert looks_like(text, "SENTENCE") == what


@pytest.mark.parametrize("text", OTHERS)
def test_what_a_ledger_of_goods_is_full_of_is_not(text: str) -> None:
    assert (looks_like(text, "SENTENCE"), looks_like(text, "NAME")) == (None, None)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("3171234502890123", IDENTITY),
        ("PT Maju, ani@example.com", EMAIL),
        ("Ani +62 812 3456 7890", TELEPHONE),
        ("1234567890123456", None),
        ("081234567890", None),
        ("021-5551234", None),
    ],
)
def test_a_number_in_a_name_is_mostly_the_number_of_a_thing(text: str, what: str | None) -> None:
    assert looks_like(text, "NAME") == what


def test_a_nik_has_a_province_and_a_date_of_birth() -> None:
    yes = ("3171230502890001", "3171234502890001", "1101013112990001", "9471017101000001")
    no = ("0071230502890001", "2271230502890001", "3171233202890001", "3171237202890001", "3171230513890001")
    assert [is_identity_number(text) for text in (*yes, *no)] == [True] * 4 + [False] * 5
    assert not is_identity_number("3171230502890000")


def test_a_gtin_has_a_check_digit() -> None:
    # Examples of GS1's own, and each with another check digit.
    known = ("6291041500213", "036000291452", "96385074", "10614141000415")
    assert [is_gtin(text) for text in known] == [True] * 4
    assert not any(is_gtin(text[:-1] + str((int(text[-1]) + 1) % 10)) for text in known)


def test_every_member_in_which_people_write_is_looked_at() -> None:
    found = {name: {member.name for member in free_members(shape)} for name, shape in EVENTS.items()}
    assert FreeMember(("decision_facts",), "SENTENCE") in free_members(EVENTS["ListingBlocked"])
    assert FreeMember(("evidence", "*", "uri"), "SENTENCE") in free_members(EVENTS["ListingBlocked"])
    assert FreeMember(("authority",), "NAME") in free_members(EVENTS["LegalHoldPlaced"])
    assert {"reason", "quote", "uri", "article"} <= found["DisputeClosed"]
    assert {"title", "brand"} <= found["ListingPublished"]
    assert all({"quote", "article"} <= names for names in found.values())  # of the blocks that all events share
    everything = {name for names in found.values() for name in names}
    assert {"agenda", "conditions", "explanation", "finding", "grounds", "objectives", "statement"} <= everything
    assert not everything & {"id", "sha256", "gtin", "hs_code", "restriction_id", "country", "extra", "set", "valid_to"}


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_what_is_encrypted_is_not_looked_at(name: str) -> None:
    personal = {member.path for member in marked_members(EVENTS[name]) if member.mark == "personal"}
    assert not personal & {member.path for member in free_members(EVENTS[name])}
