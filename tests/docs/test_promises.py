"""The page of promises: each names tests that are there and say its number, and each fault test stands on it."""

from __future__ import annotations

import re

import pytest

from tests.shared import ROOT

PAGE = (ROOT / "docs" / "explanation" / "what-we-promise.md").read_text(encoding="utf-8")
ROWS = {
    number: (promise, re.findall(r"`([^`]+)`", tests))
    for number, promise, tests in re.findall(r"^\| (F\d\d) [^|]+ \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("number", sorted(ROWS))
def test_each_promise_has_its_tests(number: str) -> None:
    promise, tests = ROWS[number]
    assert promise
    assert tests
    assert any(number in (ROOT / "tests" / f"{name}.py").read_text(encoding="utf-8") for name in tests)
    assert all((ROOT / "tests" / f"{name}.py").exists() for name in tests)


def test_each_fault_test_stands_on_the_page() -> None:
    for path in (ROOT / "tests" / "faults").glob("test_f[0-9]*.py"):
        for number in re.findall(r"f\d\d(?=_)", path.name):
            assert f"faults/{path.stem}" in ROWS[number.upper()][1], path.name


def test_no_fault_is_left_out() -> None:
    assert list(ROWS) == [f"F{number:02}" for number in range(1, 22)]


def test_the_page_tells_what_was_counted() -> None:
    assert re.search(
        r"^> faults: [\d,]+ rounds, [\d,]+ calls acknowledged, 0 lost, 0 doubled, 0 torn$", PAGE, re.MULTILINE
    )
