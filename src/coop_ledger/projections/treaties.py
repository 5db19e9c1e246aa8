"""
Rule D8 for agreements: what cannot be right about signature, consent, entry into force and withdrawal.

The rules are those of the Vienna Convention on the Law of Treaties (VCLT), each for one party. A party's signature
whose kind no source says may be consent; one whose signatories no source names may be anybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from coop_ledger.domain import Binding, InstrumentKind, SignatureKind, Status
from coop_ledger.domain import events as ev
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.irregular import Findings, after, anomaly, done, none_before
from coop_ledger.projections.milestone import Milestone

__all__ = ["agreement_findings", "consents", "surely_consents"]

_CONSENT: Final = (ev.InstrumentDeposited, ev.AgreementSigned)


def _of(party: str, milestones: Sequence[Milestone]) -> list[Milestone]:
    """A party's milestones, and those of which no claim says whose they are."""
    return [milestone for milestone in milestones if milestone.id.key in ((party,), ("",), ())]


def surely_consents(milestone: Milestone) -> bool:
    """Whether it is a consent to be bound: an instrument, or a signature that a source calls definitive."""
    kind = milestone.reading("signature") if milestone.id.event is ev.AgreementSigned else None
    definitive = kind is not None and kind.value is SignatureKind.DEFINITIVE
    return milestone.id.event is ev.InstrumentDeposited or definitive


def consents(milestones: Iterable[Milestone]) -> list[Milestone]:
    """The milestones that are, or may be, a consent to be bound: instruments, and signatures not subject to one."""
    found = []
    for milestone in milestones:
        unsaid = milestone.id.event is ev.AgreementSigned and milestone.reading("signature") is None
        if unsaid or surely_consents(milestone):
            found.append(milestone)
    return found


def _who(milestone: Milestone) -> str:
    return milestone.id.key[0] or "the agreement"


def agreement_findings(moving: Sequence[Milestone], binding: Binding) -> Findings:
    """
    What is irregular about an agreement.

    Args:
        moving: Its milestones.
        binding: Whether it binds, as sources say.
    """
    unasked = list(_force_before_consent(moving, binding))
    resumed = [
        milestone
        for milestone in done(moving, ev.OperationResumed)
        if none_before(milestone, _of(milestone.id.key[0], moving), ev.OperationSuspended)
    ]
    found = [
        *_ratifications(moving, binding),
        *unasked,
        *_late_reservations(moving),
        *_withdrawals(moving),
        *(
            anomaly(
                AnomalyCode.RESUMED_NOT_SUSPENDED,
                (milestone,),
                f"operation for {_who(milestone)} was resumed, and nothing was suspended before",
            )
            for milestone in resumed
        ),
    ]
    return Findings(tuple(found), tuple(resumed), Status.SIGNED if unasked else None)


def _ratifications(moving: Sequence[Milestone], binding: Binding) -> Iterator[Anomaly]:
    for milestone in done(moving, ev.InstrumentDeposited):
        kind = milestone.reading("instrument")
        if binding is Binding.NO:
            message = f"{_who(milestone)} consented to be bound by a text that does not bind"
            yield anomaly(AnomalyCode.NON_BINDING_RATIFICATION, (milestone,), message)
        unsigned = none_before(milestone, _of(milestone.id.key[0], moving), ev.AgreementSigned)
        if unsigned and kind is not None and kind.value is InstrumentKind.RATIFICATION and binding is not Binding.NO:
            message = f"{_who(milestone)} ratified what it had not signed; perhaps an accession"
            yield anomaly(AnomalyCode.UNSIGNED_RATIFICATION, (milestone,), message)


def _force_before_consent(moving: Sequence[Milestone], binding: Binding) -> Iterator[Anomaly]:
    """In force for a party without its consent; of the treaty, without anybody's."""
    for milestone in done(moving, ev.EnteredIntoForce):
        party = milestone.id.key[0]
        consented = consents(_of(party, moving) if party else moving)
        if binding is not Binding.NO and none_before(milestone, consented, *_CONSENT):
            message = f"in force for {_who(milestone)} before any consent to be bound is recorded"
            yield anomaly(AnomalyCode.FORCE_BEFORE_CONSENT, (milestone, *done(consented, *_CONSENT)), message)


def _late_reservations(moving: Sequence[Milestone]) -> Iterator[Anomaly]:
    for milestone in done(moving, ev.ReservationMade):
        own = (m for m in done(moving, *_CONSENT) if m.id.key == milestone.id.key and surely_consents(m))
        given = [consent for consent in own if after(milestone, consent)]
        if given and milestone.id.key[0]:
            message = f"{_who(milestone)} made a reservation after it had consented to be bound"
            yield anomaly(AnomalyCode.LATE_RESERVATION, (milestone, *given), message)


def _withdrawals(moving: Sequence[Milestone]) -> Iterator[Anomaly]:
    strays: dict[str, list[Milestone]] = {}
    for milestone in done(moving, ev.WithdrawalNotified, ev.WithdrawalTookEffect):
        party = milestone.id.key[0]
        own = _of(party, moving) if party else list(moving)
        if milestone.id.event is ev.WithdrawalTookEffect and none_before(milestone, own, ev.WithdrawalNotified):
            message = f"the withdrawal of {_who(milestone)} took effect, and no notice was given before"
            yield anomaly(AnomalyCode.WITHDRAWAL_WITHOUT_NOTICE, (milestone,), message)
        bound = [*consents(own), *(m for m in own if m.id.event is ev.EnteredIntoForce and m.id.key != ("",))]
        if none_before(milestone, bound, *_CONSENT, ev.EnteredIntoForce):
            strays.setdefault(party, []).append(milestone)
    for party, found in strays.items():
        message = f"{party or 'a party'} withdrew, and was not bound before"
        yield anomaly(AnomalyCode.WITHDRAWAL_OF_NON_PARTY, found, message)
