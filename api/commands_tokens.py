"""The commands about tokens: whoever holds the data folder may. A secret is printed once, and never named again."""

import argparse
from datetime import timedelta
from functools import partial

from api.commands import DONE, read_instant, say, settings_of
from ledger.database import open_database
from ledger.rights import ROLES, read_role
from ledger.scopes import Grant
from ledger.tokens import GRACE, TokenInfo, create_token, list_tokens, revoke_token, rotate_token


async def create(arguments: argparse.Namespace) -> int:
    """Create a token and show it, once."""
    grant = Grant(
        role=read_role(arguments.role),
        logs=tuple(arguments.log),
        jurisdictions=tuple(arguments.jurisdiction),
        subjects=tuple(arguments.subject),
        party=arguments.party,
        window_from=read_instant(arguments.window_from),
        window_to=read_instant(arguments.window_to),
        purpose=arguments.purpose,
    )
    expires = read_instant(arguments.expires)
    async with await open_database(settings_of(arguments)) as database:
        token = await create_token(database.pool("keeper"), grant.role, grant.logs, expires, grant)
    say(arguments, {"token": token}, token)
    return DONE


async def show_all(arguments: argparse.Namespace) -> int:
    """List tokens."""
    async with await open_database(settings_of(arguments)) as database:
        tokens = await list_tokens(database.pool("keeper"))
    say(arguments, {"items": tokens}, "\n".join(map(_line, tokens)))
    return DONE


def _line(token: TokenInfo) -> str:
    named = (*token.logs, *token.jurisdictions, *token.subjects, *([] if token.party is None else [token.party]))
    standing = "revoked" if token.revoked else f"until {token.expires}" if token.expires else "valid"
    return f"{token.token_id}  {token.role:<20} {','.join(named) or '-':<24} {standing}"


async def rotate(arguments: argparse.Namespace) -> int:
    """Give a token a new secret and show it, once."""
    grace = timedelta() if arguments.at_once else arguments.grace_hours
    async with await open_database(settings_of(arguments)) as database:
        token, until = await rotate_token(database.pool("keeper"), arguments.token_id, grace)
    say(arguments, {"token": token, "previous_until": until}, token)
    return DONE


def _hours(text: str) -> timedelta:
    """Read a number of hours. Raises ArgumentTypeError."""
    try:
        return timedelta(hours=float(text))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours") from error


async def revoke(arguments: argparse.Namespace) -> int:
    """Revoke a token."""
    async with await open_database(settings_of(arguments)) as database:
        revoked = await revoke_token(database.pool("keeper"), arguments.token_id)
    say(arguments, {"token_id": arguments.token_id, "revoked": revoked}, f"{arguments.token_id} is revoked")
    return DONE


def add_tokens(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Add the options of `jejak token`."""
    tokens = parser.add_subparsers(dest="token_command", required=True)
    _add_create(tokens.add_parser("create", parents=[common], help="create a token; it is shown once"))
    listed = tokens.add_parser("list", parents=[common], help="list tokens, never their secrets")
    listed.set_defaults(run=show_all)
    rotated = tokens.add_parser("rotate", parents=[common], help="give a token a new secret; it is shown once")
    rotated.add_argument("token_id")
    ending = rotated.add_mutually_exclusive_group()
    ending.add_argument("--grace-hours", type=_hours, default=GRACE, help="how long the old one counts (default 24)")
    ending.add_argument("--at-once", action="store_true", help="the old secret counts no more")
    rotated.set_defaults(run=rotate)
    revoked = tokens.add_parser("revoke", parents=[common], help="revoke a token at once")
    revoked.add_argument("token_id")
    revoked.set_defaults(run=revoke)


def _add_create(create_parser: argparse.ArgumentParser) -> None:
    create_parser.add_argument("--role", required=True, metavar="R", help=", ".join(ROLES))
    repeated = partial(create_parser.add_argument, action="append", default=[])
    repeated("--log", metavar="L", help="a log it is for (repeatable)")
    repeated("--jurisdiction", metavar="CC", help="a country whose logs it sees (repeatable)")
    repeated("--subject", metavar="S", help="a case it is for (repeatable)")
    create_parser.add_argument("--party", metavar="P", help="whom it stands for: party:kca, body:satgas")
    create_parser.add_argument("--window-from", metavar="T", help="sees what is known from then on")
    create_parser.add_argument("--window-to", metavar="T", help="sees what was known before then")
    create_parser.add_argument("--purpose", metavar="TEXT", help="what its reading is for, as it is recorded")
    create_parser.add_argument("--expires", metavar="D", help="instant from which it counts no more")
    create_parser.set_defaults(run=create)
