"""What the rules of the DSA intake say of single fields, and what becomes of those that are sound. Pure."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dsa.fields import fields_of
from api.dsa.submission import Rejected, read_submission
from ledger.domain import statement_codes as codes
from tests.api.statements_of_reasons import statement

OTHER_VISIBILITY = {"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}
INCOMPATIBLE = {"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT"}


def faults(**said: Any) -> dict[str, list[str]]:  # noqa: ANN401 - JSON
    """Return what is wrong with a statement that says this."""
    try:
        read_submission(statement(**said), 2)
    except Rejected as rejected:
        return rejected.errors
    return {}


def kept(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return what is kept of a statement that says this."""
    data: dict[str, Any] = msgspec.json.decode(read_submission(statement(**said), 2).data)
    return data


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({"puid": "x" * 501}, "puid", "The puid field must not be greater than 500 characters."),
        ({"puid": "line\nbreak"}, "puid", "The puid format is invalid."),
        (
            {"decision_facts": "x" * 5001},
            "decision_facts",
            "The decision facts field must not be greater than 5000 characters.",
        ),
        ({"decision_facts": " \n "}, "decision_facts", "The decision facts field is required."),
        ({"decision_facts": ["a"]}, "decision_facts", "The decision facts field must be a string."),
        (
            {"decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED"},
            "decision_visibility",
            "The decision visibility field must be an array.",
        ),
        ({"decision_visibility": ["BLUE"]}, "decision_visibility", "The selected decision visibility is invalid."),
        ({"decision_visibility": [["BLUE"]]}, "decision_visibility", "The selected decision visibility is invalid."),
        (OTHER_VISIBILITY, "decision_visibility_other", "The decision visibility other field is required."),
        (
            {"decision_monetary": "DECISION_MONETARY_OTHER"},
            "decision_monetary_other",
            "The decision monetary other field is required when decision monetary is other.",
        ),
        (
            {"decision_monetary": ["DECISION_MONETARY_SUSPENSION"]},
            "decision_monetary",
            "The selected decision monetary is invalid.",
        ),
        (
            {"illegal_content_explanation": None},
            "illegal_content_explanation",
            "The illegal content explanation field is required when decision ground is illegal content.",
        ),
        (
            {"illegal_content_legal_ground": "x" * 501},
            "illegal_content_legal_ground",
            "The illegal content legal ground field must not be greater than 500 characters.",
        ),
        (
            {"decision_ground_reference_url": "no address"},
            "decision_ground_reference_url",
            "The decision ground reference url field must be a valid URL.",
        ),
        ({"content_type": []}, "content_type", "The content type field is required."),
        ({"territorial_scope": ["EL"]}, "territorial_scope", "The selected territorial scope is invalid."),
        (
            {"content_date": "1999-12-31"},
            "content_date",
            "The content date field must be a date after or equal to 2000-01-01.",
        ),
        (
            {"application_date": "2019-12-31"},
            "application_date",
            "The application date field must be a date after or equal to 2020-01-01.",
        ),
        (
            {"application_date": "2038-01-02"},
            "application_date",
            "The application date field must be a date before or equal to 2038-01-01.",
        ),
        (
            {"application_date": "2023-02-30"},
            "application_date",
            "The application date does not match the format YYYY-MM-DD.",
        ),
        (
            {"end_date_service_restriction": "soon"},
            "end_date_service_restriction",
            "The end date of service restriction does not match the format YYYY-MM-DD.",
        ),
        ({"automated_detection": True}, "automated_detection", "The selected automated detection is invalid."),
        ({"content_id_ean": "123"}, "content_id_ean", "The content id ean field must be 13 digits."),
        ({"content_id": "4006381333931"}, "content_id", "The content id field must be an array."),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_real_api(said: dict[str, Any], field: str, message: str) -> None:
    assert faults(**said) == {field: [message]}


@pytest.mark.parametrize(
    "said",
    [
        {"puid": "x" * 500},
        {"decision_facts": "x" * 5000},
        {"content_date": "2000-01-01", "application_date": "2020-01-01"},
        {"end_date_visibility_restriction": "2038-01-01"},
        {"territorial_scope": None},
        {"nobody": "knows this"},
        {"decision_visibility_other": "x" * 501},
        {"incompatible_content_explanation": 7},
    ],
)
def test_what_is_at_its_bound_or_does_not_count_is_accepted(said: dict[str, Any]) -> None:
    assert faults(**said) == {}


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ({"territorial_scope": ["PT", "DE", "PT"]}, "territorial_scope", ["DE", "PT"]),
        (
            {"content_type": ["CONTENT_TYPE_TEXT", "CONTENT_TYPE_APP"]},
            "content_type",
            ["CONTENT_TYPE_APP", "CONTENT_TYPE_TEXT"],
        ),
        (
            {"category_addition": ["STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_ANIMAL_WELFARE"]},
            "category_addition",
            ["STATEMENT_CATEGORY_VIOLENCE"],
        ),
        ({"decision_facts": "  facts \n"}, "decision_facts", "facts"),
        ({"puid": 421}, "puid", "421"),
        ({"content_id": {"EAN-13": "4006381333931"}}, "content_id_ean", "4006381333931"),
        ({"category_specification_other": "but no keyword"}, "category_specification_other", None),
        (
            {**INCOMPATIBLE, "incompatible_content_ground": "a", "incompatible_content_explanation": "b"},
            "illegal_content_explanation",
            None,
        ),
        ({"source_type": "SOURCE_VOLUNTARY"}, "source_identity", None),
        ({"nobody": "knows this"}, "nobody", None),
    ],
)
def test_what_is_kept_is_trimmed_sorted_and_without_what_does_not_count(
    said: dict[str, Any], field: str, value: object
) -> None:
    assert kept(**said).get(field) == value


@given(
    field=st.sampled_from([field.name for field in fields_of(2)]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(codes.CATEGORIES),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_whatever_a_field_is_it_is_kept_or_told(field: str, value: object) -> None:
    said = {field: value}
    assert faults(**said) or kept(**said)["puid"]


@pytest.mark.parametrize("raw", [None, [], "text", 7, [statement()]])
def test_what_is_no_object_lacks_every_field(raw: object) -> None:
    with pytest.raises(Rejected) as rejected:
        read_submission(raw, 2)

    assert len(rejected.value.errors) == 14
