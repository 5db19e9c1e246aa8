"""
What is asked of the tables of a ledger in PostgreSQL, and how drafts and queries are given to it. Knows no connection.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from coop_ledger.errors import InvalidValueError, KeyTakenError, StoreDamagedError
from coop_ledger.log import Frontier
from coop_ledger.stores.base import Condition, Draft, Query
from coop_ledger.stores.postgres.functions import TURN

__all__ = [
    "APPEND",
    "APPEND_ONE",
    "BY_ID",
    "BY_KEY",
    "FOUND",
    "HASHES",
    "HASHES_BELOW",
    "HEAD",
    "HELD",
    "LABELS",
    "OPENINGS",
    "PAGE_OF_ALL",
    "PAGE_OF_SOME",
    "ROOTS",
    "TILE",
    "WAIT",
    "call_of",
    "can_stand",
    "check_apart",
    "conditions_of",
    "end_of",
    "groups_of",
]

HEAD: Final = "SELECT size, recorded_at, frontier FROM head"
_ROWS: Final = "SELECT e.position, e.id, e.leaf, o.blob FROM entries e LEFT JOIN openings o ON o.position = e.position"
_END: Final = "coalesce(%(size)s, h.size)"


def _beside_head(rows: str, order: str) -> str:
    """Rows, each behind the size of the log in the same snapshot; one row without them where there are none."""
    return f"SELECT h.size AS known, r.* FROM head h LEFT JOIN LATERAL ({rows}) r ON true ORDER BY r.{order}"


PAGE_OF_ALL: Final = _beside_head(
    f"{_ROWS} WHERE e.position > %(after)s AND e.position < {_END} ORDER BY e.position LIMIT %(limit)s", "position"
)
PAGE_OF_SOME: Final = _beside_head(  # one end for all groups, and one call: not one for each row
    f"{_ROWS} WHERE e.position = ANY ((SELECT matching(%(groups)s::jsonb, %(after)s, {_END}, %(limit)s))::bigint[])",
    "position",
)
BY_ID: Final = f"{_ROWS} WHERE e.id = %s"
BY_KEY: Final = f"{_ROWS} JOIN once k ON k.position = e.position WHERE k.key = %s ORDER BY k.place"
OPENINGS: Final = "SELECT blob FROM openings WHERE position = %s"
LABELS: Final = _beside_head(
    "SELECT text FROM labels l WHERE text >= %(prefix)s AND starts_with(text, %(prefix)s) AND EXISTS "
    f"(SELECT 1 FROM labelled d WHERE d.number = l.number AND d.position < {_END})",
    "text",
)
TILE: Final = "SELECT blob FROM tiles WHERE level = %s AND place = %s"
ROOTS: Final = "SELECT root FROM tiles WHERE level = %s AND place >= %s AND place < %s ORDER BY place"
HASHES: Final = "SELECT hash FROM entries WHERE position >= %s AND position < %s ORDER BY position"
HASHES_BELOW: Final = _beside_head(
    "SELECT hash, position FROM entries WHERE position >= %(start)s AND position < %(size)s", "position"
)
FOUND: Final = "SELECT position, leaf FROM entries WHERE id = %s"
WAIT: Final = f"{TURN}; SELECT size FROM head FOR UPDATE"
"""Waits for who writes, and who waits to; and its own commit, for as many replicas as all that was committed before."""
_APPEND: Final = (  # %b: bytes go as they are, and not as digits
    "SELECT start, recorded_at, clamped, root FROM append({arrays}, %s::jsonb, %s::jsonb, %s::jsonb, %s::text, "
    "%s::bigint, %b::bytea, %b::bytea)"
)
APPEND: Final = _APPEND.format(arrays="%b::bytea[], %b::bytea[], %b::bytea[]")
APPEND_ONE: Final = _APPEND.format(arrays="ARRAY[%b::bytea], ARRAY[%b::bytea], ARRAY[%b::bytea]")
HELD: Final = " UNION ALL ".join(
    f"SELECT 1 FROM {table} WHERE position(%(piece)s::bytea IN {column}) > 0"
    for table, column in (
        ("openings", "blob"),
        ("entries", "leaf"),
        ("once", "convert_to(key, 'UTF8')"),
        ("labels", "convert_to(text, 'UTF8')"),
    )
)


def can_stand(text: str) -> bool:
    """Whether a text can stand in the database: no zero, no half of a character."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def groups_of(query: Query) -> str:
    """
    A query as the functions of the schema read it; what can lead to no entry is left out.

    >>> groups_of((("b", "a", "b"), ("no\\x00label",), ()))
    '[["a", "b"], []]'
    """
    return json.dumps([sorted(set(group)) for group in query if all(can_stand(label) for label in group)])


def conditions_of(conditions: Sequence[Condition]) -> str | None:
    """Conditions as the functions of the schema read them."""
    if not conditions:
        return None
    return "[" + ", ".join(f"[{one.since}, {groups_of(one.query)}]" for one in conditions) + "]"


def call_of(drafts: Sequence[Draft]) -> tuple[str, tuple[Any, ...]]:
    """
    The statement that appends drafts, and what it is told of them: their bytes, and as JSON the rest.

    Raises:
        KeyTakenError: A place of a key stands twice.
    """
    keyed = [(*draft.once[:2], at) for at, draft in enumerate(drafts) if draft.once is not None]
    check_apart(keyed)
    told = (json.dumps([[draft.id, draft.labels] for draft in drafts]), json.dumps(keyed) if keyed else None)
    if len(drafts) == 1:
        return APPEND_ONE, (drafts[0].head, drafts[0].tail, drafts[0].openings, *told)
    return APPEND, (
        [draft.head for draft in drafts],
        [draft.tail for draft in drafts],
        [draft.openings for draft in drafts],
        *told,
    )


def check_apart(keyed: Iterable[tuple[str, int, int]]) -> None:
    """
    Refuse a place of a key that stands twice.

    Raises:
        KeyTakenError: As said.
    """
    seen = set[tuple[str, int]]()
    for key, place, _ in keyed:
        if (key, place) in seen:
            raise KeyTakenError(key)
        seen.add((key, place))


def end_of(row: Sequence[Any] | None) -> tuple[int, str | None, Frontier]:
    """
    A row of the head: size, last time, edge of the tree.

    Raises:
        StoreDamagedError: There is none, or it contradicts itself.
    """
    if row is None:
        raise StoreDamagedError("the head is missing", hint="restore a backup that verifies")
    size, recorded_at, frontier = row
    try:
        return size, recorded_at, Frontier.from_bytes(size, bytes(frontier))
    except InvalidValueError as error:
        raise StoreDamagedError(
            "the frontier does not fit the size", where=f"size {size}", hint="restore a backup that verifies"
        ) from error
