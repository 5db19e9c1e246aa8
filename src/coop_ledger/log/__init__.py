"""
The tamper-evident log as bytes: hashes, frontier, proofs, tiles, leaves. The door of floor F3.

Knows neither domain, JSON nor SQL, so that a log can be checked by who does not know its events.
"""

from __future__ import annotations

from coop_ledger.log.frontier import Frontier, root_of
from coop_ledger.log.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, node_hash
from coop_ledger.log.leaf import MAX_LEAF, assemble, format_instant, not_before, parse_instant, placed
from coop_ledger.log.proofs import (
    ReadNode,
    prove_consistency,
    prove_inclusion,
    reader_over,
    root_over,
    verify_consistency,
    verify_inclusion,
)
from coop_ledger.log.tiles import TILE_BYTES, TILE_WIDTH, completed_tiles, tile_reader

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "MAX_LEAF",
    "TILE_BYTES",
    "TILE_WIDTH",
    "Frontier",
    "ReadNode",
    "assemble",
    "completed_tiles",
    "format_instant",
    "leaf_hash",
    "node_hash",
    "not_before",
    "parse_instant",
    "placed",
    "prove_consistency",
    "prove_inclusion",
    "reader_over",
    "root_of",
    "root_over",
    "tile_reader",
    "verify_consistency",
    "verify_inclusion",
]
