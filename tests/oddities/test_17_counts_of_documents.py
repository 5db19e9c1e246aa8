"""Counts of signed documents rise and fall, and one visit has three totals: each scope, unit and day is a figure."""

from __future__ import annotations

from decimal import Decimal

from coop_ledger import Claim, Ledger, Resolution, Source, SourceKind, When, occurred
from coop_ledger import events as ev
from coop_ledger.projections import Collected, ConflictKind

PAIR, VISIT = "relationship:KR-UZ", "visit:made-up-visit-2019"
BULLETIN = Source("Made-up Bulletin", When("2019-04-20"), kind=SourceKind.PRIMARY)
GAZETTE = Source("Made-up Gazette", When("2019-04-21"))
HERALD = Source("Made-up Herald", When("2019-04-22"))


def count(
    number: int, source: Source, *, subject: str = VISIT, when: str = "2019-04-19", unit: str = "documents",
    scope: str | None = None, qualifier: ev.Qualifier = ev.Qualifier.EXACT,
) -> Claim:  # fmt: skip
    event = ev.FigureReported(subject, "signed", Decimal(number), unit, scope, qualifier)
    return occurred(event, when=when, sources=source)


def figures(state: Collected) -> list[tuple[tuple[str, ...], str, str]]:
    """Key, day and number of each figure of a state, in the order of their keys."""
    return sorted(
        (milestone.id.key, str(milestone.dating), str(milestone.values["value"].value))
        for milestone in state.own(ev.FigureReported)
    )


def test_three_totals_of_one_visit_are_three_figures_and_no_conflict() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        count(120, BULLETIN, scope="all"),
        count(18, GAZETTE, scope="between governments"),
        count(15, HERALD, scope="in the presence of the presidents"),
        count(12, HERALD, unit="billion USD", scope="all"),
    )
    assert figures(ledger.visit(VISIT)) == [
        (("signed", "billion USD", "all"), "2019-04-19", "12 billion USD"),
        (("signed", "documents", "all"), "2019-04-19", "120 documents"),
        (("signed", "documents", "between governments"), "2019-04-19", "18 documents"),
        (("signed", "documents", "in the presence of the presidents"), "2019-04-19", "15 documents"),
    ]
    assert (ledger.conflicts(), ledger.duplicates(), ledger.commitments()) == ([], [], [])
    # a count of documents is no document
    assert ledger.agreements() == []


def test_two_numbers_of_one_scope_and_day_conflict_and_leave_the_other_scopes_alone() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        count(120, BULLETIN, scope="all"),
        count(18, GAZETTE, scope="between governments"),
        count(18, HERALD, scope="between governments", qualifier=ev.Qualifier.ABOUT),
        count(100, GAZETTE, scope="all", qualifier=ev.Qualifier.AT_LEAST),
        count(130, HERALD, scope="all"),
    )
    (conflict,) = ledger.conflicts()
    assert (conflict.kind, conflict.keys) == (ConflictKind.VALUES, (("signed", "documents", "all"),))
    # all three voices agree that there were at least 100; of the exact numbers that of a party comes first
    assert [str(value) for value in conflict.values] == ["at least 100 documents", "120 documents", "130 documents"]
    assert {one.id.key[2] for one in ledger.visit(VISIT).own(ev.FigureReported) if one.disputed} == {"all"}


def test_counts_that_fall_from_year_to_year_are_figures_of_other_days() -> None:
    ledger = Ledger.in_memory()
    reported = [(60, "2012-12-31"), (54, "2014-12-31"), (66, "2016-12-31")]
    ids = ledger.record(*(count(number, GAZETTE, subject=PAIR, when=when) for number, when in reported)).ids
    state = ledger.relationship("KR", "UZ")
    assert [(day, number) for _, day, number in figures(state)] == [
        ("2012-12-31", "60 documents"),
        ("2014-12-31", "54 documents"),
        ("2016-12-31", "66 documents"),
    ]
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])

    before = ledger.size
    ledger.record(Resolution(ids[:2], "Nothing is known to have ended between 2012 and 2014."))
    (shrunk,) = ledger.conflicts()
    assert (shrunk.kind, shrunk.resolved, shrunk.subject) == (ConflictKind.RECORDED, False, PAIR)
    assert [effective.id for effective in shrunk.claims] == list(ids[:2])
    assert not any(one.disputed for one in ledger.relationship("KR", "UZ").own(ev.FigureReported))
    assert ledger.at(size=before).conflicts() == []


def test_two_embassies_that_count_otherwise_on_one_day_conflict_until_one_is_chosen() -> None:
    ledger = Ledger.in_memory()
    seoul = Source("Made-up Bulletin of Seoul", When("2017-01-10"), kind=SourceKind.PRIMARY)
    tashkent = Source("Made-up Bulletin of Tashkent", When("2017-01-12"), kind=SourceKind.PRIMARY)
    ids = ledger.record(
        count(66, seoul, subject=PAIR, when="2016-12-31"),
        count(71, tashkent, subject=PAIR, when="2016-12-31"),
        count(70, tashkent, subject=PAIR, when="2015-12-31"),
    ).ids
    (conflict,) = ledger.conflicts()
    assert [str(value) for value in conflict.values] == ["66 documents", "71 documents"]
    # the count of 2015 is the figure before it and no reason for this one
    assert [reason.position for reason in ledger.why(PAIR, "figures.signed.1")] == [0, 1]
    ledger.record(Resolution(ids[:2], "Five of them had ended.", chosen=ids[0]))
    (conflict,) = ledger.conflicts()
    assert (conflict.resolved, str(conflict.values[0])) == (True, "66 documents")
    assert [one.resolved for one in ledger.at(size=3).conflicts()] == [False]
    assert ledger.at(published="2017-01-11").conflicts() == []
