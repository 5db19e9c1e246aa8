"""
Irregular facts in a well-formed history: data, never errors. Knows no rule; the rules make them.
"""

from __future__ import annotations

import enum

import attrs

from coop_ledger.domain import Value

__all__ = ["Anomaly", "AnomalyCode"]


class AnomalyCode(enum.StrEnum):
    """What is irregular."""

    UNKNOWN_EVENT = "unknown-event"
    """An entry that a newer version wrote."""
    IRREGULAR_STEP = "irregular-step"
    """Milestones in an order that the lifecycle lacks, whatever their dates allow (D8), and that no other code says."""
    EARLY_REPORT = "early-report"
    """OCCURRED, published more than a day before its earliest day (D8)."""
    ACT_WITHOUT_EFFECT = "act-without-effect"
    """An act that names a later or unknown entry, or one that it cannot touch; only an import can hold one."""
    MERGES_DISAGREE = "merges-disagree"
    """Two merges give one subject different names; the later one stands (D14)."""
    NEVER_ANNOUNCED = "never-announced"
    """Work, delivery or closing of an initiative that no claim proposes, announces or adopts."""
    BEFORE_PROPOSAL = "before-proposal"
    """A start or an opening dated before all that proposes or announces it was said."""
    AFTER_CANCELLATION = "after-cancellation"
    """Work, delivery or closing after an initiative was given up, and no new announcement between."""
    RESUMED_NOT_SUSPENDED = "resumed-not-suspended"
    """Resumption, or restoring of relations, of what was not suspended before."""
    DISSOLVED_OPENING = "dissolved-opening"
    """The opening of an institution after it was dissolved."""
    UNSIGNED_RATIFICATION = "unsigned-ratification"
    """Ratification by a party that did not sign before; an accession needs no signature (VCLT 15)."""
    NON_BINDING_RATIFICATION = "non-binding-ratification"
    """Consent to be bound by a text that does not bind, as sources say."""
    FORCE_BEFORE_CONSENT = "force-before-consent"
    """Entry into force for a party, or at all, before anybody concerned consented (VCLT 24)."""
    LATE_RESERVATION = "late-reservation"
    """A reservation after the party's consent to be bound (VCLT 19)."""
    WITHDRAWAL_WITHOUT_NOTICE = "withdrawal-without-notice"
    """A withdrawal that took effect and was not notified before (VCLT 65)."""
    WITHDRAWAL_OF_NON_PARTY = "withdrawal-of-non-party"
    """A withdrawal by one that neither consented nor was bound before."""
    LEVEL_NOT_RAISED = "level-not-raised"
    """A side declared the level that it had declared, or a lower one on its own ladder; perhaps other words only."""
    SERIES_MISMATCH = "series-mismatch"
    """The id of a session and its series disagree, or its number and the dates of its neighbours (D10)."""


@attrs.frozen(eq=False, repr=False)
class Anomaly(Value):
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
