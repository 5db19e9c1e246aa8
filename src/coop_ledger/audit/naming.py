"""
What acts are about: the subjects of the entries that they name, and of those that these name. Judges nothing.

Acts may name acts in a chain of any length. What each is about is remembered as they come, so that the next one of a
chain needs only the entry that it names itself, and a chain of them takes no time that grows with its square.
"""

from __future__ import annotations

import sys
from typing import Final, NamedTuple

from coop_ledger.audit.opening import Copy
from coop_ledger.codec import decode
from coop_ledger.domain import Body, SubjectId, UnknownEvent
from coop_ledger.errors import CodecError
from coop_ledger.query import Named, all_subjects, named

__all__ = ["LATER", "Naming"]

LATER: Final = "v"
"""Where an error stands if a leaf is of a later format."""

_KEPT: Final = 1 << 14
"""Acts and their subjects that are remembered, counted together; what is forgotten is read again."""

_ALWAYS: Final = sys.maxsize


class _Known(NamedTuple):
    """
    What is known of an entry that an act names.

    Attributes:
        subjects: What it is about, as far as that was followed.
        targets: Ids of entries that are still to be followed.
        unknown: Whether it, or what was followed, says what this program does not know.
        until: The last position whose act may go by it: what stands there is named as well, and not before it.
    """

    subjects: tuple[SubjectId, ...] = ()
    targets: tuple[str, ...] = ()
    unknown: bool = False
    until: int = _ALWAYS


class Naming:
    """
    What the acts of a file are about, as they come.

    Args:
        copy: The file.
    """

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._acts: dict[tuple[int, int], _Known] = {}
        self._kept = 0

    def subjects(self, position: int, leaf: bytes, act: Body) -> tuple[SubjectId, ...] | None:
        """
        What an act is about; None where it leads to an entry that says what this program does not know.

        Args:
            position: Its place; greater than that of the call before.
            leaf: Its leaf.
            act: What it says.

        Raises:
            RefusalError, DamageError: As :meth:`Copy.row`.
        """
        unknown, until = False, _ALWAYS

        def find(entry_id: str) -> Named:
            nonlocal unknown, until
            one = self._named(position, entry_id)
            unknown, until = unknown or one.unknown, min(until, one.until)
            return Named(one.subjects, one.targets)

        found = all_subjects(act, find)
        self._remember((position, hash(leaf)), _Known(found, (), unknown, until))
        return None if unknown else found

    def _named(self, position: int, entry_id: str) -> _Known:
        """What is known of the earlier entry of an id; nothing where there is none, or none that can be read."""
        row = self._copy.row("SELECT position, leaf FROM entries WHERE id = ?", entry_id)
        if row is None or type(row[1]) is not bytes:
            return _Known()
        place, leaf = row
        if place >= position:
            return _Known(until=place)
        try:
            entry = decode(leaf, None)
        except CodecError as error:  # it has findings of its own
            return _Known(unknown=error.where == LATER)
        if entry.id != entry_id:  # an index of the file leads wherever its writer likes
            return _Known()
        key = place, hash(leaf)
        known = self._acts.pop(key, None)
        if known is not None:
            self._acts[key] = known  # at the end: what is named again and again is forgotten last
            if position <= known.until:
                return known
        return _Known(*named(entry.body), unknown=isinstance(entry.body, UnknownEvent))

    def _remember(self, key: tuple[int, int], act: _Known) -> None:
        self._acts[key] = act
        self._kept += 1 + len(act.subjects)
        while self._kept > _KEPT:
            self._kept -= 1 + len(self._acts.pop(next(iter(self._acts))).subjects)
