"""A cake celebrates "the establishment" of what starts work months later: proclaimed then, open only when it opened."""

from __future__ import annotations

from coop_ledger import NO, UNDECIDED, YES, Ledger, Source, SourceKind, Status, When, Where, occurred
from coop_ledger import events as ev
from coop_ledger.cli.dataset import load_dataset
from coop_ledger.projections import Commitment

SECRETARIAT = "institution:kcac-secretariat"
OPENED = occurred(
    ev.InstitutionOpened("kcac-secretariat"),
    when="2017-09-04",
    where=Where("KR", "seoul"),
    sources=Source("Made-up Bulletin", When("2017-09-05"), kind=SourceKind.PRIMARY),
)


def record_of_2016() -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*load_dataset()[1])
    return ledger


def opening(ledger: Ledger, day: str | None = None) -> Commitment:
    view = ledger.at() if day is None else ledger.at().on(day)
    (found,) = [one for one in view.commitments(subject=SECRETARIAT) if one.event is ev.InstitutionOpened]
    return found


def test_a_ceremony_proclaims_and_opens_nothing() -> None:
    ledger = record_of_2016()
    found = ledger.institution(SECRETARIAT)
    assert found.status is Status.PROCLAIMED
    assert found.opened is not None
    assert (found.opened.occurred, found.opened.has_happened, found.opened.when) == ((), UNDECIDED, None)
    assert opening(ledger).met is UNDECIDED
    assert [one.target for one in ledger.overdue(on="2018-01-01") if one.commitment.event is ev.InstitutionOpened] == [
        found.target
    ]


def test_the_cake_and_the_ceremony_are_one_proclamation_in_two_voices() -> None:
    ledger = record_of_2016()
    found = ledger.institution(SECRETARIAT)
    (proclaimed,) = found.own(ev.InstitutionProclaimed)
    assert [source.publisher for source in proclaimed.sources] == ["Seoul Economic Daily", "Korea.net"]
    assert (str(proclaimed.dating), proclaimed.disputed) == ("2016-11-15", False)
    assert found.members == ()  # those who cut the cake are participants, and nobody's members by that
    assert ledger.duplicates(SECRETARIAT) == []


def test_the_opening_stands_beside_the_proclamation_and_contradicts_nothing() -> None:
    ledger = record_of_2016()
    ledger.record(OPENED)
    found = ledger.institution(SECRETARIAT)
    assert found.status is Status.OPEN
    assert found.proclaimed is not None
    assert found.opened is not None
    assert (str(found.proclaimed.dating), str(found.opened.dating)) == ("2016-11-15", "2017-09-04")
    assert (ledger.conflicts(SECRETARIAT), ledger.anomalies(SECRETARIAT)) == ([], [])
    promise = opening(ledger)
    assert (promise.met, str(promise.outcome), promise.in_time, promise.late) == (YES, "2017-09-04", YES, UNDECIDED)
    assert [one for one in ledger.overdue(on="2018-01-01") if one.commitment.event is ev.InstitutionOpened] == []


def test_on_each_day_between_it_was_proclaimed_and_not_open() -> None:
    ledger = record_of_2016()
    ledger.record(OPENED)
    days = ("2016-11-15", "2017-09-03", "2017-09-04")
    assert [ledger.at().on(day).institution(SECRETARIAT).status for day in days] == [
        Status.PROCLAIMED, Status.PROCLAIMED, Status.OPEN,
    ]  # fmt: skip
    assert [opening(ledger, day).met for day in days] == [NO, NO, YES]


def test_what_was_known_before_the_opening_stays_as_it_was() -> None:
    ledger = record_of_2016()
    then = ledger.at(published="2017-06-30")
    before = then.institution(SECRETARIAT)
    ledger.record(OPENED)
    assert then.institution(SECRETARIAT) == before
    anew = ledger.at(published="2017-06-30")
    assert (anew.institution(SECRETARIAT), ledger.diff(then, anew)) == (before, [])
    assert {change.field for change in ledger.diff(then, ledger, SECRETARIAT)} >= {"status", "opened.when"}
