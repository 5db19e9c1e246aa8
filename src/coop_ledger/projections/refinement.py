"""
Rule D3: how dates of one happening agree, narrow each other, or conflict. Knows no claim.

Two points narrow to the days that both allow. Two spans narrow at both ends. A point and a span agree unless
the point lies surely outside, and the span stands.
"""

from __future__ import annotations

from datetime import date, timedelta

import attrs

from coop_ledger.domain import NO, UNDECIDED, YES, Answer, Bounds, Days, Value, When

__all__ = ["Dating"]


@attrs.frozen(eq=False, repr=False)
class Dating(Value):
    """
    When something happens, as far as dates that agree allow.

    Args:
        first: Bounds of the first day; of a point: of the day.
        last: Bounds of the last day; of a point: the same.
        is_span: Whether it lasts.
        text: The EDTF text of a date that says exactly this, if one does.
        marks: The marks of all dates that went in: any of ``?`` and ``~``.
    """

    first: Bounds
    last: Bounds
    is_span: bool
    text: str | None = attrs.field(default=None, eq=False)
    marks: str = attrs.field(default="", eq=False)

    @classmethod
    def of(cls, when: When) -> Dating:
        """What one date says."""
        marks = ("?" if when.uncertain else "") + ("~" if when.approximate else "")
        return cls(when.first, when.last, when.is_span, when.text, marks)

    @classmethod
    def within(cls, bounds: Bounds) -> Dating:
        """A point of which only bounds are known."""
        return cls(bounds, bounds, False)

    @property
    def earliest(self) -> date | None:
        """The earliest possible day."""
        return self.first.earliest

    @property
    def latest(self) -> date | None:
        """The latest possible day."""
        return self.last.latest

    def narrow(self, other: Dating) -> Dating | None:
        """What both allow, or None where they conflict (D3)."""
        marks = "".join(mark for mark in "?~" if mark in self.marks + other.marks)
        if self.is_span != other.is_span:
            span, point = (self, other) if self.is_span else (other, self)
            inside = Bounds(span.earliest, span.latest).narrow(point.first)
            return None if inside is None else attrs.evolve(span, marks=marks)
        first, last = self.first.narrow(other.first), self.last.narrow(other.last)
        if first is None or last is None:
            return None
        text = next((one.text for one in (self, other) if (one.first, one.last) == (first, last) and one.text), None)
        return Dating(first, last, self.is_span, text, marks)

    def agrees(self, other: Dating) -> bool:
        """Whether both can be right."""
        return self.narrow(other) is not None

    def before(self, other: Dating) -> Answer:
        """Whether its last day lies before the other's first day; UNDECIDED where their bounds do not say."""
        if self.surely_before(other):
            return YES
        earliest, latest = self.last.earliest, other.first.latest
        return NO if earliest is not None and latest is not None and earliest >= latest else UNDECIDED

    def surely_before(self, other: Dating) -> bool:
        """Whether its last day lies before the other's first day, whatever the bounds allow."""
        return self.latest is not None and other.earliest is not None and self.latest < other.earliest

    def happened_by(self, day: date) -> Answer:
        """Whether it had happened, or begun, by the end of a day."""
        if self.first.latest is not None and self.first.latest <= day:
            return YES
        return NO if self.first.earliest is not None and self.first.earliest > day else UNDECIDED

    def slip_to(self, other: Dating) -> Days:
        """Days from its first day to the other's first day, as an interval; negative if brought forward."""
        return Days(
            _difference(self.first.latest, other.first.earliest), _difference(self.first.earliest, other.first.latest)
        )

    @property
    def order(self) -> tuple[date, date]:
        """The place in D2's order: latest, then earliest possible first day."""
        return self.first.latest or date.max, self.first.earliest or date.min

    def __str__(self) -> str:
        if self.text is not None:
            return self.text
        ends = (self.earliest, self.latest)
        return ends[0].isoformat() if ends[0] is not None and ends[0] == ends[1] else "..".join(map(_shown, ends))


def _shown(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _difference(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start) // timedelta(days=1)
