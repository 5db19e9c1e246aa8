"""T31 values of other types; T32 other files; T36 damage; T59 values without measure; T60 archives."""

from __future__ import annotations

import gzip
import io
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.errors import StoreDamagedError
from coop_ledger.stores.schema import SCHEMA
from tests.attacks.tools import attacked, codes, convicted, loosened, raw, root_of_file


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE entries SET leaf = 'text' WHERE position = 5", {"T31", "T01", "T02", "T57"}),
        ("UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE position = 5", {"T31"}),
        ("UPDATE entries SET leaf = 7 WHERE position = 5", {"T31", "T01", "T02"}),
        ("UPDATE entries SET hash = 'text' WHERE position = 5", {"T31", "T01"}),
        ("UPDATE entries SET hash = NULL WHERE position = 5", {"T31", "T01"}),
        ("UPDATE entries SET id = CAST(id AS BLOB) WHERE position = 5", {"T31"}),
        ("UPDATE entries SET id = id || char(0) || 'more' WHERE position = 5", {"T30"}),
        ("UPDATE entries SET id = CAST(x'ff' AS TEXT) WHERE position = 5", {"T31"}),
        ("UPDATE openings SET blob = CAST(blob AS TEXT) WHERE position = 5", {"T31"}),
        ("UPDATE openings SET blob = 7 WHERE position = 5", {"T31"}),
        ("UPDATE head SET origin = CAST(origin AS BLOB)", {"T31"}),
        ("UPDATE head SET origin = 'two words'", {"T31"}),
        ("UPDATE head SET size = 'many'", {"T31", "T30"}),
        ("UPDATE head SET size = -1, grows_to = -1", {"T31"}),
        ("UPDATE head SET frontier = CAST(frontier AS TEXT)", {"T31"}),
        ("UPDATE head SET recorded_at = x'07'", {"T31", "T30"}),
        ("UPDATE labels SET text = CAST(text AS BLOB) WHERE text = 'institution:office-5'", {"T31", "T22"}),
        ("UPDATE tiles SET blob = 'text'", set()),
    ],
)
def test_t31_a_value_of_another_type(ledger: Path, sql: str, expected: set[str]) -> None:
    """STRICT tables refuse these, so the attacker makes them loose for a moment."""
    with loosened(ledger) as db:
        db.execute(sql)
    report = verify(ledger)
    assert codes(report) >= expected


def test_t32_a_database_of_others(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with raw(path) as db:
        db.execute("CREATE TABLE t (x)")
    convicted(path, "T32", verdict=Verdict.UNREADABLE)


@pytest.mark.parametrize("pragma", ["application_id=1", "user_version=2", "user_version=0"])
def test_t32_what_the_header_says(ledger: Path, pragma: str) -> None:
    with raw(ledger) as db:
        db.execute(f"PRAGMA {pragma}")
    convicted(ledger, "T32", verdict=Verdict.UNREADABLE)


def kept_otherwise(ledger: Path, target: Path, encoding: str) -> Path:
    """The same ledger with its texts in another encoding, which a database takes before its first table only."""
    with raw(ledger) as old, raw(target) as new:
        new.execute(f"PRAGMA encoding='{encoding}'")
        for name in ("application_id", "user_version"):
            ((number,),) = old.execute(f"PRAGMA {name}").fetchall()
            new.execute(f"PRAGMA {name}={number}")
        for statement in SCHEMA:
            if statement.startswith("CREATE TABLE"):
                new.execute(statement)
        for (table,) in new.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for row in old.execute(f"SELECT * FROM {table}"):
                new.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        for statement in SCHEMA:
            if not statement.startswith("CREATE TABLE"):
                new.execute(statement)
    return target


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize(("encoding", "number"), [("UTF-16le", "2"), ("UTF-16be", "3")])
def test_t32_texts_in_another_encoding(ledger: Path, tmp_path: Path, encoding: str, number: str, quick: bool) -> None:
    """Several byte strings of UTF-16 read as one text, so that a key is found or not as whoever keeps it likes."""
    root, path = root_of_file(ledger), kept_otherwise(ledger, tmp_path / "other.db", encoding)
    (finding,) = convicted(path, "T32", verdict=Verdict.UNREADABLE, checkpoint=root, quick=quick).findings
    assert (finding.field, finding.expected, finding.found) == ("encoding", "1 (UTF-8)", number)
    with pytest.raises(StoreDamagedError, match="encoding"):
        Ledger.open(path)
    assert verify(kept_otherwise(ledger, tmp_path / "same.db", "UTF-8"), checkpoint=root).verdict is Verdict.ANCHORED


@pytest.mark.parametrize("number", [0, 5, 0x01000000])
def test_t32_an_encoding_that_is_none(ledger: Path, number: int) -> None:
    """The database takes these for UTF-8."""
    with ledger.open("r+b") as file:
        file.seek(56)
        file.write(number.to_bytes(4, "big"))
    convicted(ledger, "T32", verdict=Verdict.UNREADABLE)
    with pytest.raises(StoreDamagedError, match="encoding"):
        Ledger.open(ledger)


@pytest.mark.parametrize("data", [b"", b"x", b"SQLite format 3\x00", b"plain text " * 1_000, bytes(5_000)])
def test_t32_files_that_are_no_database(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "no.db"
    path.write_bytes(data)
    report = verify(path)
    assert report.verdict is Verdict.UNREADABLE
    assert codes(report) <= {"T32", "T36"}


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_t36_pages_cut_off(ledger: Path, keep: float) -> None:
    data = ledger.read_bytes()
    ledger.write_bytes(data[: int(len(data) * keep)])
    report = verify(ledger)
    assert report.verdict in (Verdict.INVALID, Verdict.UNREADABLE)
    assert "T36" in codes(report)


def test_t36_pages_of_zeros(ledger: Path) -> None:
    data = bytearray(ledger.read_bytes())
    size = 4096
    for page in range(1, len(data) // size):
        spoiled = data.copy()
        spoiled[page * size : (page + 1) * size] = bytes(size)
        ledger.write_bytes(spoiled)
        assert verify(ledger).verdict in (Verdict.INVALID, Verdict.UNREADABLE), page


def test_t36_a_page_that_leads_in_circles(ledger: Path) -> None:
    """The root page of a table says that it is an inner page whose children are itself."""
    with raw(ledger) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entries'").fetchone()
    data = bytearray(ledger.read_bytes())
    start = (page - 1) * 4096
    cells = 600
    data[start : start + 12] = bytes((5, 0, 0, cells >> 8, cells & 255, 1, 0, 0)) + page.to_bytes(4, "big")
    for cell in range(cells):
        at = 12 + 2 * cells + 5 * cell
        data[start + 12 + 2 * cell : start + 14 + 2 * cell] = (at % 4000).to_bytes(2, "big")
    ledger.write_bytes(data)
    assert verify(ledger).verdict in (Verdict.INVALID, Verdict.UNREADABLE)


@pytest.mark.parametrize("table", ["openings", "labels", "entries"])
def test_t59_a_value_without_measure(ledger: Path, table: str) -> None:
    column = {"openings": "blob", "labels": "text", "entries": "leaf"}[table]
    value = "CAST(zeroblob(20000000) AS TEXT)" if column == "text" else "zeroblob(20000000)"
    with attacked(ledger) as db:
        db.execute(f"UPDATE {table} SET {column} = {value} WHERE rowid = 2")
    assert "T59" in codes(verify(ledger))
    assert verify(ledger).verdict is Verdict.UNREADABLE


@pytest.mark.parametrize("kind", ["zip", "gz", "tar"])
def test_t60_an_archive(ledger: Path, tmp_path: Path, kind: str) -> None:
    path, packed = tmp_path / f"packed.{kind}", io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(ledger, "../../ledger.db")
    elif kind == "tar":
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(ledger, "ledger.db")
    else:
        packed.write(gzip.compress(ledger.read_bytes()))
    path.write_bytes(packed.getvalue())
    (finding,) = convicted(path, "T60", verdict=Verdict.UNREADABLE).findings
    assert finding.found is not None
    assert list(tmp_path.iterdir()) != []


def test_t59_a_file_without_measure(tmp_path: Path) -> None:
    path = tmp_path / "huge.db"
    try:
        with path.open("wb") as file:
            file.truncate((1 << 40) + 4096)
    except OSError:
        pytest.skip("the file system takes no file of that size")
    convicted(path, "T59", verdict=Verdict.UNREADABLE)


def test_sqlite_has_what_the_examiner_needs() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37)
