"""What everything in the domain's states and payloads is made of."""

from msgspec import Struct


class Value(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of value objects: they never change, and what is as it is by default is not written.

    Nothing in them leads back to them, so the cyclic garbage collector need not look: a fold makes and drops many.
    """
