"""T15 an old time of recording; T16 a future one; T17 a clock that went back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict
from coop_ledger.log import format_instant
from tests.attacks.tools import ORIGIN, attacked, convicted, plan, rewrite, settle

NOON = datetime(2016, 11, 15, 12, tzinfo=UTC)


def test_t15_written_with_an_old_time(ledger: Path) -> None:
    with attacked(ledger) as db:
        rewrite(db, 11, lambda leaf: leaf.update(recorded_at="2016-11-14T09:00:00.000000Z"))
        settle(db)
    (finding,) = convicted(ledger, "T15").findings
    assert (finding.position, finding.found) == (11, "2016-11-14T09:00:00.000000Z")
    convicted(ledger, "T15", quick=True)


@pytest.mark.parametrize(("ahead", "found"), [(timedelta(hours=23), False), (timedelta(hours=25), True)])
def test_t16_a_time_that_has_not_come(tmp_path: Path, ahead: timedelta, found: bool) -> None:
    path = tmp_path / "ahead.db"
    with Ledger.open(path, origin=ORIGIN, clock=lambda: datetime.now(UTC) + ahead) as ledger:
        ledger.record(plan(1))
    if found:
        (finding,) = convicted(path, "T16").findings
        assert "or the clock of this computer is wrong" in finding.message
    else:
        convicted(path, verdict=Verdict.SELF_CONSISTENT)


def test_t17_a_clock_that_went_back_is_marked_and_told(tmp_path: Path) -> None:
    path, now = tmp_path / "back.db", NOON
    with Ledger.open(path, origin=ORIGIN, clock=lambda: now) as ledger:
        ledger.record(plan(1))
        now = NOON - timedelta(hours=1)
        ledger.record(plan(2), plan(3))
    report = convicted(path, verdict=Verdict.SELF_CONSISTENT)
    assert any(note.startswith("2 entries were recorded while the clock stood behind") for note in report.notes)


@pytest.mark.parametrize("position", [0, 5])
def test_t17_the_mark_where_the_clock_did_not_go_back(ledger: Path, position: int) -> None:
    with attacked(ledger) as db:
        rewrite(db, position, lambda leaf: leaf.update(recorded_clamped=True))
        settle(db)
    assert convicted(ledger, "T17").findings[0].position == position


@pytest.mark.parametrize("text", ["2016-11-31T09:00:00.000000Z", "2016-11-15 09:00:00.000000Z", "9" * 27])
@pytest.mark.parametrize("quick", [False, True])
def test_a_time_that_there_is_not(ledger: Path, text: str, quick: bool) -> None:
    with attacked(ledger) as db:
        rewrite(db, 0, lambda leaf: leaf.update(recorded_at=text))
        settle(db)
    convicted(ledger, "T57", quick=quick)


def test_the_time_of_the_head(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("UPDATE head SET recorded_at = ?", (format_instant(NOON),))
    (finding,) = convicted(ledger, "T30").findings
    assert finding.field == "head.recorded_at"
