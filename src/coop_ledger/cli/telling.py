"""
What is said beside the data, on the standard error: errors in three lines, and sentences.

Works without click, as ``verify`` does. Knows no verb.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from coop_ledger.domain import safe
from coop_ledger.errors import CoopLedgerError, InvalidValueError, RowProblem

__all__ = ["beside", "complain", "complain_of_rows"]


def beside(text: str) -> None:
    """Say a sentence that is no part of the answer."""
    sys.stderr.write(f"{safe(text)}\n")


def complain(error: CoopLedgerError) -> None:
    """Say what is wrong, why, and what to do, on three lines."""
    lines = [f"Error: {error.what}" + (f" ({error.where})" if error.where else "")]
    why = [f"{word} {text}" for word, text in (("expected", error.expected), ("found", error.found)) if text]
    lines.extend([f"  {', '.join(why)}"] if why else [])
    lines.extend([f"  {error.hint}"] if error.hint else [])
    beside("\n".join(lines))


def complain_of_rows(problems: Iterable[RowProblem], name: Callable[[str], str]) -> None:
    """
    Say what is wrong with one claim that a person typed, all of it.

    Args:
        problems: The faults.
        name: The name of a column → how the person wrote it, as ``--when``.
    """
    for problem in problems:
        what, _, expected = problem.what.partition("; expected: ")
        where = name(problem.column) if problem.column else None
        found = problem.value
        complain(InvalidValueError(what, where=where, expected=expected or None, found=found, hint=problem.hint))
