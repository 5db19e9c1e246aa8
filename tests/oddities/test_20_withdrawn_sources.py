"""Oddity 20: a publisher corrects or withdraws a report, or a page vanishes: only the first two change what counts."""

from __future__ import annotations

from examples.sequel import Calendar

from coop_ledger import (
    NO,
    UNDECIDED,
    YES,
    Claim,
    Correction,
    Ledger,
    Retraction,
    RetractionReason,
    Source,
    SourceKind,
    When,
    announced,
    occurred,
)
from coop_ledger import events as ev

SECRETARIAT, TRAINING = "institution:kcac-secretariat", "initiative:smart-water-training"
OPENED = ev.InstitutionOpened("kcac-secretariat")
DELIVERED = ev.InitiativeDelivered("smart-water-training", "training")
HERALD = Source("Made-up Herald", When("2018-02-02"), url="https://herald.example/opening")
ERRATUM = Source("Made-up Herald", When("2018-02-05"), title="Correction")
GAZETTE = Source("Made-up Gazette", When("2018-03-01"))
WITHDRAWAL = Source("Made-up Gazette", When("2018-03-10"), title="We withdraw our report of 1 March")
COURIER = Source("Made-up Courier", When("2018-03-02"))
BULLETIN = Source("Made-up Bulletin", When("2017-12-20"), kind=SourceKind.PRIMARY)


def opened(day: str, source: Source = HERALD, note: str | None = None) -> Claim:
    return occurred(OPENED, when=day, sources=source, note=note)


def delivered(source: Source) -> Claim:
    return occurred(DELIVERED, when="2018-02-20", parties={"beneficiary": "KZ KG TJ TM UZ"}, sources=source)


PROMISE = announced(
    DELIVERED, when="2018-02", parties={"beneficiary": "KZ KG TJ TM UZ", "implementing": "KR"}, sources=BULLETIN
)


def test_a_correction_changes_the_present_answer_and_no_past_one() -> None:
    calendar = Calendar()
    ledger = Ledger.in_memory(clock=calendar)
    calendar.set("2018-02-03")
    claim = ledger.record(opened("2018-01-31")).ids[0]
    calendar.set("2018-02-06")
    fixed = ledger.record(Correction(claim, opened("2018-02-01"), "The paper misread the day.", (ERRATUM,))).ids[0]
    then = (ledger.at(recorded="2018-02-05"), ledger.at(published="2018-02-04"), ledger.at(size=1))
    dates = []
    for view in (*then, ledger.at(published="2018-02-05"), ledger.at()):
        milestone = view.institution(SECRETARIAT).opened
        assert milestone is not None
        dates.append(str(milestone.dating))
        assert (view.conflicts(), view.anomalies(), view.duplicates()) == ([], [], [])
    assert dates == ["2018-01-31", "2018-01-31", "2018-01-31", "2018-02-01", "2018-02-01"]
    (reason,) = ledger.why(SECRETARIAT, "opened.when")
    assert (reason.position, reason.acts) == (0, (fixed,))
    changes = {change.field: change for change in ledger.diff(then[0], ledger, SECRETARIAT)}
    moved = changes["opened.when"]
    assert (moved.before, moved.after, moved.entries) == ("2018-01-31", "2018-02-01", (0, 1))


def test_a_report_that_its_publisher_takes_back_delivers_nothing_and_denies_nothing() -> None:
    ledger = Ledger.in_memory()
    _, report = ledger.record(PROMISE, delivered(GAZETTE)).ids
    (promise,) = ledger.commitments(subject=TRAINING)
    assert promise.met is YES
    ledger.record(Retraction(report, RetractionReason.SOURCE_WITHDRAWN, (WITHDRAWAL,)))
    (promise,) = ledger.commitments(subject=TRAINING)
    assert (promise.met, promise.denied, len(promise.pending)) == (UNDECIDED, NO, 5)
    state = ledger.initiative(TRAINING)
    assert (state.status, [one for one in state.deliveries if one.delivered is YES]) == ("pipeline", [])
    assert [late.commitment.subject for late in ledger.overdue(on="2018-04-01")] == [TRAINING]
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])
    before = ledger.at(published="2018-03-09")
    assert before.initiative(TRAINING).status == "finalisation"
    assert before.overdue(on="2018-04-01") == []
    claim, act = ledger.history(report)
    assert isinstance(claim.body, Claim)
    assert claim.body.sources == (GAZETTE,)
    assert isinstance(act.body, Retraction)
    assert (act.body.reason, act.body.sources) == (RetractionReason.SOURCE_WITHDRAWN, (WITHDRAWAL,))


def test_what_another_paper_reported_for_itself_still_stands() -> None:
    ledger = Ledger.in_memory()
    _, report, _ = ledger.record(PROMISE, delivered(GAZETTE), delivered(COURIER)).ids
    ledger.record(Retraction(report, RetractionReason.SOURCE_WITHDRAWN, (WITHDRAWAL,)))
    (promise,) = ledger.commitments(subject=TRAINING)
    assert (promise.met, promise.pending) == (YES, ())
    assert promise.met_by is not None
    assert promise.met_by.happened is not None
    assert [source.publisher for source in promise.met_by.happened.sources] == ["Made-up Courier"]
    assert len(ledger.initiatives()) == len(ledger.commitments()) == 1


def test_a_page_that_vanished_keeps_its_claim() -> None:
    """The keeper only notes it, and keeps the digest of the archived copy: the words were published once."""
    calendar = Calendar()
    ledger = Ledger.in_memory(clock=calendar)
    calendar.set("2018-02-03")
    claim = ledger.record(opened("2018-02-01")).ids[0]
    known = ledger.institution(SECRETARIAT)
    calendar.set("2019-06-01")
    archived = Source("Made-up Herald", When("2018-02-02"), url="https://herald.example/opening", digest="5e" * 32)
    noted = opened("2018-02-01", archived, "The page is gone since 2019.")
    ledger.record(Correction(claim, noted, "The page is gone; the archived copy has this digest."))
    now, then = ledger.institution(SECRETARIAT), ledger.at(recorded="2019-05-31").institution(SECRETARIAT)
    assert then == known
    for state in (now, then):
        assert state.status == "open"
        assert state.opened is not None
        assert state.opened.happened is not None
        assert (state.opened.has_happened, str(state.opened.dating)) == (YES, "2018-02-01")
        assert [source.publisher for source in state.opened.happened.sources] == ["Made-up Herald"]
    assert (now.sources, then.sources) == ((archived,), (HERALD,))
    assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])
