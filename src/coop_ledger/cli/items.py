"""
Answers as plain data for JSON: each item says by itself what it is about, and whose word it is.

Knows which fields an item has; every value comes from a state or an entry.
"""

from __future__ import annotations

from typing import Any

from coop_ledger.cli.tables import text_of
from coop_ledger.codec import body_to_plain, wire_name
from coop_ledger.domain import Claim, Effective, Entry, UnknownEvent, subjects_of
from coop_ledger.projections import Commitment, Conflict, Overdue, Reason, Target, as_plain

__all__ = ["commitment_item", "conflict_item", "entry_item", "overdue_item", "reason_item"]


def entry_item(entry: Entry) -> dict[str, Any]:
    """An entry: where it stands, when and by whom it was recorded, and the whole of what it says."""
    body = entry.body
    item = {
        "position": entry.position,
        "id": entry.id,
        "recorded_at": text_of(entry.recorded_at),
        "clamped": entry.clamped,
        "recorder": entry.recorder,
    }
    if isinstance(body, UnknownEvent):
        return {**item, "type": body.type, "version": body.version, "says": None}
    kind = wire_name(type(body.event if isinstance(body, Claim) else body))
    return {**item, "type": kind, "subjects": list(subjects_of(body)), "says": as_plain(body_to_plain(body))}


def _claim(effective: Effective) -> dict[str, Any]:
    """A claim as it counts, with its place."""
    return {
        "position": effective.position,
        "id": effective.id,
        "recorded_at": text_of(effective.recorded_at),
        "acts": list(effective.shaped_by),
        "says": as_plain(body_to_plain(effective.claim)),
    }


def reason_item(reason: Reason) -> dict[str, Any]:
    """A claim that a field rests on, and what the field was after it."""
    return {"value": as_plain(reason.value), **_claim(reason.effective)}


def conflict_item(conflict: Conflict) -> dict[str, Any]:
    """A conflict, with the claims of all sides in full."""
    return {
        **as_plain(conflict),
        "resolved": conflict.resolved,
        "claims": [_claim(effective) for effective in conflict.claims],
    }


def commitment_item(commitment: Commitment) -> dict[str, Any]:
    """A promise: the wire name of the event that was promised, when it was made, and its targets over time."""
    plan = commitment.plan
    return {
        **as_plain(commitment),
        "event": wire_name(commitment.event),
        "made": as_plain(commitment.made),
        "targets": [] if plan is None else [_target(target) for target in plan.targets],
    }


def _target(target: Target) -> dict[str, Any]:
    """One target of a promise, with who gave it."""
    by = [effective.position for effective in target.claims]
    return {"when": as_plain(target.when), "slip": as_plain(target.slip), "positions": by}


def overdue_item(overdue: Overdue) -> dict[str, Any]:
    """A promise whose target has passed."""
    return {**as_plain(overdue), "commitment": commitment_item(overdue.commitment)}
