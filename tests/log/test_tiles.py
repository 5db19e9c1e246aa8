"""Tiles: each becomes full once, and proofs read from them are those read from the leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger.log import (
    HASH_SIZE,
    TILE_BYTES,
    TILE_WIDTH,
    Frontier,
    completed_tiles,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    reader_over,
    root_over,
    tile_reader,
    tile_root,
    tiles_over,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(str(at).encode()) for at in range(3 * TILE_WIDTH)]


def grow(leaves: list[bytes], steps: list[int]) -> dict[tuple[int, int], bytes]:
    kept: dict[tuple[int, int], bytes] = {}
    size = 0
    for end in [*sorted(steps), len(leaves)]:
        ragged = leaves[size - size % TILE_WIDTH : size]
        # all of them before the first is kept: a store may write them together
        for level, index, blob in list(completed_tiles(size, ragged, leaves[size:end], lambda *at: kept[at])):
            assert (level, index) not in kept
            assert len(blob) == TILE_BYTES
            kept[level, index] = blob
        size = end
    return kept


@settings(max_examples=20)
@given(st.integers(0, len(LEAVES)), st.lists(st.integers(0, len(LEAVES)), max_size=3), st.data())
def test_proofs_from_tiles_are_proofs_from_leaves(size: int, steps: list[int], data: st.DataObject) -> None:
    leaves = LEAVES[:size]
    kept = grow(leaves, [min(step, size) for step in steps])
    assert set(kept) == {(0, index) for index in range(size // TILE_WIDTH)}
    read = tile_reader(size, leaves[size - size % TILE_WIDTH :], lambda *at: kept[at])
    if size:
        index = data.draw(st.integers(0, size - 1))
        assert prove_inclusion(index, size, read) == prove_inclusion(index, size, reader_over(leaves))
        old = data.draw(st.integers(0, size))
        assert prove_consistency(old, size, read) == prove_consistency(old, size, reader_over(leaves))


def test_tiles_of_the_second_level() -> None:
    """65,536 leaves fill 256 tiles, and one above them; a partial tile of level 1 is computed, never kept."""
    size = TILE_WIDTH * TILE_WIDTH + TILE_WIDTH + 5
    leaves = [leaf_hash(at.to_bytes(4)) for at in range(size)]
    kept = grow(leaves, [1_000, TILE_WIDTH * 255])
    assert {level for level, _ in kept} == {0, 1}
    assert kept[1, 0] == b"".join(reader_over(leaves)(8, at) for at in range(TILE_WIDTH))
    asked: list[tuple[int, int]] = []

    def read_tile(level: int, index: int) -> bytes:
        asked.append((level, index))
        return kept[level, index]

    read = tile_reader(size, leaves[size - size % TILE_WIDTH :], read_tile)
    for index in (0, TILE_WIDTH * TILE_WIDTH - 1, TILE_WIDTH * TILE_WIDTH, size - 1):
        assert prove_inclusion(index, size, read) == prove_inclusion(index, size, reader_over(leaves))
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(("size", "levels"), [(2 * TILE_WIDTH**2, 2), (7 * TILE_WIDTH**2, 2), (2 * TILE_WIDTH**3, 3)])
def test_the_last_leaf_of_a_tile_fills_those_above_from_what_was_kept(size: int, levels: int) -> None:
    """The tile above is made of the 256 below it, and of no others."""

    def read_tile(level: int, index: int) -> bytes:
        assert (index + 1) * TILE_WIDTH ** (level + 1) < size
        return (level.to_bytes(8) + index.to_bytes(24)) * TILE_WIDTH

    fresh = b"".join(LEAVES[:TILE_WIDTH])
    found = list(completed_tiles(size - 1, LEAVES[: TILE_WIDTH - 1], LEAVES[TILE_WIDTH - 1 : TILE_WIDTH], read_tile))
    for at, (level, index, blob) in enumerate(found):
        last = size // TILE_WIDTH ** (level + 1) - 1
        assert (level, index) == (at, last)
        assert blob == fresh
        below = [read_tile(level, child) for child in range(last - last % TILE_WIDTH, last)]
        fresh = b"".join(map(tile_root, [*below, fresh]))
    assert len(found) == levels


def rows(leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (leaves[at : at + TILE_WIDTH] for at in range(0, len(leaves), TILE_WIDTH))


def of_the_format(leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Every tile as C2SP tlog-tiles defines it: hash by hash, over the leaves below each."""
    read, found = reader_over(leaves), dict[tuple[int, int], bytes]()
    level = 0
    while nodes := len(leaves) >> 8 * level:
        for index in range(-(-nodes // TILE_WIDTH)):
            width = min(TILE_WIDTH, nodes - index * TILE_WIDTH)
            found[level, index] = b"".join(read(8 * level, index * TILE_WIDTH + at) for at in range(width))
        level += 1
    return found


@settings(max_examples=20)
@given(st.integers(0, len(LEAVES)) | st.sampled_from([0, 1, 255, 256, 257, 511, 512, 513]))
def test_all_tiles_come_from_the_leaf_hashes_alone(size: int) -> None:
    found = list(tiles_over(rows(LEAVES[:size])))
    tiles = {(level, index): tile for level, index, tile in found}
    assert len(tiles) == len(found)
    assert tiles == of_the_format(LEAVES[:size])
    assert {place: tile for place, tile in tiles.items() if len(tile) == TILE_BYTES} == grow(LEAVES[:size], [])


@pytest.mark.parametrize("extra", [-257, -256, -1, 0, 1, 255, 256, 257])
def test_all_tiles_around_the_second_level(extra: int) -> None:
    size = TILE_WIDTH * TILE_WIDTH + extra
    leaves = (LEAVES * 90)[:size]
    tiles = {(level, index): tile for level, index, tile in tiles_over(rows(leaves))}
    assert tiles == of_the_format(leaves)


def test_all_tiles_where_several_of_the_second_level_are_full() -> None:
    """Each tile above level 0 is the roots of the full ones below it, and none is missing."""
    size = 3 * TILE_WIDTH * TILE_WIDTH + 2 * TILE_WIDTH + 5
    tiles = {(level, index): tile for level, index, tile in tiles_over(rows((LEAVES * 300)[:size]))}
    widths = [size >> 8 * level for level in range(3)]
    assert set(tiles) == {
        (level, index) for level, nodes in enumerate(widths) for index in range(-(-nodes // TILE_WIDTH))
    }
    for level in (1, 2):
        above = b"".join(tiles[level, index] for index in range(-(-widths[level] // TILE_WIDTH)))
        assert above == b"".join(tile_root(tiles[level - 1, index]) for index in range(widths[level]))


def test_the_root_of_a_tile_is_its_hash_in_the_tile_above() -> None:
    tiles = {(level, index): tile for level, index, tile in tiles_over(rows(LEAVES))}
    assert tiles[1, 0] == b"".join(tile_root(tiles[0, index]) for index in range(3))


MILLION = 1_000_000


@cache
def million() -> tuple[dict[tuple[int, int], bytes], bytes]:
    """The full tiles and the ragged hashes of a log of a million leaves, each hash of its own."""
    leaves = [at.to_bytes(HASH_SIZE) for at in range(MILLION)]
    tiles = {(level, index): tile for level, index, tile in tiles_over(rows(leaves))}
    ragged = tiles[0, MILLION // TILE_WIDTH]
    return {place: tile for place, tile in tiles.items() if len(tile) == TILE_BYTES}, ragged


class Counted:
    """A reader over the kept tiles of the million, and the hashes that it read."""

    def __init__(self) -> None:
        self.tiles, ragged = million()
        self.hashes = len(ragged) // HASH_SIZE
        row = [ragged[at : at + HASH_SIZE] for at in range(0, len(ragged), HASH_SIZE)]
        self.read = tile_reader(MILLION, row, self.tile, self.roots)

    def tile(self, level: int, index: int) -> bytes:
        self.hashes += TILE_WIDTH
        return self.tiles[level, index]

    def roots(self, level: int, start: int, end: int) -> list[bytes]:
        self.hashes += end - start
        return [tile_root(self.tiles[level, index]) for index in range(start, end)]


places = st.integers(0, MILLION - 1) | st.sampled_from([0, 65_535, 65_536, 983_039, 983_040, 999_935, MILLION - 1])


@settings(max_examples=30)
@given(places, places)
def test_a_proof_at_a_million_reads_less_than_two_thousand_hashes(index: int, place: int) -> None:
    """Inclusion at an earlier size, both roots, and that the earlier is a prefix: all from one reader."""
    counted = Counted()
    size = max(index, place) + 1
    proof, root = prove_inclusion(index, size, counted.read), root_over(size, counted.read)
    growth, later = prove_consistency(size, MILLION, counted.read), root_over(MILLION, counted.read)
    assert counted.hashes < 2_000
    verify_inclusion(index, size, index.to_bytes(HASH_SIZE), proof, root)
    verify_consistency(size, MILLION, root, later, growth)


def test_the_roots_of_tiles_are_what_keeps_the_reads_few() -> None:
    """Without them the partial tiles above level 0 cost every full tile below."""
    counted = Counted()
    _, ragged = million()
    row = [ragged[at : at + HASH_SIZE] for at in range(0, len(ragged), HASH_SIZE)]
    slow = tile_reader(MILLION, row, counted.tile)
    frontier = Frontier()
    frontier.extend(at.to_bytes(HASH_SIZE) for at in range(MILLION))
    assert root_over(MILLION, slow) == root_over(MILLION, counted.read) == frontier.root()
    assert counted.hashes > 20_000
