"""Fields of states by their path, the claims behind them, and what two states show differently."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from coop_ledger.domain import (
    SubjectId,
    UnknownEvent,
    Where,
    announced,
    observed,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections import (
    CONFLICTS,
    INSTITUTION,
    MEETING,
    Projection,
    changed_fields,
    project,
    reasons_for,
    remains,
    value_at,
)
from coop_ledger.projections.figures import Figure
from tests.projections.support import KOREA_NET, MINISTRY, OPENED, PRESS, START, effective, entries, entry, state_of

FORUM = SubjectId("meeting:forum/10")
HELD = ev.MeetingHeld("forum/10")


def forum() -> Any:
    attended = ev.FigureReported("meeting:forum/10", "attendance", Decimal(150), "persons")
    return project(
        MEETING,
        entries(
            occurred(HELD, when="2016-11-15", sources=KOREA_NET, where=Where("KR", "seoul")),
            occurred(attended, when="2016-11-15", sources=PRESS),
        ),
    )[FORUM]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("held.values.where.place.value", "seoul"),  # a key that holds a dot
        ("figures.attendance.0.value", Figure(Decimal(150), ev.Qualifier.EXACT, "persons")),
        ("figures.trade.0.value", None),
        ("claims.0.position", 0),
        ("claims.9.position", None),
        ("subject", FORUM),
        ("held.plan.current.when", None),
        ("held.id.key", ()),
    ],
)
def test_a_field_is_reached_by_its_path(field: str, expected: Any) -> None:
    assert value_at(forum(), field) == expected


@pytest.mark.parametrize(
    "field", ["", "colour", "held.colour", "claims.first", "subject.colour", "shown", "_moving", "on"]
)
def test_a_field_that_is_none_is_named(field: str) -> None:
    with pytest.raises(InvalidValueError, match="no such field") as caught:
        value_at(forum(), field)
    assert caught.value.where == field


def test_a_field_that_is_spelt_nearly_right_is_told() -> None:
    for field, hint in (("hold", "did you mean held?"), ("held.plam", "did you mean plan?"), ("xyz", None)):
        with pytest.raises(InvalidValueError) as caught:
            value_at(forum(), field)
        assert caught.value.hint == hint


@attrs.frozen(slots=False)
class Tally:
    """What somebody might count: a word, later numbers by name."""

    subject: str
    seen: Any = ""


class Plain:
    """A state of a plain class."""

    def __init__(self, seen: int) -> None:
        self.seen = seen
        self._hidden = seen


def test_reasons_are_the_steps_that_changed_a_field_since_its_last_reset() -> None:
    claims = [occurred(OPENED, when=when, sources=PRESS) for when in ("2014", "2015", "2016", "2017")]
    steps = ["one", "", {"of": 2}, {"of": 2}]
    own: Projection[Tally] = Projection(
        "tally", 1, lambda _: [], Tally, lambda state, item: Tally(state.subject, steps[item.position])
    )
    given = [effective(at, claim) for at, claim in reversed(list(enumerate(claims)))]
    subject = SubjectId("institution:kcac")
    assert [(one.position, one.value) for one in reasons_for(own, subject, given, "seen")] == [(2, {"of": 2})]
    # on the way the field was text, which has no such part: that is no reason, and no error
    assert [one.position for one in reasons_for(own, subject, given, "seen.of")] == [2]
    assert [one.sources for one in reasons_for(own, subject, given[-1:], "seen")] == [(PRESS,)]
    assert reasons_for(own, subject, given, "subject") == ()


def test_fields_of_a_plain_class_are_its_attributes() -> None:
    assert value_at(Plain(3), "seen") == 3
    with pytest.raises(InvalidValueError, match="seen"):
        value_at(Plain(3), "_hidden")


def test_a_second_source_that_agrees_is_a_reason() -> None:
    given = [effective(at, occurred(HELD, when="2016-11-15", sources=s)) for at, s in enumerate((KOREA_NET, MINISTRY))]
    assert [one.position for one in reasons_for(MEETING, FORUM, given, "held")] == [0, 1]
    assert [one.position for one in reasons_for(MEETING, FORUM, given, "when")] == [0]


def test_changed_fields_are_leaves_and_a_date_is_one() -> None:
    def state(*claims: Any) -> Any:
        return project(CONFLICTS, entries(*claims))[SubjectId("institution:kcac")]

    before = state(announced(OPENED, when="2017", sources=KOREA_NET))
    after = state(announced(OPENED, when="2017", sources=KOREA_NET), observed(OPENED, when="2017-05", sources=PRESS))
    assert {field: (one, other) for field, one, other in changed_fields(before, after)} == {
        "status": ("planned", "open"),
        "opened.happened": ("undecided", "yes"),
        "opened.when": (None, "..2017-05-31"),
        "opened.positions": ([0], [0, 1]),
    }
    assert changed_fields(before, before) == []
    assert changed_fields(3, 4) == [("", 3, 4)]


def test_what_a_newer_writer_recorded_has_no_day() -> None:
    unknown = entry(0, UnknownEvent("summit.dreamt", 1, {}))
    assert remains(unknown, {}, None)
    assert not remains(unknown, {}, START.date())
    assert CONFLICTS.subjects(unknown) == ()


def test_every_field_that_changed_can_be_asked_for() -> None:
    opening = announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET)
    states = [forum(), state_of(INSTITUTION, "institution:kcac", opening)]
    for state in states:
        changes = changed_fields(type(state)(state.subject), state)
        assert changes
        for field, _, _ in changes:
            value_at(state, field)  # raises where there is none
    assert value_at(states[1], "opened.target")["text"] == "2017"
    assert value_at(states[1], "opened.revisions") == 0
