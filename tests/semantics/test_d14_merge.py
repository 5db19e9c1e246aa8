"""D14: merged subjects read as one; the later of two that disagree stands; taken back, all is as before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    Claim,
    Correction,
    Merge,
    Retraction,
    RetractionReason,
    Source,
    When,
    Where,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    AnomalyCode,
    effective_entries,
)
from coop_ledger.testing import claims
from tests.ledger.support import History
from tests.projections.support import (
    LATER,
    entries,
    entry,
)

THEN = Source("Ministry", When("2017-04"))


def opened(slug: str, when: str, *sources: Source) -> Claim:
    return occurred(ev.InstitutionOpened(slug), when=when, sources=sources or LATER)


def merge(into: str, *slugs: str) -> Merge:
    return Merge(tuple(f"institution:{slug}" for slug in slugs), f"institution:{into}", "one and the same")


ONE, OTHER = opened("kcac", "2017"), opened("kcac-secretariat", "2017-03", THEN)
IDS = [entry(at, ONE).id for at in range(9)]
UNDO = RetractionReason.WRONG


def test_all_subjects_of_a_merge_read_as_one() -> None:
    ledger = History(entries(ONE, OTHER, merge("kcac", "kcac-secretariat"))).ledger
    state: Any = ledger.institution("kcac")
    assert (state.positions, str(state.opened.when.value)) == ((0, 1), "2017-03")
    assert ledger.institution("kcac-secretariat") == state
    assert ledger.institutions() == [state]
    assert ledger.subjects(kind="institution") == ["institution:kcac"]
    assert [reason.acts for reason in ledger.why("institution:kcac-secretariat", "status")] == [(IDS[2],)]
    before = ledger.at(size=2)
    assert [found.subject for found in before.institutions()] == ["institution:kcac", "institution:kcac-secretariat"]


def test_labels_are_not_rewritten() -> None:
    ledger = History(entries(ONE, OTHER, merge("kcac", "kcac-secretariat"))).ledger
    from coop_ledger import about

    assert [one.position for one in ledger.entries(about("institution:kcac"))] == [0, 2]
    assert [one.position for one in ledger.entries(about("institution:kcac-secretariat"))] == [1, 2]


def test_merges_in_a_chain_lead_to_the_last_name() -> None:
    third = opened("office", "2017-03-05")
    ledger = History(
        entries(ONE, OTHER, third, merge("kcac-secretariat", "office"), merge("kcac", "kcac-secretariat"))
    ).ledger
    state = ledger.institution("office")
    assert (state.subject, state.positions) == ("institution:kcac", (0, 1, 2))
    shaped = {item.position: item.shaped_by for item in state.claims}
    assert shaped == {0: (), 1: (IDS[4],), 2: (IDS[3], IDS[4])}


def test_of_two_merges_that_disagree_the_later_stands_and_both_are_flagged() -> None:
    ledger = History(entries(ONE, OTHER, merge("kcac", "office"), merge("kcac-secretariat", "office"))).ledger
    assert ledger.institution("office").subject == "institution:kcac-secretariat"
    assert [(one.code, one.positions) for one in ledger.anomalies()] == [(AnomalyCode.MERGES_DISAGREE, (2, 3))]
    assert ledger.anomalies("institution:office") == ledger.anomalies()
    back = History(entries(ONE, OTHER, merge("kcac", "kcac-secretariat"), merge("kcac-secretariat", "kcac"))).ledger
    assert back.institution("kcac").subject == "institution:kcac-secretariat"
    assert [one.positions for one in back.anomalies()] == [(2, 3)]
    again = History(entries(ONE, OTHER, merge("kcac", "kcac-secretariat"), merge("kcac", "kcac-secretariat"))).ledger
    assert again.anomalies() == []
    water = occurred(ev.InitiativeAdopted("water"), when="2017", sources=LATER)
    apart = History(entries(ONE, water, merge("kcac", "office"), merge("kcac-secretariat", "office"))).ledger
    assert apart.anomalies("initiative:water") == []
    assert len(apart.anomalies()) == 1


def test_a_longer_way_back_is_undone_where_it_leads_back() -> None:
    chain = (merge("b", "a"), merge("c", "b"), merge("a", "c"))
    ledger = History(entries(opened("a", "2017"), opened("b", "2017"), opened("c", "2017"), *chain)).ledger
    assert [ledger.institution(slug).subject for slug in "abc"] == ["institution:b"] * 3
    assert [(one.code, one.positions) for one in ledger.anomalies()] == [(AnomalyCode.MERGES_DISAGREE, (4, 5))]


def test_to_undo_a_merge_it_is_taken_back() -> None:
    history = History(entries(ONE, OTHER, merge("kcac", "kcac-secretariat"), Retraction(IDS[2], UNDO)))
    ledger = history.ledger
    assert ledger.institution("kcac").positions == (0,)
    assert ledger.institution("kcac-secretariat").positions == (1,)
    changes = ledger.diff(ledger.at(size=3), ledger)
    assert {change.subject for change in changes} == {"institution:kcac", "institution:kcac-secretariat"}
    (when,) = [change for change in changes if change.field == "opened.when"]
    assert (when.subject, when.before, when.after, when.entries) == ("institution:kcac", "2017-03", "2017", (1, 3))
    history.add(entry(4, Retraction(IDS[3], UNDO)))
    assert ledger.institution("kcac").positions == (0, 1)


def test_single_claims_are_moved_by_a_correction() -> None:
    moved = Correction(IDS[1], opened("kcac", "2017-03", THEN), "of the forum itself")
    ledger = History(entries(ONE, OTHER, moved)).ledger
    assert ledger.institution("kcac").positions == (0, 1)
    assert ledger.institution("kcac-secretariat").positions == ()


def test_a_merge_renames_wherever_the_subject_stands() -> None:
    """As party, place, speaker and meeting; parties that become one stand once."""
    ledger = History(
        entries(
            occurred(
                ev.TextAdopted("statement"), when="2016", where=Where("KR", "seoul-city", "tenth"), sources=LATER,
                stated_by="institution:office", parties={"signatory": "institution:office institution:kcac KR"},
            ),
            Merge(("place:seoul-city",), "place:seoul", "one city"),
            Merge(("meeting:tenth",), "meeting:forum/10", "one session"),
            merge("kcac", "office"),
        )
    ).ledger  # fmt: skip
    (item,) = ledger.agreement("statement").claims
    assert item.claim.where == Where("KR", "seoul", "forum/10")
    assert item.claim.stated_by == "institution:kcac"
    assert [party.party for party in item.claim.parties] == ["institution:kcac", "KR"]
    assert item.shaped_by == (IDS[1], IDS[2], IDS[3])


@pytest.mark.parametrize(
    ("merged", "into", "expected"),
    [
        ("meeting:forum/10", "meeting:tenth", ("tenth", "forum", 10)),
        ("meeting:forum/10", "meeting:forum/11", ("forum/11", "forum", None)),
        ("series:forum", "series:kcac-forum", ("forum/10", "kcac-forum", 10)),
    ],
)
def test_a_session_keeps_its_ordinal_unless_its_new_id_says_another(merged: str, into: str, expected: Any) -> None:
    held = ev.MeetingHeld("forum/10", series="forum", ordinal=10)
    ledger = History(entries(occurred(held, when="2016", sources=LATER), Merge((merged,), into, "one"))).ledger
    ((_, item),) = effective_entries(ledger.entries())
    event = item.claim.event
    assert isinstance(event, ev.MeetingHeld)
    assert (event.meeting, event.series, event.ordinal) == expected


def test_a_series_that_is_merged_may_number_a_session_otherwise() -> None:
    held = ev.MeetingHeld("kcac-forum/10", series="forum", ordinal=9)
    ledger = History(
        entries(occurred(held, when="2016", sources=LATER), Merge(("series:forum",), "series:kcac-forum", "one"))
    ).ledger
    assert [session.ordinal for session in ledger.series("forum").sessions] == [10]
    assert ledger.meetings(series="forum") == ledger.meetings(series="kcac-forum") != []


@given(claims(), st.randoms(use_true_random=False))
def test_renaming_raises_nothing_and_leaves_nothing_behind(claim: Claim, random: Any) -> None:
    from coop_ledger.domain import SubjectId, renamed, subjects_of

    into = {s: SubjectId(s.partition(":")[0] + ":merged") for s in subjects_of(claim) if random.random() < 0.7}
    fixed = ("country:", "relationship:")
    into = {s: other for s, other in into.items() if not s.startswith(fixed)}
    found = renamed(claim, lambda subject: into.get(subject, subject))
    assert not set(into) - set(into.values()) & set(subjects_of(found))
    assert {into.get(s, s) for s in subjects_of(claim)} >= set(subjects_of(found))
    assert renamed(claim, lambda subject: subject) is claim
