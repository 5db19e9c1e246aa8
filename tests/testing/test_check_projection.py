"""The laws of projections: faults that are planted are found, and what ships keeps them."""

from __future__ import annotations

import re
import sys
from decimal import Decimal  # noqa: F401
from typing import Any

import pytest
from hypothesis import given, settings

from coop_ledger import *  # noqa: F403 - what as_code writes is run with these names
from coop_ledger.domain import ACT_TYPES, EVENT_TYPES, Assertion, Claim, Correction, Entry, UnknownEvent
from coop_ledger.errors import InvalidValueError, LawBrokenError
from coop_ledger.projections import INITIATIVE, SHIPPED, Projection
from coop_ledger.testing import Law, bodies, check_projection, entries_of, histories, id_of
from coop_ledger.testing.as_code import as_code, history_as_code
from coop_ledger.testing.elsewhere import place_of, states_elsewhere
from coop_ledger.testing.laws import breach_of, differing_elsewhere
from coop_ledger.testing.smallest import smallest
from coop_ledger.testing.tour import tour
from coop_ledger.testing.watching import watched
from coop_ledger.testing.written import bodies_of
from tests.testing import faulty

NEEDS_ANOTHER_PROCESS = {"unsorted set in a tuple", "unsorted set of two parties"}
MANY = {"pairs of all that differ", "drift in whole numbers"}
"""Faults that few claims do not show."""


def broken(projection: Projection[Any], **options: Any) -> LawBrokenError:
    with pytest.raises(LawBrokenError) as caught:
        check_projection(projection, **{"max_examples": 200, **options})
    return caught.value


@pytest.mark.parametrize("fault", faulty.FAULTS)
def test_a_planted_fault_is_found_with_the_law_that_it_breaks(fault: str) -> None:
    projection, law = faulty.FAULTS[fault]
    asked = {"max_examples": 20} if fault in NEEDS_ANOTHER_PROCESS else {"elsewhere": False}
    error = broken(projection, **asked)
    assert (error.law, error.projection) == (law, projection.name)
    assert f"the law of projections '{law}' is broken" in str(error)
    assert error.step
    assert error.history in str(error)
    assert error.history.count("\n") <= (9 if fault in MANY else 4), error.history


def test_a_sound_projection_of_a_user_keeps_all_laws() -> None:
    checked = check_projection(faulty.SOUND, max_examples=20)
    assert checked.laws == tuple(Law)
    assert checked.histories == len(tour()) + 20
    assert checked.left_out == ()


QUICK = {"series"}
"""Those that few claims feed; the others take their time in ``make test-faults``."""


@pytest.mark.parametrize(
    "projection",
    [pytest.param(one, marks=() if one.name in QUICK else pytest.mark.faults) for one in SHIPPED],
    ids=lambda projection: projection.name,
)
def test_the_shipped_projections_keep_all_laws(projection: Projection[Any]) -> None:
    check_projection(projection, max_examples=5, elsewhere=False)


@pytest.mark.faults
def test_the_shipped_projections_say_the_same_in_another_process() -> None:
    for projection in SHIPPED:
        place = place_of(projection)
        assert place is not None
        there = states_elsewhere(place, tour()) or ()
        assert not any(differing_elsewhere(projection, *one) for one in zip(tour(), there, strict=True))


# what is said of a fault


def test_a_fault_is_shown_with_its_cause_its_place_and_the_smallest_history() -> None:
    error = broken(faulty.FAULTS["exception on a rare event"][0])
    assert isinstance(error, AssertionError)
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert re.fullmatch(r"evolve of \w+:\S+ at position 0", error.step)
    assert re.fullmatch(r"\[\n    \w+\(ev\.AnniversaryMarked\(.*\), sources=Source\(.*\)\),\n\]", error.history)
    assert "faulty.py, line" in broken(faulty.FAULTS["clock"][0]).what


def test_a_history_that_is_shown_can_be_kept_as_a_test() -> None:
    projection = faulty.FAULTS["order dependence"][0]
    shown = broken(projection).history
    ev = events  # noqa: F405, F841
    history = eval(shown)
    assert breach_of(projection, entries_of(*history)) is not None
    assert breach_of(faulty.SOUND, entries_of(*history)) is None
    with pytest.raises(LawBrokenError):
        check_projection(projection, also=[history], max_examples=1)


@pytest.mark.faults
def test_ones_own_histories_are_looked_at() -> None:
    def evolve(state: int, item: Any) -> int:
        return state + 1 // (str(item.claim.when) != "2077-07-07")

    projection = faulty.of("sevens", 0, evolve)
    plan = announced(events.MeetingHeld("talks"), when="2077-07-07", sources=Source("Korea.net"))  # noqa: F405
    assert check_projection(projection, max_examples=1, elsewhere=False).left_out == ("another process: not asked for",)
    assert 'when="2077-07-07"' in broken(projection, also=[[plan]], elsewhere=False).history


def test_laws_that_a_projection_breaks_on_purpose_are_left_out_and_no_others() -> None:
    projection, law = faulty.FAULTS["recorded_at"]
    checked = check_projection(projection, max_examples=5, without=[law], elsewhere=False)
    assert law not in checked.laws
    with pytest.raises(InvalidValueError, match="cannot be left out"):
        check_projection(projection, without=[Law.PURE])


def test_arguments_that_cannot_be_meant_are_refused() -> None:
    plan: Any = announced(events.MeetingHeld("talks"), sources=Source("Korea.net"))  # noqa: F405
    text: Any = "[plan]"
    given: list[tuple[dict[str, Any], str]] = [
        ({"without": "order"}, "without"),
        ({"also": text}, "also"),
        ({"also": plan}, "also"),
        ({"also": [plan]}, "history"),
        ({"also": [text]}, "history"),
        ({"also": [[plan, text]]}, "history, /1"),
        ({"max_examples": -1}, "max_examples"),
    ]
    for options, where in given:
        with pytest.raises(InvalidValueError) as caught:
            check_projection(faulty.SOUND, elsewhere=False, **options)
        assert caught.value.where == where
    with pytest.raises(InvalidValueError, match="no projection"):
        check_projection(text)


def test_one_law_is_left_out_by_its_name_and_drawing_too() -> None:
    checked = check_projection(faulty.SOUND, max_examples=0, without="exact numbers", elsewhere=False)
    assert (Law.EXACT in checked.laws, checked.histories) == (False, len(tour()))


def test_subjects_that_are_one_text_are_found() -> None:
    text: Any = "country:KR"
    assert (
        "by one text" in broken(Projection("letters", 1, lambda _: text, lambda _: 0, lambda count, _: count + 1)).what
    )


def test_a_projection_that_another_process_cannot_find_is_said_to_be_unseen() -> None:
    hidden = faulty.of("hidden", 0, lambda state, item: state + 1)
    (unseen,) = check_projection(hidden, max_examples=1).left_out
    assert "can be imported" in unseen
    assert states_elsewhere(("no.such.module", "X"), tour()) is None


def test_two_checks_look_at_the_same_histories() -> None:
    def evolve(state: int, item: Any) -> int:
        return state + int(1 // (item.claim.note != "0"))

    projection = faulty.of("zero", 0, evolve)
    first, second = (broken(projection, elsewhere=False).history for _ in range(2))
    assert first == second


# the tour


def test_the_tour_shows_every_event_in_every_assertion_and_every_act() -> None:
    told = [entry.body for history in tour() for entry in history]
    claims = [body for body in told if isinstance(body, Claim)]
    assert {(type(claim.event), claim.assertion) for claim in claims} == {
        (cls, assertion) for cls in EVENT_TYPES for assertion in Assertion
    }
    assert {type(body) for body in told} == {Claim, UnknownEvent, *ACT_TYPES}
    for history in tour():
        assert [entry.id for entry in history] == [id_of(at) for at in range(len(history))]
    assert any(claim.note is REDACTED for claim in claims)  # noqa: F405
    assert {claim.when is None for claim in claims} == {True, False}


# histories as code


@settings(max_examples=100)
@given(bodies())
def test_a_body_is_written_as_the_code_that_makes_it(body: Any) -> None:
    ev = events  # noqa: F405, F841
    assert eval(as_code(body)) == body


@given(histories())
def test_a_history_is_written_as_code_that_makes_its_bodies(history: list[Entry]) -> None:
    ev = events  # noqa: F405, F841
    assert eval(history_as_code(history)) == bodies_of(history)


def test_the_smallest_history_keeps_what_acts_name() -> None:
    def shows(history: Any) -> bool:
        return any(isinstance(entry.body, Correction) for entry in history)

    for history in tour():
        if shows(history):
            least = smallest(history, shows)
            assert [type(entry.body) for entry in least] == [Claim, Correction]
            assert least[1].body.target == least[0].id  # type: ignore[union-attr]
            break


def test_the_smallest_history_is_reached_and_not_circled() -> None:
    asked: list[Any] = []
    bare_claim, *_ = entries_of(*bodies_of(tour()[0])[:1])
    least = smallest([bare_claim], lambda candidate: bool(asked.append(candidate)) or len(candidate) == 1)  # type: ignore[func-returns-value]
    assert isinstance(least[0].body, Claim)
    assert least[0].body.when is None
    assert len(asked) < 20


def test_a_check_that_finds_nothing_smaller_leaves_the_history() -> None:
    history = entries_of(*bodies_of(tour()[0]))
    assert smallest(history, lambda candidate: False) == history


# watching


def test_a_watch_gives_back_the_hook_and_the_collector_that_it_found() -> None:
    def hook(*_: Any) -> None:
        return None

    sys.setprofile(hook)
    try:
        with pytest.raises(ZeroDivisionError):
            watched(lambda: 1 // 0)
        assert sys.getprofile() is hook
    finally:
        sys.setprofile(None)
    assert watched(sorted, [2, 1]) == ([1, 2], [])
    assert INITIATIVE.name == "initiative"
