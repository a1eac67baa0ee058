"""Parties and what links them: `domain.md` 7.2. Personal members are in no answer."""

from collections.abc import Sequence

from tests.oracle.knowledge import Data, Event, Item, begins, picked, written

HAVE_A_DIRECTION = {"OWNS", "CONTROLS"}
CLASS = ("size_class", "size_basis", "employees", "turnover", "assessed_by")


def party_of(events: Sequence[Event]) -> Item | None:
    """Return who a party is; None where only links are known that were never there."""
    found: Item = dict.fromkeys(("kind", "country", "name", "size_class", "size_basis"))
    identifiers: list[Item] = []
    classes: list[Item] = []
    links: dict[str, Item] = {}
    for event in events:
        data, at = event["data"], written(begins(event))
        match event["type"]:
            case "PartyRegistered":
                found |= {**picked(data, "kind", "country"), "name": _name(data)}
            case "PartyIdentifierAdded":
                identifiers.append({"scheme": data["scheme"], "value": _value(data), "added_by": event["id"]})
            case "PartyClassified":
                classes.append({**picked(data, *CLASS), "classified_at": at})
                found |= picked(data, "size_class", "size_basis")
            case "PartiesLinked":
                said = picked(data, "party_a", "party_b", "relation", "confidence")
                links[_between(data, data["relation"])] = {**said, "linked": True, "linked_at": at}
            case _:
                for key, link in links.items():
                    if link["linked"] and key == _between(data, data.get("relation") or link["relation"]):
                        link |= {"linked": False, "unlinked_at": at}
    if all(event["type"] == "PartiesUnlinked" for event in events):
        return None
    ordered = [link for _, link in sorted(links.items())]
    return {**found, "identifiers": identifiers, "classes": classes, "links": ordered}


def _name(data: Data) -> str | None:
    return None if data["kind"] == "NATURAL" else data.get("name")


def _value(data: Data) -> str | None:
    personal = data["scheme"] == "NIK_TOKEN" or (data["scheme"] == "NPWP" and data.get("subject_id") is not None)
    return None if personal else data["value"]


def _between(data: Data, relation: str) -> str:
    """Return who is linked and how: the same whoever is named first, unless the relation has a direction."""
    pair = [data["party_a"], data["party_b"]]
    return "|".join((*(pair if relation in HAVE_A_DIRECTION else sorted(pair)), relation))
