"""
Calls under watch: whether a function that must be pure reads a clock, draws, or reaches for the world outside.

Knows no projection. It hears of every function that is called, also of those in C, from the interpreter's profiling
hook. What C code calls in turn it does not hear (``map(time.time, …)``, a class in C that looks at the clock); a
``functools.partial`` of such a function is taken for called where a function that is called names it.
"""

from __future__ import annotations

import datetime
import gc
import os
import random
import subprocess
import sys
import sysconfig
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any, Final, TypeVar

__all__ = ["watched"]

T = TypeVar("T")

_CLOCKS: Final = (
    "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
    "process_time_ns", "thread_time", "thread_time_ns", "clock_gettime", "clock_gettime_ns", "localtime", "gmtime",
    "ctime", "asctime", "strftime", "sleep",
)  # fmt: skip
_OUTSIDE: Final = ("open", "listdir", "scandir", "stat", "getcwd", "getpid", "system", "fork", "urandom", "getrandom")
_FUNCTIONS: Final[dict[object, str]] = {
    **{getattr(time, name): f"time.{name}" for name in _CLOCKS if hasattr(time, name)},
    **{getattr(os, name): f"os.{name}" for name in _OUTSIDE if hasattr(os, name)},
    open: "open",
    input: "input",
}
_CODES: Final[dict[CodeType, str]] = {
    type(os.environ).__getitem__.__code__: "os.environ",
    os.getenv.__code__: "os.getenv",
    subprocess.Popen.__init__.__code__: "subprocess.Popen",
    uuid.uuid1.__code__: "uuid.uuid1",
    random.Random.seed.__code__: "random.Random",
}
_TODAY: Final = ("now", "utcnow", "today")
_LIBRARY: Final = (sysconfig.get_path("stdlib"), "<frozen")
_shared_random: Final = random.random.__self__  # type: ignore[attr-defined]  # a bound method; the stubs say a function


def _name(function: Any) -> str | None:
    """What a function in C is called, if a pure function must not call it."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, datetime.date):
        return f"{owner.__name__}.{function.__name__}" if function.__name__ in _TODAY else None
    if owner is _shared_random:
        return f"random.{function.__name__}"
    return _FUNCTIONS.get(function) if isinstance(function, BuiltinFunctionType) else None


def _called(frame: FrameType) -> Iterator[str]:
    """What a function in Python is called, if a pure function must not call it; and what it keeps of such functions."""
    code = frame.f_code
    if code in _CODES and (code is not random.Random.seed.__code__ or frame.f_locals["a"] is None):
        yield _CODES[code]
    if not code.co_filename.startswith(_LIBRARY):
        for name in code.co_names:
            kept = frame.f_globals.get(name)
            name_of_kept = _name(kept.func) if isinstance(kept, partial) else None
            if name_of_kept is not None:
                yield f"{name_of_kept}, kept as {name}"


def _place(frame: FrameType) -> str:
    """Where a call stands: the innermost line that is not the standard library's."""
    found: FrameType | None = frame
    while found is not None and found.f_code.co_filename.startswith(_LIBRARY):
        found = found.f_back
    found = found or frame
    return f"{Path(found.f_code.co_filename).name}, line {found.f_lineno}"


def watched(call: Callable[..., T], *given: Any) -> tuple[T, list[str]]:
    """
    What a call gives, and which functions it called that a pure function must not call, each with its place.

    Args:
        call: The function.
        given: Its arguments.
    """
    heard: list[str] = []

    def hear(frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            heard.extend(f"{name} ({_place(frame)})" for name in _called(frame))
        elif event == "c_call" and (name := _name(function)) is not None:
            heard.append(f"{name} ({_place(frame)})")

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # others have themselves called when rubbish is collected, and look at the clock
    sys.setprofile(hear)
    try:
        return call(*given), heard
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
