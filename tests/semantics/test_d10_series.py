"""D10: a gap is an ordinal between known ones of which no claim speaks; one with plans only is unconfirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import NO, YES, Answer, Bounds, Claim, Source, announced, denied, observed, occurred
from coop_ledger.domain import events as ev
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections import COMMITMENTS, SERIES, AnomalyCode, ConflictKind, Gap, project, with_series
from tests.projections.support import KOREA_NET, LATER, MINISTRY, PRESS, day, entries, state_of


def series(*claims: Claim) -> Any:
    return state_of(SERIES, "series:forum", *claims)


def session(
    number: int, when: str | None, maker: Any = occurred, stated: str | None = None, ordinal: int | None = None
) -> Any:
    held = ev.MeetingHeld(f"forum/{number}", series="forum", ordinal=ordinal)
    return maker(held, when=when, stated=stated, sources=LATER)


def none_in(when: str | None) -> Claim:
    return denied(ev.MeetingHeld(series="forum"), when=when, stated="2016", sources=KOREA_NET)


@given(st.sets(st.integers(1, 12), min_size=1), st.sets(st.integers(1, 12)))
def test_gaps_are_the_ordinals_between_known_ones_of_which_nothing_is_said(held: set[int], plans: set[int]) -> None:
    found = series(
        *(session(number, str(2000 + number)) for number in held),
        *(session(number, str(2000 + number), announced, "1999") for number in plans),
    )
    known = held | plans
    assert {gap.ordinal for gap in found.gaps} == set(range(min(known), max(known))) - known
    assert {one.ordinal for one in found.unconfirmed} == plans - held
    for gap in found.gaps:
        below, above = max(one for one in known if one < gap.ordinal), min(one for one in known if one > gap.ordinal)
        assert gap.between == Bounds(date(2000 + below, 1, 1), date(2000 + above, 12, 31))


def test_an_unconfirmed_ordinal_is_no_gap() -> None:
    found = series(session(7, "2013"), session(9, "2015", announced, "2014"), session(10, "2016"), session(12, "2018"))
    assert [gap.ordinal for gap in found.gaps] == [8, 11]
    assert [s.ordinal for s in found.unconfirmed] == [9]
    early = found.on(day("2014-12-31"))
    assert [(s.ordinal, s.confirmed) for s in early.sessions] == [(7, True), (9, False)]
    assert [gap.ordinal for gap in early.gaps] == [8]


def test_a_year_without_a_session_contradicts_sessions_of_that_year_only() -> None:
    def conflicts(*claims: Claim) -> list[tuple[ConflictKind, str, int]]:
        found = series(session(9, "2015-11"), session(11, "2017", announced, "2016"), *claims)
        return [(c.kind, c.field, len(c.claims)) for c in found.conflicts]

    assert conflicts(none_in("2014"), none_in("2017")) == []
    assert conflicts(none_in("2015")) == [(ConflictKind.DENIAL, "meeting:forum/9", 2)]
    assert conflicts(none_in(None)) == [(ConflictKind.DENIAL, "meeting:forum/9", 2)]


def test_gaps_are_named_and_bounded_by_their_neighbours() -> None:
    found = series(
        session(1, "2007"),
        session(4, "2010-05", ordinal=4),
        session(5, "2011", announced),
        none_in("2009"),
        occurred(ev.MeetingHeld("forum/extra", series="forum"), when="2012", sources=PRESS),
        occurred(ev.NameUsed("series:forum", "The Forum"), sources=PRESS),
    )
    assert [(s.meeting, s.ordinal, s.confirmed) for s in found.sessions] == [
        ("meeting:forum/1", 1, True),
        ("meeting:forum/4", 4, True),
        ("meeting:forum/5", 5, False),
        ("meeting:forum/extra", None, True),
    ]
    between = Bounds(date(2007, 1, 1), date(2010, 5, 31))
    assert found.gaps == (Gap(2, between), Gap(3, between))
    assert [denial.id.subject for denial in found.denials] == ["series:forum"]
    assert (found.names, found.anomalies) == (("The Forum",), ())
    stray = series(occurred(ev.MeetingHeld("other/3", series="forum"), when="2012", sources=PRESS))
    assert [anomaly.code for anomaly in stray.anomalies] == [AnomalyCode.SERIES_MISMATCH]
    timeless = series(session(1, "2007"), session(3, None, announced))
    assert timeless.gaps == (Gap(2, Bounds(date(2007, 1, 1), None)),)
    unsaid = series(
        session(1, None, denied),
        session(3, None, denied),
    )
    assert unsaid.gaps == (Gap(2, Bounds(None, None)),)


def test_a_denial_of_the_series_denies_every_session_in_its_time_and_stays_with_the_series() -> None:
    states = project(
        COMMITMENTS,
        entries(session(9, "2017", announced, "2015"), session(10, "2018", announced, "2015"), none_in("2017")),
    )

    def denials() -> dict[str, Answer]:
        found = [one for state in with_series(states.values()) for one in state.commitments]
        return {one.subject: one.denied for one in found}

    assert denials() == {"meeting:forum/9": YES, "meeting:forum/10": NO}
    kept = {subject: one.positions for subject, one in states.items()}
    assert kept == {"meeting:forum/9": (0,), "meeting:forum/10": (1,), "series:forum": (0, 1, 2)}
    alone = with_series(state for state in states.values() if state.subject != "series:forum")
    assert {one.denied for state in alone for one in state.commitments} == {NO}


def test_a_session_that_was_denied_by_its_id_is_no_gap_and_not_confirmed() -> None:
    found = series(session(1, "2007"), session(2, None, denied, "2008"), session(3, "2009"))
    assert ([one.ordinal for one in found.unconfirmed], found.gaps, found.denials) == ([2], (), ())


def test_an_ordinal_that_its_id_does_not_give_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="disagree"):
        session(10, "2016", ordinal=9)


def test_a_session_has_the_ordinal_that_most_voices_give() -> None:
    def numbered(ordinal: int, source: Source, maker: Any = occurred) -> Claim:
        held = ev.MeetingHeld("seoul-talks", series="forum", ordinal=ordinal)
        claim: Claim = maker(held, when="2016-11-15", sources=source)
        return claim

    def ordinals(*claims: Claim) -> list[int | None]:
        return [session.ordinal for session in series(*claims).sessions]

    assert ordinals(numbered(9, PRESS), numbered(10, KOREA_NET), numbered(10, MINISTRY)) == [10]
    assert ordinals(numbered(9, PRESS, announced), numbered(10, KOREA_NET)) == [10]
    assert ordinals(numbered(9, PRESS, announced), numbered(10, KOREA_NET, announced)) == [10]
    assert ordinals(numbered(9, PRESS, observed)) == [9]


def test_dates_that_contradict_the_numbers_are_an_anomaly_and_bound_no_gap() -> None:
    found = series(session(8, "2016"), session(10, "2014"), session(12, "2018"))
    assert [(gap.ordinal, gap.between) for gap in found.gaps] == [
        (9, Bounds(None, None)),
        (11, Bounds(date(2014, 1, 1), date(2018, 12, 31))),
    ]
    assert [(one.code, one.positions) for one in found.anomalies] == [(AnomalyCode.SERIES_MISMATCH, (0, 1))]
    assert series(session(8, "2016"), session(10, "2016-11")).anomalies == ()


def test_two_meetings_of_one_number_are_an_anomaly() -> None:
    talks = occurred(ev.MeetingHeld("seoul-talks", series="forum", ordinal=9), when="2015", sources=PRESS)
    found = series(session(8, "2014"), session(9, "2015"), talks)
    assert [(one.code, one.positions) for one in found.anomalies] == [(AnomalyCode.SERIES_MISMATCH, (1, 2))]
    assert found.gaps == ()


def test_a_session_that_lies_ahead_contradicts_no_denial_yet() -> None:
    for when in ("2015-11", "2015"):  # surely ahead, or perhaps
        found = series(session(9, when), none_in("2015"))
        assert [conflict.field for conflict in found.conflicts] == ["meeting:forum/9"]
        assert found.on(day("2015-06-30")).conflicts == ()
