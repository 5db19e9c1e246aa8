"""The shipped projections: laws that hold for all of them, and what each state says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    NO,
    REDACTED,
    UNDECIDED,
    YES,
    ActivityStatus,
    Answer,
    Assertion,
    Binding,
    Bounds,
    Claim,
    Effective,
    Entry,
    InstrumentKind,
    Rank,
    SectorVocabulary,
    SignatureKind,
    Status,
    TransactionType,
    UnknownEvent,
    VisitStatus,
    When,
    announced,
    denied,
    observed,
    occurred,
    order_key,
    subjects_of,
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
    AnomalyCode,
    Collected,
    Delivery,
    Funds,
    PartyStatus,
    Projection,
    Sector,
    as_plain,
    effective_entries,
    fold,
    project,
    unreadable,
)
from coop_ledger.testing import histories
from tests.projections.support import (
    KOREA_NET,
    LATER,
    MINISTRY,
    PRESS,
    REPRINT,
    YONHAP,
    entries,
    entry,
    meeting,
    promise,
    state_of,
)

SHIPPED: tuple[Projection[Any], ...] = (
    INITIATIVE,
    INSTITUTION,
    AGREEMENT,
    MEETING,
    SERIES,
    VISIT,
    RELATIONSHIP,
    NAMES,
)
projections = st.sampled_from(SHIPPED)


def said(state: Collected) -> Any:
    """All that a state shows, as JSON has it."""
    return json.loads(json.dumps(as_plain(state)))


@given(histories(), projections)
def test_states_are_total_and_plain(history: list[Entry], projection: Projection[Any]) -> None:
    for subject, state in project(projection, history).items():
        assert state.subject == subject
        assert said(state) == as_plain(state)
        assert state.positions
        assert state.sources


@given(histories(), projections, st.randoms(use_true_random=False))
def test_arrival_does_not_matter(history: list[Entry], projection: Projection[Any], random: Any) -> None:
    shuffled = history[:]
    random.shuffle(shuffled)
    assert project(projection, shuffled) == project(projection, history)


@given(histories(), projections, st.integers(0, 8))
def test_going_on_is_starting_over(history: list[Entry], projection: Projection[Any], cut: int) -> None:
    """A state of a prefix in D2's order, evolved over the rest, is the state of all."""
    for subject, state in project(projection, history).items():
        fed = [e for one, e in effective_entries(history) if subject in projection.subjects(one)]
        ordered = sorted(fed, key=order_key)
        early = fold(projection, subject, ordered[:cut])
        before = said(early)
        for effective in ordered[cut:]:
            early = projection.evolve(early, effective)
        assert early == state
        assert said(fold(projection, subject, ordered[:cut])) == before


@given(histories(), projections)
def test_states_are_of_what_entries_are_about(history: list[Entry], projection: Projection[Any]) -> None:
    about = {subject for one in history for subject in subjects_of(one.body)}
    for subject in project(projection, history):
        assert subject in about or subject.startswith("relationship:")


@given(histories())
def test_p6_announcing_never_delivers_and_never_adds(history: list[Entry]) -> None:
    before = project(INITIATIVE, history)
    plans = [
        entry(1_000 + at, attrs.evolve(cast(Any, one.claim), assertion=Assertion.PLANNED))
        for at, (_, one) in enumerate(effective_entries(history))
    ]
    again = project(INITIATIVE, [*history, *plans])

    def delivered(states: dict[Any, Any]) -> dict[str, list[Any]]:
        return {
            subject: sorted(
                (d.output, d.beneficiary or "", d.delivered.value) for d in state.deliveries if d.delivered is YES
            )
            for subject, state in states.items()
        }

    assert delivered(again) == delivered(before)
    assert set(again) == set(before)


@given(histories(), projections)
def test_a_reprint_adds_no_voice(history: list[Entry], projection: Projection[Any]) -> None:
    """Doubling a claim's only source with its own reprint changes nothing that is shown but sources."""
    from coop_ledger.domain import Source, SourceKind

    def reprinted(one: Entry) -> Entry:
        if not isinstance(one.body, Claim):
            return one
        copies = tuple(
            Source("Copy", source.published, kind=SourceKind.REPRINT, relays=source.relays or source.publisher)
            for source in one.body.sources
        )
        more = tuple(dict.fromkeys([*one.body.sources, *copies]))
        return attrs.evolve(one, body=attrs.evolve(cast(Any, one.body), sources=more))

    copied = project(projection, [reprinted(one) for one in history])
    for subject, state in project(projection, history).items():
        assert [m.has_happened for m in copied[subject].milestones] == [m.has_happened for m in state.milestones]


def test_unknown_events_are_passed_over_with_an_anomaly_each() -> None:
    history = [entry(0, UnknownEvent("summit.dreamt", 3, {})), entry(1, UnknownEvent("x.y", 1, {}))]
    assert project(INITIATIVE, history) == {}
    assert not RELATIONSHIP.subjects(history[0])
    assert [(a.code, a.positions) for a in unreadable(history)] == [
        (AnomalyCode.UNKNOWN_EVENT, (0,)),
        (AnomalyCode.UNKNOWN_EVENT, (1,)),
    ]


def initiative(*claims: Claim) -> Any:
    return state_of(INITIATIVE, "initiative:water", *claims)


STARTED, DELIVERED = ev.InitiativeStarted("water"), ev.InitiativeDelivered("water")


BEGUN = [announced(STARTED, stated="2016", sources=LATER), occurred(STARTED, when="2017", sources=LATER)]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ([announced(STARTED, when="2017", sources=LATER)], ActivityStatus.PIPELINE),
        (BEGUN, ActivityStatus.IMPLEMENTATION),
        ([*BEGUN, occurred(DELIVERED, when="2018", sources=LATER)], ActivityStatus.FINALISATION),
        ([*BEGUN, occurred(ev.InitiativeClosed("water"), when="2018", sources=LATER)], ActivityStatus.CLOSED),
        ([occurred(ev.InitiativeCancelled("water"), when="2018", sources=LATER)], ActivityStatus.CANCELLED),
        ([*BEGUN, occurred(ev.InitiativeSuspended("water"), when="2018", sources=LATER)], ActivityStatus.SUSPENDED),
        ([occurred(ev.NameUsed("initiative:water", "Water"), sources=LATER)], None),
    ],
)
def test_initiative_status_follows_iati(claims: list[Claim], status: ActivityStatus | None) -> None:
    found = initiative(*claims)
    assert found.iati_status is status
    assert found.anomalies == ()


def test_an_undecided_order_leaves_the_status_undecided() -> None:
    found = initiative(
        *BEGUN,
        occurred(ev.InitiativeSuspended("water"), when="2018", sources=LATER),
        occurred(ev.InitiativeResumed("water"), when="2019", sources=LATER),
        occurred(ev.InitiativeDelivered("water"), when="2020", sources=LATER),
        occurred(ev.InitiativeClosed("water"), when="2020", sources=LATER),
    )
    assert found.status is Status.CLOSED  # delivered after it was closed is no order of the lifecycle
    stopped = initiative(
        *BEGUN,
        occurred(ev.InitiativeProgressed("water"), when="2018", sources=LATER),
        occurred(ev.InitiativeAdopted("water"), when="2018", sources=LATER),
        occurred(ev.InitiativeCancelled("water"), when="2018", sources=LATER),
    )
    assert (stopped.status, stopped.iati_status) == (None, None)
    assert set(stopped.course.options) == {Status.PIPELINE, Status.IMPLEMENTATION}


def test_a_delivery_that_was_never_announced_is_flagged() -> None:
    found = initiative(occurred(DELIVERED, when="2016-11-15", sources=PRESS))
    assert found.status is Status.FINALISATION
    assert [anomaly.code for anomaly in found.anomalies] == [AnomalyCode.NEVER_ANNOUNCED]


def test_a_part_does_not_finish_the_whole() -> None:
    fair, talks = ev.InitiativeDelivered("water", "fair"), ev.InitiativeDelivered("water", "talks")
    both = [announced(fair, when="2017", sources=PRESS), announced(talks, when="2018", sources=PRESS)]
    half = initiative(*both, occurred(fair, when="2017-05", sources=PRESS))
    assert half.status is Status.IMPLEMENTATION
    assert half.target.id.key == ("talks",)
    whole = initiative(
        *both, occurred(fair, when="2017-05", sources=PRESS), occurred(talks, when="2018", sources=PRESS)
    )
    assert whole.status is Status.FINALISATION
    part = initiative(*both[:1], occurred(ev.InitiativeDelivered("water", "fair", True), when="2017", sources=PRESS))
    assert part.status is Status.IMPLEMENTATION


def test_what_is_promised_and_not_delivered_stays_pending() -> None:
    found = initiative(
        announced(DELIVERED, when="2017", sources=PRESS, parties={"implementing": "KR", "beneficiary": "KZ KG"}),
        occurred(DELIVERED, when="2017-05", sources=PRESS, parties={"beneficiary": "KG TJ"}),
    )
    assert found.deliveries == (
        Delivery("", "KG", True, YES),
        Delivery("", "KZ", True, UNDECIDED),
        Delivery("", "TJ", False, YES),
    )
    assert found.owners == ("KR",)
    assert initiative(announced(STARTED, sources=PRESS, parties={"participant": "KR KZ"})).owners == ("KR", "KZ")
    assert initiative(announced(DELIVERED, sources=PRESS)).deliveries == (Delivery("", None, True, UNDECIDED),)


def test_money_is_summed_exactly_by_type_and_currency() -> None:
    def paid(amount: str, day: str, currency: str = "USD", source: Any = PRESS) -> Claim:
        event = ev.FundsReported("water", TransactionType.DISBURSEMENT, Decimal(amount), currency, When(day))
        return occurred(event, when=day, sources=source, parties={"provider": "KR"})

    big = "1" + "0" * 36
    pledged = ev.FundsReported("water", TransactionType.OUTGOING_PLEDGE, Decimal(5), "USD")
    found = initiative(
        announced(pledged, sources=PRESS),
        paid("0.10", "2016"),
        paid("0.20", "2017"),
        paid("0.20", "2017", source=YONHAP),
        paid("7", "2016", "KRW"),
        paid(big, "2018"),
    )
    assert found.funds == (
        Funds(TransactionType.DISBURSEMENT, "KRW", Decimal(7)),
        Funds(TransactionType.DISBURSEMENT, "USD", Decimal(big + ".30")),
    )


def test_payments_of_disjoint_times_are_several_where_no_value_date_tells_them_apart() -> None:
    def paid(amount: str, day: str, maker: Any = occurred, source: Any = PRESS) -> Any:
        event = ev.FundsReported("water", TransactionType.DISBURSEMENT, Decimal(amount), "USD")
        return maker(event, when=day, sources=source, parties={"provider": "KR"})

    planned = paid("300", "2017", announced)
    both = (paid("100.10", "2018-01-05"), paid("200.20", "2018-07-05"))
    found = initiative(planned, *both, paid("200.20", "2018-07", source=YONHAP))
    assert (found.funds, found.conflicts) == ((Funds(TransactionType.DISBURSEMENT, "USD", Decimal("300.30")),), ())
    late = promise(planned, both[0])
    assert (late.met, late.late) == (YES, YES)
    assert initiative(*both, paid("9", "2018-07-05", source=YONHAP)).conflicts[0].field == "amount"
    assert [one.occurred for one in initiative(planned).own(ev.FundsReported)] == [()]
    denial = denied(both[0].event, when="2018-07", sources=YONHAP, parties={"provider": "KR"})
    refused = initiative(*both, denial)
    assert [conflict.field for conflict in refused.conflicts] == ["happened"]


def test_sectors_partners_names_and_parties_of_an_initiative() -> None:
    found = initiative(
        occurred(
            ev.SectorsClassified("initiative:water", SectorVocabulary.DAC_PURPOSE, (ev.SectorShare("14010"),)),
            sources=PRESS,
        ),
        announced(
            ev.SectorsClassified("initiative:water", SectorVocabulary.OWN, (ev.SectorShare("wet"),)), sources=PRESS
        ),
        occurred(ev.PartnerJoined("water", "KZ"), when="2015", sources=PRESS),
        occurred(ev.PartnerWithdrew("water", "KZ"), when="2016", sources=PRESS),
        occurred(ev.PartnerJoined("water", "KZ"), when="2017", sources=PRESS),
        occurred(ev.PartnerJoined("water", "KG"), when="2017", sources=PRESS),
        occurred(ev.PartnerWithdrew("water", "KG"), when="2018", sources=PRESS),
        announced(ev.PartnerJoined("water", "TJ"), when="2019", sources=PRESS),
        occurred(ev.NameUsed("initiative:water", "Water training"), sources=PRESS, parties={"host": "KR"}),
        announced(ev.NameUsed("initiative:water", "Smart water"), sources=PRESS),
    )
    assert found.sectors == (Sector(SectorVocabulary.DAC_PURPOSE, "14010", None),)
    assert [period.value for period in found.partners if period.on(None) is YES] == [("KZ",)]
    assert found.names == ("Water training",)
    assert [party.party for party in found.parties] == ["KR"]


def institution(*claims: Claim) -> Any:
    return state_of(INSTITUTION, "institution:kcac", *claims)


def test_only_open_means_working() -> None:
    found = institution(
        occurred(ev.StatuteAdopted("kcac"), when="2016-11-15", sources=MINISTRY),
        occurred(ev.InstitutionProclaimed("kcac"), when="2016-11-15", sources=KOREA_NET),
        announced(ev.InstitutionOpened("kcac"), when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(ev.InstitutionOpened("kcac"), when="2017-41", stated="2016-11-16", sources=REPRINT),
        announced(ev.HostDesignated("kcac", "institution:kf"), when="2017", sources=KOREA_NET),
        occurred(ev.WorkPlanAdopted("kcac", When("2017")), when="2016-11-15", sources=MINISTRY),
    )
    assert found.status is Status.PROCLAIMED
    assert str(found.target) == "2017-41"
    assert found.opened.has_happened is UNDECIDED
    assert found.host.id.key == ("institution:kf",)
    assert [plan.id.key for plan in found.work_plans] == [("2017",)]
    assert (found.agreed, found.seat, found.statute.has_happened) == (None, None, YES)
    assert found.proclaimed.sources == (KOREA_NET,)
    assert found.anomalies == ()


def test_an_opening_is_met_and_late_seats_come_last() -> None:
    found = institution(
        occurred(
            ev.EstablishmentAgreed("kcac"), when="2016", sources=PRESS, parties={"member": "KR KZ", "participant": "KG"}
        ),
        occurred(ev.InstitutionOpened("kcac"), when="2017-07", sources=PRESS),
        occurred(ev.SeatEstablished("kcac", "seoul"), when="2017", sources=PRESS),
        occurred(ev.SeatEstablished("kcac", "busan"), when="2019", sources=PRESS),
        announced(ev.SeatEstablished("kcac", "jeju"), when="2021", stated="2020", sources=PRESS),
        occurred(ev.MemberAdmitted("kcac", "TJ"), when="2018", sources=PRESS),
        occurred(ev.MemberWithdrew("kcac", "KZ"), when="2019", sources=PRESS),
        occurred(ev.OfficeTaken("kcac", "head", "p-1"), when="2017", sources=PRESS),
        observed(ev.OfficeTaken("kcac", "deputy", "p-2"), when="2018-11-10", sources=PRESS),
        announced(ev.OfficeTaken("kcac", "clerk", "p-3"), sources=PRESS),
        occurred(ev.OfficeLeft("kcac", "head", "p-1"), when="2020", sources=PRESS),
    )
    assert found.status is Status.OPEN
    assert found.target is None
    assert found.seat.id.key == ("busan",)
    assert found.members_on(None) == {"KR": YES, "TJ": YES}
    assert [(*o.value, o.recorded, str(o.begun), o.ended and str(o.ended)) for o in found.officers] == [
        ("head", "p-1", True, "2017", "2020"),
        ("deputy", "p-2", False, "..2018-11-10", None),
    ]


def agreement(*claims: Claim) -> Any:
    return state_of(AGREEMENT, "agreement:mou", *claims)


def test_parties_of_an_agreement_stand_each_for_itself() -> None:
    two, kz, kg = ({"signatory": names} for names in ("KR KZ", "KZ", "KG"))
    signed = ev.AgreementSigned("mou", "treaty", Binding.YES, SignatureKind.SUBJECT_TO_RATIFICATION)
    deposited = ev.InstrumentDeposited("mou", InstrumentKind.RATIFICATION)
    found = agreement(
        occurred(ev.TextAdopted("mou", "draft treaty"), when="2014", sources=PRESS),
        occurred(signed, when="2015", sources=PRESS, parties=two),
        occurred(deposited, when="2016", sources=PRESS, parties=kz),
        announced(deposited, when="2017", sources=PRESS, parties=kg),
        occurred(ev.EnteredIntoForce("mou"), when="2017", sources=PRESS),
    )
    assert found.status is Status.IN_FORCE
    assert (found.form, found.binding.value) == ("draft treaty", Binding.YES)
    assert {party.party: party.status for party in found.parties} == {
        "KR": PartyStatus.SIGNATORY,
        "KZ": PartyStatus.PARTY,
        "KG": PartyStatus.EXPECTED,
    }
    left = agreement(
        occurred(signed, when="2015", sources=PRESS, parties=kz),
        occurred(ev.WithdrawalNotified("mou"), when="2018", sources=PRESS, parties=kz),
        occurred(ev.WithdrawalTookEffect("mou"), when="2019", sources=PRESS, parties=kz),
    )
    assert [party.status for party in left.parties] == [PartyStatus.FORMER]
    definitive = ev.AgreementSigned("mou", signature=SignatureKind.DEFINITIVE)
    assert (
        agreement(occurred(definitive, when="2015", sources=PRESS, parties=kz)).parties[0].status
        is PartyStatus.CONTRACTING
    )
    assert agreement(announced(ev.NegotiationOpened("mou"), sources=PRESS)).form is None
    assert agreement(announced(ev.NegotiationOpened("mou"), sources=PRESS)).binding is None


def test_a_planned_meeting_shows_its_plan() -> None:
    found = meeting(announced(ev.MeetingHeld("forum/10", level=Rank.MINISTER), when="2016-11", sources=PRESS))
    assert (found.status, str(found.when), found.level.value, found.place) == (
        Status.SCHEDULED,
        "2016-11",
        Rank.MINISTER,
        None,
    )
    empty = meeting(occurred(ev.TopicDiscussed("forum/10", "water"), sources=PRESS))
    assert (empty.held, empty.when, empty.level, empty.place, empty.participation) == (None, None, None, None, ())
    assert meeting(denied(ev.MeetingHeld("forum/10"), sources=PRESS)).when is None


def test_a_visit_has_visitors_hosts_and_protocol() -> None:
    paid = ev.VisitPaid("tour", Rank.HEAD_OF_STATE, VisitStatus.STATE)
    found = state_of(
        VISIT, "visit:tour",
        announced(paid, when="2017", sources=PRESS, parties={"visitor": "KR", "host": "KZ"}),
        announced(paid, when="2017", sources=PRESS, parties={"visitor": "KR", "host": "UZ"}),
    )  # fmt: skip
    assert (found.status, str(found.when), found.visitors, found.hosts) == (
        Status.PLANNED,
        "2017",
        ("KR",),
        ("KZ", "UZ"),
    )
    assert (found.rank.value, found.protocol.value) == (Rank.HEAD_OF_STATE, VisitStatus.STATE)
    done = state_of(VISIT, "visit:tour", occurred(paid, when="2017-05", sources=PRESS))
    assert (done.status, str(done.when), done.rank.value, done.protocol.value) == (
        Status.PAID, "2017-05", Rank.HEAD_OF_STATE, VisitStatus.STATE,
    )  # fmt: skip
    named = state_of(VISIT, "visit:tour", occurred(ev.NameUsed("visit:tour", "Grand tour"), sources=PRESS))
    assert (named.when, named.rank, named.protocol, named.names) == (None, None, None, ("Grand tour",))


def test_names_of_persons_can_be_gone() -> None:
    found = state_of(
        NAMES, "person:p-1",
        occurred(ev.PersonNamed("p-1", "Kim Kwang-keun", "Latn"), when="2016", sources=PRESS),
        occurred(ev.PersonNamed("p-1", REDACTED, "Hang"), sources=PRESS),
    )  # fmt: skip
    assert [(name.name, name.script, name.used and str(name.used)) for name in found.current] == [
        (REDACTED, "Hang", None),
        ("Kim Kwang-keun", "Latn", "2016"),
    ] or {name.name for name in found.current} == {REDACTED, "Kim Kwang-keun"}
    assert {"redacted": True} in [name["name"] for name in as_plain(found)["current"]]
    place = state_of(
        NAMES,
        "place:astana",
        observed(ev.NameUsed("place:astana", "Astana", language="en"), when="2016", sources=PRESS),
    )
    assert (place.current[0].name, place.current[0].language) == ("Astana", "en")


def test_a_report_before_its_day_is_an_anomaly_and_the_claim_stands() -> None:
    early = institution(occurred(ev.EstablishmentAgreed("kcac"), when="2016-11-20", sources=PRESS))
    assert [(a.code, a.positions) for a in early.anomalies] == [(AnomalyCode.EARLY_REPORT, (0,))]
    assert early.agreed.has_happened is YES
    for when in ("2016-11-16", "2016", "../2016"):
        assert institution(occurred(ev.EstablishmentAgreed("kcac"), when=when, sources=PRESS)).anomalies == ()
    from coop_ledger.domain import Source

    assert institution(occurred(ev.EstablishmentAgreed("kcac"), when="2016", sources=Source("Undated"))).anomalies == ()


def test_a_state_knows_its_disputes_sources_and_entries() -> None:
    found = institution(
        occurred(ev.InstitutionOpened("kcac"), when="2017", sources=PRESS),
        occurred(ev.InstitutionOpened("kcac"), when="2018", sources=KOREA_NET),
    )
    assert [m.id.event for m in found.disputed] == [ev.InstitutionOpened]
    assert set(found.sources) == {PRESS, KOREA_NET}
    assert found.positions == (0, 1)
    plain = as_plain(found)
    assert plain["disputed"][0]["disputes"]["when"][0]["text"] == "2018"
    assert plain["opened"]["happened"] == "yes"
    assert found.one(ev.InstitutionSuspended) is None


def test_plain_forms_of_all_values() -> None:
    effective = Effective(
        3,
        "id",
        entries()[0].recorded_at if entries() else entry(3, UnknownEvent("x", 1, {})).recorded_at,
        occurred(DELIVERED, sources=PRESS),
    )
    assert as_plain(effective) == {"position": 3, "id": "id"}
    assert as_plain(Bounds(date(2016, 1, 1), None)) == {"earliest": "2016-01-01", "latest": None}
    assert as_plain({"b": Decimal("1.50"), "a": (When("2017"), NO)}) == {"a": ["2017", "no"], "b": "1.50"}
    assert as_plain(Answer.YES) == "yes"


@dataclass(frozen=True)
class Own:
    """A state that a user wrote as a dataclass."""

    last: date
    seen: tuple[Status, ...]


def test_a_dataclass_is_shown_by_its_fields() -> None:
    assert as_plain(Own(date(2016, 11, 15), (Status.PLANNED,))) == {"last": "2016-11-15", "seen": ["planned"]}
