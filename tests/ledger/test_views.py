"""Views: what they answer is what a slow reading of all entries gives, and nothing recorded later changes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger, Projection, View, as_plain
from coop_ledger.analyst import Analyst
from coop_ledger.domain import Claim, Entry, Redaction, SubjectId, subjects_of
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
    states = [
        read(reader, subject) for kind, (_, read) in READ.items() for subject in reader.subjects(kind=kind)
    ]
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
