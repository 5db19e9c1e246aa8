"""What every fault needs: children to break, a tally, and strace where system calls are made to fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.acts import ACTS
from tests.faults.nest import Nest
from tests.faults.tally import Tally, kept


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    """The warm process whose children are killed."""
    nest = Nest()
    yield nest
    nest.close()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts what the rounds of a test find; the sum over all tests is printed at the end of the run."""
    yield from kept(request)


@pytest.fixture
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder in which the act begins that a test is about (its parameter *act*)."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    ACTS[request.getfixturevalue("act")].prepare(folder)
    return folder


@pytest.fixture(scope="session")
def strace() -> None:
    """Skips, visibly, where strace is missing or may not trace; `make` installs it where it can."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace: install the package of that name")
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
