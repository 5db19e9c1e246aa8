"""
Entries that came in lines or in static files, put where the examiner looks at those of a ledger file. Knows no claim.

A bundle, or a published folder, has leaves, perhaps openings, and what it says of them, but no index, no columns and
no cached tree. Its leaves go into a private database of the same tables, in which the same examination finds them;
nothing is believed on the way, and what is not there is not compared.
"""

from __future__ import annotations

import sqlite3
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from coop_ledger.audit.anchors import Brought, read_note
from coop_ledger.audit.entries import Head
from coop_ledger.audit.findings import Finding, Findings, RefusalError, Verdict
from coop_ledger.audit.opening import Copy, Text
from coop_ledger.codec import read_envelope, read_once
from coop_ledger.errors import BundleError, CodecError, NoteError, PublicationError, StoreError
from coop_ledger.interchange import BundleFooter, BundleHeader, read_bundle
from coop_ledger.log import MAX_ENTRIES, MAX_NOTE, TILE_WIDTH, TileName, format_tile_name, leaf_hash, parse_entries
from coop_ledger.publication import read_published
from coop_ledger.static_files import StaticFolder

__all__ = ["Handed", "bundle_lines", "handed_over", "is_folder", "published_files"]

_TABLES: Final = (
    "CREATE TABLE entries (position INTEGER PRIMARY KEY, hash BLOB, id TEXT, leaf BLOB)",
    "CREATE INDEX entries_by_id ON entries (id)",
    "CREATE TABLE openings (position INTEGER PRIMARY KEY, blob BLOB)",
    "CREATE TABLE once (key TEXT, place INTEGER, position INTEGER, PRIMARY KEY (key, place))",
)


class _Entry(NamedTuple):
    leaf: bytes
    openings: bytes | None


class Handed(NamedTuple):
    """
    A ledger that was handed over in lines or files, as far as it says anything of itself.

    Attributes:
        copy: Its entries.
        head: Its origin and size.
        root: The root that it states; None if it states none.
        openings: Whether sealed texts may have come along.
        checkpoints: The checkpoint that came along, if one did.
    """

    copy: Copy
    head: Head
    root: bytes | None
    openings: bool
    checkpoints: tuple[Brought, ...]


def bundle_lines(position: int) -> str:
    """Where the entry of a position stands in a bundle."""
    return f"line {position + 2}"


def published_files(position: int) -> str:
    """Where the entry of a position stands in a published folder."""
    return f"{format_tile_name(TileName(None, position // TILE_WIDTH))}, leaf {position % TILE_WIDTH}"


def is_folder(path: Path) -> bool:
    """Whether a path leads to a folder itself, not by a link."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _refusal(code: str, error: BundleError | PublicationError | StoreError, field: str | None = None) -> RefusalError:
    where = error.where if field is None else field
    return RefusalError(Finding(code, error.what, None, where, error.expected, error.found, verdict=Verdict.UNREADABLE))


@contextmanager
def handed_over(path: Path, findings: Findings) -> Iterator[Handed]:
    """
    The entries of a bundle or of a published folder, in a private copy.

    Args:
        path: The file or the folder.
        findings: Where contradictions in what it says of itself go.

    Raises:
        RefusalError: It is neither, or not whole; what it holds is beyond the limits; there is no room for a copy.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="coop-ledger-verify-")
    except OSError as error:
        raise RefusalError(Finding("T35", "there is no place for a private copy", found=error.strerror)) from error
    target = Path(folder.name, "copy")
    with folder, closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.text_factory = Text
        for table in _TABLES:
            connection.execute(table)
        copy = Copy(connection, bare=True, path=target)
        try:
            handed = (_folder if is_folder(path) else _bundle)(path, copy, connection, findings)
        except sqlite3.Error as error:
            raise RefusalError(Finding("T35", "there is no room for a private copy", found=str(error))) from error
        yield handed


def _put(connection: sqlite3.Connection, entries: Iterable[_Entry]) -> int:
    """Put entries into the private copy, in one transaction; how many there were."""
    position = 0
    connection.execute("BEGIN")
    for position, entry in enumerate(entries, start=1):
        at = position - 1
        entry_id: str | None = None
        try:
            keys = read_envelope(entry.leaf)
            entry_id = keys["id"]
            once = read_once(keys["once"]) if "once" in keys else None
        except CodecError:
            once = None  # what is wrong with it, the examination says
        row = (at, leaf_hash(entry.leaf), entry_id, entry.leaf)
        connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", row)
        if once is not None:
            connection.execute("INSERT OR IGNORE INTO once VALUES (?, ?, ?)", (once.key, once.index, at))
        if entry.openings is not None:
            connection.execute("INSERT INTO openings VALUES (?, ?)", (at, entry.openings))
    connection.execute("COMMIT")
    return position


def _bundle(path: Path, copy: Copy, connection: sqlite3.Connection, findings: Findings) -> Handed:
    header: BundleHeader | None = None
    footer: BundleFooter | None = None

    def entries() -> Iterator[_Entry]:
        nonlocal header, footer
        for line in read_bundle(path):
            if isinstance(line, BundleHeader):
                header = line
            elif isinstance(line, BundleFooter):
                footer = line
            else:
                yield _Entry(line.leaf, line.openings)

    try:
        size = _put(connection, entries())
    except BundleError as error:
        limits = error.expected is not None and error.expected.startswith("at most")
        where, whole = error.where or "", f"{path}, "
        field = where.removeprefix(whole) if where.startswith(f"{whole}line ") else "bundle"
        raise _refusal("T59" if limits else "T62", error, field) from error
    if header is None or footer is None:  # read_bundle gives both, or raises
        raise RefusalError(Finding("T62", "the bundle is not whole", verdict=Verdict.UNREADABLE))
    note = None if footer.checkpoint is None else footer.checkpoint.encode()
    own = _own(note, f"line {size + 2}", findings)
    return Handed(copy, Head(header.origin, size), footer.root, header.openings, own)


def _own(note: bytes | None, field: str, findings: Findings) -> tuple[Brought, ...]:
    """The checkpoint that came along, if it is one."""
    if note is None:
        return ()
    try:
        return (read_note(note, own=True),)
    except (NoteError, UnicodeError) as error:
        what = f"the checkpoint that came along is none: {error.what if isinstance(error, NoteError) else error}"
        findings.add("T43", what, field=field)
        return ()


def _folder(path: Path, copy: Copy, connection: sqlite3.Connection, findings: Findings) -> Handed:
    static = StaticFolder(path)
    try:
        reach = max((name.reach for name in static.tiles()), default=None)
        note = static.read("checkpoint", MAX_NOTE)
    except PublicationError as error:
        raise _refusal("T61", error) from error
    except OSError as error:
        raise RefusalError(Finding("T35", "the folder cannot be read", found=error.strerror)) from error
    if reach is None and note is None:
        what = "this folder is no published log"
        raise RefusalError(Finding("T35", what, expected="a ledger, a bundle, or a published folder", found="a folder"))
    own = _own(note, "checkpoint", findings)
    try:
        published = read_published(path)
    except (PublicationError, StoreError) as error:
        where, what = error.where, f"the files contradict each other, or are not all there: {error.what}"
        findings.add("T62", what, field=where, expected=error.expected, found=error.found)
        return Handed(copy, Head(), None, False, own)
    try:
        size = _put(connection, _leaves(static, published.size))
    except (PublicationError, OSError) as error:
        raise RefusalError(Finding("T66", "the files did not hold still while they were read")) from error
    origin = own[0].checkpoint.origin if own else _first_origin(copy)
    return Handed(copy, Head(origin, size), published.root, False, own)


def _leaves(static: StaticFolder, size: int) -> Iterator[_Entry]:
    for start in range(0, size, TILE_WIDTH):
        width = min(TILE_WIDTH, size - start)
        name = format_tile_name(TileName(None, start // TILE_WIDTH, width))
        data = static.read(name, MAX_ENTRIES)
        if data is None:
            raise PublicationError("a file of the log is missing", where=name)
        for leaf in parse_entries(data, width, where=name):
            yield _Entry(leaf, None)


def _first_origin(copy: Copy) -> str | None:
    """The origin that the first leaf names, where nothing else says it."""
    row = copy.row("SELECT leaf FROM entries WHERE position = 0")
    try:
        found = None if row is None else read_envelope(row[0])["origin"]
    except CodecError:
        return None
    return found if isinstance(found, str) else None
