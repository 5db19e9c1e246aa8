"""
From which day a claim counts: rules D1 and D2(3) of ``semantics.md``. Knows no state.

Everything counts from its latest possible day: a source from that of ``published``, a claim from that of
``when`` (of a span: of its first day), a plan from that of ``stated``.
"""

from __future__ import annotations

from datetime import date

from coop_ledger.domain.claims import Assertion, Claim
from coop_ledger.domain.edtf import Bounds
from coop_ledger.domain.entries import Effective
from coop_ledger.domain.when import When

__all__ = ["PLANS", "claim_bounds", "order_key", "source_day", "stated_bounds", "stated_when"]

PLANS = frozenset({Assertion.PLANNED, Assertion.PROPOSED})
"""Assertions that are ordered by when they were said, not by when they are to happen."""


def _published(claim: Claim) -> list[When]:
    dates = [source.published for source in claim.sources if source.published is not None]
    return sorted(dates, key=lambda when: when.order)


def source_day(claim: Claim) -> When | None:
    """The date of the earliest dated source, or None."""
    return next(iter(_published(claim)), None)


def stated_when(claim: Claim) -> When | None:
    """When it was said: ``stated``, else the date of the earliest dated source."""
    return claim.stated if claim.stated is not None else source_day(claim)


def stated_bounds(claim: Claim) -> Bounds:
    """
    The days on which it was said.

    Without ``stated`` it was said on the earliest source day, but never after the last day of ``when``
    (DESIGN §3): a report of today about a plan for last year was not said today.
    """
    said = stated_when(claim)
    bounds = said.first if said is not None else Bounds(None, None)
    if claim.stated is None and claim.when is not None and claim.when.latest is not None:
        return bounds.narrow(Bounds(None, claim.when.latest)) or Bounds(claim.when.latest, claim.when.latest)
    return bounds


def claim_bounds(claim: Claim) -> Bounds:
    """
    The days on which it happened first, or is to happen.

    Without ``when``, OCCURRED and HOLDS read "on or before the last source day", a plan "no target".
    """
    if claim.when is not None:
        return claim.when.first
    if claim.assertion in PLANS or claim.assertion is Assertion.DENIED:
        return Bounds(None, None)
    published = _published(claim)
    return Bounds(None, published[-1].latest if published else None)


def order_key(effective: Effective) -> tuple[date, date, int]:
    """
    The total order in which claims are folded (D2): latest, then earliest possible first day, then position.

    The day is that of ``when`` for OCCURRED, HOLDS and DENIED, and of ``stated`` for PLANNED and PROPOSED.
    """
    claim = effective.claim
    bounds = stated_bounds(claim) if claim.assertion in PLANS else claim_bounds(claim)
    return bounds.latest or date.max, bounds.earliest or date.min, effective.position
