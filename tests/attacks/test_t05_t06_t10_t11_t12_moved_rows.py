"""T05 row deleted; T06 deleted and renumbered; T10, T11 rows swapped; T12 rows added where none can be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from coop_ledger.audit import Verdict
from tests.attacks.tools import attacked, codes, convicted, root_of_file, settle

TABLES = ("entries", "openings", "once", "labelled")


def move(db: sqlite3.Connection, old: int, new: int) -> None:
    """Give an entry another row number, with all that stands beside it."""
    for table in TABLES:
        db.execute(f"UPDATE {table} SET position = ? WHERE position = ?", (new, old))


def delete(db: sqlite3.Connection, position: int) -> None:
    for table in TABLES:
        db.execute(f"DELETE FROM {table} WHERE position = ?", (position,))
    db.execute("DELETE FROM labels WHERE number NOT IN (SELECT number FROM labelled)")


def test_t05_deleted_in_the_middle(ledger: Path) -> None:
    with attacked(ledger) as db:
        delete(db, 5)
    report = convicted(ledger, "T02", "T05")
    assert report.findings[0].position == 5
    convicted(ledger, "T02", "T05", quick=True)


def test_t06_deleted_and_renumbered(ledger: Path) -> None:
    kept = root_of_file(ledger)
    with attacked(ledger) as db:
        delete(db, 5)
        for position in range(6, 12):
            move(db, position, position - 1)
        settle(db)
    report = convicted(ledger, "T06")
    assert [finding.position for finding in report.findings] == [5, 6, 7, 8, 9, 10]
    assert report.findings[0].expected == "5"
    assert report.findings[0].found == "6"
    convicted(ledger, "T06", "T08", checkpoint=kept)


def test_t06_renumbered_in_the_leaves_too(ledger: Path) -> None:
    """Who rewrites all leaves behind the gap leaves no trace in the file, but in commitments to nothing but ids."""
    kept = root_of_file(ledger)
    with attacked(ledger) as db:
        delete(db, 5)
        for position in range(6, 12):
            move(db, position, position - 1)
            db.execute(
                "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), ?, ?) AS BLOB) WHERE position = ?",
                (f'"position":{position},', f'"position":{position - 1},', position - 1),
            )
        settle(db)
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)
    convicted(ledger, "T08", verdict=Verdict.DIVERGED, checkpoint=kept)


def test_t10_two_rows_swapped(ledger: Path) -> None:
    with attacked(ledger) as db:
        move(db, 5, 99)
        move(db, 11, 5)
        move(db, 99, 11)
        settle(db)
    report = convicted(ledger, "T10", "T15")
    assert [(finding.position, finding.found) for finding in report.findings if finding.code == "T10"] == [
        (5, "11"),
        (11, "5"),
    ]


def test_t10_and_t11_equal_entries_swapped(ledger: Path) -> None:
    """Entries 2 to 4 were recorded at one time by one call; position and id are in their leaves all the same."""
    with attacked(ledger) as db:
        move(db, 2, 99)
        move(db, 4, 2)
        move(db, 99, 4)
        settle(db)
    assert "T10" in codes(convicted(ledger, "T10", "T21"))


def test_t12_a_row_beyond_the_end(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("INSERT INTO entries SELECT 12, hash, 'an id', leaf FROM entries WHERE position = 3")
    (finding,) = convicted(ledger, "T12").findings
    assert (finding.position, finding.expected) == (12, "0 to 11")


def test_t12_negative_and_huge_row_numbers(ledger: Path) -> None:
    with attacked(ledger) as db:
        for number in (-1, 2**62):
            db.execute("INSERT INTO entries SELECT ?, hash, ?, leaf FROM entries WHERE position = 3", (number, number))
            db.execute("INSERT INTO openings VALUES (?, x'00')", (number,))
    assert len(convicted(ledger, "T12").findings) == 2


def test_t12_a_row_pushed_into_the_middle(ledger: Path) -> None:
    with attacked(ledger) as db:
        for position in range(11, 4, -1):
            move(db, position, position + 1)
        db.execute("INSERT INTO entries SELECT 5, hash, 'an id', leaf FROM entries WHERE position = 3")
        settle(db)
    convicted(ledger, "T12", "T21", "T22", "T30", "T51")
