"""
The quick way from the cells of a row to its claim: no plain form between, and equal cells are read once.

It reads most rows of most tables, and gives up on any other: the slow way then says what is wrong (``table.py``).
Each value is read by the same two readers, of its cell and of its plain form, so both ways agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, get_type_hints

from coop_ledger.codec import value_reader
from coop_ledger.domain import Claim, Source, Where, field_specs
from coop_ledger.interchange.claims.cells import Reader, party_reader, reader_of
from coop_ledger.interchange.claims.columns import EVENTS, Column

__all__ = ["Quick", "claim_reader"]

_VALUES: Final = 4_096
_OBJECTS: Final = 1_024

_Fields = tuple[tuple[int, str, Callable[[str], Any] | None], ...]
"""Of a class: where its cells stand, the field, and what reads it; None: it is the value."""


def claim_reader(field: str, event: str) -> Reader:
    """
    What reads the cells of one of the claim's own columns.

    Args:
        field: The field, but not the event.
        event: The wire name of the row's event: where its milestone knows one role, that is a party's own.
    """
    if field == "assertion":
        return str.upper
    if field == "parties":
        roles = EVENTS[event].spec.roles if event in EVENTS else ()
        return party_reader(roles[0].value if len(roles) == 1 else None)
    return reader_of(field_specs(Claim)[field])


def _value_reader(cls: type, field: str, read: Reader) -> Callable[[str], Any] | None:
    spec = field_specs(cls)[field]
    if spec.sealed or spec.type in ("label", "party", "subject id") or spec.type.endswith(" slug"):
        return None  # text, as it stands
    structure = value_reader(get_type_hints(cls)[field])
    return lru_cache(maxsize=_VALUES)(lambda cell: structure(read(cell)))


def _fields(cls: type, columns: Sequence[tuple[int, str]], reader: Callable[[str], Reader]) -> _Fields:
    return tuple((at, field, _value_reader(cls, field, reader(field))) for at, field in columns)


def _given(fields: _Fields, cells: Sequence[str]) -> dict[str, Any]:
    return {field: cells[at] if read is None else read(cells[at]) for at, field, read in fields if cells[at]}


class _Group:
    """A source or place of a row: equal cells give one object."""

    def __init__(self, cls: type, columns: Sequence[tuple[int, str]]) -> None:
        places = [at for at, _ in columns]
        # of one index an itemgetter gives no tuple
        self._cells: Any = itemgetter(*places) if len(places) > 1 else lambda cells: tuple(cells[at] for at in places)
        specs = field_specs(cls)
        fields = _fields(
            cls, [(at, field) for at, (_, field) in enumerate(columns)], lambda name: reader_of(specs[name])
        )

        @lru_cache(maxsize=_OBJECTS)
        def made(cells: tuple[str, ...]) -> Any:
            return cls(**_given(fields, cells)) if any(cells) else None

        self._made = made

    def of(self, cells: Sequence[str]) -> Any:
        """The object; None where all its cells are blank."""
        return self._made(self._cells(cells))


class Quick:
    """
    Rows of one event under one first line.

    Args:
        columns: Those of the table.
        event: The wire name.
    """

    def __init__(self, columns: Sequence[Column | None], event: str) -> None:
        self._class: type[Any] = EVENTS[event]
        self._given: tuple[_Fields, _Fields, _Group | None, tuple[_Group, ...], Any] | None = None
        self._columns, self._event = columns, event

    def _prepared(self) -> tuple[_Fields, _Fields, _Group | None, tuple[_Group, ...], Any]:
        """What reads a row; made for the first one."""
        held: dict[tuple[str, int], list[tuple[int, str]]] = {}
        specs = field_specs(self._class)
        blank = []
        for at, column in enumerate(self._columns):
            if column is None or (column.holder == "event" and column.field not in specs):
                blank.append(at)
            elif column.holder != "remark" and column.name != "event":
                held.setdefault((column.holder, column.number), []).append((at, column.field))
        own = _fields(Claim, held.get(("claim", 0), []), lambda field: claim_reader(field, self._event))
        fields = _fields(self._class, held.get(("event", 0), []), lambda field: reader_of(specs[field]))
        where = _Group(Where, held["where", 0]) if ("where", 0) in held else None
        numbers = sorted(number for holder, number in held if holder == "source")
        sources = tuple(_Group(Source, held["source", number]) for number in numbers)
        # nothing stands in the first cell twice: an itemgetter of none would not do
        return own, fields, where, sources, itemgetter(*blank, *blank) if blank else None

    def claim(self, cells: Sequence[str]) -> Claim | None:
        """
        The claim of a row without apostrophes, brackets and carriage returns.

        Args:
            cells: Trimmed, as many as there are columns.

        Returns:
            None where anything is wrong with it.
        """
        if self._given is None:
            self._given = self._prepared()
        own, fields, where, sources, others = self._given
        if others is not None and any(others(cells)):
            return None
        try:
            given = _given(own, cells)
            given["event"] = self._class(**_given(fields, cells))
            given["sources"] = tuple([source for group in sources if (source := group.of(cells)) is not None])
            if where is not None:
                given["where"] = where.of(cells)
            return Claim(**given)
        except Exception:  # many kinds; the slower way finds every fault and says where
            return None
