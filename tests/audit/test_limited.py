"""An examination in a process of its own: the same report, and one whatever becomes of the process."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Report, Verdict, limited, verify
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import Limits
from tests.attacks.signed import NOW, grow, note_of, policy, policy_text
from tests.attacks.tools import attacked, codes, copy_of, honest, rewrite, root_of_file, settle


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest(tmp_path_factory.mktemp("limited") / "ledger.db")


def test_the_report_is_the_same(ledger: Path, tmp_path: Path) -> None:
    """Of an honest ledger with witnesses, a policy and times; and of one that contradicts what was kept."""
    notes = [note_of(ledger, "one", "two"), root_of_file(ledger)]
    rules = policy(Limits(max_age_s=3_600, delay_s=60))
    given: dict[str, object] = {"policy": rules, "checkpoint": notes, "now": NOW, "quick": True}
    report = verify(ledger, **given, limited=True)  # type: ignore[arg-type]
    assert report == verify(ledger, **given)  # type: ignore[arg-type]
    assert report.verdict is Verdict.WITNESSED
    path = copy_of(ledger, tmp_path / "edited.db")
    with attacked(path) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
        settle(db)
    found = verify(path, checkpoint=notes, evidence=tmp_path / "kept", limited=True, now=NOW)
    assert found.verdict is Verdict.DIVERGED
    assert found == verify(path, checkpoint=notes, evidence=tmp_path / "kept", now=NOW)
    assert Path(found.evidence or "").exists()


def test_bundles_folders_and_nothing(ledger: Path, tmp_path: Path) -> None:
    with Ledger.open(ledger, readonly=True) as opened:
        opened.export(tmp_path / "ledger.jsonl")
        opened.publish(tmp_path / "folder")
    for name in ("ledger.jsonl", "folder", "nothing\udcff"):
        assert verify(tmp_path / name, limited=True, now=NOW) == verify(tmp_path / name, now=NOW)


def test_policies_as_they_are_given(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy"
    file.write_text(policy_text(), encoding="utf-8")
    note = note_of(ledger, "one", "two")
    assert verify(ledger, policy=file, checkpoint=note, limited=True, now=NOW).verdict is Verdict.WITNESSED
    file.write_text("log example.org/log+29cf2b6e+BwABAgM=\nquorum none\n", encoding="utf-8")
    for given in (file, file.read_text(encoding="utf-8")):
        report = verify(ledger, policy=given, limited=True, now=NOW)
        assert report == verify(ledger, policy=given, now=NOW)
        assert report.verdict is Verdict.UNDECIDED


def test_wrong_arguments_are_refused_here(ledger: Path) -> None:
    for wrong in ({"policy": "missing"}, {"checkpoint": 7}, {"now": datetime(2016, 1, 1)}):
        with pytest.raises(InvalidValueError):
            verify(ledger, limited=True, **wrong)


BEGIN = "import sys; sys.path[:] = __import__('json').loads(sys.argv[1]); "
ENDS = {
    "aborts": ("import os; os.abort()", "T36", "SIGABRT"),
    "fails": ("raise SystemExit(3)", "T36", "exit code 3"),
    "says nothing": ("pass", "T36", "exit code 1"),
    "lies": ("print('{\"schema\": 1}')", "T36", "exit code 1"),
    "floods": ("sys.stdout.write('[' * (1 << 23))", "T36", "exit code 1"),
    "runs": (
        "from coop_ledger.audit import limited; limited._take_limits(1 << 30, 1)\nwhile True: pass",
        "T28",
        None,
    ),
    "waits": ("import time; time.sleep(600)", "T28", None),
    "eats": (
        "from coop_ledger.audit import limited; limited._answer = lambda _: bytearray(1 << 31); limited.serve()",
        "T59",
        None,
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_whatever_becomes_of_the_process_there_is_a_report(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    code, number, found = ENDS[how]
    monkeypatch.setattr(limited, "_CODE", BEGIN + code)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if how == "waits":
        monkeypatch.setattr(limited, "_SECONDS", 0)
        monkeypatch.setattr(limited, "_PATIENCE", 1)
    report = verify(ledger, limited=True)
    (finding,) = report.findings
    assert (report.verdict, finding.code, finding.found) == (Verdict.UNREADABLE, number, found)
    assert report.unchecked[0].startswith("everything")
    assert report == Report.from_json(report.as_json())
    assert os.listdir(tmp_path) == []


def test_the_limits_hold_over_the_examination_itself(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that asks for more memory than there may be; the caller has a report."""
    path = copy_of(ledger, tmp_path / "large.db")
    with attacked(path) as db:
        db.execute("UPDATE openings SET blob = zeroblob(16000000) WHERE position = 3")
    assert "T59" not in codes(verify(path, limited=True))
    monkeypatch.setattr(limited, "_MEMORY", 48 << 20)
    report = verify(path, limited=True)
    assert report.verdict is Verdict.UNREADABLE
    assert "T59" in codes(report)


def test_a_system_without_limits_says_so(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = "sys.modules['resource'] = None; from coop_ledger.audit.limited import serve; serve()"
    monkeypatch.setattr(limited, "_CODE", BEGIN + hidden)
    with pytest.raises(InvalidValueError, match="no process with limits"):
        verify(ledger, limited=True)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(InvalidValueError, match="no process with limits"):
        verify(ledger, limited=True)


def test_a_larger_file_gets_more_time(ledger: Path, tmp_path: Path) -> None:
    assert limited._allowed_seconds(tmp_path / "none") == 120
    assert limited._allowed_seconds(tmp_path) == 3_600
    assert limited._allowed_seconds(ledger) == 120 + ledger.stat().st_size // 50_000


@pytest.mark.parametrize("change", [{"verdict": "FINE"}, {"more": "x"}, {"findings": [{}]}, {"root": "zz"}, {"a": 1}])
def test_what_is_no_report_is_refused(ledger: Path, change: dict[str, object]) -> None:
    plain = verify(ledger, checkpoint=root_of_file(ledger)).as_plain()
    assert Report.from_json(json.dumps(plain)).as_plain() == plain
    with pytest.raises(InvalidValueError, match="this is no report"):
        Report.from_json(json.dumps({**plain, **change}))
    for text in ("", "[]", "7", "[" * 100_000):
        with pytest.raises(InvalidValueError, match="this is no report"):
            Report.from_json(text)


def test_every_kind_of_report_comes_back(ledger: Path, tmp_path: Path) -> None:
    path = copy_of(ledger, tmp_path / "grown.db")
    note = note_of(path, "one", "two", "three", at=int(datetime(2016, 11, 20, tzinfo=UTC).timestamp()))
    grow(path, 70)
    rules = policy(Limits(max_age_s=1, delay_s=60, skew_s=1))
    nasty = tmp_path / ("\x1b[31m\n" * 9)
    for report in (
        verify(path, policy=rules, checkpoint=note, now=NOW),
        verify(path, policy=rules, checkpoint=note, now=datetime(2016, 11, 19, tzinfo=UTC)),
        verify(path).accepting(),
        verify(nasty),
        verify(path, policy=rules),
    ):
        assert Report.from_json(report.as_json()) == report
