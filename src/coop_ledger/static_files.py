"""
A folder of static files that only come to be: bounded reads, whole writes. Knows names of tiles and no tree.

What is read may be hostile: links, pipes and over-long files are refused before their bytes are. What is written
gets its name only when it is whole and on the disk, so that a web server never serves half a file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from coop_ledger.errors import InvalidValueError, PublicationError
from coop_ledger.log import TILE_WIDTH, TileName, format_tile_name, parse_tile_name
from coop_ledger.stores import sync

__all__ = ["StaticFolder"]

_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_PART: Final = ".part-"
"""Begins the name of a file that is not whole yet; names that begin with a dot are nobody's tiles."""
_LONGEST: Final = 9
"""Parts of the longest name of a tile; folders further down hold nothing of a log, however deep they go."""


class StaticFolder:
    """
    The files under one folder, by their names with ``/``.

    Args:
        path: The folder; it may be missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._touched: set[Path] = set()

    def has(self, name: str) -> bool:
        """Whether anything has that name."""
        return os.path.lexists(self.path / name)

    def read(self, name: str, most: int) -> bytes | None:
        """
        The bytes of a file; None where there is none.

        Args:
            name: The file.
            most: Bytes that it may have.

        Raises:
            PublicationError: It is no regular file, or longer.
            OSError: The system could not.
        """
        try:
            descriptor = os.open(self.path / name, _READ)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
                raise PublicationError("this is no regular file", where=name) from error
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise PublicationError("this is no regular file", where=name)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise PublicationError("a file is too long", where=name, expected=f"at most {most} bytes")
        return data

    def tiles(self) -> Iterator[TileName]:
        """
        Every tile and bundle that has a name under ``tile/``, in no order.

        Raises:
            PublicationError: Something else is there, a link, or a folder deeper than any name goes.
            OSError: The system could not.
        """
        if (self.path / "tile").is_symlink():
            raise PublicationError("this is no regular folder", where="tile", hint="remove what others left there")
        folders = ["tile"]
        while folders:
            folder = folders.pop()
            for name, is_folder in self._inside(folder):
                path = f"{folder}/{name}"
                if is_folder and path.count("/") < _LONGEST:
                    folders.append(path)
                elif is_folder or not name.startswith("."):
                    yield _tile_at(path)

    def _inside(self, folder: str) -> list[tuple[str, bool]]:
        """What is in a folder, and whether it is a folder itself, and no link to one; nothing where none is there."""
        try:
            with os.scandir(self.path / folder) as found:
                return [(one.name, one.is_dir(follow_symlinks=False)) for one in found]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def widths(self, level: int | None, index: int) -> list[int]:
        """
        The widths in which a tile or bundle is there, lowest first; *level* as in a :class:`TileName`.

        Raises:
            PublicationError: Something else is among them.
            OSError: The system could not.
        """
        full = format_tile_name(TileName(level, index))
        try:
            names = [name for name in os.listdir(self.path / f"{full}.p") if not name.startswith(".")]
        except (FileNotFoundError, NotADirectoryError):
            names = []
        partial = sorted(_tile_at(f"{full}.p/{name}").width for name in names)
        return [*partial, *([TILE_WIDTH] if self.has(full) else [])]

    def write(self, name: str, data: bytes) -> None:
        """
        Give a file its bytes, all at once; folders on the way are made.

        Raises:
            OSError: The system could not; the file is as before.
        """
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.parent / f"{_PART}{os.urandom(8).hex()}"
        descriptor = os.open(part, _WRITE, 0o666)  # as the umask has it: a web server must read what we write
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        for folder in target.parents:
            self._touched.add(folder)
            if folder == self.path:
                break

    def settle(self) -> None:
        """Bring the names of all that was written onto the disk, folders below before those above."""
        for folder in sorted(self._touched, reverse=True):
            sync(folder)
        self._touched.clear()


def _tile_at(path: str) -> TileName:
    try:
        return parse_tile_name(path)
    except InvalidValueError as error:
        raise PublicationError(
            "this is no file of a published log", where=path, hint="remove what others left there"
        ) from error
