"""The table of the lists that are worked out at query time."""

from projections.derived import Derivation

DERIVATIONS: tuple[Derivation, ...] = ()
