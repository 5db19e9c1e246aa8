"""
States as plain data that JSON can hold, in a stable order; knows which fields a state shows, and no format.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from coop_ledger.domain import REDACTED, Bounds, Effective, When
from coop_ledger.projections.commitments import Commitment
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.periods import Period
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected

__all__ = ["as_plain"]


def as_plain(value: Any) -> Any:
    """
    A state, or any value of one, as dicts, lists, text, numbers, booleans and None.

    Dates and decimals become text, an erased text ``{"redacted": True}``; no fractions come out.
    A state shows its subject, its derived fields, the fields in dispute, its anomalies and its entries.
    """
    match value:
        case Collected():
            return _state(value)
        case Milestone():
            return _milestone(value)
        case Commitment():
            return _commitment(value)
        case Period():
            return _period(value)
        case Dating():
            return {"text": str(value), "earliest": as_plain(value.earliest), "latest": as_plain(value.latest)}
        case Bounds():
            return {"earliest": as_plain(value.earliest), "latest": as_plain(value.latest)}
        case Effective():
            return {"position": value.position, "id": value.id}
        case When():
            return value.text
        case type():
            return value.__name__
        case Decimal():
            return f"{value:f}"
        case date() | datetime():
            return value.isoformat()
        case _ if value is REDACTED:
            return {"redacted": True}
        case enum.Enum():
            return value.value
        case Mapping():
            return {_key(key): as_plain(value[key]) for key in sorted(value, key=_sorting)}
        case tuple() | list():
            return [as_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
        case _ if attrs.has(type(value)):
            return {field.name: as_plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
        case _:
            return value


def _key(key: Any) -> str:
    """A key as text; a name that was erased can be one."""
    return "REDACTED" if key is REDACTED else str(key)


def _sorting(key: Any) -> Any:
    return "REDACTED" if key is REDACTED else key


def _period(period: Period) -> dict[str, Any]:
    return {
        "value": list(period.value),
        "begun": as_plain(period.begun),
        "recorded": period.recorded,
        "ended": as_plain(period.ended),
        "disputed": period.disputed,
        "positions": sorted({position for milestone in period.milestones for position in milestone.positions}),
    }


def _state(state: Collected) -> dict[str, Any]:
    return {
        "subject": state.subject,
        **{name: as_plain(getattr(state, name)) for name in state.shown},
        "disputed": [as_plain(milestone) for milestone in state.disputed],
        "anomalies": as_plain(state.anomalies),
        "positions": list(state.positions),
    }


def _milestone(milestone: Milestone) -> dict[str, Any]:
    plan = milestone.plan
    return {
        "subject": milestone.id.subject,
        "event": milestone.id.event.__name__,
        "key": list(milestone.id.key),
        "happened": milestone.has_happened.value,
        "when": as_plain(milestone.dating),
        "target": None if plan is None else as_plain(plan.current.when),
        "revisions": 0 if plan is None else plan.revisions,
        "disputes": {name: as_plain(reading.values) for name, reading in sorted(milestone.disputes.items())},
        "positions": list(milestone.positions),
    }


def _commitment(commitment: Commitment) -> dict[str, Any]:
    return {
        "event": commitment.event.__name__,
        **{name: as_plain(getattr(commitment, name)) for name in commitment.shown},
        "positions": list(commitment.milestone.positions),
    }
