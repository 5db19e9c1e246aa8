"""The doctor: what is installed, how a file stands, and what to do."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.cli.checkup import Line, of_file, of_installation
from coop_ledger.stores import health_of
from tests.cli.support import asked, run


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "doctor.db"
    Ledger.open(path, origin="doctor.example/1").close()
    path.chmod(0o644)
    return path


def line(path: Path, about: str) -> Line:
    return next(line for line in of_file(path) if line.about == about)


def test_all_is_well(forum: Path) -> None:
    done = run("doctor", str(forum))
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("SQLite", "extra sign", "kcac-forum.example/2016", "last entry", "backups", "nobody", "│ ok"):
        assert words in done.stdout
    assert "attention" not in done.stdout


def test_what_is_installed_needs_no_ledger() -> None:
    items = {item["about"]: item for item in asked("doctor")["items"]}
    assert items["SQLite"]["found"] == sqlite3.sqlite_version
    assert items["extra cli"]["found"].startswith("click ")
    assert "ledger" not in items
    assert all(item["state"] in ("ok", "attention") for item in items.values())


def test_what_calls_for_attention_has_its_code_and_says_what_to_do(ledger: Path) -> None:
    ledger.chmod(0o666)
    done = run("doctor", "--format", "json", COOP_LEDGER=str(ledger))
    assert done.returncode == 10
    (item,) = (item for item in json.loads(done.stdout)["items"] if item["state"] == "attention")
    assert (item["about"], item["step"]) == ("rights", f"chmod go-w {ledger}")


@pytest.mark.parametrize(
    ("name", "code", "words"), [("none.db", 4, "there is no ledger"), ("words", 50, "not a ledger")]
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, name: str, code: int, words: str) -> None:
    (tmp_path / "words").write_text("words " * 100)
    done = run("doctor", str(tmp_path / name))
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr


def test_an_empty_ledger_has_no_last_entry(ledger: Path) -> None:
    assert [line.found for line in of_file(ledger) if line.about in ("entries", "last entry")] == ["0"]


def test_a_writer_is_seen_and_let_be(ledger: Path) -> None:
    assert health_of(ledger).writing is False
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert line(ledger, "writing").found == "another process writes just now"
        assert not line(ledger, "writing").attention
        other.execute("ROLLBACK")
    assert line(ledger, "writing").found == "nobody"


def test_a_journal_that_is_left_calls_for_attention(ledger: Path) -> None:
    ledger.with_name("doctor.db-journal").write_bytes(b"")
    found = line(ledger, "writing")
    assert (found.attention, found.found) == (True, "a journal is left")


def test_another_journal_mode_calls_for_attention_until_we_record(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as other:
        other.execute("PRAGMA journal_mode=WAL")
    found = line(ledger, "journal")
    assert (found.attention, found.found) == (True, "wal")
    assert health_of(ledger).writing is None
    Ledger.open(ledger).close()
    assert not line(ledger, "journal").attention


def test_rights_to_read_only_are_told(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(ledger) and real(path, mode))
    assert "read only" in line(ledger, "rights").found  # whoever runs the tests as root may always write
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) == str(ledger))
    assert line(ledger, "rights").attention


def test_a_clock_that_stands_behind_and_a_full_disk_call_for_attention(
    forum: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from coop_ledger.cli import checkup

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 5 << 20))
    monkeypatch.setattr(checkup, "_SKEW", checkup._SKEW - (checkup._SKEW * 10**6))
    assert {found.about for found in of_file(forum) if found.attention} == {"free disk", "last entry"}


def test_an_extra_that_is_missing_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from coop_ledger.cli import checkup

    monkeypatch.setattr(checkup, "_EXTRAS", {"sign": ("no-such-package-of-ours",)})
    found = next(line for line in of_installation() if line.about == "extra sign")
    assert (found.attention, found.found) == (False, "no-such-package-of-ours –")
    assert "pip install '.[sign]'" in found.step
