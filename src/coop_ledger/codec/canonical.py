"""
The one byte form of a value: RFC 8785 (JCS) without fractions. Knows no claim.

Taken are null, booleans, integers within ±(2**53 - 1), text, arrays and objects with text keys, nested at
most 16 deep. Text is valid Unicode without U+0000 and is never normalised. Keys stand in the order of their
UTF-16 code units (RFC 8785, 3.2.3). Decimals and dates travel as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from coop_ledger.errors import NotCanonicalError

__all__ = ["MAX_DEPTH", "MAX_INT", "canonical", "check_text", "compact", "pointer"]

MAX_DEPTH: Final = 16
"""Levels of nesting, the outermost value being the first."""

MAX_INT: Final = 2**53 - 1
"""The greatest integer that every JSON reader keeps exact (RFC 8785, appendix D)."""

compact: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode
"""Writes values that are known to be canonical but for the order of their ASCII keys."""

_in_order: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


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
    if "\x00" in text:
        raise NotCanonicalError("the text holds U+0000", where=path or "/", found=ascii(text[:40]))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("the text holds a lone surrogate", where=path or "/", found=ascii(text[:40])) from error


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _ordered(value: Any, path: str, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if depth > MAX_DEPTH:
        raise NotCanonicalError("the value is nested too deep", where=path, expected=f"at most {MAX_DEPTH} levels")
    if isinstance(value, str):
        check_text(value, path)
        return value
    if isinstance(value, int):
        if not -MAX_INT <= value <= MAX_INT:
            raise NotCanonicalError("the integer is too large", where=path or "/", expected="within ±(2**53 - 1)")
        return int(value)
    if isinstance(value, (list, tuple)):
        return [_ordered(item, pointer(path, at), depth + 1) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise NotCanonicalError("an object's keys are text", where=path or "/", found=repr(key))
            check_text(key, path)
        return {key: _ordered(value[key], pointer(path, key), depth + 1) for key in sorted(value, key=_utf16)}
    hint = "write a decimal as text" if isinstance(value, float) else None
    raise NotCanonicalError(
        "this type has no canonical form", where=path or "/", found=f"{type(value).__name__} {value!r}"[:80], hint=hint
    )


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
    return _in_order(_ordered(value, "", 1)).encode()
