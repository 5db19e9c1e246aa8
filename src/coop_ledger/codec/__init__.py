"""
Claims ↔ plain data ↔ canonical bytes, sealing and upcasting. The door of floor F2.

Pure: ids, salts and keys come in as arguments. Knows the bytes of a leaf, not where it is kept.
"""

from __future__ import annotations

from coop_ledger.codec.canonical import MAX_DEPTH, MAX_INT, canonical, pointer
from coop_ledger.codec.entries import EncodedEntry, decode, decode_body, encode, sealed_paths
from coop_ledger.codec.envelope import LEAF_FORMAT, check_origin, check_recorder, read_envelope, read_leaf, read_once
from coop_ledger.codec.erasure import Erasure, SealedState, erasure_of, sealed_states
from coop_ledger.codec.problems import Fault, faults_of, told
from coop_ledger.codec.registry import REGISTRY, VERSIONS, class_of, wire_name
from coop_ledger.codec.sealing import (
    MAX_OPENINGS,
    SALT_SIZE,
    Openings,
    commitment,
    commitments,
    encode_openings,
    open_paths,
    open_sealed,
    parse_openings,
)
from coop_ledger.codec.strict import MAX_BYTES, parse, parse_canonical
from coop_ledger.codec.wire import Plain, act_from_plain, body_to_plain, claim_from_plain, claim_to_plain, value_reader

__all__ = [
    "LEAF_FORMAT",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_INT",
    "MAX_OPENINGS",
    "REGISTRY",
    "SALT_SIZE",
    "VERSIONS",
    "EncodedEntry",
    "Erasure",
    "Fault",
    "Openings",
    "Plain",
    "SealedState",
    "act_from_plain",
    "body_to_plain",
    "canonical",
    "check_origin",
    "check_recorder",
    "claim_from_plain",
    "claim_to_plain",
    "class_of",
    "commitment",
    "commitments",
    "decode",
    "decode_body",
    "encode",
    "encode_openings",
    "erasure_of",
    "faults_of",
    "open_paths",
    "open_sealed",
    "parse",
    "parse_canonical",
    "parse_openings",
    "pointer",
    "read_envelope",
    "read_leaf",
    "read_once",
    "sealed_paths",
    "sealed_states",
    "told",
    "value_reader",
    "wire_name",
]
