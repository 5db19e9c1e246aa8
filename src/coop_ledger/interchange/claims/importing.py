"""
A file of claims into a ledger: all of its rows or none, and none a second time (decision 0023).

The file is read twice: once to check every row and to see which the ledger holds already, and once, inside the
store's transaction, to record the others. Neither holds the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import compress
from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from coop_ledger.codec import wire_name
from coop_ledger.domain import Claim, Value, subjects_of
from coop_ledger.errors import AppendConflictError, ClaimFileError, RowProblem
from coop_ledger.ids import entry_ids, in_chunks
from coop_ledger.interchange.claims.files import ClaimSource, OpenFile, open_source
from coop_ledger.interchange.claims.known import Known, is_erased
from coop_ledger.interchange.claims.rows import (
    MAX_PROBLEMS,
    BadRow,
    ClaimFormat,
    ClaimRow,
    Row,
    checked_rows,
    format_of,
)
from coop_ledger.query import labels_of
from coop_ledger.recording import draft_of, instant_now
from coop_ledger.stores import Condition, Draft, Placed

if TYPE_CHECKING:
    from coop_ledger.ledger import Ledger

__all__ = ["FIRST", "Imported", "Progress", "import_claims"]

FIRST: Final = 10
"""So many of the new claims are shown."""

_SEED_SIZE: Final = 10
_EVERY: Final = 500
"""Rows between two calls of *progress*."""


class Progress(NamedTuple):
    """
    How far an import has come.

    Args:
        step: ``checking`` or ``recording``.
        rows: Rows so far in this step.
        total: Of ``recording``: how many there are; None while that is not known.
    """

    step: str
    rows: int
    total: int | None


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

    Guarantees: one transaction; holds a page of claims at a time, and a digest of each claim in the ledger.
    """
    with open_source(source) as file:
        kind = format_of(file, format)
        while True:
            passed = _check(ledger, file, kind, progress)
            if dry_run or not passed.new:
                return passed.result(ledger)
            try:
                placed = _record(ledger, file, kind, passed, progress)
            except AppendConflictError:  # somebody recorded meanwhile, perhaps the same: look again
                continue
            return passed.result(ledger, placed)


class _Passed:
    """What the first pass found."""

    def __init__(self, size: int, now: datetime) -> None:
        self.size = size
        self.now = now
        self.is_new = bytearray()
        self.first: list[Claim] = []
        self.by_event: Counter[type] = Counter()

    @property
    def new(self) -> int:
        return self.by_event.total()

    def note(self, claim: Claim, *, known: bool) -> None:
        self.is_new.append(not known)
        if not known:
            self.by_event[type(claim.event)] += 1
            if len(self.first) < FIRST:
                self.first.append(claim)

    def result(self, ledger: Ledger, placed: Placed | None = None) -> Imported:
        head = ledger._store.head() if placed is None else placed
        rows = len(self.is_new)
        by_event = tuple(sorted((wire_name(event), count) for event, count in self.by_event.items()))
        positions = range(head.size, head.size) if placed is None else placed.positions
        return Imported(
            rows, self.new, rows - self.new, by_event, tuple(self.first), placed is not None, positions, head.size,
            head.root,
        )  # fmt: skip


def _rows(
    ledger: Ledger, file: OpenFile, kind: ClaimFormat, now: datetime, tell: Callable[[int], object]
) -> Iterator[Row]:
    latest = now.date() + timedelta(days=1)
    for at, row in enumerate(checked_rows(file, kind, ledger._countries, latest), 1):
        yield row
        if at % _EVERY == 0:
            tell(at)


def _check(ledger: Ledger, file: OpenFile, kind: ClaimFormat, progress: Callable[[Progress], object] | None) -> _Passed:
    """Read every row, and see which are new."""
    scope = ledger._scope()
    passed, known = _Passed(scope.size, instant_now(ledger._clock)), Known(scope)
    problems: list[RowProblem] = []
    rows = count = 0

    def tell(done: int) -> None:
        if progress is not None:
            progress(Progress("checking", done, None))

    for row in _rows(ledger, file, kind, passed.now, tell):
        rows += 1
        faults = row.problems if isinstance(row, BadRow) else _take(row, passed, known)
        count += len(faults)
        problems += faults[: MAX_PROBLEMS - len(problems)]
    if count:
        raise ClaimFileError(
            f"{count} fault{'s' * (count > 1)} in {rows} row{'s' * (rows > 1)}; nothing was recorded", where=file.name,
            hint="mend them, and import the file again", problems=tuple(problems), count=count,
        )  # fmt: skip
    return passed


def _take(row: ClaimRow, passed: _Passed, known: Known) -> tuple[RowProblem, ...]:
    there = known.take(row.claim)
    if not there and is_erased(row.claim):
        what = "a text that was erased cannot be recorded"
        hint = "leave the cell empty to record the claim without it"
        return (RowProblem(row.line, "", None, what, hint),)
    passed.note(row.claim, known=there)
    return ()


def _record(
    ledger: Ledger,
    file: OpenFile,
    kind: ClaimFormat,
    passed: _Passed,
    progress: Callable[[Progress], object] | None,
) -> Placed:
    """Record the new rows, if nothing was recorded since they were looked at."""

    def tell(done: int) -> None:
        if progress is not None:
            progress(Progress("recording", done, len(passed.is_new)))

    rows = compress(_rows(ledger, file, kind, passed.now, tell), passed.is_new)
    return ledger._store.extend(_drafts(ledger, rows, file, passed), [Condition(((),), passed.size)])


def _drafts(ledger: Ledger, rows: Iterator[Row], file: OpenFile, passed: _Passed) -> Iterator[Draft]:
    fresh, draw = entry_ids(passed.now, ledger._draw(_SEED_SIZE)), in_chunks(ledger._draw)
    origin, recorder, drafted = ledger.origin, ledger._recorder, 0
    for row in rows:
        if isinstance(row, BadRow):  # it was a claim a moment ago
            break
        claim, drafted = row.claim, drafted + 1
        labels = labels_of(claim, subjects_of(claim))
        yield draft_of(claim, labels, origin=origin, entry_id=next(fresh), recorder=recorder, once=None, draw=draw)
    if drafted != passed.new:
        hint = "copy it, and import the copy"
        raise ClaimFileError("the file was changed while it was read", where=file.name, hint=hint)
