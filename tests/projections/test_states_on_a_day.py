"""States as of a day: total for every history; what visits, initiatives and institutions then say."""

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
    Projection,
    as_plain,
    project,
)
from coop_ledger.testing import days, histories
from tests.projections.support import KOREA_NET, LATER, PRESS, day, entries

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


def test_a_visit_on_a_day_before_it_shows_its_plan() -> None:
    paid = ev.VisitPaid("tour")
    found: Any = project(
        VISIT,
        entries(
            announced(paid, when="2017-05", stated="2016", sources=LATER), occurred(paid, when="2017-06", sources=LATER)
        ),
    )["visit:tour"]  # type: ignore[index]
    assert [str(found.on(day(then)).when) for then in ("2016-12-31", "2017-07-01")] == ["2017-05", "2017-06"]


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

    def reached(then: str) -> dict[str | None, Any]:
        return {delivery.beneficiary: delivery.delivered for delivery in found.on(day(then)).deliveries}

    assert reached("2016-12-31") == {"KZ": NO, "KG": NO, "TJ": UNDECIDED}
    assert reached("2017-05-15") == {"KZ": YES, "KG": UNDECIDED, "TJ": UNDECIDED}
    assert reached("2018-12-31") == {"KZ": YES, "KG": YES, "TJ": UNDECIDED, "UZ": YES}
    assert reached("2015-12-31") == {}
    refused = initiative(
        occurred(delivered, when="2017", sources=PRESS, parties={"beneficiary": "KZ"}),
        denied(delivered, sources=KOREA_NET),
    )
    assert refused.on(day("2018-01-01")).deliveries == (Delivery("fair", "KZ", False, NO),)


def test_a_delivery_that_may_lie_ahead_leaves_the_status_open() -> None:
    found = initiative(
        announced(ev.InitiativeDelivered("water"), when="2017", stated="2015", sources=LATER),
        occurred(ev.InitiativeDelivered("water"), when="2017", sources=LATER),
    )
    assert [found.on(day(then)).status for then in ("2016-12-31", "2017-06-01", "2017-12-31")] == [
        Status.PIPELINE, None, Status.FINALISATION,
    ]  # fmt: skip
    assert set(found.on(day("2017-06-01")).course.options) == {Status.PIPELINE, Status.FINALISATION}


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
    early = found.on(day("2015-12-31"))
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
    assert found.on(day("2016-01-01")).work_plans == ()
