"""
The index of labels against the entries: rows that are missing, extra or doubled. Knows labels as texts only.

Labels decide what a question finds, so an entry without its label is as good as removed. They are derived from the
leaf, and compared as sets; the rows are read in the order of positions, beside the entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from coop_ledger.audit.findings import Findings
from coop_ledger.audit.opening import Copy, Text
from coop_ledger.audit.structure import rows_by_position, told

__all__ = ["Labels"]

_BY_POSITION: Final = (
    "SELECT a.position, group_concat(l.text, char(10)), count(*) FROM labelled a "
    "LEFT JOIN labels l ON l.number = a.number{} GROUP BY a.position"
)
_UNUSED: Final = "SELECT l.text FROM labels l WHERE NOT EXISTS (SELECT 1 FROM labelled a WHERE a.number = l.number)"
_SHOWN: Final = 1 << 16
"""Bytes beyond those of the right labels that are taken apart: a file may have labels of millions of lines."""

_LABEL: Final = re.compile(rb"[!-~]+")


class Labels:
    """
    The labels that a file has, read beside its entries once :meth:`go_to` was called.

    Args:
        copy: The file.
        findings: Where differences go.
        within: The positions that are read, the first and the first behind; None for all.
    """

    def __init__(self, copy: Copy, findings: Findings, within: tuple[int, int] | None = None) -> None:
        self._copy = copy
        self._findings = findings
        bounds = "" if within is None else f" WHERE a.position >= {within[0]} AND a.position < {within[1]}"
        self._sql = _BY_POSITION.format(bounds)
        self._rows: Iterator[tuple[Any, ...]] | None = None
        self._next: tuple[Any, ...] | None = None

    def go_to(self, position: int | None) -> None:
        """Begin, or pass over labels of entries before a position, which were compared elsewhere; None: of none."""
        if self._rows is None:
            self._rows = rows_by_position(self._copy, self._findings, self._sql, "labelled")
            self._next = next(self._rows, None)
        while position is not None and self._next is not None and self._next[0] < position:
            self._next = next(self._rows, None)

    def compare(self, position: int, wanted: set[str] | None) -> None:
        """
        Compare the labels of the next entry.

        Args:
            position: Its place; greater than that of the call before.
            wanted: The labels that it must have; None where they cannot be known.
        """
        while self._next is not None and self._next[0] < position:
            self._stray(self._next[0])
        row = None
        if self._next is not None and self._next[0] == position:
            row = self._next
            self._advance()
        if wanted is None:
            return
        text = b"" if row is None or row[1] is None else row[1]
        most = sum(map(len, wanted)) + len(wanted)
        found = text[: most + _SHOWN].decode("latin-1").split("\n") if text else []
        whole = len(text) <= most
        if not whole or set(found) != wanted or len(found) != len(wanted) or (row is not None and row[2] != len(found)):
            self._differ(position, wanted, found)

    def _stray(self, position: int) -> None:
        what = "there are labels of an entry that is not there"
        self._findings.add("T22", what, position=position, field="labelled")
        self._advance()

    def _advance(self) -> None:
        self._next = None if self._rows is None else next(self._rows, None)

    def _differ(self, position: int, wanted: set[str], found: list[str]) -> None:
        self._findings.add(
            "T22",
            "the labels of the entry are not those of what it says",
            position=position,
            field="labelled",
            expected=" ".join(sorted(wanted)),
            found=" ".join(sorted(found)),
        )

    def finish(self) -> None:
        """Look at what is left: labels behind the last entry, labels of no entry, and such that cannot be one."""
        while self._next is not None:
            self._stray(self._next[0])
        for (text,) in self._copy.rows(_UNUSED):
            self._findings.add("T22", "the label is that of no entry", field="labels", found=told(text))
        for (text,) in self._copy.rows("SELECT text FROM labels NOT INDEXED"):
            if not isinstance(text, Text) or not _LABEL.fullmatch(text):
                self._findings.add("T22", "this is no label", field="labels", found=told(text))
