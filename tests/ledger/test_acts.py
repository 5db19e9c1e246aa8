"""Acts and views that are refused, and strict calls: typed errors, and the ledger as before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import (
    Claim,
    Correction,
    Duplicate,
    Ledger,
    Merge,
    Projection,
    Resolution,
    Retraction,
    RetractionReason,
    Source,
    Status,
    SubjectId,
    Unchanged,
    When,
    about,
    announced,
    denied,
    observed,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.domain import Act, subjects_of
from coop_ledger.errors import (
    AnomalyError,
    AppendConflictError,
    EntryNotFoundError,
    InvalidValueError,
    ProjectionError,
)
from coop_ledger.ids import entry_ids
from coop_ledger.projections import AnomalyCode
from coop_ledger.testing import ticking
from tests.ledger.support import History
from tests.log.test_leaf import Nowhere
from tests.projections.support import entries, entry

SOURCE = Source("Korea.net", When("2018-01-01"))
OPENED = ev.InstitutionOpened("kcac")
PLAN = announced(OPENED, when="2017", sources=SOURCE)
START = datetime(2018, 1, 1, 9, tzinfo=UTC)
WRONG = RetractionReason.WRONG
NOWHERE = "01586548-8000-7000-8000-000000000001"


def done(event: Any, when: str) -> Claim:
    return occurred(event, when=when, sources=SOURCE)


@pytest.fixture
def ledger() -> Any:
    with Ledger.in_memory(clock=ticking(START)) as found:
        yield found


# views that cannot be


BAD_VIEWS: list[tuple[Callable[[Ledger], Any], str]] = [
    (lambda ledger: ledger.at(size=2), "beyond the log"),
    (lambda ledger: ledger.at(size=-1), "beyond the log"),
    (lambda ledger: ledger.at(size=True), "beyond the log"),
    (lambda ledger: ledger.at(size="1"), "beyond the log"),  # type: ignore[arg-type]
    (lambda ledger: ledger.at(recorded="2030-01-01"), "beyond the log"),
    (lambda ledger: ledger.at(recorded="2017-01-01", size=1), "one axis, given twice"),
    (lambda ledger: ledger.at().on("2017-01-01").on("2018-01-01"), "given twice"),
    (lambda ledger: ledger.at(published="2017"), "not a single day"),
    (lambda ledger: ledger.at(published="2017-01-01/2017-01-01"), "not a single day"),
    (lambda ledger: ledger.at(published=START), "not a single day"),
    (lambda ledger: ledger.at(published=2017), "not a single day"),  # type: ignore[arg-type]
    (lambda ledger: ledger.at(published="soon"), "not a date"),
    (lambda ledger: ledger.at().on("2017-06"), "not a single day"),
    (lambda ledger: ledger.at(recorded="soon"), "not an instant"),
    (lambda ledger: ledger.at(recorded="2017-01-01T25:00:00Z"), "not an instant"),
    (lambda ledger: ledger.at(recorded=datetime(2017, 1, 1)), "aware datetime"),
    (lambda ledger: ledger.at(recorded=datetime(2017, 1, 1, tzinfo=Nowhere())), "aware datetime"),
    (lambda ledger: ledger.at(recorded="2017-01-01T00:00:00"), "aware datetime"),
    (lambda ledger: ledger.at(recorded=date(2017, 1, 1)), "aware datetime"),  # type: ignore[arg-type]
    (lambda ledger: ledger.at(recorded=datetime.max.replace(tzinfo=timezone(timedelta(hours=-9)))), "the calendar"),
    (lambda ledger: ledger.why("institution:kcac", "opened.colour"), "no such field"),
    (lambda ledger: ledger.why("institution:kcac", ""), "no such field"),
    (lambda ledger: ledger.why("institution:kcac", "subject.0.x"), "nothing beyond a str"),
    (lambda ledger: ledger.why("kcac", "opened"), "subject"),
    (lambda ledger: ledger.diff(ledger, Ledger.in_memory(origin="other.example/1")), "two ledgers"),
]


@pytest.mark.parametrize(("ask", "why"), BAD_VIEWS)
def test_views_and_questions_that_cannot_be(ledger: Ledger, ask: Callable[[Ledger], Any], why: str) -> None:
    ledger.record(PLAN)
    with pytest.raises(InvalidValueError, match=why):
        ask(ledger)


def test_subjects_of_which_nothing_is_said_are_not_found(ledger: Ledger) -> None:
    ledger.record(PLAN)
    asked: list[Callable[[], Any]] = [
        lambda: ledger.why("institution:kcak", "status"),
        lambda: ledger.conflicts("institution:kcak"),
        lambda: ledger.anomalies("institution:kcak"),
        lambda: ledger.duplicates("institution:kcak"),
        lambda: ledger.at(size=0).institution("kcac"),
        lambda: ledger.diff(ledger.at(size=0), ledger.at(size=0), "institution:kcac"),
        lambda: ledger.at(size=0).entry(next(ledger.entries()).id),
        lambda: ledger.at(published="2016-01-01").entry(next(ledger.entries()).id),
    ]
    for ask in asked:
        with pytest.raises(EntryNotFoundError):
            ask()
    with pytest.raises(EntryNotFoundError, match="did you mean institution:kcac"):
        ledger.institution("kcak")
    # entries are about it, and none counts here: an empty state, no error
    assert ledger.at(published="2016-01-01").institution("kcac").claims == ()
    assert [change.field for change in ledger.diff(ledger.at(size=0), ledger, "institution:kcac")][:1] == ["status"]


def test_a_view_is_made_of_days_and_instants_however_they_are_written(ledger: Ledger) -> None:
    first = ledger.record(PLAN)
    second = ledger.record(announced(OPENED, when="2018", sources=SOURCE))
    zone = timezone(timedelta(hours=9))
    same: list[Any] = [first.recorded_at, first.recorded_at.astimezone(zone), first.recorded_at.isoformat()]
    for instant in same:
        assert ledger.at(recorded=instant).size == 1
    assert ledger.at(recorded=second.recorded_at).size == 2
    assert ledger.at(recorded="2017-12-31").size == 0
    assert ledger.at(published=date(2018, 1, 1)).institution("kcac") == ledger.institution("kcac")
    view = ledger.at(published="2018-01-01", recorded=first.recorded_at).on(date(2018, 5, 1))
    assert repr(view) == (
        f"<View of in-memory.example, size=1, published=2018-01-01, recorded={first.recorded_at}, on=2018-05-01>"
    )
    basis = view.basis
    assert (basis.origin, basis.size, basis.root) == ("in-memory.example", 1, first.root)
    assert (basis.recorded, basis.published, basis.on, basis.erasures) == (
        first.recorded_at, date(2018, 1, 1), date(2018, 5, 1), 0,
    )  # fmt: skip
    own = Projection("own", 7, lambda e: subjects_of(e.body), lambda _: 0, lambda state, _: state + 1)
    assert basis.using(own).projections == (("own", 7),)
    assert ("institution", 1) in basis.projections


# projections of one's own


def test_a_projection_that_raises_is_named_through_every_door(ledger: Ledger) -> None:
    def picky(state: int, effective: Any) -> int:
        if effective.position == 1:
            raise KeyError("no")
        return state + 1

    ledger.record(PLAN, PLAN)
    bad = Projection("picky", 1, lambda e: subjects_of(e.body), lambda _: 0, picky)
    doors: list[Callable[[], Any]] = [
        lambda: ledger.project(bad),
        lambda: ledger.at().project(bad),
        lambda: ledger.why("institution:kcac", "real", bad),
    ]
    for door in doors:
        with pytest.raises(ProjectionError, match="projection picky, institution:kcac at position 1"):
            door()
    assert ledger.at(size=1).project(bad) == {"institution:kcac": 1}


def test_why_answers_for_any_projection_also_one_that_feeds_what_entries_are_not_about(ledger: Ledger) -> None:
    def publishers(state: dict[str, int], effective: Any) -> dict[str, int]:
        name = effective.claim.sources[0].publisher
        return {**state, name: state.get(name, 0) + 1}

    own = Projection("publishers", 1, lambda e: [SubjectId("country:UZ")], lambda _: {}, publishers)
    ledger.record(PLAN, done(ev.PartnerJoined("water", "UZ"), "2017"))
    reasons = ledger.why("country:UZ", "Korea.net", own)
    assert [(reason.position, reason.value) for reason in reasons] == [(1, 1), (0, 2)]
    assert ledger.project(own) == {"country:UZ": {"Korea.net": 2}}


# acts that cannot be


def test_acts_never_name_themselves_or_what_comes_later() -> None:
    """Ids can be foretold where draw and clock are given; the ledger refuses all the same."""
    now = START
    fixed = Ledger.in_memory(clock=lambda: now, draw=bytes)
    ids = entry_ids(now, bytes(10))
    mine, later = next(ids), next(ids)
    foretold: list[tuple[Act | Claim, ...]] = [
        (Retraction(mine, WRONG),),
        (Retraction(later, WRONG), PLAN),
        (PLAN, Retraction(later, WRONG)),
        (PLAN, Resolution((mine, later), "which")),
        (Correction(mine, PLAN, "a slip"),),
    ]
    for bodies in foretold:
        with pytest.raises(InvalidValueError, match="itself or a later entry"):
            fixed.record(*bodies)
        assert fixed.size == 0
    assert fixed.record(PLAN, Retraction(mine, WRONG)).ids == (mine, later)  # an earlier one of its call is fine
    assert fixed.institution("kcac").positions == ()


def test_acts_name_entries_that_are_there_and_that_they_can_touch(ledger: Ledger) -> None:
    claim, merge = ledger.record(PLAN, Merge(("initiative:a",), "initiative:b", "one")).ids
    (correction,) = ledger.record(Correction(claim, PLAN, "a slip")).ids
    before = (ledger.size, ledger.root)
    refused: list[tuple[Act, type[Exception], str]] = [
        (Retraction(NOWHERE, WRONG), EntryNotFoundError, "no such entry"),
        (Resolution((claim, NOWHERE), "which"), EntryNotFoundError, "no such entry"),
        (Duplicate(NOWHERE, claim), EntryNotFoundError, "no such entry"),
        (Duplicate(correction, claim), InvalidValueError, "no effect on a Correction"),
        (Resolution((claim, merge), "which"), InvalidValueError, "no effect on a Merge"),
        (Correction(merge, PLAN, "a slip"), InvalidValueError, "no effect on a Merge"),
    ]
    for act, error, why in refused:
        with pytest.raises(error, match=why):
            ledger.record(PLAN, act)
        assert (ledger.size, ledger.root) == before
    assert ledger.record(Correction(correction, PLAN, "twice"), Retraction(merge, WRONG)).size == before[0] + 2


def test_only_subjects_of_one_kind_are_merged() -> None:
    for subjects, into, why in (
        (("initiative:a",), "institution:a", "one kind"),
        (("country:KR",), "country:KZ", "never merged"),
        (("relationship:KR-KZ",), "relationship:KG-KZ", "never merged"),
        (("initiative:a",), "initiative:a", "other than its target"),
        ((), "initiative:a", "other than its target"),
    ):
        with pytest.raises(InvalidValueError, match=why):
            Merge(subjects, into, "why not")


def test_an_act_on_an_imported_act_that_names_nothing_is_taken() -> None:
    """The keeper can take back what only an import can hold."""
    history = History(entries(PLAN, Retraction(NOWHERE, WRONG), Duplicate(entry(1, PLAN).id, entry(0, PLAN).id)))
    assert [one.code for one in history.ledger.anomalies()] == [AnomalyCode.ACT_WITHOUT_EFFECT] * 2
    history.ledger.record(Retraction(entry(1, PLAN).id, WRONG), Retraction(entry(2, PLAN).id, WRONG))
    assert history.ledger.institution("kcac").positions == (0,)


# strict


IRREGULAR = done(ev.InstitutionSuspended("kcac"), "2016")


def refused(ledger: Ledger, *bodies: Claim | Act, code: AnomalyCode = AnomalyCode.IRREGULAR_STEP) -> AnomalyError:
    before = (ledger.size, ledger.root)
    with pytest.raises(AnomalyError) as caught:
        ledger.record(*bodies, strict=True)
    assert (ledger.size, ledger.root) == before
    assert [one.code for one in caught.value.anomalies] == [code]  # type: ignore[attr-defined]
    assert str(code) in str(caught.value)
    return caught.value


def test_a_strict_call_refuses_what_would_be_irregular(ledger: Ledger) -> None:
    refused(ledger, IRREGULAR)
    ledger.record(done(OPENED, "2015"), strict=True)
    assert ledger.record(IRREGULAR, strict=True).size == 2
    early = occurred(ev.InitiativeAdopted("water"), when="2018-01-01", sources=Source("Press", When("2017-11-01")))
    refused(ledger, early, code=AnomalyCode.EARLY_REPORT)
    assert ledger.record(early).size == 3


def test_a_strict_call_is_about_what_is_new(ledger: Ledger) -> None:
    """A subject that is irregular already stays so, and another's irregularity is no matter of this call."""
    ledger.record(IRREGULAR)
    more = done(ev.InstitutionSuspended("kcac"), "2016-05")
    assert ledger.record(more, done(ev.InitiativeAdopted("water"), "2016"), strict=True).size == 3
    assert len(ledger.anomalies()) == 1


def test_a_strict_call_refuses_another_irregular_happening_of_a_kind_that_was_there(ledger: Ledger) -> None:
    press, begun = Source("Press", When("2019")), ev.InitiativeStarted("water")
    ledger.record(occurred(begun, when="2016", sources=press))
    refused(ledger, done(ev.InitiativeClosed("water"), "2017"), code=AnomalyCode.NEVER_ANNOUNCED)
    again = occurred(begun, when="2016-05", sources=Source("Gazette", When("2019")))
    assert ledger.record(again, strict=True).size == 2
    cancelled, closed = ev.InitiativeCancelled("fair"), ev.InitiativeClosed("fair")
    ledger.record(
        announced(ev.InitiativeStarted("fair"), when="2015", stated="2014", sources=press),
        occurred(cancelled, when="2016", sources=press), occurred(closed, when="2017", sources=press),
    )  # fmt: skip
    delivered = occurred(ev.InitiativeDelivered("fair"), when="2018", sources=press)
    refused(ledger, delivered, code=AnomalyCode.AFTER_CANCELLATION)


def test_a_strict_call_refuses_acts_that_leave_something_irregular_behind(ledger: Ledger) -> None:
    opened, _, other = ledger.record(done(OPENED, "2015"), IRREGULAR, done(ev.InstitutionOpened("office"), "2015")).ids
    refused(ledger, Retraction(opened, WRONG))
    refused(ledger, Correction(opened, done(OPENED, "2017"), "misread"))
    refused(ledger, Correction(opened, done(ev.InstitutionOpened("other"), "2015"), "of another"))
    assert ledger.record(Correction(opened, done(OPENED, "2014"), "misread"), strict=True).size == 4
    ledger.record(Merge(("institution:office",), "institution:kcac", "one"), strict=True)
    disagreeing = Merge(("institution:office",), "institution:third", "one")
    refused(ledger, disagreeing, code=AnomalyCode.MERGES_DISAGREE)
    ledger.record(Retraction(other, WRONG), strict=True)


def test_a_strict_merge_of_courses_that_do_not_fit(ledger: Ledger) -> None:
    ledger.record(
        done(OPENED, "2015"),
        done(ev.InstitutionDissolved("kcac"), "2016"),
        done(ev.InstitutionOpened("office"), "2014"),
        done(ev.InstitutionSuspended("office"), "2017"),
    )
    refused(ledger, Merge(("institution:office",), "institution:kcac", "one"))


def test_a_strict_call_is_whole_with_acts_on_its_own_entries() -> None:
    now = START
    fixed = Ledger.in_memory(clock=lambda: now, draw=bytes)
    mine = next(entry_ids(now, bytes(10)))
    fixed.record(IRREGULAR, Retraction(mine, WRONG), strict=True)
    assert (fixed.size, fixed.anomalies()) == (2, [])


def concurrently(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *others: Callable[[], Any]) -> list[int]:
    """Let others record in between what a strict call has read and its append; the sizes that it judged at."""
    judged: list[int] = []
    waiting = list(others)
    real = Ledger._strictly

    def late(scope: Any, new: Any) -> Any:
        guard = real(scope, new)
        judged.append(scope.size)
        if waiting:
            thread = threading.Thread(target=waiting.pop(0))
            thread.start()
            thread.join()
        return guard

    monkeypatch.setattr(ledger, "_strictly", late)
    return judged


def test_a_strict_call_looks_again_when_another_writer_was_quicker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "strict.db"
    with Ledger.open(path, origin="strict.example/1", clock=ticking(START)) as one, Ledger.open(path) as other:
        one.record(done(OPENED, "2015"))
        judged = concurrently(
            one,
            monkeypatch,
            lambda: other.record(done(ev.InitiativeAdopted("water"), "2016")),  # no matter of this call
        )
        one.record(done(ev.InstitutionSuspended("kcac"), "2016-02"), strict=True)
        assert (judged, one.size) == ([1], 3)
        judged = concurrently(one, monkeypatch, lambda: other.record(done(ev.InstitutionResumed("kcac"), "2016-05")))
        one.record(done(ev.InstitutionSuspended("kcac"), "2016-06"), strict=True)
        assert (judged, one.size) == ([3, 4], 5)
        judged = concurrently(one, monkeypatch, lambda: other.record(done(ev.InstitutionDissolved("kcac"), "2016-07")))
        with pytest.raises(AnomalyError):
            one.record(done(ev.InstitutionResumed("kcac"), "2017"), strict=True)
        assert (judged, one.size) == ([5], 6)


def test_the_callers_own_condition_still_holds_or_fails(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.record(done(OPENED, "2015"))
    own = Unchanged(about("initiative:water"), since=1)
    judged = concurrently(
        ledger,
        monkeypatch,
        lambda: Ledger(ledger._store, clock=ticking(START)).record(done(ev.InitiativeAdopted("water"), "2016")),
    )
    with pytest.raises(AppendConflictError) as caught:
        ledger.record(IRREGULAR, strict=True, condition=own)
    assert (caught.value.positions, judged, ledger.size) == ((1,), [1], 2)
    again = Unchanged(about("initiative:water"), since=2)
    judged = concurrently(
        ledger,
        monkeypatch,
        lambda: Ledger(ledger._store, clock=ticking(START)).record(done(ev.StatuteAdopted("kcac"), "2014")),
    )
    ledger.record(IRREGULAR, strict=True, condition=again)
    assert (judged, ledger.size) == ([2, 3], 4)


def test_denials_and_sightings_are_judged_like_all_claims(ledger: Ledger) -> None:
    ledger.record(
        observed(OPENED, when="2016", sources=SOURCE), denied(OPENED, when="2014", sources=SOURCE), strict=True
    )
    assert ledger.institution("kcac").status is Status.OPEN
