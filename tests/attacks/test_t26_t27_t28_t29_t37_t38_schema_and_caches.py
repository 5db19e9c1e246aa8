"""T26 objects altered; T27 objects added; T28 tables replaced; T29 indexes that lie; T37, T38 caches altered."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.errors import StoreDamagedError
from tests.attacks.tools import attacked, codes, convicted, honest, raw


def alter(path: Path, name: str, old: str, new: str) -> None:
    """Change the text of an object in the list of objects itself."""
    with raw(path) as db:
        db.execute("PRAGMA writable_schema=ON")
        changed = db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)", (old, new, name, old)
        )
        assert changed.rowcount == 1


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TRIGGER entries_keep_delete",
        "DROP VIEW entry_text",
        "DROP TRIGGER head_keep; CREATE TRIGGER head_keep BEFORE DELETE ON head BEGIN SELECT 1; END",
        "DROP TRIGGER head_keep; CREATE TRIGGER head_keep BEFORE DELETE ON labels BEGIN SELECT 1; END",
    ],
)
def test_t26_triggers_and_views_away_or_emptied(ledger: Path, sql: str) -> None:
    with raw(ledger) as db:
        db.executescript(sql)
    report = convicted(ledger, "T26")
    assert (report.size, report.root is None) == (12, False)  # the entries were looked at all the same


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("entries", " CHECK (length(hash) = 32)", ""),
        ("entries", "leaf BLOB NOT NULL", "leaf BLOB"),
        ("head", ") STRICT", ")"),
        ("openings", "blob BLOB NOT NULL", "blob BLOB NOT NULL DEFAULT (zeroblob(9))"),
    ],
)
def test_t26_columns_and_checks_altered(ledger: Path, table: str, old: str, new: str) -> None:
    alter(ledger, table, old, new)
    report = convicted(ledger, "T26")
    assert (report.findings[0].field, report.size) == (table, None)
    assert any(sentence.startswith("the entries: the tables") for sentence in report.unchecked)


def test_t26_a_table_away(ledger: Path) -> None:
    with raw(ledger) as db:
        db.execute("DROP TABLE once")
    convicted(ledger, "T26")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER helpful AFTER INSERT ON entries BEGIN SELECT 1; END",
        "CREATE VIEW helpful AS SELECT hex(zeroblob(1000000000)) AS x",
        "CREATE TABLE helpful (x)",
        "CREATE TABLE helpful (x, y GENERATED ALWAYS AS (hex(zeroblob(x))) VIRTUAL)",
        "CREATE INDEX helpful ON labels (number)",
        "CREATE INDEX helpful ON labels (lower(text))",
        "CREATE VIRTUAL TABLE helpful USING fts5(x)",
        "ANALYZE",
    ],
)
def test_t27_objects_that_no_ledger_has(ledger: Path, sql: str) -> None:
    with raw(ledger) as db:
        db.execute(sql)
    assert convicted(ledger, "T27").size == 12


def test_t27_a_generated_column_in_a_table_of_ours(ledger: Path) -> None:
    with raw(ledger) as db:
        db.execute("ALTER TABLE once ADD COLUMN more TEXT GENERATED ALWAYS AS (hex(zeroblob(place))) VIRTUAL")
    assert convicted(ledger, "T26").size is None


def test_t27_objects_without_end(ledger: Path) -> None:
    with raw(ledger) as db:
        db.execute("BEGIN")
        for number in range(1_200):
            db.execute(f"CREATE VIEW v{number} AS SELECT 1")
        db.execute("COMMIT")
    report = convicted(ledger, "T27")
    assert report.more > 0
    assert (report.findings[0].field, report.findings[1].field) == ("sqlite_schema", "v0")


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n) SELECT x AS position, zeroblob(32) AS hash"


@pytest.mark.parametrize(
    "sql",
    [
        f"CREATE VIEW entries AS {ENDLESS}, 'id' AS id, zeroblob(65535) AS leaf FROM n",
        "CREATE VIRTUAL TABLE entries USING fts5(position, hash, id, leaf)",
    ],
)
def test_t28_a_table_replaced_by_one_that_computes(ledger: Path, sql: str) -> None:
    with raw(ledger) as db:
        db.execute("DROP TABLE entries")
        db.execute(sql)
    began = time.monotonic()
    report = convicted(ledger, "T28", verdict=Verdict.UNREADABLE)
    assert time.monotonic() - began < 30
    assert report.findings[0].field == "entries"


def page_of(path: Path, name: str) -> tuple[int, int]:
    """Where the first page of an object begins in its file, and how long a page is."""
    with raw(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    return (page - 1) * size, size


@pytest.mark.parametrize(
    ("index", "old", "new"),
    [
        ("sqlite_autoindex_entries_1", b"01586736", b"01586735"),
        ("sqlite_autoindex_labels_1", b"institution:office-5", b"institution:office-6"),
    ],
)
def test_t29_an_index_that_disagrees_with_its_table(ledger: Path, index: str, old: bytes, new: bytes) -> None:
    start, size = page_of(ledger, index)
    data = bytearray(ledger.read_bytes())
    at = data.index(old, start, start + size)
    data[at : at + len(old)] = new
    ledger.write_bytes(data)
    report = verify(ledger)
    assert report.findings[0].code == "T29"
    assert index in (report.findings[0].found or "")
    assert codes(report) <= {"T29", "T22"}  # entries that acts name are looked up by their ids
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT, quick=True)  # which does not look at indexes


def test_t37_a_cache_of_states_would_be_an_object_of_its_own(ledger: Path) -> None:
    """No snapshot is kept in a ledger file: a table of them is one that no ledger has."""
    with raw(ledger) as db:
        db.execute("CREATE TABLE snapshots (subject TEXT PRIMARY KEY, state BLOB)")
    convicted(ledger, "T27")
    with pytest.raises(StoreDamagedError):
        Ledger.open(ledger)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tiles SET blob = zeroblob(8192) WHERE place = 0",
        "UPDATE tiles SET root = zeroblob(32) WHERE place = 1",
        "DELETE FROM tiles WHERE place = 1",
        "INSERT INTO tiles VALUES (281474976710656, zeroblob(32), zeroblob(8192))",
        "INSERT INTO tiles VALUES (-1, zeroblob(32), zeroblob(8192))",
        "UPDATE tiles SET place = 5 WHERE place = 1",
    ],
)
@pytest.mark.parametrize("quick", [False, True])
def test_t38_tiles_altered_missing_or_too_many(tmp_path: Path, sql: str, quick: bool) -> None:
    path = honest(tmp_path / "long.db", more=600)
    with attacked(path) as db:
        db.execute(sql)
    convicted(path, "T38", quick=quick)


@pytest.mark.parametrize("value", [b"", bytes(32), bytes(64)])
def test_t38_the_frontier_altered(ledger: Path, value: bytes) -> None:
    """It cannot be told from leaves that were changed with their hashes, so it has the code of these."""
    with attacked(ledger) as db:
        db.execute("UPDATE head SET frontier = ?", (value,))
    convicted(ledger, "T02")
