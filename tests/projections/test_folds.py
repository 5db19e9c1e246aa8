"""Folding and acts over whole histories: one more claim, an order of arrival, chains of acts, wider dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coop_ledger.domain import (
    UNDECIDED,
    Assertion,
    Body,
    Claim,
    Correction,
    Entry,
    Redaction,
    Retraction,
    RetractionReason,
    SubjectId,
    When,
    announced,
    occurred,
    order_key,
    subjects_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import InvalidValueError, ProjectionError
from coop_ledger.projections import (
    AGREEMENT,
    CONFLICTS,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    RELATIONSHIP,
    SHIPPED,
    VISIT,
    Collected,
    Folded,
    Projection,
    as_plain,
    effective_entries,
    project,
)
from coop_ledger.testing import claims, courses, days, histories, promises
from tests.projections.support import PRESS, effective, entries, entry

projections = st.sampled_from(SHIPPED)
LIVING: tuple[Projection[Any], ...] = (INITIATIVE, INSTITUTION, AGREEMENT, MEETING, VISIT, RELATIONSHIP)


# one more claim


@given(histories(), projections, st.randoms(use_true_random=False), st.integers(0, 8))
def test_adding_claims_one_by_one_is_folding_all(
    history: list[Entry], projection: Projection[Any], random: Any, cut: int
) -> None:
    for subject, state in project(projection, history).items():
        fed = [item for one, item in effective_entries(history) if subject in projection.subjects(one)]
        random.shuffle(fed)
        found = Folded.of(projection, subject, fed[:cut])
        for item in fed[cut:]:
            found = found.add(item)
        assert found.state == state
        assert found.claims == tuple(sorted(fed, key=order_key))


def test_a_claim_that_sorts_before_the_last_one_folds_all_anew() -> None:
    words = Projection("words", 1, lambda e: subjects_of(e.body), lambda _: "", lambda text, e: text + str(e.position))
    opened = ev.InstitutionOpened("kcac")
    early, late = (occurred(opened, when=when, sources=PRESS) for when in ("2016", "2017"))
    found = Folded.of(words, SubjectId("institution:kcac")).add(effective(0, late))
    assert found.state == "0"
    assert found.add(effective(1, late)).state == "01"
    assert found.add(effective(1, early)).state == "10"
    collected = Folded.of(INSTITUTION, SubjectId("institution:kcac"))
    for position, claim in enumerate((early, late, late)):
        collected = collected.add(effective(position, claim))
    assert collected.state.positions == (0, 1, 2)


# projections that are not as they should be


class Counter:
    """A state of a plain class: two are equal only if they are one."""

    def __init__(self) -> None:
        self.seen: list[int] = []


def _push(state: Any, item: Any) -> Any:
    (state.seen if isinstance(state, Counter) else state).append(item.position)
    return state


def _push_deep(state: Any, item: Any) -> Any:
    state[0].append(item.position)
    return state


def _raise(*_: Any) -> Any:
    raise KeyError("no such thing")


CLAIMED = announced(ev.InstitutionOpened("kcac"), sources=PRESS)


def _own(initial: Any, evolve: Any, **more: Any) -> Projection[Any]:
    return Projection("own", 1, more.pop("subjects", lambda e: subjects_of(e.body)), initial, evolve, **more)


BAD: dict[str, tuple[Projection[Any], str, int | None]] = {
    "raises": (_own(lambda _: 0, _raise), "raised KeyError", 0),
    "raises at the start": (_own(_raise, lambda state, _: state), "raised KeyError", None),
    "raises for all at once": (_own(lambda _: 0, _raise, gather=_raise), "raised KeyError", None),
    "raises when asked what it feeds": (_own(lambda _: 0, _push, subjects=_raise), "asked which subjects", 0),
    "names subjects by one text": (_own(lambda _: 0, _push, subjects=lambda _: "country:KR"), "by one text", 0),
    "changes a list": (_own(lambda _: [], _push), "changed the state", 0),
    "changes a list in a tuple": (_own(lambda _: ([],), _push_deep), "changed the state", 0),
    "changes an object": (_own(lambda _: Counter(), _push), "changed the state", 0),
    "keeps what cannot be copied": (_own(lambda _: {}.keys(), lambda state, _: state), "cannot be copied", 0),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_projection_that_raises_or_changes_its_input_is_named_with_the_entry(fault: str) -> None:
    projection, why, position = BAD[fault]
    with pytest.raises(ProjectionError, match=why) as caught:
        project(projection, entries(CLAIMED))
    assert (caught.value.projection, caught.value.position) == ("own", position)
    assert "projection own" in str(caught.value)


def test_what_is_no_projection_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="no projection") as caught:
        project(cast("Projection[Any]", _push), [])
    assert "Projection(name, version" in str(caught.value.hint)


def test_a_day_is_asked_of_the_projection_or_cuts_the_claims() -> None:
    def later(_: Any, state: Any) -> Any:
        return [*_, state.position] if isinstance(_, list) else Counter()

    history = entries(*(occurred(ev.InstitutionOpened("kcac"), when=when, sources=PRESS) for when in ("2018", "2017")))
    cut = _own(lambda _: [], later)
    assert project(cut, history, day=date(2017, 12, 31)) == {"institution:kcac": [1]}
    assert project(cut, history) == {"institution:kcac": [1, 0]}
    fresh = _own(lambda _: Counter(), later)
    assert list(project(fresh, history)) == ["institution:kcac"]
    with pytest.raises(ProjectionError, match="raised KeyError"):
        project(_own(lambda _: 0, lambda state, _: state, as_of=_raise), history, day=date(2017, 1, 1))


# arrival


@given(courses("initiative"), promises(), courses("agreement"), st.randoms(use_true_random=False))
def test_the_arrival_order_of_independent_subjects_does_not_matter(
    one: list[Claim], other: list[Claim], third: list[Claim], random: Any
) -> None:
    other = [claim for claim in other if subjects_of(claim)[0].startswith(("institution:", "meeting:"))]
    in_turn = [*one, *other, *third]
    waiting, mixed = [one[:], other[:], third[:]], list[Claim]()
    while any(waiting):
        mixed.append(random.choice([story for story in waiting if story]).pop(0))
    for projection in LIVING:
        first, second = project(projection, entries(*in_turn)), project(projection, entries(*mixed))
        assert {subject: without_places(state) for subject, state in first.items()} == {
            subject: without_places(state) for subject, state in second.items()
        }


def without_places(state: Any) -> Any:
    """What a state shows, but for the places of its entries in the log."""

    def rid(plain: Any) -> Any:
        if isinstance(plain, dict):
            return {key: rid(value) for key, value in plain.items() if key not in ("positions", "position", "id")}
        return [rid(value) for value in plain] if isinstance(plain, list) else plain

    return rid(as_plain(state))


# chains of acts


def counted(history: list[Entry]) -> list[Any]:
    """The claims as they count, but for which acts shaped them."""
    return [attrs.evolve(item, shaped_by=()) for _, item in effective_entries(history)]


def with_more(history: list[Entry], *bodies: Body) -> list[Entry]:
    return [*history, *(entry(len(history) + 1_000 + at, body) for at, body in enumerate(bodies))]


def id_at(history: list[Entry], at: int) -> str:
    return with_more(history, *[CLAIMED] * (at + 1))[-1].id


@given(histories(min_size=1), st.data(), claims(), claims())
def test_what_is_taken_back_restores(history: list[Entry], data: st.DataObject, one: Claim, other: Claim) -> None:
    corrected = [e for e in history if isinstance(e.body, Claim | Correction)]
    assume(corrected)
    target = data.draw(st.sampled_from(corrected)).id
    first, second, third = (id_at(history, at) for at in range(3))
    wrong = RetractionReason.WRONG
    before = counted(history)
    correction = Correction(target, one, "a slip")
    once = counted(with_more(history, correction))
    # a correction taken back
    assert counted(with_more(history, correction, Retraction(first, wrong))) == before
    # a correction of a correction counts, and taken back leaves the first
    twice = (correction, Correction(first, other, "another slip"))
    again = counted(with_more(history, *twice))
    assert again == counted(with_more(history, Correction(target, other, "at once")))
    assert counted(with_more(history, *twice, Retraction(second, wrong))) == once
    # a retraction taken back, and that in turn
    some = data.draw(st.sampled_from([e for e in history if not isinstance(e.body, Redaction)])).id
    gone = counted(with_more(history, Retraction(some, wrong)))
    assert counted(with_more(history, Retraction(some, wrong), Retraction(first, wrong))) == before
    chain = (Retraction(some, wrong), Retraction(first, wrong), Retraction(second, wrong))
    assert counted(with_more(history, *chain)) == gone
    assert counted(with_more(history, *chain, Retraction(third, wrong))) == before


# wider dates


def widened(claim: Claim, before: int, after: int) -> Claim:
    """The claim with a date that allows more days on both sides; of a point that has both."""
    when = claim.when
    if when is None or when.is_span or when.earliest is None or when.latest is None:
        return claim
    text = f"[{when.earliest - timedelta(days=before)}..{when.latest + timedelta(days=after)}]"
    return cast(Claim, attrs.evolve(cast(Any, claim), when=When(text)))


def regular(states: dict[Any, Collected]) -> bool:
    return not any(state.conflicts or state.course.anomalies for state in states.values())


@settings(max_examples=200)
@given(courses(), st.data(), days(), st.integers(0, 400), st.integers(0, 400))
def test_a_wider_date_never_decides(
    story: list[Claim], data: st.DataObject, day: date, before: int, after: int
) -> None:
    """
    Of what happened or was seen; a denial of more days says more, not less.

    A date so wide that two happenings may be one makes them one (keys): that is another history.
    """
    at = data.draw(st.integers(0, len(story) - 1))
    assume(story[at].assertion in (Assertion.OCCURRED, Assertion.HOLDS))
    wide = [*story[:at], widened(story[at], before, after), *story[at + 1 :]]
    narrow_states, wide_states = (project(CONFLICTS, entries(*told), day=day) for told in (story, wide))
    for told in (story, wide):
        assume(regular(project(CONFLICTS, entries(*told))))
    assume(regular(narrow_states) and regular(wide_states))
    for subject, narrow in narrow_states.items():
        known = {milestone.positions: milestone.has_happened for milestone in narrow.milestones}
        found = {milestone.positions: milestone.has_happened for milestone in wide_states[subject].milestones}
        assume(found.keys() == known.keys())
        for positions, answer in found.items():
            assert answer in (UNDECIDED, known[positions])
        assert wide_states[subject].course.status in (None, narrow.course.status)
        assert set(narrow.course.options) <= set(wide_states[subject].course.options)
