"""The honest ledger that is attacked: made once, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.tools import copy_of, honest


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest(tmp_path_factory.mktemp("honest") / "ledger.db")


@pytest.fixture
def ledger(template: Path, tmp_path: Path) -> Path:
    return copy_of(template, tmp_path / "ledger.db")
