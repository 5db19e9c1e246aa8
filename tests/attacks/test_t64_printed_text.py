"""T64 what a file holds cannot steer the terminal of who reads the report, nor forge lines of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coop_ledger.audit import Finding, Report, Verdict, verify
from coop_ledger.errors import InvalidValueError
from tests.attacks.tools import attacked, convicted, loosened, rewrite, settle

NASTY = "x\x1b]0;owned\x07\x1b[2J\u202eevil\u2028\nVerdict: ANCHORED\r\x9b31m"


def harmless(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("quick", [False, True])
def test_t64_escapes_in_leaves(ledger: Path, quick: bool) -> None:
    with attacked(ledger) as db:
        rewrite(db, 5, lambda leaf: leaf.update(origin=NASTY, type=NASTY))
        rewrite(db, 11, lambda leaf: leaf.update(once=[NASTY, 0, 1]))
        settle(db)
    report = verify(ledger, quick=quick)
    assert report.verdict is Verdict.INVALID
    assert harmless(report.as_text())
    assert "\nVerdict" not in report.as_text()
    assert report.as_json().isascii()


def test_t64_escapes_in_columns_names_and_paths(ledger: Path) -> None:
    with loosened(ledger) as db:
        db.execute("UPDATE entries SET id = ? WHERE position = 5", (NASTY,))
        db.execute("UPDATE head SET origin = ?", (NASTY,))
        db.execute("UPDATE labels SET text = ? WHERE number = 1", (NASTY,))
        db.execute(f'CREATE VIEW "{NASTY}" AS SELECT 1')
    path = ledger.rename(ledger.parent / "led\x1b[31mger\n.db")
    text = convicted(path, "T22", "T27", "T30", "T31").as_text()
    assert harmless(text)
    assert "led\\x1b[31mger\\n.db" in text


def test_t64_no_text_is_long(ledger: Path) -> None:
    with loosened(ledger) as db:
        db.execute("UPDATE entries SET id = ? WHERE position = 5", ("x" * 100_000,))
    report = convicted(ledger, "T30")
    assert len(report.findings[0].found or "") == 201
    assert len(report.as_text()) < 5_000


def test_findings_are_bounded_and_counted(ledger: Path) -> None:
    with attacked(ledger) as db:
        (kept,) = db.execute("SELECT count(*) FROM labels").fetchone()
        db.execute("DELETE FROM labelled")
        for number in range(1_000, 1_200):
            db.execute("INSERT INTO labels VALUES (?, ?)", (number, f"a:{number}"))
    report = convicted(ledger, "T22")
    assert (len(report.findings), report.more) == (100, 12 + kept + 200 - 100)
    assert f"and {report.more} more" in report.as_text()
    assert json.loads(report.as_json())["more"] == report.more


def test_a_finding_has_a_code_of_the_list() -> None:
    assert Finding("T01", "a\nb").message == "a\\nb"
    with pytest.raises(InvalidValueError):
        Finding("T99", "no such attack")


def test_a_text_of_200_characters_is_whole() -> None:
    finding = Finding("T01", "x" * 200, found="y" * 201)
    assert (finding.message, finding.found) == ("x" * 200, "y" * 200 + "…")


def test_every_verdict_has_its_words() -> None:
    for verdict in Verdict:
        text = Report("some.db", verdict, False).as_text()
        assert text.startswith(f"{verdict.value}: some.db: ")
        assert harmless(text)
