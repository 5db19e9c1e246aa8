"""T20 entries of other ledgers; T21 ids and keys twice; T22 the index of labels; T30 columns against leaves."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.audit import Verdict
from coop_ledger.codec import parse
from tests.attacks.tools import attacked, convicted, honest, raw, rewrite, settle


def row(db: sqlite3.Connection, position: int) -> Any:
    return db.execute("SELECT hash, id, leaf FROM entries WHERE position = ?", (position,)).fetchone()


def test_t20_an_entry_of_another_ledger(ledger: Path, tmp_path: Path) -> None:
    other = honest(tmp_path / "other.db", origin="other.example/1")
    with raw(other) as source, attacked(ledger) as db:
        digest, entry_id, leaf = row(source, 5)
        (blob,) = source.execute("SELECT blob FROM openings WHERE position = 5").fetchone()
        db.execute("UPDATE entries SET hash = ?, id = ?, leaf = ? WHERE position = 5", (digest, entry_id, leaf))
        db.execute("UPDATE openings SET blob = ? WHERE position = 5", (blob,))
        settle(db)
    (finding,) = convicted(ledger, "T20").findings
    assert (finding.position, finding.expected, finding.found) == (5, "attacked.example/1", "other.example/1")
    convicted(ledger, "T20", quick=True)


def test_t20_the_head_says_another_origin(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("UPDATE head SET origin = 'other.example/1'")
    assert len(convicted(ledger, "T20").findings) == 12


@pytest.mark.parametrize("quick", [False, True])
def test_t21_an_id_twice_in_the_leaves(ledger: Path, quick: bool) -> None:
    """The columns differ, so no index shows it."""
    with attacked(ledger) as db:
        first = parse(row(db, 1)[2])["id"]
        rewrite(db, 11, lambda leaf: leaf.update(id=first, sealed={}))
        db.execute("DELETE FROM openings WHERE position = 11")
        settle(db)
    report = convicted(ledger, "T21", "T30", quick=quick)
    assert [finding.message for finding in report.findings if finding.code == "T21"] == [
        "the id of the entry is that of position 1"
    ]


def test_t21_a_key_used_again_for_another_entry(ledger: Path) -> None:
    with attacked(ledger) as db:
        rewrite(db, 6, lambda leaf: leaf.update(once=["alone", 0, 1]))
        settle(db)
    (finding,) = convicted(ledger, "T21").findings
    assert (finding.position, finding.message) == (6, "the key of the entry is that of position 11, too")


@pytest.mark.parametrize(
    ("once", "expected"),
    [
        (["batch", 1, 4], ["T21"]),
        (["batch", 2, 3], ["T21", "T30"]),
        (["other", 1, 3], ["T21", "T30"]),
        (None, ["T21", "T30"]),
    ],
)
def test_t21_a_call_that_is_not_whole(ledger: Path, once: Any, expected: list[str]) -> None:
    def change(leaf: dict[str, Any]) -> None:
        del leaf["once"]
        if once is not None:
            leaf["once"] = once

    with attacked(ledger) as db:
        rewrite(db, 3, change)
        settle(db)
    report = convicted(ledger, *expected)
    assert report.findings[0].message == "the entries of one call do not follow each other"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (
            "DELETE FROM labelled WHERE position = 3 AND number = "
            "(SELECT number FROM labels WHERE text = 'type:institution.opened')",
            3,
        ),
        ("INSERT INTO labelled SELECT number, 3 FROM labels WHERE text = 'institution:office-1'", 3),
        ("INSERT INTO labelled SELECT number, 12 FROM labels WHERE text = 'institution:office-1'", 12),
        ("INSERT INTO labelled SELECT number, -1 FROM labels WHERE text = 'institution:office-1'", -1),
        ("INSERT INTO labelled VALUES (4711, 3)", 3),
        ("INSERT INTO labels VALUES (4711, 'institution:office-9')", None),
        ("UPDATE labels SET text = 'institution:office-9' WHERE text = 'institution:office-0'", 0),
        ("UPDATE labels SET text = 'two words' WHERE text = 'institution:office-0'", 0),
        ("DELETE FROM labels WHERE text = 'institution:office-0'", 0),
        ("DELETE FROM labelled WHERE position = 5", 5),
    ],
)
def test_t22_labels_missing_extra_or_strange(ledger: Path, sql: str, found: int | None) -> None:
    with attacked(ledger) as db:
        db.execute(sql)
    report = convicted(ledger, "T22")
    assert report.findings[0].position == found
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT, quick=True)


def test_t22_two_labels_in_one_row(ledger: Path) -> None:
    """What joins labels for comparing must not join what the attacker joined."""
    with attacked(ledger) as db:
        numbers = [n for (n,) in db.execute("SELECT number FROM labelled WHERE position = 5 ORDER BY number")]
        texts = [db.execute("SELECT text FROM labels WHERE number = ?", (number,)).fetchone()[0] for number in numbers]
        db.execute("DELETE FROM labelled WHERE position = 5 AND number IN (?, ?)", numbers[:2])
        db.execute("INSERT INTO labels VALUES (4711, ?)", ("\n".join(texts[:2]),))
        db.execute("INSERT INTO labelled VALUES (4711, 5)")
    convicted(ledger, "T22")


def test_t22_a_label_of_an_act_is_that_of_what_it_names(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute(
            "DELETE FROM labelled WHERE position = 6 AND number = "
            "(SELECT number FROM labels WHERE text = 'institution:office-0')"
        )
    assert convicted(ledger, "T22").findings[0].position == 6


@pytest.mark.parametrize(
    ("sql", "field"),
    [
        ("UPDATE entries SET id = 'another' WHERE position = 5", "entries.id"),
        ("UPDATE once SET place = 7 WHERE place = 1", "once"),
        ("DELETE FROM once WHERE key = 'alone'", "once"),
        ("INSERT INTO once VALUES ('planted', 0, 3)", "once"),
        ("INSERT INTO once VALUES ('planted', 0, 5)", "once"),
        ("INSERT INTO once VALUES ('planted', 0, 99)", "once"),
        ("INSERT INTO once VALUES ('planted', 0, -1)", "once"),
        ("UPDATE head SET grows_to = 13", "head.grows_to"),
        ("UPDATE head SET recorded_at = NULL", "head.recorded_at"),
    ],
)
@pytest.mark.parametrize("quick", [False, True])
def test_t30_columns_and_rows_that_disagree_with_the_leaf(ledger: Path, sql: str, field: str, quick: bool) -> None:
    with attacked(ledger) as db:
        db.execute(sql)
    assert {finding.field for finding in convicted(ledger, "T30", quick=quick).findings} == {field}


def test_t30_a_key_that_leads_to_another_entry(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("UPDATE once SET position = 5 WHERE key = 'alone'")
    convicted(ledger, "T21", "T30")


def test_t30_a_head_too_few_and_one_too_many(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("INSERT INTO head SELECT 2, origin, size, grows_to, recorded_at, frontier FROM head")
    convicted(ledger, "T30")
    with attacked(ledger) as db:
        db.execute("DELETE FROM head")
    convicted(ledger, "T02", "T30")
