"""
Fixtures for tests that use ledgers; pytest finds this module by itself once coop_ledger is installed.

Imports nothing of ours and no Hypothesis until a fixture is used: suites that have nothing to do with ledgers must
not wait for it, and it stands outside the package so that the package is not imported with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coop_ledger import Ledger
    from coop_ledger.reproducible import HandClock, SeededBytes

__all__ = ["clock", "ids", "ledger", "ledger_path"]

_ORIGIN = "pytest.example/1"


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands until the test moves it; ``ledger`` keeps time by it."""
    from coop_ledger.reproducible import HandClock

    return HandClock()


@pytest.fixture
def ids(request: pytest.FixtureRequest) -> SeededBytes:
    """Bytes for ids and salts that follow from the name of the test: the same in each run."""
    from coop_ledger.reproducible import SeededBytes

    return SeededBytes(request.node.name)


@pytest.fixture
def ledger(clock: HandClock, ids: SeededBytes) -> Iterator[Ledger]:
    """An empty ledger in memory."""
    from coop_ledger import Ledger

    with Ledger.in_memory(origin=_ORIGIN, recorder="pytest", clock=clock, draw=ids) as made:
        yield made


@pytest.fixture
def ledger_path(tmp_path: Path, clock: HandClock, ids: SeededBytes) -> Path:
    """
    The file of an empty ledger, which nobody has open.

    Opened with ``clock=clock, draw=ids`` it keeps the time of ``clock``; else that of the day, with random ids.
    """
    from coop_ledger import Ledger

    path = tmp_path / "ledger.db"
    Ledger.open(path, origin=_ORIGIN, clock=clock, draw=ids).close()
    return path
