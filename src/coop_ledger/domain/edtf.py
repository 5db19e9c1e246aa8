"""
The grammar of dates: Extended Date/Time Format, as ISO 8601-2:2019 and the Library of Congress have it.

Turns a text into the bounds of its days and knows nothing of what dates are used for. Read here are
level 0 and level 1 without times of day, and of level 2 the sub-year groupings 21 to 41, unspecified
digits anywhere, and the sets ``[one of]`` and ``{all of}``. Years run from 0001 to 9999. Everything
else is refused with the reason and, where we can tell what was meant, the right spelling.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from itertools import product
from typing import Final, NamedTuple

from coop_ledger.domain.spelling import meant_by
from coop_ledger.errors import InvalidValueError

__all__ = ["Bounds", "Parsed", "parse_edtf"]


class Bounds(NamedTuple):
    """
    The days on which one day may lie: closed, a missing side unknown or open.

    >>> Bounds(date(2017, 1, 1), date(2017, 12, 31)).narrow(Bounds(date(2017, 7, 1), None)).earliest
    datetime.date(2017, 7, 1)
    """

    earliest: date | None
    latest: date | None

    def narrow(self, other: Bounds) -> Bounds | None:
        """The days that both allow, or None where they share none (D3)."""
        earliest = max((d for d in (self.earliest, other.earliest) if d is not None), default=None)
        latest = min((d for d in (self.latest, other.latest) if d is not None), default=None)
        if earliest is not None and latest is not None and earliest > latest:
            return None
        return Bounds(earliest, latest)


class Parsed(NamedTuple):
    """
    What a text says: the bounds of its first and of its last day, and its marks.

    Args:
        first: Bounds of the first day; of a point: of the day.
        last: Bounds of the last day; of a point: the same.
        is_span: Whether the text is a time that lasts, or several days (``{…}``).
        continues: Whether the end is open (``..``): it was still going on.
        uncertain: Whether a part is marked ``?`` or ``%``.
        approximate: Whether a part is marked ``~`` or ``%``.
    """

    first: Bounds
    last: Bounds
    is_span: bool
    continues: bool
    uncertain: bool
    approximate: bool


_DATE: Final = re.compile(r"([0-9X]{4})(?:-([0-9X]{2})(?:-([0-9X]{2}))?)?([?~%]?)", re.ASCII)
_OPEN: Final = Bounds(None, None)

# Sub-year groupings: first month, last month; a last month past 12 is in the next year. Seasons without a
# hemisphere, and winters and southern summers, which straddle the new year, take the widest reading.
_GROUPS: Final = {
    21: (3, 11), 22: (1, 14), 23: (3, 11), 24: (1, 14),
    25: (3, 5), 26: (6, 8), 27: (9, 11), 28: (1, 14),
    29: (9, 11), 30: (1, 14), 31: (3, 5), 32: (6, 8),
    33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12),
    37: (1, 4), 38: (5, 8), 39: (9, 12),
    40: (1, 6), 41: (7, 12),
}  # fmt: skip


def _refuse(text: str, why: str) -> InvalidValueError:
    meant, hint = meant_by(text), None
    if meant is not None and meant[0] != text:
        spelling, why = meant
        hint = f"write {spelling}" if all(map(_is_date, spelling.split(" or "))) else None
    return InvalidValueError(
        f"this is not a date of EDTF: {why}",
        expected="EDTF like 2017, 2016-11-15, 2017-41 (second half of 2017), 2017-07/2017-12",
        found=repr(text[:80]),
        hint=hint,
    )


def _is_date(spelling: str) -> bool:
    """Whether a hint is right: it must not repeat the mistake in another spelling."""
    try:
        parse_edtf(spelling)
    except InvalidValueError:
        return False
    return True


def _matching(pattern: str, low: int, high: int) -> list[int]:
    """The numbers that digits and X can mean, in order."""
    choices = ("0123456789" if digit == "X" else digit for digit in pattern)
    numbers = (int("".join(digits)) for digits in product(*choices))
    return [number for number in numbers if low <= number <= high]


def _end_of_month(year: int, month: int) -> date:
    if month > 12:
        year, month = year + 1, month - 12
    if year > date.max.year:
        return date.max
    return date(year, month, monthrange(year, month)[1])


def _extreme(years: list[int], months: list[int], days: list[int] | None, *, last: bool) -> date | None:
    for year in reversed(years) if last else years:
        for month in reversed(months) if last else months:
            length = monthrange(year, month)[1]
            if days is None:
                return date(year, month, length if last else 1)
            fitting = [day for day in days if day <= length]
            if fitting:
                return date(year, month, fitting[-1 if last else 0])
    return None


def _date_bounds(text: str, year: str, month: str | None, day: str | None) -> Bounds:
    years = _matching(year, 1, 9999)
    if not years:
        raise _refuse(text, "years run from 0001 to 9999")
    if month is not None and month.isdigit() and int(month) in _GROUPS:
        if day is not None:
            raise _refuse(text, "a season, quarter or half-year has no day")
        start, end = _GROUPS[int(month)]
        return Bounds(date(years[0], start, 1), _end_of_month(years[-1], end))
    months = _matching(month or "XX", 1, 12)
    if not months:
        raise _refuse(text, "months are 01 to 12, parts of a year 21 to 41")
    days = None if day is None else _matching(day, 1, 31)
    earliest = _extreme(years, months, days, last=False)
    if earliest is None:
        raise _refuse(text, "there is no such day")
    return Bounds(earliest, _extreme(years, months, days, last=True))


def _atom(text: str, whole: str) -> tuple[Bounds, str]:
    found = _DATE.fullmatch(text)
    if found is None:
        raise _refuse(whole, _why(text))
    year, month, day, mark = found.groups()
    return _date_bounds(whole, year, month, day), mark


def _why(text: str) -> str:
    if not text:
        return "nothing stands where a date should"
    if "T" in text or ":" in text:
        return "dates are days, without a time of day"
    if re.fullmatch(r"Y?[-+]?\d+(E\d+)?(S\d+)?", text, re.ASCII) and not re.fullmatch(r"\d{4}", text):
        return "years run from 0001 to 9999, with four digits"
    if any(mark in text for mark in "?~%"):
        return "a mark ? ~ % stands only at the end of a whole date"
    return "it is off the grammar" if any(map(str.isdigit, text)) else "it names no year"


def _interval(text: str) -> Parsed:
    sides = text.split("/")
    if len(sides) != 2:
        raise _refuse(text, "an interval has two sides")
    start, end = sides
    if start in ("", "..") and end in ("", ".."):
        raise _refuse(text, "an interval needs a date on one side")
    first, first_mark = (_OPEN, "") if start in ("", "..") else _atom(start, text)
    last, last_mark = (_OPEN, "") if end in ("", "..") else _atom(end, text)
    if first.earliest is not None and last.latest is not None and first.earliest > last.latest:
        raise _refuse(text, "it ends before it begins")
    # neither side can lie beyond the other
    first = Bounds(first.earliest, min((d for d in (first.latest, last.latest) if d is not None), default=None))
    last = Bounds(max((d for d in (first.earliest, last.earliest) if d is not None), default=None), last.latest)
    marks = first_mark + last_mark
    return Parsed(first, last, True, end == "..", _uncertain(marks), _approximate(marks))


def _uncertain(marks: str) -> bool:
    return "?" in marks or "%" in marks


def _approximate(marks: str) -> bool:
    return "~" in marks or "%" in marks


def _member(text: str, whole: str) -> tuple[Bounds, str]:
    if ".." not in text:
        return _atom(text, whole)
    start, _, end = text.partition("..")
    low, low_mark = _atom(start, whole) if start else (_OPEN, "")
    high, high_mark = _atom(end, whole) if end else (_OPEN, "")
    if not start and not end:
        raise _refuse(whole, "a range needs a date on one side")
    if low.earliest is not None and high.latest is not None and low.earliest > high.latest:
        raise _refuse(whole, "a range ends before it begins")
    return Bounds(low.earliest, high.latest), low_mark + high_mark


def _set(text: str) -> Parsed:
    closing = {"[": "]", "{": "}"}[text[0]]
    if not text.endswith(closing) or len(text) < 3:
        raise _refuse(text, f"the set does not end with {closing}")
    members = [_member(part.strip(), text) for part in text[1:-1].split(",")]
    marks = "".join(mark for _, mark in members)
    bounds = [bound for bound, _ in members]
    floor = [b.earliest or date.min for b in bounds]
    ceiling = [b.latest or date.max for b in bounds]
    whole = Bounds(_known(min(floor)), _known(max(ceiling)))
    if text[0] == "[":
        return Parsed(whole, whole, False, False, _uncertain(marks), _approximate(marks))
    first = Bounds(whole.earliest, _known(min(ceiling)))
    last = Bounds(_known(max(floor)), whole.latest)
    return Parsed(first, last, len(bounds) > 1 or ".." in text, False, _uncertain(marks), _approximate(marks))


def _known(day: date) -> date | None:
    return None if day in (date.min, date.max) else day


def parse_edtf(text: str) -> Parsed:
    """
    Read a date.

    Raises:
        InvalidValueError: Not EDTF, or beyond the levels and years that are read here.

    >>> parse_edtf("2017-41").first
    Bounds(earliest=datetime.date(2017, 7, 1), latest=datetime.date(2017, 12, 31))
    """
    if text[:1] in ("[", "{"):
        return _set(text)
    if "/" in text and not re.fullmatch(r"\d{4}/\d{1,2}/\d{1,2}", text):
        return _interval(text)
    bounds, mark = _atom(text, text)
    return Parsed(bounds, bounds, False, False, _uncertain(mark), _approximate(mark))
