"""
Who takes part, and in which role; knows no event.

A party is referred to by its country code (``KZ``) or by the full id of a subject of another kind
(``institution:korea-foundation``). Who *says* something is never a party: that is ``stated_by``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from coop_ledger.domain.fields import brief, check_code
from coop_ledger.domain.subjects import SubjectId, check_party, party_subject
from coop_ledger.errors import InvalidValueError, repr_of

__all__ = ["PartiesLike", "Party", "Role", "parties_of"]


class Role(enum.StrEnum):
    """What a party does in an event (``semantics.md``, keys and roles)."""

    ORGANISER = "organiser"
    HOST = "host"
    PARTICIPANT = "participant"
    VISITOR = "visitor"
    FUNDING = "funding"
    """IATI organisation role 1."""
    ACCOUNTABLE = "accountable"
    """IATI organisation role 2."""
    EXTENDING = "extending"
    """IATI organisation role 3."""
    IMPLEMENTING = "implementing"
    """IATI organisation role 4."""
    BENEFICIARY = "beneficiary"
    SIGNATORY = "signatory"
    MEMBER = "member"
    PARTNER = "partner"
    DECLARER = "declarer"
    SENDER = "sender"
    RECEIVER = "receiver"
    SPEAKER = "speaker"
    ADDRESSEE = "addressee"
    PROVIDER = "provider"
    BOTH = "both"
    """One of the two sides of a mutual act between states."""


def _check_party(_instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    check_party(attribute.name, value)


def _check_role(_instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    check_code(Role, attribute.name, value)


@attrs.frozen(cache_hash=True)  # the same few parties are looked up in claim after claim
class Party:
    """
    A party in its role.

    Args:
        party: A country code, or the full id of a subject of another kind.
        role: What it does in the event.

    >>> Party("KZ", Role.PARTICIPANT).subject
    'country:KZ'
    """

    party: str = attrs.field(validator=_check_party)
    role: Role = attrs.field(validator=_check_role)

    @property
    def subject(self) -> SubjectId:
        """The party's subject id."""
        return party_subject(self.party)


PartiesLike = Iterable[Party] | Mapping[str, str | Iterable[str]] | Mapping[Role, str | Iterable[str]]
"""Parties as callers may write them: ``Party`` objects, or ``{"participant": "KR KZ KG"}``."""


def parties_of(given: PartiesLike) -> tuple[Party, ...]:
    """
    Read parties in either form, in the order given.

    Args:
        given: ``Party`` objects, or role → references (text parted by blanks, or several texts).

    Raises:
        InvalidValueError: An unknown role, a reference off the grammar, or anything else.

    >>> parties_of({"host": "KR", "participant": "KZ KG"})[2]
    Party(party='KG', role=<Role.PARTICIPANT: 'participant'>)
    """
    if isinstance(given, Mapping):
        return tuple(Party(party, _role(role)) for role, names in given.items() for party in _names(names))
    parties = _several(given)
    for party in parties:
        if not isinstance(party, Party):
            raise _roleless(party)
    return parties


def _several(given: object) -> tuple[Any, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise _roleless(given)
    return tuple(given)


def _roleless(found: object) -> InvalidValueError:
    names = found if isinstance(found, str) and found else "KR KZ"
    hint = 'write parties=(Party("KR", Role.HOST),)' if isinstance(found, Party) else (
        f'write parties={{"participant": "{names}"}} or (Party("KR", Role.HOST),)'
    )  # fmt: skip
    return InvalidValueError("a party needs its role", where="parties", expected="Party", found=brief(found), hint=hint)


def _names(given: object) -> Iterable[str]:
    if isinstance(given, str):
        return given.split()
    if isinstance(given, Iterable):
        return given
    raise InvalidValueError(
        "the parties of a role are text", where="parties", expected="text like KR KZ", found=brief(given)
    )


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise InvalidValueError(
            "no such role", where="parties", expected=", ".join(Role), found=repr_of(role)
        ) from error
