"""
One spelling of each value in a cell, read and written. Knows no table and no file.

    yes, no                       yes/no; true and false, in any case, are read too
    KR host; KZ participant       parties with their roles
    14010 60%; 33210 40%          sector codes, with shares where the source gives them
    minister; deputy-minister     several codes
    [redacted]                    a sealed text that was erased
    [{"code":"a;b"}]              a list as JSON, where its parts do not fit the spellings above

What a spreadsheet would take for a formula, and text with blanks at its ends, is kept apart by an apostrophe
(:func:`guarded`), which reading takes off again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final

from coop_ledger.codec import MAX_INT, canonical, parse
from coop_ledger.domain import REDACTED, FieldSpec
from coop_ledger.errors import CodecError, InvalidValueError

__all__ = ["ERASED", "MAX_CELL", "guarded", "party_reader", "reader_of", "unguarded", "writer_of"]

MAX_CELL: Final = 65_535
"""The longest cell, in characters."""

ERASED: Final = "[redacted]"
"""What stands for a text that was erased."""

_AWAY: Final = re.compile(r"'*(?:[=+\-@\s]|\[redacted\]\Z)")
_APART: Final = re.compile(r"'+(?:[=+\-@\s]|\[redacted\]\Z)")
_ENDS: Final = re.compile(r"\s'*\Z")
_ENDED: Final = re.compile(r"\s'+\Z")
_FLAGS: Final = {"yes": True, "true": True, "no": False, "false": False}
_WHOLE: Final = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_SHARE: Final = re.compile(r"(.+?)(?:\s+([0-9][0-9.]*)\s*%)?", re.DOTALL)

Reader = Callable[[str], Any]
"""Cell → plain value; raises InvalidValueError."""
Writer = Callable[[Any], str]
"""Plain value → cell, not yet guarded."""


def guarded(text: str) -> str:
    """
    A text as a cell that no spreadsheet takes for a formula, and that keeps the blanks at its ends.

    >>> guarded("=1+1"), guarded("plain"), guarded("ends "), guarded("'=1")
    ("'=1+1", 'plain', "ends '", "''=1")
    """
    if _AWAY.match(text):
        text = f"'{text}"
    return f"{text}'" if _ENDS.search(text) else text


def unguarded(cell: str) -> str:
    """
    What :func:`guarded` was given; blanks around the cell are no part of it.

    >>> unguarded(guarded(" -5'")), unguarded("'plain'")
    (" -5'", "'plain'")
    """
    text = cell.strip()
    if "'" in text:
        if _APART.match(text):
            text = text[1:]
        if _ENDED.search(text):
            text = text[:-1]
    return text


def _text(cell: str) -> str:
    return unguarded(cell).replace("\r\n", "\n")


def _sealed(cell: str) -> Any:
    return REDACTED if cell.strip() == ERASED else _text(cell)


def _flag(cell: str) -> bool:
    found = _FLAGS.get(cell.casefold())
    if found is None:
        raise InvalidValueError("this cell says yes or no", expected="yes or no")
    return found


def _whole(cell: str) -> int:
    text = unguarded(cell)
    if not _WHOLE.fullmatch(text) or not -MAX_INT <= int(text) <= MAX_INT:
        raise InvalidValueError(
            "this cell is a whole number", expected="digits, like 10", hint="write it without points and commas"
        )
    return int(text)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _listed(read: Callable[[str], Any], cell: str) -> Any:
    """A list in a cell: its parts, or JSON."""
    text = unguarded(cell)
    if text.startswith("["):
        try:
            return parse(text.encode(), max_bytes=4 * MAX_CELL)
        except (CodecError, UnicodeEncodeError) as error:
            hint = "part the items by semicolons, or write them as JSON"
            raise InvalidValueError("the list in this cell is not JSON", hint=hint) from error
    return read(text)


def _sectors(cell: str) -> list[Any]:
    found = []
    for part in _parts(cell):
        share = _SHARE.fullmatch(part)
        assert share is not None  # a part is not empty
        found.append({"code": share[1]} | ({} if share[2] is None else {"percentage": share[2]}))
    return found


def party_reader(role: str | None) -> Reader:
    """
    What reads the parties of a row: ``KR host; KZ participant``.

    Args:
        role: The role of a party that names none; None where it must.
    """
    return partial(_listed, lru_cache(maxsize=4_096)(partial(_parties, role)))


def _parties(role: str | None, cell: str) -> list[Any]:
    found = []
    for part in _parts(cell):
        if "," in part:
            raise InvalidValueError(
                "a comma parts no parties", expected="like KR host; KZ participant", found=part[:80],
                hint="part them by semicolons, each with its role",
            )  # fmt: skip
        party, _, named = part.rpartition(" ")
        if not party and role is None:
            raise InvalidValueError(
                "a party does not say its role", expected="like KR host; KZ participant", found=part[:80],
                hint=f"write {part[:40]!r} and its role behind it",
            )  # fmt: skip
        found.append({"party": party.strip(), "role": named} if party else {"party": named, "role": role})
    return found


def reader_of(spec: FieldSpec) -> Reader:
    """What reads the cells of a field; one for parties is made by :func:`party_reader`."""
    if spec.sealed:
        return _sealed
    if spec.type == "SectorShare …":
        return partial(_listed, _sectors)
    if spec.type.endswith(" …"):
        return partial(_listed, _parts)
    return {"whole number": _whole, "yes/no": _flag}.get(spec.type, _text)


def writer_of(spec: FieldSpec) -> Writer:
    """What writes the plain values of a field, so that its reader gives them back."""
    if spec.type == "Party …":
        return partial(_join, party_reader(None), lambda one: f"{one['party']} {one['role']}")
    if spec.type == "SectorShare …":
        return partial(_join, reader_of(spec), _sector)
    if spec.type.endswith(" …"):
        return partial(_join, reader_of(spec), str)
    return _plain


def _sector(one: Any) -> str:
    return f"{one['code']} {one['percentage']}%" if "percentage" in one else str(one["code"])


def _plain(value: Any) -> str:
    if value is REDACTED:
        return ERASED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return guarded(str(value))


def _join(read: Reader, write: Callable[[Any], str], items: list[Any]) -> str:
    """The items of a list in their spelling, or as JSON where that would be read as others."""
    cell = guarded("; ".join(map(write, items)))
    try:
        if read(cell) == items:
            return cell
    except InvalidValueError:
        pass
    return canonical(items).decode()
