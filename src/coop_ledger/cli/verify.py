"""
The verb ``verify``: works with the core alone, so that an auditor need install nothing. Knows no rule.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from coop_ledger.audit import Report, Verdict, read_policy, verify
from coop_ledger.cli.catalogue import LEDGER_VARIABLE
from coop_ledger.cli.cells import guarded
from coop_ledger.cli.streams import drop_output
from coop_ledger.cli.telling import beside, complain
from coop_ledger.domain import safe
from coop_ledger.errors import InvalidValueError, UnsupportedKeyError
from coop_ledger.log import Limits, Policy

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["SUMMARY", "run_verify", "verify_parser"]

SUMMARY: Final = "Check a ledger, a bundle or a published folder without trusting it."

_EPILOG: Final = """\
Nothing is written, not to PATH and not beside it. The exit code is the verdict:

   0  WITNESSED        is, to its end, what enough witnesses of your policy saw
   0  ANCHORED         agrees, to its end, with the checkpoint that you brought
  10  SELF-CONSISTENT  no contradiction, but nothing from outside either
  11  STALE            agrees, but the newest checkpoint is too old or too short
  20  UNDECIDED        holds what this version does not know
  30  DIVERGED         contradicts the checkpoint
  40  INVALID          was altered or damaged; the findings say where
  50  UNREADABLE       is no ledger, or could not be examined to the end
   2  a wrong option
"""

_TIME: Final = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

_MOST_WORKERS: Final = 61  # more processes than that no system of ours waits for (Windows)

_LARGEST: Final = 1 << 20
"""Bytes of a file that can be a checkpoint; a signed one has at most a quarter of it."""


def _csv(report: Report) -> str:
    """The findings, one a row; where there is none, the heads alone."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for finding in report.as_plain()["findings"]:
        cells = (finding[name] for name in _COLUMNS)
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return table.getvalue().removesuffix("\n")


_COLUMNS: Final = ("code", "verdict", "position", "field", "expected", "found", "message", "where", "hint")
_FORMATS: Final[dict[str, Callable[[Report], str]]] = {
    "table": Report.as_text,
    "json": Report.as_json,
    "ndjson": lambda report: json.dumps(report.as_plain()),
    "csv": _csv,
}
"""How a report is written, by the format."""


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals cannot steer a terminal."""

    def error(self, message: str) -> NoReturn:
        """Refuse arguments; the message repeats them."""
        super().error(safe(message))


def verify_parser(ledger: str = "") -> argparse.ArgumentParser:
    """
    What ``verify`` is given: its arguments, and the help of each.

    Args:
        ledger: The path to verify where none is given; empty: one must be.
    """
    parser = _Parser(
        prog="coop-ledger verify",
        description=f"{SUMMARY}\nSays what was compared with what, what was found, and what to do next.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "path", metavar="PATH", type=Path, nargs="?" if ledger else None, default=Path(ledger),
        help="the ledger, a bundle of it, or a published folder; without it the ledger that COOP_LEDGER names",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoint", metavar="FILE", type=Path, action="append", default=[],
        help="what the ledger was known to be: origin, size, root, a line each; may be signed, and be given repeatedly",
    )  # fmt: skip
    parser.add_argument(
        "--policy", metavar="FILE", type=Path, help="whose signatures count, and how many witnesses (needs: sign)"
    )
    for name, text in (
        ("max-age", "how old a witnessed checkpoint may be, such as 90m, 36h or 30d (with --policy)"),
        ("delay", "agreed longest time from making a checkpoint to its cosignatures (with --policy)"),
        ("skew", "by how much honest clocks may differ; 5m without this (with --policy)"),
    ):
        parser.add_argument(f"--{name}", metavar="TIME", type=_seconds, help=text)
    parser.add_argument(
        "--evidence", metavar="FOLDER", type=Path, help="where to keep both sides if a checkpoint is contradicted"
    )
    parser.add_argument(
        "--quick", action="store_true", help="hashes, tree and sealed texts only; leave aside what the entries say"
    )
    parser.add_argument(
        "--limited",
        action="store_true",
        help="for hostile files: in a process of its own, with limits of memory and time",
    )
    parser.add_argument(
        "--workers", metavar="N", type=_workers, default=1,
        help="examine the entries in N processes side by side, for a large ledger; 1 without this",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the report as JSON, for programs; as --format json")
    parser.add_argument(
        "--format", choices=list(_FORMATS), default="table",
        help="table for people; json or ndjson for programs; csv for the findings alone",
    )  # fmt: skip
    parser.add_argument(
        "--accept", choices=["self-consistent"], help="exit with 0 also where nothing from outside confirms it"
    )
    return parser


def _seconds(text: str) -> int:
    """A length of time: digits and s, m, h or d."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"a length of time is like 90m, 36h or 30d, not {ascii(text)[:40]}")
    return int(found[1]) * _UNITS[found[2]]


def _workers(text: str) -> int:
    """How many processes: digits."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"a number of processes is 1 to {_MOST_WORKERS}, not {ascii(text)[:40]}")
    return int(text)


@contextmanager
def _working(count: int) -> Iterator[Executor | None]:
    """What has entries examined by so many processes; None for this one alone."""
    if count == 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor  # costs a start that one process need not have

    with ProcessPoolExecutor(count) as executor:
        yield executor


def _policy(given: argparse.Namespace) -> Policy | None:
    """
    The policy with what the options add to it.

    Raises:
        InvalidValueError: Options of times without a policy, or no policy.
    """
    times = {"max_age_s": given.max_age, "delay_s": given.delay, "skew_s": given.skew}
    chosen = {name: value for name, value in times.items() if value is not None}
    if given.policy is None:
        if chosen:
            raise InvalidValueError("--max-age, --delay and --skew need a policy", hint="give --policy FILE")
        return None
    policy = read_policy(given.policy)
    return None if policy is None else policy._replace(limits=Limits(**chosen))


def run_verify(arguments: Sequence[str]) -> int:
    """
    Verify the path that the arguments name, print the report, and give the exit code.

    Args:
        arguments: What stands behind ``verify`` on the command line.
    """
    try:
        given = verify_parser(os.environ.get(LEDGER_VARIABLE, "")).parse_args(arguments)
    except SystemExit as stop:  # after --help, or a sentence on what is wrong
        return stop.code if isinstance(stop.code, int) else 2
    try:
        checkpoints = [_read(path) for path in given.checkpoint]
        policy = _policy(given)
        with _working(given.workers) as executor:
            report = verify(
                given.path, policy=policy, checkpoint=checkpoints, quick=given.quick, evidence=given.evidence,
                limited=given.limited, executor=executor,
            )  # fmt: skip
    except (InvalidValueError, UnsupportedKeyError) as error:
        complain(error)
        return Verdict.UNDECIDED.exit_code if isinstance(error, UnsupportedKeyError) else 2
    if given.accept is not None:
        report = report.accepting()
    if not _write(_FORMATS["json" if given.json else given.format](report)):
        beside("Error: the output could not be written")
        return 2
    return report.exit_code


def _read(path: Path) -> bytes:
    """
    The beginning of a checkpoint, as far as one can be long.

    Raises:
        InvalidValueError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise InvalidValueError(
            "the checkpoint cannot be read", where=str(path), found=error.strerror, hint="check the path"
        ) from error


def _write(text: str) -> bool:
    """Print, on any terminal, and say whether it could be; that nobody reads on is no fault."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:
        drop_output()
        return isinstance(error, BrokenPipeError)
    return True
