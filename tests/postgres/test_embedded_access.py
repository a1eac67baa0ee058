"""Who runs the embedded server, and who gets in: nobody but the user who runs the service.

Root makes these other users by becoming them in a process of its own.
"""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from ledger.errors import DatabaseError, DataFolderError
from ledger.server.account import ACCOUNT_NAME, Account, server_account
from ledger.server.binaries import PACKAGE, find_binaries
from ledger.server.embedded import EmbeddedServer, start
from ledger.server.folder import DataFolder
from tests.postgres.test_embedded import child, end, id_of, line, write_row

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def nobody() -> Account:
    found = pwd.getpwnam("nobody")
    return Account(name="nobody", user_id=found.pw_uid, group_id=found.pw_gid, is_other=True)


@pytest.fixture
def reachable() -> Generator[Path]:
    """Yield a folder that every user reaches, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def hidden() -> Generator[Path]:
    """Yield a folder that nobody but root enters."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    shutil.rmtree(folder)


def copy_of_the_wheel(target: Path) -> Path:
    """Copy what PostgreSQL needs of the wheel, and return the package's folder."""
    package = find_binaries(server_account()).folder.parents[1]
    shutil.copytree(package / "pginstall18", target / PACKAGE / "pginstall18")
    shutil.copytree(package.parent / f"{PACKAGE}.libs", target / f"{PACKAGE}.libs")
    return target / PACKAGE


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def owner_of(process: int) -> int:
    return Path(f"/proc/{process}").stat().st_uid


def program_of(process: int) -> Path:
    return Path(f"/proc/{process}/exe").resolve()


def modes_above(path: Path) -> dict[str, tuple[int, int]]:
    return {str(parent): (parent.stat().st_mode, parent.stat().st_uid) for parent in path.parents}


@as_root
async def test_another_user_does_not_get_in_by_the_socket(server: EmbeddedServer, nobody: Account) -> None:
    socket_folder = server.connect_arguments().get("host", "")
    async with child(server.folder, user_id=nobody.user_id, connect_only=socket_folder) as other:
        assert [await line(other) for _ in range(3)] == [["PermissionError"]] * 3


@as_root
async def test_another_user_who_holds_the_socket_folder_open_does_not_get_in(
    server: EmbeddedServer, nobody: Account
) -> None:
    inherited = os.open(server.folder / "socket", os.O_RDONLY)
    place = f"/proc/self/fd/{inherited}"
    async with child(server.folder, pass_fds=(inherited,), user_id=nobody.user_id, connect_only=place) as other:
        assert [await line(other) for _ in range(3)] == [["PermissionError"]] * 3
    os.close(inherited)


@as_root
async def test_another_user_who_reaches_the_socket_is_not_who_they_say(tmp_path: Path, nobody: Account) -> None:
    async with await start(tmp_path / "data") as server:
        (server.folder / "socket" / ".s.PGSQL.5432").chmod(0o777)
        inherited = os.open(server.folder / "socket", os.O_RDONLY)
        os.fchmod(inherited, 0o755)
        place = f"/proc/self/fd/{inherited}"
        async with child(server.folder, pass_fds=(inherited,), user_id=nobody.user_id, connect_only=place) as other:
            said = [await line(other) for _ in range(3)]
        os.fchmod(inherited, 0o700)
        os.close(inherited)
    # Peer authentication: "user name map has no match".
    assert said == [["InvalidAuthorizationSpecificationError"]] * 3


@as_root
async def test_root_runs_it_under_an_account_of_its_own(server: EmbeddedServer) -> None:
    account = pwd.getpwnam(ACCOUNT_NAME)
    assert account.pw_shell.endswith("nologin")
    assert owner_of(id_of(server)) == account.pw_uid != 0


@as_root
async def test_root_runs_it_in_a_folder_that_only_root_enters(hidden: Path) -> None:
    before = modes_above(hidden / "data")
    assert stat.S_IMODE(before[str(hidden)][0]) == 0o700
    for number in (1, 2):
        async with await start(hidden / "data") as server:
            assert await write_row(server, number) == [*range(1, number + 1)]
    assert modes_above(hidden / "data") == before


@as_root
async def test_programs_that_the_account_does_not_reach_are_copied_once(hidden: Path, reachable: Path) -> None:
    account, package = server_account(), copy_of_the_wheel(hidden)
    before = modes_above(package)
    binaries = find_binaries(account, package, reachable / "library")
    assert find_binaries(account, package, reachable / "library") == binaries
    assert len(names_in(reachable / "library")) == 1
    assert modes_above(package) == before
    server = EmbeddedServer(DataFolder(hidden / "data"), account, binaries)
    await server.join()
    try:
        assert await write_row(server, 1) == [1]
        assert program_of(id_of(server)) == binaries.folder / "postgres"
    finally:
        await server.close()


@as_root
def test_programs_that_others_may_change_are_not_run(hidden: Path, reachable: Path) -> None:
    account, package = server_account(), copy_of_the_wheel(hidden)
    find_binaries(account, package, reachable / "library")
    (reachable / "library").chmod(0o777)
    with pytest.raises(DatabaseError, match="library can be changed by others"):
        find_binaries(account, package, reachable / "library")


@as_root
async def test_an_ordinary_user_runs_it_themselves_and_even_root_leaves_it_alone(
    reachable: Path, nobody: Account
) -> None:
    os.chown(reachable, nobody.user_id, nobody.group_id)
    programs = find_binaries(nobody).folder
    for folder in (reachable / "data", reachable / ("long" * 20) / "data"):
        async with child(folder, user_id=nobody.user_id, programs=str(programs)) as theirs:
            ready = await line(theirs)
            assert ready == ["ready", ready[1], "jejak"]
            assert owner_of(int(ready[1])) == nobody.user_id
            with pytest.raises(DataFolderError, match=f"belongs to user id {nobody.user_id} with mode 0700"):
                await start(folder)
            assert await end(theirs) == ["closed"]


@as_root
async def test_an_ordinary_user_does_not_get_into_roots_folder(reachable: Path, nobody: Account) -> None:
    programs = find_binaries(nobody).folder
    folder = reachable / "data"
    async with await start(folder), child(folder, user_id=nobody.user_id, programs=str(programs)) as theirs:
        assert (await line(theirs))[0] == "DataFolderError"


def test_missing_programs_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"cannot (run|copy) .*PostgreSQL"):
        find_binaries(server_account(), tmp_path, tmp_path / "library")


@as_root
def test_an_account_that_somebody_logs_in_with_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    human = pwd.struct_passwd(("jejak", "x", 1000, 1000, "", "/", "/bin/sh"))
    monkeypatch.setattr("ledger.server.account._find", lambda: human)
    with pytest.raises(DatabaseError, match="somebody's who can log in"):
        server_account()


def test_programs_are_told_nothing_of_our_environment(server: EmbeddedServer) -> None:
    words = Path(f"/proc/{id_of(server)}/environ").read_bytes().split(b"\0")
    assert sorted(word.partition(b"=")[0] for word in words if word) == [b"LC_ALL", b"PATH", b"TZ"]
