"""The command line through real processes: demo, log, show, their errors and their exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from coop_ledger import REDACTED, Claim, Ledger, Redaction, Source, occurred
from coop_ledger import events as ev
from coop_ledger.domain import safe
from tests.cli.support import run
from tests.shared import ROOT


def test_the_demo_prints_the_state_of_2016(tmp_path: Path) -> None:
    path = tmp_path / "forum.db"
    first = run("demo", str(path))
    assert (first.returncode, first.stderr) == (0, "")
    for words in (
        "87 claims recorded",
        "director-general",
        "about 200 persons [disputed: about 150 persons]",
        "about 200 persons (Korea.net, Ministry of Foreign Affairs of Korea)",
        "about 150 persons (Asia Economy)",
        "planned for 2017-41 (second half of 2017), narrowed from 2017 (Korea.net)",
        "Kim Kwang-keun (person:p-k7s2), since 2016-11-15",
        "director-general: Alibek Bakayev",
        "call of the heads of delegation on the foreign minister",
        "The nuclear provocations violate UN Security Council resolutions",
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


def rows_of(output: str, title: str) -> list[list[str]]:
    """The cells of a table; a row's further lines stand in rows of their own."""
    table = output[output.index(title) :].partition("└")[0]
    return [[cell.strip() for cell in line[1:-1].split("│")] for line in table.splitlines() if line.startswith("│")]


def cited(rows: list[list[str]]) -> dict[str, set[str]]:
    """The sources of each field of a table of fields."""
    found: dict[str, set[str]] = {}
    field = ""
    for name, _, source in rows:
        field = name or field
        found.setdefault(field, set()).add(source)
    return found


def test_no_row_of_the_demo_cites_a_source_that_could_not_know_it(forum: Path) -> None:
    """Mediapen announced the session two days before; Korea.net knew of no half-year."""
    output = run("demo", str(forum)).stdout
    ministry = "Ministry of Foreign Affairs of Korea"
    session = cited(rows_of(output, "The tenth session"))
    assert all("Mediapen" not in sources for sources in session.values())
    assert session["held"] == session["delegation KR"] == {"Asia Economy", "Korea.net", ministry}
    secretariat = cited(rows_of(output, "The secretariat"))
    assert secretariat["opened"] == {"SGGP News (relays Yonhap)", ministry}
    assert secretariat["status"] == {ministry, "Seoul Economic Daily", "Korea.net"}
    assert secretariat["head"] == {ministry}
    meetings = rows_of(output, "Other meetings")
    assert meetings[0] == ["kcac-forum/10/minister", "2016-11-15", "minister", "KR, KZ, KG, TJ, TM, UZ", "Korea.net"]
    assert "Mediapen" not in {row[4] for row in meetings}


def test_erased_texts_read_redacted_in_every_command_and_stay_so(tmp_path: Path) -> None:
    path = tmp_path / "forum.db"
    run("demo", str(path))
    gone = set[str]()
    with Ledger.open(path) as ledger:
        for entry in list(ledger.entries()):
            event = entry.body.event if isinstance(entry.body, Claim) else None
            for field in ("name", "head_as_written", "position"):
                text = getattr(event, field, None)
                if isinstance(event, ev.PersonNamed | ev.DelegationAttended | ev.StatementMade) and text is not None:
                    gone.add(text)
                    ledger.record(Redaction(entry.id, (f"/event/{field}",), "GDPR article 17", "desk-4"))
        size, meeting = ledger.size, ledger.meeting("kcac-forum/10")
        assert {part.head_as_written for part in meeting.participation if part.delegation} == {REDACTED}
    assert {"Kim Kwang-keun", "Alibek Bakayev"} & gone
    again = run("demo", str(path))
    assert (again.returncode, again.stderr) == (0, "")
    assert "87 claims were recorded" in again.stdout
    shown = [
        again.stdout,
        run("log", str(path)).stdout,
        *(run("show", str(path), subject).stdout for subject in ("meeting:kcac-forum/10", "KR-KZ", "person:p-k7s2")),
    ]
    for output in shown:
        assert not [text for text in gone if text[:40] in output]
    assert ": redacted" in shown[0]
    assert "redacted (person:p-k7s2), since 2016-11-15" in shown[0]
    assert f"{size - 1}\t" in shown[1]
    assert "act.redaction" in shown[1]
    assert all("redacted" in output for output in (shown[2], shown[4]))
    assert f"size  {size}" in shown[0]


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
    *rows, size, root = done.stdout.splitlines()
    assert [row.split("\t")[0] for row in rows] == [str(position) for position in range(87)]
    assert {len(row.split("\t")) for row in rows} == {6}
    assert rows[0].split("\t")[2:] == ["PLANNED meeting.held", "meeting:kcac-forum/10", "2016-11-15", "Mediapen"]
    assert (size, root[:6]) == ("size  87", "root  ")
    assert run("log", COOP_LEDGER=str(forum)).stdout == done.stdout


def test_the_log_is_a_table_only_where_it_fits(forum: Path) -> None:
    wide = run("--color", "always", "log", str(forum)).stdout
    narrow = run("--color", "always", "log", str(forum), COLUMNS="80").stdout
    assert "┃" in wide
    assert "┃" not in narrow
    assert "PLANNED institution.opened\tinstitution:kcac-secretariat\t2017-41" in narrow


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (
            "meeting:kcac-forum/10",
            ["held", "KZ attended, director-general: Alibek Bakayev", "Disputed", "about 150 persons (Asia Economy)"],
        ),
        (
            "institution:kcac-secretariat",
            ["proclaimed", "head, Kim Kwang-keun (person:p-k7s2): since 2016-11-15", "planned for 2017-41"],
        ),
        ("initiative:water-management", ["pipeline", "14010", "Water management"]),
        (
            "KR-KZ",
            ["relationship:KR-KZ", "diplomatic relations, 25: planned for 2017", "The nuclear provocations violate"],
        ),
        ("relationship:KR-KZ", ["anniversaries"]),
        ("series:kcac-forum", ["meeting:kcac-forum/10, 2016-11-15"]),
        ("institution:korea-foundation", ["Korea Foundation", "unrecorded"]),
        ("person:p-k7s2", ["Kim Kwang-keun", "institution.office-taken"]),
        ("person:p-b5a6", ["no name is recorded for person:p-b5a6", "OCCURRED meeting.delegation-attended"]),
        ("country:KP", ["no name is recorded for country:KP", "OCCURRED meeting.statement-made"]),
        ("KP", ["no name is recorded for country:KP"]),
    ],
)
def test_show_says_what_is_known_with_its_sources(forum: Path, subject: str, words: list[str]) -> None:
    done = run("show", str(forum), subject, COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert ("Publisher" in done.stdout) or "no name" in words[0]
    for word in words:
        assert word in done.stdout, (word, done.stdout)


def test_show_speaks_of_every_subject_in_words(forum: Path) -> None:
    with Ledger.open(forum, readonly=True) as ledger:
        subjects = ledger.subjects()
    code = (
        "import sys\nfrom coop_ledger.cli.app import run\n"
        "file, *subjects = sys.argv[1:]\n"
        "for subject in subjects:\n"
        "    sys.argv = ['coop-ledger', 'show', file, subject]\n"
        "    assert run() == 0, subject\n"
    )
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220"}
    command = [sys.executable, "-c", code, str(forum), *subjects]
    done = subprocess.run(command, capture_output=True, text=True, env=settings, check=True)
    assert len(subjects) == 40
    assert all(subject in done.stdout for subject in subjects)
    assert not re.search(r"\w+\(\w+=|<[A-Z]", done.stdout)


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
        (["show", "{forum}", "place:nowhere"], 4, ["no entry is about", "coop-ledger find FILE NAME"]),
        (["show", "{forum}", "country:FR"], 4, ["no entry is about", "found country:FR"]),
        (["show", "{forum}", "kcac-secretariat"], 2, ["kind:slug", "did you mean institution:kcac-secretariat?"]),
        (["show", "{forum}", "kcac-forum/10"], 2, ["kind:slug", "did you mean meeting:kcac-forum/10?"]),
        (["show", "{forum}", "kcac-sekretariat"], 2, ["did you mean institution:kcac-secretariat?"]),
        (["show", "{forum}", "kr-kz"], 2, ["write KR-KZ"]),
        (["show", "{forum}", "kz"], 2, ["write KZ"]),
        (["show", "{forum}", "relationship:KZ"], 2, ["off the grammar", "'relationship:KZ'"]),
        (["show", "{forum}", "treaty:x"], 2, ["off the grammar", "kind:slug"]),
        (["log", "{folder}/missing.db"], 4, ["there is no ledger", "coop-ledger init"]),
        (["log", "{folder}/other.txt"], 50, ["not a ledger", "check the path"]),
        (["log"], 2, ["Missing argument"]),
        (["lgo", "x"], 2, ["No such command 'lgo'. Did you mean 'log'?"]),
        (["delete", "{forum}"], 2, ["No such command 'delete'."]),
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
    assert "origin=" not in done.stderr
    assert "()" not in done.stderr


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


def test_what_is_said_of_colour_counts_before_the_environment(forum: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("assertion,event,source\nx,y,z\n", encoding="utf-8")
    for arguments in (["show", str(forum), "KR-KZ"], ["import", str(forum), str(bad)]):
        for color, environment, shows in (
            ("never", {"FORCE_COLOR": "1"}, False),
            ("always", {"NO_COLOR": "1"}, True),
            ("always", {"TERM": "dumb"}, True),
            ("auto", {"FORCE_COLOR": "1"}, True),
            ("auto", {"NO_COLOR": "1"}, False),
        ):
            settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm"}
            settings |= environment
            done = subprocess.run(
                [sys.executable, "-m", "coop_ledger", "--color", color, *arguments],
                capture_output=True, text=True, env=settings, timeout=120,
            )  # fmt: skip
            assert ("\x1b[" in done.stdout + done.stderr) == shows, (arguments, color, environment)


@pytest.mark.parametrize("command", ["log", "demo", "show"])
def test_a_closed_pipe_is_quiet_and_no_failure(forum: Path, command: str) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subject = ["KR-KZ"] if command == "show" else []
    read, write = os.pipe()
    os.close(read)  # the reader is gone before the first line
    try:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "coop_ledger", command, str(forum), *subject],
            stdout=write, stderr=subprocess.PIPE, text=True, env=settings, timeout=120,
        )  # fmt: skip
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["log", "demo", "show", "--help"])
def test_an_output_that_takes_no_more_is_said_in_one_line(forum: Path, command: str) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    arguments = {"--help": [], "show": [str(forum), "KR-KZ"]}.get(command, [str(forum)])
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "coop_ledger", command, *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, env=settings, timeout=120,
        )  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "Error: the output could not be written")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["log"], ["show", "KR-KZ"], ["show", "initiative:nowhere"]])
def test_a_terminal_of_few_letters_is_no_reason_to_stop(forum: Path, arguments: list[str]) -> None:
    done = run(arguments[0], str(forum), *arguments[1:], PYTHONIOENCODING="ascii")
    assert done.returncode == (4 if "initiative:nowhere" in arguments else 0)
    assert "Error" not in done.stdout
    assert "Traceback" not in done.stderr
    assert (done.stdout + done.stderr).isascii()


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ImportError('no click', name='click')", encoding="utf-8")
    done = run("log", "x.db", PYTHONPATH=f"{tmp_path}:{ROOT / 'src'}")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "in a checkout of coop_ledger, run: pip install '.[cli]'" in done.stderr


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
        "import sys, signal, coop_ledger.cli as cli, coop_ledger.cli.verbs.reading as reading\n"
        "def interrupted(*_): signal.raise_signal(signal.SIGINT)\n"
        "reading.log_lines = interrupted\n"
        f"sys.argv = ['coop-ledger', 'log', {str(forum)!r}]\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=settings)
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr


def test_an_interrupt_before_the_command_is_loaded_has_its_code(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    done = run("log", "x.db", PYTHONPATH=f"{tmp_path}:{ROOT / 'src'}")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
