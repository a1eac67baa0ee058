"""The command `jejak witness`: a small witness, so that two parties can watch each other."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from api.app import listen, told_to_stop
from api.commands import DONE, say
from api.witness import make_app
from ledger.errors import SettingError
from ledger.tlog.note import NoteError, VerifierKey, parse_vkey
from ledger.vault import Vault
from ledger.witness import Witness, open_signer
from ledger.witnessing import read_policy

DEFAULT_FOLDER = "jejak-witness"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8322


def add_witness(command: argparse.ArgumentParser) -> None:
    """Say what `jejak witness` takes. It has no database."""
    command.add_argument(
        "--data", metavar="DIR", default=DEFAULT_FOLDER, help=f"its folder (default ./{DEFAULT_FOLDER})"
    )
    command.add_argument("--name", help="its name, a URL without scheme; needed at its first start, then fixed")
    command.add_argument("--log", action="append", default=[], metavar="VKEY", help="cosign for this log (repeatable)")
    command.add_argument("--policy", metavar="FILE", help="cosign for the logs of this tlog-policy file")
    command.add_argument("--host", default=DEFAULT_HOST, help=f"address to listen on (default {DEFAULT_HOST})")
    command.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"port to listen on (default {DEFAULT_PORT})")
    command.add_argument("--json", action="store_true", help="print the public key as JSON")
    command.set_defaults(run=serve)


async def serve(arguments: argparse.Namespace) -> int:
    """Serve a witness until told to stop; its public key goes to standard output."""
    logs = trusted_logs(arguments.log, arguments.policy)
    vault = Vault(Path(arguments.data))
    witness = Witness(vault, open_signer(vault, arguments.name), logs)
    vkey = str(witness.verifier)
    say(arguments, {"vkey": vkey}, vkey)
    sys.stdout.flush()

    def ready() -> None:
        print(f"jejak witnesses on http://{arguments.host}:{arguments.port}", file=sys.stderr, flush=True)

    with told_to_stop() as stop:
        await listen(make_app(witness), arguments.host, arguments.port, stop, ready)
    return DONE


def trusted_logs(vkeys: Iterable[str], policy_file: str | None) -> list[VerifierKey]:
    """Return the keys of the logs to cosign for: those given, and those of a policy file.

    Raises SettingError for what is no key, and where there is none.
    """
    try:
        keys = [parse_vkey(vkey) for vkey in vkeys]
    except NoteError as error:
        raise SettingError(f"--log: {error}") from error
    if policy_file is not None:
        keys += [log.key for log in read_policy(Path(policy_file)).logs]
    if not keys:
        raise SettingError("a witness needs to know a log: give its public key with --log, or a --policy with logs")
    return keys
