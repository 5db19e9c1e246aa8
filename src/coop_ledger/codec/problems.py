"""
Faults of plain data in plain sentences, each with its JSON Pointer. Knows no claim, only how cattrs reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice

import attrs
from cattrs.errors import AttributeValidationNote, ClassValidationError, ForbiddenExtraKeysError, IterableValidationNote

from coop_ledger.codec.canonical import pointer
from coop_ledger.errors import CoopLedgerError, Problem

__all__ = ["problems_of", "told"]

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


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """
    Every fault that an error of the detailed converter holds.

    Args:
        error: What the converter raised, a group or a single error.
    """
    return tuple(_problems(error, "", ()))


def _problems(error: BaseException, path: str, fields: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(error, BaseExceptionGroup):
        cls = error.cl if isinstance(error, ClassValidationError) else None
        names = tuple(field.name for field in attrs.fields(cls)) if cls is not None else ()
        for inner in error.exceptions:
            place = _place(inner)
            # an error without a place is the object's own, and says itself which field it is about
            yield from _problems(inner, path + place, () if place else names)
    elif isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            near = get_close_matches(name, fields, 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            yield Problem(pointer(path, name), f"there is no such field{hint}")
    elif isinstance(error, KeyError):
        yield Problem(path, "this field is missing")
    elif isinstance(error, CoopLedgerError) and error.where in fields:
        yield Problem(f"{path}/{error.where}", str(error))
    else:
        yield Problem(path, str(error))


def _place(error: BaseException) -> str:
    """Where in the object or list the fault is: cattrs hangs a note with a name or an index on the error."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return pointer("", note.name)
        if isinstance(note, IterableValidationNote):
            return pointer("", note.index)
    return ""
