"""What the examiner's connection may not do, and how it ends what would not end."""

from __future__ import annotations

import sqlite3
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.audit import Verdict, opening, verify
from coop_ledger.audit.findings import RefusalError
from coop_ledger.audit.opening import DamageError, Text, opened
from tests.attacks.signed import NOW, note_of, policy
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


def test_enough_time_for_the_size_of_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_SECONDS", 0.0)
    monkeypatch.setattr(opening, "_BYTES_A_SECOND", 1_000)
    monkeypatch.setattr(opening, "_OPCODES", 1)
    convicted(path, verdict=Verdict.SELF_CONSISTENT)


SELECT, READ, FUNCTION, PRAGMA = (
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ((SELECT, None, None, None), True),
        ((READ, "entries", "leaf", "main"), True),
        ((READ, "sqlite_master", "sql", "main"), True),
        ((READ, "entries", "", None), True),
        ((READ, "entries", "leaf", "temp"), False),
        ((READ, "secrets", "leaf", "main"), False),
        ((READ, "entry_text", "leaf", "main"), False),
        ((FUNCTION, None, "count", None), True),
        ((FUNCTION, None, "group_concat", None), True),
        ((FUNCTION, None, "char", None), True),
        ((FUNCTION, None, "hex", None), False),
        ((FUNCTION, "count", "load_extension", None), False),
        ((PRAGMA, "quick_check", "50", None), True),
        ((PRAGMA, "integrity_check", "50", None), True),
        ((PRAGMA, "writable_schema", "ON", None), False),
        ((PRAGMA, "journal_mode", "integrity_check", None), False),
        ((sqlite3.SQLITE_DELETE, "entries", None, "main"), False),
        ((sqlite3.SQLITE_UPDATE, "entries", "leaf", "main"), False),
        ((sqlite3.SQLITE_ATTACH, "entries", "count", None), False),
        ((sqlite3.SQLITE_DROP_TABLE, "entries", None, "main"), False),
        ((sqlite3.SQLITE_TRANSACTION, "quick_check", "count", None), False),
        ((sqlite3.SQLITE_RECURSIVE, None, None, None), False),
    ],
)
def test_what_a_statement_may_do(asked: tuple[Any, ...], answer: bool) -> None:
    action, first, second, database = asked
    assert opening._allowed(action, first, second, database, None) == (
        sqlite3.SQLITE_OK if answer else sqlite3.SQLITE_DENY
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (sqlite3.SQLITE_FULL, "T35"),
        (sqlite3.SQLITE_FULL | 1 << 8, "T35"),
        (sqlite3.SQLITE_READONLY_ROLLBACK, "T34"),
        (sqlite3.SQLITE_IOERR, "T36"),
        (None, "T36"),
    ],
)
def test_why_no_copy_can_be_made(path: Path, code: int | None, told: str) -> None:
    refusal = opening._no_copy(path, sqlite3.OperationalError("some words"), code)
    assert isinstance(refusal, RefusalError)
    assert (refusal.finding.code, refusal.finding.verdict) == (told, Verdict.UNREADABLE)
    assert refusal.finding.found == (f"{path.name}-journal" if told == "T34" else "some words")


def test_no_more_is_read_of_what_is_no_database_than_tells_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "other"
    with path.open("wb") as file:
        file.truncate(1 << 26)
    tracemalloc.start()
    try:
        convicted(path, "T32", verdict=Verdict.UNREADABLE)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()


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
def test_what_the_machine_has_not(error: BaseException, code: str) -> None:
    copy = opening.Copy(Failing(error))  # type: ignore[arg-type]
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


def test_wrong_texts_beyond_those_that_are_remembered_have_their_places(tmp_path: Path) -> None:
    path = honest(tmp_path / "long.db", more=80)
    with attacked(path) as db:
        for position, blob in db.execute("SELECT position, blob FROM openings WHERE position > 11").fetchall():
            db.execute("UPDATE openings SET blob = ? WHERE position = ?", (blob.replace(b"No. ", b"No: "), position))
    report = convicted(path, "T52")
    assert sorted((finding.position, finding.field) for finding in report.findings) == [
        (position, "/note") for position in range(12, 92)
    ]


def test_without_the_extra_nothing_is_said_of_signatures(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = note_of(path, "one", "two")
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    report = convicted(path, "T24", verdict=Verdict.UNDECIDED, policy=policy(), checkpoint=note, now=NOW)
    assert [(finding.field, "sign" in (finding.found or "")) for finding in report.findings] == [("checkpoint", True)]


def test_labels_of_millions_of_lines_are_not_taken_apart(path: Path) -> None:
    with attacked(path) as db:
        db.execute("INSERT INTO labels VALUES (4711, ?)", ("ab\n" * 2_000_000,))
        db.execute("INSERT INTO labelled VALUES (4711, 0)")
    tracemalloc.start()
    try:
        assert {finding.code for finding in verify(path).findings} == {"T22"}
        assert tracemalloc.get_traced_memory()[1] < 1 << 26
    finally:
        tracemalloc.stop()


def test_a_long_text_of_wide_characters_that_is_wrong_is_not_built_again_and_again(path: Path) -> None:
    size = 1 << 22
    blob = b'{"/note":["' + b"5a" * 32 + b'","' + "\U0001f600".encode() + b"x" * size + b'"]}'
    with attacked(path) as db:
        db.execute("UPDATE openings SET blob = ? WHERE position = 0", (blob,))
    tracemalloc.start()
    try:
        assert {finding.code for finding in verify(path, quick=True).findings} == {"T51", "T52"}
        assert tracemalloc.get_traced_memory()[1] < 10 * size
    finally:
        tracemalloc.stop()


def test_what_the_connection_to_a_copy_is_told_to_be_wary_of(path: Path) -> None:
    with opened(path) as copy:
        copy._connection.set_authorizer(None)
        for name, value in (("query_only", 1), ("trusted_schema", 0), ("cell_size_check", 1)):
            assert copy.row(f"PRAGMA {name}") == (value,)
