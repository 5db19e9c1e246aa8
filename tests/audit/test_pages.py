"""Files whose pages point to each other so that a few of them have rows without end."""

from __future__ import annotations

import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.audit import Verdict, structure, verify
from coop_ledger.audit.opening import DamageError, opened
from tests.attacks.tools import honest

LEVELS = 18
"""So many pages, as many as SQLite descends; each has the next one nine times: 9**17 rows."""

CELLS = 8

RECORDS = {
    "tiles": bytes([4, 0, 12, 12]),
    "openings": bytes([3, 0, 12]),
    "entries": bytes([5, 0, 12, 13, 12]),
    "labels": bytes([3, 0, 13]),
}
"""The one row of a table, as the format of SQLite has it: the key stands elsewhere, all values are empty."""


def page(size: int, kind: int, cells: list[bytes], right: bytes = b"") -> bytes:
    """A page of a table or an index."""
    at, pointers, content = size, b"", b""
    for cell in cells:
        at -= len(cell)
        pointers += struct.pack(">H", at)
        content = cell + content
    start = struct.pack(">BHHHB", kind, 0, len(cells), at, 0) + right + pointers
    return start + bytes(size - len(start) - len(content)) + content


def endless(path: Path, name: str) -> Path:
    """An honest ledger but for one table or index, of which each page has the next one nine times."""
    honest(path)
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        (size,), (count,) = (db.execute(f"PRAGMA {what}").fetchone() for what in ("page_size", "page_count"))
    if name in RECORDS:
        inner, between = 5, b"\x01"
        last = page(size, 13, [bytes([len(RECORDS[name]), 1]) + RECORDS[name]])
    else:
        record = bytes([3, 13, 8])
        inner, between = 2, bytes([len(record)]) + record
        last = page(size, 10, [between])
    pages = [last]
    for child in range(count + 1, count + LEVELS):
        below = struct.pack(">I", child)
        pages.append(page(size, inner, [below + between] * CELLS, below))
    top = struct.pack(">I", count + LEVELS)
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : root * size] = page(size, inner, [top + between] * CELLS, top)
    data[28:32] = struct.pack(">I", count + LEVELS)
    path.write_bytes(bytes(data) + b"".join(pages))
    return path


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("name", [*RECORDS, "sqlite_autoindex_entries_1", "labelled"])
def test_pages_without_end_are_damage(name: str, quick: bool, tmp_path: Path) -> None:
    report = verify(endless(tmp_path / "ledger.db", name), quick=quick)
    assert report.verdict is Verdict.INVALID
    assert {finding.code for finding in report.findings} == {"T36"}
    assert any("no end" in what for what in report.unchecked)


@pytest.mark.parametrize("name", RECORDS)
def test_no_more_rows_are_read_than_the_file_has_bytes(name: str, tmp_path: Path) -> None:
    path = endless(tmp_path / "ledger.db", name)
    with opened(path) as copy, pytest.raises(DamageError, match="more rows"):
        copy.count(name)


@pytest.mark.parametrize("name", ["tiles", "openings", "entries"])
def test_the_same_where_the_database_does_not_say_so(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "_ENDLESS", re.compile("(?!)"))  # another fault may stand in front
    report = verify(endless(tmp_path / "ledger.db", name), quick=True)
    assert report.verdict is Verdict.INVALID
    assert {"T36"} <= {finding.code for finding in report.findings} <= {"T36", "T05", "T01", "T57", "T51"}


def test_rows_are_counted(tmp_path: Path) -> None:
    path = honest(tmp_path / "ledger.db", more=300)
    with opened(path) as copy:
        assert [copy.count(table) for table in ("entries", "tiles", "head")] == [312, 1, 1]
