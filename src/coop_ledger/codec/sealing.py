"""
Sealed fields: what stands in the leaf is a salted commitment, the words stand in an opening beside it.

Knows JSON Pointers and text, not which fields are sealed, and draws no salt. An opening can be erased, and
every proof over the leaf still holds. Source: DESIGN §7, audit.md §4; the path's form: decision 0005.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from json.encoder import encode_basestring as quoted
from typing import Any, Final

from coop_ledger.codec.strict import parse
from coop_ledger.errors import CodecError, CommitmentError

__all__ = ["SALT_SIZE", "Openings", "check_opening", "commitment", "encode_openings", "parse_openings"]

SALT_SIZE: Final = 32
"""Bytes of a salt; one salt for each field of each entry."""

_TAG: Final = b"coop-ledger/sealed/v1\x00"

# Openings of a whole leaf may repeat what its size allows, and each carries its path and its salt.
_MAX_OPENINGS: Final = 16 * 1024 * 1024

Openings = dict[str, tuple[str, str]]
"""Path of each sealed field → its salt in hex and its text."""


def commitment(origin: str, entry_id: str, path: str, salt: str, value: str) -> str:
    """
    What stands in the leaf for a sealed text.

    Args:
        origin: The ledger's origin.
        entry_id: The entry's id.
        path: JSON Pointer of the field.
        salt: 64 hex digits.
        value: The text.

    Returns:
        SHA-256(tag ‖ 0x00 ‖ JCS([origin, id, path, salt, value])) as 64 hex digits.
    """
    form = f"[{quoted(origin)},{quoted(entry_id)},{quoted(path)},{quoted(salt)},{quoted(value)}]"
    return hashlib.sha256(_TAG + form.encode()).hexdigest()


def encode_openings(openings: Mapping[str, tuple[str, str]]) -> bytes | None:
    """The canonical bytes of an entry's openings; None where there are none."""
    if not openings:
        return None
    rows = (f"{quoted(path)}:[{quoted(salt)},{quoted(value)}]" for path, (salt, value) in sorted(openings.items()))
    return ("{" + ",".join(rows) + "}").encode()


def parse_openings(blob: bytes | None) -> Openings:
    """
    Read an entry's openings.

    Raises:
        CodecError: Not an object of path → salt and text.
    """
    if blob is None:
        return {}
    value = parse(blob, max_bytes=_MAX_OPENINGS)
    if not isinstance(value, dict):
        raise CodecError("openings are an object", found=type(value).__name__)
    return {path: _pair(path, item) for path, item in value.items()}


def _pair(path: str, value: Any) -> tuple[str, str]:
    if type(value) is list and len(value) == 2 and type(value[0]) is str and type(value[1]) is str:
        return value[0], value[1]
    raise CodecError("an opening is a salt and a text", where=path)


def check_opening(origin: str, entry_id: str, path: str, opening: tuple[str, str], expected: str) -> str:
    """
    Give the text of an opening that fits its commitment.

    Raises:
        CommitmentError: It does not: the text, salt, path or entry is another.
    """
    found = commitment(origin, entry_id, path, *opening)
    if found != expected:
        raise CommitmentError(
            "an opening does not fit its commitment", where=f"{entry_id} {path}", expected=expected, found=found
        )
    return opening[1]
