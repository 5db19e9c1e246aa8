"""The command line through real processes: demo, log, show, their errors and their exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coop_ledger import Ledger, Source, occurred
from coop_ledger import events as ev
from coop_ledger.cli.tables import safe
from tests.shared import ROOT


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220", **environment}
    settings.pop("FORCE_COLOR", None)
    command = [sys.executable, "-W", "error", "-m", "coop_ledger", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=settings, timeout=120)


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "forum.db"
    done = run("demo", str(path))
    assert done.returncode == 0, done.stderr
    return path


def test_the_demo_prints_the_state_of_2016(tmp_path: Path) -> None:
    path = tmp_path / "forum.db"
    first = run("demo", str(path))
    assert (first.returncode, first.stderr) == (0, "")
    for words in (
        "87 claims recorded",
        "director-general",
        "about 200 persons [disputed: about 150 persons]",
        "planned for 2017-41",
        "institution:korea-foundation: planned for 2017",
        "Youth leadership forums",
        "1 pipeline",
        "14010",
        "SGGP News (relays Yonhap)",
        "DPRK nuclear issue (KZ, KG, TJ, TM, UZ)",
        "25 years of diplomatic relations",
        "KG-KR",
        "size  87",
    ):
        assert words in first.stdout, words
    with Ledger.open(path, readonly=True) as ledger:
        root = ledger.root.hex()
    assert f"root  {root}" in first.stdout
    second = run("demo", str(path))
    assert "87 claims were recorded" in second.stdout
    assert "nothing was added" in second.stdout
    assert second.stdout.splitlines()[1:] == first.stdout.splitlines()[1:]


def test_the_demo_defaults_to_a_file_here(tmp_path: Path) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "coop_ledger", "demo"], cwd=tmp_path, env=settings, capture_output=True, check=True
    )
    assert done.returncode == 0
    assert [found.name for found in tmp_path.iterdir()] == ["forum.db"]


def test_the_log_lists_entries_oldest_first(forum: Path) -> None:
    done = run("log", str(forum))
    assert done.returncode == 0
    rows = [line for line in done.stdout.splitlines() if " PLANNED " in line or " OCCURRED " in line]
    assert len(rows) == 87
    assert "meeting.held" in rows[0]
    assert "Mediapen" in rows[0]
    assert run("log", COOP_LEDGER=str(forum)).stdout == done.stdout


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (
            "meeting:kcac-forum/10",
            ["held", "KZ attended, director-general", "Disputed", "about 150 persons (Asia Economy)"],
        ),
        (
            "institution:kcac-secretariat",
            ["proclaimed", "head: person:p-k7s2, since 2016-11-15", "planned for 2017-41"],
        ),
        ("initiative:water-management", ["pipeline", "14010", "Water management"]),
        (
            "KR-KZ",
            ["relationship:KR-KZ", "diplomatic relations, 25: planned for 2017", "The nuclear provocations violate"],
        ),
        ("relationship:KR-KZ", ["anniversaries"]),
        ("series:kcac-forum", ["meeting:kcac-forum/10, 2016-11-15"]),
        ("institution:korea-foundation", ["Korea Foundation", "unrecorded"]),
        ("person:p-k7s2", ["Kim Kwang-keun"]),
    ],
)
def test_show_says_what_is_known_with_its_sources(forum: Path, subject: str, words: list[str]) -> None:
    done = run("show", str(forum), subject, COLUMNS="200")
    assert done.returncode == 0, done.stderr
    for word in [*words, "Publisher"]:
        assert word in done.stdout, (word, done.stdout)


def test_tables_fit_the_terminal(forum: Path) -> None:
    done = run("show", str(forum), "KR-KZ", COLUMNS="60")
    assert max(map(len, done.stdout.splitlines())) <= 60


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ["show", "{forum}", "institution:kcac"],
            4,
            ["no entry is about", "did you mean institution:kcac-secretariat"],
        ),
        (["show", "{forum}", "institution:KCAC"], 2, ["off the grammar"]),
        (["show", "{forum}", "KR"], 2, ["slug is off the grammar"]),
        (["show", "{forum}", "place:nowhere"], 4, ["no entry is about"]),
        (["log", "{folder}/missing.db"], 4, ["there is no ledger", "origin"]),
        (["log", "{folder}/other.txt"], 50, ["not a ledger", "check the path"]),
        (["log"], 2, ["Missing argument"]),
        (["lgo", "x"], 2, ["No such command"]),
    ],
)
def test_errors_say_what_why_and_what_to_do(
    forum: Path, tmp_path: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    (tmp_path / "other.txt").write_text("not a ledger " * 100, encoding="utf-8")
    done = run(*(text.format(forum=forum, folder=tmp_path) for text in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_help_reads_well_in_eighty_columns() -> None:
    for arguments in ([], ["demo"], ["log"], ["show"]):
        done = run(*arguments, "--help", COLUMNS="80")
        assert done.returncode == 0
        assert max(map(len, done.stdout.splitlines())) <= 80
    assert run("--version").stdout.startswith("coop-ledger, version ")


def test_colour_is_asked_for(forum: Path) -> None:
    assert "\x1b[" not in run("log", str(forum)).stdout
    assert "\x1b[" in run("--color", "always", "log", str(forum)).stdout
    assert "\x1b[" not in run("--color", "never", "log", str(forum)).stdout


def test_a_closed_pipe_is_quiet(forum: Path) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = f"{sys.executable} -m coop_ledger log {forum} | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=settings)
    assert done.stderr == ""


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ImportError('no click', name='click')", encoding="utf-8")
    done = run("log", "x.db", PYTHONPATH=f"{tmp_path}:{ROOT / 'src'}")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'coop_ledger[cli]'" in done.stderr


def test_recorded_texts_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    with Ledger.open(path, origin="odd.example/1") as ledger:
        name = "Forum \u202egnihton [red]\u200b"
        ledger.record(occurred(ev.NameUsed("initiative:odd", name), sources=Source("P\u009b31m")))
    done = run("show", str(path), "initiative:odd")
    assert "\u202e" not in done.stdout
    assert "\u009b" not in done.stdout
    assert "\\u202egnihton [red]\\u200b" in done.stdout
    assert safe("a\tb\nc") == "a\\tb\nc"


def test_the_example_script_records_and_asks(tmp_path: Path) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / "record_2016.py"), str(tmp_path / "forum.db")]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, env=settings, check=True)
        assert done.stdout.startswith("87 claims, 87 entries, root ")
        assert "The secretariat is proclaimed; it is to open in 2017-41." in done.stdout
        assert "KZ attended director-general" in done.stdout


def test_an_interrupt_has_its_code(forum: Path) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    code = (
        "import sys, signal, coop_ledger.cli.app as app\n"
        "def interrupted(*_): signal.raise_signal(signal.SIGINT)\n"
        "app.log_table = interrupted\n"
        f"sys.argv = ['coop-ledger', 'log', {str(forum)!r}]\n"
        "sys.exit(app.run())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=settings)
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr
