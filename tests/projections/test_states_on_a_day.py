"""Meetings, series, relationships and initiatives: what each says of parties and money, also as of a day."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    NO,
    UNDECIDED,
    YES,
    Claim,
    Entry,
    MeetingMode,
    Rank,
    Role,
    SectorVocabulary,
    Status,
    TransactionType,
    When,
    announced,
    denied,
    observed,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    AGREEMENT,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    NAMES,
    RELATIONSHIP,
    SERIES,
    VISIT,
    ConflictKind,
    Delivery,
    Presence,
    Projection,
    as_plain,
    project,
)
from coop_ledger.testing import days, histories
from tests.projections.support import KOREA_NET, LATER, MINISTRY, PRESS, YONHAP, entries

HELD = ev.MeetingHeld("forum/10", level=Rank.DEPUTY_MINISTER, mode=MeetingMode.IN_PERSON)
PLANNED = ev.MeetingHeld("forum/10", level=Rank.MINISTER, mode=MeetingMode.VIDEO)
DAY = "2016-11-15"
MORE = {
    AGREEMENT: ("is_binding", "in_force"),
    INITIATIVE: ("owners", "revivals", "iati_status"),
    INSTITUTION: ("hosts", "seats", "target"),
    MEETING: ("planned_level", "planned_mode", "mode", "figures"),
    NAMES: ("periods",),
    RELATIONSHIP: ("relations", "topics"),
    SERIES: ("unconfirmed",),
    VISIT: ("rank", "protocol"),
}
"""Fields that tables do not show."""


def on(text: str) -> date:
    return date.fromisoformat(text)


def meeting(*claims: Claim) -> Any:
    return project(MEETING, entries(*claims))["meeting:forum/10"]  # type: ignore[index]


def delegation(party: str, maker: Any = occurred, source: Any = PRESS, **fields: Any) -> Any:
    return maker(ev.DelegationAttended("forum/10", party, **fields), when=DAY, sources=source)


@given(histories(), st.sampled_from(list(MORE)), st.none() | days())
def test_states_of_a_day_are_total_and_plain(
    history: list[Entry], projection: Projection[Any], day: date | None
) -> None:
    for subject, now in project(projection, history).items():
        state = now.on(day)
        plain = [as_plain(state), as_plain(state.conflicts), *(as_plain(getattr(state, n)) for n in MORE[projection])]
        assert json.loads(json.dumps(plain)) == plain
        if projection is NAMES:
            assert NO not in state.called_on(day or date(2017, 1, 1)).values()
        if projection is INSTITUTION:
            assert set(state.members_on(day)) <= {period.value[0] for period in state.members}
        assert state.subject == subject


# D11


def test_d11_listed_and_denied_is_a_conflict_and_d6_decides_what_is_shown() -> None:
    listed = occurred(HELD, when=DAY, sources=KOREA_NET, parties={"participant": "KR KZ TM"})
    shown = meeting(listed, delegation("TM", denied))
    assert shown.presence_of("TM") is Presence.LISTED
    assert [(c.kind, c.field, c.values) for c in shown.conflicts] == [(ConflictKind.DENIAL, "presence", (YES, NO))]
    assert next(p for p in shown.participation if p.party == "TM").disputed
    outvoted = meeting(listed, delegation("TM", denied, MINISTRY), delegation("TM", denied, YONHAP))
    assert outvoted.presence_of("TM") is Presence.ABSENT
    absent = meeting(listed, delegation("TJ", denied))
    assert (absent.presence_of("TJ"), absent.conflicts) == (Presence.ABSENT, ())
    within = meeting(listed, delegation("TM", denied), delegation("TM", source=MINISTRY))
    assert (within.presence_of("TM"), [c.field for c in within.conflicts]) == (Presence.ATTENDED, ["happened"])


def test_d11_a_party_that_no_claim_names_is_unknown_never_absent() -> None:
    found = meeting(
        announced(PLANNED, when=DAY, stated="2016-10", sources=PRESS, parties={"participant": "KR UZ"}),
        occurred(HELD, when=DAY, sources=KOREA_NET, parties={"host": "KR"}),
        delegation("KZ", ranks=(Rank.DIRECTOR_GENERAL,)),
    )
    presences = {party: found.presence_of(party) for party in ("KR", "KZ", "UZ", "KG")}
    assert presences == {
        "KR": Presence.LISTED, "KZ": Presence.ATTENDED, "UZ": Presence.EXPECTED, "KG": Presence.UNKNOWN,
    }  # fmt: skip


def test_ranks_and_modes_are_readings_with_their_disputes() -> None:
    found = meeting(
        delegation("KZ", announced, ranks=(Rank.MINISTER,), mode=MeetingMode.IN_PERSON),
        delegation("KZ", ranks=(Rank.DIRECTOR_GENERAL,), mode=MeetingMode.VIDEO),
        delegation("KZ", source=KOREA_NET, ranks=(Rank.DEPUTY_MINISTER,)),
        delegation("UZ", announced, ranks=(Rank.MINISTER,)),
    )
    kazakhs, uzbeks = found.participation
    assert (kazakhs.ranks, kazakhs.mode, kazakhs.head, kazakhs.disputed) == (
        (Rank.DEPUTY_MINISTER,), MeetingMode.VIDEO, None, True,
    )  # fmt: skip
    assert kazakhs.readings["ranks"].values == ((Rank.DEPUTY_MINISTER,), (Rank.DIRECTOR_GENERAL,))
    assert kazakhs.planned["ranks"].value == (Rank.MINISTER,)
    assert (uzbeks.ranks, dict(uzbeks.readings), uzbeks.presence) == ((Rank.MINISTER,), {}, Presence.EXPECTED)
    assert as_plain(kazakhs)["planned"]["mode"]["value"] == "in-person"


def test_planned_level_and_level_as_held_stand_side_by_side() -> None:
    plan = announced(PLANNED, when=DAY, stated="2016-10-01", sources=PRESS)
    found = meeting(plan, occurred(HELD, when=DAY, sources=KOREA_NET))
    assert (found.level.value, found.planned_level.value) == (Rank.DEPUTY_MINISTER, Rank.MINISTER)
    assert (found.mode.value, found.planned_mode.value) == (MeetingMode.IN_PERSON, MeetingMode.VIDEO)
    assert found.conflicts == ()
    before = found.on(on("2016-10-31"))
    assert before.place is None
    assert (before.status, before.level.value, str(before.when)) == (Status.SCHEDULED, Rank.MINISTER, DAY)
    assert (found.on(on("2016-09-01")).level, found.on(on("2016-09-01")).when) == (None, None)


def test_a_meeting_as_of_a_day_knows_nobody_who_came_later() -> None:
    found = meeting(
        occurred(ev.MeetingHeld("forum/10"), when="2016-11", sources=LATER, parties={"participant": "KR KZ"}),
        delegation("KG"),
        occurred(ev.DelegationAttended("forum/10", "TJ"), when="2016-11", sources=LATER),
        announced(ev.DelegationAttended("forum/10", "UZ"), when="2016-11", stated="2016-10", sources=LATER),
        occurred(ev.TextAdopted("joint"), when=DAY, sources=PRESS),
        occurred(ev.FigureReported("meeting:forum/10", "attendance", Decimal(150)), when=DAY, sources=PRESS),
    )
    early = found.on(on("2016-11-10"))
    assert {p.party: p.presence for p in early.participation} == {
        "KR": Presence.UNKNOWN, "KZ": Presence.UNKNOWN, "TJ": Presence.UNKNOWN, "UZ": Presence.EXPECTED,
    }  # fmt: skip
    assert (dict(early.figures), early.documents) == ({}, ())
    assert early.presence_of("KG") is Presence.UNKNOWN
    assert found.on(on("2016-10-31")).participation[0].party == "UZ"


# D10


def session(number: int, when: str, maker: Any = occurred, stated: str | None = None) -> Any:
    return maker(ev.MeetingHeld(f"forum/{number}", series="forum"), when=when, stated=stated, sources=LATER)


def test_d10_an_unconfirmed_ordinal_is_no_gap() -> None:
    found: Any = project(
        SERIES,
        entries(session(7, "2013"), session(9, "2015", announced, "2014"), session(10, "2016"), session(12, "2018")),
    )["series:forum"]  # type: ignore[index]
    assert [gap.ordinal for gap in found.gaps] == [8, 11]
    assert [s.ordinal for s in found.unconfirmed] == [9]
    early = found.on(on("2014-12-31"))
    assert [(s.ordinal, s.confirmed) for s in early.sessions] == [(7, True), (9, False)]
    assert [gap.ordinal for gap in early.gaps] == [8]


def test_d10_a_year_without_a_session_contradicts_sessions_of_that_year_only() -> None:
    def none_in(when: str | None) -> Claim:
        return denied(ev.MeetingHeld(series="forum"), when=when, sources=KOREA_NET)

    def conflicts(*claims: Claim) -> list[tuple[ConflictKind, str, int]]:
        found: Any = project(SERIES, entries(session(9, "2015-11"), session(11, "2017", announced, "2016"), *claims))
        return [(c.kind, c.field, len(c.claims)) for c in found["series:forum"].conflicts]

    assert conflicts(none_in("2014"), none_in("2017")) == []
    assert conflicts(none_in("2015")) == [(ConflictKind.DENIAL, "meeting:forum/9", 2)]
    assert conflicts(none_in(None)) == [(ConflictKind.DENIAL, "meeting:forum/9", 2)]


# D12


def test_positions_of_a_topic_over_time_and_last_contact_on_a_day() -> None:
    spoken = {"speaker": "KR", "addressee": "KZ"}
    both = {"participant": "KR KZ"}

    def said(topic: str, position: str, stated: str | None) -> Claim:
        event = ev.StatementMade("country:KP", topic, position)
        return occurred(event, when=stated, stated=stated, sources=LATER, parties=spoken)

    found: Any = project(
        RELATIONSHIP,
        entries(
            said("tests", "condemns", "2016-11-15"), said("tests", "regrets", "2014-05"), said("trade", "more", None),
            occurred(ev.MeetingHeld("forum/9"), when="2015-10", sources=LATER, parties=both),
            occurred(ev.MeetingHeld("forum/10"), when=DAY, sources=LATER, parties=both),
            announced(ev.MeetingHeld("forum/11"), when="2017", stated="2016-12", sources=LATER, parties=both),
            occurred(ev.VisitPaid("tour"), when="2014", sources=LATER, parties={"visitor": "KZ", "host": "KR"}),
            occurred(ev.AnniversaryMarked("relationship:KR-KZ", "relations", 25), when="2017", sources=LATER),
        ),
    )["relationship:KR-KZ"]  # type: ignore[index]  # fmt: skip
    assert [(s.position, str(s.stated)) for s in found.topics["tests"]] == [
        ("regrets", "2014-05"), ("condemns", "2016-11-15"),
    ]  # fmt: skip
    assert list(found.topics) == ["tests", "trade"]
    early = found.on(on("2015-12-31"))
    assert [s.position for s in early.topics["tests"]] == ["regrets"]
    assert [t.subject for t in early.meetings] == ["meeting:forum/9"]
    assert (str(early.last_contact), str(found.last_contact), early.anniversaries) == ("2015-10", DAY, ())


def test_a_visit_on_a_day_before_it_shows_its_plan() -> None:
    paid = ev.VisitPaid("tour")
    found: Any = project(
        VISIT,
        entries(
            announced(paid, when="2017-05", stated="2016", sources=LATER), occurred(paid, when="2017-06", sources=LATER)
        ),
    )["visit:tour"]  # type: ignore[index]
    assert [str(found.on(on(day)).when) for day in ("2016-12-31", "2017-07-01")] == ["2017-05", "2017-06"]


# initiatives


def initiative(*claims: Claim) -> Any:
    return project(INITIATIVE, entries(*claims))["initiative:water"]  # type: ignore[index]


def test_what_is_delivered_after_the_day_is_not_delivered() -> None:
    delivered = ev.InitiativeDelivered("water", "fair")
    found = initiative(
        announced(delivered, when="2017", stated="2016", sources=LATER, parties={"beneficiary": "KZ KG TJ"}),
        occurred(delivered, when="2017-05-10", sources=LATER, parties={"beneficiary": "KZ"}),
        occurred(delivered, when="2017-05", sources=LATER, parties={"beneficiary": "KG"}),
        occurred(ev.InitiativeDelivered("water", "book"), when="2018", sources=LATER, parties={"beneficiary": "UZ"}),
    )

    def reached(day: str) -> dict[str | None, Any]:
        return {delivery.beneficiary: delivery.delivered for delivery in found.on(on(day)).deliveries}

    assert reached("2016-12-31") == {"KZ": NO, "KG": NO, "TJ": UNDECIDED}
    assert reached("2017-05-15") == {"KZ": YES, "KG": UNDECIDED, "TJ": UNDECIDED}
    assert reached("2018-12-31") == {"KZ": YES, "KG": YES, "TJ": UNDECIDED, "UZ": YES}
    assert reached("2015-12-31") == {}
    refused = initiative(
        occurred(delivered, when="2017", sources=PRESS, parties={"beneficiary": "KZ"}),
        denied(delivered, sources=KOREA_NET),
    )
    assert refused.on(on("2018-01-01")).deliveries == (Delivery("fair", "KZ", False, NO),)


def test_a_delivery_that_may_lie_ahead_leaves_the_status_open() -> None:
    found = initiative(
        announced(ev.InitiativeDelivered("water"), when="2017", stated="2015", sources=LATER),
        occurred(ev.InitiativeDelivered("water"), when="2017", sources=LATER),
    )
    assert [found.on(on(day)).status for day in ("2016-12-31", "2017-06-01", "2017-12-31")] == [
        Status.PIPELINE, None, Status.FINALISATION,
    ]  # fmt: skip
    assert set(found.on(on("2017-06-01")).course.options) == {Status.PIPELINE, Status.FINALISATION}


def test_money_sectors_partners_and_parties_on_a_day() -> None:
    paid = ev.FundsReported("water", TransactionType.DISBURSEMENT, Decimal("0.10"), "USD")
    again = ev.FundsReported("water", TransactionType.DISBURSEMENT, Decimal("0.20"), "USD")
    sectors = ev.SectorsClassified("initiative:water", SectorVocabulary.DAC_PURPOSE, (ev.SectorShare("14010"),))
    joined = ev.PartnerJoined("water", "KZ")
    found = initiative(
        announced(ev.InitiativeStarted("water"), stated="2014", sources=LATER, parties={"implementing": "KR"}),
        occurred(paid, when="2015", sources=LATER, parties={"provider": "KR"}),
        occurred(again, when="2017", sources=LATER, parties={"provider": "institution:kf"}),
        occurred(sectors, when="2016", sources=LATER),
        occurred(joined, when="2015", sources=LATER, parties={"partner": "KZ"}),
        occurred(ev.PartnerWithdrew("water", "KZ"), when="2016", sources=LATER),
        observed(joined, when="2018", sources=LATER),
    )
    early = found.on(on("2015-12-31"))
    assert [funds.amount for funds in found.funds] == [Decimal("0.30")]
    assert [funds.amount for funds in early.funds] == [Decimal("0.10")]
    assert (early.sectors, len(found.sectors)) == ((), 1)
    assert [(period.on(None), period.ended is None) for period in (*found.partners, *early.partners)] == [
        (NO, False), (YES, True),
    ]  # fmt: skip
    assert {(party.party, party.role) for party in early.parties} == {
        ("KR", Role.IMPLEMENTING), ("KZ", Role.PARTNER), ("KR", Role.PROVIDER),
    }  # fmt: skip
    assert [conflict.kind for conflict in found.conflicts] == [ConflictKind.SIGHTING]


def test_a_work_plan_is_not_there_before_it_is_adopted() -> None:
    claim = occurred(ev.WorkPlanAdopted("kcac", When("2018")), when="2017-12", sources=LATER)
    found: Any = project(INSTITUTION, entries(claim))["institution:kcac"]  # type: ignore[index]
    assert len(found.work_plans) == 1
    assert found.on(on("2016-01-01")).work_plans == ()
