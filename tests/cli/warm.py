"""
Commands in processes of their own that need not start: children of a warm process that has loaded the command line.

The child gets arguments, environment, folder and three files, and goes on as ``python -W error -m coop_ledger`` would:
its streams are made anew, its code is that of an interpreter, and nothing that it does is seen by the next one.
"""

from __future__ import annotations

import atexit
import os
import pkgutil
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any, NoReturn

import coop_ledger.cli as package
import coverage
from tests.faults.nest import Line, Nest

__all__ = ["answered"]

_LONGEST_S = 120.0
_STREAMS = {"stdin": os.O_RDONLY, "stdout": os.O_WRONLY, "stderr": os.O_WRONLY}
_BESIDE = ("coop_ledger.signing", "coop_ledger.witnessing", "coop_ledger.interchange", "rich.progress")


@cache
def _nest() -> Nest:
    verbs = (module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    nest = Nest(*verbs, *_BESIDE)
    atexit.register(nest.close)
    return nest


def answered(*arguments: str, stdin: str | None, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What a command answers; without *stdin* there is nothing to read."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in _STREAMS]
        for file in files:
            file.touch()
        files[0].write_text(stdin or "", encoding="utf-8")
        child = _nest().start(command, arguments, environment, str(Path.cwd()), list(map(str, files)))
        timer = Timer(_LONGEST_S, child.kill)
        timer.start()
        child.rest()
        code = child.wait()
        timer.cancel()
        out, err = (file.read_text(encoding="utf-8") for file in files[1:])
        return subprocess.CompletedProcess(arguments, code, out, err)


def command(_: Line, arguments: list[str], environment: dict[str, str], folder: str, files: list[str]) -> NoReturn:
    """The work of a child: be a process that was started for one command."""
    code: Any = 1
    measured = None
    try:
        for number, (file, flags) in enumerate(zip(files, _STREAMS.values(), strict=True)):
            os.dup2(os.open(file, flags), number)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.argv = ["coop-ledger", *arguments]
        measured = coverage.process_startup()
        package.main()
    except SystemExit as stop:
        code = stop.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if measured is not None:
            measured.stop()
            measured.save()
        os._exit(code)  # to take the warm process's modules apart would take longer than the command
