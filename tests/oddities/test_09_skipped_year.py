"""
An annual series skips a year and counts on, and one session left no paper: a year that a source says was skipped is no
gap, a missing ordinal is, and no gap is a session that was not held (D10).
"""

from __future__ import annotations

from datetime import date

import pytest

from coop_ledger import NO, UNDECIDED, Claim, ClaimMaker, Ledger, Source, When, announced, denied, occurred
from coop_ledger import events as ev
from coop_ledger.errors import EntryNotFoundError

SERIES = "annual-consultations"


def paper(day: str) -> Source:
    return Source("Made-up Bulletin", When(day))


def session(ordinal: int, when: str, published: str, maker: ClaimMaker = occurred) -> Claim:
    held = ev.MeetingHeld(f"{SERIES}/{ordinal}", "consultation", series=SERIES, ordinal=ordinal)
    return maker(held, when=when, parties={"participant": "KR KG"}, sources=paper(published))


def none_in(year: str, published: str) -> Claim:
    return denied(ev.MeetingHeld(series=SERIES), when=year, sources=paper(published))


TENTH = session(10, "2016-11-15", "2016-11-18")
TWELFTH = session(12, "2019-11-05", "2019-11-06")


def test_a_skipped_year_leaves_no_gap_when_ordinals_go_on() -> None:
    ledger = Ledger.in_memory()
    ledger.record(TENTH, none_in("2017", "2017-12-20"), session(11, "2018-11-20", "2018-11-21"))
    series = ledger.series(SERIES)
    assert [(one.ordinal, one.confirmed) for one in series.sessions] == [(10, True), (11, True)]
    assert (series.gaps, series.unconfirmed, len(series.denials)) == ((), (), 1)
    assert (ledger.conflicts(), ledger.anomalies(), ledger.commitments()) == ([], [], [])


def test_a_session_that_nobody_documented_is_a_gap_and_not_an_absence() -> None:
    ledger = Ledger.in_memory()
    ledger.record(TENTH, TWELFTH)
    (gap,) = ledger.series(SERIES).gaps
    assert (gap.ordinal, *gap.between) == (11, date(2016, 11, 15), date(2019, 11, 5))
    assert (ledger.series(SERIES).unconfirmed, ledger.series(SERIES).denials) == ((), ())
    with pytest.raises(EntryNotFoundError):
        ledger.meeting(f"{SERIES}/11")
    assert len(ledger.meetings(series=SERIES)) == 2
    assert ledger.overdue(on="2030-01-01") == []
    assert ledger.at(published="2018-12-31").series(SERIES).gaps == ()


def test_minutes_found_late_close_the_gap_and_leave_past_views_as_they_were() -> None:
    ledger = Ledger.in_memory()
    ledger.record(TENTH, TWELFTH)
    known = ledger.size
    ledger.record(session(11, "2018", "2024-05-01"))
    assert ledger.series(SERIES).gaps == ()
    assert [one.ordinal for one in ledger.series(SERIES).sessions] == [10, 11, 12]
    for then in (ledger.at(size=known), ledger.at(published="2024-04-30")):
        assert [gap.ordinal for gap in then.series(SERIES).gaps] == [11]


def test_a_session_that_was_only_planned_is_unconfirmed_and_off_for_the_skipped_year() -> None:
    ledger = Ledger.in_memory()
    ledger.record(TENTH, session(11, "2017", "2016-11-18", announced), TWELFTH)
    assert [late.commitment.subject for late in ledger.overdue(on="2018-01-15")] == [f"meeting:{SERIES}/11"]
    ledger.record(none_in("2017", "2017-12-20"))
    series = ledger.series(SERIES)
    assert ([one.ordinal for one in series.unconfirmed], series.gaps) == ([11], ())
    (promise,) = ledger.commitments()
    assert (promise.target, promise.met, promise.called_off) == (None, UNDECIDED, NO)
    assert (ledger.overdue(on="2018-01-15"), ledger.conflicts()) == ([], [])
    late_in_year = ledger.at(published="2017-12-19").commitments()
    assert [str(one.target) for one in late_in_year] == ["2017"]


def test_a_session_in_a_year_that_had_none_by_another_paper_is_a_conflict() -> None:
    ledger = Ledger.in_memory()
    ledger.record(TENTH, none_in("2017", "2017-12-20"), session(11, "2017-10", "2019-02-01"))
    assert [(found.kind, found.subject) for found in ledger.conflicts()] == [("denial", f"series:{SERIES}")]
    assert {source.published for source in ledger.conflicts()[0].sources} == {When("2017-12-20"), When("2019-02-01")}
    assert ledger.at(published="2019-01-31").conflicts() == []
