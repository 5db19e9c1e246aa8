"""How the tests of this folder make leaves: with salts that can be told, placed where a store would place them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from coop_ledger.codec import decode, encode
from coop_ledger.domain import Act, Claim, Entry, Once
from coop_ledger.log import assemble, placed

ORIGIN = "forum.example.org/2026-test"
ID = "01586478-3800-7000-8000-000000000001"
INSTANT = "2016-11-18T09:00:00.000000Z"


def salts(seed: str) -> Callable[[int], bytes]:
    """Bytes that look random and are not: SHA-256 of the seed and a counter."""

    def draw(size: int) -> bytes:
        blocks = (hashlib.sha256(f"{seed}/{at}".encode()).digest() for at in range(size // 32 + 1))
        return b"".join(blocks)[:size]

    return draw


def leaf_of(
    body: Claim | Act,
    *,
    entry_id: str = ID,
    recorder: str = "unnamed",
    once: Once | None = None,
    position: int = 0,
    clamped: bool = False,
) -> tuple[bytes, bytes | None]:
    """The leaf of a body and its openings."""
    found = encode(body, origin=ORIGIN, entry_id=entry_id, recorder=recorder, once=once, draw=salts(entry_id))
    return assemble(found.head, placed(position, INSTANT, clamped), found.tail), found.openings


def read(body: Claim | Act) -> Entry:
    """What is read of the leaf of a body."""
    return decode(*leaf_of(body))
