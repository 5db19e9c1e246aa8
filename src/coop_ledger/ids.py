"""
Ids of new entries: UUIDv7 made from a given instant and given random bytes; knows no clock and no generator.

Ids of one call follow each other (RFC 9562, 6.2, method 2), which keeps the index of ids dense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

__all__ = ["entry_ids", "in_chunks"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 74
_LOW_MASK = (1 << 62) - 1


def entry_ids(now: datetime, seed: bytes) -> Iterator[str]:
    """
    Yield ids for the entries of one call, each greater than the one before.

    Args:
        now: The instant of the call, aware.
        seed: 10 random bytes.

    >>> from datetime import datetime, timezone
    >>> next(entry_ids(datetime(2016, 11, 15, tzinfo=timezone.utc), bytes(10)))
    '01586548-8000-7000-8000-000000000000'
    """
    delta = now - _EPOCH
    millis = (delta.days * 86_400 + delta.seconds) * 1_000 + delta.microseconds // 1_000
    # the top bit of the seed stays free, so that a call of any length counts up without a carry into the time
    start = int.from_bytes(seed, "big") & ((1 << (_RANDOM_BITS - 1)) - 1)
    for random in count(start):
        high, low = random >> 62, random & _LOW_MASK
        text = f"{millis:012x}7{high:03x}{1 << 63 | low:016x}"
        yield f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def in_chunks(draw: Callable[[int], bytes], size: int = 16_384) -> Callable[[int], bytes]:
    """
    The same random bytes, drawn *size* or more at a time: a batch asks for a few bytes ten thousand times.

    >>> small = in_chunks(lambda n: bytes(range(65, 65 + n)), 8)
    >>> small(3), small(3), small(9)[:2]
    (b'ABC', b'DEF', b'AB')
    """
    chunk, at = b"", 0

    def next_bytes(wanted: int) -> bytes:
        nonlocal chunk, at
        if at + wanted > len(chunk):
            chunk, at = draw(max(size, wanted)), 0
        at += wanted
        return chunk[at - wanted : at]

    return next_bytes
