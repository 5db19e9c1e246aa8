"""
Irregular facts in a well-formed history: data, never errors. Knows no rule; the rules make them.
"""

from __future__ import annotations

import enum

import attrs

__all__ = ["Anomaly", "AnomalyCode"]


class AnomalyCode(enum.StrEnum):
    """What is irregular."""

    UNKNOWN_EVENT = "unknown-event"
    """An entry that a newer version wrote."""
    IRREGULAR_STEP = "irregular-step"
    """Milestones in an order that the lifecycle lacks, whatever their dates allow (D8)."""
    EARLY_REPORT = "early-report"
    """OCCURRED, published more than a day before its earliest day (D8)."""
    ACT_WITHOUT_EFFECT = "act-without-effect"
    """An act that names a later or unknown entry, or one that it cannot touch; only an import can hold one."""
    MERGES_DISAGREE = "merges-disagree"
    """Two merges give one subject different names; the later one stands (D14)."""
    SERIES_MISMATCH = "series-mismatch"
    """The id of a session and its series or ordinal disagree (D10)."""


@attrs.frozen
class Anomaly:
    """
    One irregular fact.

    Args:
        code: What is irregular.
        positions: The entries concerned, lowest first.
        message: A sentence for people, without personal data.
    """

    code: AnomalyCode
    positions: tuple[int, ...]
    message: str
