"""
What property-based test suites build on: strategies for the whole domain, the contract of stores, and a machine that
drives a ledger over any of them.

Needs the extra ``testing`` (hypothesis, pytest); never imported by the rest of the package.
"""

from __future__ import annotations

from coop_ledger.testing.drafts import drafts
from coop_ledger.testing.histories import histories
from coop_ledger.testing.machine import LedgerMachine, StoreOpener
from coop_ledger.testing.redactions import erased, redactions, with_redactions_carried_out
from coop_ledger.testing.store_contract import StoreContract, ticking
from coop_ledger.testing.stories import (
    courses,
    disputes,
    lasting_states,
    promises,
    renamings,
    reprints,
    sessions,
    stories,
)
from coop_ledger.testing.strategies import acts, bodies, claims, entries, events, events_of, unknown_events
from coop_ledger.testing.values import (
    answers,
    countries,
    days,
    decimals,
    entry_ids,
    instants,
    labels,
    parties,
    parties_as,
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
    "LedgerMachine",
    "StoreContract",
    "StoreOpener",
    "acts",
    "answers",
    "bodies",
    "claims",
    "countries",
    "courses",
    "days",
    "decimals",
    "disputes",
    "drafts",
    "entries",
    "entry_ids",
    "erased",
    "events",
    "events_of",
    "histories",
    "instants",
    "labels",
    "lasting_states",
    "parties",
    "parties_as",
    "party_refs",
    "points",
    "promises",
    "prose",
    "redactions",
    "renamings",
    "reprints",
    "sessions",
    "slugs",
    "sources",
    "spans",
    "stories",
    "subject_ids",
    "ticking",
    "unknown_events",
    "whens",
    "wheres",
    "with_redactions_carried_out",
]
