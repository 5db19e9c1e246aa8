"""
What must be unique: ids of entries, and places in calls made under a key. Looks at leaves, not at indexes only.
"""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import Any, Final

from coop_ledger.audit.findings import Findings
from coop_ledger.audit.opening import Copy
from coop_ledger.audit.structure import rows_by_position, told
from coop_ledger.domain import Once

__all__ = ["Keys"]

_BY_POSITION: Final = "SELECT position, key, place FROM once ORDER BY position"


class Keys:
    """
    Ids and keys as the leaves have them, and the rows that were made of the keys, read beside the entries.

    Args:
        copy: The file.
        findings: Where faults go.
    """

    def __init__(self, copy: Copy, findings: Findings) -> None:
        self._copy = copy
        self._findings = findings
        self._ids = array("q")
        self._positions = array("q")
        self._open: Once | None = None  # the last entry's key, where more entries of its call must follow
        self._sure = True  # whether the entry before was read
        self._rows = rows_by_position(copy, findings, _BY_POSITION, "once")
        self._next = next(self._rows, None)

    def take(self, position: int, entry_id: str, once: Once | None) -> None:
        """Take the id and the key of the next entry."""
        self._ids.append(hash(entry_id))
        self._positions.append(position)
        if once is not None or self._open is not None:
            self._follow(position, once)
        self._sure = True
        rows = self._rows_of(position)
        if rows != ([] if once is None else [(once.key.encode(), once.index)]):
            self._differ(position, once, rows)

    def skip(self, position: int) -> None:
        """Pass over the next entry, whose leaf cannot be read."""
        self._rows_of(position)
        self._open, self._sure = None, False

    def _rows_of(self, position: int) -> list[tuple[Any, ...]]:
        while self._next is not None and self._next[0] < position:
            self._stray()
        rows = []
        while self._next is not None and self._next[0] == position:
            rows.append(self._next[1:])
            self._next = next(self._rows, None)
        return rows

    def _follow(self, position: int, once: Once | None) -> None:
        """Whether the entry goes on with its call, or begins one after a whole one."""
        before, self._open = self._open, once if once is not None and once.index + 1 < once.count else None
        if once is not None and before is None:
            follows = once.index == 0 or not self._sure
        else:
            follows = before is not None and once is not None and _follows(before, once)
        if not follows:
            what = "the entries of one call do not follow each other"
            self._findings.add("T21", what, position=position, field="once", expected=_told(before), found=_told(once))

    def _differ(self, position: int, once: Once | None, rows: list[tuple[Any, ...]]) -> None:
        if once is not None and not rows:
            row = self._copy.row("SELECT position FROM once WHERE key = ? AND place = ?", once.key, once.index)
            if row is not None and type(row[0]) is int:
                what = f"the key of the entry is that of position {row[0]}, too"
                self._findings.add("T21", what, position=position, field="once", found=_told(once))
                return
        what = "the key of the entry is not the one in the table of keys"
        self._findings.add("T30", what, position=position, field="once", expected=_told(once), found=_rows_told(rows))

    def _stray(self) -> None:
        what = "there is a key of an entry that is not there"
        self._findings.add("T30", what, position=self._next[0] if self._next else None, field="once")
        self._next = next(self._rows, None)

    def finish(self) -> None:
        """Look for ids that stand twice, for a call that was cut off, and for keys of no entry."""
        if self._open is not None:
            what = "the last call is not whole: entries are missing at its end"
            self._findings.add(
                "T07", what, field="once", expected=f"{self._open.count} entries", found=_told(self._open)
            )
        while self._next is not None:
            self._stray()
        twice = {one for one, other in pairwise(sorted(self._ids)) if one == other}
        if twice:
            self._tell_twice(twice)

    def _tell_twice(self, twice: set[int]) -> None:
        first: dict[int, int] = {}
        for one, position in zip(self._ids, self._positions, strict=True):
            if one in first:
                what = f"the id of the entry is that of position {first[one]}"
                self._findings.add("T21", what, position=position, field="id")
            elif one in twice:
                first[one] = position


def _follows(before: Once, once: Once) -> bool:
    return (before.key, before.index + 1, before.count) == (once.key, once.index, once.count)


def _told(once: Once | None) -> str | None:
    return None if once is None else f"{once.key}, {once.index + 1} of {once.count}"


def _rows_told(rows: list[tuple[Any, ...]]) -> str | None:
    return "; ".join(f"key: {told(key)}, place: {told(place)}" for key, place in rows) or None
