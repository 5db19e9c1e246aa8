"""The verb ``verify`` through real processes: with the core alone and as a command; exit codes, JSON, bad arguments."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.log import Checkpoint, format_checkpoint
from tests.attacks.tools import attacked, copy_of, honest, rewrite, root_of_file, settle
from tests.shared import ROOT

ALONE = "import sys; sys.modules['click'] = sys.modules['rich'] = None; from coop_ledger.cli import main; main()"


def run(*arguments: str | Path, alone: bool = False, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    how = ["-c", ALONE] if alone else ["-m", "coop_ledger"]
    command = [sys.executable, "-W", "error", *how, *map(str, arguments)]
    settings: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(command, text=True, env=environment, timeout=120, check=False, **settings)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest(tmp_path_factory.mktemp("verify") / "ledger.db")


@pytest.fixture(scope="module")
def checkpoint(ledger: Path) -> Path:
    path = ledger.with_name("checkpoint.txt")
    path.write_text(format_checkpoint(Checkpoint(*root_of_file(ledger))), encoding="utf-8")
    return path


@pytest.mark.parametrize("alone", [False, True])
def test_an_untouched_file_is_explained(ledger: Path, alone: bool) -> None:
    done = run("verify", ledger, alone=alone)
    assert (done.returncode, done.stderr) == (10, "")
    assert done.stdout.startswith(f"SELF-CONSISTENT: {ledger}: ")
    assert "That is why the exit code is 10 and not 0." in done.stdout


def test_both_ways_to_the_verb_say_the_same(ledger: Path) -> None:
    direct = run("verify", ledger, "--quick")
    command = run("--color", "never", "verify", "--quick", ledger)
    assert (direct.returncode, direct.stdout) == (command.returncode, command.stdout) == (10, direct.stdout)
    assert "verify" in run("--help").stdout


@pytest.mark.parametrize("alone", [False, True])
def test_help_tells_what_the_exit_codes_mean(alone: bool) -> None:
    done = run("verify", "--help", alone=alone)
    assert done.returncode == 0
    for words in ("--checkpoint", "--quick", "--json", "--accept", "SELF-CONSISTENT", "UNREADABLE", "50"):
        assert words in done.stdout


def test_a_checkpoint_makes_the_exit_code_0(ledger: Path, checkpoint: Path) -> None:
    done = run("verify", ledger, "--checkpoint", checkpoint, alone=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ANCHORED: ")


def test_the_three_lines_may_be_pasted_from_the_report(ledger: Path, tmp_path: Path) -> None:
    told = run("verify", ledger).stdout.split("keep these three lines")[1].splitlines()[1:4]
    pasted = tmp_path / "pasted.txt"
    for last in ("\n", ""):
        pasted.write_bytes(("\n".join(told) + last).encode())
        assert run("verify", ledger, "--checkpoint", pasted).returncode == 0


@pytest.mark.parametrize("end", ["\r\n", " \n", "\t\n", "\n\n"])
def test_another_spelling_of_the_three_lines_is_no_checkpoint(
    ledger: Path, checkpoint: Path, tmp_path: Path, end: str
) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(checkpoint.read_bytes().replace(b"\n", end.encode()))
    done = run("verify", ledger, "--checkpoint", other)
    assert (done.returncode, "each ended by a line feed alone" in done.stderr) == (2, True)


def test_accepting_what_is_consistent_in_itself(ledger: Path) -> None:
    done = run("verify", ledger, "--accept", "self-consistent")
    assert done.returncode == 0
    assert done.stdout.startswith("SELF-CONSISTENT: ")
    assert "The exit code is 0 and not 10, because you accept that (--accept self-consistent)." in done.stdout
    assert "10 and not 0" not in done.stdout
    assert "makes the exit code 0" not in done.stdout
    done = run("verify", "--accept=self-consistent", "--json", ledger)
    plain = json.loads(done.stdout)
    assert (done.returncode, plain["exit_code"], plain["accepted"]) == (0, 0, True)


def test_accepting_changes_no_word_of_another_verdict(ledger: Path, checkpoint: Path) -> None:
    anchored: list[str | Path] = ["verify", ledger, "--checkpoint", checkpoint]
    told, accepted = run(*anchored), run(*anchored, "--accept", "self-consistent")
    assert (accepted.returncode, accepted.stdout) == (0, told.stdout)
    nothing: list[str | Path] = ["verify", ledger.parent / "nowhere.db"]
    assert run(*nothing, "--accept", "self-consistent").stdout == run(*nothing).stdout


def test_accepting_it_accepts_nothing_worse(ledger: Path, tmp_path: Path) -> None:
    path = copy_of(ledger, tmp_path / "edited.db")
    with attacked(path) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
    done = run("verify", path, "--accept", "self-consistent")
    assert done.returncode == 40
    assert "T02" in done.stdout
    with attacked(path) as db:
        rewrite(db, 3, lambda leaf: leaf.update(version=9))
        settle(db)
    assert run("verify", path, "--accept", "self-consistent").returncode == 20


def test_another_history(ledger: Path, checkpoint: Path, tmp_path: Path) -> None:
    path = copy_of(ledger, tmp_path / "edited.db")
    with attacked(path) as db:
        rewrite(db, 3, lambda leaf: leaf.update(recorder="other"))
        settle(db)
    done = run("verify", path, "--checkpoint", checkpoint)
    assert done.returncode == 30
    assert done.stdout.startswith("DIVERGED: ")


@pytest.mark.parametrize("name", ["nowhere.db", "."])
def test_what_cannot_be_read(ledger: Path, name: str) -> None:
    done = run("verify", ledger.parent / name, alone=True)
    assert (done.returncode, done.stderr) == (50, "")
    assert done.stdout.startswith("UNREADABLE: ")


def test_json_is_for_programs(ledger: Path) -> None:
    done = run("verify", ledger, "--json", alone=True)
    plain = json.loads(done.stdout)
    assert (plain["schema"], plain["verdict"], plain["exit_code"], done.returncode) == (1, "SELF-CONSISTENT", 10, 10)


@pytest.mark.parametrize("wrong", [["--nothing"], [], ["--accept", "anything"], ["a", "b"], ["--quic", "a"]])
@pytest.mark.parametrize("alone", [False, True])
def test_wrong_options(wrong: list[str], alone: bool) -> None:
    done = run("verify", *wrong, alone=alone)
    assert done.returncode == 2
    assert "usage: coop-ledger verify" in done.stderr


@pytest.mark.parametrize("text", [None, "", "no checkpoint\n", "a\n1\nb\n"])
def test_a_checkpoint_that_is_none(ledger: Path, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "kept.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    done = run("verify", ledger, "--checkpoint", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")


def test_an_empty_name(ledger: Path) -> None:
    assert run("verify", "").returncode in (2, 50)


def test_a_reader_that_has_read_enough(ledger: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run("verify", ledger, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (10, "")


def test_a_full_disk_behind_the_output(ledger: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("verify", ledger, stdout=full)
    assert done.returncode == 2
    assert "the output could not be written" in done.stderr


def test_a_terminal_of_few_letters(ledger: Path, tmp_path: Path) -> None:
    path = copy_of(ledger, tmp_path / "späť.db")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "coop_ledger", "verify", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 10
    assert "sp\\xe4\\u0165.db" in done.stdout


def test_what_verify_refuses_is_said_in_three_lines(tmp_path: Path) -> None:
    missing = tmp_path / "kept\x1b[31m"
    done = run("verify", str(tmp_path), "--checkpoint", str(missing))
    assert (done.returncode, done.stdout) == (2, "")
    where = str(missing).replace("\x1b", "\\x1b")
    assert done.stderr == (
        f"Error: the checkpoint cannot be read ({where})\n  found No such file or directory\n  check the path\n"
    )


@pytest.mark.parametrize("alone", [False, True])
def test_findings_go_to_programs_and_spreadsheets(ledger: Path, tmp_path: Path, alone: bool) -> None:
    whole = run("verify", ledger, "--format", "ndjson", alone=alone)
    assert whole.returncode == 10
    (line,) = whole.stdout.splitlines()
    assert json.loads(line) == json.loads(run("verify", ledger, "--format", "json").stdout)
    none = run("verify", ledger, "--format", "csv", alone=alone)
    assert (none.returncode, list(csv.reader(io.StringIO(none.stdout)))[1:]) == (10, [])
    broken = copy_of(ledger, tmp_path / "broken.db")
    with attacked(broken) as connection:
        rewrite(connection, 3, lambda plain: plain.update(recorder="=HYPERLINK(1)"))
        connection.execute('CREATE TABLE "=1+1" (x)')
    done = run("verify", broken, "--format", "csv", alone=alone)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert (done.returncode, done.stderr) == (40, "")
    assert "'=1+1" in {cell for row in rows for cell in row.values()}
    found = json.loads(run("verify", broken, "--format", "json").stdout)["findings"]
    assert [row["code"] for row in rows] == [finding["code"] for finding in found]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that is worth workers."""
    path = tmp_path_factory.mktemp("large") / "large.db"
    claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))
    with Ledger.open(path, origin="verify.example/1") as ledger:
        ledger.record(*[claim] * 1_100)
    return path


def test_workers_make_the_same_report(large: Path, tmp_path: Path) -> None:
    with attacked(copy_of(large, tmp_path / "spoiled.db")) as connection:
        rewrite(connection, 1_000, lambda leaf: leaf.update(recorder="another"))
    for path, code in ((large, 10), (tmp_path / "spoiled.db", 40)):
        alone, shared = run("verify", path, "--json"), run("verify", path, "--json", "--workers", "2")
        assert (shared.returncode, shared.stderr, shared.stdout) == (code, "", alone.stdout)


@pytest.mark.parametrize("count", ["0", "-1", "62", "two", "1.5", "", "9" * 5_000])
def test_a_number_of_workers_is_one(ledger: Path, count: str) -> None:
    done = run("verify", ledger, f"--workers={count}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "a number of processes is 1 to 61, not " in done.stderr


def test_one_process_with_limits_has_no_workers(ledger: Path) -> None:
    done = run("verify", ledger, "--limited", "--workers", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert "leave out limited, or executor" in done.stderr
