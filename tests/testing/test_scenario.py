"""Scenarios: what was expected and found reads well, and is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from coop_ledger.domain import (
    Claim,
    Duplicate,
    Entry,
    Retraction,
    RetractionReason,
    Source,
    When,
    announced,
    occurred,
    subjects_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import (
    AnomalyError,
    EntryNotFoundError,
    ExpectationError,
    InvalidValueError,
    UnknownCountryError,
)
from coop_ledger.ledger import Ledger
from coop_ledger.projections import INSTITUTION, SHIPPED, Projection, as_plain, project
from coop_ledger.testing import Scenario, entries_of, histories, id_of, ledger_of, ledgers, scenario
from coop_ledger.testing import with_redactions_carried_out as carried_out

KOREA_NET = Source("Korea.net", When("2016-11-18"))
OPENING = ev.InstitutionOpened("secretariat")
SUBJECT = "institution:secretariat"
PLANNED = announced(OPENING, when="2017", sources=KOREA_NET)
OPENED = occurred(OPENING, when="2018-02-01", sources=Source("Gazette", When("2018-02-02")))
COUNT: Projection[int] = Projection("count", 1, lambda e: subjects_of(e.body), lambda _: 0, lambda n, _: n + 1)
BOTH = scenario([PLANNED]).after(OPENED)


def failure(call: Any) -> ExpectationError:
    with pytest.raises(ExpectationError) as caught:
        call()
    assert isinstance(caught.value, AssertionError)
    return caught.value


def test_a_state_is_expected_by_its_fields_as_values_as_text_or_as_a_whole() -> None:
    scenario([PLANNED]).expect(INSTITUTION, SUBJECT, status="planned", target="2017")
    BOTH.expect(INSTITUTION, SUBJECT, status="open").expect(COUNT, SUBJECT, 2).expect(COUNT, "meeting:none", None)
    state = ledger_of(entries_of(PLANNED, OPENED)).institution("secretariat")
    BOTH.expect(INSTITUTION, SUBJECT, opened=as_plain(state.opened))


def test_acts_name_bodies_by_their_places_and_scenarios_do_not_share() -> None:
    base = scenario([PLANNED])
    base.after(OPENED, Retraction(id_of(1), RetractionReason.WRONG)).expect(INSTITUTION, SUBJECT, status="planned")
    base.after(OPENED, PLANNED, Duplicate(id_of(2), id_of(0))).expect(COUNT, SUBJECT, 2)
    base.expect(COUNT, SUBJECT, 1)


def test_views_are_asked_as_a_ledger_is() -> None:
    BOTH.seen(published="2017-12-31").expect(COUNT, SUBJECT, 1)
    BOTH.seen(size=1).expect(INSTITUTION, SUBJECT, status="planned")
    BOTH.seen(on="2017-06-30").expect(INSTITUTION, SUBJECT, status="planned")
    assert "seen with on=2017-06-30" in str(
        failure(lambda: BOTH.seen(on="2017-06-30").expect(INSTITUTION, SUBJECT, status="open"))
    )


def test_a_field_that_is_another_is_told_with_the_history() -> None:
    error = failure(lambda: BOTH.expect(INSTITUTION, SUBJECT, status="planned"))
    assert (error.what, error.expected) == ("the field is another", "'planned'")
    assert error.where == f"projection institution, {SUBJECT}, status"
    assert "open" in str(error.found)
    assert 'announced(ev.InstitutionOpened("secretariat"), when="2017", sources=Source("Korea.net"' in str(error)


def test_other_states_no_states_and_no_such_fields_are_told() -> None:
    assert failure(lambda: BOTH.expect(COUNT, SUBJECT, 3)).expected == "3"
    assert SUBJECT in str(failure(lambda: BOTH.expect(INSTITUTION, "institution:none", status="x")).found)
    assert "no state" in str(failure(lambda: scenario().expect(INSTITUTION, SUBJECT, status="x")).found)
    assert failure(lambda: BOTH.expect(INSTITUTION, SUBJECT, statos="x")).hint == "did you mean status?"
    with pytest.raises(InvalidValueError, match="nothing is expected"):
        BOTH.expect(INSTITUTION, SUBJECT)


def test_what_cannot_be_asked_says_what_to_write() -> None:
    alone: Any = PLANNED
    text: Any = "[]"
    several: Any = [PLANNED]
    calls: tuple[Callable[[], object], ...] = (
        lambda: scenario(alone),
        lambda: scenario([text]),
        lambda: scenario(text),
        lambda: BOTH.after(several),
    )
    for call in calls:
        with pytest.raises(InvalidValueError, match="history"):
            call()
    with pytest.raises(InvalidValueError, match="no projection"):
        BOTH.expect(alone, SUBJECT, 2)
    with pytest.raises(InvalidValueError, match="beyond the log"):
        BOTH.seen(size=7).expect(COUNT, SUBJECT, 2)
    error = failure(lambda: BOTH.expect(COUNT, "secretariat", 2))
    assert (error.what, error.expected, error.hint) == ("there is no state", "2", f"did you mean {SUBJECT}?")
    assert "third" in str(failure(lambda: BOTH.expect(COUNT, SUBJECT, count=2)).hint)
    BOTH.expect(COUNT, "institution:none", None)


def test_a_failure_ends_with_the_history_and_the_view() -> None:
    lines = str(failure(lambda: BOTH.seen(size=1).expect(COUNT, SUBJECT, 2))).splitlines()
    assert lines[1:3] == ["after this history, seen with size=1:", "["]
    assert lines[-1] == "]"


def test_states_that_are_mappings_are_asked_by_key() -> None:
    by_key = Projection("map", 1, lambda e: subjects_of(e.body), lambda _: {}, lambda s, e: {**s, "last": e.position})
    BOTH.expect(by_key, SUBJECT, last=1)
    assert failure(lambda: BOTH.expect(by_key, SUBJECT, lost=1)).hint == "did you mean last?"


def test_refusals_are_expected_by_class_and_attribute() -> None:
    abroad = occurred(ev.MemberAdmitted("secretariat", "QQ"), sources=KOREA_NET)
    BOTH.after(abroad).expect_error(UnknownCountryError, where="/0/event/party")
    BOTH.after(Retraction(id_of(7), RetractionReason.WRONG)).expect_error(EntryNotFoundError)
    scenario().after(occurred(ev.InitiativeResumed("water"), when="2016", sources=KOREA_NET), strict=True).expect_error(
        AnomalyError
    )
    assert failure(lambda: BOTH.expect_error(UnknownCountryError)).what == "nothing was refused"
    assert "UnknownCountryError" in str(failure(lambda: BOTH.after(abroad).expect_error(AnomalyError)).found)
    assert failure(lambda: BOTH.after(abroad).expect_error(UnknownCountryError, where="/1")).expected == "'/1'"
    refused = failure(lambda: BOTH.after(abroad).expect(INSTITUTION, SUBJECT, status="open"))
    assert refused.what == "what was to be recorded was refused"
    assert isinstance(refused.__cause__, UnknownCountryError)


@settings(max_examples=15)
@given(histories())
def test_entries_begin_a_scenario_too(history: list[Entry]) -> None:
    begun = scenario(history)
    assert isinstance(begun, Scenario)
    assert [type(body) for body in begun.bodies] == [type(entry.body) for entry in history]
    claimed = [entry.body for entry in history if isinstance(entry.body, Claim)]
    for subject, count in project(COUNT, history).items():
        begun.expect(COUNT, subject, count)
    assert claimed or begun.expect(COUNT, SUBJECT, None)


# ledgers that hold a history


@settings(max_examples=40)
@given(histories())
def test_a_ledger_takes_every_history_as_it_is(history: list[Entry]) -> None:
    """What strategies draw is never refused."""
    held = list(ledger_of(history).entries())
    for entry, other in zip(carried_out(history), held, strict=True):
        assert (entry.position, entry.recorded_at, entry.clamped) == (other.position, other.recorded_at, other.clamped)
        assert isinstance(entry.body, Claim) is isinstance(other.body, Claim)
        assert not isinstance(entry.body, Claim) or entry.body == other.body
        assert entry.once is None or entry.once == other.once


@settings(max_examples=20)
@given(histories())
def test_states_of_a_history_are_those_of_its_ledger(history: list[Entry]) -> None:
    ledger = ledger_of(history)
    projection = SHIPPED[len(history) % len(SHIPPED)]
    assert ledger.project(COUNT) == project(COUNT, history)
    assert ledger.project(projection).keys() == project(projection, history).keys()


@settings(max_examples=10)
@given(ledgers(min_size=1, max_size=3))
def test_ledgers_are_drawn_with_what_is_in_them(ledger: Ledger) -> None:
    assert 1 <= ledger.size <= 3
    assert ledger.at(size=1).size == 1
