"""A country is listed twice and another left out, a city sits in the wrong country, Tuesday becomes Wednesday."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coop_ledger import (
    NO,
    YES,
    Claim,
    Correction,
    Ledger,
    Resolution,
    Source,
    SourceKind,
    When,
    Where,
    announced,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections import ConflictKind, Presence

HELD = ev.MeetingHeld("kcac-forum/10", series="kcac-forum", ordinal=10)
TUESDAY, WEDNESDAY = "2016-11-15", "2016-11-16"
BULLETIN = Source("Made-up Bulletin", When("2016-11-18"), kind=SourceKind.PRIMARY)
GAZETTE = Source("Made-up Gazette", When("2016-11-17"))
COURIER = Source("Made-up Courier", When("2016-11-17"))


def held(source: Source, when: str = TUESDAY, **more: Any) -> Claim:
    return occurred(HELD, when=when, sources=source, **more)


def test_a_country_left_out_of_a_list_is_unknown_and_another_list_makes_no_conflict() -> None:
    ledger = Ledger.in_memory()
    with pytest.raises(InvalidValueError, match="stands twice"):
        held(COURIER, parties={"participant": "KR KZ KG TJ TM TM"})
    slip = held(COURIER, parties={"participant": "KR KZ KG TJ TM"}, note="The paper lists Turkmenistan twice.")
    ledger.record(slip)
    session = ledger.meeting("kcac-forum/10")
    assert [one.party for one in session.participation] == ["KR", "KZ", "KG", "TJ", "TM"]
    assert session.presence_of("UZ") is Presence.UNKNOWN

    before = ledger.size
    ledger.record(held(BULLETIN, parties={"participant": "KR KZ KG TJ TM UZ"}))
    session = ledger.meeting("kcac-forum/10")
    assert [(one.party, one.presence) for one in session.participation if one.party in ("TM", "UZ")] == [
        ("TM", Presence.LISTED),
        ("UZ", Presence.LISTED),
    ]
    assert (ledger.conflicts(), ledger.duplicates()) == ([], [])
    assert ledger.at(size=before).meeting("kcac-forum/10").presence_of("UZ") is Presence.UNKNOWN


def test_a_city_in_the_wrong_country_is_a_conflict_of_countries_and_of_nothing_else() -> None:
    ledger = Ledger.in_memory()
    talks = ev.MeetingHeld("made-up-talks/2017-04-04")
    receipt = ledger.record(
        occurred(talks, when="2017-04-04", where=Where("KG", "tashkent"), sources=Source("Made-up Courier")),
        occurred(talks, when="2017-04-04", where=Where("UZ", "tashkent"), sources=Source("Made-up Herald")),
        occurred(talks, when="2017-04-04", where=Where(place="tashkent"), sources=Source("Made-up Gazette")),
    )
    (conflict,) = ledger.conflicts()
    assert (conflict.field, set(conflict.values), conflict.resolved) == ("where.country", {"KG", "UZ"}, False)
    assert {source.publisher for source in conflict.sources} == {"Made-up Courier", "Made-up Herald"}
    place = ledger.meeting("made-up-talks/2017-04-04").place
    assert place is not None
    assert (place.value, place.disputed, len(place.claims)) == ("tashkent", False, 3)

    courier, herald, _ = receipt.ids
    ledger.record(Resolution((courier, herald), "Tashkent lies in Uzbekistan.", chosen=herald))
    (conflict,) = ledger.conflicts()
    assert (conflict.values[0], conflict.resolved) == ("UZ", True)


def test_tuesday_and_wednesday_are_one_session_whose_day_is_disputed() -> None:
    ledger = Ledger.in_memory()
    wrong = ledger.record(held(COURIER, WEDNESDAY)).ids[0]
    ledger.record(held(GAZETTE), held(BULLETIN))
    (conflict,) = ledger.conflicts()
    assert (conflict.kind, conflict.field, conflict.resolved) == (ConflictKind.VALUES, "when", False)
    assert [str(value) for value in conflict.values] == [TUESDAY, WEDNESDAY]
    assert str(ledger.meeting("kcac-forum/10").when) == TUESDAY
    assert [(session.ordinal, session.confirmed) for session in ledger.series("kcac-forum").sessions] == [(10, True)]
    assert (ledger.duplicates(), ledger.anomalies()) == ([], [])

    printed = Source("Made-up Courier", When("2016-11-21"))
    ledger.record(Correction(wrong, held(COURIER), "The forum was on Tuesday.", sources=(printed,)))
    assert ledger.conflicts() == []
    assert len(ledger.meeting("kcac-forum/10").held.occurred) == 3  # type: ignore[union-attr]
    for past in (ledger.at(published="2016-11-20"), ledger.at(size=3)):
        assert [one.field for one in past.conflicts()] == ["when"]
    assert ledger.at(published="2016-11-21").conflicts() == []


def test_a_slip_in_a_preview_is_a_plan_that_differs_and_no_conflict() -> None:
    ledger = Ledger.in_memory()
    preview = Source("Made-up Courier", When("2016-11-13"))
    ledger.record(announced(HELD, when=WEDNESDAY, stated="2016-11-13", sources=preview), held(BULLETIN))
    assert ledger.conflicts() == []
    (promise,) = ledger.commitments()
    assert [(one.field, str(one.planned), str(one.actual)) for one in promise.differences] == [
        ("when", WEDNESDAY, TUESDAY)
    ]
    assert (promise.met, promise.late, promise.revisions) == (YES, NO, 0)
    assert ledger.overdue(on=date(2016, 11, 17)) == []
