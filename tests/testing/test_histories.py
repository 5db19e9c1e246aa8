"""Histories and stories: they keep every rule of a ledger, and they hold the oddities of a real record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from coop_ledger.codec import body_to_plain, sealed_paths
from coop_ledger.domain import (
    LIFECYCLES,
    Assertion,
    Claim,
    Correction,
    Entry,
    Lifecycle,
    Merge,
    Redaction,
    SourceKind,
    Status,
    UnknownEvent,
    milestones_of,
    subject_kind,
    subjects_of,
    targets_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    AGREEMENT,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    RELATIONSHIP,
    SERIES,
    VISIT,
    AnomalyCode,
    Projection,
    project,
    unreadable,
)
from coop_ledger.recording import differences
from coop_ledger.testing import (
    courses,
    disputes,
    histories,
    lasting_states,
    ledgers,
    promises,
    renamings,
    reprints,
    sessions,
    stories,
    with_redactions_carried_out,
)
from tests.projections.support import entries

SEARCH = settings(
    max_examples=5_000,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
STATES: dict[str, Projection[Any]] = {
    "initiative": INITIATIVE,
    "agreement": AGREEMENT,
    "institution": INSTITUTION,
    "meeting": MEETING,
    "visit": VISIT,
    "relationship": RELATIONSHIP,
}


@given(histories(unknown=True))
def test_a_history_keeps_the_rules_of_a_ledger(history: list[Entry]) -> None:
    assert [entry.position for entry in history] == list(range(len(history)))
    assert len({entry.id for entry in history}) == len(history)
    for before, after in pairwise(history):
        together = before.once is not None and after.once is not None and before.once.key == after.once.key
        assert not together or not isinstance(before.body, Redaction) | isinstance(after.body, Redaction)
        assert before.recorded_at <= after.recorded_at
    known: set[str] = set()
    for entry in history:
        assert entry.recorded_at.utcoffset() == timedelta(0)
        assert set(targets_of(entry.body)) <= known
        known.add(entry.id)


@given(histories())
def test_nothing_in_a_history_occurs_after_it_was_recorded(history: list[Entry]) -> None:
    for entry in history:
        claim = entry.body.claim if isinstance(entry.body, Correction) else entry.body
        assert not isinstance(claim, UnknownEvent)
        if isinstance(claim, Claim) and claim.assertion in (Assertion.OCCURRED, Assertion.HOLDS) and claim.when:
            assert claim.when.earliest is None or claim.when.earliest <= entry.recorded_at.date()


@given(histories())
def test_calls_are_whole_and_at_one_time(history: list[Entry]) -> None:
    calls: dict[str, list[Entry]] = {}
    for entry in history:
        if entry.once is not None:
            calls.setdefault(entry.once.key, []).append(entry)
        if entry.clamped:
            assert entry.position > 0
            assert history[0].recorded_at <= entry.recorded_at
    for call in calls.values():
        places = [(entry.once.index, entry.once.count) for entry in call if entry.once is not None]
        assert places == [(index, len(call)) for index in range(len(call))]
        assert [entry.position - call[0].position for entry in call] == list(range(len(call)))
        assert len({entry.recorded_at for entry in call}) == 1


@given(st.integers(0, 4), st.integers(0, 4), st.data())
def test_a_history_has_the_size_asked_for(least: int, more: int, data: st.DataObject) -> None:
    assert least <= len(data.draw(histories(min_size=least, max_size=least + more))) <= least + more


@given(histories(unknown=True))
def test_redactions_of_a_history_name_sealed_texts_that_are_there_and_erase_these_only(history: list[Entry]) -> None:
    bodies = {entry.id: entry.body for entry in history}
    named: dict[str, set[str]] = {}
    for entry in history:
        if isinstance(entry.body, Redaction):
            target = bodies[entry.body.target]
            assert not isinstance(target, UnknownEvent)
            assert set(entry.body.paths) <= set(sealed_paths(target))
            named.setdefault(entry.body.target, set()).update(entry.body.paths)
    for before, after in zip(history, with_redactions_carried_out(history), strict=True):
        if before.id not in named:
            assert after == before
            continue
        assert not isinstance(before.body, UnknownEvent)
        assert not isinstance(after.body, UnknownEvent)
        assert sealed_paths(after.body) == sealed_paths(before.body)
        assert set(differences(body_to_plain(before.body), body_to_plain(after.body))) == named[before.id]


def _planned_twice(history: list[Entry]) -> bool:
    plans = [e.body for e in history if isinstance(e.body, Claim) and e.body.assertion is Assertion.PLANNED]
    return any(
        one.when is not None and other.when is not None and one.when != other.when
        for at, one in enumerate(plans)
        for other in plans[at + 1 :]
        if set(milestones_of(one)) & set(milestones_of(other))
    )


def _late(history: list[Entry]) -> bool:
    days = [e.body.when.first.latest for e in history if isinstance(e.body, Claim) and e.body.when is not None]
    known = [day for day in days if day is not None]
    return known != sorted(known)


def _any(test: Callable[[Any], bool]) -> Callable[[list[Entry]], bool]:
    return lambda history: any(test(entry.body) for entry in history)


def _corrects_own(history: list[Entry]) -> bool:
    bodies = {entry.id: entry.body for entry in history}
    return any(
        isinstance(body, Correction)
        and isinstance(target := bodies[body.target], Claim)
        and body.claim.event == target.event
        for body in bodies.values()
    )


def _corrects_a_correction(history: list[Entry]) -> bool:
    bodies = {entry.id: entry.body for entry in history}
    return any(isinstance(b, Correction) and isinstance(bodies[b.target], Correction) for b in bodies.values())


def _disputed(history: list[Entry]) -> bool:
    return any(state.disputed for state in project(MEETING, history).values())


ODDITIES: dict[str, Callable[[list[Entry]], bool]] = {
    "a plan told again with another target": _planned_twice,
    "a late report": _late,
    "a reprint": _any(lambda b: isinstance(b, Claim) and any(s.kind is SourceKind.REPRINT for s in b.sources)),
    "an undated source": _any(lambda b: isinstance(b, Claim) and any(s.published is None for s in b.sources)),
    "a denial": _any(lambda b: isinstance(b, Claim) and b.assertion is Assertion.DENIED),
    "a sighting": _any(lambda b: isinstance(b, Claim) and b.assertion is Assertion.HOLDS),
    "a span": _any(lambda b: isinstance(b, Claim) and b.when is not None and b.when.is_span),
    "an imprecise date": _any(
        lambda b: isinstance(b, Claim) and b.when is not None and b.when.earliest != b.when.latest
    ),
    "a new name": _any(lambda b: isinstance(b, Claim) and isinstance(b.event, ev.NameUsed)),
    "a correction of one of its claims": _corrects_own,
    "sources that disagree": _disputed,
    "a call of several entries": lambda h: any(e.once is not None and e.once.count > 1 for e in h),
    "a clamped time": lambda h: any(e.clamped for e in h),
    "a redaction": _any(lambda b: isinstance(b, Redaction)),
    "a redaction of an act": lambda h: any(
        isinstance(one.body, Redaction) and not isinstance(next(e.body for e in h if e.id == one.body.target), Claim)
        for one in h
    ),
    "an act on an act": lambda h: any(
        not isinstance(next(e.body for e in h if e.id == target), Claim) for one in h for target in targets_of(one.body)
    ),
}
"""What a history now and then holds (domain.md §5)."""


@pytest.mark.parametrize("oddity", ODDITIES)
def test_histories_hold_what_is_odd_in_real_records(oddity: str) -> None:
    find(histories(min_size=3), ODDITIES[oddity], settings=SEARCH)


def test_clamped_times_are_not_left_to_luck() -> None:
    clamped = list[bool]()

    @settings(max_examples=200, phases=[Phase.generate], derandomize=True, database=None, deadline=None)
    @given(histories())
    def look(history: list[Entry]) -> None:
        clamped.append(any(entry.clamped for entry in history))

    look()
    assert sum(clamped) >= 10


def test_unknown_events_come_only_where_asked_for() -> None:
    found = find(histories(unknown=True), lambda history: bool(unreadable(history)), settings=SEARCH)
    assert len(unreadable(found)) == sum(isinstance(entry.body, UnknownEvent) for entry in found)


@given(histories(unknown=True), st.sampled_from(sorted(STATES)))
def test_states_pass_over_what_they_cannot_read(history: list[Entry], kind: str) -> None:
    readable = [entry for entry in history if not isinstance(entry.body, UnknownEvent)]
    assert project(STATES[kind], history) == project(STATES[kind], readable)


# stories


@given(stories())
def test_a_story_is_told_of_few_subjects(story: list[Claim]) -> None:
    assert story
    assert len({milestone.subject for claim in story for milestone in milestones_of(claim)}) <= 8


@pytest.mark.parametrize("table", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_a_course_takes_only_steps_of_the_lifecycle(table: Lifecycle) -> None:
    @given(courses(table.kind))
    def check(course: list[Claim]) -> None:
        status = Status.UNRECORDED
        for claim in course:
            status, known = table.step(status, type(claim.event))
            assert known
        assert {subject_kind(subjects_of(claim)[0]) for claim in course} == {table.kind}

    check()


@pytest.mark.parametrize("table", LIFECYCLES.values(), ids=list(LIFECYCLES))
def test_a_course_told_to_the_day_shows_no_anomaly_and_ends_where_it_ends(table: Lifecycle) -> None:
    @given(courses(table.kind, exact=True), st.randoms(use_true_random=False))
    def check(course: list[Claim], random: Any) -> None:
        status = Status.UNRECORDED
        for claim in course:
            status, _ = table.step(status, type(claim.event))
        random.shuffle(course)
        state = project(STATES[table.kind], entries(*course))[subjects_of(course[0])[0]]
        # a text may enter into force in the table without a word of consent; that is another rule's business
        assert {anomaly.code for anomaly in state.anomalies} <= {AnomalyCode.FORCE_BEFORE_CONSENT}
        assert state.disputed == ()
        assert state.course.status is status

    check()


@given(sessions())
def test_sessions_are_of_one_series(story: list[Claim]) -> None:
    if story:
        assert set(project(SERIES, entries(*story))) <= {"series:forum"}


@pytest.mark.parametrize(
    ("strategy", "shows"),
    [
        (promises(), lambda story: len({claim.assertion for claim in story}) == 3),
        (promises(), lambda story: any(claim.assertion is Assertion.DENIED for claim in story)),
        (disputes(), lambda story: project(MEETING, entries(*story)) and _disputed(entries(*story))),
        (reprints(), lambda story: len(story[0].sources) == 3),
        (renamings(), lambda story: len(story) == 3),
        (sessions(), lambda story: any(s.gaps for s in project(SERIES, entries(*story)).values())),
        (lasting_states(), lambda story: any(claim.assertion is Assertion.HOLDS for claim in story)),
        (
            courses("initiative"),
            lambda story: any(s.course.status is None for s in project(INITIATIVE, entries(*story)).values()),
        ),
    ],
)
def test_stories_show_what_they_are_for(strategy: st.SearchStrategy[Any], shows: Callable[[Any], bool]) -> None:
    find(strategy, lambda story: bool(shows(story)), settings=SEARCH)


SMALLEST: dict[str, tuple[Callable[[list[Entry]], bool], int]] = {
    "a denial": (ODDITIES["a denial"], 2),
    "a reprint": (ODDITIES["a reprint"], 2),
    "an imprecise date": (ODDITIES["an imprecise date"], 2),
    "a merge": (_any(lambda body: isinstance(body, Merge)), 3),
    "a redaction": (ODDITIES["a redaction"], 4),
    "a correction of a correction": (_corrects_a_correction, 5),
}
"""What is looked for, and how many entries may be left of it: one or two more than it needs, as chance leads."""


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(name, marks=pytest.mark.faults if name in ("a redaction", "a correction of a correction") else ())
        for name in SMALLEST
    ],
)
def test_what_is_found_in_histories_is_small(wanted: str) -> None:
    holds, most = SMALLEST[wanted]
    smaller = settings(SEARCH, phases=[Phase.generate, Phase.shrink])
    found = find(histories(), holds, settings=smaller)
    assert len(found) <= most
    assert {entry.once for entry in found} == {None}


# what fails is shown as Python


def _shown(of: st.SearchStrategy[Any], wanted: Callable[[Any], bool]) -> str:
    """What a test that fails is shown with."""

    @settings(database=None, deadline=None, phases=(Phase.generate, Phase.shrink))
    @given(of)
    def test(value: Any) -> None:
        assert not wanted(value)

    with pytest.raises(AssertionError) as caught:
        test()
    return "\n".join(caught.value.__notes__)


@pytest.mark.parametrize(("of", "maker"), [(histories(), "entries_of("), (ledgers(), "ledger_of(")])
def test_a_failure_shows_its_history_as_the_python_that_makes_it(of: st.SearchStrategy[Any], maker: str) -> None:
    def wanted(value: Any) -> bool:
        return any(one.once is not None for one in (value if isinstance(value, list) else value.entries()))

    shown = _shown(of, wanted)
    assert maker in shown
    assert "Entry(position" not in shown
    told = [line.strip() for line in shown.splitlines() if "  # " in line]
    recorded = r".*\),  # \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(, clamped)?, call \d+, \d of \d"
    assert any(re.fullmatch(recorded, line) for line in told)
    assert all(re.match(r"\w+\(", line) for line in told)
