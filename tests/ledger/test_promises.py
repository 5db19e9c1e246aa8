"""Commitments, overdue, silent: how a ledger and its views are asked; the rules have their own tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from coop_ledger import UNDECIDED, YES, Ledger, Merge, Source, When, announced, as_plain, denied, occurred, proposed
from coop_ledger import events as ev
from coop_ledger.errors import EntryNotFoundError, InvalidValueError

GAZETTE = Source("Gazette", When("2016-11-16"))
LATER = Source("Gazette", When("2018-03-01"))
TRAINING = ev.InitiativeDelivered("training", "course")
OWED: dict[str, Any] = {"parties": {"implementing": "institution:foundation", "beneficiary": "KZ KG"}}


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(
        announced(TRAINING, when="2017", sources=GAZETTE, **OWED),
        announced(ev.MeetingHeld("talks"), when="2017-06", sources=GAZETTE, parties={"host": "KR"}),
        proposed(ev.InitiativeStarted("satellite"), sources=GAZETTE),
        occurred(TRAINING, when="2018-02-01", sources=LATER, parties={"beneficiary": "KZ"}),
    )
    return ledger


def test_commitments_of_a_party_of_a_subject_and_of_all(ledger: Ledger) -> None:
    assert [promise.subject for promise in ledger.commitments()] == ["initiative:training", "meeting:talks"]
    assert [promise.subject for promise in ledger.commitments(party="KR")] == ["meeting:talks"]
    (training,) = ledger.commitments(party="institution:foundation", subject="initiative:training")
    assert (training.met, training.late, training.pending) == (YES, YES, ("KG",))
    assert ledger.commitments(party="KZ") == []
    with pytest.raises(EntryNotFoundError):
        ledger.commitments(subject="initiative:trainig")


def test_an_owner_is_found_under_the_id_that_it_was_merged_into(ledger: Ledger) -> None:
    ledger.record(Merge(("institution:foundation",), "institution:korea-foundation", "one body"))
    (training,) = ledger.commitments(party="institution:foundation")
    assert training.owners == ("institution:korea-foundation",)
    assert ledger.commitments(party="institution:korea-foundation") == [training]


def test_overdue_is_asked_of_the_world_as_of_a_day(ledger: Ledger) -> None:
    def overdue(day: date | str) -> list[str]:
        return [found.commitment.subject for found in ledger.overdue(on=day)]

    assert overdue("2017-12-31") == ["meeting:talks"]
    assert overdue(date(2018, 1, 1)) == ["initiative:training", "meeting:talks"]
    assert overdue("2018-02-01") == ["meeting:talks"]
    ledger.record(denied(ev.MeetingHeld("talks"), stated="2017-05-01", sources=LATER))
    assert overdue("2018-02-01") == []


def test_overdue_knows_what_its_view_knows(ledger: Ledger) -> None:
    then = ledger.at(published="2017-12-31")
    assert [found.commitment.subject for found in then.overdue(on="2018-06-01")] == [
        "initiative:training",
        "meeting:talks",
    ]


def test_silence_covers_proposals_and_promises(ledger: Ledger) -> None:
    found = ledger.silent(since="2017-01-01", on="2018-12-31")
    assert [(one.commitment.subject, one.last_heard) for one in found] == [
        ("initiative:satellite", date(2016, 11, 16)),
        ("meeting:talks", date(2016, 11, 16)),
    ]


@pytest.mark.parametrize(
    "ask",
    [
        lambda view: view.overdue(on="2018-01-01"),
        lambda view: view.silent(since="2017-01-01", on="2018-01-01"),
    ],
)
def test_a_view_with_a_day_has_no_second_one(ledger: Ledger, ask: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidValueError, match="has one already"):
        ask(ledger.at().on("2018-01-01"))
    with pytest.raises(InvalidValueError, match="single day"):
        ledger.overdue(on="2018")


def test_conflicts_and_promises_are_plain_for_json(ledger: Ledger) -> None:
    ledger.record(occurred(TRAINING, when="2018-02-02", sources=Source("Herald", When("2018-03-02"))))
    (conflict,) = ledger.conflicts("initiative:training")
    assert as_plain(conflict)["event"] == "InitiativeDelivered"
    (training,) = ledger.commitments(subject="initiative:training")
    assert as_plain(training)["met"] == "yes"
    assert training.in_part is not UNDECIDED
