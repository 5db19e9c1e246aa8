"""
Files and streams of claims: opened, read again from the beginning, and cut into lines of bounded length.

Knows no column. A stream that cannot be read twice, as standard input, is kept in a temporary file meanwhile.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, cast

from coop_ledger.errors import ClaimFileError, InvalidValueError
from coop_ledger.stores import check_path

__all__ = ["MAX_ROW", "ClaimSource", "Lines", "OpenFile", "RowFault", "open_source"]

MAX_ROW: Final = 1_048_576
"""The longest row, in bytes; whatever a claim can hold is shorter."""

_CHUNK: Final = 65_536
_BOM: Final = b"\xef\xbb\xbf"
_SAVE: Final = "save it as UTF-8; a spreadsheet calls it CSV UTF-8"
_OTHERS: Final = {
    b"PK\x03\x04": ("a ZIP archive or a spreadsheet", "save the spreadsheet as CSV UTF-8"),
    b"\x1f\x8b": ("a gzip file", "unpack it first"),
    b"BZh": ("a bzip2 file", "unpack it first"),
    b"\xfd7zXZ": ("an xz file", "unpack it first"),
    b"\x28\xb5\x2f\xfd": ("a Zstandard file", "unpack it first"),
    b"\xd0\xcf\x11\xe0": ("an old spreadsheet", "save it as CSV UTF-8"),
    b"SQLite format 3\x00": ("a database", "a ledger file is opened, not imported"),
    b'{"format":"coop-ledger-bundle"': (
        "a bundle",
        "make a ledger of it with Ledger.from_bundle",
    ),
    b"\xff\xfe": ("UTF-16", _SAVE),
    b"\xfe\xff": ("UTF-16", _SAVE),
}
"""How files begin that are given by mistake: what they are, and what to do."""

ClaimSource = str | os.PathLike[str] | IO[bytes] | IO[str]
"""A path, or a stream of bytes or text; a stream is read from where it stands to its end."""


class RowFault(Exception):  # noqa: N818 - never leaves this package: a fault of one row, after which reading goes on
    """A line that cannot be read; :class:`Lines` goes on with the next."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class _Seen(NamedTuple):
    size_bytes: int
    changed_ns: int


class OpenFile:
    """
    An open file of claims; made by :func:`open_source`.

    Args:
        file: Its bytes, which can be read again.
        name: What to call it.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self.name = name
        self._seen = self._stat()
        self.size_bytes = self._seen.size_bytes

    def _stat(self) -> _Seen:
        end = self._file.seek(0, os.SEEK_END)
        if not isinstance(self._file, tempfile.SpooledTemporaryFile):
            found = os.fstat(self._file.fileno())
            return _Seen(found.st_size, found.st_mtime_ns)
        return _Seen(end, 0)

    def begin(self) -> IO[bytes]:
        """The bytes from the beginning, behind a byte order mark."""
        self._file.seek(0)
        if self._file.read(3) != _BOM:
            self._file.seek(0)
        return self._file

    @property
    def at_byte(self) -> int:
        """How many of its bytes were read by now."""
        return self._file.tell()

    def check_same(self) -> None:
        """
        Refuse a file that another writer has changed since it was opened.

        Raises:
            ClaimFileError: It was.
        """
        if self._stat() != self._seen:
            hint = "copy it, and import the copy"
            raise ClaimFileError("the file was changed while it was read", where=self.name, hint=hint)

    def check_kind(self) -> bytes:
        """
        The first bytes that are no blanks, at most 4 KiB; empty where there are only blanks.

        Raises:
            ClaimFileError: The file is one of another kind.
        """
        start = self._begin_raw()
        for begins, (kind, hint) in _OTHERS.items():
            if start.startswith(begins):
                raise ClaimFileError("this is no file of claims", where=self.name, found=kind, hint=hint)
        if b"\0" in start[:2]:  # a letter of ASCII in two bytes, whichever comes first
            raise ClaimFileError("this is no file of claims", where=self.name, found="UTF-16", hint=_SAVE)
        return start.removeprefix(_BOM).lstrip()

    def _begin_raw(self) -> bytes:
        self._file.seek(0)
        return self._file.read(4_096)


@contextmanager
def open_source(source: ClaimSource) -> Iterator[OpenFile]:
    """
    Open a file or stream, to be read once or several times.

    Args:
        source: A path, or a stream.

    Raises:
        ClaimFileError: Nothing is there, it is a folder, it cannot be read, or it is of another kind.
        InvalidValueError: Neither a path nor a stream.
    """
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        with _spooled(cast("IO[bytes]", source), name if isinstance(name, str) else "the stream") as file:
            yield file
        return
    if not isinstance(source, str | os.PathLike):
        raise InvalidValueError(
            "claims are read from a path or a stream", where="source", found=type(source).__name__,
            hint="give a path, or a file that is open for reading",
        )  # fmt: skip
    path = check_path(source)
    with _system(path):
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise ClaimFileError("this is a folder", where=str(path), expected="a file of claims", hint="name the file")
        opened = open(path, "rb")  # noqa: SIM115 - closed below
    with opened:
        if stat.S_ISREG(found.st_mode):
            yield OpenFile(opened, str(path))
            return
        with _spooled(opened, str(path)) as file:
            yield file


@contextmanager
def _spooled(stream: IO[Any], name: str) -> Iterator[OpenFile]:
    with tempfile.SpooledTemporaryFile(max_size=_CHUNK * 16) as file:
        with _system(Path(name)):
            try:
                while chunk := stream.read(_CHUNK):
                    # a lone surrogate has no UTF-8: what stands for it is refused by the reader of lines
                    file.write(chunk.encode("utf-8", "surrogatepass") if isinstance(chunk, str) else chunk)
            except (ValueError, TypeError) as error:
                raise ClaimFileError("the stream cannot be read", where=name, found=str(error)[:80]) from error
        yield OpenFile(cast("IO[bytes]", file), name)


@contextmanager
def _system(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ClaimFileError("there is no such file", where=str(path), hint="check the path") from error
    except OSError as error:
        raise ClaimFileError("the file cannot be read", where=str(path)[:200], found=error.strerror) from error


class Lines:
    """
    The lines of a file as text, each with its end; a fault of one does not end them.

    Args:
        file: The bytes, from where they stand.

    Raises:
        RowFault: From ``next``: a line that is no UTF-8, holds U+0000, or makes its row too long.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._row_bytes = 0
        self.line = 0
        """The line that was read last."""
        self.first = 1
        """The line where the row begins."""
        self.texts: list[str] = []
        """The lines of the row."""

    @property
    def text(self) -> str:
        """The row as it stands in the file."""
        return self.texts[0] if len(self.texts) == 1 else "".join(self.texts)

    def begin(self) -> None:
        """Begin a row with the next line."""
        self.first = self.line + 1
        self._row_bytes = 0
        self.texts = []

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(MAX_ROW + 1)
        if not raw:
            raise StopIteration
        self.line += 1
        self._row_bytes += len(raw)
        if self._row_bytes > MAX_ROW:
            self._skip(raw)
            raise RowFault(
                f"the row is longer than {MAX_ROW:,} bytes", "look for a quotation mark that is not closed in it"
            )
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            at, byte = error.start + 1, raw[error.start]
            raise RowFault(f"byte {at} of the line, 0x{byte:02x}, is not UTF-8", _SAVE) from error
        self.texts.append(text)
        if "\0" in text:
            raise RowFault(f"the line holds U+0000 as character {text.index(chr(0)) + 1}", "take it out")
        return text

    def _skip(self, raw: bytes) -> None:
        """Pass over the rest of a line, a piece at a time."""
        while raw and not raw.endswith(b"\n"):
            raw = self._file.readline(_CHUNK)
