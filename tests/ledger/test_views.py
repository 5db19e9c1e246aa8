"""Views: what they answer is what a slow reading of all entries gives, and nothing recorded later changes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger, Projection, View, as_plain
from coop_ledger.analyst import Analyst
from coop_ledger.domain import (
    Body,
    Claim,
    Correction,
    Duplicate,
    Entry,
    Merge,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
    Source,
    SubjectId,
    announced,
    denied,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    AGREEMENT,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    NAMES,
    RELATIONSHIP,
    SERIES,
    VISIT,
    Change,
    projection_for,
)
from coop_ledger.testing import days, histories
from tests.ledger.support import History
from tests.projections.support import entries, entry

READ: dict[str, tuple[Projection[Any], Callable[[Analyst, str], Any]]] = {
    "initiative": (INITIATIVE, lambda reader, subject: reader.initiative(subject)),
    "institution": (INSTITUTION, lambda reader, subject: reader.institution(subject)),
    "agreement": (AGREEMENT, lambda reader, subject: reader.agreement(subject)),
    "meeting": (MEETING, lambda reader, subject: reader.meeting(subject)),
    "series": (SERIES, lambda reader, subject: reader.series(subject)),
    "visit": (VISIT, lambda reader, subject: reader.visit(subject)),
    "relationship": (RELATIONSHIP, lambda reader, subject: reader.relationship(*subject[13:].split("-"))),
    "place": (NAMES, lambda reader, subject: reader.name(subject)),
}
maybe_days = st.none() | days()


def view_of(ledger: Ledger, size: int | None, published: date | None, day: date | None) -> View:
    view = ledger.at(size=size, published=published)
    return view if day is None else view.on(day)


def answers(reader: Analyst) -> Any:
    """All that a reader answers without being asked for a subject, and each state and its reasons."""
    states = [read(reader, subject) for kind, (_, read) in READ.items() for subject in reader.subjects(kind=kind)]
    reasons = [
        [(reason.effective, reason.value) for reason in reader.why(state.subject, field)]
        for state in states
        for field in ("sources", "disputed")
    ]
    return (
        states,
        [as_plain(state) for state in states],
        reasons,
        reader.subjects(),
        reader.conflicts(),
        reader.anomalies(),
        reader.duplicates(),
        reader.relationships(),
        list(reader.entries()),
    )


@settings(max_examples=150)
@given(histories(min_size=2), st.integers(0, 8), maybe_days, maybe_days)
def test_one_subject_through_the_index_is_all_entries_folded(
    history: list[Entry], size: int, published: date | None, day: date | None
) -> None:
    size = min(size, len(history))
    found = History(history)
    view = view_of(found.ledger, size, published, day)
    for projection, read in READ.values():
        twin = found.twin(projection, size, published, day)
        for subject, state in twin.items():
            assert read(view, subject) == state
            assert view.project(projection)[subject] == state


@settings(max_examples=60)
@given(histories(min_size=2), maybe_days, maybe_days)
def test_questions_about_one_subject_are_those_about_all_and_choosing(
    history: list[Entry], published: date | None, day: date | None
) -> None:
    found = History(history)
    view = view_of(found.ledger, None, published, day)
    conflicts, anomalies, duplicates = view.conflicts(), view.anomalies(), view.duplicates()
    named: set[Any] = set()
    for subject in view.subjects():
        mine = view.conflicts(subject)
        assert mine == [conflict for conflict in conflicts if conflict.subject == subject]
        assert set(view.anomalies(subject)) <= set(anomalies)
        assert set(view.duplicates(subject)) <= set(duplicates)
        named.update(view.anomalies(subject), view.duplicates(subject))
    assert named == {*anomalies, *duplicates}
    assert len(set(anomalies)) == len(anomalies)


@settings(max_examples=60)
@given(histories(min_size=2), st.integers(0, 8), maybe_days, maybe_days)
def test_nothing_that_is_recorded_later_changes_a_pinned_view(
    history: list[Entry], size: int, published: date | None, day: date | None
) -> None:
    history = [entry for entry in history if not isinstance(entry.body, Redaction)]
    history = [attrs.evolve(entry, position=at) for at, entry in enumerate(history)]
    size = min(size, len(history))
    found = History(history[:size])
    then = view_of(found.ledger, size, published, day)
    before, basis = answers(then), then.basis
    found.add(*history[size:])
    again = view_of(found.ledger, size, published, day)
    assert answers(then) == answers(again) == before
    assert again.basis == basis == then.basis
    instant = max((entry.recorded_at for entry in history[:size]), default=datetime(2000, 1, 1, tzinfo=UTC))
    recorded = found.ledger.at(recorded=instant, published=published)
    recorded = recorded if day is None else recorded.on(day)
    assert recorded.size == sum(entry.recorded_at <= instant for entry in history)
    if recorded.size == size:
        assert answers(recorded) == before


@settings(max_examples=60)
@given(histories(min_size=1), st.integers(0, 8), maybe_days)
def test_reasons_lie_in_the_view(history: list[Entry], size: int, published: date | None) -> None:
    found = History(history)
    view = view_of(found.ledger, min(size, len(history)), published, None)
    known = {one.position: one for one in view.entries()}
    acts = {one.id for one in known.values() if not isinstance(one.body, Claim)}
    for subject in view.subjects():
        state: Any = view.project(projection_for(subject)).get(subject)
        for field in () if state is None else (*type(state).shown, "positions", "milestones"):
            for reason in view.why(subject, field):
                assert reason.position in known
                assert set(reason.acts) <= acts
                if published is not None:
                    assert all(s.published is not None and s.published.latest <= published for s in reason.sources)  # type: ignore[operator]


def swapped(change: Change) -> Change:
    return attrs.evolve(change, before=change.after, after=change.before)


@settings(max_examples=80)
@given(histories(min_size=2), st.integers(0, 8), st.integers(0, 8), maybe_days, maybe_days, maybe_days)
def test_differences_are_none_of_one_view_and_mirrored_of_two(
    history: list[Entry], size: int, other: int, published: date | None, day: date | None, other_day: date | None
) -> None:
    found = History(history)
    a = view_of(found.ledger, min(size, len(history)), published, day)
    b = view_of(found.ledger, min(other, len(history)), None, other_day)
    assert found.ledger.diff(a, a) == found.ledger.diff(b, b) == []
    there, back = found.ledger.diff(a, b), found.ledger.diff(b, a)
    assert sorted(map(swapped, back), key=repr) == sorted(there, key=repr)
    for change in there:
        assert change.before != change.after
        assert change.entries
        assert all(position < max(a.size, b.size) for position in change.entries)
        assert change in found.ledger.diff(a, b, change.subject)


# what an index alone would miss

ONE, OTHER, THIRD = (
    occurred(ev.InstitutionOpened(slug), when="2016", sources=Source(f"Paper of {slug}")) for slug in ("a", "b", "c")
)
WRONG = RetractionReason.WRONG
IDS = [entry(at, ONE).id for at in range(9)]
FAR: dict[str, list[Body]] = {
    "a claim that was moved here and taken back": [OTHER, Correction(IDS[0], ONE, "of a"), Retraction(IDS[0], WRONG)],
    "moved here, then away": [OTHER, Correction(IDS[0], ONE, "of a"), Correction(IDS[0], THIRD, "of c")],
    "moved here twice, the second taken back": [
        OTHER, Correction(IDS[0], THIRD, "of c"), Correction(IDS[1], ONE, "of a"), Retraction(IDS[2], WRONG),
    ],
    "a report elsewhere, marked as one of here": [ONE, OTHER, Duplicate(IDS[1], IDS[0])],
    "a report of a report elsewhere": [ONE, OTHER, THIRD, Duplicate(IDS[1], IDS[0]), Duplicate(IDS[2], IDS[1])],
    "a report elsewhere that was marked and taken back": [
        ONE, OTHER, Duplicate(IDS[1], IDS[0]), Retraction(IDS[1], WRONG),
    ],
    "a decision between here and there": [
        ONE, OTHER, THIRD, Resolution((IDS[0], IDS[1]), "which", IDS[0]), Duplicate(IDS[2], IDS[1]),
    ],
    "a merge that was taken back, and that in turn": [
        ONE,
        OTHER,
        Merge(("institution:b",), "institution:a", "one"),
        Retraction(IDS[2], WRONG),
        Retraction(IDS[3], WRONG),
        Redaction(IDS[2], ("/reason",), "law", "office"),
    ],
    "a chain of merges": [
        ONE,
        OTHER,
        THIRD,
        Merge(("institution:c",), "institution:b", "one"),
        Merge(("institution:b",), "institution:a", "one"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("story", FAR)
def test_acts_are_found_wherever_their_targets_are(story: str) -> None:
    found = History(entries(*FAR[story]))
    for size in range(len(FAR[story]) + 1):
        twin, view = found.twin(INSTITUTION, size), found.ledger.at(size=size)
        assert {state.subject: state for state in view.institutions()} == twin
        for slug in "abc":
            name = found.effects(size)[1].name(SubjectId(f"institution:{slug}"))
            if name in twin or view.subjects(kind="institution").count(name):
                assert view.institution(slug).claims == (twin[name].claims if name in twin else ())


def test_subjects_are_found_by_a_name_that_was_used() -> None:
    named = ev.NameUsed("place:astana", "Nur-Sultan")
    found = History(
        entries(
            denied(named, sources=Source("Blog")),
            announced(named, sources=Source("Plan")),
            occurred(ev.NameUsed("place:capital", "Nur-Sultan"), sources=Source("Gazette")),
            Correction(IDS[0], occurred(named, sources=Source("Atlas")), "misread"),
            Merge(("place:capital",), "place:astana", "one city"),
        )
    ).ledger
    used = [found.at(size=size).subjects(name="nur-sultan") for size in range(6)]
    assert used == [[], [], [], ["place:capital"], ["place:astana", "place:capital"], ["place:astana"]]
    assert found.name("place:capital").subject == "place:astana"
