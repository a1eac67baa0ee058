from typing import Any

import msgspec
import pytest

from ledger.domain.party_events import PartyIdentifierAdded, PartyRegistered
from tests.unit.domain.build import Story, payload

SUBJECT = "party:tiktok-id"
LEI = "5493001KJTIIGC8Y1R12"


def numbered(scheme: str, value: str, **data: object) -> dict[str, Any]:
    return {"scheme": scheme, "value": value, **data}


def test_a_firm_is_described_in_full() -> None:
    story = Story(SUBJECT)
    sized: dict[str, Any] = {
        "size_class": "LARGE",
        "size_basis": "ID_PP_7_2021",
        "employees": 900,
        "turnover": {"amount_minor": 5, "currency": "IDR"},
        "assessed_by": "officer:1",
    }
    linked: dict[str, Any] = {
        "party_a": SUBJECT,
        "party_b": "party:bytedance",
        "relation": "CONTROLS",
        "confidence": "0.95",
        "method": "register",
    }
    story.tell("PartyRegistered", "2021-01-01T00:00:00Z", kind="LEGAL", name="PT Contoh", country="ID")
    story.tell(
        "PartyIdentifierAdded", "2021-01-02T00:00:00Z", **numbered("NIB", "1234567890123", valid_to="2030-01-01")
    )
    story.tell("PartyClassified", "2021-01-03T00:00:00Z", **sized)
    story.tell("PartiesLinked", "2021-01-04T00:00:00Z", **linked)

    assert story.described() == {
        "id": SUBJECT,
        "version": 4,
        "kind": "LEGAL",
        "name": "PT Contoh",
        "country": "ID",
        "registered_at": "2021-01-01T00:00:00.000000Z",
        "identifiers": [
            {
                "scheme": "NIB",
                "value": "1234567890123",
                "valid_to": "2030-01-01",
                "added_by": "e2",
                "added_at": "2021-01-02T00:00:00.000000Z",
            }
        ],
        "classes": [{**sized, "classified_at": "2021-01-03T00:00:00.000000Z"}],
        "size_class": "LARGE",
        "size_basis": "ID_PP_7_2021",
        "links": [{**linked, "linked_at": "2021-01-04T00:00:00.000000Z", "linked_by": "e4", "linked": True}],
    }


def test_a_person_s_name_and_numbers_are_in_no_state() -> None:
    story = Story("party:p1")
    subject: dict[str, Any] = {"subject_id": "subject:p1"}
    story.tell("PartyRegistered", "2021-01-01T00:00:00Z", kind="NATURAL", name="enc:v1:k:n", country="ID", **subject)
    story.tell("PartyIdentifierAdded", "2021-01-01T00:00:00Z", **numbered("NIK_TOKEN", "enc:v1:k:t", **subject))
    story.tell("PartyIdentifierAdded", "2021-01-01T00:00:00Z", **numbered("NPWP", "enc:v1:k:w", **subject))

    described = story.described()
    assert "name" not in described
    assert described["subject_id"] == "subject:p1"
    added_at = "2021-01-01T00:00:00.000000Z"
    assert described["identifiers"] == [
        {"scheme": "NIK_TOKEN", "added_by": "e2", "added_at": added_at},
        {"scheme": "NPWP", "added_by": "e3", "added_at": added_at},
    ]
    assert story.breach() is None


@pytest.mark.parametrize(
    ("shape", "data", "exempt"),
    [
        (PartyRegistered, {"kind": "LEGAL"}, {"name"}),
        (PartyRegistered, {"kind": "AUTHORITY"}, {"name"}),
        (PartyRegistered, {"kind": "NATURAL"}, set[str]()),
        (PartyRegistered, {}, set[str]()),
        (PartyIdentifierAdded, {"scheme": "NIB"}, {"value"}),
        (PartyIdentifierAdded, {"scheme": "NPWP"}, {"value"}),
        (PartyIdentifierAdded, {"scheme": "NPWP", "subject_id": "subject:1"}, set[str]()),
        (PartyIdentifierAdded, {"scheme": "NIK_TOKEN"}, set[str]()),
        (PartyIdentifierAdded, {}, set[str]()),
    ],
)
def test_what_is_not_personal_is_told_from_the_data(
    shape: type[PartyRegistered | PartyIdentifierAdded], data: dict[str, Any], exempt: set[str]
) -> None:
    assert shape.personal_exempt(data) == exempt


def test_nothing_else_is_exempt() -> None:
    assert payload("SellerRegistered").personal_exempt({"kind": "LEGAL"}) == frozenset()


def test_a_party_is_registered_once_and_again_only_when_that_was_voided() -> None:
    story = Story(SUBJECT)
    first = story.tell("PartyRegistered", "2021-01-01T00:00:00Z", kind="LEGAL")
    story.tell("PartyRegistered", "2022-01-01T00:00:00Z", kind="LEGAL")
    assert story.breach() == ("invalid-event", "/type", "e2")

    story.void(first)
    assert story.breach() is None


def test_a_tax_number_in_clear_is_refused_of_who_is_a_person_and_accepted_of_a_firm() -> None:
    person = Story("party:p1")
    person.tell("PartyRegistered", "2021-01-01T00:00:00Z", kind="NATURAL", subject_id="subject:p1")
    person.tell("PartyIdentifierAdded", "2021-01-02T00:00:00Z", **numbered("VAT", "1"))
    assert person.breach() is None
    person.tell("PartyIdentifierAdded", "2021-01-02T00:00:00Z", **numbered("NPWP", "012345678901000"))
    assert person.breach() == ("pii-without-subject", "/data/value", "e3")

    firm = Story(SUBJECT)
    firm.tell("PartyRegistered", "2021-01-01T00:00:00Z", kind="LEGAL")
    firm.tell("PartyIdentifierAdded", "2021-01-02T00:00:00Z", **numbered("NPWP", "012345678901000"))
    assert firm.breach() is None


def test_a_person_is_registered_though_a_number_stands_in_clear_already() -> None:
    story = Story("party:p1")
    story.tell("PartyIdentifierAdded", "2021-01-02T00:00:00Z", **numbered("NPWP", "012345678901000"))
    story.tell("PartyRegistered", "2021-01-01T00:00:00Z", kind="NATURAL", subject_id="subject:p1")

    assert story.breach() is None


def test_what_is_kept_in_clear_has_another_key_than_what_is_personal() -> None:
    def keys(event_type: str, **data: object) -> set[Any]:
        return set(payload(event_type, **data).rule_keys())

    assert keys("PartyRegistered", kind="LEGAL") != keys("PartyRegistered", kind="NATURAL")
    assert keys("PartyRegistered", kind="LEGAL") == keys("PartyRegistered", kind="ASSOCIATION")
    assert keys("PartyIdentifierAdded", **numbered("NIB", "1")) != keys(
        "PartyIdentifierAdded", **numbered("NIK_TOKEN", "1")
    )
    assert keys("PartyIdentifierAdded", **numbered("NIB", "1")) == keys("PartyIdentifierAdded", **numbered("NPWP", "1"))


@pytest.mark.parametrize(
    ("scheme", "accepted", "refused"),
    [
        ("NIB", "1234567890123", "123456789012"),
        ("NIB", "0000000000000", "123456789012X"),
        ("LEI", LEI, LEI[:-1]),
        ("LEI", LEI, LEI.lower()),
        ("NIK_TOKEN", "hmac:9f86d081", "3171234567890123"),
        ("NIK_TOKEN", "enc:v1:key:AAAA", ""),
        ("NPWP", "01.234.567.8-901.000", ""),
        ("COMPANY_NO", "HRB 1", ""),
    ],
)
def test_a_number_looks_as_those_of_its_register(scheme: str, accepted: str, refused: str) -> None:
    payload("PartyIdentifierAdded", **numbered(scheme, accepted)).check()
    with pytest.raises(ValueError, match=r"value|NIB|LEI|NIK"):
        payload("PartyIdentifierAdded", **numbered(scheme, refused)).check()


def test_a_person_is_a_data_subject() -> None:
    payload("PartyRegistered", kind="NATURAL", subject_id="subject:p1").check()
    payload("PartyRegistered", kind="LEGAL").check()
    payload("PartyRegistered", kind="NATURAL", name="of whom the keys will ask").check()
    with pytest.raises(ValueError, match="subject_id"):
        payload("PartyRegistered", kind="NATURAL").check()


@pytest.mark.parametrize("event_type", ["PartiesLinked", "PartiesUnlinked"])
def test_a_link_is_between_two(event_type: str) -> None:
    payload(event_type, party_a="party:a", party_b="party:b", relation="OWNS").check()
    with pytest.raises(ValueError, match="the same"):
        payload(event_type, party_a="party:a", party_b="party:a", relation="OWNS").check()


def test_the_later_size_wins_in_valid_order() -> None:
    story = Story(SUBJECT)
    story.tell("PartyClassified", "2022-01-01T00:00:00Z", size_class="LARGE", size_basis="SELF_DECLARED")
    story.tell("PartyClassified", "2020-01-01T00:00:00Z", size_class="SMALL", size_basis="EU_2003_361")

    sizes = [story.described(as_of)["size_class"] for as_of in ("2021-01-01T00:00:00Z", "2023-01-01T00:00:00Z")]
    assert sizes == ["SMALL", "LARGE"]


def test_a_size_of_some_year_is_certain_at_its_end() -> None:
    story = Story(SUBJECT)
    story.tell("PartyRegistered", "2018-01-01T00:00:00Z", kind="LEGAL")
    story.tell("PartyClassified", "2019-01-01T00:00:00Z", precision="YEAR", size_class="MICRO")

    as_of = "2019-06-01T00:00:00Z"
    assert story.described(as_of, "CERTAIN")["size_class"] is None
    assert story.described(as_of, "POSSIBLE")["size_class"] == "MICRO"
    assert story.described("2020-01-01T00:00:00Z")["size_class"] == "MICRO"


def linked(story: Story, as_of: str = "2029-01-01T00:00:00Z") -> list[tuple[str, bool]]:
    return [(link["relation"], link["linked"]) for link in story.described(as_of)["links"]]


def test_a_link_holds_until_it_is_undone_and_whoever_is_named_first() -> None:
    story = Story(SUBJECT)
    two: dict[str, Any] = {"party_a": SUBJECT, "party_b": "party:b"}
    turned: dict[str, Any] = {"party_a": "party:b", "party_b": SUBJECT}
    story.tell("PartiesLinked", "2021-01-01T00:00:00Z", relation="SHARES_BANK", confidence="0.4", **two)
    story.tell("PartiesLinked", "2021-01-02T00:00:00Z", relation="SHARES_BANK", confidence="0.9", **turned)
    story.tell("PartiesLinked", "2021-01-03T00:00:00Z", relation="OWNS", **two)
    story.tell("PartiesUnlinked", "2021-01-04T00:00:00Z", relation="SHARES_BANK", **two)
    story.tell("PartiesUnlinked", "2021-01-05T00:00:00Z", relation="OWNS", **turned)
    story.tell("PartiesUnlinked", "2021-01-06T00:00:00Z", party_a=SUBJECT, party_b="party:c")

    assert linked(story, "2021-01-03T00:00:00Z") == [("SHARES_BANK", True), ("OWNS", True)]
    assert linked(story) == [("SHARES_BANK", False), ("OWNS", True)]

    story.tell("PartiesUnlinked", "2021-01-07T00:00:00Z", **two)
    assert linked(story) == [("SHARES_BANK", False), ("OWNS", False)]
    assert story.described()["links"][0]["unlinked_at"] == "2021-01-04T00:00:00.000000Z"

    story.tell("PartiesLinked", "2021-01-08T00:00:00Z", relation="OWNS", **two)
    assert linked(story) == [("SHARES_BANK", False), ("OWNS", True)]


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("PartyRegistered", {"kind": "INTERNATIONAL_ORG"}, {"name": "UNCTAD"}),
        ("PartyRegistered", {"kind": "NATURAL", "name": "A"}, {"kind": "PERSON"}),
        ("PartyIdentifierAdded", {"scheme": "X_DUNS", "value": "1"}, {"scheme": "DUNS", "value": "1"}),
        ("PartyIdentifierAdded", {"scheme": "VAT", "value": "1"}, {"scheme": "VAT"}),
        ("PartyClassified", {"size_basis": "SELF_DECLARED"}, {"size_basis": "GUESSED"}),
        (
            "PartiesLinked",
            {"party_a": "party:a", "party_b": "party:b", "relation": "OWNS", "confidence": "1"},
            {"party_a": "party:a", "party_b": "party:b", "relation": "OWNS", "confidence": "1.1"},
        ),
        (
            "PartiesLinked",
            {"party_a": "party:a", "party_b": "party:b", "relation": "SHARES_ID", "confidence": "0.5"},
            {"party_a": "party:a", "party_b": "party:b"},
        ),
        ("PartiesUnlinked", {"party_a": "party:a", "party_b": "party:b"}, {"party_a": "party:a"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
