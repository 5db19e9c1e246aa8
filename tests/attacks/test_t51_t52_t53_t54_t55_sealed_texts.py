"""T51 texts that are gone; T52 altered; T53 moved; T54 redactions that cannot be; T55 texts that were not erased."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, sealed, verify
from coop_ledger.codec import canonical, parse
from tests.attacks.tools import attacked, convicted, plan, redact, rewrite, settle

pytestmark = pytest.mark.parametrize("quick", [False, True])


def blob(db: sqlite3.Connection, position: int) -> dict[str, Any]:
    """The openings of an entry: path → salt and text."""
    (found,) = db.execute("SELECT blob FROM openings WHERE position = ?", (position,)).fetchone()
    return dict(parse(found))


def put(db: sqlite3.Connection, position: int, openings: Any) -> None:
    data = openings if isinstance(openings, bytes) else canonical(openings)
    db.execute("UPDATE openings SET blob = ? WHERE position = ?", (data, position))


def test_t51_a_text_without_a_trace(ledger: Path, quick: bool) -> None:
    redact(ledger, 0, "/note", record=False)
    (finding,) = convicted(ledger, "T51", quick=quick).findings
    assert (finding.position, finding.field) == (0, "/note")


def test_t51_all_texts_of_an_entry(ledger: Path, quick: bool) -> None:
    with attacked(ledger) as db:
        db.execute("DELETE FROM openings WHERE position = 5")
        put(db, 0, b"")
    report = convicted(ledger, "T51", quick=quick)
    assert {(finding.position, finding.field) for finding in report.findings} == {
        *((0, path) for path in ("/note", "/sources/0/author", "/sources/0/quote", "/sources/0/title")),
        *((5, path) for path in ("/event/name", "/sources/0/author", "/sources/0/quote", "/sources/0/title")),
    }


def test_t51_more_than_the_redaction_says(ledger: Path, quick: bool) -> None:
    redact(ledger, 0, "/note")
    redact(ledger, 0, "/sources/0/title", record=False)
    (finding,) = convicted(ledger, "T51", quick=quick).findings
    assert finding.field == "/sources/0/title"


@pytest.mark.parametrize("place", [0, 1], ids=["salt", "text"])
def test_t52_another_text_or_salt(ledger: Path, place: int, quick: bool) -> None:
    secret = "0" * 64
    with attacked(ledger) as db:
        openings = blob(db, 0)
        openings["/note"][place] = secret
        put(db, 0, openings)
    report = convicted(ledger, "T52", quick=quick)
    (finding,) = report.findings
    assert (finding.position, finding.field) == (0, "/note")
    assert secret not in report.as_text() + report.as_json()


def test_t53_to_another_field(ledger: Path, quick: bool) -> None:
    with attacked(ledger) as db:
        openings = blob(db, 0)
        openings["/sources/0/title"], openings["/note"] = openings["/note"], openings["/sources/0/title"]
        put(db, 0, openings)
    report = convicted(ledger, "T53", quick=quick)
    assert {(finding.field, finding.found) for finding in report.findings} == {
        ("/note", "the text of /sources/0/title of position 0"),
        ("/sources/0/title", "the text of /note of position 0"),
    }


def test_t53_to_another_entry(ledger: Path, quick: bool) -> None:
    with attacked(ledger) as db:
        first, second = blob(db, 0), blob(db, 1)
        put(db, 0, second)
        put(db, 1, first)
    report = convicted(ledger, "T53", quick=quick)
    assert len(report.findings) == 8
    assert report.findings[0].found == "the text of /note of position 1"


def test_t53_one_too_many(ledger: Path, quick: bool) -> None:
    with attacked(ledger) as db:
        put(db, 0, {**blob(db, 0), "/where": ["0" * 64, "here"]})
    convicted(ledger, "T53", quick=quick)


def test_t53_of_an_entry_that_is_not_there(ledger: Path, quick: bool) -> None:
    with attacked(ledger) as db:
        db.execute("INSERT INTO openings VALUES (12, ?)", (canonical(blob(db, 0)),))
    convicted(ledger, "T53", quick=quick)


def change_redaction(path: Path, **changed: Any) -> None:
    """Say another thing in the redaction that was recorded last."""
    with attacked(path) as db:
        rewrite(db, 12, lambda leaf: leaf["body"].update(changed))
        settle(db)


def test_t54_a_field_that_is_not_sealed(ledger: Path, quick: bool) -> None:
    redact(ledger, 0, "/note")
    change_redaction(ledger, paths=["/note", "/event/institution"])
    (finding,) = convicted(ledger, "T54", quick=quick).findings
    assert (finding.position, finding.found) == (12, "/event/institution")


@pytest.mark.parametrize("own", [False, True])
def test_t54_an_entry_that_is_not_in_front_of_it(ledger: Path, own: bool, quick: bool) -> None:
    redact(ledger, 5, "/event/name")
    with attacked(ledger) as db:
        (last,) = db.execute("SELECT id FROM entries WHERE position = 12").fetchone()
        db.execute("DELETE FROM labelled WHERE position = 12 AND number NOT IN "
                   "(SELECT number FROM labels WHERE text LIKE 'type:%')")  # fmt: skip
    change_redaction(ledger, target=last if own else "01586478-3800-7000-8000-999999999999")
    convicted(ledger, "T51", "T54", quick=quick)


def test_t55_a_text_that_is_still_there(ledger: Path, quick: bool) -> None:
    redact(ledger, 0, "/note", erase=False)
    (finding,) = convicted(ledger, "T55", quick=quick).findings
    assert (finding.position, finding.field) == (0, "/note")


@pytest.mark.parametrize("bad", ["", "0" * 63, "G" * 64, 7, None, ["0" * 64]])
def test_commitments_that_are_none(ledger: Path, bad: Any, quick: bool) -> None:
    with attacked(ledger) as db:
        rewrite(db, 5, lambda leaf: leaf["sealed"].update({"/event/name": bad}))
        settle(db)
    assert convicted(ledger, "T52", "T57", quick=quick)


def test_more_wrong_texts_than_are_remembered(ledger: Path, quick: bool) -> None:
    with Ledger.open(ledger) as opened:
        opened.record(*(plan(number) for number in range(100, 200)))
    with attacked(ledger) as db:
        for position in range(12, 112):
            openings = blob(db, position)
            openings["/note"][1] = "Another."
            put(db, position, openings)
    report = convicted(ledger, "T52", quick=quick)
    assert len(report.findings) + report.more == 100


def test_t55_a_redacted_text_in_openings_of_another_spelling(ledger: Path, quick: bool) -> None:
    """Read by a lenient reader, the text would still be there."""
    with attacked(ledger) as db:
        (kept,) = db.execute("SELECT blob FROM openings WHERE position = 0").fetchone()
    redact(ledger, 0, "/note")
    with attacked(ledger) as db:
        put(db, 0, kept.replace(b'"/note":', b'"/note":1,"/note":', 1))
    report = verify(ledger, quick=quick)
    assert (report.verdict, "T55" in {finding.code for finding in report.findings}) == (Verdict.INVALID, True)


def test_a_redaction_of_an_entry_of_a_later_format_is_not_judged(ledger: Path, quick: bool) -> None:
    redact(ledger, 0, "/note", "/sources/0/title", "/sources/0/author", "/sources/0/quote")
    with attacked(ledger) as db:
        rewrite(db, 0, lambda leaf: leaf.update(v=2))
        settle(db)
    report = convicted(ledger, "T24", verdict=Verdict.UNDECIDED, quick=quick)
    assert [finding.position for finding in report.findings] == [0]


def test_a_target_is_read_once_however_often_it_is_redacted(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    for _ in range(6):
        redact(ledger, 0, "/note", erase=False)
        redact(ledger, 1, "/note", erase=False)
    read: list[object] = []

    def counting(leaf: object) -> Any:
        read.append(leaf)
        return sealed_of(leaf)

    sealed_of = sealed._keys_of
    monkeypatch.setattr(sealed, "_keys_of", counting)
    report = verify(ledger, quick=quick)
    assert ([finding.code for finding in report.findings], len(read)) == (["T55"] * 12, 2)
    monkeypatch.setattr(sealed, "_TARGETS", 1)
    assert verify(ledger, quick=quick).findings == report.findings
    assert len(read) == 2 + 12


def test_t55_behind_an_index_that_leads_to_another_entry(ledger: Path, quick: bool) -> None:
    """One byte of the index of ids: the redaction seems to name an entry from which the words are gone."""
    redact(ledger, 2, "/note")
    redact(ledger, 3, "/note", erase=False)
    convicted(ledger, "T55", quick=quick)
    with closing(sqlite3.connect(ledger)) as db:
        (entry_id,) = db.execute("SELECT id FROM entries WHERE position = 3").fetchone()
    data = ledger.read_bytes()
    row = b"\x03\x55\x01" + entry_id.encode()  # of a row of the index: its header, the id, and then the position
    assert data.count(row + b"\x03") == 1
    ledger.write_bytes(data.replace(row + b"\x03", row + b"\x02"))
    report = verify(ledger, quick=quick)
    assert report.verdict is Verdict.INVALID
    assert ("T29", 2, entry_id) in {(finding.code, finding.position, finding.expected) for finding in report.findings}
