"""Settings: the JEJAK_* variables, read once and checked at once."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ledger.errors import SettingError

DEFAULT_LEDGER_NAME = "jejak.local/ledger"
TEST_PREFIX = "test."
KEYS_SUFFIX = ".keys"
FAIL_OPEN, FAIL_CLOSED = "open", "closed"
"""What becomes of a checkpoint that too few witnesses have cosigned: it is shown, or withheld until they have."""

# It begins every origin, and C2SP forbids blanks and '+' in those. No upper case, so that no two differ by case alone.
_LEDGER_NAME = re.compile(r"[a-z0-9][a-z0-9._~-]*(/[a-z0-9._~-]+)*")
_LEDGER_NAME_LENGTH = 200
_HIGHEST_PORT = 65535


_SECRETS = frozenset({"database_url", "master_key", "token"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment and the command line say. `None` means that nothing was said.

    `database_url` may hold a password and is never shown. `test_clock` is only a wish: a database keeps for ever
    what it was created with. `ledger_name` counts at the first start, and may only agree afterwards. `master_key` is a
    secret, and goes before `master_key_file`. `token` is what commands show to somebody else's ledger.
    """

    data: Path = Path("jejak-data")
    keys_dir: Path | None = None
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8321
    master_key_file: Path | None = None
    master_key: str | None = None
    signing_key_file: Path | None = None
    witness_policy_file: Path | None = None
    witness_fail: str = FAIL_OPEN
    test_clock: bool | None = None
    ledger_name: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        """Return every setting, secrets covered."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"Settings({shown})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Return what `rich` and `repr` may show: msgspec's own would show the secrets."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return [(name, "***" if name in _SECRETS and value else value) for name, value in values.items()]

    @property
    def withholds_checkpoints(self) -> bool:
        """Whether a checkpoint is shown to nobody before the quorum of witnesses has cosigned it."""
        return self.witness_fail == FAIL_CLOSED

    def keys_folder(self) -> Path:
        """Return where the ledger keeps what must stand neither in its database nor in its data folder.

        Raises SettingError for a ledger on a server of its own, for which nobody has said where.
        """
        if self.keys_dir is not None:
            return self.keys_dir
        if self.database_url is not None:
            raise SettingError(
                "JEJAK_KEYS_DIR is not set: with a database URL, say where this ledger keeps its keys, in a folder "
                "that no backup of the database holds"
            )
        data = self.data.resolve()  # whatever name or link leads there, the keys are the same
        return data.with_name(f"{data.name}{KEYS_SUFFIX}")


def read_settings(environ: Mapping[str, str], **overrides: str | int | Path | None) -> Settings:
    """Return the settings of this environment; `overrides` (by field, of the command line) go before it.

    An empty variable is an unset one, and so is an override of None.
    Raises SettingError for an unknown JEJAK_* variable and for a value that cannot be; it never quotes a secret.
    """
    _refuse_unknown(environ)
    values: dict[str, object] = {}
    for field, parse in _PARSERS.items():
        given = overrides.pop(field, None)
        if given is not None:
            text = str(int(given)) if isinstance(given, bool) else str(given)
            values[field] = parse(f"option {field.replace('_', '-')}", text)
        elif text := environ.get(_variable(field), ""):
            values[field] = parse(_variable(field), text)
    if overrides:
        raise TypeError(f"no such setting: {', '.join(sorted(overrides))}")
    return msgspec.convert(values, Settings, strict=False)


def _variable(field: str) -> str:
    return f"JEJAK_{field.upper()}"


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [_variable(field) for field in _PARSERS]
    unknown = sorted(name for name in environ if name.startswith("JEJAK_") and name not in known)
    if unknown:
        raise SettingError(f"unknown variable {', '.join(unknown)}: the known ones are {', '.join(known)}")


def _path(_name: str, text: str) -> Path:
    return Path(text)


def _secret(_name: str, text: str) -> str:
    return text


def _database_url(name: str, text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")):
        raise SettingError(f"{name} does not begin with postgresql:// (its value is not shown: it may be secret)")
    return text


def _host(name: str, text: str) -> str:
    if any(character.isspace() for character in text):
        raise SettingError(f"{name} is {text!r}: it must be one address or host name")
    return text


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _HIGHEST_PORT:
        raise SettingError(f"{name} is {text!r}: it must be a number from 0 to {_HIGHEST_PORT}")
    return int(text)


def _test_clock(name: str, text: str) -> bool:
    if text not in {"0", "1"}:
        raise SettingError(f"{name} is {text!r}: it must be 1, or unset")
    return text == "1"


def _witness_fail(name: str, text: str) -> str:
    if text not in {FAIL_OPEN, FAIL_CLOSED}:
        raise SettingError(f"{name} is {text!r}: it must be {FAIL_OPEN} or {FAIL_CLOSED}")
    return text


def _ledger_name(name: str, text: str) -> str:
    if not _LEDGER_NAME.fullmatch(text) or len(text) > _LEDGER_NAME_LENGTH:
        raise SettingError(
            f"{name} is {text!r}: it must look like {DEFAULT_LEDGER_NAME!r}, a host name with or without a path: "
            f"small letters, digits and . _ ~ - /, at most {_LEDGER_NAME_LENGTH} characters"
        )
    return text


_PARSERS: dict[str, Callable[[str, str], object]] = {
    "data": _path,
    "keys_dir": _path,
    "database_url": _database_url,
    "host": _host,
    "port": _port,
    "master_key_file": _path,
    "master_key": _secret,
    "signing_key_file": _path,
    "witness_policy_file": _path,
    "witness_fail": _witness_fail,
    "test_clock": _test_clock,
    "ledger_name": _ledger_name,
    "token": _secret,
}
