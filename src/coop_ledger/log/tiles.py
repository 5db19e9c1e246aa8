"""
The tree in tiles of 256 hashes, after C2SP tlog-tiles; knows geometry, no storage.

A tile of level L holds 256 hashes of subtrees of 256**L leaves. Only full tiles are kept: they never change,
so a store can keep them append-only. What is not yet in a full tile of level 0 comes from the leaf hashes; what is
not yet in a full tile above it, from the roots of the full tiles below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from coop_ledger.log.hashing import HASH_SIZE, node_hash
from coop_ledger.log.proofs import ReadNode

__all__ = ["TILE_BYTES", "TILE_WIDTH", "completed_tiles", "tile_reader", "tile_root", "tiles_over"]

TILE_WIDTH: Final = 256
"""Hashes of a full tile."""

TILE_BYTES: Final = TILE_WIDTH * HASH_SIZE
"""Bytes of a full tile: 8 KiB."""

_HEIGHT: Final = 8


def _fold(row: Sequence[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _cut(blob: bytes) -> list[bytes]:
    return [blob[at : at + HASH_SIZE] for at in range(0, len(blob), HASH_SIZE)]


def tile_root(tile: bytes) -> bytes:
    """The hash over a full tile, 32 bytes: what stands for it in the tile above."""
    return _fold(_cut(tile))


def completed_tiles(
    size: int, ragged: Sequence[bytes], added: Sequence[bytes], read_tile: Callable[[int, int], bytes]
) -> Iterator[tuple[int, int, bytes]]:
    """
    The tiles that become full when a log grows.

    Args:
        size: Leaves before.
        ragged: Leaf hashes after the last full tile of level 0: the last ``size % 256``.
        added: Hashes of the new leaves.
        read_tile: ``read_tile(level, index)`` gives a full tile that was kept before, 8 KiB.

    Yields:
        Level, index and bytes of each new full tile, lower levels first where one rests on the other.

    Source: C2SP tlog-tiles.
    """
    row = [*ragged, *added]
    fresh: dict[tuple[int, int], bytes] = {}
    index = size // TILE_WIDTH
    for at in range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH):
        level, place, blob = 0, index, b"".join(row[at : at + TILE_WIDTH])
        index += 1
        while True:
            fresh[level, place] = blob
            yield level, place, blob
            if (place + 1) % TILE_WIDTH:
                break
            below = range(place - TILE_WIDTH + 1, place + 1)
            blobs = (fresh.get((level, child)) or read_tile(level, child) for child in below)
            blob = b"".join([_fold(_cut(child)) for child in blobs])
            level, place = level + 1, place // TILE_WIDTH


def tiles_over(rows: Iterable[Sequence[bytes]]) -> Iterator[tuple[int, int, bytes]]:
    """
    Every tile of a log, full and partial, computed from nothing but leaf hashes.

    Args:
        rows: The leaf hashes in order, 256 in each row, fewer in the last one only; no row is empty.

    Yields:
        Level, index and bytes of each tile, 32 to 8,192 bytes: the full ones as they become full, those of level 0
        in step with *rows*; then the partial ones above level 0, from the lowest.

    Guarantees: keeps one row of each level; two hashes a leaf.
    Source: C2SP tlog-tiles.
    """
    above: list[list[bytes]] = []
    last = 0
    for last, bottom in enumerate(rows):
        yield 0, last, b"".join(bottom)
        level, full = 0, bottom
        while len(full) == TILE_WIDTH:
            if level == len(above):
                above.append([])
            above[level].append(_fold(full))
            level, full = level + 1, above[level]
            if len(full) == TILE_WIDTH:
                yield level, last >> (_HEIGHT * level), b"".join(full)
                above[level - 1] = []
    for level, rest in enumerate(above, 1):
        if rest:
            yield level, last >> (_HEIGHT * level), b"".join(rest)


def tile_reader(
    size: int,
    ragged: Sequence[bytes],
    read_tile: Callable[[int, int], bytes],
    read_roots: Callable[[int, int, int], Sequence[bytes]] | None = None,
) -> ReadNode:
    """
    A reader of full subtrees for the provers, over kept tiles and the ragged rest of leaf hashes.

    Args:
        size: Leaves of the log.
        ragged: Its last ``size % 256`` leaf hashes.
        read_tile: Gives a full tile, 8 KiB; asked once for each tile.
        read_roots: ``read_roots(level, start, end)`` gives the roots of the full tiles *start* to *end* - 1 of a
            level, for the partial tile above them. Without it those tiles are read and hashed.

    Guarantees: with *read_roots*, a proof reads at most 256 hashes a level and edge of the tree, and never a leaf.
    """
    kept: dict[tuple[int, int], list[bytes]] = {}

    def tile(level: int, index: int) -> list[bytes]:
        if (level, index) not in kept:
            kept[level, index] = _cut(read_tile(level, index)) if _is_full(level, index) else _partial(level, index)
        return kept[level, index]

    def _is_full(level: int, index: int) -> bool:
        return (index + 1) << (_HEIGHT * (level + 1)) <= size

    def _partial(level: int, index: int) -> list[bytes]:
        if level == 0:
            return list(ragged)
        children = range(index * TILE_WIDTH, size >> (_HEIGHT * level))
        if read_roots is not None:
            return list(read_roots(level - 1, children.start, children.stop))
        return [_fold(tile(level - 1, child)) for child in children]

    def read(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, _HEIGHT)
        start = index << height
        hashes = tile(tile_level, start // TILE_WIDTH)
        place = start % TILE_WIDTH
        return _fold(hashes[place : place + (1 << height)])

    return read
