"""
What happens between two states: recognition, relations, levels, missions, visits, anniversaries.

A level of relations is stored as worded and by whom, never sorted; ladders belong to named tables.
"""

from __future__ import annotations

from coop_ledger.domain.codes import MissionKind, Rank, VisitStatus
from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import code, label, slug, subject_id, whole
from coop_ledger.domain.parties import Role

__all__ = [
    "AnniversaryMarked",
    "LevelDeclared",
    "MissionClosed",
    "MissionOpened",
    "RelationsEstablished",
    "RelationsRestored",
    "RelationsSevered",
    "RelationsSuspended",
    "StateRecognised",
    "VisitPaid",
]

BOTH = (Role.BOTH,)
MISSION_KEY = ("@sender", "@receiver", "kind", "place")
MISSION_ROLES = (Role.SENDER, Role.RECEIVER)


@event(subject="relationship", roles=BOTH)
class StateRecognised(EventBase):
    """One state recognised the other, or each the other."""

    relationship: str = slug("relationship", "the two states")


@event(subject="relationship", roles=BOTH)
class RelationsEstablished(EventBase):
    """Diplomatic relations were established."""

    relationship: str = slug("relationship", "the two states")


@event(subject="relationship", key=("@declarer", "level"), roles=(Role.DECLARER,))
class LevelDeclared(EventBase):
    """
    A side declared the level of relations in its own words; a joint paper has both as declarers.

    Without a declarer among the parties it is a third party's wording, of the side in ``stated_by``, else both (D12).
    """

    relationship: str = slug("relationship", "the two states")
    level: str = label("the level as worded")
    document: str | None = slug("agreement", "the document that says it", default=None)


@event(subject="relationship", roles=BOTH)
class RelationsSuspended(EventBase):
    """Relations were suspended."""

    relationship: str = slug("relationship", "the two states")


@event(subject="relationship", roles=BOTH)
class RelationsSevered(EventBase):
    """Relations were broken off."""

    relationship: str = slug("relationship", "the two states")


@event(subject="relationship", roles=BOTH)
class RelationsRestored(EventBase):
    """Relations were taken up again."""

    relationship: str = slug("relationship", "the two states")


@event(subject="relationship", key=MISSION_KEY, roles=MISSION_ROLES)
class MissionOpened(EventBase):
    """The sender opened a mission with the receiver; a non-resident one names where it sits."""

    relationship: str = slug("relationship", "the two states")
    kind: MissionKind = code(MissionKind, "embassy, consulate …")
    place: str | None = slug("place", "where it sits", default=None)


@event(subject="relationship", key=MISSION_KEY, roles=MISSION_ROLES)
class MissionClosed(EventBase):
    """The sender closed a mission with the receiver."""

    relationship: str = slug("relationship", "the two states")
    kind: MissionKind = code(MissionKind, "embassy, consulate …")
    place: str | None = slug("place", "where it sat", default=None)


@event(subject="visit", roles=(Role.VISITOR, Role.HOST))
class VisitPaid(EventBase):
    """A visit was paid; a tour is one claim for each host."""

    visit: str = slug("visit", "the visit")
    rank: Rank | None = code(Rank, "rank of the visitor", default=None)
    status: VisitStatus | None = code(VisitStatus, "state, official, working visit …", default=None)


@event(subject="subject", key=("of", "count"), roles=(Role.PARTICIPANT,), promise=False)
class AnniversaryMarked(EventBase):
    """An anniversary was marked; the year it implies is not thereby claimed."""

    subject: str = subject_id("whose anniversary")
    of: str = label("of what")
    count: int = whole("how many years", least=1)
