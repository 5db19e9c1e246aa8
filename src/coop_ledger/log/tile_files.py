"""
A log as static files: their names, and bundles of leaves in them. Knows no disk and no tree.

    tile/0/x001/x234/067        a full tile of level 0, index 1234067
    tile/1/000.p/17             a partial tile of level 1, 17 hashes
    tile/entries/000.p/112      the first 112 leaves

Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from coop_ledger.errors import InvalidValueError, PublicationError
from coop_ledger.log.leaf import MAX_LEAF
from coop_ledger.log.strict import in_digits, shown
from coop_ledger.log.tiles import TILE_WIDTH

__all__ = ["MAX_ENTRIES", "TileName", "format_entries", "format_tile_name", "parse_entries", "parse_tile_name"]

_PREFIX: Final = 2
_ENTRIES: Final = "entries"
_NAME: Final = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)

MAX_ENTRIES: Final = TILE_WIDTH * (_PREFIX + MAX_LEAF)
"""Bytes of the largest file of leaves."""


class TileName(NamedTuple):
    """
    Which tile, or which bundle of leaves.

    Attributes:
        level: Level of the tile, 0 to 63; None for a bundle of leaves.
        index: 0-based place within the level, below 10**18.
        width: Hashes or leaves in it: 256, or less in a partial one.
    """

    level: int | None
    index: int  # type: ignore[assignment]  # the method of tuples of this name is of no use here
    width: int = TILE_WIDTH

    @property
    def reach(self) -> int:
        """Leaves that a log must have for this file to be full to its width."""
        return (self.index * TILE_WIDTH + self.width) << 8 * (self.level or 0)


def format_tile_name(name: TileName) -> str:
    """
    The path of a tile or bundle, relative to the log's address.

    Raises:
        InvalidValueError: A name outside the ranges of :class:`TileName`.

    >>> format_tile_name(TileName(0, 1234067)), format_tile_name(TileName(None, 0, 112))
    ('tile/0/x001/x234/067', 'tile/entries/000.p/112')
    """
    parts, rest = [f"{name.index % 1_000:03}"], name.index // 1_000
    while rest > 0:
        parts, rest = [f"x{rest % 1_000:03}", *parts], rest // 1_000
    kind = _ENTRIES if name.level is None else in_digits(name.level)
    path = f"tile/{kind}/{'/'.join(parts)}{'' if name.width == TILE_WIDTH else f'.p/{in_digits(name.width)}'}"
    if _parsed(path) != name:
        raise InvalidValueError("there is no such tile", where="name", found=shown(name))
    return path


def _parsed(path: str) -> TileName | None:
    match = _NAME.fullmatch(path)
    if match is None:
        return None
    kind, index, width = match.groups()
    if index.startswith("x000") or (width is not None and int(width) >= TILE_WIDTH):
        return None
    level = None if kind == _ENTRIES else int(kind)
    return TileName(level, int(re.sub("[x/]", "", index)), TILE_WIDTH if width is None else int(width))


def parse_tile_name(path: str) -> TileName:
    """
    Read the path of a tile or bundle in its one spelling.

    Raises:
        InvalidValueError: Any other spelling: another level than 0 to 63, leading zeros, an index not in groups of
            three digits, a partial width outside 1 to 255.
    """
    name = _parsed(path)
    if name is None:
        raise InvalidValueError("this is no name of a tile", where="path", found=shown(path))
    return name


def format_entries(leaves: Iterable[bytes]) -> bytes:
    """
    Leaves as one file: each behind its length, two bytes, big-endian.

    Raises:
        InvalidValueError: A leaf of more than 65,535 bytes.

    >>> format_entries([b"one", b""])
    b'\\x00\\x03one\\x00\\x00'
    """
    parts = []
    for leaf in leaves:
        if len(leaf) > MAX_LEAF:
            raise InvalidValueError("the leaf is too large", where="leaves", found=f"{len(leaf)} bytes")
        parts += [len(leaf).to_bytes(_PREFIX), leaf]
    return b"".join(parts)


def parse_entries(data: bytes, count: int, *, where: str) -> list[bytes]:
    """
    Read a file of leaves.

    Args:
        data: The whole file.
        count: How many leaves it must hold.
        where: Which file, for the message.

    Raises:
        PublicationError: It ends within a leaf or before the last one, or goes on behind it.

    >>> parse_entries(b"\\x00\\x03one\\x00\\x00", 2, where="tile/entries/000.p/2")
    [b'one', b'']
    """
    leaves: list[bytes] = []
    at = 0
    while len(leaves) < count:
        start = at + _PREFIX
        at = start + int.from_bytes(data[at:start])
        if len(data) < at:
            raise PublicationError(
                "a file of leaves is cut off",
                where=where,
                expected=f"{count} leaves",
                found=f"{len(leaves)} whole ones",
            )
        leaves.append(data[start:at])
    if at != len(data):
        raise PublicationError(
            "a file of leaves is too long", where=where, expected=f"{at} bytes", found=f"{len(data)} bytes"
        )
    return leaves
