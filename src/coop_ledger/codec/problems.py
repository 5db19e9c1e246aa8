"""
Faults of plain data in plain sentences, each with its JSON Pointer. Knows no claim, only how cattrs reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from typing import NamedTuple

import attrs
from cattrs.errors import AttributeValidationNote, ClassValidationError, ForbiddenExtraKeysError, IterableValidationNote

from coop_ledger.codec.canonical import pointer
from coop_ledger.errors import CoopLedgerError, MalformedEventError, Problem

__all__ = ["Fault", "faults_of", "problems_of", "told"]

_TOLD = 80


def told(value: object) -> str:
    """
    What was found, for a message: plain data as JSON, anything else by its type; at most 80 characters.

    >>> told(["a", None, True]), told({"a": 1}), told(b"a")
    ('["a", null, true]', '{"a": 1}', 'bytes')
    """
    try:
        return "".join(islice(json.JSONEncoder(ensure_ascii=False).iterencode(value), _TOLD))[:_TOLD]
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__


class Fault(NamedTuple):
    """
    One fault in plain data, in its parts.

    Args:
        path: The JSON Pointer of the place.
        what: What is wrong, and what would be right.
        hint: The next step.
        message: The whole sentence.
    """

    path: str
    what: str
    hint: str | None
    message: str


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """
    Every fault that an error of the detailed converter holds.

    Args:
        error: What the converter raised, a group or a single error.
    """
    return tuple(Problem(fault.path, fault.message) for fault in _faults(error, "", ()))


def faults_of(error: CoopLedgerError) -> tuple[Fault, ...]:
    """
    The faults that an error of this package stands for, in their parts.

    Args:
        error: A MalformedEventError as this package raises it, or any other error of ours.
    """
    if isinstance(error, MalformedEventError) and isinstance(error.__cause__, Exception):
        return tuple(_faults(error.__cause__, "", ()))
    return (_fault(error.where if error.where is not None and error.where.startswith("/") else "", error),)


def _fault(path: str, error: BaseException) -> Fault:
    if not isinstance(error, CoopLedgerError):
        return Fault(path, str(error), None, str(error))
    expected = "" if error.expected is None else f"; expected: {error.expected}"
    return Fault(path, f"{error.what}{expected}", error.hint, str(error))


def _faults(error: BaseException, path: str, fields: tuple[str, ...]) -> Iterator[Fault]:
    if isinstance(error, BaseExceptionGroup):
        cls = error.cl if isinstance(error, ClassValidationError) else None
        names = tuple(field.name for field in attrs.fields(cls)) if cls is not None else ()
        for inner in error.exceptions:
            place = _place(inner)
            # an error without a place is the object's own, and says itself which field it is about
            yield from _faults(inner, path + place, () if place else names)
    elif isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            near = get_close_matches(name, fields, 1)
            meant = f"did you mean {near[0]!r}?" if near else None
            what = "there is no such field"
            yield Fault(pointer(path, name), what, meant, f"{what}, {meant}" if meant else what)
    elif isinstance(error, KeyError):
        yield Fault(path, "this field is missing", None, "this field is missing")
    elif isinstance(error, CoopLedgerError) and error.where in fields:
        yield _fault(f"{path}/{error.where}", error)
    else:
        yield _fault(path, error)


def _place(error: BaseException) -> str:
    """Where in the object or list the fault is: cattrs hangs a note with a name or an index on the error."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return pointer("", note.name)
        if isinstance(note, IterableValidationNote):
            return pointer("", note.index)
    return ""
