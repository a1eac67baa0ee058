"""Paths of tiles and bundles: one for each, those of Tessera and sunlight, and no others."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.merkle import MAX_SIZE, TILE_WIDTH, Tile, full_tiles, partial_width
from ledger.tlog.tile_path import Bundle, entries_path, parse_entries_path, parse_tile_path, tile_path
from tests.shared import needs_shared, shared_path


@given(st.integers(0, 63), st.integers(0, MAX_SIZE), st.integers(1, 256))
def test_a_path_is_parsed_to_the_tile_or_bundle_it_was_formatted_from(level: int, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(Tile(level, index, width))) == Tile(level, index, width)
    assert parse_entries_path(entries_path(index, width)) == Bundle(index, width)


@given(st.text(max_size=40) | st.from_regex(r"tile/[0-9entris]{1,7}/[x0-9/]{1,30}(\.p/[0-9]{1,4})?"))
def test_any_text_is_the_one_path_of_a_tile_or_a_value_error(path: str) -> None:
    try:
        found = parse_tile_path(path)
    except ValueError:
        return
    assert tile_path(found) == path


@given(st.text(max_size=40) | st.from_regex(r"tile/entries/[x0-9/]{1,30}(\.p/[0-9]{1,4})?"))
def test_any_text_is_the_one_path_of_a_bundle_or_a_value_error(path: str) -> None:
    try:
        found = parse_entries_path(path)
    except ValueError:
        return
    assert entries_path(found.index, found.width) == path


@pytest.mark.parametrize(
    "end",
    [
        "",
        "0",
        "0000",
        "1000",
        "x000/001",
        "001/234",
        "x001/x234",
        "x001/234.p",
        "000.p/0",
        "000.p/01",
        "000.p/256",
        "000.p/999",
        "000.p/1/",
        "000\n",
        "\u0660\u0660\u0660",
        "x000/000",
        "x999/x999/x999/x999/x999/x999/999",
        "x001/" * 7 + "001",
    ],
)
def test_an_index_that_is_not_canonical_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match=r"no path|is written|there is no tile"):
        parse_tile_path(f"tile/0/{end}")
    with pytest.raises(ValueError, match=r"no path|is written|there is no tile"):
        parse_entries_path(f"tile/entries/{end}")


@pytest.mark.parametrize(
    "path", ["", "tile/00/000", "tile/64/000", "tile/-1/000", "/tile/0/000", "tile/data/000", "tile/entries/000"]
)
def test_a_path_of_no_level_is_no_tile(path: str) -> None:
    with pytest.raises(ValueError, match=r"no path|is written|have levels"):
        parse_tile_path(path)


@pytest.mark.parametrize("path", ["", "tile/0/000", "tile/63/000", "/tile/entries/000", "entries/000", "tile/data/000"])
def test_a_path_of_a_level_is_no_bundle(path: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        parse_entries_path(path)


@pytest.mark.parametrize(("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(level: int, index: int, width: int) -> None:
    with pytest.raises(ValueError, match=r"tiles have levels|there is no tile"):
        tile_path(Tile(level, index, width))


@needs_shared
def test_paths_are_those_of_tessera() -> None:
    vectors = json.loads(shared_path("vectors/tile-paths.json").read_text())
    for level, index, width, path in vectors["tile"]:
        assert tile_path(Tile(level, index, width or TILE_WIDTH)) == path
        assert parse_tile_path(path) == Tile(level, index, width or TILE_WIDTH)
    for position, size, path in vectors["entries_for_index"]:
        index = position // TILE_WIDTH
        width = TILE_WIDTH if index < size // TILE_WIDTH else partial_width(0, size)
        assert entries_path(index, width) == path
        assert parse_entries_path(path) == Bundle(index, width)


@needs_shared
def test_a_log_that_grows_writes_the_tiles_that_sunlight_writes() -> None:
    vectors = json.loads(shared_path("vectors/tile-paths.json").read_text())
    paths: set[str] = set()
    for old_size, new_size in ((0, 261), (261, 527)):
        paths |= {tile_path(Tile(level, index, TILE_WIDTH)) for level, index in full_tiles(old_size, new_size)}
        for level in range(8):
            width = partial_width(level, new_size)
            if width:
                paths.add(tile_path(Tile(level, new_size >> (8 * (level + 1)), width)))
    assert sorted(paths) == vectors["sunlight_527_objects_from_sizes_261_then_527"]
