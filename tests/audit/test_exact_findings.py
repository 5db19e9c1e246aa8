"""What is said of every spoiled ledger, to the letter: codes, places, values, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.tools import honest
from tests.audit.exact import CASES, expected, told

EXPECTED = expected()


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """An honest ledger with so many more entries."""
    folder = tmp_path_factory.mktemp("exact")
    made = {more: honest(folder / f"{more}.db", more=more) for more in (0, 600)}
    return made.__getitem__


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_a_spoiled_ledger(name: str, templates: Callable[[int], Path], tmp_path: Path) -> None:
    assert told(name, tmp_path, templates) == EXPECTED[name]


def test_no_answer_is_left_over() -> None:
    assert list(EXPECTED) == list(CASES)
