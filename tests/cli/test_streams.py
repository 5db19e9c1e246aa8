"""Standard streams that are closed, broken or full: no traceback, and the exit code is that of the answer."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import run
from tests.cli.terminal import typed
from tests.shared import ROOT


def in_shell(command: str, behind: str, folder: Path) -> tuple[int, str, str]:
    """Exit code, output and errors of a command, with what a shell does to its streams behind it."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    line = f"{shlex.quote(sys.executable)} -W error -m coop_ledger {command} {behind}"
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, env=settings, cwd=folder, timeout=120,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "behind", "code"),
    [
        ("log forum.db", ">&-", 0),
        ("verify forum.db", ">&-", 10),
        ("doctor forum.db", ">&-", 0),
        ("import forum.db -", "<&-", 2),
        ("init new.db", "<&-", 0),
        ("init new.db", "<&- >&- 2>&-", 0),
        ("init new.db", "2>/dev/full", 0),
        ("redact forum.db 0 all --ground x --by y", "2>/dev/full", 2),
        ("show forum.db institution:nowhere", "2>/dev/full", 4),
    ],
)
def test_a_stream_that_is_closed_or_full_changes_no_exit_code(
    forum: Path, tmp_path: Path, command: str, behind: str, code: int
) -> None:
    (tmp_path / "forum.db").write_bytes(forum.read_bytes())
    done = in_shell(command, behind, tmp_path)
    assert (done[0], "Traceback" in done[2]) == (code, False)
    assert (tmp_path / "new.db").exists() == ("new.db" in command)


def test_who_reads_no_verdict_gets_no_better_one(forum: Path, tmp_path: Path) -> None:
    (tmp_path / "forum.db").write_bytes(forum.read_bytes())
    (tmp_path / "forum.db").chmod(0o666)
    assert run("doctor", str(tmp_path / "forum.db")).returncode == 10
    read, write = os.pipe()
    os.close(read)  # the reader is gone before the first line
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    try:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "coop_ledger", "doctor", str(tmp_path / "forum.db")],
            stdout=write, stderr=subprocess.PIPE, text=True, env=settings, timeout=120,
        )  # fmt: skip
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (10, "")


def test_faults_that_nobody_reads_are_faults(forum: Path, tmp_path: Path) -> None:
    (tmp_path / "forum.db").write_bytes(forum.read_bytes())
    (tmp_path / "bad.csv").write_text("assertion,event,source\n" + "x,y,z\n" * 2_000, encoding="utf-8")
    code, out, _ = in_shell("import forum.db bad.csv", "2>/dev/full", tmp_path)
    assert (code, out) == (2, "")
    read, write = os.pipe()
    os.close(read)
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "coop_ledger", "import", "forum.db", "bad.csv"], cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=write, env=settings, timeout=120,
        )  # fmt: skip
    finally:
        os.close(write)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(
    "arguments",
    [("log", "x.db", "{}"), ("{}",), ("--{}",), ("log", "--{}"), ("verify", "x.db", "{}"), ("verify", "--{}", "x.db")],
)
def test_what_was_typed_cannot_steer_the_terminal(arguments: tuple[str, ...]) -> None:
    hostile = "\x1b[31m\u202e\u009b1m"
    done = typed([one.format(hostile) for one in arguments])
    assert done.returncode == 2
    assert not set("\x1b\u202e\u009b") & set(done.screen)
    assert "x1b" in done.screen
