"""
Whose turn it is to write a ledger file: writers of all threads and processes, first come, first served.

The database lets those who wait try again, each in its own time, so that one may wait for as long as others write.
Here a writer takes a place behind all that wait, before it asks the database. A place is a lock on one byte far
behind the end of the file, and belongs to an open file (``F_OFD_SETLK``): it ends with its owner, however that ends;
nothing is written, and nothing lies beside the file. Readers, whom each commit keeps out, come in when it ends.
Order is all that follows from it: what is safe, the database decides. Where the system has no such locks, all wait as
the database has it. Source: decision 0025.
"""

from __future__ import annotations

import errno
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from coop_ledger.errors import StoreBusyError

try:
    import fcntl

    _GET, _SET = fcntl.F_OFD_GETLK, fcntl.F_OFD_SETLK
    _READ, _WRITE, _NONE = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
    PLACES = True
except (ImportError, AttributeError):  # pragma: no cover - no Linux
    PLACES = False

__all__ = ["PLACES", "Turns"]

_FLOCK: Final = "@hhqqi"
"""``struct flock`` of Linux: type, whence, start, length, process."""

_FIRST: Final = 1 << 62
"""The byte of the first place; no file is as long, and the database locks bytes at 1 GiB."""

_LAST: Final = (1 << 63) - 1

_PENDING: Final = 0x40000000
"""The byte that a writer holds while it keeps readers out."""

_RESERVED: Final = 0x40000001
"""The byte that a writer of the database holds from ``BEGIN IMMEDIATE`` to its end."""

_TRIES: Final = 100
"""How often a place is looked for that others are quicker to take."""

_USUAL_S: Final = 0.0005
"""How long a turn takes, before one was taken here; a commit on a disk of one's own."""

_LONGEST_S: Final = 0.05
"""How long a turn is expected to take, at most: an import is no rule for what follows."""

_SHORTEST_S: Final = 50e-6
_SHARE: Final = 16
"""Who is next looks again after this part of a turn."""

_PATIENCE_S: Final = 0.2
"""How long the place in front may be held while nobody writes: longer, and its owner does not run."""


class Turns:
    """
    The places of one user of a ledger file.

    Args:
        path: The file, for messages.
        timeout_s: How long to wait for others, in seconds.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._passed: frozenset[int] = frozenset()
        self._usual_s = _USUAL_S
        self._began = 0.0

    def take(self, descriptor: int | None) -> None:
        """
        Take a place, and wait until it is the first.

        Args:
            descriptor: The ledger file, opened for writing, for this thread alone; None where there is none.

        Raises:
            StoreBusyError: It was written all the time.
        """
        if not PLACES or descriptor is None:
            return
        with suppress(OSError):  # the file was closed meanwhile, or is where nothing can be locked
            self._wait(descriptor)

    def _wait(self, descriptor: int) -> None:
        if self._passed:
            self._passed &= frozenset(_held(descriptor, _FIRST, _LAST))
        place = _stand(descriptor)
        start = still = time.monotonic()
        before: list[int] = []
        while place is not None and (ahead := self._ahead(descriptor, place)):
            now = time.monotonic()
            if ahead != before:
                still = now
            late = now - start >= self._timeout_s
            if late or now - still > _PATIENCE_S:
                if _is_written(descriptor):
                    still = now
                    if late:
                        self.leave(descriptor)
                        raise StoreBusyError(
                            "another writer holds the ledger", where=str(self._path),
                            hint="try again, with the same once key",
                        )  # fmt: skip
                elif late:
                    break  # who is in front does not write: the database will say
                else:
                    self._passed |= {ahead[0]}
            time.sleep(self._pause(len(ahead), ahead == before))
            before = ahead
        self._began = time.monotonic()

    def _ahead(self, descriptor: int, place: int) -> list[int]:
        """The places in front that count, the first one first."""
        return [one for one in _held(descriptor, _FIRST, place) if one not in self._passed]

    def _pause(self, ahead: int, again: bool) -> float:
        """How long until it is worth looking again; who is next looks once more in the middle of a turn, then often."""
        if ahead > 1:
            return self._usual_s * (ahead - 1)
        return max(_SHORTEST_S, self._usual_s / (_SHARE if again else 2))

    def wait_to_read(self, descriptor: int | None) -> None:
        """
        Wait until readers are let in: a commit keeps them out, and the next one follows soon.

        The database looks again after up to a tenth of a second, which may be the middle of a commit each time. After
        *timeout_s* it will say that it is busy.
        """
        if not PLACES or descriptor is None:
            return
        with suppress(OSError):
            latest = None
            while _find(descriptor, _PENDING, _PENDING + 1) is not None:
                now = time.monotonic()
                latest = now + self._timeout_s if latest is None else latest
                if now >= latest:
                    return
                time.sleep(_SHORTEST_S)

    def leave(self, descriptor: int | None) -> None:
        """Give the place back, if one was taken."""
        if PLACES and descriptor is not None:
            with suppress(OSError):  # where nothing can be locked, nothing was
                _lock(descriptor, _SET, _NONE, _FIRST, 0)
            self._usual_s = min(max(time.monotonic() - self._began, _SHORTEST_S), _LONGEST_S)


def _lock(descriptor: int, command: int, kind: int, start: int, length: int) -> tuple[int, int, int]:
    """Ask for a lock, or for one that is in its way: its kind, start and length (0: without end)."""
    asked = struct.pack(_FLOCK, kind, 0, start, length, 0)
    found: tuple[int, int, int, int, int] = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, command, asked))
    return found[0], found[2], found[3]


def _find(descriptor: int, start: int, end: int) -> tuple[int, int] | None:
    """Some place from *start* to *end* - 1 that another holds: where it begins, and where it is over."""
    # asked for a reader, so that nobody who may only read is ever in the way
    kind, first, length = _lock(descriptor, _GET, _READ, start, end - start)
    return None if kind == _NONE else (max(first, start), first + length if length else _LAST)


def _held(descriptor: int, start: int, end: int) -> list[int]:
    """All places from *start* to *end* - 1 that others hold, in their order."""
    held, parts = list[int](), [(start, end)]
    while parts:  # each question finds some place, with others perhaps on both sides
        start, end = parts.pop()
        found = _find(descriptor, start, end) if start < end else None
        if found is not None:
            held.append(found[0])
            parts += [(start, found[0]), (found[1], end)]
    return sorted(held)


def _is_written(descriptor: int) -> bool:
    """Whether a transaction that writes is open, in this process or in another."""
    return _find(descriptor, _RESERVED, _RESERVED + 1) is not None


def _stand(descriptor: int) -> int | None:
    """Take the place behind all others; None where others are always quicker."""
    place = _FIRST
    for _ in range(_TRIES):
        while place < _LAST and (found := _find(descriptor, place, _LAST)) is not None:
            place = found[1]
        try:
            _lock(descriptor, _SET, _WRITE, place, 1)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        else:
            return place
    return None
