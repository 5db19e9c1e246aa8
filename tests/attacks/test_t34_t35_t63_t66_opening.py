"""T34 files beside the file; T35 paths that are no file; T63 names that are options; T66 files that change."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coop_ledger import Ledger, read_published
from coop_ledger.audit import Verdict, opening, scratch, verify
from tests.attacks.tools import ORIGIN, convicted, copy_of, plan, raw, root_of_file


def seen(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All that stands in a folder, with times and bytes."""
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_nothing_is_written_to_the_file_or_beside_it(ledger: Path) -> None:
    before = seen(ledger.parent)
    verify(ledger)
    assert seen(ledger.parent) == before


def wal_of(path: Path) -> bytes:
    """The write-ahead log of a change to a copy of a ledger."""
    twin = copy_of(path, path.with_name("twin.db"))
    with raw(twin) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("UPDATE head SET grows_to = 4711")
        planted = twin.with_name("twin.db-wal").read_bytes()
    for left in path.parent.glob("twin.db*"):
        left.unlink()
    return planted


def test_t34_a_planted_write_ahead_log(ledger: Path) -> None:
    """SQLite reads it in place of the pages, though the file was never in that mode."""
    planted = wal_of(ledger)
    ledger.with_name("ledger.db-wal").write_bytes(planted)
    before = seen(ledger.parent)
    (finding,) = convicted(ledger, "T34", verdict=Verdict.UNREADABLE).findings
    assert finding.found == "ledger.db-wal"
    assert finding.hint is not None
    assert "Ledger.backup" in finding.hint
    assert seen(ledger.parent) == before


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_t34_an_empty_one_too(ledger: Path, ending: str) -> None:
    ledger.with_name(f"ledger.db{ending}").touch()
    convicted(ledger, "T34", verdict=Verdict.UNREADABLE)


def test_t34_a_file_in_wal_mode(ledger: Path) -> None:
    with raw(ledger) as db:
        db.execute("PRAGMA journal_mode=WAL")
    before = seen(ledger.parent)
    convicted(ledger, "T34", verdict=Verdict.UNREADABLE)
    assert seen(ledger.parent) == before


def test_t34_what_the_report_says_to_do_helps(ledger: Path) -> None:
    """The keeper of a ledger in WAL mode is told two ways out, and both lead out."""
    with raw(ledger) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("UPDATE head SET grows_to = grows_to")
        told = verify(ledger).as_text()
        with Ledger.open(ledger, readonly=True) as opened:
            opened.backup(ledger.with_name("backup.db"))
    assert "      to do    ask for a copy made with Ledger.backup; if the ledger is yours, end what uses it" in told
    assert "open it once with Ledger.open" in told
    with raw(ledger) as db:
        db.execute("PRAGMA journal_mode=WAL")
    convicted(ledger, "T34", verdict=Verdict.UNREADABLE)
    Ledger.open(ledger).close()
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)
    convicted(ledger.with_name("backup.db"), verdict=Verdict.SELF_CONSISTENT)


def hot_journal(path: Path) -> bytes:
    """The journal that a writer leaves behind who is stopped in the middle of a write."""
    with raw(path) as db:
        db.execute("PRAGMA cache_size=1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("CREATE TABLE filler (x)")
        db.executemany("INSERT INTO filler VALUES (randomblob(900))", [()] * 2_000)
        left = path.with_name(f"{path.name}-journal").read_bytes()
        db.execute("ROLLBACK")
    return left


def test_t34_a_journal_of_an_unfinished_write(ledger: Path) -> None:
    left = hot_journal(ledger)
    ledger.with_name("ledger.db-journal").write_bytes(left)
    before = seen(ledger.parent)
    (finding,) = convicted(ledger, "T34", verdict=Verdict.UNREADABLE).findings
    assert finding.hint is not None
    assert "open the ledger once" in finding.hint
    assert seen(ledger.parent) == before


def test_t34_a_journal_that_a_writer_rolls_back_meanwhile(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = hot_journal(ledger)
    ledger.with_name("ledger.db-journal").write_bytes(left)

    def roll_back(_: float) -> None:
        with raw(ledger) as db:
            db.execute("SELECT count(*) FROM entries").fetchone()

    monkeypatch.setattr(time, "sleep", roll_back)
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)


def test_t34_only_a_journal_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zeros").write_bytes(bytes(5_000))
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("nobody will mend that"))
    convicted(tmp_path / "zeros", "T32", verdict=Verdict.UNREADABLE)


def test_t34_a_journal_that_means_nothing(ledger: Path) -> None:
    ledger.with_name("ledger.db-journal").write_bytes(bytes(512))
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)


def link(path: Path, ledger: Path) -> None:
    path.symlink_to(ledger)


def pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def folder(path: Path, _: Path) -> None:
    path.mkdir()


def nothing(_path: Path, _ledger: Path) -> None:
    """No file at all."""


def sock(path: Path, _: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize("make", [link, pipe, folder, nothing, sock])
def test_t35_what_is_no_regular_file(ledger: Path, tmp_path: Path, make: Callable[[Path, Path], None]) -> None:
    path = tmp_path / "strange"
    make(path, ledger)
    convicted(path, "T35", verdict=Verdict.UNREADABLE)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/", "x" * 5_000, "a/" * 400 + "b"])
def test_t35_devices_and_paths_that_are_too_long(path: str) -> None:
    convicted(Path(path), "T35", verdict=Verdict.UNREADABLE)


def test_t35_a_file_that_is_made_when_it_is_read() -> None:
    report = verify("/proc/self/mem")
    assert report.verdict is Verdict.UNREADABLE
    assert report.findings[0].code in {"T35", "T32", "T36"}


def test_t35_a_file_that_nobody_may_read(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read all, so that the system is made to say no."""
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (ledger, os.R_OK))
    convicted(ledger, "T35", verdict=Verdict.UNREADABLE)


@pytest.mark.parametrize(("length", "found"), [(500, False), (501, True)])
def test_t35_the_longest_path(ledger: Path, length: int, found: bool) -> None:
    deep = ledger.parent
    while length - len(os.fsencode(deep)) > 200:
        deep /= "f" * 100
    deep.mkdir(parents=True, exist_ok=True)
    path = copy_of(ledger, deep / ("n" * (length - len(os.fsencode(deep)) - 1)))
    if found:
        convicted(path, "T35", verdict=Verdict.UNREADABLE)
    else:
        convicted(path, verdict=Verdict.SELF_CONSISTENT)


def test_t35_a_path_below_a_file(ledger: Path) -> None:
    convicted(ledger / "below", "T35", verdict=Verdict.UNREADABLE)


def test_t35_a_long_path_that_the_database_would_not_take(ledger: Path, tmp_path: Path) -> None:
    deep = tmp_path
    while len(os.fsencode(deep)) < 520:
        deep /= "f" * 100
    deep.mkdir(parents=True)
    convicted(copy_of(ledger, deep / "ledger.db"), "T35", verdict=Verdict.UNREADABLE)


def test_no_place_for_a_copy(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(ledger.parent / "nowhere"))
    convicted(ledger, "T35", verdict=Verdict.UNREADABLE)


def test_no_room_for_a_copy(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(ledger.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100))
    (finding,) = convicted(ledger, "T35", verdict=Verdict.UNREADABLE).findings
    assert "TMPDIR" in finding.message


@pytest.mark.parametrize(
    "name", ["a?mode=rwc.db", "a%00b.db", "a#b.db", "a&b=c.db", "%2e%2e.db", "späť ledger.db", "-x.db", "'; DROP.db"]
)
def test_t63_names_that_would_be_options(ledger: Path, tmp_path: Path, name: str) -> None:
    path = copy_of(ledger, tmp_path / name)
    kept = root_of_file(path)
    convicted(path, verdict=Verdict.ANCHORED, checkpoint=kept)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted({"ledger.db", name})


def test_t66_appends_go_on_meanwhile(tmp_path: Path) -> None:
    """Each report is about one moment: its root is that of the ledger at its size."""
    path = tmp_path / "growing.db"
    Ledger.open(path, origin=ORIGIN).close()
    done, roots = threading.Event(), {0: verify(path).root}

    def write() -> None:
        with Ledger.open(path) as ledger:
            for number in range(40):
                receipt = ledger.record(plan(number))
                roots[receipt.size] = receipt.root
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    reports = []
    while not done.is_set():
        reports.append(verify(path))
    writer.join()
    reports.append(verify(path))
    for report in reports:
        assert report.verdict is Verdict.SELF_CONSISTENT, report.as_text()
        assert report.root == roots[report.size or 0]
    assert reports[-1].size == 40


def test_t66_another_file_under_the_same_name(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, copied = copy_of(ledger, tmp_path / "other.db"), opening._copy

    def replaced(path: Path, target: Path) -> None:
        copied(path, target)
        other.replace(path)

    monkeypatch.setattr(opening, "_copy", replaced)
    convicted(ledger, "T66", verdict=Verdict.UNREADABLE)


def test_t66_files_of_a_folder_that_change(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.open(ledger, readonly=True) as opened:
        opened.publish(tmp_path / "site")
    (file,) = (tmp_path / "site" / "tile" / "entries").rglob("12")
    reading = read_published

    def changed(path: Path) -> object:
        found = reading(path)
        file.unlink()
        return found

    monkeypatch.setattr(scratch, "read_published", changed)
    convicted(tmp_path / "site", "T66", verdict=Verdict.UNREADABLE)


def test_t66_a_file_that_another_keeps_to_itself(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PATIENCE", 0.3)
    with raw(ledger) as db:
        db.execute("BEGIN EXCLUSIVE")
        convicted(ledger, "T66", verdict=Verdict.UNREADABLE)
        db.execute("ROLLBACK")
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)


def test_a_writer_in_the_same_process_keeps_its_locks(ledger: Path) -> None:
    """Closing a file that was opened beside SQLite would give up the locks of this process on it."""
    with raw(ledger) as db:
        db.execute("BEGIN IMMEDIATE")
        verify(ledger)
        code = f"import sqlite3; sqlite3.connect({str(ledger)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        db.execute("ROLLBACK")
    assert "database is locked" in done.stderr
