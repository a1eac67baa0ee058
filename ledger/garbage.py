"""The cyclic garbage collector: it runs seldom, since hardly anything that is made here is part of a cycle."""

import gc

COLLECT_EVERY = 100_000
"""Objects made between two searches for cycles: an append or a fold makes thousands of objects, which are freed as soon
as they are used. Searched as often as by default, they cost a fold a fifth of its time."""


def spare_collections() -> None:
    """Let the collector run seldom, and leave alone what is there by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)
