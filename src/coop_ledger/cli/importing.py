"""
Files of claims into a ledger, as a person sees it: how far it is, what was wrong, what was recorded. Knows no row.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import IO, Any, Final

import click

from coop_ledger.cli.console import console_of
from coop_ledger.cli.options import Say, writable
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet, claim_cells
from coop_ledger.cli.telling import beside, complain, hint_of
from coop_ledger.codec import claim_to_plain
from coop_ledger.errors import ClaimFileError, RowProblem
from coop_ledger.interchange import Imported, Progress, import_claims
from coop_ledger.projections import as_plain

__all__ = ["run_import"]

_PATIENCE_S: Final = 1.0
"""How long a person waits without being told how far it is."""
_PAUSE_S: Final = 0.1
_WIDTH: Final = 30


class _Bar:
    """How far an import is, on the standard error; only at a terminal, and only where it takes a while."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._next = time.monotonic() + _PATIENCE_S
        self._shown = ""

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._shows or now < self._next:
            return
        self._next = now + _PAUSE_S
        share = min(1.0, progress.bytes_read / max(1, progress.bytes_total))
        bar = "#" * int(share * _WIDTH)
        self._show(f"[{bar:<{_WIDTH}}] {share:4.0%}  {progress.rows:,} claims")

    def _show(self, text: str) -> None:
        sys.stderr.write(f"\r{text.ljust(len(self._shown))}")
        sys.stderr.flush()
        self._shown = text

    def clear(self) -> None:
        """Leave nothing of it."""
        if self._shown:
            self._show("")
            sys.stderr.write("\r")


def run_import(say: Say, file: Path, source: str, kind: str | None, recorder: str, *, dry_run: bool) -> None:
    """
    Import a file, and tell what came of it; where a row is no claim, tell each, and end the command.

    Args:
        say: Says the answer.
        file: The ledger.
        source: The file of claims; ``-`` for the standard input.
        kind: Its format, as ``import_claims`` takes it; None: told from its beginning.
        recorder: Who records.
        dry_run: Whether to look only.
    """
    given: str | IO[bytes] = sys.stdin.buffer if source == "-" else source
    bar = _Bar()
    with writable(file, recorder) as ledger:
        try:
            found = import_claims(ledger, given, format=kind, dry_run=dry_run, progress=bar)
        except ClaimFileError as error:
            bar.clear()
            _tell_faults(say, error)
            raise click.exceptions.Exit(2) from error
        finally:
            bar.clear()
    _tell(say, source, found)


def _tell_faults(say: Say, error: ClaimFileError) -> None:
    """All faults: a table beside the answer, or the answer itself, where a program asked."""
    problems = [problem._replace(hint=hint_of(problem)) for problem in error.problems]
    sheet = Sheet("Faults", ("Line", "Column", "Found", "What is wrong", "What to do"), map(_cells, problems))
    if error.problems and say.form == "table":
        table = sheet.fitted(say.console.width)
        console_of(click.get_current_context().find_root().params["color"], stderr=True).print(table)
    elif error.problems:
        say(Answer("fault", (problem._asdict() for problem in problems), [sheet]))
    found = None if error.problems else error.found  # they were told one by one
    complain(ClaimFileError(error.what, where=error.where, expected=error.expected, found=found, hint=error.hint))


def _cells(problem: RowProblem) -> tuple[Any, ...]:
    return problem.line, problem.column or None, problem.value, problem.what, problem.hint


def _tell(say: Say, source: str, found: Imported) -> None:
    item = {
        "rows": found.rows,
        "new": found.new,
        "known": found.known,
        "recorded": found.recorded,
        "positions": [found.positions.start, found.positions.stop] if found.recorded else None,
        "by_event": dict(found.by_event),
        "first": [as_plain(claim_to_plain(claim)) for claim in found.first],
        "size": found.size,
        "root": found.root.hex(),
    }
    sheets = [
        Sheet("Claims by event" if found.recorded else "New claims by event", ("Event", "Claims"), found.by_event)
    ]
    if not found.recorded:
        columns = ("Says", "About", "When", "Publishers")
        sheets.append(Sheet("The first of them", columns, map(claim_cells, found.first)))
    say(Answer("import", [item], sheets))
    before = f"; {found.known:,} recorded before" if found.known else ""
    if found.recorded:
        first, last = found.positions.start, found.positions.stop - 1
        beside(f"{_counted(found.new)} recorded, at {first}{f' to {last}' if last > first else ''}{before}.")
    elif found.new:
        beside(f"{_counted(found.new)} to record{before}. Nothing was recorded: this was a dry run.")
    else:
        name = "the input" if source == "-" else source
        beside(f"Nothing new: what {name} says was recorded before ({_counted(found.rows)}).")


def _counted(count: int) -> str:
    return f"{count:,} claim{'s' * (count != 1)}"
