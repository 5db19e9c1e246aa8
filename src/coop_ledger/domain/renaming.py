"""
Claims whose subjects are renamed: what a merge of subjects makes of them (D14). Knows no act and no order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import attrs

from coop_ledger.domain.claims import Claim, Where
from coop_ledger.domain.events import EVENT_TYPES, Event, MeetingHeld
from coop_ledger.domain.fields import ANY, PARTY, field_specs
from coop_ledger.domain.subjects import SubjectId, SubjectKind, party_subject

__all__ = ["renamable", "renamed"]

Rename = Callable[[SubjectId], SubjectId]

_FIELDS: Final = {
    cls: {name: spec.subject for name, spec in field_specs(cls).items() if spec.subject is not None}
    for cls in EVENT_TYPES
}
_FIXED: Final = frozenset((SubjectKind.COUNTRY, SubjectKind.RELATIONSHIP))
"""Kinds that no merge touches: their ids are codes."""


T = TypeVar("T")


def _changed(value: T, **changes: Any) -> T:
    given: Any = value
    evolved: T = attrs.evolve(given, **changes) if changes else value
    return evolved


def _text(kind: str, text: str, rename: Rename) -> str:
    if kind in _FIXED:
        return text
    if kind == PARTY:
        return text if ":" not in text else rename(party_subject(text))
    return rename(SubjectId(text)) if kind == ANY else rename(SubjectId(f"{kind}:{text}")).partition(":")[2]


def _numbered_otherwise(event: MeetingHeld, changes: dict[str, Any]) -> bool:
    """Whether the id ``series/ordinal`` that a session gets says another ordinal than was recorded."""
    series, _, last = (changes.get("meeting", event.meeting) or "").rpartition("/")
    return series == changes.get("series", event.series) and last.isdigit() and event.ordinal != int(last)


def _event(event: Event, rename: Rename) -> Event:
    changes: dict[str, Any] = {}
    for name, kind in _FIELDS[type(event)].items():
        text = getattr(event, name)
        new = None if text is None else _text(kind, text, rename)
        if new != text:
            changes[name] = new
    if isinstance(event, MeetingHeld) and changes and _numbered_otherwise(event, changes):
        changes["ordinal"] = None  # the id that it now has says the ordinal
    return _changed(event, **changes)


def _where(where: Where, rename: Rename) -> Where:
    place = None if where.place is None else _text(SubjectKind.PLACE, where.place, rename)
    meeting = None if where.meeting is None else _text(SubjectKind.MEETING, where.meeting, rename)
    return _changed(where, place=place, meeting=meeting)


def renamed(claim: Claim, rename: Rename) -> Claim:
    """
    The claim with every subject under its new id, of the same kind.

    Args:
        claim: The claim as recorded.
        rename: Gives the id under which a subject reads; the same id for most.

    Guarantees: raises nothing. Parties that become one in a role stand once; an ordinal that the session's new id
    contradicts is left out.
    """
    parties = (attrs.evolve(party, party=_text(PARTY, party.party, rename)) for party in claim.parties)
    new: dict[str, Any] = {
        "event": _event(claim.event, rename),
        "parties": tuple(dict.fromkeys(parties)),
        "where": None if claim.where is None else _where(claim.where, rename),
        "stated_by": None if claim.stated_by is None else _text(PARTY, claim.stated_by, rename),
    }
    return _changed(claim, **{name: value for name, value in new.items() if value != getattr(claim, name)})


def renamable(claim: Claim) -> frozenset[SubjectId]:
    """The ids in a claim that a merge may rename: also a place and a speaker, which are no subjects of the claim."""
    found = set[SubjectId]()

    def note(subject: SubjectId) -> SubjectId:
        found.add(subject)
        return subject

    renamed(claim, note)
    return frozenset(found)
