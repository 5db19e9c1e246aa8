"""
The tree over the leaves as they are, against what was kept of it: hashes, frontier, tiles. Knows no entry.

Everything is computed anew from the bytes of the leaves; what a file keeps of the tree only speeds proofs up, and is
compared, never used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from coop_ledger.audit.findings import Findings
from coop_ledger.audit.opening import Copy
from coop_ledger.audit.structure import told
from coop_ledger.log import TILE_WIDTH, Frontier, tile_root

__all__ = ["Tree"]

_HEIGHT: Final = TILE_WIDTH.bit_length() - 1
"""Levels of the tree in a tile."""

_LEVEL: Final = 48
"""The level of a tile stands above so many bits of its index."""


class Tree:
    """
    The tree over leaf hashes as they come, and its full tiles compared with those of a file.

    Args:
        copy: The file.
        findings: Where differences go.
        milestones: Sizes at which the root is remembered: those of checkpoints.
    """

    def __init__(self, copy: Copy, findings: Findings, milestones: Iterable[int] = ()) -> None:
        self._copy = copy
        self._findings = findings
        self._milestones = sorted(set(milestones), reverse=True)  # the next one last
        self._frontier = Frontier()
        self._row: list[bytes] = []  # hashes since the last full tile
        self._grown = 0  # how many of them the frontier has
        self._above: list[list[bytes]] = []  # by level, the roots of full tiles since the last full tile above them
        self._tiles = 0
        self.roots: dict[int, bytes] = {}
        """The root at each milestone that was reached."""
        self._remember()

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._frontier.size + len(self._row) - self._grown

    def root(self) -> bytes:
        """The root over all leaves so far."""
        self._grow()
        return self._frontier.root()

    def add(self, leaf: bytes) -> None:
        """Take the hash of the next leaf."""
        self._row.append(leaf)
        if self._milestones and self._milestones[-1] == self.size:
            self._grow()
            self._remember()
        if len(self._row) == TILE_WIDTH:
            self._complete()

    def _remember(self) -> None:
        if self._milestones and self._milestones[-1] == self._frontier.size:
            self.roots[self._milestones.pop()] = self._frontier.root()

    def _grow(self) -> None:
        self._frontier.extend(self._row[self._grown :])
        self._grown = len(self._row)

    def _complete(self) -> None:
        """A tile is full: compare it, and those above that it fills; each is hashed once, and the frontier has that."""
        level, row = 0, self._row
        while len(row) == TILE_WIDTH:
            blob = b"".join(row)
            root = tile_root(blob)
            if level == 0 and self._grown:
                self._grow()
            elif level == 0:
                self._frontier.extend_full(root, _HEIGHT)
            self._tiles += 1
            if not self._copy.bare:
                index = (self._frontier.size >> _HEIGHT * (level + 1)) - 1
                self._compare(level, index, blob, root)
            row.clear()
            if level == len(self._above):
                self._above.append([])
            row = self._above[level]
            row.append(root)
            level += 1
        self._grown = 0

    def _compare(self, level: int, index: int, blob: bytes, root: bytes) -> None:
        row = self._copy.row("SELECT blob, root FROM tiles WHERE place = ?", level << _LEVEL | index)
        if row != (blob, root):
            what = f"a full tile of the tree is {'missing' if row is None else 'not that of the leaves'}"
            self._findings.add("T38", what, field=f"tiles, level {level}, index {index}")

    def finish(self, frontier: object) -> None:
        """
        Compare what is left once all leaves are in: the number of tiles, and the frontier that the head keeps.

        Args:
            frontier: The blob of the head.
        """
        self._grow()
        kept = self._copy.count("tiles")
        if kept != self._tiles:
            what = "there are tiles of the tree too few or too many"
            self._findings.add("T38", what, field="tiles", expected=self._tiles, found=kept)
        if frontier != self._frontier.to_bytes():
            self._findings.add(
                "T02",
                "the tree over the leaves is not the one that was kept: leaves were changed together with their "
                "hashes, or what was kept of the tree was",
                field="head.frontier",
                expected=self._frontier.to_bytes().hex(),
                found=frontier.hex() if type(frontier) is bytes else told(frontier),
            )
