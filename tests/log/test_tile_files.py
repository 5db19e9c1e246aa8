"""Names of published files and bundles of leaves: one spelling of each, and nothing left over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import InvalidValueError, PublicationError
from coop_ledger.log import (
    MAX_ENTRIES,
    MAX_LEAF,
    TILE_WIDTH,
    TileName,
    format_entries,
    format_tile_name,
    parse_entries,
    parse_tile_name,
)
from coop_ledger.testing import tile_names

leaves_of = st.lists(st.binary(max_size=6), max_size=8)


@given(tile_names())
def test_names_read_back(name: TileName) -> None:
    assert parse_tile_name(format_tile_name(name)) == name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 1234067), "tile/0/x001/x234/067"),  # as in the specification
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 999), "tile/0/999"),
        (TileName(0, 1000), "tile/0/x001/000"),
        (TileName(63, 10**18 - 1, 255), "tile/63/x999/x999/x999/x999/x999/999.p/255"),
        (TileName(2, 0, 1), "tile/2/000.p/1"),
        (TileName(None, 273, 112), "tile/entries/273.p/112"),
        (TileName(None, 1000), "tile/entries/x001/000"),
    ],
)
def test_names_as_the_format_has_them(name: TileName, path: str) -> None:
    assert format_tile_name(name) == path
    assert parse_tile_name(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/x001", "tile/0/001/002",
        "tile/0/1", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/0/000.p", "tile/0/000.p/",
        "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/1000", "tile/0/000/1", "tile/0/000.P/1",
        "tile/0/000\n", "/tile/0/000", "tile//0/000", "tile/entries/0", "tile/Entries/000", "tile/data/000",
        "tile/0/X001/000", "tile/0/٠٠٠", "tile/0/000.p/٣", "tile/0/../000", "checkpoint",
        "tile/0/x001/x000/x000/x000/x000/x000/000",
    ],
)  # fmt: skip
def test_other_names_are_refused(path: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_tile_name(path)


@given(tile_names(), st.data())
def test_a_name_has_one_spelling(name: TileName, data: st.DataObject) -> None:
    path = format_tile_name(name)
    at = data.draw(st.integers(0, len(path)))
    changed = path[:at] + data.draw(st.sampled_from("0x/.p5 ")) + path[at + data.draw(st.integers(0, 1)) :]
    try:
        found = parse_tile_name(changed)
    except InvalidValueError:
        return
    assert format_tile_name(found) == changed


@pytest.mark.parametrize(
    "name",
    [
        TileName(64, 0), TileName(-1, 0), TileName(0, -1), TileName(0, -1000), TileName(0, 10**18), TileName(0, 0, 0),
        TileName(0, 0, 257), TileName(0, 0, -1), TileName(None, -1),
    ],
)  # fmt: skip
def test_names_that_do_not_exist_are_not_written(name: TileName) -> None:
    with pytest.raises(InvalidValueError):
        format_tile_name(name)


@given(tile_names())
def test_a_file_reaches_as_far_as_its_last_hash(name: TileName) -> None:
    """The widest tile of a log of *reach* leaves is this one; a log of one leaf less has it not."""
    hashes = name.reach >> 8 * (name.level or 0)
    assert hashes == name.index * TILE_WIDTH + name.width
    assert (name.reach - 1) >> 8 * (name.level or 0) < hashes


@given(leaves_of)
def test_leaves_read_back(leaves: list[bytes]) -> None:
    data = format_entries(leaves)
    assert len(data) == sum(2 + len(leaf) for leaf in leaves)
    assert parse_entries(data, len(leaves), where="x") == leaves


@given(leaves_of, st.binary(min_size=1, max_size=3), st.data())
def test_a_cut_or_longer_file_of_leaves_is_refused(leaves: list[bytes], more: bytes, data: st.DataObject) -> None:
    whole = format_entries(leaves)
    with pytest.raises(PublicationError, match="too long"):
        parse_entries(whole + more, len(leaves), where="x")
    cut = whole[: data.draw(st.integers(0, max(0, len(whole) - 1)))]
    with pytest.raises(PublicationError, match="cut off") as caught:
        parse_entries(cut if leaves else b"", len(leaves) or 1, where="tile/entries/000")
    assert caught.value.where == "tile/entries/000"


def test_a_file_of_leaves_takes_the_largest_leaf_and_none_larger() -> None:
    largest = bytes(MAX_LEAF)
    data = format_entries([largest] * TILE_WIDTH)
    assert len(data) == MAX_ENTRIES
    assert parse_entries(data, TILE_WIDTH, where="x")[-1] == largest
    assert data[:2] == b"\xff\xff"
    with pytest.raises(InvalidValueError):
        format_entries([bytes(MAX_LEAF + 1)])
