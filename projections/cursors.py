"""Cursors: where a page of a list ended, as text that fits a URL."""

import base64
from typing import TypeVar

import msgspec
from msgspec import Struct

from ledger.errors import Fault, Refused

C = TypeVar("C", bound=Struct)


def read_cursor(text: str, shape: type[C]) -> C:
    """Read a cursor of a list. Raises Refused when it is none of that list's."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text.encode()), type=shape)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Refused((Fault("invalid-cursor", "/cursor", "is no cursor: take `next` of the page before"),)) from error


def write_cursor(cursor: Struct) -> str:
    """Write a cursor as text that fits a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()
