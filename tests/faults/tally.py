"""What the rounds of the fault suite add up to; printed at the end of a run, also where workers ran it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs
import pytest

from tests.faults.harness import Verdict

__all__ = ["Tally", "Totals"]

_PROPERTY = "faults"
_COUNTED = ("rounds", "calls acknowledged", "lost", "doubled", "torn")


@attrs.define
class Tally:
    """The counts of one test: rounds, calls acknowledged, and what was wrong with them."""

    counts: Counter[str] = attrs.field(factory=Counter)

    def take(self, verdict: Verdict, *, rounds: int = 1) -> None:
        """
        Count what was found after some rounds, and fail where anything is wrong.

        Args:
            verdict: What was found.
            rounds: How many faults came before it.
        """
        found = {
            "rounds": rounds,
            "calls acknowledged": verdict.acknowledged,
            "lost": len(verdict.lost),
            "doubled": len(verdict.doubled),
            "torn": len(verdict.torn),
        }
        self.counts.update(found)
        assert verdict.faultless, verdict


class Totals:
    """A plugin: adds up the tallies of all tests of a run, and prints the sum."""

    def __init__(self) -> None:
        self._counts = Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Of the last phase of each test; a worker's report comes here, too."""
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == _PROPERTY and isinstance(value, dict):
                    self._counts.update(value)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line, if any round was run."""
        if self._counts["rounds"]:
            told = ", ".join(f"{self._counts[name]:,} {name}" for name in _COUNTED)
            terminalreporter.write_line(f"faults: {told}")


def kept(record: pytest.FixtureRequest) -> Iterator[Tally]:
    """A tally for one test, which goes along with its report."""
    tally = Tally()
    yield tally
    record.node.user_properties.append((_PROPERTY, dict(tally.counts)))
