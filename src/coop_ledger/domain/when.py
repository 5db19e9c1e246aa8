"""
Dates as sources give them: often imprecise, sometimes lasting, never rounded. Knows no claim.

A :class:`When` is a *point* (one day, known within bounds) or a *span* (a time that lasts: its first and
last day are each a point). Marks ``? ~ %`` never widen bounds (D1). Comparisons give an :class:`Answer`.
Source: ISO 8601-2:2019 (EDTF), rule D3.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import attrs

from coop_ledger.domain.answer import NO, UNDECIDED, YES, Answer
from coop_ledger.domain.edtf import Bounds, Parsed, parse_edtf
from coop_ledger.errors import InvalidValueError, repr_of

__all__ = ["MAX_WHEN", "Days", "When"]

MAX_WHEN: Final = 200
"""The longest date text, in characters."""

_read = lru_cache(maxsize=65_536)(parse_edtf)


@attrs.frozen
class Days:
    """
    A number of days known within bounds; a missing bound is unknown.

    Args:
        least: The smallest possible number.
        most: The greatest possible number.

    >>> print(Days(4, 4), "|", Days(1, 548), "|", Days(None, 3), "|", Days(None, None))
    4 | 1 to 548 | ? to 3 | ? to ?
    """

    least: int | None
    most: int | None

    def __str__(self) -> str:
        least, most = ("?" if bound is None else str(bound) for bound in (self.least, self.most))
        return least if self.least is not None and least == most else f"{least} to {most}"


def _parse(_instance: Any, _attribute: Any, text: Any) -> None:
    if isinstance(text, datetime):
        raise InvalidValueError(
            "a When is a day, not an instant",
            expected="EDTF text",
            found=repr(text),
            hint=f"write When({str(text.date())!r})",
        )
    if isinstance(text, date):
        raise InvalidValueError(
            "a When is made of EDTF text", expected="EDTF text", found=repr(text), hint=f"write When({str(text)!r})"
        )
    if not isinstance(text, str):
        hint = f"write When('{text:04}')" if isinstance(text, int) and 0 < text <= 9999 else None
        raise InvalidValueError("a When is made of EDTF text", expected="EDTF text", found=repr_of(text), hint=hint)
    if len(text) > MAX_WHEN:
        raise InvalidValueError("the date is too long", expected=f"at most {MAX_WHEN} characters", found=str(len(text)))
    _read(text)


@attrs.frozen(repr=False)
class When:
    """
    A date as EDTF text, with the days on which it may lie.

    Args:
        text: EDTF (``coop_ledger.domain.edtf`` says which of it).

    Raises:
        InvalidValueError: Not such a text; the hint shows the right spelling where it can be told.

    >>> When("2017-41").earliest, When("2017-41").latest
    (datetime.date(2017, 7, 1), datetime.date(2017, 12, 31))
    >>> When("2016-11-15").before(When("2017"))
    Answer.YES
    >>> When("2017-H2")
    Traceback (most recent call last):
        ...
    coop_ledger.errors.InvalidValueError: this is not a date of EDTF: a part of a year is a number from 21 to 41; \
expected: EDTF like 2017, 2016-11-15, 2017-41 (second half of 2017), 2017-07/2017-12; found: '2017-H2'; write 2017-41
    """

    text: str = attrs.field(validator=_parse)

    def __repr__(self) -> str:
        return f"When({self.text!r})"

    def __str__(self) -> str:
        return self.text

    @property
    def _parsed(self) -> Parsed:
        return _read(self.text)

    @property
    def first(self) -> Bounds:
        """Bounds of the first day; of a point: of the day."""
        return self._parsed.first

    @property
    def last(self) -> Bounds:
        """Bounds of the last day; of a point: the same as of the first."""
        return self._parsed.last

    @property
    def earliest(self) -> date | None:
        """The earliest possible day; None if the beginning is open or unknown."""
        return self._parsed.first.earliest

    @property
    def latest(self) -> date | None:
        """The latest possible day; None if the end is open or unknown."""
        return self._parsed.last.latest

    @property
    def is_span(self) -> bool:
        """Whether it lasts (an interval, or the several days of a ``{set}``)."""
        return self._parsed.is_span

    @property
    def continues(self) -> bool:
        """Whether it was still going on (``2007/..``); an unknown end (``2007/``) is not open."""
        return self._parsed.continues

    @property
    def uncertain(self) -> bool:
        """Whether a part is marked ``?`` or ``%``."""
        return self._parsed.uncertain

    @property
    def approximate(self) -> bool:
        """Whether a part is marked ``~`` or ``%``."""
        return self._parsed.approximate

    @property
    def order(self) -> tuple[date, date]:
        """What D2 orders by: the latest, then the earliest possible first day; unknown sides at the ends."""
        first = self._parsed.first
        return first.latest or date.max, first.earliest or date.min

    def before(self, other: When) -> Answer:
        """Whether its last day lies before the other's first day."""
        return _day_before(self.last, other.first)

    def after(self, other: When) -> Answer:
        """Whether its first day lies after the other's last day."""
        return other.before(self)

    def overlaps(self, other: When) -> Answer:
        """Whether the two share a day."""
        return ~(self.before(other) | other.before(self))

    def within(self, other: When) -> Answer:
        """Whether all its days lie in the period that the other's text covers, for instance in ``2017``."""
        inside = _not_after(other.earliest, self.earliest) and _not_after(self.latest, other.latest)
        if inside and (other.earliest is None or self.earliest) and (other.latest is None or self.latest):
            return YES
        return NO if _shared(self, other) is None else UNDECIDED

    def is_on(self, day: date) -> Answer:
        """
        Whether it had happened, or had begun, by the end of a day (D3).

        YES if the first day surely lies on or before it, NO if surely after, else UNDECIDED.
        """
        first = self.first
        if first.latest is not None and first.latest <= day:
            return YES
        return NO if first.earliest is not None and first.earliest > day else UNDECIDED

    def under_way(self, day: date) -> Answer:
        """Whether a span lasts on a day; a point is under way on its own day only."""
        begun = self.is_on(day)
        over = _day_before(self.last, Bounds(day, day))
        return begun & ~over

    def days_until(self, other: When) -> Days:
        """How many days lie from its first day to the other's first day; negative if the other is earlier."""
        mine, theirs = self.first, other.first
        return Days(_difference(mine.latest, theirs.earliest), _difference(mine.earliest, theirs.latest))


def _difference(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def _not_after(one: date | None, other: date | None) -> bool:
    return one is None or other is None or one <= other


def _day_before(one: Bounds, other: Bounds) -> Answer:
    if one.latest is not None and other.earliest is not None and one.latest < other.earliest:
        return YES
    if one.earliest is not None and other.latest is not None and one.earliest >= other.latest:
        return NO
    return UNDECIDED


def _shared(one: When, other: When) -> Bounds | None:
    """The days that the outer bounds of both allow, or None where they share none."""
    return Bounds(one.earliest, one.latest).narrow(Bounds(other.earliest, other.latest))
