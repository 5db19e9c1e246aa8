"""
Leaf and node hashes of the tree; knows neither positions nor what a leaf says.

Source: RFC 6962, 2.1: SHA-256 with a prefix that keeps leaves and nodes apart.
"""

from __future__ import annotations

import hashlib
from typing import Final

from coop_ledger.errors import InvalidValueError

__all__ = ["EMPTY_ROOT", "HASH_SIZE", "check_hash", "leaf_hash", "node_hash"]

HASH_SIZE: Final = 32
"""Bytes of a hash."""

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

_sha256 = hashlib.sha256


def leaf_hash(leaf: bytes) -> bytes:
    """
    The hash of a leaf: SHA-256(0x00 ‖ leaf), 32 bytes.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return _sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees: SHA-256(0x01 ‖ left ‖ right), 32 bytes."""
    return _sha256(b"\x01" + left + right).digest()


def check_hash(where: str, value: object) -> bytes:
    """
    Give a hash back, or refuse what is none.

    Raises:
        InvalidValueError: Not exactly 32 bytes.
    """
    if not isinstance(value, bytes) or len(value) != HASH_SIZE:
        found = f"{len(value)} bytes" if isinstance(value, bytes) else type(value).__name__
        raise InvalidValueError("a hash has 32 bytes", where=where, expected="32 bytes", found=found)
    return value
