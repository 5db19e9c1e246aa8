"""
Files that must be whole, on disk and in no other hands: writing, reading, locking. Knows not what is in them.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from coop_ledger.errors import CoopLedgerError, KeyFileError

__all__ = ["OTHERS", "OTHERS_WRITE", "locked", "read_guarded", "write_whole"]

OTHERS: Final = 0o077
"""Rights of group and others."""

OTHERS_WRITE: Final = 0o022
"""Their rights to write."""

_PAUSE_S: Final = 0.02


@contextmanager
def _system_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except CoopLedgerError:
        raise
    except FileNotFoundError as error:
        raise KeyFileError("there is no such file or folder", where=str(path), hint="check the path") from error
    except FileExistsError as error:
        raise KeyFileError("something is there already", where=str(path), hint="name a new file") from error
    except PermissionError as error:
        raise KeyFileError("the rights do not allow it", where=str(path), hint="check file and folder") from error
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        found = error.strerror if isinstance(error, OSError) else str(error)
        raise KeyFileError("the system could not do it", where=ascii(str(path))[:200], found=found) from error


def read_guarded(path: Path, *, limit: int, forbidden: int) -> bytes:
    """
    Read a regular file whose rights are narrow enough.

    Args:
        path: The file.
        limit: Bytes that it may have at most.
        forbidden: Rights that it must not give, as bits of its mode.

    Raises:
        KeyFileError: No such file, no regular file, wider rights, larger, or not readable.
    """
    with _system_errors(path):
        # without O_NONBLOCK a pipe under this name would wait for ever
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            _check_mode(path, os.fstat(descriptor).st_mode, forbidden)
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(limit + 1)
        finally:
            os.close(descriptor)
    if len(data) > limit:
        raise KeyFileError("the file is too large", where=str(path), expected=f"at most {limit} bytes")
    return data


def _check_mode(path: Path, mode: int, forbidden: int) -> None:
    if not stat.S_ISREG(mode):
        raise KeyFileError("this is no regular file", where=str(path))
    if os.name == "posix" and mode & forbidden:
        raise KeyFileError(
            "others may use this file",
            where=str(path),
            expected=f"none of the rights {forbidden:03o}",
            found=f"{stat.S_IMODE(mode):03o}",
            hint=f"run: chmod 600 {path}; replace the key if others may have read it",
        )


def write_whole(path: Path, data: bytes, *, over: bool, mode: int = 0o600) -> None:
    """
    Write a file that is either there as a whole, and on disk, or not at all.

    Args:
        path: The file.
        data: All of it.
        over: Whether a file of this name is replaced; if not, it is refused.
        mode: The rights of the file.

    Raises:
        KeyFileError: The name is taken, or the system could not do it; what was there before is still there.
    """
    with _system_errors(path):
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)  # mode 0600
        part = Path(name)
        try:
            part.chmod(mode)
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if over:
                os.replace(part, path)
            else:
                os.link(part, path)  # unlike a rename, refuses a name that is taken
            _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, timeout_s: float) -> Iterator[None]:
    """
    Hold a lock between processes and threads; the system frees it when its holder ends.

    Args:
        path: The file that stands for the lock; made if it is missing, and left there.
        timeout_s: Seconds to wait for another holder.

    Raises:
        KeyFileError: Another holds it for longer, or the system has no such locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise KeyFileError("this system has no file locks of POSIX", where=str(path), hint="sign elsewhere") from error
    with _system_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        end = time.monotonic() + timeout_s
        with _system_errors(path):
            while not _taken(lambda: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)):
                if time.monotonic() >= end:
                    raise KeyFileError(
                        "another process holds it", where=str(path), expected=f"free within {timeout_s:g} s",
                        hint="try again when it has finished",
                    )  # fmt: skip
                time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(descriptor)


def _taken(lock: Callable[[], None]) -> bool:
    try:
        lock()
    except BlockingIOError:
        return False
    return True
