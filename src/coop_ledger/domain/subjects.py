"""
What claims are about: ids of subjects, their grammar, and nothing of what is claimed.

    id      kind:slug(/slug)*        initiative:water-training, meeting:kcac-forum/10
    slug    [a-z0-9]+(-[a-z0-9]+)*   countries are two capitals: country:KR
    pair    relationship:KR-KZ       the two codes sorted

An id has at most 120 characters. A *reference to a party* is a bare country code or the full id
of a subject of another kind: ``KZ``, ``institution:korea-foundation``. One spelling each.
Source: DESIGN §3b.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from typing import Final, NewType

from coop_ledger.errors import InvalidValueError

__all__ = [
    "MAX_SUBJECT",
    "SubjectId",
    "SubjectKind",
    "check_party",
    "check_slug",
    "check_subject",
    "full_id",
    "party_subject",
    "relationship_slug",
    "subject_kind",
]

SubjectId = NewType("SubjectId", str)
"""A full subject id, checked: ``kind:slug``."""

MAX_SUBJECT: Final = 120
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*", re.ASCII)
_NO_SLUG: Final = re.compile(r"[^a-z0-9/]+", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_PAIR: Final = re.compile(r"([A-Z]{2})-([A-Z]{2})", re.ASCII)


class SubjectKind(enum.StrEnum):
    """The closed list of kinds; organisations are institutions, policies and programmes initiatives."""

    INITIATIVE = "initiative"
    AGREEMENT = "agreement"
    INSTITUTION = "institution"
    MEETING = "meeting"
    SERIES = "series"
    PERSON = "person"
    PLACE = "place"
    COUNTRY = "country"
    VISIT = "visit"
    RELATIONSHIP = "relationship"


def _slug_problem(kind: str, slug: str) -> str | None:
    if kind == SubjectKind.COUNTRY:
        return None if _COUNTRY.fullmatch(slug) else "two capital letters, like KR"
    if kind == SubjectKind.RELATIONSHIP:
        pair = _PAIR.fullmatch(slug)
        return None if pair and pair[1] < pair[2] else "two different country codes in order, like KR-KZ"
    return None if _SLUG.fullmatch(slug) else "small letters, digits and single hyphens, like water-training"


@lru_cache(maxsize=65_536)
def _slug_fault(kind: str, slug: str) -> str | None:
    fault = _slug_problem(kind, slug)
    if fault is None and len(kind) + 1 + len(slug) > MAX_SUBJECT:
        return f"at most {MAX_SUBJECT} characters with its kind"
    return fault


def check_slug(name: str, kind: str, value: object) -> None:
    """
    Refuse what is not a slug of *kind*.

    Args:
        name: The field, for the message.
        kind: One of :class:`SubjectKind`.
        value: The slug alone; a full id is refused, since the field already says the kind.

    Raises:
        InvalidValueError: Not text, or off the grammar.
    """
    if not isinstance(value, str):
        raise InvalidValueError("a subject's slug is text", where=name, expected="str", found=type(value).__name__)
    fault = _slug_fault(kind, value)
    if fault is not None:
        hint = _slug_hint(kind, value)
        raise InvalidValueError("the slug is off the grammar", where=name, expected=fault, found=repr(value), hint=hint)


def _slug_hint(kind: str, value: str) -> str | None:
    """What to write in place of a slug that is none; of a person nothing that is made of the name."""
    if value.startswith(f"{kind}:"):
        return f"write {value[len(kind) + 1 :]!r}: the field already says that it is {_a(kind)}"
    if kind == SubjectKind.PERSON:
        return "write an id that tells nothing, like p-k7s2; the name is what identity.person-named says"
    spelled = _NO_SLUG.sub("-", value.casefold()).strip("-")
    return f"write {spelled!r}" if spelled and _slug_fault(kind, spelled) is None else None


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


@lru_cache(maxsize=65_536)
def _subject_fault(value: str) -> str | None:
    kind, colon, slug = value.partition(":")
    if not colon or kind not in SubjectKind._value2member_map_:
        return f"kind:slug with a kind of {', '.join(SubjectKind)}"
    return _slug_fault(kind, slug)


def check_subject(name: str, value: object) -> None:
    """
    Refuse what is not a full subject id.

    Raises:
        InvalidValueError: Not text, an unknown kind, or a slug off the grammar.
    """
    if not isinstance(value, str):
        raise InvalidValueError("a subject id is text", where=name, expected="str", found=type(value).__name__)
    fault = _subject_fault(value)
    if fault is not None:
        raise InvalidValueError("the subject id is off the grammar", where=name, expected=fault, found=repr(value))


@lru_cache(maxsize=65_536)
def _party_fault(value: str) -> str | None:
    if _COUNTRY.fullmatch(value):
        return None
    if value.startswith("country:"):
        return "the bare country code"
    return "a country code like KZ, or a full id like institution:korea-foundation" if _subject_fault(value) else None


def check_party(name: str, value: object) -> None:
    """
    Refuse what is not a reference to a party: ``KZ`` or ``institution:korea-foundation``.

    Raises:
        InvalidValueError: Not text, ``country:KZ`` (write ``KZ``), or off the grammar.
    """
    if not isinstance(value, str):
        raise InvalidValueError("a party is text", where=name, expected="str", found=type(value).__name__)
    fault = _party_fault(value)
    if fault is not None:
        hint = f"write {value.upper()!r}" if _COUNTRY.fullmatch(value.upper()) else None
        raise InvalidValueError(
            "the party is off the grammar", where=name, expected=fault, found=repr(value), hint=hint
        )


def party_subject(party: str) -> SubjectId:
    """
    The subject id of a checked party reference.

    >>> party_subject("KZ"), party_subject("institution:korea-foundation")
    ('country:KZ', 'institution:korea-foundation')
    """
    return SubjectId(party if ":" in party else f"country:{party}")


def subject_kind(subject: SubjectId) -> SubjectKind:
    """The kind of a checked subject id."""
    return SubjectKind(subject.partition(":")[0])


def full_id(kind: SubjectKind, slug_or_id: str) -> SubjectId:
    """
    Make the full id of *kind* from its slug or from itself, as the typed readers take both.

    Raises:
        InvalidValueError: Off the grammar, or the full id of another kind.

    >>> full_id(SubjectKind.MEETING, "kcac-forum/10")
    'meeting:kcac-forum/10'
    """
    slug = slug_or_id.removeprefix(f"{kind}:") if isinstance(slug_or_id, str) else slug_or_id
    check_slug(kind, kind, slug)
    return SubjectId(f"{kind}:{slug}")


def relationship_slug(a: str, b: str) -> str:
    """
    The slug of the unordered pair of two countries: their codes in order.

    Raises:
        InvalidValueError: Not two country codes, or twice the same.

    >>> relationship_slug("KZ", "KR")
    'KR-KZ'
    """
    for code in (a, b):
        check_slug("country", SubjectKind.COUNTRY, code)
    slug = "-".join(sorted((a, b)))
    check_slug("relationship", SubjectKind.RELATIONSHIP, slug)
    return slug
