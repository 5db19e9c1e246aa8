"""
Commands in processes of their own that need not start: a warm process has loaded the command line, and forks for each.

The child gets arguments, environment, folder and three files, and goes on as ``python -m coop_ledger`` would: its
streams are made anew, its code is that of an interpreter, and nothing that it does is seen by the next one.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import pkgutil
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

import coverage
from coop_ledger.cli import main as command
from tests.shared import ROOT

__all__ = ["Warm"]

_MESSAGE = 1_024
_LONGEST = 120.0


class Warm:
    """The warm process; ``close`` ends it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_LONGEST)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        environment = {**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-W", "error", "-m", "tests.cli.warm", str(number)]
            self._process = subprocess.Popen(command, pass_fds=[number], env=environment)

    def __call__(
        self, *arguments: str, stdin: str | None, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What a command answers; without *stdin* there is nothing to read."""
        order = {"arguments": arguments, "environment": environment, "folder": str(Path.cwd())}
        with TemporaryFile() as told, TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            for file, text in ((told, json.dumps(order)), (given, stdin or "")):
                file.write(text.encode())
                file.seek(0)
            socket.send_fds(self._control, [b"run"], [one.fileno() for one in (told, given, out, err)])
            code = int(self._control.recv(_MESSAGE))
            return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))

    def close(self) -> None:
        """End the warm process."""
        self._control.close()
        self._process.wait()


def _text(file: Any) -> str:
    file.seek(0)
    return io.TextIOWrapper(io.BytesIO(file.read()), "utf-8").read()


def _load() -> None:
    """Whatever a command may load."""
    import coop_ledger.cli as package

    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    for name in ("coop_ledger.signing", "coop_ledger.witnessing", "coop_ledger.interchange", "rich.progress"):
        importlib.import_module(name)


def _become(order: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be a process that was started for one command."""
    code: Any = 1
    measured = None
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.argv = ["coop-ledger", *order["arguments"]]
        measured = coverage.process_startup()
        command()
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


def main() -> None:
    """Fork a child for each command, until nobody sends any."""
    _load()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        while True:
            _, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, 4)
            if not descriptors:
                return
            with open(descriptors[0], encoding="utf-8") as told:
                order = json.load(told)
            pid = os.fork()
            if pid == 0:
                _become(order, descriptors[1:])
            for stream in descriptors[1:]:
                os.close(stream)
            _, status = os.waitpid(pid, 0)
            control.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    main()
