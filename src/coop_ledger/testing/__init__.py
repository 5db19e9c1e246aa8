"""
What test suites build on: strategies for the whole domain, the laws of projections, scenarios, the contract of
stores, and a machine that drives a ledger over any of them.

Needs the extra ``testing`` (hypothesis, pytest); never imported by the rest of the package.
"""

from __future__ import annotations

from importlib.util import find_spec as _find_spec

from coop_ledger.errors import MissingExtraError as _MissingExtraError

if _find_spec("hypothesis") is None:
    raise _MissingExtraError(
        "the test kit needs hypothesis", hint="in a checkout of coop_ledger, run: pip install '.[testing]'"
    )

from coop_ledger.reproducible import HandClock, SeededBytes
from coop_ledger.testing.as_code import as_code, history_as_code
from coop_ledger.testing.breaches import Law
from coop_ledger.testing.checking import Checked, check_projection
from coop_ledger.testing.clauses import BrokenContractError
from coop_ledger.testing.drafts import drafts
from coop_ledger.testing.histories import histories, ledgers
from coop_ledger.testing.machine import LedgerMachine, StoreOpener
from coop_ledger.testing.notes import checkpoints, key_names, note_texts, notes, signatures, verifier_keys
from coop_ledger.testing.proofs import proof_texts, tile_names
from coop_ledger.testing.redactions import erased, redactions, with_redactions_carried_out
from coop_ledger.testing.scenario import Scenario, scenario
from coop_ledger.testing.store_clauses import ticking
from coop_ledger.testing.store_contract import StoreContract
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
from coop_ledger.testing.written import entries_of, id_of, ledger_of

__all__ = [
    "BrokenContractError",
    "Checked",
    "HandClock",
    "Law",
    "LedgerMachine",
    "Scenario",
    "SeededBytes",
    "StoreContract",
    "StoreOpener",
    "acts",
    "answers",
    "as_code",
    "bodies",
    "check_projection",
    "checkpoints",
    "claims",
    "countries",
    "courses",
    "days",
    "decimals",
    "disputes",
    "drafts",
    "entries",
    "entries_of",
    "entry_ids",
    "erased",
    "events",
    "events_of",
    "histories",
    "history_as_code",
    "id_of",
    "instants",
    "key_names",
    "labels",
    "lasting_states",
    "ledger_of",
    "ledgers",
    "note_texts",
    "notes",
    "parties",
    "parties_as",
    "party_refs",
    "points",
    "promises",
    "proof_texts",
    "prose",
    "redactions",
    "renamings",
    "reprints",
    "scenario",
    "sessions",
    "signatures",
    "slugs",
    "sources",
    "spans",
    "stories",
    "subject_ids",
    "ticking",
    "tile_names",
    "unknown_events",
    "verifier_keys",
    "whens",
    "wheres",
    "with_redactions_carried_out",
]
