"""
What property-based test suites build on: strategies for the whole domain, and the contract of stores.

Needs the extra ``testing`` (hypothesis, pytest); never imported by the rest of the package.
"""

from __future__ import annotations

from coop_ledger.testing.store_contract import StoreContract, ticking
from coop_ledger.testing.strategies import acts, bodies, claims, entries, events, events_of, histories
from coop_ledger.testing.values import (
    answers,
    countries,
    days,
    decimals,
    entry_ids,
    instants,
    labels,
    parties,
    party_refs,
    points,
    prose,
    slugs,
    sources,
    spans,
    subject_ids,
    whens,
    wheres,
)

__all__ = [
    "StoreContract",
    "acts",
    "answers",
    "bodies",
    "claims",
    "countries",
    "days",
    "decimals",
    "entries",
    "entry_ids",
    "events",
    "events_of",
    "histories",
    "instants",
    "labels",
    "parties",
    "party_refs",
    "points",
    "prose",
    "slugs",
    "sources",
    "spans",
    "subject_ids",
    "ticking",
    "whens",
    "wheres",
]
