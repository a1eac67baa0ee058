"""Every list of a view, and replay, against `tests/oracle`, at random dates, sizes, certainties, bases and filters.

500 comparisons are made, spread over all lists and both bases. `ORACLE_COMPARISONS=10000` makes as many as a night
allows, `ORACLE_SEED` others. The run's last lines say how many there were and how many differed.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from ledger.domain.json_values import is_array, is_object
from projections.lists import LISTS
from projections.moment import Moment, TimeParameters
from tests import oracle
from tests.histories import COUNTRIES
from tests.oracle import KINDS_OF, Seen
from tests.postgres.asking import Json, World, derived_list, of_replay, random_time, replayed, resolved, whole_list
from tests.postgres.filtering import passes, random_filters

COMPARISONS = int(os.environ.get("ORACLE_COMPARISONS", "500"))
OF_EACH = COMPARISONS // len(KINDS_OF)
BY_SOURCE = 5
"""Every fifth comparison is by the source's clock, which rectangles do not keep: the streams are folded for it."""
PAGES = (1_000, 1_000, 3)
"""How long a page may be. A short one cuts a list in the middle of a stream."""
KEYS: Mapping[str, tuple[str, ...]] = {
    "restrictions": ("restriction_id",),
    "takedowns": ("item_no",),
    "services": ("service", "feature", "country"),
    "meetings": ("held_by", "meeting"),
    "information-requests": ("request_event_id",),
    "referrals": ("referred_by", "answered_at"),
}
"""What tells the items of one stream apart, where a list has several."""
EMPTY: tuple[object, ...] = ([], {})
JOINED = {"visible": None, "hidden_by": None}
"""What a list of listings works out from other streams: a replay says each stream by itself."""


class Tally:
    """What was compared, and what differed."""

    def __init__(self) -> None:
        self.compared = Counter[tuple[str, str, str]]()
        self.replays = 0
        self.mismatches: list[str] = []

    def summary(self, seed: int) -> str:
        """Return it in one line."""
        names, certainties, bases = (Counter[str]() for _ in range(3))
        for (name, certainty, basis), count in self.compared.items():
            names[name] += count
            certainties[certainty] += count
            bases[basis] += count
        split = ", ".join(f"{count} {what}" for what, count in sorted((certainties + bases).items()))
        return (
            f"seed {seed}: {names.total()} comparisons of {len(names)} views ({split}), "
            f"{self.replays} of replay, {len(self.mismatches)} mismatches"
        )


@pytest.fixture(scope="module")
def tally() -> Tally:
    """Return what the tests of this file count in."""
    return Tally()


def seen_by_oracle(world: World, time: TimeParameters) -> dict[str, Seen]:
    """Ask the oracle what a question of time means: a size goes before known_at, but on basis SOURCE both apply."""
    found: dict[str, Seen] = {}
    assert time.as_of is not None
    for slug, events in world.events.items():
        size = time.size.get(slug)
        known_at = datetime.fromisoformat(time.known_at) if time.known_at else None
        if size is not None and time.basis == "LEDGER":
            known_at = None
        found[slug] = Seen(
            events,
            datetime.fromisoformat(time.as_of),
            size=size,
            known_at=known_at,
            certainty=time.certainty,
            basis=time.basis,
        )
    return found


def by_key(name: str, items: Sequence[Json]) -> dict[tuple[object, ...], Json]:
    """Return items by what tells them apart, and which of those it is that nothing does."""
    found: dict[tuple[object, ...], Json] = {}
    for item in items:
        place = (item["log"], item["subject"], *(item.get(key) for key in KEYS.get(name, ())))
        found[(*place, sum(key[:-1] == place for key in found))] = item
    return found


def as_wanted(said: object, wanted: object) -> object:
    """Return of an answer the members that the oracle speaks of; what is empty is not said."""
    if said is None or said in EMPTY:
        return None
    if is_object(wanted) and wanted and is_object(said):
        return {name: as_wanted(said.get(name), value) for name, value in wanted.items()}
    if is_array(wanted) and is_array(said) and len(wanted) == len(said):
        return [as_wanted(*pair) for pair in zip(said, wanted, strict=True)]
    return said


def differences(name: str, said: Sequence[Json], wanted: Sequence[Json]) -> list[str]:
    """Return where an answer is not what the oracle says, in words."""
    answers, judged = by_key(name, said), by_key(name, wanted)
    found = [f"{name}: has {key}" for key in answers.keys() - judged.keys()]
    found += [f"{name}: lacks {key}" for key in judged.keys() - answers.keys()]
    for key in answers.keys() & judged.keys():
        answer, judgement = as_wanted(answers[key], judged[key]), as_wanted(judged[key], judged[key])
        if answer != judgement:
            found.append(f"{name}: {key} is {answer}, not {judgement}")
    return found


async def list_differs(
    world: World, name: str, random: Random, moment: Moment, judged: Sequence[Json], country: str | None
) -> list[str]:
    """Ask a list, by random filters, and return where it is not what the oracle says."""
    given = random_filters(name, random, judged)
    asked = given if country is None else {**given, "country": [country]}
    if name in LISTS:
        said = await whole_list(world, name, moment, asked, random.choice(PAGES))
    else:
        said = await derived_list(world, name, moment, asked)
    wanted = [item for item in judged if passes(name, item, given)]
    return [f"{one}, asked for {given}" for one in differences(name, said, wanted)]


async def replay_differs(world: World, name: str, kind: str, moment: Moment, judged: Sequence[Json]) -> list[str]:
    """Replay the streams of a kind, and return where what a list would say is not what the oracle says."""
    states = of_replay(await replayed(world, moment, f"{kind}:"))[name]
    wanted = [{**item, **JOINED} for item in judged if item["subject"].startswith(f"{kind}:")]
    return [f"replay: {one}" for one in differences(name, [{**item, **JOINED} for item in states], wanted)]


async def compare(world: World, name: str, random: Random, basis: str, tally: Tally) -> int:
    """Compare a list, and a replay of its streams, at one random moment with the oracle; return how long it is."""
    time = random_time(random, world, basis=basis)
    country = random.choice((None, *COUNTRIES)) if name == "listings" else None
    told = seen_by_oracle(world, time)
    judged = [{**item, "log": log} for log, seen in told.items() for item in seen.items(name, country)]
    moment = await resolved(world, time)
    found = await list_differs(world, name, random, moment, judged, country)
    for kind in KINDS_OF[name]:
        found += await replay_differs(world, name, kind, moment, judged)
        tally.replays += 1
    tally.compared[name, time.certainty, time.basis] += 1
    tally.mismatches += found
    assert not found, (time, found[:5])
    return len(judged)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", sorted(KINDS_OF))
async def test_a_list_and_a_replay_say_what_the_oracle_says(
    world: World, name: str, oracle_seed: int, tally: Tally
) -> None:
    random = Random(f"{name} {oracle_seed}")
    sizes = [
        await compare(world, name, random, "LEDGER" if number % BY_SOURCE else "SOURCE", tally)
        for number in range(OF_EACH)
    ]
    assert sum(size > 0 for size in sizes) > OF_EACH / 4


def test_nothing_differed_and_the_run_tells_how_much_was_compared(
    tally: Tally, oracle_seed: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("oracle", tally.summary(oracle_seed))
    assert tally.mismatches == []


def test_the_oracle_judges_every_list() -> None:
    assert sorted(KINDS_OF) == sorted([*LISTS, "referrals"])


def test_the_oracle_imports_nothing_of_the_product() -> None:
    sources = sorted(Path(oracle.__file__).parent.glob("*.py"))
    imported = {
        name
        for source in sources
        for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", source.read_text(), re.MULTILINE)
    }
    ours = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert ours
    assert {name for name in ours if not name.startswith("tests.oracle.")} == set()
