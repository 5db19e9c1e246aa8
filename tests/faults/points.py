"""
Fail points without a switch in the code that is tested: the lines that a piece of work comes to (decision 0022).

A point is named by where it stands and by what the line says, so that a test can ask for one and a person can read it.
A line counts when it is about to run for the first time, and once more when its function is about to return.
"""

from __future__ import annotations

import contextlib
import linecache
import os
import signal
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.shared import ROOT

__all__ = ["die_at", "passing", "points_of"]

_OURS = (str(ROOT / "src" / "coop_ledger") + os.sep, str(ROOT / "tests" / "faults") + os.sep, contextlib.__file__)
"""Whose lines are points: the package, what is broken on purpose, and what stands between ``with`` and both."""


@cache
def _name(code: CodeType, line: int) -> str:
    text = linecache.getline(code.co_filename, line).strip()
    return f"{os.path.relpath(code.co_filename, ROOT).removesuffix('.py')}.{code.co_name}:{line}: {text}"


def passing(work: Callable[[], None], at: Callable[[str], None]) -> None:
    """
    Do a piece of work, and call *at* with each point, before what stands there happens.

    Whatever *at* raises is raised in the work, at that point.
    """
    seen = set[tuple[CodeType, int, str]]()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        place = (frame.f_code, frame.f_lineno, event)
        if event in ("line", "return") and place not in seen:
            seen.add(place)
            name = _name(frame.f_code, frame.f_lineno)
            at(f"{name} (returns)" if event == "return" else name)
        return local

    def entered(frame: FrameType, *_: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(_OURS) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        work()
    finally:
        sys.settrace(before)


def points_of(work: Callable[[], None], folder: Path) -> list[str]:
    """
    Do a piece of work, and give its points in the order in which it comes to them.

    One that finds the files of *folder* as the point before did begins with "=": to be killed there leaves the same.
    """
    points, before = list[str](), dict[str, tuple[int, int, int]]()

    def at(name: str) -> None:
        nonlocal before
        now = _files(folder)
        points.append(f"={name}" if now == before else name)
        before = now

    passing(work, at)
    return points


def _files(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = dict[str, tuple[int, int, int]]()
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            found[str(path)] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return found


def die_at(work: Callable[[], None], point: str) -> None:
    """
    Do a piece of work, and be killed at a point of it.

    Args:
        work: What is done.
        point: The first point whose name has this in it; after ">", the first one behind that.
    """
    wanted, passed = point.removeprefix(">"), False

    def at(name: str) -> None:
        nonlocal passed
        if passed or (wanted in name and not point.startswith(">")):
            os.kill(os.getpid(), signal.SIGKILL)
        passed = wanted in name

    passing(work, at)
