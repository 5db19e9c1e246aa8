"""Completion in a real bash: verbs, options, values, and files where a file is meant."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import run
from tests.shared import ROOT

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")

_TYPED = """
eval "$(coop-ledger completion bash)"
compopt() { FILES=yes; }
while read -r -a words; do
  COMP_WORDS=("${words[@]/%-empty/}"); COMP_CWORD=$((${#words[@]} - 1)); COMPREPLY=(); FILES=
  _coop_ledger_completion coop-ledger
  echo "${COMPREPLY[*]}${FILES:+ files}"
done
"""

CASES = {
    "coop-ledger c": "checkpoint check completion",
    "coop-ledger ver": "verify",
    "coop-ledger --": "--color --version --help",
    "coop-ledger log fo": "files",
    "coop-ledger log forum.db --pub": "--published",
    "coop-ledger log forum.db --format -empty": "table json ndjson csv",
    "coop-ledger checkpoint -empty": "files",
    "coop-ledger check --le": "--leaf",
    "coop-ledger witness a": "add answer",
    "coop-ledger verify fo": "files",
    "coop-ledger verify --p": "--policy",
    "coop-ledger completion f": "fish",
    "coop-ledger record fo": "files",
    "coop-ledger record -empty": "files",
    "coop-ledger record forum.db institution.o": "institution.opened institution.office-taken institution.office-left",
    "coop-ledger record institution.op": "institution.opened",
    "coop-ledger record forum.db institution.opened --inst": "--institution",
    "coop-ledger record forum.db institution.opened --source-kind -empty": "primary agency press reprint tertiary",
    "coop-ledger record forum.db meeting.held --level m": "minister",
}


def test_bash_completes_verbs_options_values_and_files(tmp_path: Path) -> None:
    program = tmp_path / "coop-ledger"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m coop_ledger "$@"\n')
    program.chmod(0o755)
    settings = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        ["bash", "-c", _TYPED], input="\n".join(CASES) + "\n", capture_output=True, text=True, env=settings, timeout=120
    )
    assert done.stderr == ""
    found = dict(zip(CASES, done.stdout.splitlines(), strict=True))
    for typed, expected in CASES.items():
        assert set(expected.split()) <= set(found[typed].split()), (typed, found[typed])
        assert "files" in expected or "files" not in found[typed].split(), typed


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_served(shell: str) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_COOP_LEDGER_COMPLETE={shell}_complete" in done.stdout


def test_a_shell_that_is_not_served_is_refused() -> None:
    done = run("completion", "csh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'bash', 'zsh', 'fish'" in done.stderr
