"""A ledger that the demo made, for tests that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import run


@pytest.fixture(scope="session")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "forum.db"
    done = run("demo", str(path))
    assert done.returncode == 0, done.stderr
    return path
