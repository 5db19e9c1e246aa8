"""Promises for readers: who owes them, what went quiet, and laws for every history (D4, D5: tests/semantics)."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    EVENT_TYPES,
    NO,
    UNDECIDED,
    YES,
    Answer,
    Claim,
    Entry,
    Source,
    SourceKind,
    SubjectId,
    When,
    announced,
    denied,
    proposed,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    COMMITMENTS,
    Commitment,
    Overdue,
    Silence,
    as_plain,
    commitments_of,
    overdue,
    project,
    proposals_of,
    silent,
)
from coop_ledger.testing import days, histories, promises
from tests.projections.support import (
    FORUM,
    OPENED,
    PRESS,
    SIGNED,
    STARTED,
    TRAINING,
    UNDATED,
    all_promises,
    came,
    entries,
    plan,
    promise,
)


@pytest.mark.parametrize(
    ("event", "parties", "owners"),
    [
        (FORUM, {"participant": "KZ KG", "organiser": "institution:korea-foundation", "host": "KR"}, None),
        (ev.VisitPaid("tour"), {"visitor": "KR", "host": "KZ"}, ("KR", "KZ")),
        (TRAINING, {"implementing": "institution:koica", "beneficiary": "KZ KG"}, ("institution:koica",)),
        (TRAINING, {"beneficiary": "KZ KG"}, ("KZ", "KG")),
        (ev.DelegationAttended("forum/11", "KZ"), (), ("KZ",)),
        (ev.HostDesignated("kcac", "institution:korea-foundation"), (), ("institution:korea-foundation",)),
        (ev.RelationsEstablished("KR-KZ"), (), ("KR", "KZ")),
        (OPENED, (), ()),
    ],
)
def test_owners(event: Any, parties: Any, owners: tuple[str, ...] | None) -> None:
    expected = owners if owners is not None else ("institution:korea-foundation", "KR")
    assert promise(plan(event, parties=parties)).owners == expected


def test_a_signature_is_owed_by_its_signatory() -> None:
    found = all_promises(plan(SIGNED, parties={"signatory": "KR KZ"}))
    assert [(one.key, one.owners) for one in found.commitments] == [(("KR",), ("KR",)), (("KZ",), ("KZ",))]
    assert [one.key for one in found.owned_by("KZ")] == [("KZ",)]
    assert found.owned_by("KG") == ()


def test_promising_subjects_have_states_and_others_have_none() -> None:
    found = project(COMMITMENTS, entries(plan(FORUM, parties={"host": "institution:kcac", "participant": "KR"})))
    assert set(found) == {"meeting:forum/11", "institution:kcac"}
    assert found[SubjectId("institution:kcac")].commitments == ()


# silent


SINCE, ON = date(2018, 1, 1), date(2018, 12, 31)


def test_silent_promises_and_proposals() -> None:
    found = all_promises(
        plan(when=None), proposed(TRAINING, sources=UNDATED), came(ev.NameUsed("initiative:water", "W"))
    )
    both = silent((*found.commitments, *found.proposals), since=SINCE, on=ON)
    assert [(one.commitment.event, one.last_heard, one.answer) for one in both] == [
        (ev.InitiativeStarted, date(2016, 11, 18), YES),
        (ev.InitiativeDelivered, date(2016, 11, 18), YES),
    ]
    alone = all_promises(proposed(TRAINING, sources=UNDATED))
    assert [one.last_heard for one in silent(alone.proposals, since=SINCE, on=ON)] == [None]


@pytest.mark.parametrize(
    ("heard", "quiet"),
    [
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2018-06"))), False),
        (came(ev.NameUsed("initiative:water", "W"), stated="2018-12-31", sources=UNDATED), False),
        (came(FORUM, parties={"organiser": "initiative:water"}, sources=Source("News", When("2018-01-01"))), False),
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2018/2019"))), True),
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2019"))), True),
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2017-12-31"))), True),
        (came(ev.NameUsed("initiative:other", "W"), sources=Source("News", When("2018-06"))), True),
    ],
)
def test_heard_is_what_was_surely_said_of_the_subject_in_that_time(heard: Claim, quiet: bool) -> None:
    found = project(COMMITMENTS, entries(plan(), heard))[SubjectId("initiative:water")]
    assert [one.answer for one in silent(found.commitments, since=SINCE, on=ON)] == ([YES] if quiet else [])


@pytest.mark.parametrize(
    ("claim", "answers"),
    [
        (came(), []),
        (came(when="2019-02", sources=Source("News", When("2019-03"))), [YES]),
        (came(when="[2018..2019]", sources=Source("News", When("2019-12-31"))), [UNDECIDED]),
        (denied(STARTED, stated="2019-02-01", sources=UNDATED), [YES]),
        (denied(STARTED, stated="2017-02-01", sources=UNDATED), []),
        (denied(STARTED, sources=UNDATED), [UNDECIDED]),
    ],
)
def test_what_is_met_or_called_off_is_not_silent(claim: Claim, answers: list[Answer]) -> None:
    found = all_promises(plan(), claim).commitments
    assert [one.answer for one in silent(found, since=SINCE, on=ON)] == answers


def test_nothing_is_silent_before_it_is_promised() -> None:
    assert silent(all_promises(plan(stated="2019-01-01")).commitments, since=SINCE, on=ON) == ()
    assert len(silent(all_promises(plan(sources=UNDATED, stated="2018/..")).commitments, since=SINCE, on=ON)) == 1


# for every history


def shown(commitment: Commitment) -> Any:
    return as_plain(commitment), commitment.in_time, commitment.met_by, commitment.pending, commitment.denied


@given(histories(), st.none() | days(), days(), days())
def test_it_never_raises(history: list[Entry], day: date | None, since: date, on: date) -> None:
    for found in project(COMMITMENTS, history).values():
        then = found.on(day)
        both = (*then.commitments, *then.proposals)
        assert (commitments_of(then), proposals_of(then)) == (then.commitments, then.proposals)
        assert as_plain(then)
        for commitment in both:
            assert shown(commitment)
            assert commitment.event.spec.promise
        listings: list[Overdue | Silence] = [*overdue(both, on=on), *silent(both, since=since, on=on)]
        for item in listings:
            assert shown(item.commitment)
            assert item.answer is not NO
            assert as_plain(item)
        assert not any(item.commitment.plan is None for item in overdue(both, on=on))


def evolve(claim: Any, **changes: Any) -> Claim:
    changed: Claim = attrs.evolve(claim, **changes)
    return changed


def delivered(history: list[Claim]) -> int:
    states = project(COMMITMENTS, entries(*history)).values()
    return sum(
        milestone.id.subject == one.subject and milestone.has_happened is YES
        for one in states
        for milestone in one.of(*EVENT_TYPES)
    )


def kept(history: list[Claim]) -> int:
    states = project(COMMITMENTS, entries(*history)).values()
    return sum(commitment.met is YES for one in states for commitment in one.commitments)


@given(promises(), days(), days())
def test_saying_it_again_delivers_nothing(story: list[Claim], target: date, stated: date) -> None:
    again = [
        announced(claim.event, when=str(target), stated=str(stated), parties=claim.parties, sources=PRESS)
        for claim in story
    ]
    reprint = Source("Copy", When(str(stated)), kind=SourceKind.REPRINT, relays="Yonhap")
    copies = [evolve(claim, sources=(reprint,), stated_by="KR") for claim in story]
    said = [evolve(claim, stated_by="KR") for claim in story]  # one voice, so that a copy outvotes nobody
    assert delivered([*said, *copies, *again]) == delivered(said)
    assert kept([*said, *copies, *again]) == kept([*said, *again])
    assert kept([*said, *copies]) == kept(said)
