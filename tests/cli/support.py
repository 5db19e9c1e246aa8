"""The command line as people run it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.cli.warm import answered
from tests.shared import ROOT

__all__ = ["asked", "run", "told"]


_FROM_THE_START = ("PYTHON", "LC_", "LANG")
"""What an interpreter looks at when it starts, and not again."""


def run(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a command answers, without a terminal."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220", **environment}
    settings.pop("FORCE_COLOR", None)
    if not any(name.startswith(_FROM_THE_START) for name in environment):
        return answered(*arguments, stdin=stdin, environment=settings)
    command = [sys.executable, "-W", "error", "-m", "coop_ledger", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=settings, timeout=120, input=stdin)


def told(*arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    done = run(*arguments)
    return done.returncode, done.stdout, done.stderr


def asked(*arguments: str) -> dict[str, Any]:
    """The JSON of a command that answers."""
    done = run(*arguments, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "") or not json.loads(done.stdout)["items"], done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["schema"] == 1
    return found
