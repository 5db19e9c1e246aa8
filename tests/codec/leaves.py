"""How the tests of this folder make leaves: with salts that can be told, placed where a store would place them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from coop_ledger.codec import canonical, decode, encode
from coop_ledger.domain import Act, Claim, Entry, Once, Source, SourceKind, When, occurred
from coop_ledger.domain import events as ev
from coop_ledger.log import assemble, placed

ORIGIN = "forum.example.org/2026-test"
ID = "01586478-3800-7000-8000-000000000001"
INSTANT = "2016-11-18T09:00:00.000000Z"

SEALED = occurred(
    ev.DelegationAttended("kcac-forum/10", "KG", head="p-k1d0", head_as_written="Kemelova Dinara"),
    when="2016-11-15",
    sources=[
        Source("MOFA", When("2016-11-16"), kind=SourceKind.PRIMARY),
        Source("Korea.net", title="Ties", author="Lee Hana", quote="set for launch"),
    ],
    parties={"participant": "KR KG"},
    note="After the Forum.",
)
PATHS = ("/event/head_as_written", "/note", "/sources/1/author", "/sources/1/quote", "/sources/1/title")
BARE = occurred(ev.InstitutionOpened("kcac-secretariat"), sources=Source("MOFA"))


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


def changed(leaf: bytes, **keys: Any) -> bytes:
    """A leaf with some of its keys set, or removed where the value is ``...``."""
    value = {**json.loads(leaf), **keys}
    return canonical({key: item for key, item in value.items() if item is not ...})


def with_body(leaf: bytes, path: str, item: Any) -> bytes:
    """A leaf with one member of its body set, or removed where the item is ``...``."""
    value = json.loads(leaf)
    holder: Any = value["body"]
    *parents, name = path.split("/")[1:]
    for part in parents:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    if item is ...:
        del holder[name]
    else:
        holder[name] = item
    return canonical(value)
