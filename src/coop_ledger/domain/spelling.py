"""
How people write dates that are not EDTF, and how EDTF has them. Knows no bounds and no calendar.

Only for the messages of errors: what is meant is said to the caller, never guessed and recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["meant_by"]

_MONTHS: Final = {
    name: at
    for at, long in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"), 1,
    )
    for name in (long, long[:3], "sept" if at == 9 else long)
}  # fmt: skip
_NAME: Final = rf"({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"

_PART: Final = "a part of a year is a number from 21 to 41"
_ORDER: Final = "the year stands first, then month and day, parted by hyphens"
_NAMED: Final = "months are numbers"
_SPAN: Final = "a span is two whole dates, parted by a slash"
_TIME: Final = "dates are days, without a time of day"
_MARK: Final = "a mark ? ~ % stands only at the end of a whole date"


def _date(year: str, month: str | int, day: str | int | None = None) -> str:
    return f"{year}-{int(month):02}" + ("" if day is None else f"-{int(day):02}")


def _month(name: str) -> int:
    return _MONTHS[name.rstrip(".").lower()]


def _either(m: re.Match[str]) -> str:
    """Two numbers and a year: one reading where only one can be a month, else both."""
    first, second, year = int(m[1]), int(m[2]), m[3]
    readings = dict.fromkeys(_date(year, month, day) for day, month in ((first, second), (second, first)) if month < 13)
    return " or ".join(readings)


def _next_year(m: re.Match[str]) -> str:
    """``2017/18``: only the year after, so that a mistyped month is not taken for a year."""
    following = int(m[1]) + 1
    return f"{m[1]}/{following}" if int(m[2]) == following % 100 else ""


_SHAPES: Final[tuple[tuple[str, Callable[[re.Match[str]], str], str], ...]] = (
    (r"(\d{4})[- ]?H([12])", lambda m: _date(m[1], 39 + int(m[2])), _PART),
    (r"H([12])[ -/]?(\d{4})", lambda m: _date(m[2], 39 + int(m[1])), _PART),
    (r"(\d{4})[- ]?Q([1-4])", lambda m: _date(m[1], 32 + int(m[2])), _PART),
    (r"Q([1-4])[ -/]?(\d{4})", lambda m: _date(m[2], 32 + int(m[1])), _PART),
    (r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", lambda m: _date(m[1], m[2], m[3]), _ORDER),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4})", lambda m: _date(m[3], m[2], m[1]), _ORDER),
    (r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", _either, _ORDER),
    (r"(\d{1,2})[-./](\d{4})", lambda m: _date(m[2], m[1]), _ORDER),
    (r"(\d{4})[./](0?[1-9]|1[0-2])", lambda m: _date(m[1], m[2]), _ORDER),
    (r"(\d{4})(\d{2})(\d{2})", lambda m: _date(m[1], m[2], m[3]), _ORDER),
    (rf"{_NAME},? (\d{{4}})", lambda m: _date(m[2], _month(m[1])), _NAMED),
    (rf"(\d{{4}}),? {_NAME}", lambda m: _date(m[1], _month(m[2])), _NAMED),
    (rf"(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_NAME},?[ -](\d{{4}})", lambda m: _date(m[3], _month(m[2]), m[1]), _NAMED),
    (rf"{_NAME} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})", lambda m: _date(m[3], _month(m[1]), m[2]), _NAMED),
    (r"(\d{4}) ?[-/–—] ?(\d{2})", _next_year, _SPAN),
    (r"(\d{4})-(\d{4})", lambda m: f"{m[1]}/{m[2]}", _SPAN),
    (r"(\d{4}(?:-\d{2}){0,2})(?: ?[–—] ?| - | to )(\d{4}(?:-\d{2}){0,2})", lambda m: f"{m[1]}/{m[2]}", _SPAN),
    (r"(\d{4}-\d{2}-\d{2})[T ].*", lambda m: m[1], _TIME),
    (r"(?:c\.?|ca\.?|circa|about) ?(\d{4})", lambda m: f"{m[1]}~", "an approximate date has the mark ~ at its end"),
    (r"(\d{4})s", lambda m: f"{m[1][:3]}X", "an unknown digit is an X"),
    (r"([?~%])(\d{4}.*)", lambda m: f"{m[2]}{m[1]}", _MARK),
)  # fmt: skip


def meant_by(text: str) -> tuple[str, str] | None:
    """
    The EDTF spelling of a date written another way, and what is wrong with that way; None where we cannot tell.

    >>> meant_by("November 2016")
    ('2016-11', 'months are numbers')
    >>> meant_by("05/06/2016")[0]
    '2016-06-05 or 2016-05-06'
    """
    given = text.strip()
    for shape, spell, why in _SHAPES:
        found = re.fullmatch(shape, given, re.ASCII | re.IGNORECASE)
        if found:
            spelling = spell(found)
            return (spelling, why) if spelling else None
    return None
