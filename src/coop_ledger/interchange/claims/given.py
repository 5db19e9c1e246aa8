"""
What a reader of one spelling hands over: a row as plain data, and how its places are called. Knows no claim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from coop_ledger.codec import told
from coop_ledger.domain import Claim, safe
from coop_ledger.errors import RowProblem

__all__ = ["Given", "Place", "nowhere", "shortened"]

Place = Callable[[str], tuple[str, str | None, str | None]]
"""JSON Pointer into the plain claim → the column's name, the value to show, and the value itself as text."""


class Given(NamedTuple):
    """
    A row before it is a claim.

    Args:
        line: Where it begins, from 1.
        text: The row as it stands in the file.
        plain: The claim in its plain form, as far as it could be read; None where nothing could.
        problems: What is wrong already.
        place: Where in the file a place of the plain form stands.
        claim: The claim, where the quick way could read it; then *plain* is None and nothing is wrong yet.
    """

    line: int
    text: str
    plain: Any
    problems: tuple[RowProblem, ...]
    place: Place
    claim: Claim | None = None


def nowhere(path: str) -> tuple[str, str | None, str | None]:
    """The place of what was never read."""
    return path, None, None


def shortened(value: object, *, sealed: bool) -> str:
    """A value for a message: at most 80 characters that steer no terminal; of sealed words only how many they are."""
    if sealed:
        return f"a text of {len(str(value))} characters"
    return safe(told(value))
