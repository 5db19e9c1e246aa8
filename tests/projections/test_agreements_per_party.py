"""Agreements for each party, in the terms of the Vienna Convention: where it stands, whether it is in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coop_ledger.domain import (
    NO,
    UNDECIDED,
    YES,
    AgreementEnd,
    Answer,
    Binding,
    Claim,
    InstrumentKind,
    SignatureKind,
    Status,
    announced,
    denied,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import AGREEMENT, AnomalyCode, PartyStatus, project
from tests.projections.support import KOREA_NET, LATER, entries

SUBJECT, DEFINITIVE = SignatureKind.SUBJECT_TO_RATIFICATION, SignatureKind.DEFINITIVE


def agreement(*claims: Claim) -> Any:
    return project(AGREEMENT, entries(*claims))["agreement:pact"]  # type: ignore[index]


def signed(who: str, when: str, kind: SignatureKind | None = SUBJECT, maker: Any = occurred) -> Any:
    event = ev.AgreementSigned("pact", signature=kind)
    return maker(event, when=when, sources=LATER, parties={"signatory": who})


def deposited(who: str, when: str, kind: InstrumentKind = InstrumentKind.RATIFICATION, maker: Any = occurred) -> Any:
    return maker(ev.InstrumentDeposited("pact", kind), when=when, sources=LATER, parties={"signatory": who})


def said(event: Any, when: str, who: str = "", maker: Any = occurred) -> Any:
    return maker(event, when=when, sources=LATER, parties={"signatory": who} if who else ())


FORCE, NOTICE, EFFECT = ev.EnteredIntoForce("pact"), ev.WithdrawalNotified("pact"), ev.WithdrawalTookEffect("pact")
STOPPED, RESUMED = ev.OperationSuspended("pact"), ev.OperationResumed("pact")
LIFE = (
    signed("KR KZ", "2010-03-01"),
    deposited("KR", "2011-06-01"),
    deposited("KZ", "2012-06-01"),
    deposited("UZ", "2014-01-01", InstrumentKind.ACCESSION),
    said(FORCE, "2012-09-01"),
    said(NOTICE, "2016-01-01", "KZ"),
    said(EFFECT, "2017-01-01", "KZ"),
    deposited("KZ", "2019-05-01"),
    announced(ev.AgreementSigned("pact"), when="2020", stated="2018", sources=LATER, parties={"signatory": "TM"}),
    denied(ev.AgreementSigned("pact"), sources=LATER, parties={"signatory": "TJ"}),
)

S = PartyStatus


@pytest.mark.parametrize(
    ("day", "stands"),
    [
        ("2009-12-31", {}),
        ("2010-12-31", {"KR": S.SIGNATORY, "KZ": S.SIGNATORY}),
        ("2011-12-31", {"KR": S.CONTRACTING, "KZ": S.SIGNATORY}),
        ("2012-12-31", {"KR": S.PARTY, "KZ": S.PARTY}),
        ("2014-12-31", {"KR": S.PARTY, "KZ": S.PARTY, "UZ": S.PARTY}),
        ("2016-12-31", {"KR": S.PARTY, "KZ": S.WITHDRAWING, "UZ": S.PARTY}),
        ("2017-12-31", {"KR": S.PARTY, "KZ": S.FORMER, "UZ": S.PARTY}),
        ("2018-12-31", {"KR": S.PARTY, "KZ": S.FORMER, "UZ": S.PARTY, "TM": S.EXPECTED}),
        ("2019-12-31", {"KR": S.PARTY, "KZ": S.PARTY, "UZ": S.PARTY, "TM": S.EXPECTED}),
    ],
)
def test_where_each_party_stands_on_a_day(day: str, stands: dict[str, PartyStatus]) -> None:
    found = agreement(*LIFE).on(date.fromisoformat(day))
    assert {party.party: party.status for party in found.parties} == stands


def in_force(found: Any, day: str, party: str) -> Answer | None:
    standing = found.on(date.fromisoformat(day)).party(party)
    return None if standing is None else standing.in_force


def test_in_force_on_a_day_for_the_treaty_and_for_each_party() -> None:
    found = agreement(*LIFE)
    assert [found.on(date(year, 12, 31)).in_force for year in (2011, 2012)] == [NO, YES]
    assert [in_force(found, f"{year}-12-31", "KZ") for year in (2011, 2012, 2016, 2017, 2019)] == [
        NO, YES, YES, NO, YES,
    ]  # fmt: skip
    assert [in_force(found, f"{year}-12-31", "UZ") for year in (2013, 2014)] == [None, YES]
    assert found.party("TJ") is None
    assert found.party("TM").in_force is UNDECIDED
    unsaid = agreement(signed("KR", "2010"))
    assert (unsaid.in_force, unsaid.party("KR").in_force) == (UNDECIDED, UNDECIDED)


def test_suspension_and_end_take_force_away() -> None:
    claims = (
        signed("KR KZ", "2010", DEFINITIVE), said(FORCE, "2011"), said(STOPPED, "2013", "KZ"),
        said(RESUMED, "2015", "KZ"), said(STOPPED, "2016"), said(RESUMED, "2017"),
        said(ev.AgreementEnded("pact", AgreementEnd.EXPIRED), "2020"),
        announced(ev.AgreementEnded("pact", AgreementEnd.EXPIRED), when="2019", stated="2009", sources=LATER),
    )  # fmt: skip
    found = agreement(*claims)
    assert [in_force(found, f"{year}-12-31", "KZ") for year in (2012, 2013, 2015, 2016, 2017, 2020)] == [
        YES, NO, YES, NO, YES, NO,
    ]  # fmt: skip
    assert [in_force(found, f"{year}-12-31", "KR") for year in (2013, 2016)] == [YES, NO]
    assert [found.on(date(year, 12, 31)).in_force for year in (2013, 2016, 2017, 2020)] == [YES, NO, YES, NO]
    assert found.anomalies == ()
    assert agreement(*claims[:2], claims[-1]).in_force is YES


def test_what_dates_leave_open_stays_open() -> None:
    found = agreement(signed("KR", "2010"), deposited("KR", "2012"), said(FORCE, "2013")).on(date(2012, 6, 1))
    assert (found.party("KR").status, found.party("KR").in_force) == (None, NO)
    found = agreement(signed("KR", "2010", DEFINITIVE), said(FORCE, "2013")).on(date(2013, 6, 1))
    assert (found.party("KR").status, found.party("KR").in_force, found.in_force) == (None, UNDECIDED, UNDECIDED)


def test_entry_into_force_may_be_for_one_party_only() -> None:
    found = agreement(signed("KR KZ", "2010", DEFINITIVE), said(FORCE, "2011", "KR"))
    assert [(party.party, party.status, party.in_force) for party in found.parties] == [
        ("KR", S.PARTY, YES),
        ("KZ", S.CONTRACTING, UNDECIDED),
    ]
    assert found.in_force is YES


def test_a_text_that_does_not_bind_knows_signature_only() -> None:
    text = ev.TextAdopted("pact", "memorandum", Binding.NO)
    found = agreement(
        occurred(text, when="2009", sources=LATER), signed("KR", "2010", DEFINITIVE), deposited("KZ", "2011"),
        said(FORCE, "2012"),
    )  # fmt: skip
    assert found.is_binding is Binding.NO
    assert [(party.party, party.status) for party in found.parties] == [("KR", S.SIGNATORY), ("KZ", S.EXPECTED)]
    assert [anomaly.code for anomaly in found.anomalies] == [AnomalyCode.NON_BINDING_RATIFICATION]


def test_whether_it_binds_is_what_sources_say() -> None:
    def adopted(binding: Binding | None, source: Any = LATER) -> Claim:
        return occurred(ev.TextAdopted("pact", binding=binding), when="2009", sources=source)

    def sign(binding: Binding) -> Claim:
        event = ev.AgreementSigned("pact", binding=binding)
        return occurred(event, when="2010", sources=KOREA_NET, parties={"signatory": "KR KZ"})

    assert agreement(adopted(None)).is_binding is Binding.UNKNOWN
    assert agreement(adopted(Binding.UNKNOWN), sign(Binding.YES)).is_binding is Binding.YES
    disputed = agreement(adopted(Binding.NO), sign(Binding.YES))
    assert (disputed.is_binding, disputed.binding.values) == (Binding.DISPUTED, (Binding.YES, Binding.NO))
    assert [(c.field, c.values, len(c.claims)) for c in disputed.conflicts] == [
        ("binding", (Binding.YES, Binding.NO), 2)
    ]
    one_milestone = agreement(adopted(Binding.NO), adopted(Binding.YES, KOREA_NET))
    assert [conflict.field for conflict in one_milestone.conflicts] == ["binding"]


C = AnomalyCode


@pytest.mark.parametrize(
    ("claims", "codes"),
    [
        ((signed("KR", "2010"), deposited("KR", "2011")), []),
        ((deposited("KR", "2011"),), [(C.UNSIGNED_RATIFICATION, (0,))]),
        ((signed("KR", "2012"), deposited("KR", "2011")), [(C.UNSIGNED_RATIFICATION, (1,))]),
        ((signed("KR", "2011"), deposited("KR", "2011")), []),
        ((deposited("KR", "2011", InstrumentKind.ACCESSION),), []),
        ((said(ev.AgreementSigned("pact"), "2010"), deposited("KR", "2011")), []),
        ((signed("KR KZ", "2010"), said(FORCE, "2011")), [(C.FORCE_BEFORE_CONSENT, (1,))]),
        ((signed("KR KZ", "2010"), said(FORCE, "2011", "KR KZ")), [(C.FORCE_BEFORE_CONSENT, (1,))]),
        ((signed("KR KZ", "2010", None), said(FORCE, "2011")), []),
        ((signed("KR KZ", "2010", DEFINITIVE), said(FORCE, "2011", "KR")), []),
        (
            (signed("KR", "2010"), deposited("KR", "2012"), said(FORCE, "2011")),
            [(C.FORCE_BEFORE_CONSENT, (1, 2))],
        ),
        ((said(FORCE, "2011"),), [(C.FORCE_BEFORE_CONSENT, (0,))]),
        ((signed("KR", "2010"), said(ev.ReservationMade("pact"), "2010", "KR"), deposited("KR", "2011")), []),
        (
            (signed("KR", "2010"), deposited("KR", "2011"), said(ev.ReservationMade("pact"), "2012", "KR")),
            [(C.LATE_RESERVATION, (1, 2))],
        ),
        ((signed("KR", "2010"), deposited("KR", "2011"), said(ev.ReservationMade("pact"), "2012")), []),
        ((signed("KR", "2010", DEFINITIVE), said(NOTICE, "2012", "KR"), said(EFFECT, "2013", "KR")), []),
        ((signed("KR", "2010", DEFINITIVE), said(EFFECT, "2013", "KR")), [(C.WITHDRAWAL_WITHOUT_NOTICE, (1,))]),
        (
            (signed("KR", "2010"), said(NOTICE, "2012", "KR"), said(EFFECT, "2013", "KR")),
            [(C.WITHDRAWAL_OF_NON_PARTY, (1, 2))],
        ),
        (
            (signed("KR KZ", "2016-01", None), said(FORCE, "2016-06"), deposited("KR KZ", "2017-05")),
            [(C.FORCE_BEFORE_CONSENT, (1, 2))],
        ),
        (
            (signed("KR KZ", "2016-01", None), said(FORCE, "2016-06"), deposited("KR", "2017-05")),
            [],
        ),
        (
            (
                signed("KR", "2010", DEFINITIVE),
                said(NOTICE, "2018", "KR"),
                said(EFFECT, "2019", "KR"),
                deposited("KR", "2021", InstrumentKind.ACCESSION),
                said(NOTICE, "2023", "KR"),
                said(EFFECT, "2024", "KR"),
            ),
            [],
        ),
        (
            (
                signed("KR", "2010", DEFINITIVE),
                said(NOTICE, "2018", "KR"),
                said(EFFECT, "2019", "KR"),
                deposited("KR", "2021", InstrumentKind.ACCESSION),
                said(EFFECT, "2024", "KR"),
            ),
            [(C.WITHDRAWAL_WITHOUT_NOTICE, (4,))],
        ),
        (
            (said(EFFECT, "2013"),),
            [(C.WITHDRAWAL_WITHOUT_NOTICE, (0,)), (C.WITHDRAWAL_OF_NON_PARTY, (0,))],
        ),
        (
            (signed("KR", "2010", DEFINITIVE), said(FORCE, "2011"), said(RESUMED, "2013")),
            [(C.RESUMED_NOT_SUSPENDED, (2,))],
        ),
        (
            (signed("KR", "2010"), said(RESUMED, "2013", "KR")),
            [(C.RESUMED_NOT_SUSPENDED, (1,))],
        ),
        (
            (signed("KR", "2010", DEFINITIVE), said(FORCE, "2011"), said(ev.NegotiationOpened("pact"), "2012")),
            [(C.IRREGULAR_STEP, (0, 1, 2))],
        ),
    ],
)
def test_what_cannot_be_right_about_an_agreement(
    claims: tuple[Claim, ...], codes: list[tuple[AnomalyCode, tuple[int, ...]]]
) -> None:
    found = agreement(*claims)
    assert [(anomaly.code, anomaly.positions) for anomaly in found.anomalies] == codes
    assert found.conflicts == ()


def test_an_amendment_needs_no_consent_of_its_own_and_a_message_names_the_parties() -> None:
    amended = said(ev.AgreementAmended("pact", "protocol"), "2015")
    assert agreement(signed("KR", "2010", DEFINITIVE), said(FORCE, "2011"), amended).anomalies == ()
    (found,) = agreement(signed("KR KZ", "2010"), said(FORCE, "2011", "KR KZ")).anomalies
    assert found.message.startswith("KR, KZ: in force")
    (left,) = agreement(signed("KR", "2010"), said(NOTICE, "2012", "KR"), said(EFFECT, "2013", "KR")).anomalies
    assert left.message.startswith("KR: a withdrawal")
    memorandum = occurred(ev.TextAdopted("pact", binding=Binding.NO), when="2009", sources=LATER)
    assert agreement(memorandum, said(FORCE, "2011")).anomalies == ()


BEGAN, STOPPED_APPLYING = ev.ProvisionalApplicationBegan("pact"), ev.ProvisionalApplicationEnded("pact")


def late_steps(status: Status) -> Any:
    """A late signatory and its provisional application, in a treaty that stands at some status."""
    before = {
        Status.PROVISIONAL: (said(BEGAN, "2010-06-01", "KR KZ"),),
        Status.IN_FORCE: (said(FORCE, "2012-09-01"),),
        Status.SUSPENDED: (said(FORCE, "2012-09-01"), said(STOPPED, "2013-01-01")),
    }[status]
    return agreement(
        signed("KR KZ", "2010-03-01", DEFINITIVE),
        *before,
        signed("TM", "2014-01-01", DEFINITIVE),
        said(BEGAN, "2014-02-01", "TM") if status is not Status.SUSPENDED else said(FORCE, "2014-02-01", "TM"),
        *([said(STOPPED_APPLYING, "2014-03-01", "TM")] if status is Status.IN_FORCE else []),
    )


@pytest.mark.parametrize("status", [Status.PROVISIONAL, Status.IN_FORCE, Status.SUSPENDED])
def test_what_a_late_party_does_leaves_the_treaty_where_it_is(status: Status) -> None:
    found = late_steps(status)
    assert (found.status, found.anomalies) == (status, ())


def test_provisional_application_goes_on_until_the_last_signatory_ends_it() -> None:
    begun = (signed("KR KZ", "2010-03-01"), said(BEGAN, "2010-06-01", "KR KZ"))
    one, both = said(STOPPED_APPLYING, "2011-06-01", "KR"), said(STOPPED_APPLYING, "2012-06-01", "KZ")
    assert agreement(*begun, one).status is Status.PROVISIONAL
    assert agreement(*begun, one, both).status is Status.SIGNED
    assert agreement(*begun, said(STOPPED_APPLYING, "2012-06-01")).status is Status.SIGNED
    assert agreement(*begun, one, both).on(date(2011, 12, 31)).status is Status.PROVISIONAL


def test_a_treaty_that_was_in_force_for_nobody_was_in_force_for_no_party() -> None:
    found = agreement(
        signed("KR KZ UZ", "2017-03-01"),
        *(deposited(party, "2018-01-05") for party in ("KR", "KZ")),
        *(said(FORCE, "2018-04-05", party) for party in ("KR", "KZ")),
    )
    early = found.on(date(2018, 2, 1))
    assert (early.in_force, [party.in_force for party in early.parties]) == (NO, [NO, NO, NO])
    assert [party.in_force for party in found.parties] == [YES, YES, UNDECIDED]


def test_only_a_new_consent_brings_a_party_back() -> None:
    left = (signed("KR", "2010", DEFINITIVE), said(NOTICE, "2016", "KR"), said(EFFECT, "2017", "KR"))
    for later in (signed("KR", "2019"), said(ev.ReservationWithdrawn("pact"), "2019", "KR")):
        assert agreement(*left, later).party("KR").status is S.FORMER
    assert agreement(*left, deposited("KR", "2019", InstrumentKind.ACCESSION)).party("KR").status is S.CONTRACTING
