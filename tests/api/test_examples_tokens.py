"""No example puts a token where other users of the machine read it: in an argument, or in a file open to them."""

import re
from collections.abc import Iterator

import pytest

from api.docs_pages import read_guide
from api.pages_layout import GUIDES
from tests.api.fenced import fenced
from tests.api.readme_session import README, signed

SAID = re.compile(r"Bearer|Authorization|oauth2-bearer|\$\{?(?:token|operator|writer)\b", re.IGNORECASE)
"""What an argument with a token in it has."""
KEPT = re.compile(r'\(umask 077; echo "Authorization: Bearer \$\([^)]*\)" >\S+\.header\)')
"""How a token is kept: `echo` is the shell's own, so no process has the token as an argument."""
PAGES = {"README": README, **{guide.name: read_guide(guide.name) for guide in GUIDES if guide.name != "reference"}}


def shell_commands(text: str) -> Iterator[str]:
    """Yield the shell's logical lines of a text in Markdown: those of its blocks, and those in running text."""
    for block in fenced(text):
        if block.language == "sh":
            yield from block.text.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`((?:curl|jejak) [^`]*)`", text)


def told(commands: Iterator[str]) -> list[str]:
    """Return those of the commands that put a token where others read it."""
    return [
        command
        for command in commands
        if SAID.search(KEPT.sub("", command)) or ("token create" in command and ">" in KEPT.sub("", command))
    ]


@pytest.mark.parametrize("page", PAGES)
def test_no_example_puts_a_token_where_others_read_it(page: str) -> None:
    assert told(shell_commands(PAGES[page])) == []


def test_what_the_tests_send_for_the_reader_puts_none_there_either() -> None:
    assert told(iter(signed("any").splitlines())) == []


@pytest.mark.parametrize(
    "command",
    [
        'curl -sS http://127.0.0.1:8321/v1/logs -H "Authorization: Bearer $any"',
        "curl http://127.0.0.1:8321/v1/logs --oauth2-bearer $any",
        'curl http://127.0.0.1:8321/v1/logs -H "$token"',
        'echo "Authorization: Bearer $(jejak token create --role operator)" >operator.header',
        "jejak token create --role operator >operator.token",
    ],
)
def test_an_example_that_does_is_found(command: str) -> None:
    assert told(iter([command])) == [command]
