"""
The one reader of JSON bytes, which takes less than JSON allows. Knows no claim.

Refused, each with its own sentence: repeated keys, NaN and Infinity, fractions, exponents, minus zero,
integers beyond ±(2**53 - 1), byte order marks, other encodings than UTF-8, lone surrogates, U+0000,
nesting beyond 16 levels, size, and anything after the value. Source: audit.md §3.1, attacks T57 and T58.
"""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any, Final, NoReturn

from coop_ledger.codec.canonical import MAX_DEPTH, MAX_INT, canonical, check_text, pointer
from coop_ledger.errors import CodecError, NotCanonicalError

__all__ = ["MAX_BYTES", "parse", "parse_canonical"]

MAX_BYTES: Final = 65_535
"""The default limit of size, that of a leaf."""

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_NESTING: Final = {"[": 1, "{": 1, "]": -1, "}": -1}


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise CodecError("a key stands twice in one object", found=ascii(twice))
    return found


def _integer(text: str) -> int:
    if text == "-0":
        raise CodecError("minus zero is no integer here", found="-0", hint="write 0")
    if len(text) > 17 or not -MAX_INT <= int(text) <= MAX_INT:
        raise CodecError("the integer is too large", expected="within ±(2**53 - 1)", found=text[:20])
    return int(text)


def _fraction(text: str) -> NoReturn:
    kind = "an exponent" if "e" in text.lower() else "a fraction"
    raise CodecError(f"a number has {kind}", expected="integers only", found=text[:40], hint="write a decimal as text")


def _constant(text: str) -> NoReturn:
    raise CodecError("this is no number of JSON", found=text)


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_fraction, parse_int=_integer, parse_constant=_constant
)


def _decode(data: bytes) -> str:
    if data[:3] == b"\xef\xbb\xbf":
        raise CodecError("the text begins with a byte order mark", expected="UTF-8 without a mark")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4]:
        raise CodecError("the text is UTF-16 or UTF-32", expected="UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise CodecError("the text is not UTF-8", where=f"byte {error.start}", expected="UTF-8") from error


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    steps = (_NESTING[char] for char in _STRING.sub("", text) if char in _NESTING)
    if any(depth > MAX_DEPTH for depth in accumulate(steps)):
        raise CodecError("the value is nested too deep", expected=f"at most {MAX_DEPTH} levels")


def _check_texts(value: Any, path: str) -> None:
    if isinstance(value, str):
        check_text(value, path)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            _check_texts(item, pointer(path, at))
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key, path)
            _check_texts(item, pointer(path, key))


def parse(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """
    Read one JSON value.

    Args:
        data: UTF-8 bytes.
        max_bytes: The most bytes that are looked at.

    Returns:
        None, bool, int, str, list or dict, nested.

    Raises:
        CodecError: Anything outside the profile; never another error, whatever the bytes.

    >>> parse(b'{"a":1}')
    {'a': 1}
    """
    if len(data) > max_bytes:
        raise CodecError("the value is too large", expected=f"at most {max_bytes} bytes", found=f"{len(data)} bytes")
    text = _decode(data)
    _check_depth(text)
    if not text.strip(" \t\r\n"):
        raise CodecError("there is no value", expected="one JSON value", found="nothing")
    try:
        value, end = _decoder.raw_decode(text, len(text) - len(text.lstrip(" \t\r\n")))
    except json.JSONDecodeError as error:
        raise CodecError("this is not JSON", where=f"character {error.pos}", found=error.msg) from error
    if text[end:].strip(" \t\r\n"):
        raise CodecError("something follows the value", where=f"character {end}", found=ascii(text[end : end + 20]))
    if "\\u" in text:  # only an escape can hide what UTF-8 cannot hold
        _check_texts(value, "")
    return value


def parse_canonical(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """
    Read one JSON value that must stand in its canonical form.

    Raises:
        CodecError: As :func:`parse`.
        NotCanonicalError: Another spelling of the value.
    """
    value = parse(data, max_bytes=max_bytes)
    form = canonical(value)
    if form != data:
        at = next((at for at, pair in enumerate(zip(form, data, strict=False)) if pair[0] != pair[1]), len(form))
        raise NotCanonicalError("these bytes are not the canonical form of their value", where=f"byte {at}")
    return value
