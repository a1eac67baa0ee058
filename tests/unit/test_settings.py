"""Settings from the environment."""

from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from ledger.errors import SettingError
from ledger.settings import Settings, read_settings

ALL = {
    "JEJAK_DATA": "/srv/ledger",
    "JEJAK_KEYS_DIR": "/srv/keys",
    "JEJAK_DATABASE_URL": "postgresql://me:hunter2@host/ledger",
    "JEJAK_HOST": "0.0.0.0",
    "JEJAK_PORT": "80",
    "JEJAK_MASTER_KEY_FILE": "/run/key",
    "JEJAK_MASTER_KEY": "c2VjcmV0",
    "JEJAK_SIGNING_KEY_FILE": "/run/seed",
    "JEJAK_WITNESS_POLICY_FILE": "/etc/witnesses",
    "JEJAK_WITNESS_FAIL": "closed",
    "JEJAK_TEST_CLOCK": "1",
    "JEJAK_LEDGER_NAME": "ledger.example.org/main",
    "JEJAK_TOKEN": "jejak_1_2",
}


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({"HOME": "/root"}) == Settings(
        data=Path("jejak-data"), host="127.0.0.1", port=8321, database_url=None, master_key_file=None
    )


def test_every_variable_is_read() -> None:
    assert read_settings(ALL) == Settings(
        data=Path("/srv/ledger"),
        database_url="postgresql://me:hunter2@host/ledger",
        host="0.0.0.0",
        port=80,
        keys_dir=Path("/srv/keys"),
        master_key_file=Path("/run/key"),
        master_key="c2VjcmV0",
        signing_key_file=Path("/run/seed"),
        witness_policy_file=Path("/etc/witnesses"),
        witness_fail="closed",
        test_clock=True,
        ledger_name="ledger.example.org/main",
        token="jejak_1_2",
    )


def test_an_empty_variable_is_an_unset_one() -> None:
    assert read_settings(dict.fromkeys(ALL, "")) == Settings()


def test_an_option_goes_before_the_environment() -> None:
    assert read_settings(ALL, port=0, data=Path("here"), host=None, test_clock=False) == read_settings(
        {**ALL, "JEJAK_PORT": "0", "JEJAK_DATA": "here", "JEJAK_TEST_CLOCK": "0"}
    )


def test_an_unknown_variable_is_named_with_the_known_ones() -> None:
    with pytest.raises(SettingError) as caught:
        read_settings({"JEJAK_PROT": "1"})
    assert str(caught.value) == f"unknown variable JEJAK_PROT: the known ones are {', '.join(ALL)}"


def test_an_unknown_option_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no such setting: prot"):
        read_settings({}, prot=1)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("JEJAK_PORT", "65536"),
        ("JEJAK_PORT", "-1"),
        ("JEJAK_PORT", "٣"),
        ("JEJAK_PORT", "http"),
        ("JEJAK_TEST_CLOCK", "yes"),
        ("JEJAK_HOST", "a b"),
        ("JEJAK_LEDGER_NAME", "a+b"),
        ("JEJAK_LEDGER_NAME", "a b"),
        ("JEJAK_LEDGER_NAME", "https://a"),
        ("JEJAK_LEDGER_NAME", "a/"),
        ("JEJAK_LEDGER_NAME", "A"),
        ("JEJAK_LEDGER_NAME", "a" * 201),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable} is {value!r}: ".replace("+", r"\+")):
        read_settings({variable: value})


def test_secrets_are_never_shown() -> None:
    settings = read_settings(ALL)
    shown = [repr(settings), str(settings), f"{settings}", pretty_repr(settings)]
    with pytest.raises(SettingError) as caught:
        read_settings({"JEJAK_DATABASE_URL": "mysql://me:hunter2@host/"})
    assert [text for text in [*shown, str(caught.value)] if "hunter2" in text] == []
    assert "ledger.example.org/main" in repr(settings)
