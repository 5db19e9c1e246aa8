"""The tree that a store keeps: read without leaves, and refused where the file contradicts itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.errors import StoreDamagedError
from coop_ledger.log import TILE_WIDTH, prove_inclusion, root_of
from coop_ledger.stores import root_at, tree_reader
from tests.stores.support import draft, opened

SIZE = 2 * TILE_WIDTH + 3


def filled(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(number) for number in range(SIZE)])


def damaged(path: Path, *statements: str) -> None:
    """Change rows behind the triggers, which are put back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 513, SIZE])
def test_the_root_of_any_size_comes_from_the_tiles(tmp_path: Path, size: int) -> None:
    filled(tmp_path / "x.db")
    with opened(tmp_path / "x.db") as store:
        assert root_at(store, size) == root_of(store.hashes(0, size))


@pytest.mark.parametrize(
    ("statement", "size", "where"),
    [
        ("DELETE FROM tiles WHERE place = 1", SIZE, "tiles 0 to 1 of level 0"),
        ("DELETE FROM tiles WHERE place = 0", 511, "tiles 0 to 0 of level 0"),
        ("UPDATE tiles SET root = zeroblob(31)", SIZE, "tiles 0 to 1 of level 0"),
        ("UPDATE entries SET hash = zeroblob(33) WHERE position = 513", SIZE, "positions 512 to 514"),
        ("DELETE FROM entries WHERE position = 513", SIZE, "positions 512 to 514"),
    ],
)
def test_what_is_missing_or_cut_is_damage(tmp_path: Path, statement: str, size: int, where: str) -> None:
    filled(tmp_path / "x.db")
    damaged(tmp_path / "x.db", statement)
    with opened(tmp_path / "x.db") as store, pytest.raises(StoreDamagedError) as caught:
        root_at(store, size)
    assert caught.value.where == where


@pytest.mark.parametrize(
    "statement", ["DELETE FROM tiles WHERE place = 1", "UPDATE tiles SET blob = zeroblob(8191) WHERE place = 1"]
)
def test_a_proof_over_a_damaged_tile_is_refused(tmp_path: Path, statement: str) -> None:
    filled(tmp_path / "x.db")
    damaged(tmp_path / "x.db", statement)
    with opened(tmp_path / "x.db") as store, pytest.raises(StoreDamagedError) as caught:
        prove_inclusion(300, SIZE, tree_reader(store, SIZE))
    assert "level 0" in str(caught.value.where)
