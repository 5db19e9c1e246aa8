"""
Rule D8 with names: what cannot be right about initiatives, institutions and relations between states.

Each rule is a row of ``domain.md`` §4's table. It finds facts that are wrong for every order the dates allow,
and says which of the lifecycle's complaints they explain, so that no fact is reported twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from coop_ledger.domain import LIFECYCLES, YES, Effective, Event, Lifecycle, Status, SubjectKind, Value, stated_bounds
from coop_ledger.domain import events as ev
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.status import course_of, may_have

__all__ = [
    "Findings",
    "after",
    "anomaly",
    "done",
    "initiative_findings",
    "institution_findings",
    "none_before",
    "relationship_findings",
    "revivals",
    "unexplained",
]


@attrs.frozen(eq=False, repr=False)
class Findings(Value):
    """
    What the rules of one kind of subject find.

    Args:
        anomalies: What is irregular.
        excused: Milestones that the lifecycle need not complain of any more.
        assumed: The status from which the lifecycle starts, where what led there is missing.
    """

    anomalies: tuple[Anomaly, ...] = ()
    excused: tuple[Milestone, ...] = ()
    assumed: Status | None = None

    def __add__(self, other: Findings) -> Findings:
        both = (*self.anomalies, *other.anomalies), (*self.excused, *other.excused)
        return Findings(*both, self.assumed or other.assumed)


def unexplained(lifecycle: Lifecycle, milestones: Sequence[Milestone], findings: Findings) -> tuple[Anomaly, ...]:
    """What is irregular about the order of milestones, as far as no finding explains it."""
    complaint = course_of(lifecycle, milestones).anomalies
    if not complaint or findings == Findings():
        return complaint
    excused = {id(milestone) for milestone in findings.excused}
    rest = [milestone for milestone in milestones if id(milestone) not in excused]
    return course_of(lifecycle, rest, findings.assumed).anomalies


def anomaly(code: AnomalyCode, milestones: Iterable[Milestone], message: str) -> Anomaly:
    """An anomaly about the entries that say that milestones happened; what was planned of them is not concerned."""
    positions = {effective.position for m in milestones for effective in (m.occurred or m.held)}
    return Anomaly(code, tuple(sorted(positions)), message)


def done(milestones: Iterable[Milestone], *events: type[Event]) -> list[Milestone]:
    """The milestones of some events that surely happened."""
    return [milestone for milestone in milestones if milestone.id.event in events and milestone.has_happened is YES]


def _dates(milestones: Iterable[Milestone], *events: type[Event]) -> list[Dating]:
    """The dates of what happened, or may have by the day of the state."""
    found = (m for m in milestones if m.id.event in events and (m.has_happened is YES or may_have(m)))
    return [milestone.dating for milestone in found if milestone.dating is not None]


def none_before(milestone: Milestone, milestones: Iterable[Milestone], *events: type[Event]) -> bool:
    """Whether no milestone of some events can lie before, whatever the dates allow."""
    mine = milestone.dating
    return mine is None or all(mine.surely_before(other) for other in _dates(milestones, *events))


def after(milestone: Milestone, other: Milestone) -> bool:
    """Whether it surely lies after the other."""
    first, second = other.dating, milestone.dating
    return first is not None and second is not None and first.surely_before(second)


def _said(milestones: Iterable[Milestone], *events: type[Event]) -> list[tuple[Dating, Effective]]:
    """When plans and proposals of some events were said."""
    told = (e for m in milestones if m.id.event in events for e in (*m.planned, *m.proposed))
    return [(Dating.within(stated_bounds(effective.claim)), effective) for effective in told]


_WORK: Final = (
    ev.InitiativeStarted, ev.InitiativeProgressed, ev.InitiativeDelivered, ev.InitiativeClosed,
    ev.InitiativeSuspended, ev.InitiativeResumed,
)  # fmt: skip


def _events(kind: SubjectKind) -> tuple[type[Event], ...]:
    return tuple(dict.fromkeys(move.event for move in LIFECYCLES[kind].moves))


def initiative_findings(moving: Sequence[Milestone]) -> Findings:
    """
    What is irregular about an initiative.

    Args:
        moving: Its milestones, as they move its state.
    """
    began = _before_proposal(moving, SubjectKind.INITIATIVE, ev.InitiativeStarted, ev.InitiativeAdopted)
    return (
        _never_announced(moving)
        + began
        + _resumed(moving, ev.InitiativeResumed, ev.InitiativeSuspended)
        + _after_cancellation(moving)
    )


def _never_announced(moving: Sequence[Milestone]) -> Findings:
    work = done(moving, *_WORK)
    told = _said(moving, *_events(SubjectKind.INITIATIVE)) or _dates(moving, ev.InitiativeAdopted)
    if not work or told:
        return Findings()
    message = "no claim proposes, announces or adopts what was begun, delivered or closed"
    return Findings((anomaly(AnomalyCode.NEVER_ANNOUNCED, work, message),), assumed=Status.PIPELINE)


def _before_proposal(
    moving: Sequence[Milestone], kind: SubjectKind, start: type[Event], adoption: type[Event]
) -> Findings:
    """A start or opening surely before all that proposes or announces it."""
    adopted = done(moving, adoption)
    own = _said(moving, start, adoption)
    all_told = [*(day for day, _ in _said(moving, *_events(kind))), *_dates(moving, adoption)]
    found = []
    for milestone in done(moving, start):
        mine = milestone.dating
        if (own or adopted) and mine is not None and all(mine.surely_before(day) for day in all_told):
            positions = {
                *milestone.positions,
                *(e.position for _, e in own),
                *(p for m in adopted for p in m.positions),
            }
            message = f"dated {mine}, before anybody proposed or announced it"
            found.append(Anomaly(AnomalyCode.BEFORE_PROPOSAL, tuple(sorted(positions)), message))
    return Findings(tuple(found), tuple(adopted), LIFECYCLES[kind].planned) if found else Findings()


def _resumed(moving: Sequence[Milestone], resumed: type[Event], *suspended: type[Event]) -> Findings:
    """What goes on again without having stopped."""
    strays = [milestone for milestone in done(moving, resumed) if none_before(milestone, moving, *suspended)]
    message = f"{resumed.__name__}, and nothing was suspended before"
    found = tuple(anomaly(AnomalyCode.RESUMED_NOT_SUSPENDED, (stray,), message) for stray in strays)
    return Findings(found, tuple(strays))


def revivals(moving: Sequence[Milestone]) -> tuple[Effective, ...]:
    """Plans and proposals that were surely said after an initiative was given up: each begins a new cycle."""
    cancelled = _dates(done(moving, ev.InitiativeCancelled), ev.InitiativeCancelled)
    told = _said(moving, *_events(SubjectKind.INITIATIVE))
    found = {e.position: e for said, e in told if any(end.surely_before(said) for end in cancelled)}
    return tuple(found[position] for position in sorted(found))


def _after_cancellation(moving: Sequence[Milestone]) -> Findings:
    anew = [Dating.within(stated_bounds(effective.claim)) for effective in revivals(moving)]
    found = Findings()
    for cancelled in done(moving, ev.InitiativeCancelled):
        later = [milestone for milestone in done(moving, *_WORK) if after(milestone, cancelled)]
        adopted = [m.dating for m in done(moving, ev.InitiativeAdopted) if after(m, cancelled) and m.dating]
        strays, revived = [], False
        for milestone in later:
            mine = milestone.dating
            if mine is None or all(mine.surely_before(day) for day in (*anew, *adopted)):
                strays.append(milestone)
            else:
                revived = revived or not adopted
        if strays:
            message = "it went on, or was delivered or closed, after it was given up"
            code = AnomalyCode.AFTER_CANCELLATION
            found += Findings((anomaly(code, (cancelled, *strays), message),), tuple(strays))
        if revived:
            found += Findings(excused=(cancelled,))
    return found


def institution_findings(moving: Sequence[Milestone]) -> Findings:
    """What is irregular about an institution."""
    opened = _before_proposal(moving, SubjectKind.INSTITUTION, ev.InstitutionOpened, ev.EstablishmentAgreed)
    return opened + _resumed(moving, ev.InstitutionResumed, ev.InstitutionSuspended) + _dissolved(moving)


def _dissolved(moving: Sequence[Milestone]) -> Findings:
    found = Findings()
    for ended in done(moving, ev.InstitutionDissolved):
        anew = [milestone for milestone in done(moving, ev.InstitutionOpened) if after(milestone, ended)]
        if anew:
            message = "it opened after it was dissolved"
            stray = anomaly(AnomalyCode.DISSOLVED_OPENING, (ended, *anew), message)
            before = len(done(moving, ev.InstitutionOpened)) > len(anew)
            found += Findings((stray,), (ended, *(anew if before else ())))
    return found


def relationship_findings(moving: Sequence[Milestone]) -> Findings:
    """What is irregular about the relations of two states; what takes a side's ladder to see is of ``ladders.py``."""
    found = _resumed(moving, ev.RelationsRestored, ev.RelationsSuspended, ev.RelationsSevered)
    again = [m for m in done(moving, ev.LevelDeclared) if m.id.key[0] and m.when is not None and m.when.against]
    for milestone in again:
        side, level = milestone.id.key
        message = f"{side} declared {level!r} again, and no other level between"
        found += Findings((anomaly(AnomalyCode.LEVEL_NOT_RAISED, (milestone,), message),))
    return found
