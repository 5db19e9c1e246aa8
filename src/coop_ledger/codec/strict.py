"""
The one reader of JSON bytes, which takes less than JSON allows. Knows no claim.

Refused, each with its own sentence: repeated keys, NaN and Infinity, fractions, exponents, minus zero,
integers beyond ±(2**53 - 1), byte order marks, other encodings than UTF-8, lone surrogates, U+0000,
nesting beyond 16 levels, size, and anything after the value. Source: audit.md §3.1, attacks T57 and T58.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any, Final, NoReturn

from coop_ledger.codec.canonical import MAX_DEPTH, MAX_INT, canonical, check_text, compact, is_in_order, pointer
from coop_ledger.errors import CodecError, NotCanonicalError

__all__ = ["MAX_BYTES", "parse", "parse_canonical", "quick_canonical", "reread", "text_of"]

MAX_BYTES: Final = 65_535
"""The default limit of size, that of a leaf."""

_BLANKS: Final = " \t\r\n"
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}

# What decides the depth: brackets, both kinds made one, and the marks of strings that may hold some.
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_REST: Final = bytes(set(range(256)) - set(b'[]{}"\\'))


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise CodecError("a key stands twice in one object", found=ascii(twice)[:80])
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
_kept: Final = json.JSONDecoder(parse_float=_fraction, parse_constant=_constant)
_unpaired: Final = json.JSONDecoder(parse_float=_fraction, parse_int=_integer, parse_constant=_constant)


def _is_wide(data: bytes) -> bool:
    """Whether first and last character, which are ASCII in all JSON, have more bytes than one."""
    return len(data) % 2 == 0 and (data[1:2] == data[-1:] == b"\x00" or data[:1] == data[-2:-1] == b"\x00")


def text_of(data: bytes, max_bytes: int = MAX_BYTES) -> str:
    """
    The text of bytes that may be a value, before it is read.

    Raises:
        CodecError: Too large, no UTF-8, or nested too deep.
    """
    if len(data) > max_bytes:
        raise CodecError("the value is too large", expected=f"at most {max_bytes} bytes", found=f"{len(data)} bytes")
    if data[:3] == b"\xef\xbb\xbf":
        raise CodecError("the text begins with a byte order mark", expected="UTF-8 without a mark")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or _is_wide(data):
        raise CodecError("the text is UTF-16 or UTF-32", expected="UTF-8")
    wrong = -1
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        wrong = error.start
    if wrong >= 0:  # not chained: the error holds all that was read, in a damaged bundle sealed texts, too
        raise CodecError("the text is not UTF-8", where=f"byte {wrong}", expected="UTF-8")
    _check_depth(data, text)
    return text


def _check_depth(data: bytes, text: str) -> None:
    """Count brackets before the interpreter's own reader recurses over them."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    left = data.translate(_BRACKETS, _REST).replace(b'""', b"")
    for _ in range(MAX_DEPTH):
        left = left.replace(b"[]", b"")
    if not left:
        return
    steps = (_STEPS[char] for char in _STRING.sub("", text) if char in _STEPS)
    if any(depth > MAX_DEPTH for depth in accumulate(steps)):
        raise CodecError("the value is nested too deep", expected=f"at most {MAX_DEPTH} levels")


def _read(decoder: json.JSONDecoder, text: str) -> Any:
    start = len(text) - len(text.lstrip(_BLANKS))
    if start == len(text):
        raise CodecError("there is no value", expected="one JSON value", found="nothing")
    try:
        value, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise CodecError("this is not JSON", where=f"character {error.pos}", found=error.msg) from error
    if end != len(text) and text[end:].strip(_BLANKS):
        # in a line of a bundle it may be sealed texts: not shown
        raise CodecError("something follows the value", where=f"character {end}")
    return value


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
    text = text_of(data, max_bytes)
    value = _read(_decoder, text)
    if "\\u" in text:  # only an escape can hide what UTF-8 cannot hold
        _check_texts(value, "")
    return value


def quick_canonical(text: str) -> tuple[Any] | None:
    """
    The value of a text that is surely canonical; None where only a closer look can tell.

    Raises:
        CodecError: Not JSON within the profile.
    """
    if "\\u" not in text and is_in_order(text):
        value = _read(_unpaired, text)
        if compact(value) == text:  # so no key stood twice either
            return (value,)
    return None


def parse_canonical(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """
    Read one JSON value that must stand in its canonical form.

    Raises:
        CodecError: As :func:`parse`.
        NotCanonicalError: Another spelling of the value.
    """
    quick = quick_canonical(text_of(data, max_bytes))
    if quick is not None:
        return quick[0]
    value = parse(data, max_bytes=max_bytes)
    form = canonical(value)
    if form != data:
        at = next((at for at, pair in enumerate(zip(form, data, strict=False)) if pair[0] != pair[1]), len(form))
        raise NotCanonicalError("these bytes are not the canonical form of their value", where=f"byte {at}")
    return value


def reread(data: bytes) -> Any:
    """
    Read JSON that :func:`parse` or :func:`parse_canonical` took before; what they check is not checked again.

    Raises:
        CodecError: Not JSON.
    """
    try:
        text = data.decode()
        value, end = _kept.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise CodecError("this is not JSON any more", found=str(error)[:80]) from error
    if end != len(text):
        raise CodecError("this is not JSON any more", found=f"more after character {end}")
    return value
