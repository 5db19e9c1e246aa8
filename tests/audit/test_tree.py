"""The tree that the examiner computes: any size, and the tiles above the lowest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger.audit.findings import Findings
from coop_ledger.audit.opening import Copy, opened
from coop_ledger.audit.tree import Tree
from coop_ledger.log import EMPTY_ROOT, TILE_WIDTH, completed_tiles, root_of, tile_root
from tests.attacks.tools import attacked, copy_of, honest


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest(tmp_path_factory.mktemp("tree") / "ledger.db")


def hashes(count: int) -> list[bytes]:
    return [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(count)]


def grown(copy: Copy, count: int, *milestones: int) -> tuple[Tree, Findings]:
    findings = Findings(1_000)
    tree = Tree(copy, findings, milestones)
    for leaf in hashes(count):
        tree.add(leaf)
    return tree, findings


@settings(max_examples=25)
@given(st.integers(0, 700), st.integers(0, 700))
def test_roots_of_all_sizes(path: Path, count: int, milestone: int) -> None:
    with opened(path) as copy:
        tree, _ = grown(copy, count, milestone)
        assert (tree.size, tree.root()) == (count, root_of(hashes(count)))
        assert tree.roots == ({milestone: root_of(hashes(milestone))} if milestone <= count else {})


def test_the_empty_tree(path: Path) -> None:
    with opened(path) as copy:
        assert grown(copy, 0, 0)[0].roots == {0: EMPTY_ROOT}


def test_tiles_of_the_second_level_are_compared_and_those_below_forgotten(path: Path) -> None:
    """The file has no tile, so each that should be there is a finding."""
    count = 256 * 256 + 300
    with opened(path) as copy:
        tree, findings = grown(copy, count)
        fields = {finding.field for finding in findings}
        assert len(findings) == 256 + 1 + 1
        assert {"tiles, level 0, index 256", "tiles, level 1, index 0"} <= fields
        assert tree.root() == root_of(hashes(count))
        assert [len(row) for row in tree._above] == [1, 1]  # what stands for the tile of level 1, and the one after it


def test_tiles_of_both_levels_that_are_right_and_one_that_is_not(path: Path, tmp_path: Path) -> None:
    kept, leaves = copy_of(path, tmp_path / "tiles.db"), hashes(TILE_WIDTH * TILE_WIDTH)
    blobs: dict[tuple[int, int], bytes] = {}
    for at in range(0, len(leaves), TILE_WIDTH):
        for level, index, blob in completed_tiles(at, (), leaves[at : at + TILE_WIDTH], lambda *key: blobs[key]):
            blobs[level, index] = blob
    with attacked(kept) as db:
        rows = ((level << 48 | index, tile_root(blob), blob) for (level, index), blob in blobs.items())
        db.executemany("INSERT INTO tiles VALUES (?, ?, ?)", rows)
    with opened(kept) as copy:
        assert list(grown(copy, len(leaves))[1]) == []
    with attacked(kept) as db:
        db.execute("UPDATE tiles SET root = zeroblob(32) WHERE place = ?", (1 << 48,))
    with opened(kept) as copy:
        assert [finding.field for finding in grown(copy, len(leaves))[1]] == ["tiles, level 1, index 0"]
