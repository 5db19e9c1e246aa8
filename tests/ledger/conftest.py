"""An empty ledger, in memory and in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.testing import ticking
from tests.ledger.support import START


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.in_memory(clock=ticking(START))


@pytest.fixture(params=["memory", "file"])
def any_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        with Ledger.in_memory(clock=ticking(START), recorder="tester") as found:
            yield found
    else:
        with Ledger.open(tmp_path / "x.db", origin="x.example/1", clock=ticking(START), recorder="tester") as found:
            yield found
