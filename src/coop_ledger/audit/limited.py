"""
An examination in a process of its own, with limits of memory and time: what a hostile file does there ends there.

Knows no file and no rule: it hands the request over, waits, and reads the report that comes back as data, never as
code. Whatever becomes of the process, there is a report. Source: audit.md §7.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from coop_ledger.audit.findings import Finding, Verdict
from coop_ledger.audit.report import Report
from coop_ledger.errors import CoopLedgerError, InvalidValueError

__all__ = ["examine_limited", "serve"]

_MEMORY: Final = 1 << 30
"""Bytes of address space; an examination of a million entries needs a quarter of it, libraries included."""

_SECONDS: Final = 120
_BYTES_A_SECOND: Final = 50_000
_FOLDER_SECONDS: Final = 3_600
"""Seconds of the processor: two minutes, and one for each so many bytes; an hour for a folder."""

_PATIENCE: Final = 120
"""Seconds that are waited beyond twice those of the processor: others may keep file or computer busy."""

_FILES: Final = 64
_LONGEST_REPORT: Final = 1 << 22

_NO_LIMITS, _NO_MEMORY = 77, 78
"""Exit codes of the process: limits did not take; memory was not enough."""

_CODE: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from coop_ledger.audit.limited import serve; serve()"
)


def examine_limited(path: Path, **request: Any) -> Report:
    """
    Have ``verify`` run in a process of its own.

    Args:
        path: What is examined.
        request: The other arguments of ``verify``, checked before; they are taken over as they are.

    Returns:
        Its report; if it ended without one, a report that says so, UNREADABLE.

    Raises:
        InvalidValueError: This system sets no such limits, or starts no such process.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="coop-ledger-limited-") as name:
            return _examine(path, Path(name), request)
    except OSError as error:
        raise _impossible(error.strerror or str(error)) from error


def _impossible(found: str) -> InvalidValueError:
    return InvalidValueError(
        "no process with limits can be had here", where="limited", found=found, hint="verify without limited"
    )


def _examine(path: Path, folder: Path, request: dict[str, Any]) -> Report:
    seconds = _allowed_seconds(path)
    asked, answer = folder / "request", folder / "report"
    # towards the process only: what comes back is read as JSON
    asked.write_bytes(pickle.dumps({"memory": _MEMORY, "seconds": seconds, "path": str(path), **request}))
    command = [sys.executable, "-I", "-c", _CODE, json.dumps(sys.path)]
    environment = {**os.environ, "TMPDIR": name} if (name := _private(folder)) else {}
    with asked.open("rb") as given, answer.open("wb") as taken:
        process = subprocess.Popen(
            command, stdin=given, stdout=taken, stderr=subprocess.DEVNULL, env=environment, close_fds=True
        )
        try:
            code: int | None = process.wait(2 * seconds + _PATIENCE)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            process.kill()
            process.wait()
    if code == _NO_LIMITS:
        raise _impossible("limits that did not take")
    if code == 0:
        with answer.open("rb") as file:
            data = file.read(_LONGEST_REPORT + 1)
        try:
            return Report.from_json(data)
        except (CoopLedgerError, ValueError):
            code = 1
    return _without(path, request, code, seconds)


def _private(folder: Path) -> str:
    """A place for the private copies of the process; what it leaves when it is ended goes with the folder."""
    place = folder / "copies"
    place.mkdir(mode=0o700)
    return str(place)


def _allowed_seconds(path: Path) -> int:
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return _SECONDS
    return _FOLDER_SECONDS if stat.S_ISDIR(found.st_mode) else _SECONDS + min(found.st_size, 1 << 40) // _BYTES_A_SECOND


def _without(path: Path, request: dict[str, Any], code: int | None, seconds: int) -> Report:
    """What is said of a file whose examination ended without a report."""
    expected = found = None
    if code is None or code in (-signal.SIGXCPU, -signal.SIGKILL):
        number, what, expected = "T28", "the examination took longer than it may", f"at most {seconds} seconds"
    elif code == _NO_MEMORY:
        number, what, expected = "T59", "the examination needs more memory than it may have", f"at most {_MEMORY} bytes"
    else:
        number, what = "T36", "the process that examined the file ended without a report"
        found = signal.Signals(-code).name if -code in {int(one) for one in signal.Signals} else f"exit code {code}"
    finding = Finding(number, what, None, None, expected, found, verdict=Verdict.UNREADABLE)
    unchecked = ("everything: the process that looked at it is gone, and what it saw with it",)
    return Report(str(path), Verdict.UNREADABLE, bool(request.get("quick")), findings=(finding,), unchecked=unchecked)


def serve() -> None:
    """The other side: take limits, examine what standard input asks for, write the report to standard output."""
    request = pickle.load(sys.stdin.buffer)  # from the process that started this one, before any file is read
    memory, seconds = request.pop("memory"), request.pop("seconds")
    try:
        _take_limits(memory, seconds)
    except (ImportError, OSError, ValueError):
        os._exit(_NO_LIMITS)
    try:
        _answer(request)
    except MemoryError:
        os._exit(_NO_MEMORY)


def _take_limits(memory: int, seconds: int) -> None:
    """Set the limits, or lower ones that hold already, and read them back."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
        if resource.getrlimit(kind) != (most, most):
            raise ValueError("a limit did not take")


def _answer(request: dict[str, Any]) -> None:
    from coop_ledger.audit.verification import verify

    examine: Callable[..., Report] = verify
    report = examine(request.pop("path"), **request)
    sys.stdout.buffer.write(report.as_json().encode("ascii"))
    sys.stdout.buffer.flush()
