"""
A session is announced for the capital and held in another city: the plan changed, or the outcome is not the plan, and
neither is a conflict or a second session; only two reports of where it was held can disagree (D5, D6).
"""

from __future__ import annotations

import attrs

from coop_ledger import YES, Claim, ClaimMaker, Ledger, Source, When, Where, announced, occurred
from coop_ledger import events as ev

SESSION = "meeting:kcac-forum/11"
FORUM = ev.MeetingHeld("kcac-forum/11", "forum", series="kcac-forum", ordinal=11)


def said(
    published: str,
    where: Where | None,
    maker: ClaimMaker = announced,
    when: str | None = "2018-10",
    publisher: str = "Made-up Bulletin",
    stated: str | None = None,
    note: str | None = None,
) -> Claim:
    source = Source(publisher, When(published))
    host = {"host": "KG"}
    return maker(FORUM, when=when, where=where, stated=stated, parties=host, sources=source, note=note)


CAPITAL = said("2017-11-20", Where("KG", "bishkek"))
MOVED = said("2018-06-01", Where(place="osh"))
HELD = said("2018-10-17", Where("KG", "osh"), occurred, "2018-10-16")


def told(*claims: Claim) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*claims)
    return ledger


def planned_place(ledger: Ledger, published: str | None = None) -> object:
    (promise,) = ledger.at(published=published).commitments()
    assert promise.plan is not None
    return promise.plan.current.values.get("where.place")


def test_the_newest_plan_names_the_city_and_nothing_is_put_off() -> None:
    ledger = told(CAPITAL, MOVED)
    (promise,) = ledger.commitments()
    assert promise.plan is not None
    planned = {field: promise.plan.current.values[field] for field in ("where.country", "where.place", "host")}
    assert planned == {"where.country": "KG", "where.place": "osh", "host": ("KG",)}
    assert [attrs.astuple(change, recurse=False) for change in promise.changes] == [
        ("where.place", "bishkek", "osh", 1)
    ]
    assert (promise.revisions, promise.restatements, promise.slip, str(promise.target)) == (0, 1, None, "2018-10")
    assert (ledger.conflicts(), ledger.anomalies(), len(ledger.meetings())) == ([], [], 1)
    assert planned_place(ledger, "2018-05-31") == "bishkek"


def test_a_plan_that_names_no_place_leaves_the_city_that_stood() -> None:
    ledger = told(CAPITAL, MOVED, said("2018-09-01", None, when="2018-10-16"))
    assert planned_place(ledger) == "osh"
    assert [str(promise.target) for promise in ledger.commitments()] == ["2018-10-16"]


def test_the_old_announcement_copied_late_moves_nothing_back() -> None:
    copied = said("2018-09-20", Where("KG", "bishkek"), publisher="Made-up Courier", stated="2017-11-20")
    ledger = told(CAPITAL, MOVED, copied)
    assert planned_place(ledger) == "osh"
    assert [promise.revisions for promise in ledger.commitments()] == [0]


def test_held_elsewhere_without_notice_is_a_change_and_still_a_promise_met_in_time() -> None:
    ledger = told(CAPITAL, HELD)
    (promise,) = ledger.commitments()
    assert (promise.met, promise.in_time) == (YES, YES)
    assert [(one.field, one.planned, one.actual) for one in promise.differences] == [("where.place", "bishkek", "osh")]
    session = ledger.meeting("kcac-forum/11")
    assert session.place is not None
    assert (session.status, session.place.value, session.place.disputed) == ("held", "osh", False)
    assert ledger.conflicts() == []
    assert told(CAPITAL, MOVED, HELD).commitments()[0].differences == ()


def test_a_country_and_a_city_are_never_compared() -> None:
    ledger = told(said("2017-11-20", Where("KG")), HELD, said("2018-10-18", Where("KG"), occurred, "2018-10-16"))
    assert ledger.conflicts() == []
    assert ledger.commitments()[0].differences == ()
    hotels = told(HELD, said("2018-10-18", Where("KG", "osh"), occurred, "2018-10-16", note="At another hotel."))
    assert hotels.conflicts() == []


def test_two_reports_that_name_two_cities_are_a_conflict_and_the_plan_has_no_vote() -> None:
    herald = said("2018-10-18", Where("KG", "bishkek"), occurred, "2018-10-16", "Made-up Herald")
    ledger = told(CAPITAL, MOVED, HELD, herald)
    (conflict,) = ledger.conflicts()
    assert (conflict.field, conflict.values) == ("where.place", ("osh", "bishkek"))
    assert [effective.position for effective in conflict.claims] == [2, 3]
    assert ledger.at(published="2018-10-17").conflicts() == []
