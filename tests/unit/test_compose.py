"""compose.yaml and the README's commands against the program: no container engine is at hand to try them in."""

import ast
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from api.app import ROUTES
from api.cli import parser
from ledger.server.postmaster import arguments
from ledger.settings import read_settings

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
LEDGER, DATABASE, WITNESS = SERVICES["ledger"], SERVICES["database"], SERVICES["witness"]
PASSWORD: str = DATABASE["environment"]["POSTGRES_PASSWORD"]
DOCKERFILE: str = LEDGER["build"]["dockerfile_inline"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# A command of ours in a text for people: from the name to the end of the line, a pipe, a bracket or a backtick.
COMMAND = re.compile(r"^(?:[#$] *)?(?:[^\n`]*[\s(/])?jejak (?P<words>[a-z][^\n`|&;)]*)", re.MULTILINE)


def instructions(name: str) -> list[list[str]]:
    """The words after each Dockerfile instruction of this name; continued lines are joined."""
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith(name + " ")]


def shell_blocks(text: str) -> str:
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))


def commands_for_people() -> list[str]:
    comments = "\n".join(line.lstrip(" #") for line in COMPOSE.splitlines() if line.lstrip().startswith("#"))
    return [found["words"].strip() for found in COMMAND.finditer(comments + "\n" + shell_blocks(README))]


def health_url(service: dict[str, Any]) -> str:
    _, _, _, program = service["healthcheck"]["test"]
    [url] = [
        node.value
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Constant) and "http" in str(node.value)
    ]
    return str(url)


def route_patterns() -> list[re.Pattern[str]]:
    """Each route of the program, its parameters standing for one segment, or for several where it is a path."""
    paths = [path for handler in ROUTES for path in handler.paths]
    return [re.compile(re.sub(r"\{\w+:path\}", ".+", re.sub(r"\{\w+:(?!path)\w+\}", "[^/]+", path))) for path in paths]


def is_served(path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in route_patterns())


def filled(text: str) -> str:
    """Return a text with what compose puts in the place of variables that are not set, and a password."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text.replace(PASSWORD, "secret"))


@pytest.mark.parametrize("service", [LEDGER, WITNESS], ids=["ledger", "witness"])
def test_a_service_starts_by_a_command_of_the_program(service: dict[str, Any]) -> None:
    name, *words = service["command"]
    assert [name] == list(PROJECT["scripts"])
    parser().parse_args(words)  # exits where it does not understand
    assert instructions("CMD") == [shlex.split('["jejak", "serve"]')]


@pytest.mark.parametrize("words", commands_for_people())
def test_a_command_told_to_people_is_one_the_program_takes(words: str) -> None:
    parser().parse_args(shlex.split(words))  # exits where it does not understand


def test_every_setting_named_is_one_the_program_knows() -> None:
    named = set(re.findall(r"JEJAK_[A-Z_]+", COMPOSE + README))
    assert {"JEJAK_DATABASE_URL", "JEJAK_HOST"} <= named
    empty = dict.fromkeys(named, "")  # unset, where the name is known; refused, where it is not
    assert read_settings(empty) == read_settings({})


def test_the_settings_of_the_service_are_read_as_meant() -> None:
    environment = {name: filled(value) for name, value in LEDGER["environment"].items()}
    assert read_settings(environment) == read_settings(
        {},
        database_url="postgresql://jejak:secret@database:5432/jejak",
        host="0.0.0.0",
        port=8321,
        keys_dir="/var/lib/jejak",
    )


def test_the_database_is_told_what_the_embedded_server_is_told_but_for_its_memory() -> None:
    name, *told = DATABASE["command"]
    assert name == "postgres"
    given = {option.removeprefix("--") for option in told if not option.startswith("--shared_buffers=")}
    assert len(given) == len(told) - 1
    assert given <= set(arguments("jejak", "nowhere"))


def test_one_port_is_listened_on_published_exposed_and_asked_for_health() -> None:
    [published] = LEDGER["ports"]
    port = LEDGER["environment"]["JEJAK_PORT"]
    assert published == f"127.0.0.1:{port}:{port}"
    assert instructions("EXPOSE") == [[port]]
    assert urlsplit(health_url(LEDGER)).netloc == f"127.0.0.1:{port}"


@pytest.mark.parametrize("service", [LEDGER, WITNESS], ids=["ledger", "witness"])
def test_the_health_check_runs_what_the_image_has_and_asks_a_route_of_the_program(service: dict[str, Any]) -> None:
    kind, program, option, _ = service["healthcheck"]["test"]
    assert (kind, program, option) == ("CMD", "python", "-c")
    assert DOCKERFILE.count("FROM python:3.13-slim") == DOCKERFILE.count("FROM ") == len(instructions("FROM"))
    assert is_served(urlsplit(health_url(service)).path)


def test_every_path_the_readme_calls_is_a_route_of_the_program() -> None:
    written = re.findall(r"http://(?:127\.0\.0\.1|localhost):8321(/[^\s'\"?]*)", README)
    asked = re.findall(r"^ask ([a-z/-]+) ", README, re.MULTILINE)  # by the function that the README defines for it
    outside = re.findall(r"--from http://127\.0\.0\.1:8321(/\S+)", README)  # of a log, whose checkpoint is read first
    others = [path for path in written if path != "/v1/$1" and path not in outside]
    called = [*others, *(f"{path}/checkpoint" for path in outside), *(f"/v1/{name}" for name in asked)]
    assert len(called) > len(asked) > 0 < len(outside)
    assert [path for path in called if not is_served(path)] == []


def test_the_ledger_connects_to_the_database_as_it_is_set_up() -> None:
    url, given = LEDGER["environment"]["JEJAK_DATABASE_URL"], DATABASE["environment"]
    assert url == f"postgresql://{given['POSTGRES_USER']}:{PASSWORD}@database:5432/{given['POSTGRES_DB']}"
    assert PASSWORD.startswith("${POSTGRES_PASSWORD:?")  # no default password, ever
    assert DATABASE["image"] == "postgres:17"
    who = [f"--username={given['POSTGRES_USER']}", f"--dbname={given['POSTGRES_DB']}"]
    assert DATABASE["healthcheck"]["test"] == ["CMD", "pg_isready", "--host=127.0.0.1", *who]


def test_what_the_ledger_writes_is_on_its_volume_and_belongs_to_its_user() -> None:
    [mounted] = [volume.split(":")[1] for volume in LEDGER["volumes"]]
    assert Path(LEDGER["environment"]["JEJAK_KEYS_DIR"]) == Path(mounted)
    assert instructions("WORKDIR")[-1] == [mounted]
    assert instructions("USER") == [["jejak"]]
    [setup] = [words for words in instructions("RUN") if "useradd" in words]
    assert setup[-1] == mounted
    assert "--owner=jejak" in setup


def test_the_witness_keeps_what_it_must_not_forget_on_a_volume_of_its_own_and_listens_where_it_is_published() -> None:
    [volume] = WITNESS["volumes"]
    words = parser().parse_args(WITNESS["command"][1:])
    assert volume == f"witness:{words.data}"
    assert (words.host, WITNESS["ports"]) == ("0.0.0.0", [f"127.0.0.1:{words.port}:{words.port}"])
    assert urlsplit(health_url(WITNESS)).netloc == f"127.0.0.1:{words.port}"
    assert (WITNESS["image"], WITNESS["build"]) == (LEDGER["image"], LEDGER["build"])


def test_the_policy_file_that_is_offered_is_where_it_would_be_mounted() -> None:
    [offered] = re.findall(r"# JEJAK_WITNESS_POLICY_FILE: (\S+)", COMPOSE)
    [mounted] = re.findall(r"# - \./\w+:(\S+):ro", COMPOSE)
    assert offered == mounted


def test_every_file_copied_into_the_image_is_there_and_let_through() -> None:
    copied = [source for *files, _ in instructions("COPY") for source in files]
    let_through = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [name for name in copied if not (ROOT / name).exists() or f"!{name}" not in let_through] == []


def test_the_image_is_named_after_the_release() -> None:
    assert LEDGER["image"] == f"{PROJECT['name']}:{PROJECT['version']}"


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_service_can_write_nowhere_else_and_gain_nothing(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_ledger_can_be_reached_from_outside_and_a_witness_where_it_is_asked_for() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["ledger", "witness"]
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["witness"]
    assert (DATABASE["networks"], WITNESS["networks"]) == (["inside"], ["outside"])
