"""Every problem and every fault's code has its page: those of the tables, and whatever any rule or route names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.problem_pages import described_problems
from api.problem_texts import FAULT_TEXTS, PROBLEM_TEXTS
from api.problems import BATCH_REJECTED, CONFLICTS, HTTP_PROBLEMS, PROBLEMS
from ledger.errors import FORBIDDEN_ROLE
from tests.api.desk import CLOUDEVENTS, Desk, published

ROOT = Path(__file__).parents[2]
CODE = "code"
CARRIED_ON = {"unreadable"}
"""What the import calls a line by, a problem that is no fault of an event."""
OWN_CODES = ("api/cli.py", "api/dsa/fields.py")
"""Files whose codes are others: exit codes of the command line, and those of the DSA's fields."""

Tree = ast.Module
Call = tuple[str, ast.Call]


def sources() -> Iterator[tuple[str, Tree]]:
    """Yield the sources of the packages, parsed."""
    for package in ("ledger", "projections", "api"):
        for file in sorted((ROOT / package).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            if name not in OWN_CODES:
                yield name, ast.parse(file.read_text("utf-8"))


def names_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[str]:
    """Return what a function, or a class that is made, takes by position."""
    if isinstance(node, ast.ClassDef):
        makers = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
        fields = [
            one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        ]
        return [argument.arg for argument in makers[0].args.args[1:]] if makers else fields
    return [argument.arg for argument in node.args.args]


def takers(trees: list[tuple[str, Tree]]) -> dict[str, int]:
    """Return which functions and classes take a code, and at which place."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [(node.name, names_of(node)) for _, tree in trees for node in ast.walk(tree) if isinstance(node, defined)]
    return {name: names.index(CODE) for name, names in found if CODE in names}


def constants(tree: Tree) -> dict[str, str]:
    """Return the texts that have names in a module, or in a function of it."""
    return {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def given(call: ast.Call, places: dict[str, int]) -> ast.expr | None:
    """Return the code that a call gives, if what it calls takes one."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in places:
        return None
    named = next((keyword.value for keyword in call.keywords if keyword.arg == CODE), None)
    return call.args[places[name]] if places[name] < len(call.args) else named


def raised() -> set[str]:
    """Return every code that is written in the sources, by itself or as a constant."""
    trees = list(sources())
    places = takers(trees)
    everywhere = {name: text for _, tree in trees for name, text in constants(tree).items() if name.isupper()}
    codes: set[str] = set()
    for _, tree in trees:
        named = {**everywhere, **constants(tree)}
        for node in ast.walk(tree):
            code = given(node, places) if isinstance(node, ast.Call) else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                codes.add(code.value)
            elif isinstance(code, ast.Name) and code.id in named:
                codes.add(named[code.id])
    return codes


def test_every_code_that_a_rule_or_a_route_names_has_its_page_and_no_other_has() -> None:
    found = raised()

    assert {"invalid-event", FORBIDDEN_ROLE, "unknown-restriction", "zone-needed", *CONFLICTS} <= found
    assert found - CARRIED_ON == set(FAULT_TEXTS)


def test_every_problem_of_the_table_has_its_page_and_no_other_has() -> None:
    types = {problem.type for problem in (*PROBLEMS.values(), *HTTP_PROBLEMS.values())}

    assert types | {BATCH_REJECTED} == set(PROBLEM_TEXTS)
    assert set(described_problems()) == {*PROBLEM_TEXTS, *FAULT_TEXTS}


@pytest.mark.parametrize("name", sorted(described_problems()))
async def test_a_problem_is_explained_at_the_address_that_is_its_type(shared_desk: Desk, name: str) -> None:
    said = await shared_desk.get(f"/problems/{name}", who=None)
    shown = await shared_desk.ask("GET", said["type"], who=None, headers={"Accept": "text/html,*/*"})

    assert said == described_problems()[name]
    assert (said["example"]["type"], said["example"]["status"]) == (said["type"], said["status"])
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{name}</h1>" in shown.text
    assert f"Status {said['status']}." in shown.text


async def test_the_list_of_problems_is_open_and_leads_to_each(shared_desk: Desk) -> None:
    listed = await shared_desk.get("/problems", who=None)
    assert listed == {"items": list(described_problems().values()), "next": None}


async def test_the_type_of_a_problem_that_is_met_is_the_address_of_its_page(shared_desk: Desk) -> None:
    for path in ("/v1/logs/nothing", "/v1/listings?tz=Nowhere", "/v1/listings?nothing=1"):
        problem = (await shared_desk.ask("GET", path)).json()
        explained = await shared_desk.get(problem["type"], who=None)
        assert (explained["type"], explained["title"]) == (problem["type"], problem["title"])
    assert (await shared_desk.ask("GET", "/problems/nothing", who=None)).status_code == 404


async def test_what_is_wrong_with_a_question_names_its_parameter_and_what_is_wrong_with_an_event_names_that(
    shared_desk: Desk,
) -> None:
    asked = (await shared_desk.ask("GET", "/v1/listings?tz=Nowhere")).json()
    sent = (await shared_desk.send([published("A"), {**published("B"), "time": "then"}], media=CLOUDEVENTS)).json()

    (fault,) = asked["errors"]
    assert asked["detail"] == f"tz: {fault['detail']} (invalid-zone)"
    (fault,) = sent["errors"]
    assert sent["detail"] == f"event 1 at /time: {fault['detail']} (invalid-event); nothing of it was stored"
