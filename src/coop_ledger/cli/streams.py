"""
The three standard streams as commands need them: there, though the caller closed one; words never stop a command.

Works without click, as ``verify`` does. Knows no verb.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

__all__ = ["drop_output", "steady", "while_read"]

_MODES: Final = {"stdin": "r", "stdout": "w", "stderr": "w"}


class _Words(io.TextIOWrapper):
    """The standard error, where what nobody can read is no reason to stop: the answer and its exit code count."""

    def __init__(self, before: io.TextIOWrapper) -> None:
        super().__init__(before.buffer, before.encoding, "backslashreplace", line_buffering=True)
        self._before = before  # were it freed, it would close what it writes to

    def write(self, text: str) -> int:
        """Write a text, if anybody takes it."""
        try:
            return super().write(text)
        except OSError:
            _drop(self)
            return len(text)

    def flush(self) -> None:
        """Write what waits, if anybody takes it."""
        try:
            super().flush()
        except OSError:
            _drop(self)


def steady() -> None:
    """
    Make the standard streams ready, once, before anything is opened.

    One that the caller closed leads nowhere; a letter that a terminal has not is spelled out.
    """
    for name, mode in _MODES.items():  # in the order of their numbers: each takes the lowest that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - lasts as the process does
    stdout: Any = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _Words(sys.stderr)


def drop_output() -> None:
    """Let what is not written yet go nowhere, so that the end of the process does not try again."""
    _drop(sys.stdout)


def _drop(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def while_read() -> Iterator[None]:
    """Write an answer as long as somebody reads it: that the reader has read enough changes no exit code."""
    try:
        yield
    except BrokenPipeError:
        drop_output()
