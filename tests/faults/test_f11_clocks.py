"""F11: clocks go back, run ahead, repeat an hour or give no instant; the order of the log is never theirs to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.errors import InvalidValueError, StoreDamagedError
from coop_ledger.log import parse_instant
from coop_ledger.stores import memory, sqlite
from tests.faults.harness import ORIGIN, told

NOON = datetime(2016, 11, 15, 12, tzinfo=UTC)
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
NIGHT = datetime(2016, 10, 30, 1, tzinfo=UTC)
"""When in Berlin the clock was put back from three to two."""


class Berlin(tzinfo):
    """The time of Berlin in the night in which summer ended in 2016."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        assert when is not None
        first = when.replace(tzinfo=None) < datetime(2016, 10, 30, 2)
        return HOUR * (2 if first or (when.hour == 2 and not when.fold) else 1)

    def dst(self, when: datetime | None) -> timedelta:
        return self.utcoffset(when) - HOUR

    def tzname(self, when: datetime | None) -> str:
        return "CET" if self.utcoffset(when) == HOUR else "CEST"


def berlin(hour: int, minute: int, fold: int = 0) -> datetime:
    return datetime(2016, 10, 30, hour, minute, tzinfo=Berlin(), fold=fold)


CLOCKS = {
    "an hour back": [NOON, NOON - HOUR, NOON - HOUR / 2, NOON + HOUR],
    "a year ahead, and put right": [NOON, NOON + YEAR, NOON + HOUR, NOON + 2 * HOUR, NOON + 2 * YEAR],
    "back before the log began": [NOON, datetime(2016, 1, 1, tzinfo=UTC), NOON],
    "a leap second that is told twice": [
        datetime(2016, 12, 31, 23, 59, 59, at, tzinfo=UTC) for at in (100_000, 900_000, 100_000, 900_000)
    ],
    "an hour that there is twice": [berlin(1, 30), berlin(2, 30), berlin(2, 10, 1), berlin(2, 30, 1), berlin(3, 0)],
    "the second hour, then the first": [berlin(2, 30, 1), berlin(2, 30), berlin(3, 0)],
    "a clock that stands": [NOON] * 3,
}
TO_MARK = {
    "an hour back": 2, "a year ahead, and put right": 2, "back before the log began": 1,
    "a leap second that is told twice": 1, "an hour that there is twice": 0, "the second hour, then the first": 1,
    "a clock that stands": 0,
}  # fmt: skip
"""How many entries were recorded while the clock stood behind."""


def recorded_under(ledger: Ledger, readings: Sequence[datetime], show: Callable[[datetime], None]) -> Iterator[str]:
    """What is wrong after a call at each reading of a clock, which may show it in another zone."""
    for number, reading in enumerate(readings):
        show(reading)
        receipt = ledger.record(*told("w", number), once=f"w/{number}")
        if receipt.recorded_at != max(readings[: number + 1]):
            yield f"reading {number}: recorded at {receipt.recorded_at}"
    last = datetime.min.replace(tzinfo=UTC)
    for entry in ledger.entries():
        assert entry.once is not None
        reading = readings[int(entry.once.key.removeprefix("w/"))]
        if entry.recorded_at < last:
            yield f"position {entry.position} was recorded before the one before"
        if entry.clamped != (reading < last):
            yield f"position {entry.position} is {'' if entry.clamped else 'not '}marked"
        last = entry.recorded_at


def found_in(path: Path | None, readings: Sequence[datetime]) -> list[str]:
    """What is wrong with a ledger, in a file or in memory, over which a clock went like that."""
    instants = [reading.astimezone(UTC) for reading in readings]  # two times of one zone compare without their fold
    shown = [readings[0]]
    opened = Ledger.in_memory if path is None else lambda **how: Ledger.open(path, **how)
    with opened(origin=ORIGIN, clock=lambda: shown[-1]) as ledger:
        wrong = list(recorded_under(ledger, instants, lambda instant: shown.append(readings[instants.index(instant)])))
        shown.append(max(instants))
        clamped = sum(entry.clamped for entry in ledger.entries())
    if path is not None:
        report = verify(path)
        if report.verdict is not Verdict.SELF_CONSISTENT:
            wrong.append(report.as_text())
        if bool(clamped) != any("while the clock stood behind" in note for note in report.notes):
            wrong.append("the examiner does not tell of the clock")
    return wrong


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_order_stays(tmp_path: Path, clock: str) -> None:
    path = tmp_path / "x.db"
    assert found_in(path, CLOCKS[clock]) == []
    with Ledger.open(path, readonly=True) as ledger:
        calls = {entry.once.key for entry in ledger.entries() if entry.once is not None and entry.clamped}
    assert len(calls) == TO_MARK[clock]


@settings(max_examples=25)
@given(
    st.lists(st.datetimes(datetime(2016, 1, 1), datetime(9990, 1, 1), timezones=st.just(UTC)), min_size=1, max_size=8)
)
def test_whatever_the_clock_does(readings: list[datetime]) -> None:
    assert found_in(None, readings) == []


def unmarked(last: str | None, now: str) -> tuple[str, bool]:
    return max(last or now, now), False


def believed(last: str | None, now: str) -> tuple[str, bool]:
    return now, False


def test_a_store_that_does_not_mark_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "not_before", unmarked)
    assert any("not marked" in sentence for sentence in found_in(tmp_path / "x.db", CLOCKS["an hour back"]))


def test_a_store_that_believes_its_clock_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In memory; a file has a trigger that refuses what goes back."""
    monkeypatch.setattr(memory, "not_before", believed)
    assert any("recorded before" in sentence for sentence in found_in(None, CLOCKS["an hour back"]))
    monkeypatch.setattr(sqlite, "not_before", believed)
    with pytest.raises(StoreDamagedError, match="only grows"):
        found_in(tmp_path / "x.db", CLOCKS["an hour back"])


def test_an_examiner_finds_a_year_that_has_not_come(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    assert found_in(path, CLOCKS["a year ahead, and put right"]) == []
    report = verify(path, now=NOON + timedelta(days=2))
    assert {finding.code for finding in report.findings} == {"T16"}


NO_INSTANTS = (
    datetime(2016, 11, 15, 12),
    datetime.min.replace(tzinfo=timezone(HOUR)),
    "2016-12-31T23:59:60.000000Z",
    None,
    1_479_211_200.0,
)


@pytest.mark.parametrize("reading", NO_INSTANTS, ids=repr)
@pytest.mark.parametrize("at", [0, 1])
def test_a_clock_that_gives_no_instant(tmp_path: Path, reading: object, at: int) -> None:
    """Asked by the call before it begins, and by the store in the middle of it: a naive time is never taken for UTC."""
    readings = list[Any]()
    path = tmp_path / "x.db"
    with Ledger.open(path, origin=ORIGIN, clock=lambda: readings.pop(0) if readings else NOON) as ledger:
        before = path.read_bytes()
        readings[:] = [*[NOON] * at, reading]
        with pytest.raises(InvalidValueError):
            ledger.record(*told("w", 0))
        assert (readings, path.read_bytes()) == ([], before)
        assert ledger.record(*told("w", 0)).recorded_at == NOON


def test_a_leap_second_is_no_instant_of_a_ledger() -> None:
    with pytest.raises(InvalidValueError):
        parse_instant("2016-12-31T23:59:60.000000Z")
    with Ledger.in_memory(clock=lambda: NOON + YEAR) as ledger, pytest.raises(InvalidValueError):
        ledger.at(recorded="2016-12-31T23:59:60Z")
