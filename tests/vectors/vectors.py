"""
How a case becomes a vector: the leaf, its hash and its openings beside what was said. Knows no file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from coop_ledger.codec import (
    EncodedEntry,
    act_from_plain,
    canonical,
    claim_from_plain,
    class_of,
    encode,
    parse,
    sealed_paths,
)
from coop_ledger.domain import Act, Claim, EventBase, Once
from coop_ledger.log import assemble, leaf_hash, placed
from tests.vectors.cases import ENVELOPE, EVENTS, claim_of

__all__ = ["body_of", "encoded", "envelope_vectors", "event_vectors", "text_of"]

Vector = dict[str, Any]


def text_of(vector: Vector) -> str:
    """The text of a vector's file."""
    return json.dumps(vector, ensure_ascii=False, indent=1) + "\n"


def body_of(case: Mapping[str, Any]) -> Claim | Act:
    """The claim or act of a case."""
    if "claim" in case:
        return claim_from_plain(case["claim"])
    fields = dict(case["act"])
    return act_from_plain(fields.pop("type"), 1, fields)


def encoded(case: Mapping[str, Any]) -> tuple[EncodedEntry, bytes]:
    """What is written of a case, and the whole leaf."""
    body = body_of(case)
    salts = b"".join(bytes.fromhex(case["salts"][path]) for path in sealed_paths(body))
    entry = encode(
        body,
        origin=case["origin"],
        entry_id=case["id"],
        recorder=case["recorder"],
        once=Once(*case["once"]) if "once" in case else None,
        draw=lambda _: salts,
    )
    return entry, assemble(entry.head, _placed(case), entry.tail)


def _placed(case: Mapping[str, Any]) -> bytes:
    return placed(case["position"], case["recorded_at"], "recorded_clamped" in case)


def _written(leaf: bytes, openings: bytes | None) -> Vector:
    return {
        "leaf": leaf.decode(),
        "leaf_hex": leaf.hex(),
        "leaf_hash": leaf_hash(leaf).hex(),
        "openings": None if openings is None else openings.decode(),
    }


def _entry_vector(name: str, case: Mapping[str, Any]) -> Vector:
    salts = {path: hashlib.sha256(f"{name}{path}".encode()).hexdigest() for path in sorted(sealed_paths(body_of(case)))}
    entry, leaf = encoded({**case, "salts": salts})
    return {**case, "salts": salts, **_written(leaf, entry.openings)}


def event_vectors() -> dict[str, Vector]:
    """Wire name → the vector of the event."""
    found = {}
    for turn, name in enumerate(EVENTS):
        cls = class_of(name)
        assert issubclass(cls, EventBase)
        case = {
            "claim": claim_of(name, tuple(role.value for role in cls.spec.roles)),
            "origin": "forum.example.org/2026-k3f9",
            "id": f"01586478-3800-7000-8000-{turn:012x}",
            "recorder": "desk-1",
            "recorded_at": f"2016-11-18T09:00:{turn % 60:02}.{turn:06}Z",
            "position": turn,
        }
        found[name] = _entry_vector(name, case)
    return found


def envelope_vectors() -> dict[str, Vector]:
    """Name → the frozen vector."""
    found: dict[str, Vector] = {}
    for name, case in ENVELOPE.items():
        if "value" in case:
            found[name] = {**case, **_written(canonical(case["value"]), None)}
        elif "texts" in case:
            found[name] = {**case, "canonical_hex": [canonical(parse(text.encode())).hex() for text in case["texts"]]}
        else:
            found[name] = _entry_vector(name, case)
    return found
