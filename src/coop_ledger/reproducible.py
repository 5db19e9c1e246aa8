"""
Time and randomness that a caller can repeat: what makes two runs of one program write the same ledger.

Knows no ledger: a :class:`HandClock` is given as ``clock=``, :class:`SeededBytes` as ``draw=``. For tests and
examples only; a ledger that others are to trust takes the real clock and the system's random bytes.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from coop_ledger.errors import InvalidValueError

__all__ = ["START", "HandClock", "SeededBytes"]

START: Final = datetime(2031, 1, 1, tzinfo=UTC)
"""Where clocks of tests begin: later than what stories tell of, so that it can have occurred."""


class HandClock:
    """
    A clock that stands until it is moved by hand.

    Args:
        start: Where it stands at first, aware.

    Raises:
        InvalidValueError: No aware instant.

    >>> clock = HandClock()
    >>> clock.advance(days=1)
    >>> print(clock())
    2031-01-02 00:00:00+00:00
    """

    def __init__(self, start: datetime = START) -> None:
        self.set(start)

    def __call__(self) -> datetime:
        """Where it stands."""
        return self._now

    def set(self, instant: datetime) -> None:
        """
        Stand at an instant, also an earlier one.

        Raises:
            InvalidValueError: No aware instant.
        """
        if not isinstance(instant, datetime) or instant.utcoffset() is None:
            raise InvalidValueError(
                "a clock stands at an instant", where="instant", expected="an aware datetime", found=repr(instant),
                hint="give it tzinfo=UTC",
            )  # fmt: skip
        self._now = instant

    def advance(self, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> None:
        """Go on by some time; backwards where it is negative."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def __repr__(self) -> str:
        return f"<HandClock at {self._now.isoformat()}>"


class SeededBytes:
    """
    Bytes that look random and follow from a seed, for ids and salts.

    Args:
        seed: Any text; equal seeds give equal bytes, in whatever pieces these are drawn.

    >>> SeededBytes("a")(10) == SeededBytes("a")(10) != SeededBytes("b")(10)
    True
    """

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._block = 0
        self._left = b""

    def __call__(self, size: int) -> bytes:
        """The next *size* bytes."""
        while len(self._left) < size:
            self._left += hashlib.sha256(f"{self._block} {self._seed}".encode()).digest()
            self._block += 1
        taken, self._left = self._left[:size], self._left[size:]
        return taken
