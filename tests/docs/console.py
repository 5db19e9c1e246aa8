"""
The commands of a page: every ```console block of it is run by one shell, in one empty folder.

Lines after ``$ `` are commands, lines below what they print, both streams together: ``…`` stands for any text of a
line, a line of ``…`` alone for any lines. Below a command that fails, its output stands; a command with nothing below
may print what it likes, but succeeds. A block like ```csv report.csv is the file of that name.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.shared import ROOT

__all__ = ["Command", "commands_of", "differences", "files_of"]

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_MARK = "\x00end of command\x00"


class Command(NamedTuple):
    """A command of a page, and what the page says that it prints; None: nothing stands below it."""

    text: str
    prints: str | None


def files_of(page: str) -> dict[str, str]:
    """The files that a page writes down, by name."""
    return {name: body for _, name, body in _BLOCK.findall(page) if name}


def commands_of(page: str) -> list[Command]:
    """The commands of a page, in order."""
    found = []
    for language, _, body in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:] if language == "console" else ():
            first, *below = part.rstrip("\n").split("\n")
            while first.endswith("\\"):
                first = f"{first}\n{below.pop(0).removeprefix('> ')}"
            found.append(Command(first, "\n".join(below) if below else None))
    return found


def differences(page: Path, folder: Path) -> Iterator[str]:
    """What the commands of a page do otherwise than the page says."""
    text = page.read_text(encoding="utf-8")
    for name, body in files_of(text).items():
        folder.joinpath(name).write_text(body, encoding="utf-8")
    commands = commands_of(text)
    printed = _run([command.text for command in commands], folder)
    assert len(printed) == len(commands), printed
    for command, (code, output) in zip(commands, printed, strict=True):
        if command.prints is None and code != 0:
            yield f"$ {command.text}\nfails with {code}:\n{output}"
        elif command.prints is not None and not _fits(command.prints, output):
            yield f"$ {command.text}\nexpected:\n{command.prints}\nprinted, and ended with {code}:\n{output}"


def _run(commands: Sequence[str], folder: Path) -> list[tuple[int, str]]:
    """The exit code and the output of each command, all in one shell: $? is that of the one before."""
    folder.joinpath(".bin").mkdir()
    program = folder / ".bin" / "coop-ledger"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m coop_ledger "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = "\n".join(f"{text}\n__code=$?; printf '{_SHOWN}%s\\n' $__code; (exit $__code)" for text in commands)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COOP_LEDGER")}
    settings = {
        **kept, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "80",
        "TZ": "UTC", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=300,
    )  # fmt: skip
    parts = re.split(rf"{_MARK}(\d+)\n", done.stdout)
    return [(int(code), output) for output, code in zip(parts[::2], parts[1::2], strict=False)]


_SHOWN = "\\0end of command\\0"
"""The mark as printf writes it."""


def _fits(expected: str, output: str) -> bool:
    lines = [re.escape(line.rstrip()).replace("…", ".*") for line in expected.split("\n")]
    pattern = "".join(r"(?:.*\n)*" if line == ".*" else f"{line}\\n" for line in lines)
    given = "".join(f"{line.rstrip()}\n" for line in output.rstrip("\n").split("\n"))
    return re.fullmatch(pattern, given) is not None
