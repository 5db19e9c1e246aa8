"""
Entries examined by several workers: each looks at a range of positions, and says where all is as it should be.

A worker is never believed about a fault. It runs the same examination on its range and gives, for each piece in which
nothing was found, what the rest of the examination needs of it; any other piece is looked at once more by who asked.
So the report is that of an examination without workers, whatever they are, how many, and whoever had which range.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import groupby
from typing import Any, Final, NamedTuple

from coop_ledger.audit.entries import PIECE, Entries, Head, Piece, Seen
from coop_ledger.audit.findings import Findings, RefusalError
from coop_ledger.audit.opening import Copy, DamageError, reopened
from coop_ledger.domain import Once

__all__ = ["Request", "look_at", "pieces_of"]

_TASKS: Final = 16
"""Ranges that a ledger is cut into, at most: each reads the whole index of labels once."""

_SHORTEST: Final = 64
"""Bytes of a file that an entry needs at least: a head that speaks of more entries is not gone by."""

_STRAYS: Final = "SELECT position FROM labelled WHERE position IS NULL OR position < 0 OR position >= {} LIMIT 1"


class Request(NamedTuple):
    """
    What a worker is to look at, and how; data that can be handed to another process.

    Attributes:
        path: The private copy.
        bare: Whether it is that of a bundle or folder.
        head: What the ledger says of itself.
        until: The latest time of recording that is believed.
        quick: Whether to leave aside what the entries say.
        timed: Whether times of recording are wanted.
        came: Whether openings came along.
        start: The first position of the range, a multiple of :data:`PIECE`.
        end: The first position behind it.
    """

    path: str
    bare: bool
    head: Head
    until: str
    quick: bool
    timed: bool
    came: bool
    start: int = 0
    end: int = 0


class _Hashes:
    """In place of the tree: the hashes of leaves as they come."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self.taken.append(leaf)


class _Ids:
    """In place of what looks for ids and keys that stand twice: ids and keys as they come."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, tuple[str, int, int] | None]] = []

    def take(self, position: int, entry_id: str, once: Once | None) -> None:
        self.taken.append((entry_id, None if once is None else (once.key, once.index, once.count)))

    def skip(self, position: int) -> None:
        """Nothing: the leaf could not be read, which is a finding."""

    def finish(self) -> None:
        """Nothing: a range is no ledger."""


class _Times(Entries):
    """An examination that notes when the time of recording was looked at."""

    noted: list[tuple[int, str, bool]]

    def _time(self, position: int, recorded_at: str, clamped: bool) -> None:
        self.noted.append((position, recorded_at, clamped))
        super()._time(position, recorded_at, clamped)


def look_at(request: Request) -> list[Seen | None]:
    """
    Look at a range of entries; the work of a worker.

    Returns:
        For each piece of the range what was seen there, or None where anything was found, or is unusual.
    """
    pieces: dict[int, Seen] = {}
    size = request.head.size or 0
    try:
        with reopened(request.path, bare=request.bare) as copy:
            pieces.update(_seen(copy, request, size))
    except (RefusalError, DamageError, OSError):
        pass  # what is in the way here is found by who asked, too
    return [pieces.get(at) for at in range(request.start // PIECE, -(-request.end // PIECE))]


def _seen(copy: Copy, request: Request, size: int) -> Iterator[tuple[int, Seen]]:
    findings, hashes, ids = Findings(), _Hashes(), _Ids()
    last = request.end >= size
    entries = _Times(
        copy, findings, hashes, request.head, until=request.until, quick=request.quick, timed=request.timed,
        came=request.came, keys=ids, labelled=(request.start, request.end),
    )  # fmt: skip
    batches = entries.batches(request.start or None, None if last else request.end)
    for at, batch in groupby(batches, key=lambda rows: max(0, min(rows[0][0], size - 1)) // PIECE):
        start, end = at * PIECE, min((at + 1) * PIECE, size)
        before, opened, withheld, rows = entries.unusual, entries.sealed.open, entries.sealed.withheld, []
        found, counted = len(findings) if at * PIECE != request.start else 0, entries.openings
        hashes.taken, ids.taken, entries.noted, entries.times = [], [], [], array("q")
        entries.begin(start)
        for some in batch:
            entries.look(some)
            rows.append(len(some))
        if len(findings) == found and entries.unusual == before and len(ids.taken) == end - start == sum(rows):
            yield at, Seen(
                start, tuple(rows), b"".join(hashes.taken), tuple(ids.taken), tuple(entries.noted),
                entries.times.tobytes(), entries.openings - counted, entries.sealed.open - opened,
                entries.sealed.withheld - withheld,
            )  # fmt: skip


def pieces_of(executor: Executor, copy: Copy, request: Request) -> Iterator[Piece]:
    """
    All pieces of a ledger in their order, as workers saw them.

    Args:
        executor: Has :func:`look_at` called; what it fails to do is left to who asks.
        copy: The same file, opened here.
        request: What is to be looked at; *start* and *end* are set here.

    Yields:
        One piece after the other; a single one without bounds where the file is not worth, or not fit for, cutting.
    """
    size = request.head.size
    if size is None or size <= PIECE or not _is_whole(copy, size):
        yield Piece(None, None, None)
        return
    workers = getattr(executor, "_max_workers", None)  # where it is not known, or otherwise, that costs time only
    tasks = min(_TASKS, 2 * workers) if isinstance(workers, int) and workers > 0 else _TASKS
    step = -(-size // (tasks * PIECE)) * PIECE
    requests = [request._replace(start=at, end=min(at + step, size)) for at in range(0, size, step)]
    futures: list[Future[Any] | None] = [_submitted(executor, one) for one in requests]
    try:
        for one, future in zip(requests, futures, strict=True):
            starts = range(one.start, one.end, PIECE)
            for start, seen in zip(starts, _result(future, len(starts)), strict=True):
                end = start + PIECE
                yield Piece(start or None, None if end >= size else end, seen)
    finally:
        for future in futures:
            if future is not None:
                future.cancel()


def _is_whole(copy: Copy, size: int) -> bool:
    """Whether entries and labels stand where those of a ledger of that size do, as far as ends show it."""
    if copy.most is not None and size > copy.most // _SHORTEST:
        return False
    for order, position in (("", 0), (" DESC", size - 1)):
        row = copy.row(f"SELECT position FROM entries NOT INDEXED ORDER BY position{order} LIMIT 1")
        if row is None or row[0] != position:
            return False
    return copy.bare or copy.row(_STRAYS.format(size)) is None


def _submitted(executor: Executor, request: Request) -> Future[Any] | None:
    try:
        return executor.submit(look_at, request)
    except Exception:  # it was shut down, its processes or its cluster are gone, or no more can be begun
        return None


def _result(future: Future[Any] | None, count: int) -> Sequence[Seen | None]:
    """What a worker gave; nothing of each piece where it failed."""
    try:
        found = None if future is None else future.result()
    except Exception:  # whatever became of the worker, its range is looked at here
        found = None
    return found if isinstance(found, list) and len(found) == count else [None] * count
