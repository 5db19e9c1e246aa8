"""
What a witness signs: a time and the text of a checkpoint, with Ed25519; knows no key and signs nothing.

A cosignature says: at this time, this was the largest checkpoint of this log that I had seen, and it agreed
with all that I had seen before. Source: C2SP tlog-cosignature, Ed25519.
"""

from __future__ import annotations

from typing import Final

from coop_ledger.errors import InvalidValueError, NoteError
from coop_ledger.log.strict import MAX_SIZE, encode_text, shown

__all__ = ["ED25519_SIGNATURE", "cosigned_message", "join_cosignature", "split_cosignature"]

ED25519_SIGNATURE: Final = 64
"""Bytes of an Ed25519 signature."""

_TIME: Final = 8


def _check_time(timestamp: int) -> None:
    if not isinstance(timestamp, int) or isinstance(timestamp, bool) or not 0 <= timestamp <= MAX_SIZE:
        raise InvalidValueError(
            "this is no time of a cosignature",
            where="timestamp",
            expected="seconds since 1970, 0 to 2**63 - 1",
            found=shown(timestamp),
        )


def cosigned_message(timestamp: int, text: str) -> bytes:
    """
    The bytes that a witness signs.

    Args:
        timestamp: Seconds since 1970-01-01 UTC, 0 to 2**63 - 1.
        text: The text of the checkpoint, with its last newline.

    Raises:
        InvalidValueError: No such time.
        NoteError: A text with control characters.

    >>> cosigned_message(1679315147, "example.com/log\\n")
    b'cosignature/v1\\ntime 1679315147\\nexample.com/log\\n'
    """
    _check_time(timestamp)
    return f"cosignature/v1\ntime {timestamp}\n".encode("ascii") + encode_text(text, where="checkpoint")


def join_cosignature(timestamp: int, signature: bytes) -> bytes:
    """
    The bytes of a cosignature in a note: the time in 8 bytes, largest first, then the signature in 64.

    Raises:
        InvalidValueError: No such time, or no signature of 64 bytes.
    """
    _check_time(timestamp)
    if len(signature) != ED25519_SIGNATURE:
        raise InvalidValueError("an Ed25519 signature has 64 bytes", where="signature", found=f"{len(signature)} bytes")
    return timestamp.to_bytes(_TIME) + signature


def split_cosignature(blob: bytes) -> tuple[int, bytes]:
    """
    The time (seconds since 1970) and the signature (64 bytes) of a cosignature.

    Raises:
        NoteError: Not 72 bytes, or a time of 2**63 and more.
    """
    if len(blob) != _TIME + ED25519_SIGNATURE:
        raise NoteError("this is no cosignature", expected="72 bytes", found=f"{len(blob)} bytes")
    timestamp = int.from_bytes(blob[:_TIME])
    if timestamp > MAX_SIZE:
        raise NoteError("this is no time of a cosignature", expected="at most 2**63 - 1", found=str(timestamp))
    return timestamp, blob[_TIME:]
