"""The texts of the pages: both languages say the same, and every text that a page asks for is there, and no other."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import nodes
from msgspec import Struct

import api.pages
from api.pages.rendering import environment
from api.pages.wording import DEFAULT_LANGUAGE, LANGUAGES, texts

PAGES = Path(api.pages.__file__).parent
TEMPLATES = sorted(path.name for path in (PAGES / "templates").iterdir())
FILES = (".html", ".css", ".js", ".svg", ".toml")


class Asked(Struct, frozen=True):
    """A text that is asked for: its name, or how its name begins; and which values are put in, where that is said."""

    name: str
    whole: bool
    values: frozenset[str] | None = None


def calls(template: str) -> Iterator[Asked]:
    """Yield the texts that a template asks for."""
    tree = environment().parse((PAGES / "templates" / template).read_text("utf-8"))
    told: set[int] = set()
    for call in tree.find_all(nodes.Call):
        name = call.args[0] if call.args else None
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and isinstance(name, nodes.Const):
            told.add(id(name))
            yield Asked(name.value, whole=True, values=frozenset(value.key for value in call.kwargs))
    for joined in tree.find_all(nodes.Concat):
        begin = joined.nodes[0]
        if isinstance(begin, nodes.Const) and is_name(begin.value):
            told.add(id(begin))
            yield Asked(begin.value, whole=False)
    for constant in tree.find_all(nodes.Const):
        if id(constant) not in told and is_name(constant.value):
            yield Asked(constant.value, whole=True)


def mentions(source: Path) -> Iterator[Asked]:
    """Yield the texts that a module names, or how the names begin that it puts together."""
    tree = ast.parse(source.read_text("utf-8"))
    parts = {id(joined.values[0]) for joined in ast.walk(tree) if isinstance(joined, ast.JoinedStr) and joined.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and is_name(node.value):
            yield Asked(str(node.value), whole=id(node) not in parts)


def is_name(value: object) -> bool:
    """Tell whether a constant looks like the name of a text, or like its beginning."""
    pages = {name.partition(".")[0] for name in texts(DEFAULT_LANGUAGE)}
    found = re.fullmatch(r"([a-z_]+)\.[A-Za-z0-9_]*", value) if isinstance(value, str) else None
    return found is not None and found[1] in pages and not str(value).endswith(FILES)


def asked() -> list[Asked]:
    return [
        *chain.from_iterable(map(calls, TEMPLATES)),
        *chain.from_iterable(map(mentions, sorted(PAGES.rglob("*.py")))),
    ]


def placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_both_languages_have_the_same_texts_with_the_same_places_for_values() -> None:
    found: list[Mapping[str, frozenset[str]]] = [
        {name: placeholders(text) for name, text in texts(language).items()} for language in LANGUAGES
    ]
    assert found[0] == found[1]
    assert len(LANGUAGES) == len(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_begins_or_ends_with_a_blank(language: str) -> None:
    assert [name for name, text in texts(language).items() if not text or text != text.strip()] == []


def test_there_is_a_folder_of_texts_for_each_language_and_no_other() -> None:
    assert {folder.name for folder in (PAGES / "texts").iterdir()} == set(LANGUAGES)


def test_every_text_that_a_page_asks_for_is_there() -> None:
    known = texts(DEFAULT_LANGUAGE)
    missing = {one.name for one in asked() if one.whole and one.name not in known}
    beginnings = {one.name for one in asked() if not one.whole}
    assert missing == set()
    assert {one for one in beginnings if not any(name.startswith(one) for name in known)} == set()


def test_every_text_is_given_the_values_that_it_has_places_for() -> None:
    known = texts(DEFAULT_LANGUAGE)
    given = [one for one in asked() if one.values is not None and one.name in known]
    assert [(one.name, sorted(one.values or ())) for one in given if one.values != placeholders(known[one.name])] == []


def test_every_text_is_asked_for_by_a_page() -> None:
    whole = {one.name for one in asked() if one.whole}
    beginnings = tuple({one.name for one in asked() if not one.whole})
    assert [name for name in texts(DEFAULT_LANGUAGE) if name not in whole and not name.startswith(beginnings)] == []


def test_every_template_is_shown_by_a_page_or_taken_in_by_another() -> None:
    sources = [path.read_text("utf-8") for path in chain(PAGES.rglob("*.py"), (PAGES / "templates").iterdir())]
    assert [name for name in TEMPLATES if not any(f'"{name}"' in source for source in sources)] == []


def test_every_file_beside_the_pages_is_loaded_by_a_template_or_another_of_them() -> None:
    static = resources.files("api.pages").joinpath("static")
    sources = [path.read_text("utf-8") for path in chain((PAGES / "static").iterdir(), (PAGES / "templates").iterdir())]
    assert [file.name for file in static.iterdir() if not any(file.name in source for source in sources)] == []
