"""
Values of the domain as the Python that makes them, for people who read what a check has found.

Knows the makers of claims and the names of the package's door; what it writes can be run after

    from decimal import Decimal
    from coop_ledger import *
    from coop_ledger import events as ev
    from coop_ledger.testing import id_of
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import attrs

import coop_ledger
from coop_ledger.domain import (
    REDACTED,
    Assertion,
    Body,
    Claim,
    Entry,
    Party,
    When,
)
from coop_ledger.testing.written import bodies_of, id_of

__all__ = ["as_code", "history_as_code"]

_MAKERS: Final[Mapping[Assertion, str]] = {
    Assertion.PROPOSED: "proposed",
    Assertion.PLANNED: "announced",
    Assertion.OCCURRED: "occurred",
    Assertion.HOLDS: "observed",
    Assertion.DENIED: "denied",
}


def as_code(value: Any, ids: Mapping[str, str] | None = None) -> str:
    """
    A value as the expression that makes it.

    Args:
        value: A claim, an act, an event, or a value of one.
        ids: The expressions for texts that are ids of entries.

    >>> from coop_ledger import Source, events, occurred
    >>> as_code(occurred(events.MeetingHeld("talks"), when="2016", sources=Source("Korea.net")))
    'occurred(ev.MeetingHeld("talks"), when="2016", sources=Source("Korea.net"))'
    """
    match value:
        case Claim():
            return _claim(value)
        case When():
            return f"When({_text(value.text)})"
        case str() if not isinstance(value, enum.Enum):
            return (ids or {}).get(value) or _text(value)
        case enum.Enum():
            return f"{_named(type(value))}.{value.name}"
        case Decimal():
            return f'Decimal("{value}")'
        case _ if value is REDACTED:
            return "REDACTED"
        case tuple():
            inner = ", ".join(as_code(item, ids) for item in value)
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case _ if attrs.has(type(value)):
            return f"{_named(type(value))}({', '.join(_arguments(value, ids))})"
        case date():
            return f'date.fromisoformat("{value}")'
        case _:
            return repr(value)


def history_as_code(history: Iterable[Entry | Body]) -> str:
    """
    A history as a list of bodies, one a line; acts name the entry at a position by ``id_of``.

    Args:
        history: Entries in the order of their positions, or bodies.
    """
    bodies = bodies_of(history)
    ids = {id_of(position): f"id_of({position})" for position in range(len(bodies))}
    return "\n".join(("[", *(f"    {as_code(body, ids)}," for body in bodies), "]"))


def _text(text: str) -> str:
    """A text in double quotes, as the house writes it."""
    shown = repr(text)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in text else shown


def _named(kind: type) -> str:
    return kind.__name__ if kind.__name__ in coop_ledger.__all__ else f"ev.{kind.__name__}"


def _arguments(value: Any, ids: Mapping[str, str] | None) -> Iterator[str]:
    """The arguments that are not left out: in their places up to the first that is."""
    in_place = True
    for field in attrs.fields(type(value)):
        given = getattr(value, field.name)
        if given == field.default and field.default is not attrs.NOTHING:
            in_place = False
            continue
        yield f"{'' if in_place else field.name + '='}{as_code(given, ids)}"


def _claim(claim: Claim) -> str:
    parts = [as_code(claim.event)]
    for name in ("when", "stated"):
        given = getattr(claim, name)
        parts += [] if given is None else [f"{name}={_text(given.text)}"]
    for name in ("where", "stated_by", "note"):
        given = getattr(claim, name)
        parts += [] if given is None else [f"{name}={as_code(given)}"]
    parts += [f"parties={_parties(claim.parties)}"] if claim.parties else []
    sources = claim.sources[0] if len(claim.sources) == 1 else claim.sources
    return f"{_MAKERS[claim.assertion]}({', '.join([*parts, f'sources={as_code(sources)}'])})"


def _parties(parties: Sequence[Party]) -> str:
    """Parties by their roles, where that keeps their order."""
    roles = [(role, " ".join(one.party for one in ones)) for role, ones in groupby(parties, lambda one: one.role)]
    if len(dict(roles)) < len(roles):
        return as_code(tuple(parties))
    return "{" + ", ".join(f"{_text(role.value)}: {_text(names)}" for role, names in roles) + "}"
