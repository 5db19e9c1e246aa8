"""Oddity 22: 25 years in 2017 imply 1992, which nobody said: only a claim marked as derived may say so."""

from __future__ import annotations

from datetime import date

import pytest

from coop_ledger import NO, UNDECIDED, YES, Claim, Ledger, Source, SourceKind, Status, When, announced, occurred
from coop_ledger import events as ev

PAIR = "relationship:KR-KZ"
RELATIONS = ev.AnniversaryMarked(PAIR, "diplomatic relations", 25)
SETTLEMENT = ev.AnniversaryMarked(PAIR, "settlement of ethnic Koreans (Goryeoin)", 80)
KOREA_NET = Source("Korea.net", When("2016-11-18"), author="Lee Hana", language="en", kind=SourceKind.PRIMARY)
GAZETTE = Source("Made-up Gazette", When("2017-06-02"), language="en")
COMPILERS = Source("coop_ledger compilers", When("2026"), language="en", kind=SourceKind.TERTIARY)
ALMANAC = Source("Made-up Almanac of Treaties", When("2020-03-01"), kind=SourceKind.PRIMARY)
DERIVED = occurred(
    ev.RelationsEstablished("KR-KZ"),
    when="1992",
    sources=COMPILERS,
    note="Derived: 25 years are marked in 2017. No source of 2016 says 1992.",
)


def told(*more: Claim) -> Ledger:
    """What Korea.net wrote of the coming year, and more."""
    ledger = Ledger.in_memory()
    ledger.record(
        announced(RELATIONS, when="2017", sources=KOREA_NET),
        announced(SETTLEMENT, when="2017", sources=KOREA_NET),
        *more,
    )
    return ledger


@pytest.mark.parametrize("more", [(), (occurred(RELATIONS, when="2017-06-01", sources=GAZETTE),)])
def test_an_anniversary_establishes_no_relations(more: tuple[Claim, ...]) -> None:
    ledger = told(*more)
    state = ledger.relationship("KR", "KZ")
    assert (state.established, state.relations, state.status) == (None, (), Status.UNRECORDED)
    assert [milestone.id.key for milestone in state.anniversaries] == [
        ("diplomatic relations", "25"),
        ("settlement of ethnic Koreans (Goryeoin)", "80"),
    ]
    assert ledger.at().on("1993-01-01").relationship("KR", "KZ").status is Status.UNRECORDED
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])


def test_an_anniversary_to_come_is_nobody_s_promise() -> None:
    ledger = told()
    assert (ledger.commitments(), ledger.overdue(on="2018-01-01")) == ([], [])
    assert ledger.silent(since="2017-01-01", on="2019-12-31") == []
    for milestone in ledger.relationship("KR", "KZ").anniversaries:
        assert milestone.has_happened is UNDECIDED


def test_the_year_it_implies_rests_on_those_who_derived_it_and_on_nobody_else() -> None:
    ledger = told(DERIVED)
    state = ledger.relationship("KR", "KZ")
    assert state.status is Status.ESTABLISHED
    assert state.established is not None
    assert (str(state.established.dating), state.established.sources) == ("1992", (COMPILERS,))
    (reason,) = ledger.why(PAIR, "established.when")
    assert (reason.position, reason.sources, reason.effective.claim.note) == (2, (COMPILERS,), DERIVED.note)
    assert {source for one in state.anniversaries for source in one.sources} == {KOREA_NET}
    (period,) = state.relations
    days = (date(1991, 12, 31), date(1992, 6, 30), date(1992, 12, 31), date(2016, 11, 15))
    assert [period.on(day) for day in days] == [NO, UNDECIDED, YES, YES]


def test_what_was_published_in_2017_still_says_no_year() -> None:
    ledger = told()
    then = ledger.at(published="2017-12-31").relationship("KR", "KZ")
    ledger.record(DERIVED)
    assert ledger.at(published="2017-12-31").relationship("KR", "KZ") == then
    assert then.established is None
    assert ledger.at(published="2026-12-31").relationship("KR", "KZ").status is Status.ESTABLISHED


def test_a_source_that_says_the_day_narrows_what_was_derived_and_one_that_says_another_year_outranks_it() -> None:
    agreed = told(DERIVED, occurred(ev.RelationsEstablished("KR-KZ"), when="1992-01-28", sources=ALMANAC))
    narrowed = agreed.relationship("KR", "KZ").established
    assert narrowed is not None
    assert (str(narrowed.dating), narrowed.disputed, agreed.conflicts()) == ("1992-01-28", False, [])
    other = told(DERIVED, occurred(ev.RelationsEstablished("KR-KZ"), when="1993-02-01", sources=ALMANAC))
    shown = other.relationship("KR", "KZ").established
    assert shown is not None
    assert (str(shown.dating), shown.disputed) == ("1993-02-01", True)
    assert [(conflict.subject, conflict.field) for conflict in other.conflicts()] == [(PAIR, "when")]
