"""
How a leaf is put together from bytes, and how its instants are written; knows no JSON and no entry.

In canonical order ``position``, ``recorded_at`` and ``recorded_clamped`` are neighbours and the only keys
that a store decides, so a leaf is ``head + placed + tail`` (DESIGN §7). This module reads no clock.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from coop_ledger.errors import InvalidValueError, LeafTooLargeError

__all__ = ["MAX_LEAF", "assemble", "format_instant", "not_before", "parse_instant", "placed"]

MAX_LEAF: Final = 65_535
"""Bytes of the largest leaf: entry bundles of tlog-tiles use a 16-bit length."""

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)


def placed(position: int, recorded_at: str, clamped: bool) -> bytes:
    """
    The part of a leaf that a store decides.

    Args:
        position: 0-based place in the log.
        recorded_at: An instant as ``format_instant`` writes it.
        clamped: Whether the clock stood behind the entry before; false is left out.

    >>> placed(5, "2016-11-15T09:00:00.000000Z", False)
    b'"position":5,"recorded_at":"2016-11-15T09:00:00.000000Z",'
    """
    mark = '"recorded_clamped":true,' if clamped else ""
    return f'"position":{position},"recorded_at":"{recorded_at}",{mark}'.encode("ascii")


def assemble(head: bytes, placed_part: bytes, tail: bytes) -> bytes:
    """
    The whole leaf.

    Raises:
        LeafTooLargeError: More than 65,535 bytes.
    """
    leaf = head + placed_part + tail
    if len(leaf) > MAX_LEAF:
        raise LeafTooLargeError(
            "the entry is too large",
            expected=f"at most {MAX_LEAF} bytes",
            found=f"{len(leaf)} bytes",
            hint="shorten its texts or split it into several claims",
        )
    return leaf


def format_instant(instant: datetime) -> str:
    """
    Write an instant: UTC, microseconds, ``Z``, 27 characters.

    Raises:
        InvalidValueError: No datetime, a naive one, or one that lies before year 1 or after year 9999 in UTC.

    >>> format_instant(datetime(2016, 11, 15, 9, tzinfo=UTC))
    '2016-11-15T09:00:00.000000Z'
    """
    if not isinstance(instant, datetime) or instant.utcoffset() is None:
        raise InvalidValueError(
            "an instant needs its offset from UTC", expected="an aware datetime", found=repr(instant)
        )
    try:
        universal = instant.astimezone(UTC)
    except OverflowError as error:
        raise InvalidValueError("this instant lies beyond the calendar", found=repr(instant)) from error
    return f"{universal:%Y-%m-%dT%H:%M:%S.%f}Z".rjust(27, "0")


def parse_instant(text: str) -> datetime:
    """
    Read an instant in exactly the form that ``format_instant`` writes.

    Raises:
        InvalidValueError: Any other form, or no such day or time.
    """
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise InvalidValueError(
            "this is no instant of a ledger", expected="2016-11-15T09:00:00.000000Z", found=repr(text)
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidValueError("there is no such instant", found=repr(text)) from error


def not_before(last: str | None, now: str) -> tuple[str, bool]:
    """
    The time of recording: *now*, or the last one where the clock went back, and whether it was clamped.

    Both texts as ``format_instant`` writes them, which order like the instants (DESIGN §6).

    >>> not_before("2016-11-15T09:00:00.000000Z", "2016-11-15T08:00:00.000000Z")
    ('2016-11-15T09:00:00.000000Z', True)
    """
    return (last, True) if last is not None and now < last else (now, False)
