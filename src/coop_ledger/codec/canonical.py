"""
The one byte form of a value: RFC 8785 (JCS) without fractions. Knows no claim.

Taken are null, booleans, integers within ±(2**53 - 1), text, arrays and objects with text keys, nested at
most 16 deep. Text is valid Unicode without U+0000 and is never normalised. Keys stand in the order of their
UTF-16 code units (RFC 8785, 3.2.3). Decimals and dates travel as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from coop_ledger.errors import NotCanonicalError

__all__ = ["MAX_DEPTH", "MAX_INT", "canonical", "check_text", "compact", "in_order", "is_in_order", "pointer"]

MAX_DEPTH: Final = 16
"""Arrays and objects within each other, the outermost being the first."""

MAX_INT: Final = 2**53 - 1
"""The greatest integer that every JSON reader keeps exact (RFC 8785, appendix D)."""

compact: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode
"""Writes values that are known to be canonical but for the order of their keys: by code point."""

_in_order: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode

_NO_BYTES: Final = re.compile("[\x00\ud800-\udfff]")
_BEYOND_BMP: Final = re.compile("[\U00010000-\U0010ffff]")

_Place = tuple["_Place", str | int] | tuple[()]
"""Where a member stands, innermost last; a pointer is made of it only when something is wrong."""


def pointer(path: str, key: str | int) -> str:
    """
    The JSON Pointer of a member of what *path* points to (RFC 6901).

    >>> pointer("/sources", 0), pointer("", "a/b~c")
    ('/sources/0', '/a~1b~0c')
    """
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"


def check_text(text: str, path: str) -> None:
    """
    Refuse text that has no canonical bytes.

    Raises:
        NotCanonicalError: A lone surrogate or U+0000.
    """
    if (bad := _NO_BYTES.search(text)) is not None:
        what = "the text holds U+0000" if bad[0] == "\x00" else "the text holds a lone surrogate"
        # never the words: the text may be one that is sealed
        found = f"{bad[0]!a} as character {bad.start() + 1} of {len(text)}"
        raise NotCanonicalError(what, where=path or "/", found=found)


def is_in_order(text: str) -> bool:
    """Whether code points and UTF-16 code units surely sort the keys of this JSON text alike."""
    return text.isascii() or _BEYOND_BMP.search(text) is None


def canonical(value: Any) -> bytes:
    """
    Write a value in its one form.

    Returns:
        UTF-8 bytes.

    Raises:
        NotCanonicalError: A type, number, text or depth outside the profile, with its place.

    Guarantees: pure; ``parse(canonical(value)) == value`` with tuples read as lists.
    Source: RFC 8785.

    >>> canonical({"b": [True, None], "a": "ü"})
    b'{"a":"\\xc3\\xbc","b":[true,null]}'
    """
    if _is_common(value, 1):
        text = compact(value)
        if "\\u0000" not in text and is_in_order(text):
            try:
                return text.encode()
            except UnicodeEncodeError:  # the slow way names the place
                pass
    return _in_order(_ordered(value, (), 0)).encode()


def _is_common(value: Any, depth: int) -> bool:
    """Whether the standard writer gives the canonical form, but for texts and the order of odd keys."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -MAX_INT <= int(value) <= MAX_INT
    if depth > MAX_DEPTH:
        return False
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or (type(item) is not str and not _is_common(item, depth + 1)):
                return False
        return True
    if kind is list or kind is tuple:
        return all(_is_common(item, depth + 1) for item in value)
    return False


def _where(place: _Place) -> str:
    return pointer(_where(place[0]), place[1]) if place else ""


def in_order(keys: Iterable[str]) -> list[str]:
    """The keys of an object in their order, that of their UTF-16 code units."""
    given = list(keys)
    return sorted(given) if "".join(given).isascii() else sorted(given, key=_utf16)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _ordered(value: Any, place: _Place, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        check_text(value, _where(place))
        return value
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise NotCanonicalError("the integer is too large", where=_where(place) or "/", expected="±(2**53 - 1)")
        return int(value)
    if isinstance(value, (list, tuple, Mapping)) and depth == MAX_DEPTH:
        raise NotCanonicalError("the value is nested too deep", where=_where(place), expected=f"{MAX_DEPTH} levels")
    if isinstance(value, (list, tuple)):
        return [_ordered(item, (place, at), depth + 1) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise NotCanonicalError("an object's keys are text", where=_where(place) or "/", found=repr(key)[:80])
            check_text(key, _where(place))
        return {key: _ordered(value[key], (place, key), depth + 1) for key in in_order(value)}
    hint = "write a decimal as text" if isinstance(value, float) else None
    raise NotCanonicalError(
        "this type has no canonical form",
        where=_where(place) or "/",
        found=type(value).__name__,
        hint=hint,
    )
