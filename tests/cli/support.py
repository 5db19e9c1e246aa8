"""The command line as people run it: in a process of its own."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

from tests.cli.warm import Warm
from tests.shared import ROOT

__all__ = ["Session", "asked", "run"]


_FROM_THE_START = ("PYTHON", "LC_", "LANG")
"""What an interpreter looks at when it starts, and not again."""


@cache
def _warm() -> Warm:
    warm = Warm()
    atexit.register(warm.close)
    return warm


def run(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a command answers, without a terminal."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220", **environment}
    settings.pop("FORCE_COLOR", None)
    if not any(name.startswith(_FROM_THE_START) for name in environment):
        return _warm()(*arguments, stdin=stdin, environment=settings)
    command = [sys.executable, "-W", "error", "-m", "coop_ledger", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=settings, timeout=120, input=stdin)


def asked(*arguments: str) -> dict[str, Any]:
    """The JSON of a command that answers."""
    done = run(*arguments, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "") or not json.loads(done.stdout)["items"], done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["schema"] == 1
    return found


_SESSION = """
import io, json, sys
from coop_ledger.cli import main
for line in sys.stdin:
    sys.argv = json.loads(line)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "12")
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    answer = [code, *(one.buffer.getvalue().decode() for one in (sys.stdout, sys.stderr))]
    print(json.dumps(answer), file=sys.__stdout__, flush=True)
"""


class Session:
    """Commands one after the other in one process: where many of them are tried, it is ten times as quick."""

    def __init__(self) -> None:
        settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "220"}
        settings.pop("FORCE_COLOR", None)
        settings.pop("COOP_LEDGER", None)
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _SESSION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=settings,
        )  # fmt: skip

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(["coop-ledger", *arguments]) + "\n")
        self._process.stdin.flush()
        code, out, err = json.loads(self._process.stdout.readline())
        return code, out, err

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)
