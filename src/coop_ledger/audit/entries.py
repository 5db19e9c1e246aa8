"""
All entries of a file, one after the other: bytes, places, times, sealed texts, and what they say. Streams.

Every fault is a finding, and the next entry is looked at all the same. A quick pass reads of each leaf what stands
behind its body, and leaves aside what the entry says. Entries are taken a few at a time: one kind of look at all of
them, then the next kind, which is a fifth quicker than entry by entry (measured).
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from coop_ledger.audit.contents import Contents, tell_malformed
from coop_ledger.audit.findings import LISTED, Findings, RefusalError
from coop_ledger.audit.keys import Keys
from coop_ledger.audit.naming import LATER
from coop_ledger.audit.opening import Copy, DamageError, Text
from coop_ledger.audit.sealed import SealedFields
from coop_ledger.audit.structure import text_of, told
from coop_ledger.codec import check_origin, read_envelope, read_leaf, read_once
from coop_ledger.domain import Once
from coop_ledger.errors import CodecError, InvalidValueError
from coop_ledger.log import HASH_SIZE, MAX_LEAF, leaf_hash, parse_instant

__all__ = ["PIECE", "Entries", "Head", "Piece", "Seen", "read_head"]

_ROWS: Final = (
    "SELECT e.position, e.hash, e.id, e.leaf, o.blob FROM entries e NOT INDEXED "
    "LEFT JOIN openings o ON o.position = e.position{} ORDER BY e.position"
)
_ORPHANS: Final = (
    "SELECT o.position FROM openings o WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.position = o.position)"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_FEW: Final = 32
_MUCH: Final = 1 << 20
"""Entries, or bytes, that are taken at a time."""

PIECE: Final = 512
"""Positions that are told of together; no batch crosses from one piece into the next."""

_Row = tuple[int, Any, Any, Any, Any]


class Head(NamedTuple):
    """What the head of a file says; None where it says nothing that can be."""

    origin: str | None = None
    size: int | None = None
    recorded_at: str | None = None
    frontier: object = None


class Seen(NamedTuple):
    """
    What somebody saw of a piece in which nothing is wrong and nothing unusual.

    Attributes:
        start: Its first position; it has all up to the next multiple of :data:`PIECE`, or to the end of the log.
        batches: How many entries were taken at a time.
        hashes: The hashes of all leaves, one after the other.
        keys: The id of each entry, and its key, place in its call, and number of entries of that.
        times: Where the time of recording changes, or is marked: position, time, mark.
        micros: When each entry was recorded, as :attr:`Entries.times` has it; empty if not asked for.
        openings: How many entries have openings beside them.
        open: How many have sealed texts that can be read.
        withheld: Sealed texts that did not come along.
    """

    start: int
    batches: tuple[int, ...]
    hashes: bytes
    keys: tuple[tuple[str, tuple[str, int, int] | None], ...]
    times: tuple[tuple[int, str, bool], ...]
    micros: bytes
    openings: int
    open: int
    withheld: int


class Piece(NamedTuple):
    """Positions from *start* to *end* - 1, None for no bound, and what was seen there; None if that is to be looked."""

    start: int | None
    end: int | None
    seen: Seen | None


class _TakesHashes(Protocol):
    def add(self, leaf: bytes) -> None: ...


class _TakesKeys(Protocol):
    def take(self, position: int, entry_id: str, once: Once | None) -> None: ...

    def skip(self, position: int) -> None: ...

    def finish(self) -> None: ...


class Entries:
    """
    One pass over the entries of a file.

    Args:
        copy: The file.
        findings: Where faults go.
        tree: Takes the hash of each leaf.
        head: What the file says of itself.
        until: The latest time of recording that is believed, as a leaf writes it.
        quick: Whether to leave aside what the entries say.
        timed: Whether to keep the times of recording.
        came: Whether openings came along.
        keys: Takes ids and keys; None for what looks for such that stand twice.
        labelled: The positions of which labels are read, the first and the first behind; None for all.
    """

    def __init__(
        self,
        copy: Copy,
        findings: Findings,
        tree: _TakesHashes,
        head: Head,
        *,
        until: str,
        quick: bool,
        timed: bool,
        came: bool,
        keys: _TakesKeys | None = None,
        labelled: tuple[int, int] | None = None,
    ) -> None:
        self._copy = copy
        self._findings = findings
        self._tree = tree
        self._head = head
        self._until = until
        self._read_leaf = read_envelope if quick else read_leaf
        self._next = 0
        self._moved: list[tuple[int, int]] = []
        self._strangers = 0
        self._shift = 0
        self._keys = Keys(copy, findings) if keys is None else keys
        self._contents = Contents(copy, findings, quick=quick, labelled=labelled)
        self.openings = 0
        """Entries with openings beside them, of whatever kind."""
        self.sealed = SealedFields(copy, findings, texts=not quick, came=came)
        self.recorded_at: str | None = None
        """When the last entry was recorded."""
        self._micros = 0
        self._timed = timed
        self.times = array("q")
        """When each entry was recorded, microseconds since 1970, if asked for; as the one before, if unreadable."""
        self.clamped = 0
        """Entries recorded while the clock stood behind."""
        self.whole = True
        """Whether the last leaf could be read."""

    def run(self, pieces: Iterable[Piece] = (Piece(None, None, None),)) -> None:
        """
        Look at every entry.

        Args:
            pieces: All of them in their order, perhaps with what others saw there.

        Raises:
            RefusalError: A value beyond the limits, or no end in sight.
            DamageError: Pages that contradict each other; what came before was looked at.
        """
        passed, looked = None, False
        for start, end, seen in pieces:
            if seen is not None and self._next == seen.start:
                self._take(seen)
                passed = self._next
                continue
            looked = True
            self._contents.go_to(passed)
            for rows in self.batches(start, end):
                self.look(rows)
        if looked:
            self._contents.go_to(passed)
        self._keys.finish()
        self.sealed.finish()
        self._contents.finish()
        self._tell_orphans()
        self._tell_moved()
        size = self._head.size
        if size is not None and self._next < size:
            what, found = "entries are missing at the end", f"{self._next} entries"
            self._findings.add("T07", what, field="head.size", expected=f"{size} entries", found=found)

    @property
    def unusual(self) -> tuple[int, ...]:
        """Changes with every entry of which anything will be said at the end, or may be."""
        return self._strangers, *self.sealed.unusual

    def begin(self, position: int) -> None:
        """Go on at a position as if it were the first, whatever stands before it."""
        self._next = position
        self.recorded_at = None
        self._contents.go_to(position)

    def _take(self, seen: Seen) -> None:
        """Take over what somebody saw, in the order in which it is looked at here."""
        times = deque(seen.times)
        at = 0
        for count in seen.batches:
            for number in range(at, at + count):
                self._tree.add(seen.hashes[HASH_SIZE * number : HASH_SIZE * (number + 1)])
            for position, (entry_id, once) in enumerate(seen.keys[at : at + count], seen.start + at):
                if times and times[0][0] == position:
                    _, recorded_at, clamped = times.popleft()
                    if recorded_at != self.recorded_at or clamped:
                        self._time(position, recorded_at, clamped)
                self._keys.take(position, entry_id, None if once is None else Once(*once))
            at += count
        self.times.frombytes(seen.micros)
        self.openings += seen.openings
        self.sealed.open += seen.open
        self.sealed.withheld += seen.withheld
        self._next, self.whole = seen.start + at, True

    def batches(self, start: int | None = None, end: int | None = None) -> Iterator[list[_Row]]:
        """
        The rows of some positions, a few at a time, also those in front of one that cannot be read.

        Args:
            start: The first position; None for no bound.
            end: The first position behind them; None for no bound.
        """
        rows: list[_Row] = []
        size = 0
        last: int | None = None
        error: Exception | None = None
        try:
            for row in self._copy.rows(_ROWS.format(_within(start, end))):
                if last is not None and row[0] <= last:  # else a page that is met twice has rows without end
                    raise DamageError(f"position {row[0]} stands behind position {last}")
                if rows and row[0] // PIECE != rows[0][0] // PIECE:
                    yield rows
                    rows, size = [], 0
                last, _, _, leaf, blob = row
                rows.append(row)
                size += (len(leaf) if isinstance(leaf, bytes) else 0) + (len(blob) if isinstance(blob, bytes) else 0)
                if len(rows) == _FEW or size > _MUCH:
                    yield rows
                    rows, size = [], 0
        except (RefusalError, DamageError) as stopped:
            error = stopped
        if rows:
            yield rows
        if error is not None:
            raise error

    def look(self, rows: list[_Row]) -> None:
        """All kinds of looks at a few entries."""
        rows = [row for row in rows if self._place(row[0])]
        for position, digest, _, leaf, blob in rows:
            self.openings += blob is not None
            self._hash(position, digest, leaf)
        leaves = [self._read(row[0], row[3]) for row in rows]
        for (position, _, entry_id, _, _), keys in zip(rows, leaves, strict=True):
            if keys is None:
                self._keys.skip(position)
            else:
                self._compare(position, keys, entry_id)
            if self._timed:
                self.times.append(self._micros)
        openings = [
            None if keys is None else self.sealed.opened(row[0], keys, row[4])
            for row, keys in zip(rows, leaves, strict=True)
        ]
        self._contents.look(rows, leaves, openings, self.sealed)
        if rows:
            self.whole = leaves[-1] is not None

    def _place(self, position: int) -> bool:
        """Whether a row stands where an entry can be."""
        size = self._head.size
        if position < 0 or (size is not None and position >= size):
            expected = None if size is None else f"0 to {size - 1}"
            what = "a row stands where no entry can be"
            self._findings.add("T12", what, position=position, field="entries.position", expected=expected)
            return False
        if position != self._next:
            missing = f"positions {self._next} to {position - 1}"
            self._findings.add("T05", "entries are missing", position=self._next, found=f"nothing at {missing}")
        self._next = position + 1
        return True

    def _hash(self, position: int, digest: object, leaf: object) -> None:
        """The leaf's own hash, against the one in its row."""
        if not isinstance(leaf, bytes) or type(digest) is not bytes:
            column = "leaf" if type(digest) is bytes else "hash"
            self._findings.add("T31", "a leaf and its hash are blobs", position=position, field=f"entries.{column}")
        hashed = leaf_hash(leaf if isinstance(leaf, bytes) else b"")
        self._tree.add(hashed)
        if hashed != digest:
            kept = digest.hex() if type(digest) is bytes else told(digest)
            what = "the leaf is not the one whose hash was kept"
            self._findings.add("T01", what, position=position, field="entries.hash", expected=hashed.hex(), found=kept)

    def _read(self, position: int, leaf: object) -> dict[str, Any] | None:
        """The keys of a leaf, if they can be read."""
        if not isinstance(leaf, bytes):
            return None
        if len(leaf) > MAX_LEAF:
            what, size = "the leaf is too large", f"at most {MAX_LEAF} bytes"
            self._findings.add("T58", what, position=position, field="leaf", expected=size, found=f"{len(leaf)} bytes")
            return None
        try:
            return self._read_leaf(leaf)
        except CodecError as error:
            if error.where == LATER and self.sealed.later is None:
                self.sealed.later = position
            tell_malformed(self._findings, position, error)
            return None

    def _compare(self, position: int, keys: dict[str, Any], entry_id: object) -> None:
        """Compare what a leaf says of its own place, ledger, id, time and call with where it stands."""
        own, origin = keys["position"], self._head.origin
        if own != position:
            self._shift += own - position
            self._strangers += 1
            if len(self._moved) < LISTED:
                self._moved.append((position, own))
        if keys["origin"] != origin and origin is not None:
            what = "the entry comes from another ledger"
            self._findings.add("T20", what, position=position, field="origin", expected=origin, found=keys["origin"])
        if type(entry_id) is not Text or entry_id != keys["id"].encode():
            shown = text_of(entry_id)
            what = "the column of ids disagrees with the leaf"
            self._findings.add(
                "T31" if shown is None else "T30", what, position=position, field="entries.id",
                expected=keys["id"], found=told(entry_id) if shown is None else shown,
            )  # fmt: skip
        if keys["recorded_at"] != self.recorded_at or "recorded_clamped" in keys:
            self._time(position, keys["recorded_at"], "recorded_clamped" in keys)
        once = None
        if "once" in keys:
            try:
                once = read_once(keys["once"])
            except CodecError as error:
                tell_malformed(self._findings, position, error)
        self._keys.take(position, keys["id"], once)

    def _time(self, position: int, recorded_at: str, clamped: bool) -> None:
        """Times never decrease, are marked where the clock went back, and are not ahead of us."""
        before = self.recorded_at
        self.clamped += clamped
        if clamped and recorded_at != before:
            what = "the entry is marked as recorded with the clock behind, but has another time than the entry before"
            self._findings.add("T17", what, position=position, field="recorded_clamped", expected=before)
        if recorded_at == before:
            return
        try:
            self._micros = (parse_instant(recorded_at) - _EPOCH) // _MICROSECOND
        except InvalidValueError as error:
            self._findings.add("T57", error.what, position=position, field="recorded_at", found=recorded_at)
            return
        self.recorded_at = recorded_at
        if before is not None and recorded_at < before:
            what = "the entry is dated before the one in front of it"
            self._findings.add(
                "T15", what, position=position, field="recorded_at", expected=f"{before} or later", found=recorded_at
            )
        if recorded_at > self._until:
            what = "the entry is dated in the future, or the clock of this computer is wrong"
            self._findings.add(
                "T16", what, position=position, field="recorded_at", expected=f"up to {self._until}", found=recorded_at
            )

    def _tell_orphans(self) -> None:
        """Openings of entries that are not there; looked for only where there are more than were met."""
        if self._copy.count("openings") == self.openings:
            return
        for (position,) in self._copy.rows(_ORPHANS):
            what = "there are openings of an entry that is not there"
            self._findings.add("T53", what, position=position, field="openings")

    def _tell_moved(self) -> None:
        """Entries in each other's places add up to no shift; those behind a gap to one, those behind a row too many."""
        if self._shift == 0:
            code, what = "T10", "the entry stands in the place of another"
        elif self._shift > 0:
            code, what = "T06", "the entry was moved up after others were removed"
        else:
            code, what = "T12", "the entry was moved down after a row was pushed in"
        for position, own in self._moved:
            self._findings.add(code, what, position=position, field="position", expected=position, found=own)


def _within(start: int | None, end: int | None) -> str:
    """The condition on positions that stand between two bounds."""
    bounds = [f"e.position {sign} {bound}" for sign, bound in ((">=", start), ("<", end)) if bound is not None]
    return f" WHERE {' AND '.join(bounds)}" if bounds else ""


def read_head(copy: Copy, findings: Findings) -> Head:
    """
    What the file says of itself; what is wrong with it is a finding.

    Raises:
        RefusalError, DamageError: As :meth:`Copy.rows`.
    """
    kept = list(copy.rows("SELECT origin, size, grows_to, recorded_at, frontier, one FROM head LIMIT 2"))
    if len(kept) != 1 or kept[0][5] != 1:
        findings.add("T30", "the head is one row", field="head", expected="1 row", found=f"{len(kept)} rows")
    if not kept:
        return Head()
    origin, size, grows_to, recorded_at, frontier, _ = kept[0]
    for name, value, fits in (
        ("origin", origin, _is_origin(text_of(origin))),
        ("size", size, isinstance(size, int) and size >= 0),
        ("recorded_at", recorded_at, recorded_at is None or text_of(recorded_at) is not None),
        ("frontier", frontier, type(frontier) is bytes),
    ):
        if not fits:
            findings.add("T31", "the head holds a value that it cannot", field=f"head.{name}", found=told(value))
    if grows_to != size:
        what = "the head says that a writer is at work, but none is"
        findings.add("T30", what, field="head.grows_to", expected=told(size), found=told(grows_to))
    sized = size if isinstance(size, int) and size >= 0 else None
    return Head(text_of(origin) if _is_origin(text_of(origin)) else None, sized, text_of(recorded_at), frontier)


def _is_origin(text: str | None) -> bool:
    try:
        check_origin(text)
    except InvalidValueError:
        return False
    return True
