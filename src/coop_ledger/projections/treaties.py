"""
Rule D8 for agreements: what cannot be right about signature, consent, entry into force and withdrawal.

The rules are those of the Vienna Convention on the Law of Treaties (VCLT), each for one party. A party's signature
whose kind no source says may be consent; one whose signatories no source names may be anybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from coop_ledger.domain import Binding, Event, InstrumentKind, SignatureKind, Status, Value
from coop_ledger.domain import events as ev
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.irregular import Findings, after, anomaly, done, none_before
from coop_ledger.projections.milestone import Milestone

__all__ = ["agreement_findings", "consents", "surely_consents"]

_CONSENT: Final = (ev.InstrumentDeposited, ev.AgreementSigned)
_AFTER_SIGNATURE: Final = (InstrumentKind.RATIFICATION, InstrumentKind.ACCEPTANCE, InstrumentKind.APPROVAL)


def _of(party: str, milestones: Sequence[Milestone]) -> list[Milestone]:
    """A party's milestones, and those of which no claim says whose they are."""
    return [milestone for milestone in milestones if milestone.id.key in ((party,), ("",), ())]


def surely_consents(milestone: Milestone) -> bool:
    """Whether it is a consent to be bound: an instrument, or a signature that a source calls definitive."""
    kind = milestone.reading("signature") if milestone.id.event is ev.AgreementSigned else None
    definitive = kind is not None and kind.value is SignatureKind.DEFINITIVE
    return milestone.id.event is ev.InstrumentDeposited or definitive


def consents(milestones: Iterable[Milestone]) -> list[Milestone]:
    """
    The milestones that are, or may be, a consent to be bound: instruments, and signatures not subject to one.

    A signature whose kind no source says may be definitive, unless its party ratified, accepted or approved (VCLT 14).
    """
    milestones = tuple(milestones)
    subject = {m.id.key for m in milestones if _instrument(m) in _AFTER_SIGNATURE}
    found = []
    for milestone in milestones:
        unsaid = milestone.id.event is ev.AgreementSigned and milestone.reading("signature") is None
        if surely_consents(milestone) or (unsaid and milestone.id.key not in subject):
            found.append(milestone)
    return found


def _instrument(milestone: Milestone) -> InstrumentKind | None:
    reading = milestone.reading("instrument") if milestone.id.event is ev.InstrumentDeposited else None
    return None if reading is None else reading.value


@attrs.frozen(eq=False, repr=False)
class _Text(Value):
    """An agreement's milestones, and whether it binds, as sources say."""

    moving: Sequence[Milestone]
    binding: Binding


_Rule = Callable[[Milestone, _Text], Sequence[Milestone] | None]
"""What else is concerned, if a milestone cannot be right; None: nothing is wrong with it."""


def _non_binding(_milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    return () if text.binding is Binding.NO else None


def _unsigned(milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    if text.binding is Binding.NO or _instrument(milestone) is not InstrumentKind.RATIFICATION:
        return None
    return () if none_before(milestone, _of(milestone.id.key[0], text.moving), ev.AgreementSigned) else None


def _unasked(milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    """In force for a party without its consent; of the treaty as a whole, without anybody's."""
    party = milestone.id.key[0]
    consented = consents(_of(party, text.moving) if party else text.moving)
    if text.binding is Binding.NO or not none_before(milestone, consented, *_CONSENT):
        return None
    return done(consented, *_CONSENT)


def _late(milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    own = (m for m in done(text.moving, *_CONSENT) if m.id.key == milestone.id.key and surely_consents(m))
    given = [consent for consent in own if after(milestone, consent)]
    return given if given and milestone.id.key[0] else None  # of the unnamed, nobody knows whose is whose


def _unnotified(milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    own = _of(milestone.id.key[0], text.moving) if milestone.id.key[0] else text.moving
    anew = [m for m in done(own, ev.InstrumentDeposited) if m.id.key[0] and after(milestone, m)]
    notices = [notice for notice in own if not any(after(back, notice) for back in anew)]  # of this membership
    return () if none_before(milestone, notices, ev.WithdrawalNotified) else None


def _unbound(milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    party = milestone.id.key[0]
    own = _of(party, text.moving) if party else text.moving
    named = [other for other in own if other.id.event is ev.EnteredIntoForce and (other.id.key[0] or not party)]
    if not none_before(milestone, [*consents(own), *named], *_CONSENT, ev.EnteredIntoForce):
        return None
    notices = [other for other in done(own, ev.WithdrawalNotified) if other.id.key == milestone.id.key]
    effects = [other for other in done(own, ev.WithdrawalTookEffect) if other.id.key == milestone.id.key]
    return [*notices, *effects]  # of one withdrawal, one fact


def _running(milestone: Milestone, text: _Text) -> Sequence[Milestone] | None:
    own = _of(milestone.id.key[0], text.moving) if milestone.id.key[0] else text.moving
    return () if none_before(milestone, own, ev.OperationSuspended) else None


_ROWS: Final[tuple[tuple[AnomalyCode, tuple[type[Event], ...], _Rule, str], ...]] = (
    (
        AnomalyCode.NON_BINDING_RATIFICATION, (ev.InstrumentDeposited,), _non_binding,
        "consent to be bound by a text that does not bind",
    ),
    (
        AnomalyCode.UNSIGNED_RATIFICATION, (ev.InstrumentDeposited,), _unsigned,
        "ratification without a signature before; perhaps an accession",
    ),
    (
        AnomalyCode.FORCE_BEFORE_CONSENT, (ev.EnteredIntoForce,), _unasked,
        "in force, and no consent to be bound is recorded before",
    ),
    (AnomalyCode.LATE_RESERVATION, (ev.ReservationMade,), _late, "a reservation after consent to be bound"),
    (
        AnomalyCode.WITHDRAWAL_WITHOUT_NOTICE, (ev.WithdrawalTookEffect,), _unnotified,
        "a withdrawal took effect, and no notice was given before",
    ),
    (
        AnomalyCode.WITHDRAWAL_OF_NON_PARTY, (ev.WithdrawalNotified, ev.WithdrawalTookEffect), _unbound,
        "a withdrawal of one that was not bound before",
    ),
    (
        AnomalyCode.RESUMED_NOT_SUSPENDED, (ev.OperationResumed,), _running,
        "operation was resumed, and not suspended before",
    ),
)  # fmt: skip


def agreement_findings(moving: Sequence[Milestone], binding: Binding) -> Findings:
    """
    What is irregular about an agreement; what the same claims say of several parties or steps is one fact.

    Args:
        moving: Its milestones.
        binding: Whether it binds, as sources say.
    """
    text = _Text(moving, binding)
    found: dict[tuple[AnomalyCode, tuple[int, ...]], tuple[list[str], Anomaly]] = {}
    strays: dict[AnomalyCode, list[Milestone]] = {}
    for code, events, wrong, says in _ROWS:
        for milestone in done(moving, *events):
            concerned = wrong(milestone, text)
            if concerned is not None:
                strays.setdefault(code, []).append(milestone)
                made = anomaly(code, (milestone, *concerned), says)
                found.setdefault((code, made.positions), ([], made))[0].append(milestone.id.key[0])
    told = []
    for parties, made in found.values():
        whose = ", ".join(dict.fromkeys(party for party in parties if party))
        told.append(attrs.evolve(made, message=f"{whose}: {made.message}") if whose else made)
    assumed = Status.SIGNED if AnomalyCode.FORCE_BEFORE_CONSENT in strays else None
    return Findings(tuple(told), tuple(strays.get(AnomalyCode.RESUMED_NOT_SUSPENDED, ())), assumed)
