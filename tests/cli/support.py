"""The command line as people run it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tests.shared import ROOT

__all__ = ["asked", "run", "run_each"]


def run(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a command answers, without a terminal."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220", **environment}
    settings.pop("FORCE_COLOR", None)
    command = [sys.executable, "-W", "error", "-m", "coop_ledger", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=settings, timeout=120, input=stdin)


def asked(*arguments: str) -> dict[str, Any]:
    """The JSON of a command that answers."""
    done = run(*arguments, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "") or not json.loads(done.stdout)["items"], done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["schema"] == 1
    return found


_EACH = """
import io, json, sys
from coop_ledger.cli import main
answers = []
for sys.argv in json.load(sys.stdin):
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "12")
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    answers.append([code, *(one.buffer.getvalue().decode() for one in (sys.stdout, sys.stderr))])
json.dump(answers, sys.__stdout__)
"""


def run_each(commands: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of many commands, one after the other in one process: a table of them is quick."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220"}
    given = json.dumps([["coop-ledger", *command] for command in commands])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _EACH], capture_output=True, text=True, env=settings, input=given,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [(code, out, err) for code, out, err in json.loads(done.stdout)]
