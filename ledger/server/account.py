"""The account of the machine under which the embedded PostgreSQL runs.

PostgreSQL refuses to run as root, so root gives it an account of its own; everybody else runs it themselves.
"""

import os
import pwd
import shutil
import subprocess
from typing import TypedDict

import msgspec

from ledger.errors import DatabaseError

ACCOUNT_NAME = "jejak"

# useradd may wait for another one's lock on /etc/passwd.
USERADD_SECONDS = 30


class Become(TypedDict, total=False):
    """Arguments of `subprocess` that start a process as another account."""

    user: int
    group: int
    extra_groups: tuple[int, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the machine. `is_other`: it is not the one which runs this process."""

    name: str
    user_id: int
    group_id: int
    is_other: bool

    def become(self) -> Become:
        """Return what `subprocess` needs to start a process as this account, and nothing more than this account."""
        return Become(user=self.user_id, group=self.group_id, extra_groups=()) if self.is_other else Become()

    def take(self, descriptor: int) -> None:
        """Give the open file or folder to this account."""
        if self.is_other:
            os.fchown(descriptor, self.user_id, self.group_id)


def current_name() -> str:
    """Return the name of the user who runs this process: what peer authentication will see.

    Raises DatabaseError when this user id has no name, which PostgreSQL does not accept.
    """
    user_id = os.geteuid()
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError as error:
        raise DatabaseError(
            f"user id {user_id} has no name on this machine, and PostgreSQL needs one: add it to /etc/passwd, "
            "run as another user, or set JEJAK_DATABASE_URL"
        ) from error


def server_account() -> Account:
    """Return the account the server runs under: our own, or `jejak` (made if it is missing) when we are root.

    Raises DatabaseError when there is no such account and it cannot be made, or when somebody can log in with it.
    """
    if os.geteuid() != 0:
        return Account(name=current_name(), user_id=os.geteuid(), group_id=os.getegid(), is_other=False)
    found = _find() or _make()
    # Whoever logs in with it would own the data folder.
    if found.pw_uid == 0 or not found.pw_shell.endswith(("nologin", "false")):
        raise DatabaseError(
            f"account {ACCOUNT_NAME!r} is somebody's who can log in, so it cannot keep the ledger from them: "
            "rename it, do not run as root, or set JEJAK_DATABASE_URL"
        )
    return Account(name=ACCOUNT_NAME, user_id=found.pw_uid, group_id=found.pw_gid, is_other=True)


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    detail = "there is no useradd here"
    if program:
        command = [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--user-group"]
        try:
            done = subprocess.run(  # noqa: S603 - fixed words
                [*command, ACCOUNT_NAME], capture_output=True, text=True, check=False, timeout=USERADD_SECONDS
            )
            detail = " ".join(done.stderr.split())
        except (OSError, subprocess.TimeoutExpired) as error:
            detail = str(error)
    # Looked for again whatever useradd says: another process may have made it meanwhile.
    found = _find()
    if found is None:
        raise DatabaseError(
            f"PostgreSQL does not run as root, and its account {ACCOUNT_NAME!r} cannot be made ({detail}): "
            "make it, run as another user, or set JEJAK_DATABASE_URL"
        )
    return found
