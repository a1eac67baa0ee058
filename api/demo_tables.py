"""The demonstration as tables for people: what was asked and answered, in words."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.demo import Answered, Demonstration, Found
from api.questions import QUESTIONS
from ledger.domain.json_values import is_array, is_object

CODE = re.compile(r"[A-Z]{3,}|[A-Z]+(?:_[A-Z]+)+")
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00(?:\.0+)?)?Z")
NOTHING = "none"
SHOWN_MAX = 12
"""Members of a list that are shown: as many as fit a few lines."""
ASKED = {question.id: question for question in QUESTIONS}


def show(shown: Demonstration, console: Console) -> None:
    """Print the answers, and where to look for each system, as tables."""
    console.print(_answers(shown.answers))
    if shown.systems:
        console.print()
        console.print(_systems(shown.systems))
    entries = sum(log["size"] for log in shown.logs.values())
    console.print(f"{len(shown.logs)} logs hold {entries:,} entries.", style="dim")


def _table(title: str, caption: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
        expand=True,
    )


def _answers(answers: Sequence[Answered]) -> Table:
    asked = "Each answer was asked of this ledger over HTTP; --json shows every request in full."
    table = _table("What was so, and who knew it when", asked)
    table.add_column("", style="dim", no_wrap=True)
    table.add_column("question", ratio=3)
    table.add_column("answer", ratio=2)
    for one in answers:
        chapter = ASKED[one.id].chapter
        if chapter is not None:
            table.add_section()
            table.add_row("", Text(chapter, style="bold cyan"))
        question = Text(one.question)
        question.append(f"\n{compact(one.request)}", style="dim")
        table.add_row(one.id, question, Text(say_answer(one), style="bold"))
    return table


def _systems(systems: Sequence[Found]) -> Table:
    table = _table("What the ledger shows of each system", "Each was asked over HTTP, and has so many items.")
    table.add_column("system", ratio=3)
    table.add_column("what it shows", ratio=3)
    table.add_column("where to look", ratio=4, overflow="fold")
    table.add_column("", justify="right", style="bold")
    for one in systems:
        table.add_row(one.system, one.shows, where_to_look(one.request), Text(say(one.answer)))
    return table


def where_to_look(request: str) -> Text:
    """Return a request as people read it: the list, and below it what it is narrowed by."""
    path, _, query = request.removeprefix("GET ").partition("?")
    shown = Text(path)
    return shown.append(f"\n{query.replace('&', ' ')}", style="dim") if query else shown


def compact(requests: Sequence[str]) -> str:
    """Return which lists were asked, and how often: requests without their queries."""
    paths = Counter(request.partition("?")[0].partition(" {")[0] for request in requests)
    return ", ".join(path if times == 1 else f"{path} ×{times}" for path, times in paths.items())


def say_answer(answered: Answered) -> str:
    """Return an answer in words: with the names of its parts, where the question names them."""
    answer = answered.answer
    if is_object(answer) and answer.keys() == {"problem"}:
        return f"problem: {answer['problem']}"
    question = ASKED[answered.id]
    if question.say is not None:
        return question.say(answer)
    if question.parts:
        return "\n".join(f"{name}: {say(part)}" for name, part in zip(question.parts, answer, strict=True))
    return say(answer)


def say(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return a JSON value in words."""
    if is_array(value):
        more = [f"and {len(value) - SHOWN_MAX:,} more"] if len(value) > SHOWN_MAX else []
        lists = any(is_array(part) for part in value)
        return (" / " if lists else ", ").join([*map(say, value[:SHOWN_MAX]), *more]) or NOTHING
    if is_object(value):
        return ", ".join(f"{name} {say(part)}" for name, part in value.items())
    return _say_one(value)


def _say_one(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")
    text = str(value)
    if CODE.fullmatch(text):
        return text.lower().replace("_", " ")
    return INSTANT.sub(r"\1 \2 UTC", text)
