"""What a report says to do next: something that fits what was verified, and that was not just done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Finding, Report, Verdict, verify
from coop_ledger.log import Checkpoint
from tests.attacks.signed import NOW, note_of, policy
from tests.attacks.tools import ORIGIN, honest, root_of_file

CHECKPOINT = Checkpoint(ORIGIN, 1, bytes(32))
SETTLED = (Verdict.ANCHORED, Verdict.WITNESSED)
COMPARE = "kept a checkpoint of this ledger"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return honest(tmp_path / "ledger.db")


def handed_over(ledger: Path) -> dict[str, Path]:
    made = {"ledger": ledger, "bundle": ledger.with_name("ledger.bundle"), "folder": ledger.with_name("site")}
    with Ledger.open(ledger, readonly=True) as opened:
        opened.export(made["bundle"])
        opened.publish(made["folder"])
    return made


@pytest.mark.parametrize("kind", [None, "ledger", "bundle", "folder"])
@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_that_leaves_something_to_do_says_what(verdict: Verdict, kind: str | None) -> None:
    report = Report("x", verdict, False, ORIGIN, 2, bytes(32), anchor=CHECKPOINT, kind=kind)
    told = report.as_text()
    assert ("What to do next:\n  - " in told) == (verdict not in SETTLED)
    recorded = (Verdict.INVALID, None), (Verdict.INVALID, "ledger"), (Verdict.UNREADABLE, "ledger")
    assert ("record into it" in told) == ((verdict, kind) in recorded)
    if kind in ("bundle", "folder"):
        assert "the file" not in told.replace("of the file that was sent", "")


def spoil_ledger(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"No. 3", b"No. 8"))


def spoil_folder(path: Path) -> None:
    (file,) = (path / "tile" / "0").rglob("12")
    file.write_bytes(bytes(32) + file.read_bytes()[32:])


SPOIL: dict[str, Callable[[Path], None]] = {
    "ledger": spoil_ledger,
    "bundle": spoil_ledger,
    "folder": spoil_folder,
}


@pytest.mark.parametrize("kind", SPOIL)
def test_what_was_verified_is_called_what_it_is(ledger: Path, kind: str) -> None:
    path = handed_over(ledger)[kind]
    report = verify(path)
    assert (report.kind, report.verdict) == (kind, Verdict.SELF_CONSISTENT)
    SPOIL[kind](path)
    report = verify(path)
    assert (report.kind, report.verdict) == (kind, Verdict.INVALID)
    assert ("do not record into it" in report.as_text()) == (kind == "ledger")
    if kind != "ledger":
        assert f"Keep {'a copy of ' if kind == 'folder' else ''}the {kind} as it is" in report.as_text()


def test_what_was_brought_is_not_asked_for(ledger: Path, tmp_path: Path) -> None:
    assert COMPARE in verify(ledger).as_text()
    told = verify(ledger, policy=policy(), checkpoint=root_of_file(ledger), now=NOW).as_text()
    assert "agrees, but it is not signed" in told
    assert "compare it" not in told
    told = verify(ledger, policy=policy(), now=NOW).as_text()
    assert "kept a signed checkpoint of this ledger, compare it" in told
    assert "--policy POLICY --checkpoint CHECKPOINT" in told
    Ledger.open(tmp_path / "empty.db", origin=ORIGIN).close()
    empty = root_of_file(tmp_path / "empty.db")
    for rules in (None, policy()):
        told = verify(ledger, rules, empty, now=NOW).as_text()
        assert "is that of an empty ledger, and confirms no entry of any" in told
        assert "compare it" not in told
        told = verify(tmp_path / "empty.db", rules, empty, now=NOW).as_text()
        assert "It holds no entry yet" in told
        assert "compare it" not in told


def test_a_checkpoint_that_too_few_saw_is_to_be_cosigned(ledger: Path) -> None:
    told = verify(ledger, policy=policy(), checkpoint=note_of(ledger, "one"), now=NOW).as_text()
    assert "Ask whoever keeps the ledger for the checkpoint with the cosignatures that are missing" in told


@pytest.mark.parametrize(
    ("finding", "later", "todo"),
    [
        (Finding("T24", "unknown"), True, False),
        (Finding("T24", "not installed", hint="install it"), False, True),
        (Finding("T39", "a stranger"), False, False),
    ],
)
def test_what_is_not_known_leads_to_what_can_be_done(finding: Finding, later: bool, todo: bool) -> None:
    told = Report("x", Verdict.UNDECIDED, False, findings=(finding,)).as_text()
    assert ("a later version" in told) == later
    assert ("'to do'" in told) == todo
    assert ("the log keys of your policy" in told) == (finding.code == "T39")
    assert "a later version" in Report("x", Verdict.UNDECIDED, False, findings=(finding,), more=1).as_text()


@pytest.mark.parametrize("kind", [None, "ledger", "bundle", "folder"])
def test_what_a_finding_says_to_do_is_enough_where_nothing_is_known_of_the_file(kind: str | None) -> None:
    finding = Finding("T35", "there is no file", hint="check the path")
    told = Report("x", Verdict.UNREADABLE, False, findings=(finding,), kind=kind).as_text()
    assert "Do what stands above behind 'to do'" in told
    assert told.count("  - ") == (1 if kind is None else 3)


def test_places_stand_on_a_line_of_their_own() -> None:
    finding = Finding("T57", "off its form", 3, "leaf", where="line 5")
    told = Report("x", Verdict.INVALID, False, findings=(finding,)).as_text()
    assert "1 finding:\n  T57 off its form\n      at       position 3 (line 5) leaf\n" in told
