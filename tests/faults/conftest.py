"""What every fault needs: children to break, a tally, and strace where system calls are made to fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
