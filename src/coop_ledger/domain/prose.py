"""
Texts that can be lawfully erased; knows nothing of salts, commitments or stores.

A sealed field holds text, nothing, or ``REDACTED``: the third state that says
"there was a text, and it was erased" (DESIGN P9, semantics of erasure in ``audit.md`` §4).
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from coop_ledger.errors import InvalidValueError

__all__ = ["MAX_PROSE", "REDACTED", "Prose", "Redacted", "check_label", "check_prose", "check_text", "safe"]

MAX_PROSE: Final = 4_000
"""The longest sealed text, in characters; a quote has its own, shorter limit."""

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_CONTROLS_BUT_LAYOUT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Redacted(enum.Enum):
    """The type of ``REDACTED``, the one marker for an erased text."""

    REDACTED = "redacted"

    def __repr__(self) -> str:
        return "REDACTED"


_STEERING: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Categories of characters that move the cursor, turn the direction of writing, or break a line."""

REDACTED: Final = Redacted.REDACTED
"""Stands where a sealed text was erased: neither empty nor absent."""

Prose = str | Redacted
"""A sealed text as read: the words, or ``REDACTED``."""


def check_text(name: str, value: object) -> str:
    """
    Refuse what is not text that UTF-8 can hold.

    Raises:
        InvalidValueError: Another type, or a lone surrogate.
    """
    if not isinstance(value, str):
        raise InvalidValueError("this is text", where=name, expected="str", found=type(value).__name__)
    if (lone := _SURROGATES.search(value)) is not None:
        found = (
            f"{lone[0]!a} as character {lone.start() + 1} of {len(value)}"  # never the words: the text may be sealed
        )
        raise InvalidValueError("the text holds a lone surrogate", where=name, found=found)
    return value


def _check_shape(name: str, value: str, limit: int, controls: re.Pattern[str]) -> None:
    if not value.strip():
        raise InvalidValueError("the text is empty", where=name, hint="leave the field out instead")
    if len(value) > limit:
        raise InvalidValueError(
            "the text is too long", where=name, expected=f"at most {limit} characters", found=f"{len(value)}"
        )
    if value.isprintable():  # neither surrogates nor controls: nearly every text
        return
    check_text(name, value)
    bad = controls.search(value)
    if bad is not None:
        raise InvalidValueError("the text holds a control character", where=name, found=ascii(bad[0]))


def check_label(name: str, value: object, limit: int = 120) -> None:
    """
    Refuse what is not a short public label: one line, trimmed, 1 to *limit* characters.

    Raises:
        InvalidValueError: Not text, empty, too long, untrimmed, or with control characters.
    """
    if not isinstance(value, str):
        raise InvalidValueError("a label is text", where=name, expected="str", found=type(value).__name__)
    _check_shape(name, value, limit, _CONTROLS)
    if value != value.strip():
        raise InvalidValueError("the label has blanks at its ends", where=name, found=repr(value), hint="strip it")


def check_prose(name: str, value: object, limit: int = MAX_PROSE) -> None:
    """
    Refuse what is neither sealed text (1 to *limit* characters, tabs and newlines allowed) nor ``REDACTED``.

    Raises:
        InvalidValueError: Another type, empty, too long, or with control characters.
    """
    if value is REDACTED:
        return
    if not isinstance(value, str):
        raise InvalidValueError("this field is text", where=name, expected="str", found=type(value).__name__)
    _check_shape(name, value, limit, _CONTROLS_BUT_LAYOUT)


def _escaped(char: str) -> str:
    return ascii(char)[1:-1]


def safe(text: str, spell: Callable[[str], str] = _escaped) -> str:
    """
    A text that cannot steer a terminal: control, format and surrogate characters and strange line ends spelled out.

    Args:
        text: The text; line feeds stay.
        spell: How such a character is spelled; as Python does it.

    >>> safe("a\\x1b[31mb\\u202ec")
    'a\\\\x1b[31mb\\\\u202ec'
    """
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in _STEERING else spell(char) for char in text
    )
