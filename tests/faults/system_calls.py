"""System calls that fail, or that kill: strace attached to a child that waits until it is told to go on."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.nest import Child

__all__ = ["WRITING", "counted", "traced"]

WRITING = ("pwrite64", "write", "ftruncate", "fdatasync", "fsync", "unlink", "link", "rename", "mkdir")
"""The system calls by which files and folders change, and by which changes come onto the disk."""

_CALL = re.compile(r"^(\w+)\(")


@contextmanager
def traced(child: Child, calls: Sequence[str], inject: str | None = None) -> Iterator[list[str]]:
    """
    Have strace at a child, which is told to go on.

    Args:
        child: It waits for a line.
        calls: The system calls that are traced.
        inject: What happens to some of them, as strace writes it (``fdatasync:error=EIO:when=2``).

    Yields:
        The calls as strace tells them; there once the child has ended and this is left.
    """
    told = list[str]()
    with tempfile.TemporaryDirectory(prefix="coop-ledger-strace-") as folder:
        log = Path(folder) / "log"
        command = ["strace", "-p", str(child.pid), "-o", str(log), "-e", f"trace={','.join(calls)}"]
        command += [] if inject is None else ["-e", f"inject={inject}"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            first = strace.stderr.readline()  # only from then on no call of the child is missed
            assert "attached" in first, first
            child.say()
            yield told
        told += log.read_text().splitlines()


def counted(told: Sequence[str]) -> Counter[str]:
    """How often each system call was made."""
    return Counter(found[1] for line in told if (found := _CALL.match(line)))
