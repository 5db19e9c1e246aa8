"""
Writing many entries at once: leaves are put together here, under the lock of the head, and go to the server by COPY.

What one call of the server's function does for a few drafts, done for pages of a thousand; the bytes are the same.
Everything here runs inside a transaction of the caller.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import attrs

from coop_ledger.errors import InvalidValueError, KeyTakenError, StoreDamagedError
from coop_ledger.log import (
    TILE_WIDTH,
    Frontier,
    completed_tiles,
    format_instant,
    leaf_hash,
    not_before,
    tile_root,
)
from coop_ledger.stores.base import Clock, Draft, Placed, Restored, leaves_of
from coop_ledger.stores.postgres.functions import CLOCK, TURN
from coop_ledger.stores.postgres.statements import HASHES, TILE, check_apart, end_of

if TYPE_CHECKING:
    import psycopg

__all__ = ["Batch", "locked"]


_PAIR: Final = struct.Struct(">hiqiq").pack
"""A row of two whole numbers as COPY reads it: two fields of eight bytes. Ten rows an entry are worth the trouble."""
_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"


def locked(connection: psycopg.Connection[Any]) -> Batch:
    """Lock the head until the transaction ends: who else writes waits, and what is written goes after it."""
    connection.execute(TURN)
    row: Any = connection.execute(f"SELECT size, recorded_at, frontier, {CLOCK} FROM head FOR UPDATE").fetchone()
    size, recorded_at, frontier = end_of(row and row[:3])
    return Batch(connection, size, recorded_at, frontier, row[3])


@attrs.define
class Batch:
    """
    Entries on their way behind the end of a locked log.

    Args:
        connection: In a transaction that holds the lock.
        size: Entries before.
        last: When the last of them was recorded.
        frontier: The edge of the tree, which grows with every page.
        now: The server's present instant.
    """

    connection: psycopg.Connection[Any]
    size: int
    last: str | None
    frontier: Frontier
    now: str

    def check(self, conditions: str | None, keys: Sequence[str]) -> None:
        """
        Look whether conditions hold and keys are free.

        Args:
            conditions: As ``statements.conditions_of`` gives them.
            keys: Of calls.
        """
        if conditions is not None or keys:
            self.connection.execute(
                "SELECT check_new(%s, %s::jsonb, %s::text[])", (self.size, conditions or "[]", list(keys))
            )

    def place(self, pages: Iterable[Sequence[Draft]], clock: Clock | None) -> Placed:
        """Place drafts, all at one time of recording: that of *clock*, or of the server."""
        recorded_at, clamped = not_before(self.last, self.now if clock is None else format_instant(clock()))
        for drafts in pages:
            self.write(drafts, leaves_of(drafts, self.frontier.size, recorded_at, clamped))
        end = self.frontier.size
        if end == self.size:
            raise InvalidValueError("there is nothing to record", where="drafts")
        self.finish(recorded_at)
        return Placed(range(self.size, end), recorded_at, clamped, end, self.frontier.root())

    def write(self, entries: Sequence[Draft | Restored], leaves: Sequence[bytes]) -> None:
        """Write whole leaves behind the last page, with all that stands beside them."""
        start = self.frontier.size
        hashes = [leaf_hash(leaf) for leaf in leaves]
        places = range(start, start + len(entries))
        self._copy(
            "entries (position, id, leaf)",
            ("int8", "text", "bytea"),
            zip(places, (entry.id for entry in entries), leaves, strict=True),
        )
        opened = ((at, one.openings) for at, one in zip(places, entries, strict=True) if one.openings is not None)
        self._copy("openings (position, blob)", ("int8", "bytea"), opened)
        self._label(entries, places)
        self._key(entries, places)
        self._grow(start, hashes)

    def finish(self, recorded_at: str) -> None:
        """Move the head behind what was written."""
        self.connection.execute(
            "UPDATE head SET size = %s, recorded_at = %s, frontier = %s",
            (self.frontier.size, recorded_at, self.frontier.to_bytes()),
        )

    def _copy(self, into: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def _label(self, entries: Sequence[Draft | Restored], places: range) -> None:
        texts = sorted(set(chain.from_iterable(entry.labels for entry in entries)))
        self.connection.execute(
            "INSERT INTO labels (text) SELECT t FROM unnest(%s::text[]) AS t "
            "WHERE NOT EXISTS (SELECT 1 FROM labels l WHERE l.text = t)",
            (texts,),
        )
        numbers: dict[str, int] = dict(
            self.connection.execute("SELECT text, number FROM labels WHERE text = ANY (%s)", (texts,)).fetchall()
        )
        labelled: defaultdict[str, list[int]] = defaultdict(list)
        for at, entry in zip(places, entries, strict=True):
            for text in entry.labels:
                labelled[text].append(at)
        rows = [
            _PAIR(2, 8, numbers[text], 8, at)
            for text in sorted(labelled, key=numbers.__getitem__)
            for at in labelled[text]
        ]
        with self.connection.cursor().copy("COPY labelled (number, position) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"".join((_BEGIN, *rows, _END)))

    def _key(self, entries: Sequence[Draft | Restored], places: range) -> None:
        keyed = [(*one.once[:2], at) for at, one in zip(places, entries, strict=True) if one.once is not None]
        if not keyed:
            return
        check_apart(keyed)
        row = self.connection.execute(
            "SELECT o.key FROM once o JOIN unnest(%s::text[], %s::int[]) AS k(key, place) USING (key, place) LIMIT 1",
            ([key for key, _, _ in keyed], [place for _, place, _ in keyed]),
        ).fetchone()
        if row is not None:
            raise KeyTakenError(row[0])
        self._copy("once (key, place, position)", ("text", "int4", "int8"), keyed)

    def _grow(self, start: int, hashes: Sequence[bytes]) -> None:
        if start % TILE_WIDTH + len(hashes) >= TILE_WIDTH:
            rows = self.connection.execute(HASHES, (start - start % TILE_WIDTH, start)).fetchall()
            tiles = completed_tiles(start, [bytes(row[0]) for row in rows], hashes, self._tile)
            self._copy(
                "tiles (level, place, root, blob)",
                ("int4", "int8", "bytea", "bytea"),
                [(level, index, tile_root(blob), blob) for level, index, blob in tiles],
            )
        self.frontier.extend(hashes)

    def _tile(self, level: int, index: int) -> bytes:
        row = self.connection.execute(TILE, (level, index)).fetchone()
        if row is None:
            raise StoreDamagedError(
                "a tile of the tree is missing",
                where=f"tile {index} of level {level}",
                hint="restore a backup that verifies",
            )
        return bytes(row[0])
