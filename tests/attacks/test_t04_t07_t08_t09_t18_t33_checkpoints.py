"""T04 all rewritten; T07, T08 tail cut; T09 older copy; T18 two histories; T33 another ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.log import Checkpoint, format_checkpoint
from tests.attacks.signed import policy
from tests.attacks.tools import ORIGIN, attacked, convicted, copy_of, honest, plan, rewrite, root_of_file, settle


def cut(path: Path, size: int) -> None:
    """Remove the tail with all that leads to it, and make head and tiles anew."""
    with attacked(path) as db:
        for table in ("entries", "openings", "once", "labelled"):
            db.execute(f"DELETE FROM {table} WHERE position >= ?", (size,))
        db.execute("DELETE FROM labels WHERE number NOT IN (SELECT number FROM labelled)")
        settle(db)


def test_t04_all_rewritten_by_who_could(ledger: Path) -> None:
    kept = Checkpoint(*root_of_file(ledger))
    with attacked(ledger) as db:
        rewrite(db, 11, lambda leaf: leaf.update(recorder="other"))
        settle(db)
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)
    for given in (kept, tuple(kept), format_checkpoint(kept), format_checkpoint(kept).encode()):
        report = convicted(ledger, "T04", verdict=Verdict.DIVERGED, checkpoint=given)
        assert report.findings[0].expected == kept.root.hex()
    assert "together they are the evidence" in report.as_text()


def test_t07_tail_cut_and_head_left(ledger: Path) -> None:
    with attacked(ledger) as db:
        db.execute("DELETE FROM entries WHERE position >= 10")
    assert {"T07", "T02", "T22"} <= {finding.code for finding in convicted(ledger, *T07).findings}


T07 = ("T02", "T07", "T22", "T30", "T53")


def test_t07_a_call_that_was_cut_in_two_shows_without_an_anchor(ledger: Path) -> None:
    cut(ledger, 4)
    (finding,) = convicted(ledger, "T07").findings
    assert finding.found == "batch, 2 of 3"


def test_t08_tail_cut_with_all_that_was_kept_of_it(ledger: Path) -> None:
    kept = root_of_file(ledger)
    cut(ledger, 8)
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)
    (finding,) = convicted(ledger, "T08", verdict=Verdict.DIVERGED, checkpoint=kept).findings
    assert (finding.expected, finding.found) == ("12 or more", "8")


def test_t09_an_older_genuine_copy(ledger: Path, tmp_path: Path) -> None:
    old = copy_of(ledger, tmp_path / "old.db")
    with Ledger.open(ledger) as opened:
        opened.record(plan(60))
    convicted(old, "T08", verdict=Verdict.DIVERGED, checkpoint=root_of_file(ledger))
    convicted(old, verdict=Verdict.ANCHORED, checkpoint=root_of_file(old))


def test_t18_two_histories_from_one_beginning(ledger: Path, tmp_path: Path) -> None:
    twin = copy_of(ledger, tmp_path / "twin.db")
    for path, number in ((ledger, 60), (twin, 61)):
        with Ledger.open(path) as opened:
            opened.record(plan(number))
    convicted(ledger, "T04", verdict=Verdict.DIVERGED, checkpoint=root_of_file(twin))
    convicted(twin, "T04", verdict=Verdict.DIVERGED, checkpoint=root_of_file(ledger))


def test_t33_another_genuine_ledger_in_its_place(ledger: Path, tmp_path: Path) -> None:
    other = honest(tmp_path / "other.db", origin="other.example/1")
    convicted(other, "T33", verdict=Verdict.DIVERGED, checkpoint=root_of_file(ledger))


@pytest.mark.parametrize("form", ["file", "bundle", "folder"])
def test_t33_a_ledger_of_no_log_of_the_policy(form: str, tmp_path: Path) -> None:
    other = honest(tmp_path / "other.db", origin="other.example/1")
    target = other if form == "file" else tmp_path / form
    with Ledger.open(other, readonly=True) as ledger:
        if form == "bundle":
            ledger.export(target)
        elif form == "folder":
            ledger.publish(target)
    report = verify(target, policy=policy())
    assert report.verdict is Verdict.DIVERGED
    (finding,) = report.findings
    assert (finding.code, finding.expected, finding.found) == ("T33", ORIGIN, "other.example/1")
    plain = verify(target, policy=policy(), checkpoint=root_of_file(other))  # which agrees, and does not count
    assert [finding.code for finding in plain.findings] == ["T33"]


def test_a_fault_in_the_file_weighs_more_than_a_checkpoint_that_it_contradicts(ledger: Path) -> None:
    kept = root_of_file(ledger)
    with attacked(ledger) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
    convicted(ledger, "T02", "T04", checkpoint=kept)
