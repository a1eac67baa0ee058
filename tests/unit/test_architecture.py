"""What holds for every file: sizes, docstrings, one statement in each SQL file, nothing of one machine."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "projections", "api")
TOP_LEVEL = {*PACKAGES, "tests", "pyproject.toml", "requirements.txt", "compose.yaml", "README.md"}

MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 70

# Written so that this file does not hold what it looks for.
LEFT_FOR_LATER = re.compile("|".join(rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")))
REGISTRY_HOST = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.org")))
PLACE_ON_ONE_MACHINE = re.compile(r"(?<![\w.:/])/(?:work|tmp|farm|root|home|Users)/")

type_checking_only = "TYPE" + "_CHECKING"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def kept_files() -> list[Path]:
    """Files that are, or are about to be, in the repository: what git tracks or does not ignore."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()]


def kept_texts() -> Iterator[tuple[Path, str]]:
    for path in kept_files():
        content = path.read_bytes()
        if b"\0" not in content and not content.startswith(b"\x1f\x8b"):  # neither binary nor gzip
            yield path, content.decode("utf-8")


def sources(*folders: str) -> list[tuple[Path, str]]:
    return [
        (path, path.read_text("utf-8"))
        for path in kept_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


def statements() -> list[tuple[Path, str]]:
    return [
        (path, path.read_text("utf-8")) for path in kept_files() if path.suffix == ".sql" and path.parent.name == "sql"
    ]


def place(path: Path, line: int | None = None) -> str:
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(path, number)}: {line.strip()[:100]}"
        for path, text in kept_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def public_definitions(tree: ast.Module) -> Iterator[Documented]:
    """Public functions and classes, and the public methods of public classes; not what stands inside a function."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                waiting.extend(node.body)


def without_comments_and_literals(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|(\$\w*\$).*?\1", " ", sql, flags=re.DOTALL)


def test_the_top_level_holds_only_what_the_design_names() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in kept_files()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_nothing_is_left_for_later() -> None:
    assert lines_with(LEFT_FOR_LATER) == []


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    assert lines_with(REGISTRY_HOST) + lines_with(PLACE_ON_ONE_MACHINE) == []


def test_annotations_are_never_imported_for_the_type_checker_alone() -> None:
    assert lines_with(re.compile(type_checking_only)) == []


def test_no_file_of_the_packages_is_too_long() -> None:
    kept = [(path, text.count("\n")) for path, text in [*sources(*PACKAGES), *statements()]]
    assert [(place(path), lines) for path, lines in kept if lines > MOST_LINES_IN_A_FILE] == []


def test_no_function_is_too_long() -> None:
    too_long = [
        (place(path, node.lineno), node.name)
        for path, text in sources(*PACKAGES, "tests")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function) and (node.end_lineno or 0) - node.lineno + 1 > MOST_LINES_IN_A_FUNCTION
    ]
    assert too_long == []


def test_every_module_and_everything_public_has_a_docstring() -> None:
    bare: list[str] = []
    for path, text in sources(*PACKAGES):
        tree = ast.parse(text)
        bare += [place(path)] if tree.body and not ast.get_docstring(tree) else []
        bare += [f"{place(path, it.lineno)} {it.name}" for it in public_definitions(tree) if not ast.get_docstring(it)]
    assert bare == []


def test_a_sql_file_holds_one_statement() -> None:
    counts = {
        place(path): sum(1 for part in without_comments_and_literals(sql).split(";") if part.strip())
        for path, sql in statements()
    }
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_a_sql_file_says_what_it_does_and_names_its_parameters() -> None:
    silent: list[str] = []
    for path, sql in statements():
        header = "\n".join(line for line in sql.splitlines() if line.startswith("--"))
        used = set(re.findall(r"\$\d+", without_comments_and_literals(sql)))
        unnamed = used - set(re.findall(r"\$\d+", header))
        if not sql.startswith("-- ") or unnamed:
            silent.append(f"{place(path)} {sorted(unnamed)}")
    assert silent == []


def test_every_sql_file_is_called_by_its_name() -> None:
    words = set(re.findall(r"\w+", "\n".join(text for _, text in sources(*PACKAGES))))
    assert [place(path) for path, _ in statements() if path.stem not in words] == []
