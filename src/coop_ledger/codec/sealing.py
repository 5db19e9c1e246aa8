"""
Sealed fields: what stands in the leaf is a salted commitment, the words stand in an opening beside it.

Knows JSON Pointers and text, not which fields are sealed, and draws no salt. An opening can be erased, and
every proof over the leaf still holds. Source: DESIGN §7, audit.md §4; the path's form: decision 0005.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any, Final, NoReturn

from coop_ledger.codec.problems import told
from coop_ledger.codec.strict import parse, reread
from coop_ledger.domain import REDACTED
from coop_ledger.errors import CodecError, CommitmentError, InvalidValueError

__all__ = [
    "MAX_OPENINGS",
    "SALT_SIZE",
    "Openings",
    "Slot",
    "check_openings",
    "commitment",
    "encode_openings",
    "parse_openings",
    "reread_openings",
    "seal",
    "unseal",
]

SALT_SIZE: Final = 32
"""Bytes of a salt; one salt for each field of each entry."""

_TAG: Final = b"coop-ledger/sealed/v1\x00"
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_INDEX: Final = re.compile("0|[1-9][0-9]{0,4}")

MAX_OPENINGS: Final = 16 * 1024 * 1024
"""Bytes of the openings of one entry: they may repeat what the size of a leaf allows, each with path and salt."""

Openings = dict[str, tuple[str, str]]
"""Path of each sealed field → its salt in hex and its text."""

_NO_OBJECT: Final = "openings are an object of paths"
_NO_PAIR: Final = "an opening is a salt, 64 hex digits, and a text"

Slot = tuple[str, dict[str, Any], str]
"""Path of a sealed field, the object that holds it, and its name there."""


def commitment(origin: str, entry_id: str, path: str, salt: str, value: str) -> str:
    """
    What stands in the leaf for a sealed text.

    Args:
        origin: The ledger's origin.
        entry_id: The entry's id.
        path: JSON Pointer of the field.
        salt: 64 hex digits.
        value: The text, without U+0000 and lone surrogates.

    Returns:
        SHA-256(tag ‖ 0x00 ‖ JCS([origin, id, path, salt, value])) as 64 hex digits.
    """
    form = f"[{quoted(origin)},{quoted(entry_id)},{quoted(path)},{quoted(salt)},{quoted(value)}]"
    return hashlib.sha256(_TAG + form.encode()).hexdigest()


def _begun(origin: str, entry_id: str) -> hashlib._Hash:
    """What the commitments of all fields of an entry share, hashed."""
    return hashlib.sha256(_TAG + f"[{quoted(origin)},{quoted(entry_id)},".encode())


def seal(
    slots: Iterable[Slot], *, origin: str, entry_id: str, draw: Callable[[int], bytes]
) -> tuple[dict[str, str], bytes | None]:
    """
    Take sealed texts out of a plain body.

    Args:
        slots: Where the texts stand; they are removed from there.
        origin: The ledger's origin.
        entry_id: The entry's id.
        draw: ``draw(n)`` gives n random bytes; called once for all salts.

    Returns:
        Path → commitment, and the openings as :func:`encode_openings` writes them.

    Raises:
        InvalidValueError: A text reads ``REDACTED``, or *draw* gave another number of bytes.
    """
    slots = tuple(slots)
    wanted = SALT_SIZE * len(slots)
    salts = draw(wanted).hex() if slots else ""
    if len(salts) != 2 * wanted:
        raise InvalidValueError(
            "each sealed text needs its own salt", where="draw", expected=f"{wanted} bytes", found=str(len(salts) // 2)
        )
    sealed: dict[str, str] = {}
    rows: dict[str, str] = {}
    begun = _begun(origin, entry_id)
    for at, (path, holder, name) in enumerate(slots):
        value = holder.pop(name)
        if type(value) is not str:
            raise InvalidValueError("an erased text cannot be recorded again", where=path, found=repr(value))
        salt = salts[2 * SALT_SIZE * at : 2 * SALT_SIZE * (at + 1)]
        place, opening = quoted(path), f'"{salt}",{quoted(value)}]'
        digest = begun.copy()
        digest.update(f"{place},{opening}".encode())
        sealed[path] = digest.hexdigest()
        rows[path] = f"{place}:[{opening}"
    return sealed, _blob(rows)


def check_openings(sealed: Mapping[str, Any], openings: Mapping[str, Any], *, origin: str, entry_id: str) -> None:
    """
    Refuse openings that are not what was committed to; missing ones are erased and no fault.

    Args:
        sealed: Path → commitment, as the leaf has them.
        openings: Path → salt and text, of all or some of the paths.
        origin: The ledger's origin.
        entry_id: The entry's id.

    Raises:
        CodecError: A commitment is none, or an opening has no commitment.
        CommitmentError: An opening is not the one that was committed to.
    """
    begun = _begun(origin, entry_id).copy
    for path, opening in openings.items():
        digest = begun()
        try:
            salt, value = opening
            digest.update(f"{quoted(path)},{quoted(salt)},{quoted(value)}]".encode())
        except (TypeError, ValueError) as error:
            raise CodecError(_NO_PAIR, where=path[:200]) from error
        if digest.hexdigest() != sealed.get(path):
            _refuse(path, sealed.get(path), digest.hexdigest(), entry_id)
    if len(openings) != len(sealed):
        for path in sealed.keys() - openings.keys():
            _check_digest(path, sealed[path])


def _check_digest(path: str, given: object) -> None:
    if type(given) is not str or not _DIGEST.fullmatch(given):
        raise CodecError("a commitment is 64 hex digits", where=path[:200], found=told(given))


def _refuse(path: str, expected: object, found: str, entry_id: str) -> NoReturn:
    """Say what is wrong with an opening that is not the one committed to."""
    if expected is None:
        raise CodecError("an opening belongs to no commitment", where=entry_id, found=path[:200])
    _check_digest(path, expected)
    raise CommitmentError(
        "an opening does not fit its commitment", where=f"{entry_id} {path}", expected=str(expected), found=found
    )


def unseal(body: dict[str, Any], sealed: Iterable[str], openings: Mapping[str, Any]) -> None:
    """
    Put sealed texts back into a plain body; a text whose opening is gone reads ``REDACTED``.

    Args:
        body: Changed in place.
        sealed: The paths of the sealed texts.
        openings: Path → salt and text, of all or some of the paths.

    Raises:
        CodecError: A path leads nowhere, or to a value that stands in the body.
    """
    for path in sealed:
        parents, name = _steps(path)
        holder: Any = body
        try:
            for part in parents:
                holder = holder[part]
        except (KeyError, IndexError, TypeError) as error:
            raise CodecError("a sealed path leads nowhere", where=path[:200]) from error
        if type(holder) is not dict or name in holder:
            raise CodecError("a sealed field stands in the body too, or has no place there", where=path[:200])
        holder[name] = openings[path][1] if path in openings else REDACTED


@lru_cache(maxsize=4_096)
def _steps(path: str) -> tuple[tuple[str | int, ...], str]:
    """The way to the object that holds a sealed field, and the field's name there."""
    if not path.startswith("/") or "~" in path:
        raise CodecError("a sealed field is named by a JSON Pointer of plain names", where=path[:200])
    _, *parents, name = path.split("/")
    return tuple(int(part) if _INDEX.fullmatch(part) else part for part in parents), name


def encode_openings(openings: Mapping[str, tuple[str, str]]) -> bytes | None:
    """The canonical bytes of an entry's openings; None where there are none."""
    rows = {path: f"{quoted(path)}:[{quoted(salt)},{quoted(value)}]" for path, (salt, value) in openings.items()}
    return _blob(rows)


def _blob(rows: Mapping[str, str]) -> bytes | None:
    """An object of ready-made members, in the order of their ASCII paths."""
    return ("{" + ",".join([rows[path] for path in sorted(rows)]) + "}").encode() if rows else None


def parse_openings(blob: bytes | None) -> Openings:
    """
    Read an entry's openings.

    Args:
        blob: As stored; None where there are none.

    Raises:
        CodecError: Not an object of path → salt and text.
    """
    value = {} if blob is None else parse(blob, max_bytes=MAX_OPENINGS)
    if type(value) is not dict:
        raise CodecError(_NO_OBJECT, found=repr(value)[:80])
    return {path: _pair(path, item) for path, item in value.items()}


def reread_openings(blob: bytes | None) -> dict[str, Any]:
    """
    Read openings that were checked before they were kept; :func:`check_openings` must look at them again.

    Raises:
        CodecError: Not an object.
    """
    value = {} if blob is None else reread(blob)
    if type(value) is not dict:
        raise CodecError(_NO_OBJECT, found=repr(value)[:80])
    return value


def _pair(path: str, value: Any) -> tuple[str, str]:
    if type(value) is list and len(value) == 2:
        salt, text = value
        if type(salt) is str and type(text) is str and _DIGEST.fullmatch(salt):  # as long as a digest
            return salt, text
    raise CodecError(_NO_PAIR, where=path[:200])
