"""
What happens to institutions: secretariats, councils, foundations, ministries.

Agreed, proclaimed and open are three things: only open means working, and a ceremony opens nothing.
"""

from __future__ import annotations

from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import date, label, party_ref, slug
from coop_ledger.domain.parties import Role
from coop_ledger.domain.when import When

__all__ = [
    "EstablishmentAgreed",
    "HostDesignated",
    "InstitutionDissolved",
    "InstitutionOpened",
    "InstitutionProclaimed",
    "InstitutionResumed",
    "InstitutionSucceeded",
    "InstitutionSuspended",
    "MemberAdmitted",
    "MemberWithdrew",
    "OfficeLeft",
    "OfficeTaken",
    "SeatEstablished",
    "StatuteAdopted",
    "WorkPlanAdopted",
]

FOUNDERS = (
    Role.IMPLEMENTING,
    Role.FUNDING,
    Role.ACCOUNTABLE,
    Role.EXTENDING,
    Role.SIGNATORY,
    Role.PARTICIPANT,
    Role.MEMBER,
)
"""Only the role ``member`` makes a member: a participant list does not."""


@event(subject="institution", roles=FOUNDERS)
class EstablishmentAgreed(EventBase):
    """It was agreed that the institution shall exist."""

    institution: str = slug("institution", "what shall exist")


@event(subject="institution", roles=FOUNDERS)
class InstitutionProclaimed(EventBase):
    """The institution was proclaimed in a ceremony; it need not work yet."""

    institution: str = slug("institution", "what was proclaimed")


@event(subject="institution", roles=FOUNDERS)
class StatuteAdopted(EventBase):
    """The rules of the institution were adopted."""

    institution: str = slug("institution", "whose rules")
    document: str | None = slug("agreement", "the document, where it is a subject of its own", default=None)


@event(subject="institution", key=("host",))
class HostDesignated(EventBase):
    """A body was named as host of the institution; an institution has one host at a time."""

    institution: str = slug("institution", "what is hosted")
    host: str = party_ref("the body that hosts it")


@event(subject="institution", roles=FOUNDERS)
class InstitutionOpened(EventBase):
    """The institution began to work."""

    institution: str = slug("institution", "what began to work")


@event(subject="institution", key=("place",))
class SeatEstablished(EventBase):
    """The institution took its seat, the first or a later one; it has one at a time."""

    institution: str = slug("institution", "whose seat")
    place: str = slug("place", "where")


@event(subject="institution", key=("party",), roles=(Role.MEMBER,))
class MemberAdmitted(EventBase):
    """A party became a member."""

    institution: str = slug("institution", "of what")
    party: str = party_ref("who")


@event(subject="institution", key=("party",), roles=(Role.MEMBER,))
class MemberWithdrew(EventBase):
    """A party ceased to be a member."""

    institution: str = slug("institution", "of what")
    party: str = party_ref("who")


@event(subject="institution", key=("office", "person"))
class OfficeTaken(EventBase):
    """A person took an office; HOLDS means that the person was seen in it."""

    institution: str = slug("institution", "whose office")
    office: str = label("the office as worded, never a name")
    person: str = slug("person", "opaque id of the person")


@event(subject="institution", key=("office", "person"))
class OfficeLeft(EventBase):
    """A person left an office."""

    institution: str = slug("institution", "whose office")
    office: str = label("the office as worded, never a name")
    person: str = slug("person", "opaque id of the person")


@event(subject="institution", key=("period",))
class WorkPlanAdopted(EventBase):
    """A work plan for a period was adopted."""

    institution: str = slug("institution", "whose plan")
    period: When = date("the time that the plan covers")


@event(subject="institution", roles=FOUNDERS)
class InstitutionSuspended(EventBase):
    """The institution stopped working for the time being."""

    institution: str = slug("institution", "what stopped")


@event(subject="institution", roles=FOUNDERS)
class InstitutionResumed(EventBase):
    """The institution went on working after a suspension."""

    institution: str = slug("institution", "what went on")


@event(subject="institution", roles=FOUNDERS)
class InstitutionDissolved(EventBase):
    """The institution ceased to exist."""

    institution: str = slug("institution", "what ceased")


@event(subject="institution", key=("successor",))
class InstitutionSucceeded(EventBase):
    """Another institution took over in the world; a merge of records is an act, not this."""

    institution: str = slug("institution", "what was succeeded")
    successor: str = slug("institution", "what took over")
