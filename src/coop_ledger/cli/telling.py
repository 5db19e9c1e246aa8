"""
What is said beside the data, on the standard error: errors in three lines, and sentences.

Works without click, as ``verify`` does. Knows no verb.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Final

from coop_ledger.domain import safe
from coop_ledger.errors import CoopLedgerError, InvalidValueError, RowProblem

__all__ = ["beside", "complain", "complain_of_rows", "hint_of"]

_HINTS: Final = {
    "record a plan with announced(…)": "say planned of what is still to come",
    "list it with CountryRegistry.with_ if you track it as a country": "use a code of ISO 3166-1 that was in use then",
    "make one with SigningKey.generate(name, kind=COSIGNATURE)": "make one with: coop-ledger key KEY --witness NAME",
    "make a ledger of it with Ledger.from_bundle": "make a ledger of it with: coop-ledger restore BUNDLE FILE",
    "give origin=… to create one, or check the path": "check the path; to begin one: coop-ledger init FILE",
    "see subjects() for what there is": "list what there is with: coop-ledger show FILE KIND",
}
"""What to do in Python → what to do at the command line."""


def hint_of(fault: CoopLedgerError | RowProblem) -> str | None:
    """What to do about a fault, at the command line."""
    return None if fault.hint is None else _HINTS.get(fault.hint, fault.hint)


def beside(text: str) -> None:
    """Say a sentence that is no part of the answer."""
    sys.stderr.write(f"{safe(text)}\n")


def complain(error: CoopLedgerError) -> None:
    """Say what is wrong, why, and what to do, on three lines."""
    lines = [f"Error: {error.what}" + (f" ({error.where})" if error.where else "")]
    why = [f"{word} {text}" for word, text in (("expected", error.expected), ("found", error.found)) if text]
    lines.extend([f"  {', '.join(why)}"] if why else [])
    lines.extend([f"  {hint}"] if (hint := hint_of(error)) else [])
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
