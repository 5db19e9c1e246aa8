"""System calls that fail, or that kill: strace attached to a child that waits until it is told to go on."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.nest import Child

__all__ = ["GROWTH", "SYNCS", "WRITING", "counted", "traced"]

SYNCS = ("fdatasync", "fsync")
"""The system calls by which changes come onto the disk."""

GROWTH = ("pwrite64", "write", "ftruncate")
"""Those that a full disk refuses."""

WRITING = (*GROWTH, *SYNCS, "unlink", "link", "rename", "mkdir")
"""Those by which files and folders change, and by which changes come onto the disk."""

_HEARING = "recvfrom"
_CALL = re.compile(r"^(\w+)\(")


@contextmanager
def traced(
    child: Child, calls: Sequence[str], inject: str | None = None, *, options: Sequence[str] = ()
) -> Iterator[list[str]]:
    """
    Have strace at a child, which is told to go on.

    Args:
        child: It waits until it is told to go on, and has said nothing before.
        calls: The system calls that are traced.
        inject: What happens to some of them, as strace writes it (``fdatasync:error=EIO:when=2``).
        options: How strace is to tell of them.

    Yields:
        The calls as strace tells them; there once the child has ended and this is left.
    """
    told = list[str]()
    child.say("there?")
    assert child.hear() == "there"  # else its way there would be counted, and failed, too
    with tempfile.TemporaryDirectory(prefix="coop-ledger-strace-") as folder:
        log = Path(folder) / "log"
        command = [
            "strace",
            *options,
            "-p",
            str(child.pid),
            "-o",
            str(log),
            "-e",
            f"trace={','.join([*calls, _HEARING])}",
        ]
        command += [] if inject is None else ["-e", f"inject={inject}"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            first = strace.stderr.readline()
            assert "attached" in first, first
            while not log.read_text():  # until strace tells of the child's hearing, it may miss what the child does
                child.say("wait")
                time.sleep(0.001)
            child.say("go")
            yield told
        told += [line for line in log.read_text().splitlines() if not line.startswith(_HEARING)]


def counted(told: Sequence[str]) -> Counter[str]:
    """How often each system call was made."""
    return Counter(found[1] for line in told if (found := _CALL.match(line)))
