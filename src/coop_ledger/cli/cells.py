"""
Cells of CSV that no spreadsheet takes for a formula, and that cannot steer a terminal. Works without click.
"""

from __future__ import annotations

from typing import Final

from coop_ledger.domain import safe

__all__ = ["guarded"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """
    A text as a cell, with an apostrophe before what would begin a formula (OWASP CSV injection).

    >>> guarded("=1+1"), guarded("Korea.net")
    ("'=1+1", 'Korea.net')
    """
    spelled = safe(text)
    return f"'{spelled}" if text.startswith(_FORMULA) else spelled
