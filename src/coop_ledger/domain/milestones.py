"""
Which subjects a body is about and which milestones a claim feeds; knows no state and no store.

A milestone is (subject, event class, key): one happening. Claims about it agree, narrow or conflict;
another key is another happening (``semantics.md``, keys and roles). Both answers come from the event's
fields and its row (``EventSpec``), by one function each.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Final, assert_never

import attrs

from coop_ledger.domain.acts import Correction, Duplicate, Merge, Redaction, Resolution, Retraction
from coop_ledger.domain.claims import Claim
from coop_ledger.domain.entries import Body
from coop_ledger.domain.events import EVENT_TYPES, Event, MeetingHeld, StatementMade, UnknownEvent
from coop_ledger.domain.fields import ANY, PARTY, field_specs
from coop_ledger.domain.parties import Party, Role
from coop_ledger.domain.subjects import SubjectId, SubjectKind, party_subject
from coop_ledger.domain.timing import source_day, stated_when
from coop_ledger.domain.when import When

__all__ = ["MilestoneId", "country_parties", "may_touch", "milestones_of", "subjects_of", "targets_of"]


@attrs.frozen
class MilestoneId:
    """
    What one happening is known by.

    Args:
        subject: Whose milestone it is.
        event: The event class.
        key: What tells it from other happenings of that class: text for each part, "" where unsaid.
    """

    subject: SubjectId
    event: type[Event]
    key: tuple[str, ...] = ()


_SUBJECT_FIELDS: Final = {
    cls: {name: spec.subject for name, spec in field_specs(cls).items() if spec.subject is not None}
    for cls in EVENT_TYPES
}


@lru_cache(maxsize=65_536)
def _named(kind: str, text: str) -> tuple[SubjectId, ...]:
    full = party_subject(text) if kind == PARTY else text if kind == ANY else f"{kind}:{text}"
    if full.startswith("relationship:"):
        return (SubjectId(full), SubjectId(f"country:{full[13:15]}"), SubjectId(f"country:{full[16:18]}"))
    return (SubjectId(full),)


@lru_cache(maxsize=4_096)
def _of_parties(parties: tuple[Party, ...]) -> tuple[SubjectId, ...]:
    """The subjects of a list of parties, which comes back in claim after claim."""
    return tuple(subject for party in parties for subject in _named(PARTY, party.party))


def _claim_subjects(claim: Claim) -> tuple[SubjectId, ...]:
    event, where = claim.event, claim.where
    found: list[SubjectId] = []
    for name, kind in _SUBJECT_FIELDS[type(event)].items():
        text = getattr(event, name)
        if text is not None:
            found += _named(kind, text)
    found += _of_parties(claim.parties)
    if where is not None:
        found += [SubjectId(f"meeting:{where.meeting}")] if where.meeting is not None else []
        found += [SubjectId(f"place:{where.place}")] if where.place is not None else []
    return tuple(dict.fromkeys(found))


def subjects_of(body: Body) -> tuple[SubjectId, ...]:
    """
    All subjects that a body is about, each once, the event's own first.

    A claim is about every subject in its event's fields, its parties, and the meeting and place at which it
    happened; what names a relationship is about both of its countries. A correction is about its claim's subjects, a
    merge about all that it names; other acts name entries only, and an unknown event nothing that we can read.
    What an act's targets are about is the ledger's to add (it has the entries).

    Source: DESIGN §3b.
    """
    match body:
        case Claim():
            return _claim_subjects(body)
        case Correction():
            return _claim_subjects(body.claim)
        case Merge():
            return tuple(dict.fromkeys(full for text in (*body.subjects, body.into) for full in _named(ANY, text)))
        case Retraction() | Duplicate() | Resolution() | Redaction() | UnknownEvent():
            return ()
        case _:
            assert_never(body)


def targets_of(body: Body) -> tuple[str, ...]:
    """The ids of the entries that an act names; empty for a claim, a merge and an unknown event."""
    match body:
        case Correction() | Retraction() | Redaction():
            return (body.target,)
        case Duplicate():
            return (body.target, body.of)
        case Resolution():
            return body.claims
        case Claim() | Merge() | UnknownEvent():
            return ()
        case _:
            assert_never(body)


def may_touch(act: Body, target: Body) -> bool:
    """
    Whether an act can have an effect on an entry of that kind.

    Claims are corrected, marked as duplicates and decided between; corrections are corrected; all but redactions
    are taken back; anything can hold what must be erased.
    """
    match act:
        case Correction():
            return isinstance(target, Claim | Correction)
        case Retraction():
            return not isinstance(target, Redaction)
        case Redaction():
            return True
        case _:
            return isinstance(target, Claim)


def country_parties(claim: Claim) -> frozenset[str]:
    """
    The codes of the countries that take part in a claim, in any role (D12).

    These are the country parties, the event's own party, and both sides of a relationship that it names.
    """
    codes = {party.party for party in claim.parties}
    for name, kind in _SUBJECT_FIELDS[type(claim.event)].items():
        text = getattr(claim.event, name)
        if text is None:
            continue
        if kind == PARTY:
            codes.add(text)
        elif kind == SubjectKind.RELATIONSHIP or (kind == ANY and text.startswith("relationship:")):
            codes.update(text.removeprefix("relationship:").split("-"))
    return frozenset(code for code in codes if len(code) == 2)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.text if isinstance(value, When) else str(value)


def _key_part(claim: Claim, name: str) -> tuple[str, ...]:
    match name:
        case "@source_day":
            return (_text(source_day(claim)),)
        case "@stated_day":
            return (_text(stated_when(claim)),)
        case _ if name.startswith("@"):
            role = Role(name[1:])
            return tuple(party.party for party in claim.parties if party.role is role) or ("",)
        case _:
            return (_text(getattr(claim.event, name)),)


def _own_subjects(claim: Claim) -> tuple[SubjectId, ...]:
    event = claim.event
    if isinstance(event, MeetingHeld) and event.meeting is None:
        return (SubjectId(f"series:{event.series}"),)
    name = type(event).spec.subject
    own = _named(_SUBJECT_FIELDS[type(event)][name], getattr(event, name))[0]
    if isinstance(event, StatementMade):
        speakers = (party.subject for party in claim.parties if party.role is Role.SPEAKER)
        return tuple(dict.fromkeys((own, *speakers)))
    return (own,)


def milestones_of(claim: Claim) -> tuple[MilestoneId, ...]:
    """
    The milestones that a claim feeds, at least one.

    A claim with n signatories feeds n milestones of its agreement; a statement is a milestone of what it is
    about and of each speaker.

    Source: ``semantics.md``, keys and roles.
    """
    cls = type(claim.event)
    keys = [tuple(key) for key in product(*(_key_part(claim, name) for name in cls.spec.key))]
    return tuple(MilestoneId(subject, cls, key) for subject in _own_subjects(claim) for key in keys)
