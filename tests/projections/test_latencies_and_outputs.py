"""How late sources were, and what arrived in which country by sector."""

from __future__ import annotations

from coop_ledger.domain import (
    NO,
    UNDECIDED,
    YES,
    Claim,
    Days,
    SectorVocabulary,
    When,
    announced,
    denied,
    observed,
    occurred,
    proposed,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    INITIATIVE,
    Dating,
    InitiativeState,
    Reading,
    commitments_of,
    latencies_of,
    outputs_by_sector,
    project,
    proposals_of,
)
from coop_ledger.projections.collecting import collect
from tests.projections.support import KOREA_NET, MINISTRY, PRESS, REPRINT, UNDATED, YONHAP, effective, entries

OPENING = ev.InstitutionOpened("secretariat")


def late(*claims: Claim) -> list[tuple[str, Days | None, Days]]:
    found = latencies_of(collect([effective(at, claim) for at, claim in enumerate(claims)]))
    return [(one.source.publisher, one.published, one.recorded) for one in found]


def test_each_source_is_late_by_an_interval() -> None:
    exact, vague = (occurred(OPENING, when=when, sources=KOREA_NET) for when in ("2016-11-15", "2016-11"))
    assert late(exact) == [("Korea.net", Days(3, 3), Days(0, 0))]
    assert late(vague) == [("Korea.net", Days(-12, 17), Days(-15, 14))]


def test_a_source_without_a_date_is_late_by_nobody_knows_how_much() -> None:
    assert late(occurred(OPENING, when="2016-11-15", sources=UNDATED)) == [("Blog", None, Days(0, 0))]


def test_each_source_of_a_claim_is_late_for_itself() -> None:
    claim = occurred(OPENING, when="2016-11-15", sources=[YONHAP, REPRINT])
    assert late(claim) == [("Yonhap", Days(1, 1), Days(0, 0)), ("SGGP News", Days(-14, 15), Days(0, 0))]


def test_another_source_tells_when_it_happened() -> None:
    undated, dated = occurred(OPENING, sources=PRESS), occurred(OPENING, when="2016-11-14", sources=KOREA_NET)
    assert late(undated, dated) == [("Korea.net", Days(4, 4), Days(1, 1)), ("Asia Economy", Days(1, 1), Days(1, 1))]
    assert late(undated) == []


def test_what_was_planned_denied_seen_or_in_use_is_not_late() -> None:
    named = ev.NameUsed("institution:secretariat", "The Secretariat")
    assert late(
        announced(OPENING, when="2016", sources=PRESS),
        denied(OPENING, when="2015", sources=PRESS),
        observed(ev.HostDesignated("secretariat", "institution:kf"), when="2016", sources=PRESS),
        occurred(named, when="2010/2016", sources=PRESS),
    ) == []  # fmt: skip


def test_a_treaty_that_two_signed_is_one_report() -> None:
    signed = ev.AgreementSigned("visa", "agreement")
    claim = occurred(signed, when="2016-11-15", parties={"signatory": "KR KZ"}, sources=MINISTRY)
    assert late(claim) == [("Ministry", Days(1, 1), Days(0, 0))]


def sector(initiative: str, *codes: str) -> Claim:
    shares = tuple(ev.SectorShare(code) for code in codes)
    return occurred(
        ev.SectorsClassified(f"initiative:{initiative}", SectorVocabulary.DAC_PURPOSE, shares), sources=PRESS
    )


def rows(*claims: Claim) -> list[tuple[str | None, str, tuple[str, ...], tuple[str, ...]]]:
    states: list[InitiativeState] = list(project(INITIATIVE, entries(*claims)).values())
    return [(row.country, row.code, row.announced, row.delivered) for row in outputs_by_sector(states)]


def test_a_sector_counts_for_the_beneficiaries_and_for_those_that_were_reached() -> None:
    training = ev.InitiativeDelivered("water", "training")
    assert rows(
        announced(training, when="2017", parties={"beneficiary": "KZ TJ", "funding": "KR"}, sources=PRESS),
        occurred(training, when="2017", parties={"beneficiary": "KZ"}, sources=PRESS),
        sector("water", "14010", "14081"),
    ) == [
        ("KZ", "14010", ("initiative:water",), ("initiative:water",)),
        ("KZ", "14081", ("initiative:water",), ("initiative:water",)),
        ("TJ", "14010", ("initiative:water",), ()),
        ("TJ", "14081", ("initiative:water",), ()),
    ]  # fmt: skip


def test_without_beneficiaries_a_sector_counts_for_all_that_take_part_or_for_nobody_in_particular() -> None:
    fair, talks = ev.InitiativeDelivered("fair", "fair"), ev.InitiativeStarted("talks")
    body = {"implementing": "institution:kf"}
    assert rows(
        announced(fair, when="2017", parties=body, sources=PRESS),
        occurred(fair, when="2017", parties=body, sources=PRESS),
        announced(talks, when="2017", parties={"participant": "KR KZ"}, sources=PRESS),
        sector("fair", "33210"),
        sector("talks", "33210"),
    ) == [
        (None, "33210", ("initiative:fair",), ("initiative:fair",)),
        ("KR", "33210", ("initiative:talks",), ()),
        ("KZ", "33210", ("initiative:talks",), ()),
    ]  # fmt: skip


def test_a_wish_is_no_announcement() -> None:
    wished = proposed(ev.InitiativeStarted("satellite"), parties={"participant": "KR"}, sources=PRESS)
    assert rows(wished, sector("satellite", "22040")) == []


def test_the_order_of_two_dates() -> None:
    day, month, year = (Dating.of(When(text)) for text in ("2018-06-15", "2018-06", "2019"))
    assert [one.before(other) for one, other in ((day, year), (year, day), (day, month), (day, day))] == [
        YES, NO, UNDECIDED, NO,
    ]  # fmt: skip
    assert Dating.of(When("2018-06/..")).before(year) is UNDECIDED
    assert Dating.of(When("../2018")).before(year) is YES


def test_a_reprint_is_a_source_and_no_voice() -> None:
    own, copy = (occurred(OPENING, when="2016-11-15", sources=source) for source in (YONHAP, REPRINT))
    (milestone,) = collect([effective(0, own), effective(1, copy)])
    reading = milestone.happened
    assert isinstance(reading, Reading)
    assert reading.voices == {"yonhap"}
    assert len(reading.sources) == 2


def test_a_promise_was_made_when_it_was_said_first() -> None:
    start = ev.InitiativeStarted("water")
    first = announced(start, when="2017", stated="2016-11-15", sources=KOREA_NET)
    again = announced(start, when="2018", stated="2017-11", sources=PRESS)
    (state,) = project(INITIATIVE, entries(again, first)).values()
    (promise,) = commitments_of(state)
    assert str(promise.made) == "2016-11-15"
    assert promise.on(When("2016-11-14").earliest).made is None
    (wish,) = proposals_of(next(iter(project(INITIATIVE, entries(proposed(start, sources=PRESS))).values())))
    assert str(wish.made) == "2016-11-15"
