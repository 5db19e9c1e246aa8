"""
What a claim says of its happening besides the day, as far as it can be compared: codes, numbers, ids, places, hosts;
and in what an outcome differs from a plan.

Words are never compared (D6), and what tells happenings apart is no value of one. Knows no milestone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from coop_ledger.domain import EVENT_TYPES, Claim, Event, Role, Value, field_specs

__all__ = ["COMPARED", "Difference", "values_of"]

COMPARED: Final[Mapping[type[Event], tuple[str, ...]]] = {
    cls: tuple(
        name
        for name, spec in field_specs(cls).items()
        if not spec.sealed and spec.type != "label" and name not in (*cls.spec.key, cls.spec.subject)
    )
    for cls in EVENT_TYPES
}
"""Fields whose values can conflict: codes, numbers and ids, never words, never what tells happenings apart."""


def values_of(claim: Claim) -> dict[str, Any]:
    """What a claim says, by field: the event's public fields, ``where.…`` by grain, ``host``; unsaid ones left out."""
    found: dict[str, Any] = {name: getattr(claim.event, name) for name in COMPARED[type(claim.event)]}
    for grain in ("country", "place", "meeting"):
        found[f"where.{grain}"] = getattr(claim.where, grain, None)
    found["host"] = tuple(sorted(party.party for party in claim.parties if party.role is Role.HOST))
    return {name: value for name, value in found.items() if value is not None and value != ()}


@attrs.frozen(eq=False, repr=False)
class Difference(Value):
    """
    One field in which the outcome is not what was planned last: a shortfall or change, never a conflict.

    Args:
        field: The field: ``when``, ``where.place``, ``level``, ``host`` …
        planned: What was planned last.
        actual: What came, as D6 shows it.
    """

    field: str
    planned: Any
    actual: Any
