"""The verb verify with a policy: options, exit codes, what a newcomer is told."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.cli.verify import run_verify
from tests.attacks.signed import grow, note_of, policy_text
from tests.attacks.tools import honest
from tests.shared import ROOT


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A folder with a ledger, a bundle of it, a policy and two checkpoints, one with too few witnesses."""
    ledger = honest(tmp_path / "ledger.db")
    (tmp_path / "policy").write_text(policy_text())
    now = int(datetime.now(UTC).timestamp())
    (tmp_path / "note").write_bytes(note_of(ledger, "one", "two", at=now))
    (tmp_path / "few").write_bytes(note_of(ledger, "one", at=now))
    with Ledger.open(ledger, readonly=True) as opened:
        opened.export(tmp_path / "ledger.jsonl", checkpoint=(tmp_path / "note").read_bytes())
    return tmp_path


def test_witnessed(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--policy", f"{case}/policy", "--max-age", "1h", "--delay", "1d", "--skew", "60s"]
    assert run_verify([f"{case}/ledger.db", "--checkpoint", f"{case}/note", *options]) == 0
    assert run_verify([f"{case}/ledger.jsonl", *options]) == 0
    assert capsys.readouterr().out.count("WITNESSED 2/3") == 2
    both = ["--checkpoint", f"{case}/few", "--checkpoint", f"{case}/note"]
    assert run_verify([f"{case}/ledger.db", *both, "--policy", f"{case}/policy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signed"]["of"] == 3


def test_stale_says_what_to_do(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [f"{case}/ledger.db", "--checkpoint", f"{case}/note", "--policy", f"{case}/policy"]
    grow(case / "ledger.db", 60)
    assert run_verify(arguments) == 11
    told = capsys.readouterr().out
    assert "What to do next" in told


def test_too_few_witnesses_are_never_accepted(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [f"{case}/ledger.db", "--accept", "self-consistent"]
    assert run_verify(arguments) == 0
    assert run_verify([*arguments, "--checkpoint", f"{case}/few", "--policy", f"{case}/policy"]) == 10
    told = capsys.readouterr().out
    assert "T45" in told
    assert "That is why the exit code is not 0." in told


def test_without_the_extra_it_says_what_to_install(case: Path) -> None:
    arguments = [f"{case}/ledger.db", "--checkpoint", f"{case}/note", "--policy", f"{case}/policy"]
    code = "import sys; sys.modules['cryptography'] = None; from coop_ledger.cli.verify import run_verify; "
    done = subprocess.run(
        [sys.executable, "-c", f"{code}sys.exit(run_verify({arguments!r}))"],
        env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 20
    assert done.stdout.startswith("UNDECIDED")
    for part in (
        "the extra sign is not installed",
        "to do    in a checkout of coop_ledger, run: pip install '.[sign]'",
    ):
        assert part in done.stdout
    assert "later version" not in done.stdout


def test_evidence(case: Path) -> None:
    other = honest(case / "other.db", origin="other.example/1")
    arguments = [str(other), "--checkpoint", f"{case}/note", "--policy", f"{case}/policy"]
    assert run_verify([*arguments, "--evidence", f"{case}/kept"]) == 30
    assert len(list((case / "kept").iterdir())) == 1


@pytest.mark.parametrize(
    "options", [["--max-age", "1h"], ["--policy", "missing"], ["--policy", "policy", "--skew", "5"], ["--delay", "١d"]]
)
def test_wrong_options(case: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verify([f"{case}/ledger.db", *(str(case / one) if one == "policy" else one for one in options)]) == 2
    assert "rror" in capsys.readouterr().err


def test_a_key_of_an_unknown_kind_is_undecided(case: Path) -> None:
    (case / "policy").write_text("log example.org/log+29cf2b6e+BwABAgM=\nquorum none\n")
    assert run_verify([f"{case}/ledger.db", "--policy", f"{case}/policy"]) == 20
