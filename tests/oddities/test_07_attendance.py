"""
A preview's attendance is repeated on the day, and the release has another: two figures of one happening disagree, both
stay visible, and the preview, which only expected, has no vote (D6).
"""

from __future__ import annotations

from decimal import Decimal

from coop_ledger import (
    Claim,
    ClaimMaker,
    Ledger,
    Resolution,
    Source,
    SourceKind,
    When,
    announced,
    occurred,
)
from coop_ledger import events as ev

SESSION = "meeting:kcac-forum/10"
MEDIAPEN = Source("Mediapen", When("2016-11-13~"))
ASIA_ECONOMY = Source("Asia Economy", When("2016-11-15"))
MINISTRY = Source("Ministry of Foreign Affairs of Korea", When("2016-11-16"), kind=SourceKind.PRIMARY)
KOREA_NET = Source("Korea.net", When("2016-11-18"), kind=SourceKind.PRIMARY)
ABOUT, AT_LEAST = ev.Qualifier.ABOUT, ev.Qualifier.AT_LEAST


def figure(
    count: int,
    source: Source,
    maker: ClaimMaker = occurred,
    qualifier: ev.Qualifier = ABOUT,
    scope: str | None = None,
) -> Claim:
    event = ev.FigureReported(SESSION, "attendance", Decimal(count), "persons", scope, qualifier)
    return maker(event, when="2016-11-15", sources=source)


def of_2016() -> tuple[Ledger, tuple[str, ...]]:
    """The preview, the paper of the day, and the two releases; with the ids of their entries."""
    ledger = Ledger.in_memory()
    ids = ledger.record(
        figure(150, MEDIAPEN, announced), figure(150, ASIA_ECONOMY), figure(200, MINISTRY), figure(200, KOREA_NET)
    ).ids
    return ledger, ids


def attendance(ledger: Ledger, published: str | None = None) -> tuple[str, bool] | None:
    """What is shown, and whether it is disputed."""
    found = ledger.at(published=published).meeting(SESSION).figures.get("attendance")
    return None if found is None else (str(found[0].value), found[0].disputed)


def test_the_number_of_two_releases_is_shown_and_the_other_stays_visible() -> None:
    ledger, _ = of_2016()
    assert attendance(ledger) == ("about 200 persons", True)
    (conflict,) = ledger.conflicts()
    assert (conflict.subject, conflict.resolved) == (SESSION, False)
    assert [str(value) for value in conflict.values] == ["about 200 persons", "about 150 persons"]
    publishers = {source.publisher for source in conflict.sources}
    assert publishers == {"Asia Economy", "Ministry of Foreign Affairs of Korea", "Korea.net"}


def test_a_preview_is_an_expectation_and_has_no_vote() -> None:
    ledger, _ = of_2016()
    assert attendance(ledger, "2016-11-14") is None
    assert attendance(ledger, "2016-11-15") == ("about 150 persons", False)
    assert attendance(ledger, "2016-11-16") == ("about 200 persons", True)
    assert (ledger.commitments(), ledger.overdue(on="2030-01-01")) == ([], [])
    previews = Ledger.in_memory()
    later = Source("Made-up Bulletin", When("2016-11-16"))
    paper = Source("Made-up Herald", When("2016-11-14"))
    previews.record(figure(150, MEDIAPEN, announced), figure(150, paper, announced), figure(200, later))
    assert attendance(previews) == ("about 200 persons", False)
    assert previews.conflicts() == []


def test_a_number_that_leaves_room_for_the_other_is_no_conflict() -> None:
    ledger = Ledger.in_memory()
    exact = Source("Made-up Gazette", When("2016-11-17"))
    ledger.record(figure(150, ASIA_ECONOMY, qualifier=AT_LEAST), figure(200, MINISTRY))
    ledger.record(figure(200, exact, qualifier=ev.Qualifier.EXACT))
    assert ledger.conflicts() == []
    assert not ledger.meeting(SESSION).figures["attendance"][0].disputed


def test_guests_from_abroad_are_another_figure_and_hide_no_total() -> None:
    ledger = Ledger.in_memory()
    ledger.record(figure(200, MINISTRY), figure(60, Source("Made-up Herald", When("2016-11-17")), scope="from abroad"))
    assert ledger.conflicts() == []
    assert attendance(ledger) == ("about 200 persons", False)
    shown = [(one.scope, str(one.value)) for one in ledger.meeting(SESSION).figures["attendance"]]
    assert shown == [(None, "about 200 persons"), ("from abroad", "about 60 persons")]


def test_a_decision_stands_until_somebody_says_another_number_again() -> None:
    ledger, ids = of_2016()
    ledger.record(Resolution(ids[1:], "The paper counted those who sat in the hall.", ids[1]))
    decided = ledger.size
    assert attendance(ledger) == ("about 150 persons", False)
    assert [conflict.resolved for conflict in ledger.conflicts()] == [True]
    ledger.record(figure(180, Source("Made-up Herald", When("2016-12-01"))))
    assert attendance(ledger) == ("about 200 persons", True)
    assert [conflict.resolved for conflict in ledger.conflicts()] == [False]
    assert not ledger.at(size=decided).meeting(SESSION).figures["attendance"][0].disputed
