"""
A warm process that has imported everything and opened nothing: each piece of work is done by a child forked from it.

A child costs milliseconds instead of the start of an interpreter, so that hundreds of them can be killed. It speaks
through a socket of its own, one line for each thing that it acknowledges: what stands in the socket outlives it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from tests.shared import ROOT

__all__ = ["Child", "Line", "Nest"]

_MESSAGE = 65_536
_FAILED = 70
"""How a child ends whose work raised."""


class Line:
    """The child's end of the socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._incoming = end.makefile("r", encoding="utf-8")

    def say(self, *words: object) -> None:
        """Acknowledge something: one line, whole or not at all."""
        self._end.sendall(f"{' '.join(map(str, words))}\n".encode())

    def wait(self) -> None:
        """Wait until the test says to go on; meanwhile say that one is there, if it asks."""
        while (heard := self._incoming.readline()) != "go\n":
            if not heard:
                raise EOFError("the test is gone")
            if heard == "there?\n":
                self.say("there")


class Child:
    """
    A child at work, as the test sees it.

    Args:
        nest: Whose child.
        pid: Its process.
        end: The test's end of the socket.
    """

    def __init__(self, nest: Nest, pid: int, end: socket.socket) -> None:
        self.pid = pid
        self._nest = nest
        self._end = end
        self._incoming = end.makefile("r", encoding="utf-8")
        self._code: int | None = None

    def hear(self) -> str:
        """The next line that it says; "" once it has said all and ended."""
        return self._incoming.readline().rstrip("\n")

    def say(self, line: str) -> None:
        """Send it a line: ``go`` ends its waiting."""
        self._end.sendall(f"{line}\n".encode())

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal; it may have ended already, but no other process can have its number yet."""
        if self._code is None:
            os.kill(self.pid, number)

    def rest(self) -> list[str]:
        """All lines that it said and nobody heard yet, once it has ended; the socket is closed then."""
        with self._end, self._incoming:
            return [line.rstrip("\n") for line in self._incoming]

    def wait(self) -> int:
        """How it ended: 0, 70 if its work raised, or minus the signal that killed it."""
        if self._code is None:
            self._code = self._nest.end_of(self.pid)
        return self._code

    def finished(self) -> list[str]:
        """What it said, of a child that must end well."""
        lines = self.rest()
        assert self.wait() == 0, lines
        return lines

    def killed(self, number: int = signal.SIGKILL) -> list[str]:
        """Kill it, and give what it had said."""
        self.kill(number)
        lines = self.rest()
        self.wait()
        return lines


class Nest:
    """
    The warm process; ``close`` ends it.

    Args:
        loaded: Modules that it imports at once, beside those of the work.
    """

    def __init__(self, *loaded: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "tests.faults.nest", str(number), *loaded],
                pass_fds=[number],
                env=environment,
            )

    def start(self, work: Callable[..., None], *arguments: Any) -> Child:
        """
        Have a child do a piece of work.

        Args:
            work: A function of a module; it gets a :class:`Line` first.
            arguments: What else it gets, as JSON can hold it.
        """
        ours, theirs = socket.socketpair()
        order = {"module": work.__module__, "name": work.__qualname__, "arguments": arguments}
        with theirs:
            socket.send_fds(self._control, [json.dumps(order).encode()], [theirs.fileno()])
        return Child(self, int(self._control.recv(_MESSAGE)), ours)

    def end_of(self, pid: int) -> int:
        """Wait until a child has ended; how it did."""
        self._control.send(json.dumps({"wait": pid}).encode())
        return int(self._control.recv(_MESSAGE))

    def close(self) -> None:
        """End the warm process; its children end when they say something that nobody hears."""
        self._control.close()
        self._process.wait()


def _do(order: dict[str, Any], end: socket.socket) -> None:
    """The life of a child."""
    code = _FAILED
    try:
        getattr(sys.modules[order["module"]], order["name"])(Line(end), *order["arguments"])
        code = 0
    except BaseException as error:
        traceback.print_exc()
        Line(end).say(f"raised {type(error).__name__}: {error}")
    finally:
        os._exit(code)  # nothing of the warm process is flushed or closed twice


def _orders(control: socket.socket) -> Iterator[tuple[dict[str, Any], list[int]]]:
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, 1)
        if not message:
            return
        yield json.loads(message), list(descriptors)


def main() -> None:
    """Fork children until nobody gives orders any more."""
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.freeze()  # else a child's collector would touch, and so copy, all that it inherited
    with socket.socket(fileno=int(sys.argv[1])) as control:
        for order, descriptors in _orders(control):
            if "wait" in order:
                _, status = os.waitpid(order["wait"], 0)
                control.send(str(os.waitstatus_to_exitcode(status)).encode())
                continue
            importlib.import_module(order["module"])  # before the fork: paid for once
            with socket.socket(fileno=descriptors[0]) as end:
                pid = os.fork()
                if pid == 0:
                    control.close()
                    _do(order, end)
            control.send(str(pid).encode())


if __name__ == "__main__":
    main()
