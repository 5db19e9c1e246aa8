"""
The one spelling of numbers, bytes and lines in the texts of the log; knows no text as a whole.

Python's own readers take several spellings of one value (``int("1_0")``, base64 with spare bits that are
not zero); a second spelling would let one signed statement stand in two forms.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Final, TypeVar

from coop_ledger.errors import InvalidValueError, NoteError, repr_of

__all__ = ["MAX_SIZE", "decode_base64", "encode_base64", "encode_text", "in_digits", "parse_size", "shown", "written"]

MAX_SIZE: Final = 2**63 - 1
"""The largest size of a log, position in it, or time of a cosignature (seconds)."""

_NUMBER: Final = re.compile("0|[1-9][0-9]{0,18}")
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")

T = TypeVar("T")


def shown(value: object) -> str:
    """What was found, for a message: on one line, at most 80 characters."""
    text = repr_of(value[:80] if isinstance(value, str | bytes) else value).encode("ascii", "backslashreplace").decode()
    return text if len(text) <= 80 else f"{text[:77]}..."


def in_digits(number: object) -> str:
    """A number for a text that a strict reader will read; one that it refuses need not have all of its digits."""
    return repr_of(number) if isinstance(number, int) and abs(number) > MAX_SIZE else str(number)


def parse_size(text: str, *, where: str) -> int:
    """
    Read a number: ASCII digits without sign or leading zero, below 2**63.

    Args:
        text: The digits.
        where: What the number is, for the message.

    Raises:
        NoteError: Any other spelling, or 2**63 and more.

    >>> parse_size("20852163", where="size")
    20852163
    """
    if not _NUMBER.fullmatch(text) or (number := int(text)) > MAX_SIZE:
        raise NoteError(
            "this is no number in its one spelling",
            where=where,
            expected="0 to 2**63 - 1 in ASCII digits, no sign, no leading zero",
            found=shown(text),
        )
    return number


def encode_base64(blob: bytes) -> str:
    """Standard base64 with padding (RFC 4648, 4)."""
    return base64.b64encode(blob).decode("ascii")


def decode_base64(text: str, *, where: str) -> bytes:
    """
    Read standard base64 in its one spelling: padded, nothing between, spare bits zero.

    Raises:
        NoteError: Any other spelling.

    Source: RFC 4648, 4 and 3.5.
    """
    try:
        blob = base64.b64decode(text)  # lenient, which the comparison below makes up for
    except ValueError as error:  # binascii.Error is one; so is the refusal of other than ASCII
        raise NoteError("this is no base64", where=where, found=shown(text)) from error
    if encode_base64(blob) != text:
        raise NoteError(
            "this base64 is not in its one spelling",
            where=where,
            expected=shown(encode_base64(blob)),
            found=shown(text),
        )
    return blob


def encode_text(text: str, *, where: str) -> bytes:
    """
    The UTF-8 bytes of a text without control characters other than newline.

    Raises:
        NoteError: A control character (Unicode category Cc) or a lone surrogate.

    Source: C2SP signed-note forbids those below U+0020; we refuse U+007F to U+009F too, which steer terminals.
    """
    if found := _CONTROL.search(text):
        raise NoteError("a control character other than newline", where=where, found=shown(found.group()))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoteError("a text that no UTF-8 can hold", where=where, found=shown(text[error.start])) from error


def written(text: T, value: object, read: Callable[[T], object]) -> T:
    """
    Give a text back if the strict reader reads the value from it, so that no writer makes what no reader takes.

    Raises:
        InvalidValueError: The reader refuses the text, or reads something else.
    """
    try:
        back = read(text)
    except NoteError as error:
        raise InvalidValueError(
            f"this cannot be written: {error.what}", where=error.where, found=error.found
        ) from error
    if back != value:
        raise InvalidValueError("this cannot be written so that it reads back", found=shown(value))
    return text
