"""From when until when rules held, and where that is drawn."""

from typing import Any

from api.pages.rule_spans import WIDTH, Span, Tick, draw, spans_of

DAYS = [f"2021-0{month}-01T00:00:00Z" for month in range(1, 10)]


def rule(name: str, version: str, begin: str, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"rule_id": name, "version": version, "defined_by": f"{name}-{version}", "effective_from": begin, **said}


def policy(*rules: dict[str, Any], **said: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"log": "shop", "subject": "policy:shop:p", "status": "IN_FORCE", "versions": [], "rules": [*rules], **said}


def ends(policy: dict[str, Any]) -> list[tuple[str | None, str, str | None, str]]:
    return [(span.rule, span.begin, span.end, span.status) for span in spans_of([policy])]


def test_a_version_of_a_rule_holds_until_the_next_one_of_the_same_rule() -> None:
    found = ends(policy(rule("a", "1", DAYS[0]), rule("a", "2", DAYS[2]), rule("b", "1", DAYS[1])))
    assert found == [
        ("a", DAYS[0], DAYS[2], "SUPERSEDED"),
        ("a", DAYS[2], None, "IN_FORCE"),
        ("b", DAYS[1], None, "IN_FORCE"),
    ]


def test_what_was_repealed_ends_then_unless_it_was_superseded_before() -> None:
    repealed = {"repealed": True}
    versions = [
        {"version": str(number), "adopted_by": f"v{number}", "effective_from": DAYS[number], **repealed}
        for number in (1, 2)
    ]
    found = ends(policy(rule("a", "1", DAYS[0], **repealed), status="REPEALED", repealed_at=DAYS[5], versions=versions))
    assert found == [
        (None, DAYS[1], DAYS[2], "SUPERSEDED"),
        (None, DAYS[2], DAYS[5], "REPEALED"),
        ("a", DAYS[0], DAYS[5], "REPEALED"),
    ]


def test_what_is_defined_after_the_repeal_holds_anew() -> None:
    found = ends(policy(rule("a", "1", DAYS[0], repealed=True), rule("a", "2", DAYS[6]), repealed_at=DAYS[4]))
    assert found == [("a", DAYS[0], DAYS[4], "REPEALED"), ("a", DAYS[6], None, "IN_FORCE")]


def span(begin: str, end: str | None) -> Span:
    return Span(
        log="shop",
        policy="policy:shop:p",
        title=None,
        rule="a",
        version="1",
        then=None,
        event="e",
        begin=begin,
        end=end,
        status="IN_FORCE",
    )


def test_bars_reach_from_their_begin_to_their_end_or_to_the_moment() -> None:
    drawing = draw([span(DAYS[0], DAYS[3]), span(DAYS[3], None)], "2021-06-30T00:00:00Z")
    assert drawing is not None
    assert [(bar.x, bar.width) for bar in drawing.bars] == [(0.0, 360.0), (360.0, 360.0)]
    assert drawing.ticks[:2] == [
        Tick(day="2021-02-01", x=124.0, late=False),
        Tick(day="2021-03-01", x=236.0, late=False),
    ]
    assert all(0 <= tick.x <= WIDTH for tick in drawing.ticks)


def test_decades_have_few_dates_above_them_and_nothing_is_not_drawn() -> None:
    drawing = draw([span("1998-05-01T00:00:00Z", None)], "2026-01-01T00:00:00Z")
    assert drawing is not None
    assert [tick.day for tick in drawing.ticks] == [f"{year}-01-01" for year in (2000, 2005, 2010, 2015, 2020, 2025)]
    assert draw([], DAYS[0]) is None
