"""F05: no room, in three ways; what cannot be written is refused and named, and nothing of it stays."""

from __future__ import annotations

import resource
import sqlite3
from pathlib import Path

import pytest

from coop_ledger.errors import StoreFullError
from tests.faults.acts import ACTS, REFUSABLE
from tests.faults.breaking import in_calls
from tests.faults.harness import Acknowledged, Verdict, judge, key, opened, record_one, seeded
from tests.faults.nest import Line, Nest
from tests.faults.system_calls import GROWTH
from tests.faults.tally import Tally


def record_until_full(line: Line, path: str, store: str, way: str, room: int) -> None:
    """The work of a writer that has so much room, and after a while more of it."""
    with opened(path, store) as ledger:
        _limit(ledger._store._connections.get(), way, room)  # type: ignore[attr-defined]
        number = 0
        while number < 40:
            try:
                record_one(line, ledger, "w", number)
            except StoreFullError:
                line.say("refused", key("w", number))
                _limit(ledger._store._connections.get(), way, None)  # type: ignore[attr-defined]
            number += 1


def _limit(connection: sqlite3.Connection, way: str, room: int | None) -> None:
    """Limit a file to some bytes, or end the limit."""
    if way == "max_page_count":  # a setting of the connection
        connection.execute(f"PRAGMA max_page_count={1_000_000 if room is None else room // 4096}")
    else:
        most = resource.RLIM_INFINITY if room is None else room
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def filled(nest: Nest, path: Path, way: str, room: int, store: str = "ours") -> tuple[Verdict, list[str]]:
    """What is left of a ledger after there was no room; the keys of the calls that were refused."""
    seeded(path, 3)
    said = nest.start(record_until_full, str(path), store, way, path.stat().st_size + room).finished()
    refused = [line.split()[1] for line in said if line.startswith("refused")]
    acknowledged = [Acknowledged.heard(line) for line in said if not line.startswith("refused")]
    return judge(path, acknowledged, refused=refused), refused


@pytest.mark.parametrize("way", ["max_page_count", "RLIMIT_FSIZE"])
@pytest.mark.parametrize("room", [0, 4096, 20_000])
def test_a_file_that_may_not_grow(nest: Nest, tmp_path: Path, tally: Tally, way: str, room: int) -> None:
    verdict, refused = filled(nest, tmp_path / "x.db", way, room)
    tally.take(verdict)
    assert len(refused) == 1, "there was room enough, or a call after it was refused, too"
    assert verdict.acknowledged == 39


@pytest.mark.parametrize("way", ["max_page_count", "RLIMIT_FSIZE"])
def test_a_store_that_does_not_look_is_found(nest: Nest, tmp_path: Path, way: str) -> None:
    verdict, _ = filled(nest, tmp_path / "x.db", way, 0, "deaf")
    assert verdict.lost


@pytest.mark.faults
@pytest.mark.parametrize("act", REFUSABLE)
def test_each_write_of_each_act(nest: Nest, prepared: Path, tally: Tally, strace: None, act: str) -> None:
    for _, verdict in in_calls(nest, act, prepared, GROWTH, "error=ENOSPC"):
        tally.take(verdict)


@pytest.mark.faults
def test_a_store_that_does_not_look_at_writes_is_found(nest: Nest, tmp_path: Path, strace: None) -> None:
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    ACTS["append"].prepare(prepared)
    assert any(verdict.lost for _, verdict in in_calls(nest, "append", prepared, GROWTH, "error=ENOSPC", "deaf"))
