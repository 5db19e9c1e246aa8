"""Each rule of the semantics has its own file of tests, with its number in the name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path


def test_each_rule_has_one_file_of_tests() -> None:
    names = [path.name for path in Path(__file__).parent.glob("test_d*.py")]
    assert Counter(name[5:8] for name in names) == Counter(f"d{number:02}" for number in range(1, 15))
