"""
A file of claims into a ledger: all of its rows or none, and none a second time (decision 0023).

The file is gone through once, inside the store's transaction, which is taken back where any row is no claim. Rows
are not held: what is known of the ledger's claims are their digests.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from coop_ledger.codec import wire_name
from coop_ledger.domain import Claim, Value
from coop_ledger.errors import AppendConflictError, LeafTooLargeError, RowProblem
from coop_ledger.ids import entry_ids, in_chunks
from coop_ledger.interchange.claims.files import ClaimSource, OpenFile, open_source
from coop_ledger.interchange.claims.known import Known, lacks_words
from coop_ledger.interchange.claims.rows import (
    BadRow,
    ClaimFormat,
    ClaimRow,
    Faults,
    checked_rows,
    format_of,
)
from coop_ledger.query import labels_of
from coop_ledger.recording import draft_of, instant_now, last_day
from coop_ledger.stores import Condition, Draft, Head, Placed

if TYPE_CHECKING:
    from coop_ledger.ledger import Ledger

__all__ = ["FIRST", "Imported", "Progress", "import_claims"]

FIRST: Final = 10
"""So many of the new claims are shown."""

_SEED_SIZE: Final = 10
_EVERY: Final = 500
"""Rows that are read and then written together, and rows between two calls of *progress*."""


class Progress(NamedTuple):
    """
    How far an import has come.

    Args:
        rows: Rows so far.
        bytes_read: Bytes of the file so far.
        bytes_total: Bytes of the file.
    """

    rows: int
    bytes_read: int
    bytes_total: int


@attrs.frozen(eq=False, repr=False)
class Imported(Value):
    """
    What an import recorded, or would record.

    Args:
        rows: Claims in the file.
        new: How many of them the ledger did not hold.
        known: How many it held already; they were not recorded again.
        by_event: How many of the new there are of each event, by wire name, sorted.
        first: The first of the new, at most 10.
        recorded: Whether they were recorded; False of a dry run, and where nothing was new.
        positions: Places of the new, in the order of the file; empty unless recorded.
        size: Entries of the ledger afterwards.
        root: RFC 6962 root at that size, 32 bytes.
    """

    rows: int
    new: int
    known: int
    by_event: tuple[tuple[str, int], ...]
    first: tuple[Claim, ...]
    recorded: bool
    positions: range
    size: int
    root: bytes


def import_claims(
    ledger: Ledger,
    source: ClaimSource,
    *,
    format: str | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], object] | None = None,
) -> Imported:
    """
    Record the claims of a file that the ledger does not hold yet, all or none.

    A claim that stands in the file more often than in the ledger is recorded as often as it is missing. A claim is
    the same whatever the file's format, delimiter, order of columns or spelling of cells; an entry that was
    retracted, corrected or redacted since still counts as held.

    Args:
        ledger: Where to.
        source: A path, or a stream of bytes or text.
        format: ``csv``, ``json`` or ``ndjson``; None: told from the beginning of the file.
        dry_run: Look only: say what would be recorded.
        progress: Called now and then with how far it has come.

    Raises:
        ClaimFileError: No such file, or rows that are no claims; nothing was recorded.
        InvalidValueError: No such format, or neither a path nor a stream.
        LeafTooLargeError: A claim of more than 65,535 bytes; nothing was recorded.
        StoreError: The store could not; nothing was recorded.

    Guarantees: one transaction, while which nobody else can write; holds a page of claims at a time, and a digest of
        each claim in the ledger.
    """
    with open_source(source) as file:
        kind = format_of(file, format)
        while True:
            passing = _Passing(ledger, file, kind, progress)
            try:
                placed = _placed(ledger, passing, dry_run=dry_run)
            except AppendConflictError:  # somebody recorded meanwhile, perhaps the same: look again
                continue
            return passing.result(placed)


def _placed(ledger: Ledger, passing: _Passing, *, dry_run: bool) -> Placed | None:
    """Record what is new, if nothing was recorded since the ledger was looked at; None where nothing is."""
    rows = passing.new_rows()
    first = next(rows, None)
    if first is None:
        return None
    drafts = _drafts(ledger, chain([first], rows), passing)
    if dry_run:
        deque(drafts, maxlen=0)
        return None
    return ledger._store.extend(drafts, [Condition(((),), passing.size)])


class _Passing:
    """One pass over the file, and what it finds."""

    def __init__(
        self, ledger: Ledger, file: OpenFile, kind: ClaimFormat, progress: Callable[[Progress], object] | None
    ) -> None:
        scope = ledger._scope()
        self._ledger, self.file, self._kind, self._progress = ledger, file, kind, progress
        self.size = scope.size
        self.now = instant_now(ledger._clock)
        self._known = Known(scope)
        self.faults = Faults(file.name)
        self._first: list[Claim] = []
        self._by_event: Counter[type] = Counter()

    def new_rows(self) -> Iterator[ClaimRow]:
        """
        Yield the rows that the ledger does not hold; behind a bad row none, but the others are looked at.

        Raises:
            ClaimFileError: At the end, where a row was bad.
        """
        latest = last_day(self.now)
        for row in checked_rows(self.file, self._kind, self._ledger._countries, latest):
            self.faults.rows += 1
            if isinstance(row, BadRow):
                self.faults.note(*row.problems)
            elif not self._known.take(row.claim):
                if lacks_words(row.claim):
                    self.faults.note(_erased(row.line))
                self._by_event[type(row.claim.event)] += 1
                if len(self._first) < FIRST:
                    self._first.append(row.claim)
                if not self.faults.count:
                    yield row
            if self._progress is not None and self.faults.rows % _EVERY == 0:
                self._tell()
        self._tell()
        self.faults.check()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(Progress(self.faults.rows, self.file.at_byte, self.file.size_bytes))

    def result(self, placed: Placed | None) -> Imported:
        """What the whole pass found, and where it was recorded."""
        head = self._ledger._store.head() if placed is None else placed
        rows, new = self.faults.rows, self._by_event.total()
        by_event = tuple(sorted((wire_name(event), count) for event, count in self._by_event.items()))
        positions = range(head.size, head.size) if isinstance(head, Head) else head.positions
        return Imported(
            rows, new, rows - new, by_event, tuple(self._first), placed is not None, positions, head.size,
            head.root,
        )  # fmt: skip


def _erased(line: int) -> RowProblem:
    hint = "leave the text out to record the claim without it"
    return RowProblem(line, "", None, "a text that was erased cannot be recorded", hint)


def _drafts(ledger: Ledger, rows: Iterator[ClaimRow], passing: _Passing) -> Iterator[Draft]:
    fresh, draw = entry_ids(passing.now, ledger._draw(_SEED_SIZE)), in_chunks(ledger._draw)
    origin, recorder = ledger.origin, ledger._recorder
    while some := list(islice(rows, _EVERY)):  # to read and to write by turns, row by row, takes a sixth more time
        drafts = []
        for row in some:
            labels, entry_id = labels_of(row.claim, row.subjects), next(fresh)
            try:
                drafts.append(
                    draft_of(
                        row.claim, labels, origin=origin, entry_id=entry_id, recorder=recorder, once=None, draw=draw
                    )
                )
            except LeafTooLargeError as error:
                what = f"{error.what}; expected: {error.expected}"
                passing.faults.note(RowProblem(row.line, "", None, what, error.hint))
        yield from drafts
    passing.faults.check()
