"""Tiles: each becomes full once, and proofs read from them are those read from the leaves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger.log import (
    TILE_BYTES,
    TILE_WIDTH,
    completed_tiles,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    reader_over,
    tile_reader,
)

LEAVES = [leaf_hash(str(at).encode()) for at in range(3 * TILE_WIDTH)]


def grow(leaves: list[bytes], steps: list[int]) -> dict[tuple[int, int], bytes]:
    kept: dict[tuple[int, int], bytes] = {}
    size = 0
    for end in [*sorted(steps), len(leaves)]:
        ragged = leaves[size - size % TILE_WIDTH : size]
        for level, index, blob in completed_tiles(size, ragged, leaves[size:end], lambda *at: kept[at]):
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
