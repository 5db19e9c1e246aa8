"""The fixtures that pytest finds by itself: nothing is loaded until one is used, and runs are equal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from coop_ledger import Ledger, Source, announced, events
from coop_ledger.errors import InvalidValueError
from coop_ledger.reproducible import START, HandClock, SeededBytes
from tests.shared import ROOT

SUITE = """
import sys

def test_nothing_is_loaded_before_a_fixture_is_used():
    assert "coop_ledger_pytest" in sys.modules
    ours = ("coop_ledger", "attrs", "hypothesis")
    assert [name for name in sys.modules if name.partition(".")[0] in ours] == []

def test_fixtures_need_no_hypothesis(ledger, ledger_path, clock, ids):
    from coop_ledger import Ledger, Source, announced, events
    clock.advance(days=1)
    plan = announced(events.MeetingHeld("talks"), when="2032", sources=Source("Korea.net"))
    receipt = ledger.record(plan)
    with Ledger.open(ledger_path, clock=clock, draw=ids) as other:
        other.record(plan)
    print("\\nroot", ledger.root.hex(), receipt.ids[0], receipt.recorded_at)
"""


WITHOUT_HYPOTHESIS = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "hypothesis":
            raise ImportError(name)

sys.meta_path.insert(0, Refusing())
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def run(folder: Path) -> str:
    """Run a suite of somebody else, where Hypothesis cannot be imported."""
    folder.mkdir()
    (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "COVERAGE"))}
    options = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_HYPOTHESIS, *options, str(folder)],
        cwd=folder, env={**settings, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return next(line for line in done.stdout.splitlines() if line.startswith("root"))


def test_without_hypothesis_pytest_runs_and_two_runs_record_the_same(tmp_path: Path) -> None:
    assert run(tmp_path / "one") == run(tmp_path / "two")


def test_the_fixtures_are_used_as_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "test-your-projection.md").read_text(encoding="utf-8")
    (suite,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def test_" in block]
    (tmp_path / "test_page.py").write_text(suite, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_page.py"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def clock() -> HandClock:
    """Overrides the clock of the plugin, as any suite may."""
    return HandClock(START + timedelta(days=10))


def test_fixtures_follow_a_clock_that_a_suite_overrides(ledger: Ledger, ledger_path: Path, clock: HandClock) -> None:
    receipt = ledger.record(announced(events.MeetingHeld("talks"), sources=Source("Korea.net")))
    assert receipt.recorded_at == START + timedelta(days=10)
    with Ledger.open(ledger_path) as found:
        assert (found.size, found.origin) == (0, ledger.origin)


def test_a_clock_stands_and_moves_by_hand() -> None:
    clock = HandClock()
    assert clock() == clock() == START
    clock.advance(days=1, hours=-1, minutes=2, seconds=3)
    assert clock() == START + timedelta(hours=23, minutes=2, seconds=3)
    clock.set(START - timedelta(days=1))
    assert repr(clock) == "<HandClock at 2030-12-31T00:00:00+00:00>"
    for wrong in (START.replace(tzinfo=None), "2031-01-01"):
        with pytest.raises(InvalidValueError, match="stands at an instant"):
            clock.set(wrong)  # type: ignore[arg-type]


def test_bytes_follow_from_the_seed_in_whatever_pieces() -> None:
    whole, pieces = SeededBytes("a"), SeededBytes("a")
    assert whole(100) == b"".join(pieces(size) for size in (1, 31, 0, 33, 35))
    assert SeededBytes("a")(32) != SeededBytes("b")(32)
    assert SeededBytes()(8) == SeededBytes("")(8)
