"""
The bytes of a ledger file, read beside the database, and the search for those that were erased. Knows no page.

When a process closes any descriptor of a file, POSIX takes from it *all* locks that it holds there, those of the
database's connections too. What was opened to read a ledger file is therefore kept until nothing of this process
uses that file any more. Source: ``audit.md`` §7; "How To Corrupt An SQLite Database File", 2.2.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coop_ledger.errors import StoreMovedError

__all__ = ["RawFile", "hold", "release", "sync", "using"]

_CHUNK: Final = 16 * 1024 * 1024

_LOCK: Final = threading.Lock()


class RawFile:
    """
    A file that is in use by this process: how often, and what it is read with.

    Args:
        key: Device and number of the file.
    """

    def __init__(self, path: Path, key: tuple[int, int]) -> None:
        self.path = path
        self.key = key
        self.users = 0
        self._descriptor: int | None = None
        self._for_locks: dict[threading.Thread, int] = {}

    def read(self, offset: int, size: int) -> bytes:
        """Up to *size* bytes from *offset* on; fewer only at the end of the file."""
        with _LOCK:
            if self._descriptor is None:
                self._descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            self._check(self._descriptor)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, size)

    def for_locks(self) -> int | None:
        """
        The file as this thread alone has it open, to lock bytes of it; None where it cannot be opened.

        Raises:
            StoreMovedError: The file was replaced.
        """
        me = threading.current_thread()
        found = self._for_locks.get(me)
        if found is not None:
            return found
        with _LOCK:
            ended = next((thread for thread in self._for_locks if not thread.is_alive()), None)
            if ended is not None:
                found = self._for_locks.pop(ended)
            else:
                try:
                    found = self._opened()
                except OSError:
                    return None  # the database will say so
            self._for_locks[me] = found
            self._check(found)
            return found

    def _opened(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError:  # who may not write can still see what others have locked
            return os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def _check(self, descriptor: int) -> None:
        if _key(os.fstat(descriptor)) != self.key:
            raise StoreMovedError("the file was replaced", where=str(self.path), hint="open the ledger again")

    def standing(self, pieces: Iterable[bytes]) -> set[bytes]:
        """
        Those of some byte strings that stand anywhere in the file.

        Args:
            pieces: What is looked for, each shorter than 16 MiB.

        Guarantees: holds no more than 32 MiB of the file at a time.
        """
        wanted, found = set(pieces), set[bytes]()
        longest = max(map(len, wanted), default=0)
        offset, before = 0, b""
        while wanted and (chunk := self.read(offset, _CHUNK)):
            window = before + chunk
            here = {piece for piece in wanted if piece in window}
            found |= here
            wanted -= here
            offset += len(chunk)
            before = window[-(longest - 1) :] if longest > 1 else b""
        return found

    def close(self) -> None:
        """Give the descriptor back; the caller holds the lock, and nobody uses the file any more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self.close_for_locks()

    def close_for_locks(self) -> None:
        """Give back what bytes were locked with, and so the locks."""
        for descriptor in self._for_locks.values():
            os.close(descriptor)
        self._for_locks.clear()


_IN_USE: Final[dict[tuple[int, int], RawFile]] = {}


def _key(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _forget_locks() -> None:
    """In a forked process: what was inherited would keep the other's places after its end, and share them till then."""
    for held in _IN_USE.values():
        held.close_for_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_locks)


def hold(path: Path) -> RawFile:
    """
    Say that this process uses a file from now on, as often as :func:`release` will say that it does not.

    Raises:
        OSError: The file cannot be looked at.
    """
    with _LOCK:
        key = _key(os.stat(path))
        held = _IN_USE.setdefault(key, RawFile(path, key))
        held.users += 1
        return held


def release(held: RawFile) -> None:
    """Say that one use of a file is over."""
    with _LOCK:
        held.users -= 1
        if held.users == 0:
            del _IN_USE[held.key]
            held.close()


@contextmanager
def using(path: Path) -> Iterator[RawFile]:
    """Use a file for a while."""
    held = hold(path)
    try:
        yield held
    finally:
        release(held)


def sync(path: Path) -> None:
    """Bring a file or folder onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
