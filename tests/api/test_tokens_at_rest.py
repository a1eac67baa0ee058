"""What a token leaves behind where a real service runs: nothing, in no log, no file and no list of processes."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.faults.serving import APPEND, Connection, Serving, jejak, serving

SHOWN_CHARACTERS = 16
"""So much of a secret is looked for: what is cut short would be found too."""


def command_lines() -> Iterator[bytes]:
    """Yield the command line of every process of the machine."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # a process may have ended since it was listed
            yield file.read_bytes()


def holding(folder: Path, text: bytes) -> list[str]:
    """Return the files below a folder that hold a text: of the service, its database and its keys."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and text in file.read_bytes()]


async def ask(served: Serving, token: str, method: str, path: str) -> tuple[int, str]:
    """Ask with a token; return the status and the text of the answer."""
    connection = Connection(served.port, token)
    try:
        answer = await connection.ask(method, path, b"{", "application/json")
    finally:
        await connection.close()
    return answer.status, answer.body.decode()


async def test_no_token_is_left_in_a_log_a_file_an_answer_or_the_list_of_processes(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as served:
        await served.start()
        token = served.writer
        wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
        requests = [("GET", "/v1/logs"), ("POST", APPEND), ("GET", "/v1/nothing")]
        answers = [await ask(served, one, *request) for one in (token, wrong) for request in requests]
        listed = await jejak("token", "list", "--json", "--data", str(served.folder))
        running = [*command_lines()]
        await served.stop()

    _, name, secret = token.split("_")
    secret = secret[:SHOWN_CHARACTERS]
    assert [status for status, _ in answers] == [200, 400, 404, 401, 401, 401]
    assert any(b"serve" in line and str(served.folder).encode() in line for line in running)
    assert [line for line in running if secret.encode() in line] == []
    assert [text for text in (*(text for _, text in answers), listed.output, listed.errors) if secret in text] == []
    assert (tmp_path / "serve.log").is_file()
    assert holding(tmp_path, name.encode())  # what is no secret is kept, and so is found
    assert holding(tmp_path, secret.encode()) == []
