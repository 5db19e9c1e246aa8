"""
The verb ``verify``: works with the core alone, so that an auditor need install nothing. Knows no rule.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from coop_ledger.audit import Verdict, verify
from coop_ledger.domain import safe
from coop_ledger.errors import InvalidValueError

__all__ = ["SUMMARY", "run_verify"]

SUMMARY: Final = "Check a ledger file without trusting it."

_EPILOG: Final = """\
Nothing is written: not to FILE, and not beside it. The exit code is the verdict:

   0  ANCHORED         agrees with the checkpoint that you brought
  10  SELF-CONSISTENT  no contradiction, but nothing from outside either
  20  UNDECIDED        holds what this version does not know
  30  DIVERGED         contradicts the checkpoint
  40  INVALID          was altered or damaged; the findings say where
  50  UNREADABLE       is no ledger, or could not be examined to the end
   2  a wrong option
"""

_LARGEST: Final = 1 << 20
"""Bytes of a file that can be a checkpoint; a signed one has at most a quarter of it."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="coop-ledger verify",
        description=f"{SUMMARY} Says what was compared with what, what was found, and what to do next.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the ledger")
    parser.add_argument(
        "--checkpoint", metavar="CHECKPOINT", type=Path,
        help="a file with what the ledger was known to be: origin, size, root, a line each; may be signed",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="hashes, tree and sealed texts only; leave aside what the entries say"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON, for programs")
    parser.add_argument(
        "--accept", choices=["self-consistent"], help="exit with 0 also where nothing from outside confirms it"
    )
    return parser


def run_verify(arguments: Sequence[str]) -> int:
    """
    Verify the file that the arguments name, print the report, and give the exit code.

    Args:
        arguments: What stands behind ``verify`` on the command line.
    """
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as stop:  # after --help, or a sentence on what is wrong
        return stop.code if isinstance(stop.code, int) else 2
    try:
        checkpoint = None if given.checkpoint is None else _read(given.checkpoint)
        report = verify(given.file, checkpoint=checkpoint, quick=given.quick)
    except InvalidValueError as error:
        return _refuse(str(error), 2)
    except OSError as error:
        return _refuse(f"the checkpoint cannot be read: {error.strerror}", 2)
    except KeyboardInterrupt:
        return _refuse("interrupted", 130)
    if not _write(report.as_json() if given.json else report.as_text()):
        return _refuse("the output could not be written", 2)
    accepted = given.accept is not None and report.verdict is Verdict.SELF_CONSISTENT
    return 0 if accepted else report.exit_code


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"Error: {safe(sentence)}\n")
    return code


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST)


def _write(text: str) -> bool:
    """Print, on any terminal, and say whether it could be; that nobody reads on is no fault."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the end of the process does not try again
        return isinstance(error, BrokenPipeError)
    return True
