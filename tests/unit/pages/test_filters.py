"""The fields by which a list is narrowed are those that the API takes, with its codes."""

from api.pages.columns import GROUPS, LISTED
from api.pages.filters import CODES, Field, fields_of
from api.route_rights import LISTS


def test_every_list_of_the_api_stands_in_one_group_and_has_columns() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(LISTED) == sorted(LISTS)
    assert all(listed.columns for listed in LISTED.values())


def test_codes_are_of_filters_that_there_are() -> None:
    assert CODES.keys() <= {f"{name}.{field.name}" for name in LISTED for field in fields_of(name, {})}


def test_a_field_stands_once_for_each_value_and_says_what_is_usual() -> None:
    fields = {field.name: field for field in fields_of("breaches", {"ended": ["true", "false"], "log": ["shop"]})}
    assert fields["ended"] == Field(name="ended", codes=("true", "false"), values=("true", "false"), usual=("false",))
    assert fields["status"] == Field(name="status", codes=("VIOLATING", "UNDETERMINED"), values=("",))
    assert fields["log"] == Field(name="log", codes=(), values=("shop",))
    assert list(fields)[-3:] == ["subject", "subject_prefix", "log"]
