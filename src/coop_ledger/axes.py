"""
Days and instants as callers write them; knows no view.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from coop_ledger.domain import When
from coop_ledger.errors import InvalidValueError, repr_of

__all__ = ["day_of", "instant_of"]


def day_of(name: str, given: date | str) -> date:
    """
    A day as a caller writes it: a date, or text like ``2017-06-30``.

    Raises:
        InvalidValueError: No single day.
    """
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    when = When(given) if isinstance(given, str) else None
    if when is None or when.is_span or when.earliest is None or when.earliest != when.latest:
        raise InvalidValueError(
            "this is not a single day", where=name, expected="a day like 2017-06-30", found=repr_of(given)
        )
    return when.earliest


def instant_of(name: str, given: datetime | str) -> datetime:
    """
    An instant as a caller writes it: an aware datetime, its ISO text, or a day, which is taken to its end in UTC.

    Raises:
        InvalidValueError: Neither, or without an offset from UTC.
    """
    if isinstance(given, str):
        try:
            is_day = len(given) <= len("2017-06-30")
            given = (
                datetime.combine(date.fromisoformat(given), time.max, UTC) if is_day else datetime.fromisoformat(given)
            )
        except ValueError as error:
            raise InvalidValueError(
                "this is not an instant", where=name, expected="2017-06-30T12:00:00Z, or a day", found=repr_of(given)
            ) from error
    if not isinstance(given, datetime) or given.utcoffset() is None:
        raise InvalidValueError(
            "this is not an instant of UTC", where=name, expected="an aware datetime", found=repr_of(given),
            hint="add the offset: datetime(…, tzinfo=UTC)",
        )  # fmt: skip
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise InvalidValueError("this instant lies beyond the calendar", where=name, found=str(given)) from error
