"""Clusters of parties that are one and the same for recidivism: linked, surely enough (domain.md 13.2, v_party_graph).

Pure. A link is itself a dated, reversible and sourced fact with a confidence (domain.md 4): a cluster is what is known
of it at the moment, and grows when a link is found later (edge case 23). Who said it does not matter: what one of two
parties' streams tells, the other's may take back.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ledger.domain.party import link_key
from ledger.domain.party_events import PartiesLinked, PartiesUnlinked
from projections.inquiry import Known

CONFIDENCE_MIN = Decimal("0.8")
"""How sure a link must be; one that does not say is not."""


class Clusters:
    """Which cluster each party is in (union-find). A cluster is named after the first of its parties."""

    def __init__(self, parties: Iterable[Known], same: Iterable[tuple[str, str]] = ()) -> None:
        """Join what the links join that hold at the moment, as the streams of the parties tell; and what is the `same`.

        That are pairs of parties, or of accounts without one: who holds one identifier is one person.
        """
        self._above: dict[str, str] = {}
        for one, other in (*((link.party_a, link.party_b) for link in sure_links(parties)), *same):
            first, second = sorted((self.of(one), self.of(other)))
            if first != second:
                self._above[second] = first

    def of(self, party: str) -> str:
        """Return the name of the party's cluster: its own, where it is joined to nobody."""
        top = party
        while top in self._above:
            top = self._above[top]
        while party != top:  # so that no path is walked twice
            self._above[party], party = top, self._above[party]
        return top


def sure_links(parties: Iterable[Known]) -> Iterator[PartiesLinked]:
    """Yield the links that hold at the moment and are sure enough: of each pair and relation, the last one made."""
    told = [(known.when(fact), known.log.log_id, fact) for known in parties for fact in known.happened()]
    told.sort(key=lambda one: (one[0], one[1], one[2].position))
    held: dict[str, PartiesLinked] = {}
    for _, _, fact in told:
        match fact.payload:
            case PartiesLinked() as linked:
                held[link_key(linked.party_a, linked.party_b, linked.relation)] = linked
            case PartiesUnlinked() as unlinked:
                for key in [key for key, link in held.items() if _is_meant(link, unlinked)]:
                    del held[key]
            case _:
                pass
    for link in held.values():
        if link.confidence is not None and Decimal(link.confidence) >= CONFIDENCE_MIN:
            yield link


def _is_meant(link: PartiesLinked, unlinked: PartiesUnlinked) -> bool:
    """Tell whether a link is one of those that are taken back: of this pair, and relation where one is named."""
    relation = unlinked.relation or link.relation
    of_pair = link_key(unlinked.party_a, unlinked.party_b, relation)
    return of_pair == link_key(link.party_a, link.party_b, link.relation)
