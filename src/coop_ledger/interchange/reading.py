"""
A bundle as it is read: line by line, within limits, from a file that may be hostile. Knows neither claims nor hashes.

What is refused here is the frame: lines that are too long, missing or too many, counts, header and footer. What
leaves and openings say is for those who take the lines.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from coop_ledger.codec import MAX_OPENINGS, check_origin, parse_canonical, told
from coop_ledger.errors import BundleError, CodecError, CoopLedgerError, InvalidValueError
from coop_ledger.interchange.lines import FORMAT, VERSION, BundleEntry, BundleFooter, BundleHeader, BundleLine
from coop_ledger.log import MAX_LEAF
from coop_ledger.stores import check_path

__all__ = ["LIMITS", "Limits", "OpenBundle", "open_bundle", "origin_of", "read_bundle"]

_MAX_HEADER: Final = 4_096
_MAX_ENTRY: Final = MAX_LEAF + 1 + MAX_OPENINGS
_MAX_FOOTER: Final = 1_048_576
_LEAF_BEGINS: Final = b'{"body":'
_ODD: Final = re.compile(rb"[\x00-\x08\x0b-\x1f]|\t[^\t]*\t")
_HEX: Final = re.compile("[0-9a-f]{64}")

_HEADER_KEYS: Final = {"format": str, "openings": bool, "origin": str, "size": int, "version": int}
_FOOTER_KEYS: Final = {"checkpoint": str, "entries": int, "opened": int, "root": str}

_OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"SQLite format 3\x00": "a database; a ledger file is opened, not imported",
    b"\xef\xbb\xbf": "a byte order mark",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""How files begin that are given by mistake, and what to call them."""


class Limits(NamedTuple):
    """
    How much of a bundle is read at all.

    Args:
        entries: The most entries.
        size_bytes: The longest file.
    """

    entries: int = 10_000_000
    size_bytes: int = 64 * 1024**3


LIMITS: Final = Limits()
"""Ten million entries, 64 GiB."""


class OpenBundle:
    """
    An open file that is read as a bundle, from its beginning each time; made by :func:`open_bundle`.

    Args:
        file: The file, read from its beginning.
        path: What to call it.
        limits: How much of it is read.

    Raises:
        BundleError: The file is too long, or its first line is no header.
    """

    def __init__(self, file: BinaryIO, path: Path, limits: Limits) -> None:
        self._file = file
        self._path = path
        self._limits = limits
        self._seen = self._stat()
        if self._seen.size_bytes > limits.size_bytes:
            expected, found = f"at most {limits.size_bytes} bytes", f"{self._seen.size_bytes} bytes"
            raise self.fault("the file is too long", None, expected=expected, found=found)
        self.header = self._header()

    def entries(self) -> Generator[BundleEntry, None, BundleFooter]:
        """
        Yield the entries; the footer is what the generator returns.

        Raises:
            BundleError: As :func:`read_bundle`.
        """
        self._file.seek(0)
        self._line(1, _MAX_HEADER, "the header")
        size, opened = self.header.size, 0
        for number in range(2, size + 2):
            entry = self._entry(number)
            opened += entry.openings is not None
            yield entry
        footer = self._footer(opened)
        if self._read(1):
            raise self.fault("something follows the footer", size + 3, expected="the end of the file")
        if self._stat() != self._seen:
            raise self.fault("the file was changed while it was read", None, hint="copy it, and read the copy")
        return footer

    def each(self, see: Callable[[BundleEntry], None]) -> BundleFooter:
        """
        Go through the entries, and give the footer.

        Raises:
            BundleError: As :func:`read_bundle`.
        """
        entries = self.entries()
        while True:
            try:
                entry = next(entries)
            except StopIteration as end:
                footer: BundleFooter = end.value
                return footer
            see(entry)

    def _stat(self) -> _Seen:
        found = os.fstat(self._file.fileno())
        return _Seen(found.st_size, found.st_mtime_ns)

    def fault(self, what: str, line: int | None, **facts: str) -> BundleError:
        """What is wrong with a line, or, without one, with the whole file."""
        return BundleError(what, where=str(self._path) if line is None else f"{self._path}, line {line}", **facts)

    def located(self, error: CoopLedgerError, line: int) -> BundleError:
        """An error of what a line says, as one of the bundle."""
        place = f"{self._path}, line {line}" + (f", {error.where}" if error.where else "")
        return BundleError(error.what, where=place, expected=error.expected, found=error.found, hint=error.hint)

    def _read(self, size: int) -> bytes:
        """The bytes up to and with the next line feed, at most *size*."""
        try:
            return self._file.readline(size)
        except OSError as error:
            raise self.fault("the file cannot be read", None, found=str(error.strerror)) from error

    def _line(self, number: int, limit: int, what: str) -> bytes:
        """The bytes of a line without its line feed."""
        line = self._read(limit + 1)
        if number == 1:
            self._check_kind(line)
        if not line:
            raise self.fault("the bundle ends too early", number, expected=what, found="the end of the file")
        if not line.endswith(b"\n"):
            if len(line) > limit:
                raise self.fault("the line is too long", number, expected=f"at most {limit} bytes for {what}")
            raise self.fault("the bundle ends within a line", number, expected="a line feed")
        line = line[:-1]
        odd = _ODD.search(line)
        if odd is not None:
            raise self.fault(
                "the line holds a byte that no line holds",
                number,
                expected="lines ended by a line feed alone, and at most one tab in each",
                found=_shown(odd[0][:1]) if odd[0][:1] != b"\t" else "a second tab",
            )
        return line

    def _check_kind(self, line: bytes) -> None:
        """Name what is often given by mistake."""
        for begins, name in _OTHERS.items():
            if line.startswith(begins):
                raise self.fault("this is no bundle", 1, expected="a header in UTF-8", found=name)

    def _object(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            found = parse_canonical(line, max_bytes=_MAX_FOOTER)
        except CodecError as error:
            raise self.located(error, number) from error
        if type(found) is not dict:
            raise self.fault("this line is an object", number, expected="{…}", found=type(found).__name__)
        return found

    def _check_keys(self, number: int, found: dict[str, Any], keys: dict[str, type], optional: str = "") -> None:
        missing, strange = keys.keys() - found.keys() - {optional}, len(found.keys() - keys.keys())
        if missing or strange:
            listed = f"without {', '.join(sorted(missing)) or 'nothing'}, with {strange} strange ones"
            raise self.fault("a key is missing or strange", number, expected=", ".join(keys), found=listed)
        for key, value in found.items():
            if type(value) is not keys[key]:
                shown = f"{key}: {told(value)}"
                raise self.fault("a key holds another type", number, expected=keys[key].__name__, found=shown)

    def _header(self) -> BundleHeader:
        line = self._line(1, _MAX_HEADER, "the header")
        found = self._object(1, line)
        if found.get("format") != FORMAT:
            raise self.fault("this is no bundle of a ledger", 1, expected=FORMAT)
        if found.get("version") != VERSION:
            version = told(found.get("version"))
            hint = "read it with the version of coop_ledger that wrote it, or a later one"
            raise self.fault("no such version of bundles", 1, expected=str(VERSION), found=version, hint=hint)
        self._check_keys(1, found, _HEADER_KEYS)
        if not 0 <= found["size"] <= self._limits.entries:
            expected = f"0 to {self._limits.entries} entries"
            raise self.fault("the bundle is too large", 1, expected=expected, found=str(found["size"]))
        try:
            check_origin(found["origin"])
        except InvalidValueError as error:
            raise self.located(error, 1) from error
        return BundleHeader(found["origin"], found["size"], found["openings"])

    def _entry(self, number: int) -> BundleEntry:
        header = self.header
        line = self._line(number, _MAX_ENTRY, f"entry {number - 2} of {header.size}")
        leaf, tab, openings = line.partition(b"\t")
        if not leaf.startswith(_LEAF_BEGINS):
            raise self.fault("this is no leaf", number, expected=f"entry {number - 2} of {header.size}")
        if len(leaf) > MAX_LEAF or len(openings) > MAX_OPENINGS:
            expected = f"at most {MAX_LEAF} bytes of a leaf, {MAX_OPENINGS} of openings"
            raise self.fault("the line is too long", number, expected=expected)
        if tab and not header.openings:
            raise self.fault("an entry has openings in a bundle without", number, expected="no tab")
        return BundleEntry(number, leaf, openings if tab else None)

    def _footer(self, opened: int) -> BundleFooter:
        size = self.header.size
        number = size + 2
        line = self._line(number, _MAX_FOOTER, "the footer")
        if line.startswith(_LEAF_BEGINS):
            raise self.fault("there are more entries than the header says", number, expected=f"{size} entries")
        found = self._object(number, line)
        self._check_keys(number, found, _FOOTER_KEYS, optional="checkpoint")
        for key, counted in (("entries", size), ("opened", opened)):
            if found[key] != counted:
                raise self.fault(
                    "the footer counts otherwise", number, expected=f"{counted} {key}", found=str(found[key])
                )
        if not _HEX.fullmatch(found["root"]):
            raise self.fault("a root is 64 hex digits", number, found=found["root"][:80])
        return BundleFooter(size, opened, bytes.fromhex(found["root"]), found.get("checkpoint"))


class _Seen(NamedTuple):
    """What shows that a file was changed."""

    size_bytes: int
    changed_ns: int


def _shown(data: bytes) -> str:
    return repr(data[:60])[1:]


@contextmanager
def open_bundle(source: str | os.PathLike[str], *, limits: Limits = LIMITS) -> Iterator[OpenBundle]:
    """
    Open a bundle, to be read once or several times.

    Args:
        source: A regular file.
        limits: How much of it is read.

    Raises:
        BundleError: Nothing is there, no regular file, or one that cannot be read.
        InvalidValueError: *source* is no path.
    """
    path = check_path(source)
    # without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise BundleError("there is no such file", where=str(path), hint="check the path") from error
    except OSError as error:
        raise BundleError("the file cannot be opened", where=str(path)[:200], found=str(error.strerror)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BundleError("this is no regular file", where=str(path), expected="a bundle")
    with open(descriptor, "rb") as file:
        yield OpenBundle(file, path, limits)


def origin_of(source: str | os.PathLike[str]) -> str:
    """
    The origin that a bundle names in its first line; nothing else is looked at.

    Raises:
        BundleError: As :func:`read_bundle`.
    """
    with open_bundle(source) as bundle:
        return bundle.header.origin


def read_bundle(source: str | os.PathLike[str], *, limits: Limits = LIMITS) -> Iterator[BundleLine]:
    """
    Yield the lines of a bundle: its header, its entries, its footer.

    Checked is the frame: that these lines and no others are there, how long they are, header and footer in every
    detail, the counts, and that each leaf may be one. What leaves and openings say, the tree over them and the
    checkpoint are the caller's to check; who stops before the footer has not read a bundle.

    Args:
        source: A regular file.
        limits: How much of it is read.

    Raises:
        BundleError: Anything else; it says the line, where there is one.
        InvalidValueError: *source* is no path.

    Guarantees: holds one line at a time.
    """
    with open_bundle(source, limits=limits) as bundle:
        yield bundle.header
        yield (yield from bundle.entries())
