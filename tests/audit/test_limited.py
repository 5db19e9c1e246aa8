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


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this system does not name open files")
def test_a_policy_is_read_once(ledger: Path) -> None:
    """It may come out of a pipe, which has nothing more for the other process."""
    reading, writing = os.pipe()
    try:
        os.write(writing, policy_text().encode())
        os.close(writing)
        report = verify(ledger, f"/dev/fd/{reading}", note_of(ledger, "one", "two"), limited=True, now=NOW)
    finally:
        os.close(reading)
    assert report.verdict is Verdict.WITNESSED


def test_a_path_of_a_kind_of_its_own(ledger: Path, tmp_path: Path) -> None:
    """It cannot be handed to another process; the text that it stands for can."""

    class Place(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(tmp_path / "policy")

    (tmp_path / "policy").write_text("log example.org/log+29cf2b6e+BwABAgM=\nquorum none\n", encoding="utf-8")
    report = verify(ledger, policy=Place(), limited=True, now=NOW)
    assert report == verify(ledger, policy=Place(), now=NOW)
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
    "is slow": ("import time; time.sleep(0.3); raise SystemExit(3)", "T36", "exit code 3"),
    "is slower": ("import time; time.sleep(0.8); raise SystemExit(3)", "T36", "exit code 3"),
    "is stopped": ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "T28", None),
    "is killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "T28", None),
    "talks": ("sys.stderr.write('bad words'); raise SystemExit(3)", "T36", "exit code 3"),
    "reports too much": (
        "from coop_ledger.audit import Report, Verdict; "
        "print(Report('x' * 5_000_000, Verdict.ANCHORED, False).as_json())",
        "T36",
        "exit code 1",
    ),
    "eats": (
        "from coop_ledger.audit import limited; limited._answer = lambda _: bytearray(1 << 31); limited.serve()",
        "T59",
        None,
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_whatever_becomes_of_the_process_there_is_a_report(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], how: str
) -> None:
    code, number, found = ENDS[how]
    monkeypatch.setattr(limited, "_CODE", BEGIN + code)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if how == "waits":
        monkeypatch.setattr(limited, "_SECONDS", 0)
        monkeypatch.setattr(limited, "_PATIENCE", 1)
    if how in ("is slow", "is slower"):  # well within twice its seconds and the patience
        monkeypatch.setattr(limited, "_SECONDS", 5)
        monkeypatch.setattr(limited, "_PATIENCE", 12 if how == "is slow" else 0)
    report = verify(ledger, quick=how != "fails", limited=True)
    (finding,) = report.findings
    assert (report.verdict, finding.code, finding.found) == (Verdict.UNREADABLE, number, found)
    assert (report.path, report.quick, finding.verdict) == (str(ledger), how != "fails", Verdict.UNREADABLE)
    most = {"T28": f"at most {limited._allowed_seconds(ledger)} seconds", "T59": "at most 1073741824 bytes"}
    assert finding.expected == most.get(number)
    assert capfd.readouterr() == ("", "")
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


IN_ITS_PLACE = """
import os, tempfile
place = os.path.split(os.path.dirname(tempfile.gettempdir()))
try:
    os.fstat(int(os.environ["HANDLE"]))
except OSError:
    os._exit(9 if (place[0], place[1][:20]) == (os.environ["PLACE"], "coop-ledger-limited-") else 8)
"""
LIMITS = """
import resource as r
from coop_ledger.audit.limited import _take_limits
kinds = r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE, r.RLIMIT_NOFILE
r.setrlimit(r.RLIMIT_NOFILE, (48, 48))
_take_limits(1 << 30, 100)
raise SystemExit(9 if [r.getrlimit(kind) for kind in kinds] == [(n, n) for n in (1 << 30, 100, 0, 48)] else 8)
"""


@pytest.mark.parametrize("code", [IN_ITS_PLACE, LIMITS])
def test_what_the_process_has(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The environment but for a place of its own for copies, no file of the caller's; limits, or lower ones."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("PLACE", str(tmp_path))
    with (tmp_path / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        monkeypatch.setenv("HANDLE", str(file.fileno()))
        monkeypatch.setattr(limited, "_CODE", BEGIN + "exec(" + repr(code) + ")")
        (finding,) = verify(ledger, limited=True).findings
    assert finding.found == "exit code 9"


def test_code_where_one_stands_is_not_run(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert verify(ledger, limited=True, now=NOW) == verify(ledger, now=NOW)


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
