"""A command at a terminal: its prompts are answered as a person answers them."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.shared import ROOT

__all__ = ["Typed", "typed"]


class Typed(NamedTuple):
    """What a terminal showed, both streams mixed, and the exit code."""

    returncode: int
    screen: str


def typed(arguments: Sequence[str], answers: Sequence[tuple[str, str]] = (), **environment: str) -> Typed:
    """
    Run a command at a terminal.

    Args:
        arguments: Its arguments.
        answers: What to wait for on the screen, and what to type then, in order.
        environment: Variables of the environment.
    """
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "dumb", "COLUMNS": "120", **environment}
    process, terminal = pty.fork()
    if process == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background has it ignored
        os.execve(sys.executable, [sys.executable, "-m", "coop_ledger", *arguments], settings)
    screen, waiting, seen, end = "", list(answers), 0, time.monotonic() + 30
    while time.monotonic() < end:
        if waiting and waiting[0][0] in screen[seen:]:
            seen = screen.index(waiting[0][0], seen) + len(waiting[0][0])  # what is waited for next may stand behind it
            time.sleep(0.1)  # readline misses a Ctrl-C that comes before it waits
            os.write(terminal, waiting.pop(0)[1].encode())
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(terminal, 65_536)
        except OSError:  # Linux says so when the other side has gone
            break
        if not chunk:
            break
        screen += chunk.decode(errors="replace")
    else:  # it waits for what nobody types
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    return Typed(os.waitstatus_to_exitcode(status), screen.replace("\r\n", "\n"))
