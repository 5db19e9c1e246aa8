"""D13: one report recorded twice: the later leaves, its sources show under the first and add no voice."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from coop_ledger.domain import (
    Claim,
    Duplicate,
    Entry,
    Resolution,
    Retraction,
    RetractionReason,
    Source,
    When,
    announced,
    observed,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    effective_entries,
    effects_of,
)
from coop_ledger.testing import histories
from tests.ledger.support import History
from tests.projections.support import (
    KOREA_NET,
    MINISTRY,
    OPENED,
    PRESS,
    REPRINT,
    YONHAP,
    entries,
    entry,
)

SEEN = occurred(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=KOREA_NET)
AGAIN = occurred(ev.MeetingHeld("forum/10"), when="2016-11-14", sources=MINISTRY)
OTHER = occurred(ev.MeetingHeld("forum/10"), when="2016-11-14", sources=PRESS)
IDS = [entry(at, SEEN).id for at in range(9)]


def held(*bodies: Any) -> Any:
    return History(entries(*bodies)).ledger.meeting("forum/10").held


def test_the_later_leaves_the_fold_and_its_sources_show_under_the_first() -> None:
    for mark in (Duplicate(IDS[1], IDS[0]), Duplicate(IDS[0], IDS[1])):
        found = held(SEEN, AGAIN, mark)
        assert found.positions == (0,)
        assert found.sources == (KOREA_NET, MINISTRY)
        assert (str(found.when.value), found.disputed) == ("2016-11-15", False)
        assert found.claims[0].shaped_by == (IDS[2],)


def test_what_is_marked_adds_no_voice() -> None:
    more = occurred(SEEN.event, when=SEEN.when, sources=YONHAP)
    papers = (PRESS, Source("KazInform", When("2016-11-15")))
    two = [occurred(ev.MeetingHeld("forum/10"), when="2016-11-14", sources=paper) for paper in papers]
    assert str(held(SEEN, *two).when.value) == "2016-11-14"
    assert str(held(SEEN, more, *two).when.value) == "2016-11-15"  # two against two: the better kind
    marked = held(SEEN, more, *two, Duplicate(IDS[1], IDS[0]))
    assert str(marked.when.value) == "2016-11-14"


def test_chains_lead_to_the_first_report() -> None:
    found = held(SEEN, AGAIN, OTHER, Duplicate(IDS[2], IDS[1]), Duplicate(IDS[1], IDS[0]))
    assert (found.positions, found.sources) == ((0,), (KOREA_NET, MINISTRY, PRESS))
    gone = held(SEEN, AGAIN, Duplicate(IDS[1], IDS[0]), Retraction(IDS[0], RetractionReason.WRONG))
    assert gone.positions == (1,)  # the first was taken back: the other report stands
    apart = held(SEEN, AGAIN, Duplicate(IDS[1], IDS[0]), Retraction(IDS[2], RetractionReason.WRONG))
    assert apart.positions == (0, 1)


def test_a_resolution_between_duplicates_is_of_the_first_report() -> None:
    found = held(SEEN, AGAIN, OTHER, Duplicate(IDS[1], IDS[0]), Resolution((IDS[1], IDS[2]), "so", IDS[1]))
    assert (str(found.when.value), found.disputed) == ("2016-11-15", False)
    void = History(entries(SEEN, AGAIN, Duplicate(IDS[1], IDS[0]), Resolution((IDS[0], IDS[1]), "which"))).ledger
    assert void.conflicts() == []


@given(histories())
def test_no_claim_is_lost_or_doubled(history: list[Entry]) -> None:
    """Each source of a claim that was marked shows under a claim that counts, or its report is gone."""
    effects = effects_of([one for one in history if not isinstance(one.body, Claim)], {one.id: one for one in history})
    counted = {item.id: item for _, item in effective_entries(history)}
    for later, first in effects.repeats.items():
        assert later not in counted
        assert first in counted
        assert effects.named[first].position < effects.named[later].position
    told = {item.id: item.echoes for item in counted.values() if item.echoes}
    assert set(told) <= set(effects.repeats.values())


# probable ones


def pairs(*claims_: Claim) -> list[tuple[int, int, bool]]:
    found = History(entries(*claims_)).ledger.duplicates()
    return [(pair.first, pair.later, pair.marked) for pair in found]


def test_one_voice_twice_is_probably_one_report() -> None:
    assert pairs(SEEN, SEEN) == [(0, 1, False)]
    copied = occurred(ev.MeetingHeld("forum/10"), when="2016-11", sources=REPRINT)
    agency = occurred(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=YONHAP)
    assert pairs(agency, copied) == [(0, 1, False)]  # a reprint speaks with the agency's voice


def test_two_papers_on_one_event_are_not_duplicates() -> None:
    assert pairs(SEEN, occurred(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=PRESS)) == []
    assert pairs(SEEN, occurred(ev.MeetingHeld("forum/10"), when="2016-11-16", sources=KOREA_NET)) == []
    assert pairs(SEEN, observed(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=KOREA_NET)) == []
    assert pairs(SEEN, occurred(ev.MeetingHeld("forum/11"), when="2016-11-15", sources=KOREA_NET)) == []


def test_a_plan_told_again_on_another_day_is_no_duplicate() -> None:
    told = [announced(OPENED, when="2017", stated=day, sources=KOREA_NET) for day in ("2016-11-15", "2016-11-20")]
    assert pairs(*told) == []
    assert pairs(told[0], told[0]) == [(0, 1, False)]


def test_pairs_of_one_subject_are_asked_for() -> None:
    other = occurred(OPENED, when="2016", sources=PRESS)
    ledger = History(entries(SEEN, SEEN, other, other, Duplicate(IDS[3], IDS[2]))).ledger
    assert [(pair.first, pair.marked) for pair in ledger.duplicates()] == [(0, False), (2, True)]
    assert [pair.first for pair in ledger.duplicates("institution:kcac")] == [2]
    assert [pair.first for pair in ledger.duplicates("meeting:forum/10")] == [0]
