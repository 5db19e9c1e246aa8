"""What the examiner's connection may not do, and how it ends what would not end."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.audit import Verdict, opening, verify
from coop_ledger.audit.findings import RefusalError
from coop_ledger.audit.opening import DamageError, Text, opened
from tests.attacks.tools import attacked, convicted, honest, loosened, raw, redact, rewrite, settle


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return honest(tmp_path / "ledger.db")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM entries",
        "INSERT INTO labels VALUES (4711, 'x')",
        "CREATE TABLE t (x)",
        "DROP TABLE entries",
        "ATTACH ':memory:' AS other",
        "PRAGMA journal_mode=WAL",
        "PRAGMA writable_schema=ON",
        "PRAGMA query_only=OFF",
        "SELECT hex(zeroblob(9))",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_table_info('entries')",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
        "BEGIN",
    ],
)
def test_the_connection_reads_known_tables_and_nothing_else(path: Path, sql: str) -> None:
    with opened(path) as copy, pytest.raises(DamageError):
        list(copy.rows(sql))


def test_texts_blobs_and_texts_that_are_none_are_three_things(path: Path) -> None:
    with loosened(path) as db:
        db.execute("UPDATE labels SET text = CAST(x'ff' AS TEXT) WHERE number = 1")
        db.execute("UPDATE labels SET text = x'61' WHERE number = 2")
    with opened(path) as copy:
        values = [text for (text,) in copy.rows("SELECT text FROM labels NOT INDEXED WHERE number < 4 ORDER BY number")]
    assert [type(value) for value in values] == [Text, bytes, Text]
    assert values[0] == b"\xff"


def test_no_end_in_sight(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_SECONDS", -60.0)
    monkeypatch.setattr(opening, "_OPCODES", 1)
    convicted(path, "T28", verdict=Verdict.UNREADABLE)


class Failing:
    """A connection that fails as a database does that has not what it needs."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def execute(self, *_: object) -> Any:
        raise self.error


def full() -> Exception:
    """What a database says that has no room to sort in."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize(("error", "code"), [(MemoryError(), "T59"), (full(), "T35")], ids=["memory", "room"])
def test_what_the_machine_has_not(path: Path, error: BaseException, code: str) -> None:
    copy = opening.Copy(Failing(error), path)  # type: ignore[arg-type]
    for read in (lambda: list(copy.rows("SELECT 1")), lambda: copy.row("SELECT 1")):
        with pytest.raises(RefusalError) as caught:
            read()
        assert (caught.value.finding.code, caught.value.finding.verdict) == (code, Verdict.UNREADABLE)


def test_a_list_of_objects_that_cannot_be_read(path: Path) -> None:
    with raw(path) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_schema SET sql = 'CREATE NONSENSE' WHERE name = 'labels'")
    convicted(path, "T36", verdict=Verdict.UNREADABLE)


@pytest.mark.parametrize("quick", [False, True])
def test_redactions_that_cannot_be_read_or_name_what_cannot(path: Path, quick: bool) -> None:
    redact(path, 5, "/event/name")
    with attacked(path) as db:
        rewrite(db, 12, lambda leaf: leaf["body"].update(paths=[]))
        settle(db)
    assert {finding.code for finding in verify(path, quick=quick).findings} == {"T51", "T57"}


@pytest.mark.parametrize("quick", [False, True])
def test_a_redaction_of_an_entry_that_cannot_be_read(path: Path, quick: bool) -> None:
    redact(path, 5, "/event/name")
    with attacked(path) as db:
        rewrite(db, 5, b"[]")
        settle(db)
    assert {finding.code for finding in verify(path, quick=quick).findings} <= {"T57", "T22"}


@pytest.mark.parametrize("quick", [False, True])
def test_a_text_that_is_gone_from_a_leaf_off_its_shape(path: Path, quick: bool) -> None:
    with attacked(path) as db:
        rewrite(db, 5, lambda leaf: leaf.update(recorded_at="then"))
        db.execute("DELETE FROM openings WHERE position = 5")
        settle(db)
    assert {finding.code for finding in verify(path, quick=quick).findings} == {"T51", "T57"}
