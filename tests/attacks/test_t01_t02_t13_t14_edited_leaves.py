"""T01 payload edited; T02 payload and hash edited; T13 row replaced; T14 time of recording edited."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.audit import Verdict
from coop_ledger.codec import parse
from coop_ledger.log import leaf_hash
from tests.attacks.tools import attacked, convicted, honest, raw, rewrite, root_of_file, settle


def other_year(leaf: dict[str, Any]) -> None:
    leaf["body"]["when"] = "2018"


def test_t01_a_byte_of_the_payload(ledger: Path) -> None:
    with attacked(ledger) as db:
        rewrite(db, 3, other_year, with_hash=False)
    report = convicted(ledger, "T01", "T02")
    first = report.findings[0]
    assert (first.code, first.position, first.field) == ("T01", 3, "entries.hash")
    assert first.expected != first.found
    convicted(ledger, "T01", "T02", quick=True)


def test_t01_the_column_of_hashes(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("UPDATE entries SET hash = ? WHERE position = 3", (leaf_hash(b"other"),))
    convicted(ledger, "T01")


def test_t02_payload_and_hash(ledger: Path) -> None:
    with attacked(ledger) as db:
        rewrite(db, 3, other_year)
    (finding,) = convicted(ledger, "T02").findings
    assert finding.field == "head.frontier"


def test_t02_payload_and_hash_and_all_that_was_kept_of_the_tree(ledger: Path) -> None:
    kept = root_of_file(ledger)
    with attacked(ledger) as db:
        rewrite(db, 3, other_year)
        settle(db)
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)  # why that verdict is not 0
    convicted(ledger, "T04", verdict=Verdict.DIVERGED, checkpoint=kept)


def test_t02_under_a_full_tile(tmp_path: Path) -> None:
    path = honest(tmp_path / "long.db", more=300)
    with attacked(path) as db:
        rewrite(db, 3, other_year)
    convicted(path, "T02", "T38")


def test_t13_insert_or_replace_is_refused_by_a_writer_of_ours(ledger: Path) -> None:
    with raw(ledger) as db:
        leaf, digest, entry_id = db.execute("SELECT leaf, hash, id FROM entries WHERE position = 3").fetchone()
        for sql in (
            "INSERT OR REPLACE INTO entries VALUES (3, ?, ?, ?)",
            "INSERT INTO entries VALUES (3, ?, ?, ?) ON CONFLICT DO UPDATE SET leaf = excluded.leaf",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(sql, (digest, entry_id, leaf.replace(b"2017", b"2018")))
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)


def test_t13_insert_or_replace_without_triggers(ledger: Path) -> None:
    with attacked(ledger) as db:
        leaf, digest, entry_id = db.execute("SELECT leaf, hash, id FROM entries WHERE position = 3").fetchone()
        changed = leaf.replace(b'"2017"', b'"2018"')
        assert changed != leaf
        db.execute("INSERT OR REPLACE INTO entries VALUES (3, ?, ?, ?)", (digest, entry_id, changed))
    convicted(ledger, "T01", "T02")


def test_t14_the_time_of_recording(ledger: Path) -> None:
    with attacked(ledger) as db:
        (leaf,) = db.execute("SELECT leaf FROM entries WHERE position = 3").fetchone()
        later = parse(leaf)["recorded_at"].replace(".000000Z", ".000001Z").encode()
        rewrite(db, 3, leaf.replace(parse(leaf)["recorded_at"].encode(), later))
    convicted(ledger, "T02", "T15")  # its call had one time
