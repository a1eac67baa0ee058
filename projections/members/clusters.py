"""Which cluster a category is in, by the version of each taxonomy in force at an instant (domain.md D12)."""

from collections.abc import Sequence
from datetime import datetime

from ledger.domain.taxonomy import Mappings, Taxonomy, mapping_in_force
from projections.members.course import Course


class Clusters:
    """The taxonomies that a log's listings may mean: its own first, then the registers'."""

    def __init__(self, courses: Sequence[Course]) -> None:
        """Take the taxonomies, those that go before others first."""
        self._taxonomies: list[list[tuple[datetime, Mappings]]] = [
            [(instant, mapping_in_force(state)) for instant, state in course.steps if isinstance(state, Taxonomy)]
            for course in courses
        ]

    def cluster(self, category_code: str | None, moment: datetime) -> str | None:
        """Return the cluster of a category at `moment`, of the first taxonomy that puts it in one; None: of none."""
        if category_code is None:
            return None
        for steps in self._taxonomies:
            begun = [mappings for instant, mappings in steps if instant <= moment]
            mapping = begun[-1].get(category_code) if begun else None
            if mapping is not None and mapping.cluster is not None:
                return mapping.cluster
        return None

    def instants(self, category_code: str) -> list[datetime]:
        """Return the instants at which any taxonomy says something else of a category than before."""
        changes: list[datetime] = []
        for steps in self._taxonomies:
            before = None
            for instant, mappings in steps:
                mapping = mappings.get(category_code)
                if mapping != before:
                    changes.append(instant)
                before = mapping
        return changes
