"""A ledger that the demo made, for tests that only read it; a process that takes many commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import Session, run


@pytest.fixture(scope="session")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "forum.db"
    done = run("demo", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def session() -> Iterator[Session]:
    opened = Session()
    yield opened
    opened.close()
