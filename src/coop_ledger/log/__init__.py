"""
The tamper-evident log as bytes: hashes, frontier, proofs, tiles, leaves, signed notes. The door of floor F3.

Knows neither domain, JSON nor SQL, so that a log can be checked by who does not know its events.
"""

from __future__ import annotations

from coop_ledger.log.bracket import Anchor, BracketViolation, DatingBound, check_brackets, dating_bound
from coop_ledger.log.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from coop_ledger.log.cosignature import cosigned_message, join_cosignature, split_cosignature
from coop_ledger.log.frontier import Frontier, root_of
from coop_ledger.log.hashing import EMPTY_ROOT, HASH_SIZE, leaf_hash, node_hash
from coop_ledger.log.leaf import MAX_LEAF, assemble, format_instant, not_before, parse_instant, placed
from coop_ledger.log.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    CheckSignature,
    Note,
    Signature,
    Verified,
    format_note,
    parse_note,
    verify_note,
)
from coop_ledger.log.policy import Limits, Policy, PolicyGroup, PolicyLog, PolicyWitness, parse_policy
from coop_ledger.log.proof_text import MAX_HASHES, MAX_PROOF, ProofText, format_proof, parse_proof
from coop_ledger.log.proofs import (
    ReadNode,
    prove_consistency,
    prove_inclusion,
    reader_over,
    root_over,
    verify_consistency,
    verify_inclusion,
)
from coop_ledger.log.strict import MAX_SIZE, decode_base64, encode_base64, parse_size
from coop_ledger.log.tile_files import (
    MAX_ENTRIES,
    TileName,
    format_entries,
    format_tile_name,
    parse_entries,
    parse_tile_name,
)
from coop_ledger.log.tiles import TILE_BYTES, TILE_WIDTH, completed_tiles, tile_reader, tile_root, tiles_over
from coop_ledger.log.trust import Judgement, WitnessTime, examine, judge
from coop_ledger.log.vkey import COSIGNATURE, ED25519, ML_DSA_44, VerifierKey, format_vkey, parse_vkey
from coop_ledger.log.witness import (
    MAX_REQUEST,
    AddCheckpoint,
    Decision,
    Misbehaviour,
    Reply,
    Watched,
    add_cosignatures,
    decide,
    format_add_checkpoint,
    format_reply,
    parse_add_checkpoint,
    parse_reply,
)

__all__ = [
    "COSIGNATURE",
    "ED25519",
    "EMPTY_ROOT",
    "HASH_SIZE",
    "MAX_ENTRIES",
    "MAX_HASHES",
    "MAX_LEAF",
    "MAX_NOTE",
    "MAX_PROOF",
    "MAX_REQUEST",
    "MAX_SIGNATURES",
    "MAX_SIZE",
    "ML_DSA_44",
    "TILE_BYTES",
    "TILE_WIDTH",
    "AddCheckpoint",
    "Anchor",
    "BracketViolation",
    "CheckSignature",
    "Checkpoint",
    "DatingBound",
    "Decision",
    "Frontier",
    "Judgement",
    "Limits",
    "Misbehaviour",
    "Note",
    "Policy",
    "PolicyGroup",
    "PolicyLog",
    "PolicyWitness",
    "ProofText",
    "ReadNode",
    "Reply",
    "Signature",
    "TileName",
    "Verified",
    "VerifierKey",
    "Watched",
    "WitnessTime",
    "add_cosignatures",
    "assemble",
    "check_brackets",
    "completed_tiles",
    "cosigned_message",
    "dating_bound",
    "decide",
    "decode_base64",
    "encode_base64",
    "examine",
    "format_add_checkpoint",
    "format_checkpoint",
    "format_entries",
    "format_instant",
    "format_note",
    "format_proof",
    "format_reply",
    "format_tile_name",
    "format_vkey",
    "join_cosignature",
    "judge",
    "leaf_hash",
    "node_hash",
    "not_before",
    "parse_add_checkpoint",
    "parse_checkpoint",
    "parse_entries",
    "parse_instant",
    "parse_note",
    "parse_policy",
    "parse_proof",
    "parse_reply",
    "parse_size",
    "parse_tile_name",
    "parse_vkey",
    "placed",
    "prove_consistency",
    "prove_inclusion",
    "reader_over",
    "root_of",
    "root_over",
    "split_cosignature",
    "tile_reader",
    "tile_root",
    "tiles_over",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
]
