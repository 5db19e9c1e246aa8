"""D2: cut, then acts, then order, then fold, then the day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coop_ledger import Ledger
from coop_ledger.domain import (
    Assertion,
    Claim,
    Correction,
    Duplicate,
    Entry,
    Retraction,
    RetractionReason,
    Status,
    announced,
    occurred,
    order_key,
)
from coop_ledger.projections import (
    CONFLICTS,
    AnomalyCode,
    effective_entries,
    effects_of,
)
from coop_ledger.testing import claims, days, histories, ticking
from tests.ledger.support import History
from tests.projections.support import (
    KOREA_NET,
    LATER,
    MINISTRY,
    OPENED,
    PRESS,
    UNDATED,
    effective,
    entries,
    entry,
)

WRONG = RetractionReason.WRONG


def view(*bodies: Any, published: str | None = "2017-06-30") -> Any:
    return History(entries(*bodies)).ledger.at(published=published)


def an_id(position: int) -> str:
    return entry(position, PLAN).id


PLAN = announced(OPENED, when="2017", sources=KOREA_NET)
MOVED = announced(OPENED, when="2018", stated="2016-11-15", sources=KOREA_NET)


# 1 cut


def test_each_source_is_cut_and_a_claim_without_one_is_out() -> None:
    told = announced(OPENED, when="2017", sources=[KOREA_NET, LATER])
    assert view(told).institution("kcac").sources == (KOREA_NET,)
    late = view(announced(OPENED, when="2017", sources=[LATER, UNDATED]))
    assert late.institution("kcac").claims == ()
    assert list(late.entries()) == []


@given(histories(), days())
def test_what_is_shown_was_out(history: list[Entry], day: date) -> None:
    found = History(history)
    for state in found.twin(CONFLICTS, published=day).values():
        for source in state.sources:
            assert source.published is not None
            assert source.published.latest is not None
            assert source.published.latest <= day


# 2 acts


def test_an_act_with_a_source_is_cut_like_a_claim() -> None:
    late = Correction(an_id(0), MOVED, "the gazette corrects it", sources=(LATER,))
    assert str(view(PLAN, late).institution("kcac").target) == "2017"
    assert str(view(PLAN, late, published=None).institution("kcac").target) == "2018"
    withdrawn = Retraction(an_id(0), RetractionReason.SOURCE_WITHDRAWN, (LATER,))
    assert view(PLAN, withdrawn).institution("kcac").positions == (0,)
    assert view(PLAN, withdrawn, published=None).institution("kcac").positions == ()
    known = Correction(an_id(0), MOVED, "the ministry corrects it", sources=(MINISTRY,))
    assert str(view(PLAN, known).institution("kcac").target) == "2018"


def test_a_correction_whose_corrected_claim_was_not_out_is_not_known() -> None:
    """The words of a later paper: until it is out, what was reported before stands."""
    late = Correction(an_id(0), announced(OPENED, when="2018", sources=LATER), "as the gazette has it")
    assert str(view(PLAN, late).institution("kcac").target) == "2017"
    assert str(view(PLAN, late, published=None).institution("kcac").target) == "2018"


def test_the_keepers_own_slip_applies_where_all_that_it_names_remains() -> None:
    assert str(view(PLAN, Correction(an_id(0), MOVED, "a slip")).institution("kcac").target) == "2018"
    twice = announced(OPENED, when="2017", sources=LATER)
    repeated = view(PLAN, twice, Duplicate(an_id(1), an_id(0)))
    assert repeated.duplicates() == []  # the second is not yet out
    both = view(PLAN, twice, Duplicate(an_id(1), an_id(0)), published=None)
    assert [(pair.first, pair.later, pair.marked) for pair in both.duplicates()] == [(0, 1, True)]


def test_acts_on_acts_apply_where_the_claim_remains() -> None:
    chain = (Correction(an_id(0), MOVED, "a slip"), Retraction(an_id(1), WRONG))
    assert str(view(PLAN, *chain).institution("kcac").target) == "2017"
    late = announced(OPENED, when="2017", sources=LATER)
    assert view(late, *chain).institution("kcac").claims == ()


@given(histories())
def test_acts_never_reach_a_fold(history: list[Entry]) -> None:
    bodies = {one.id: one for one in history}
    for _, item in effective_entries(history):
        assert isinstance(item.claim, Claim)
        assert (item.position, item.recorded_at) == (bodies[item.id].position, bodies[item.id].recorded_at)
        assert isinstance(bodies[item.id].body, Claim)
        assert all(not isinstance(bodies[act].body, Claim) for act in item.shaped_by)


def test_a_claim_keeps_its_place_and_names_the_acts_that_shaped_it() -> None:
    history = entries(PLAN, Correction(an_id(0), MOVED, "a slip"), Retraction(an_id(1), WRONG))
    ((_, item),) = effective_entries(history)
    assert (item.position, item.id, item.claim) == (0, an_id(0), PLAN)
    assert item.shaped_by == (an_id(1), an_id(2))


def test_an_act_that_names_what_it_cannot_is_ignored_and_flagged() -> None:
    """Only an import can hold one: itself, a later entry, a cycle, an unknown entry, one of another kind."""
    nowhere = an_id(99)
    odd = entries(
        PLAN,
        Retraction(an_id(1), WRONG),  # itself
        Retraction(an_id(3), WRONG),  # a later one: a cycle
        Retraction(an_id(2), WRONG),
        Correction(nowhere, MOVED, "of nothing"),
        Duplicate(an_id(4), an_id(0)),  # a correction is no report
        Retraction(an_id(1), WRONG),
    )
    history = History(odd)
    assert history.ledger.institution("kcac").positions == (0,)
    for reader in (history.ledger, history.ledger.at(published="2017-06-30")):
        found = [(one.code, one.positions) for one in reader.anomalies()]
        assert found == [(AnomalyCode.ACT_WITHOUT_EFFECT, (at,)) for at in (1, 2, 4, 5)]
    assert [one.positions for one in history.ledger.anomalies("institution:kcac")] == [(4,), (5,)]


# 3 order


@given(st.lists(claims(), max_size=5))
def test_claims_are_folded_by_latest_then_earliest_day_then_position(given: list[Claim]) -> None:
    def key(pair: tuple[int, Claim]) -> tuple[date, date, int]:
        position, claim = pair
        if claim.assertion in (Assertion.PLANNED, Assertion.PROPOSED):
            first = order_key(effective(0, claim))[:2]  # when it was said: see D1
        elif claim.when is not None:
            first = claim.when.order
        else:
            dates = [source.published.latest for source in claim.sources if source.published is not None]
            known = [day for day in dates if day is not None]
            undated = claim.assertion is Assertion.DENIED or not known or len(known) < len(dates)
            first = (date.max if undated else max(known), date.min)
        return *first, position

    expected = [claim for _, claim in sorted(enumerate(given), key=key)]
    found = sorted((effective(at, claim) for at, claim in enumerate(given)), key=order_key)
    assert [item.claim for item in found] == expected


# 5 the day


def test_the_day_is_applied_to_milestones_not_to_claims() -> None:
    """A later report of an earlier opening counts on that day; a plan counts from when it was said."""
    history = History(
        entries(
            announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
            occurred(OPENED, when="2017", sources=PRESS),
            occurred(OPENED, when="2017-03-01", sources=LATER),
        )
    )
    now = history.ledger.at()
    assert now.on("2017-02-28").institution("kcac").status is Status.PLANNED
    assert now.on("2017-03-01").institution("kcac").status is Status.OPEN
    early: Any = now.on("2016-11-14").institution("kcac")
    assert early.opened.plan is None
    coarse = history.ledger.at(size=2)
    assert coarse.on("2016-12-31").institution("kcac").status is Status.PLANNED
    assert coarse.on("2017-06-30").institution("kcac").status is None
    assert coarse.on("2017-12-31").institution("kcac").status is Status.OPEN


def test_what_was_known_then_and_what_is_known_now_of_that_day() -> None:
    """A correction changes the present answer, never the past one."""
    clock = ticking(datetime(2016, 11, 20, tzinfo=UTC))
    with Ledger.in_memory(clock=clock) as ledger:
        then = ledger.record(PLAN)
        past = ledger.at(recorded=then.recorded_at)
        ledger.record(Correction(then.ids[0], MOVED, "misread"))
        for view in (past, ledger.at(size=1), ledger.at(recorded=then.recorded_at)):
            assert str(view.institution("kcac").target) == "2017"
        assert str(ledger.institution("kcac").target) == "2018"
        (change,) = [one for one in ledger.diff(past, ledger) if one.field == "opened.target"]
        assert (change.before["text"] if isinstance(change.before, dict) else change.before, change.entries) == (
            "2017",
            (0, 1),
        )


def test_acts_on_what_is_cut_are_known_and_bring_nothing_back() -> None:
    told = entries(
        occurred(OPENED, when="2029", sources=LATER),
        Retraction(entry(0, PLAN).id, WRONG, (KOREA_NET,)),
    )
    effects = effects_of([told[1]], {one.id: one for one in told}, date(2017, 1, 1))
    assert effects.shaping(told[0]) == {1}
    assert effects.apply(told[0]) is None
