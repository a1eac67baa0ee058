"""Taxonomies: which cluster a category is in, and which goods, by version (domain.md D12, 7.6).

A mapping that names a version holds while that version is the one in force; one that names none holds in all versions
that say nothing else of the category. A category is mapped again by mapping it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import Code, Count, HsCode, Payload, RuleKey, Sha256, TimeClass
from ledger.domain.rules import only_one
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

TAXONOMY = ("taxonomy",)
VERSION = "taxonomy-version"
HS_CODES_MAX = 5_000
"""Goods of one category: the whole harmonised system has some 5,000 subheadings."""
ANY_VERSION = ""


class TaxonomyVersionPublished(Payload, frozen=True, kw_only=True):
    """A version of a taxonomy is in force from the event's time, instead of the one before."""

    event_type: ClassVar[str] = "TaxonomyVersionPublished"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = TAXONOMY

    version: Code
    entries_sha256: Sha256 | None = None
    count: Count | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A version is published once."""
        return (RuleKey(VERSION, self.version),)


class CategoryMapped(Payload, frozen=True, kw_only=True):
    """A category belongs to a cluster, with the goods of these codes."""

    event_type: ClassVar[str] = "CategoryMapped"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = TAXONOMY

    category_code: Code
    to_cluster: Code | None = None
    hs_codes: Annotated[tuple[HsCode, ...], Meta(max_length=HS_CODES_MAX)] | None = None
    version: Code | None = None


class TaxonomyVersion(Value, frozen=True, kw_only=True):
    """A version that was published."""

    version: str
    published_by: str
    published_at: str
    entries_sha256: str | None = None
    count: int | None = None


class CategoryMapping(Value, frozen=True, kw_only=True):
    """Where a category belongs; `version` is None where the mapping holds in any."""

    category_code: str
    cluster: str | None = None
    hs_codes: tuple[str, ...] | None = None
    version: str | None = None
    mapped_by: str
    mapped_at: str


Mappings = Mapping[str, CategoryMapping]


class Taxonomy(State, frozen=True, kw_only=True):
    """State of a taxonomy. `mappings` are by version (ANY_VERSION: in all), then by category."""

    versions: tuple[TaxonomyVersion, ...] = ()
    mappings: Mapping[str, Mappings] = msgspec.field(default_factory=dict[str, Mappings])


def begin(subject: str) -> Taxonomy:
    """Return the state before any event."""
    return Taxonomy(id=subject)


def apply(state: Taxonomy, fact: Fact) -> Taxonomy:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Taxonomy, fact: Fact) -> Taxonomy:
    at = format_instant(fact.time)
    match fact.payload:
        case TaxonomyVersionPublished(version=name, entries_sha256=entries_sha256, count=count):
            version = TaxonomyVersion(
                version=name, published_by=fact.id, published_at=at, entries_sha256=entries_sha256, count=count
            )
            return msgspec.structs.replace(state, versions=(*state.versions, version))
        case CategoryMapped(category_code=code, to_cluster=cluster, hs_codes=hs_codes, version=name):
            mapping = CategoryMapping(
                category_code=code, cluster=cluster, hs_codes=hs_codes, version=name, mapped_by=fact.id, mapped_at=at
            )
            key = name or ANY_VERSION
            of_version = {**state.mappings.get(key, {}), code: mapping}
            return msgspec.structs.replace(state, mappings={**state.mappings, key: of_version})
        case _:
            return state


def version_in_force(state: Taxonomy) -> str | None:
    """Return the version published last; None before any was."""
    return state.versions[-1].version if state.versions else None


def mapping_in_force(state: Taxonomy) -> Mappings:
    """Return where each category belongs, by category: what the version in force says, else what holds in all.

    While no version is known to have been published, everything said holds, what names no version last of all.
    """
    of_all = state.mappings.get(ANY_VERSION, {})
    name = version_in_force(state)
    if name is not None:
        return {**of_all, **state.mappings.get(name, {})}
    merged = dict(of_all)
    for version, mappings in state.mappings.items():
        merged |= {} if version == ANY_VERSION else mappings
    return merged


def describe(state: Taxonomy, _moment: datetime) -> dict[str, Any]:
    """Return the taxonomy as JSON values; nothing of it changes by time alone."""
    mapping = mapping_in_force(state)
    goods = {code for one in mapping.values() for code in one.hs_codes or ()}
    return {
        "id": state.id,
        "version": state.version,
        "version_in_force": version_in_force(state),
        "versions": msgspec.to_builtins(state.versions),
        "mappings": [msgspec.to_builtins(one) for _, one in sorted(mapping.items())],
        "hs_codes": sorted(goods),
    }


STREAM = Stream(
    kind="taxonomy",
    pattern=r"^taxonomy:[!-~]+:[!-~]+$",
    events=(TaxonomyVersionPublished, CategoryMapped),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={VERSION: only_one("this version of the taxonomy", "/data/version")},
)
