"""
What witnesses' times say about the times of recording; knows neither leaves nor signatures, and reads no clock.

The time of recording is a claim by the writer. A checkpoint of *n* entries that a witness cosigned at *T* holds it
between two limits: entries before *n* were there by *T*, and, where it is agreed that a checkpoint is cut over all
entries then present and cosigned within a *delay*, entries from *n* on came after *T* less that delay. So an entry
can be dated wrongly by no more than the gap between two witnessed checkpoints, the delay and the skew of clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from coop_ledger.errors import InvalidValueError
from coop_ledger.log.policy import Limits

__all__ = ["Anchor", "BracketViolation", "DatingBound", "check_brackets", "dating_bound"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000


class Anchor(NamedTuple):
    """
    One cosignature on one checkpoint.

    Attributes:
        size: Entries of the checkpoint.
        timestamp: When it was cosigned, seconds since 1970.
    """

    size: int
    timestamp: int


class BracketViolation(NamedTuple):
    """
    An entry whose time of recording cannot be true, if the anchor is.

    Attributes:
        position: 0-based place of the entry.
        recorded_at: What the entry says.
        late: True: recorded after it was seen, False: recorded before a checkpoint that lacks it.
        limit: The latest or the earliest time that could be true, seconds since 1970, skew and delay included.
        anchor: The strictest anchor that says so; None: the checker's own clock.
    """

    position: int
    recorded_at: datetime
    late: bool
    limit: int
    anchor: Anchor | None


class DatingBound(NamedTuple):
    """
    What a log whose brackets hold promises of its times of recording.

    Attributes:
        first: The first position that the promise covers.
        end: The position after the last one covered; None: all entries so far.
        seconds: By how much, at most, such an entry is dated before or after the moment at which it was written.
    """

    first: int
    end: int | None
    seconds: int


def _steps(anchors: Iterable[Anchor]) -> tuple[list[Anchor], list[Anchor], list[Anchor]]:
    """Anchors by size; for each the latest one up to it, and the earliest one from it on."""
    ordered = sorted(anchors)
    latest, earliest = list(ordered), list(ordered)
    for at in range(1, len(ordered)):
        latest[at] = max(latest[at - 1], ordered[at], key=_time)
        earliest[-1 - at] = min(earliest[-at], ordered[-1 - at], key=_time)
    return ordered, latest, earliest


def _time(anchor: Anchor) -> int:
    return anchor.timestamp


def check_brackets(
    recorded: Iterable[datetime], anchors: Iterable[Anchor], limits: Limits, now: int | None = None
) -> Iterator[BracketViolation]:
    """
    Find the entries whose times of recording contradict what witnesses saw.

    Args:
        recorded: Time of recording of each entry, aware, by position from 0; read once, in order.
        anchors: Cosignatures of witnesses whose clocks are trusted, in any order, on checkpoints that the log is
            consistent with. Each one can only add violations: a lying witness raises an alarm, and hides nothing.
            Where a delay is agreed, leave out cosignatures that came later than that by arrangement.
        limits: The agreed delay and the skew of clocks. Without a delay only the upper half is checked.
        now: The checker's clock, seconds since 1970; nothing can have been recorded after it.

    Returns:
        Violations by position; for one entry at most one of each side, that of the strictest limit.

    Raises:
        InvalidValueError: A time without its offset from UTC.

    Guarantees: pure; O(entries + anchors · log anchors), memory for the anchors only.
    """
    ordered, latest, earliest = _steps(anchors)
    passed = 0
    for position, instant in enumerate(recorded):
        if instant.utcoffset() is None:
            raise InvalidValueError("an instant needs its offset from UTC", where=f"position {position}")
        stated = (instant - _EPOCH) // _MICROSECOND
        while passed < len(ordered) and ordered[passed].size <= position:
            passed += 1
        seen_by = earliest[passed] if passed < len(ordered) else None
        upper = None if seen_by is None else seen_by.timestamp + limits.skew_s
        if now is not None and (upper is None or now + limits.skew_s < upper):
            seen_by, upper = None, now + limits.skew_s
        if upper is not None and stated > upper * _SECOND:
            yield BracketViolation(position, instant, True, upper, seen_by)
        if passed and limits.delay_s is not None:
            lower = latest[passed - 1].timestamp - limits.delay_s - limits.skew_s
            if stated < lower * _SECOND:
                yield BracketViolation(position, instant, False, lower, latest[passed - 1])


def dating_bound(anchors: Iterable[Anchor], limits: Limits, now: int | None = None) -> DatingBound | None:
    """
    By how much an entry of this log can be dated wrongly: the longest gap, the delay and the skew.

    Args:
        anchors: As for ``check_brackets``, which must find no violation.
        limits: The agreed delay and the skew of clocks.
        now: The checker's clock, seconds since 1970; then the entries after the last checkpoint are covered too.

    Returns:
        The bound, a number to publish as a promise and to raise an alarm about when it grows; None where nothing
        can be promised: no delay is agreed, or no entry lies between two anchors. Entries before the first
        anchored size are never covered: cosign a checkpoint of the empty log to cover them.

    >>> day = 86_400
    >>> dating_bound([Anchor(0, 0), Anchor(40, 7 * day)], Limits(delay_s=day, skew_s=300))
    DatingBound(first=0, end=40, seconds=691500)
    """
    ordered, latest, earliest = _steps(anchors)
    if limits.delay_s is None or not ordered:
        return None
    gaps = [
        earliest[at].timestamp - latest[at - 1].timestamp
        for at in range(1, len(ordered))
        if ordered[at - 1].size < ordered[at].size
    ]
    if now is not None:
        gaps.append(now - latest[-1].timestamp)
    if not gaps:
        return None
    end = ordered[-1].size if now is None else None
    return DatingBound(ordered[0].size, end, max(0, *gaps) + limits.delay_s + limits.skew_s)
