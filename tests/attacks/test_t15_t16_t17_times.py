"""T15 an old time of recording; T16 a future one; T17 a clock that went back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.log import Checkpoint, Limits, Policy, format_instant
from tests.attacks.signed import DAY, NOON, NOW, cosigned, grow, note_of, policy, signed
from tests.attacks.tools import ORIGIN, attacked, convicted, plan, rewrite, root_of_file, settle

MIDDAY = datetime(2016, 11, 15, 12, tzinfo=UTC)


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
    path, now = tmp_path / "back.db", MIDDAY
    with Ledger.open(path, origin=ORIGIN, clock=lambda: now) as ledger:
        ledger.record(plan(1))
        now = MIDDAY - timedelta(hours=1)
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
        db.execute("UPDATE head SET recorded_at = ?", (format_instant(MIDDAY),))
    (finding,) = convicted(ledger, "T30").findings
    assert finding.field == "head.recorded_at"


def back_dated(path: Path, *, recorded: int) -> Policy:
    """Twelve old entries that witnesses saw at NOON, then one dated so many seconds after that."""
    grow(path, 60, at=NOON + recorded)
    return policy(Limits(delay_s=3_600, skew_s=300))


@pytest.mark.parametrize(("recorded", "found"), [(-3_901, True), (-3_900, False), (0, False)])
def test_t15_dated_before_a_checkpoint_that_lacks_it(ledger: Path, recorded: int, found: bool) -> None:
    first = note_of(ledger, "one", "two")
    rules = back_dated(ledger, recorded=recorded)
    newest = note_of(ledger, "one", "two", at=NOON + DAY)
    options: dict[str, Any] = {"policy": rules, "checkpoint": [first, newest], "now": NOW + timedelta(days=1)}
    if found:
        report = convicted(ledger, "T15", **options)
        (finding,) = report.findings
        assert (finding.position, finding.expected) == (12, "2016-11-20T07:55:00.000000Z or later")
        assert "the checkpoint of 12 entries" in finding.message
        assert report.dating is None
    else:
        report = convicted(ledger, verdict=Verdict.WITNESSED, **options)
        assert report.dating == (12, 13, DAY + 3_600 + 300)
        assert report.as_plain()["dating"] == {"first": 12, "end": 13, "seconds": 90_300}
        assert "entries 12 to 12 are dated at most 1 day, 1:05:00 h wrongly" in report.as_text()


def test_t15_without_an_agreed_delay_nothing_is_said_of_later_entries(ledger: Path) -> None:
    first = note_of(ledger, "one", "two")
    back_dated(ledger, recorded=-DAY)
    newest = note_of(ledger, "one", "two", at=NOON + DAY)
    report = convicted(
        ledger, verdict=Verdict.WITNESSED, policy=policy(), checkpoint=[first, newest], now=NOW + timedelta(days=1)
    )
    assert any("an agreed delay" in line for line in report.unchecked)


@pytest.mark.parametrize(("ahead", "found"), [(301, True), (300, False)])
def test_t16_dated_after_a_witness_saw_it(ledger: Path, ahead: int, found: bool) -> None:
    grow(ledger, 60, at=NOON + ahead)
    note = note_of(ledger, "one", "two")
    options: dict[str, Any] = {"policy": policy(), "checkpoint": note, "now": NOW + timedelta(days=1)}
    if found:
        (finding,) = convicted(ledger, "T16", **options).findings
        assert (finding.position, finding.expected) == (12, "up to 2016-11-20T09:05:00.000000Z")
        assert "a witness had already seen it" in finding.message
    else:
        convicted(ledger, verdict=Verdict.WITNESSED, **options)


def test_t16_a_policy_believes_its_skew_and_no_day(ledger: Path) -> None:
    note = note_of(ledger, "one", "two")
    grow(ledger, 60, at=NOON + 301)
    convicted(ledger, "T16", policy=policy(), checkpoint=note, now=NOW)


def test_a_leaf_that_cannot_be_read_has_no_time_of_its_own(ledger: Path) -> None:
    with attacked(ledger) as db:
        rewrite(db, 0, b"{}")
        settle(db)
    kept = Checkpoint(ORIGIN, 12, verify(ledger).root or b"")
    note = cosigned(signed(kept), {"one": NOON, "two": NOON})
    report = verify(ledger, policy=policy(), checkpoint=note, now=NOW)
    assert "T16" not in {finding.code for finding in report.findings}


def test_times_that_no_calendar_has(ledger: Path) -> None:
    late = cosigned(signed(Checkpoint(*root_of_file(ledger))), {"one": 2**63 - 1, "two": 2**63 - 1})
    early = note_of(ledger, "one", "two", at=0)
    text = verify(ledger, policy=policy(), checkpoint=late, now=NOW).as_text()
    assert "dated in the future" in text
    report = verify(ledger, policy=policy(), checkpoint=early, now=datetime.max.replace(tzinfo=UTC))
    assert report.verdict is Verdict.INVALID
    assert "seen by  2 of 3 witnesses: one at 1970-01-01T00:00:00Z" in report.as_text()
