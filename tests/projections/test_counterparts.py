"""Events with a counterpart: two beginnings are two happenings only if an end surely lies between (keys)."""

from __future__ import annotations

from typing import Any

import pytest

from coop_ledger.domain import InstrumentKind, MissionKind, occurred
from coop_ledger.domain import events as ev
from coop_ledger.projections.collecting import _PAIRS, collect
from coop_ledger.projections.conflicts import milestone_conflicts
from tests.projections.support import LATER, effective

PAIRS = [
    (ev.InitiativeAdopted("water"), ev.InitiativeCancelled("water")),
    (ev.InitiativeStarted("water"), ev.InitiativeCancelled("water")),
    (ev.InitiativeSuspended("water"), ev.InitiativeResumed("water")),
    (ev.PartnerJoined("water", "KZ"), ev.PartnerWithdrew("water", "KZ")),
    (ev.ReservationMade("pact"), ev.ReservationWithdrawn("pact")),
    (ev.ProvisionalApplicationBegan("pact"), ev.ProvisionalApplicationEnded("pact")),
    (ev.OperationSuspended("pact"), ev.OperationResumed("pact")),
    (ev.InstrumentDeposited("pact", InstrumentKind.ACCESSION), ev.WithdrawalNotified("pact")),
    (ev.InstrumentDeposited("pact", InstrumentKind.ACCESSION), ev.WithdrawalTookEffect("pact")),
    (ev.EnteredIntoForce("pact"), ev.WithdrawalTookEffect("pact")),
    (ev.InstitutionOpened("kcac"), ev.InstitutionDissolved("kcac")),
    (ev.InstitutionSuspended("kcac"), ev.InstitutionResumed("kcac")),
    (ev.MemberAdmitted("kcac", "KZ"), ev.MemberWithdrew("kcac", "KZ")),
    (ev.OfficeTaken("kcac", "head", "p-1"), ev.OfficeLeft("kcac", "head", "p-1")),
    (ev.RelationsSuspended("KR-KZ"), ev.RelationsRestored("KR-KZ")),
    (ev.RelationsSevered("KR-KZ"), ev.RelationsRestored("KR-KZ")),
    (ev.MissionOpened("KR-KZ", MissionKind.EMBASSY), ev.MissionClosed("KR-KZ", MissionKind.EMBASSY)),
]


def happenings(*told: tuple[Any, str]) -> tuple[list[Any], int]:
    """The milestones of the first event, and how many conflicts there are."""
    claims = (occurred(event, when=when, sources=LATER, parties={"signatory": "KR"}) for event, when in told)
    found = collect(effective(position, claim) for position, claim in enumerate(claims))
    return [one for one in found if one.id.event is type(told[0][0])], len(milestone_conflicts(found))


def test_every_pair_is_here() -> None:
    assert [(type(one), type(other)) for one, other in PAIRS] == list(_PAIRS)


@pytest.mark.parametrize(("one", "other"), [*PAIRS, *((other, one) for one, other in PAIRS)])
def test_what_ended_between_happened_twice(one: Any, other: Any) -> None:
    twice, conflicts = happenings((one, "2010"), (other, "2012"), (one, "2014"))
    assert ([str(found.dating) for found in twice], conflicts) == (["2010", "2014"], 0)
    for unexplained in ([(one, "2010"), (one, "2014")], [(one, "2010"), (one, "2014"), (other, "2009")]):
        once, conflicts = happenings(*unexplained)
        assert (len(once), conflicts) == (1, 1)
    maybe, conflicts = happenings(
        (one, "2010"), (other, "2012"), (one, "2012")
    )  # of one year, who knows which was first
    assert (len(maybe), conflicts) == (1, 1)
