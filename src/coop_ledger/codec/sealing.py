"""
Sealed fields: what stands in the leaf is a salted commitment, the words stand in an opening beside it.

Knows JSON Pointers and text, not which fields are sealed, and draws no salt. An opening can be erased, and
every proof over the leaf still holds. Source: DESIGN §7, audit.md §4; the path's form: decision 0005.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any, Final, NoReturn

from coop_ledger.codec.canonical import in_order
from coop_ledger.codec.problems import told
from coop_ledger.domain import REDACTED
from coop_ledger.errors import CodecError, CommitmentError, InvalidValueError
from coop_ledger.log import MAX_LEAF

__all__ = [
    "MAX_OPENINGS",
    "SALT_SIZE",
    "Openings",
    "Slot",
    "commitment",
    "commitments",
    "conceal",
    "encode_openings",
    "open_paths",
    "open_sealed",
    "parse_openings",
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

_MOST: Final = MAX_LEAF // len(f'"":"{"0" * 2 * SALT_SIZE}",')
"""Openings of one entry: a leaf has no room for the commitments of more."""

_TEXT: Final = r'(?:[^"\\\x00-\x1f]++|\\(?:["\\bfnrt]|u00(?:0[1-7bef]|1[0-9a-f])))*+'
_MEMBER: Final = re.compile(rf'(?s)[{{,]"({_TEXT})":\["([0-9a-f]{{64}})","({_TEXT})"\](?=[,}}])|(?!\}}\Z).+')
"""An opening as canonical JSON has it, with what stands before it; or all the rest, in no parts, where none follows."""

_BEGINS: Final = b'":["'
"""Stands in an opening once, since its texts have no bare quotes; in what is no longer than a leaf never too often."""

_BYTES: Final = "latin-1"
"""How bytes are read to look for openings: one sign for each, in as little room as they take."""

_Member = tuple[str, str, str]
"""Path, salt and text of an opening as they stand in the bytes; nothing else is ever built from openings."""

_WHERE: Final = "openings"

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
    begun = _begun_of(origin).copy()
    begun.update(f"{quoted(entry_id)},".encode())
    return begun


@lru_cache(maxsize=16)
def _begun_of(origin: str) -> hashlib._Hash:
    """What the commitments of all entries of a ledger share, hashed; not to be hashed on."""
    return hashlib.sha256(_TAG + f"[{quoted(origin)},".encode())


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


def open_sealed(sealed: Mapping[str, Any], blob: bytes | None, *, origin: str, entry_id: str) -> Openings:
    """
    Read openings that are what was committed to; missing ones are erased and no fault.

    Args:
        sealed: Path → commitment, as the leaf has them.
        blob: The openings as stored, of all or some of the paths; None where there are none.
        origin: The ledger's origin.
        entry_id: The entry's id.

    Raises:
        CodecError: As :func:`parse_openings`; a commitment is none, or an opening has no commitment.
        CommitmentError: An opening is not the one that was committed to.

    Guarantees: as :func:`parse_openings`. What is hashed is the stored bytes.
    """
    members, paths = _read(blob)
    _check(sealed, members, paths, origin, entry_id)
    return _openings(members, paths)


def open_paths(sealed: Mapping[str, Any], blob: bytes | None, *, origin: str, entry_id: str) -> list[str]:
    """
    The paths of openings that are what was committed to: as :func:`open_sealed`, for who needs no more.

    Raises:
        CodecError, CommitmentError: As :func:`open_sealed`.
    """
    members, paths = _read(blob)
    _check(sealed, members, paths, origin, entry_id)
    return paths


def commitments(blob: bytes | None, *, origin: str, entry_id: str) -> dict[str, str]:
    """
    The commitment that each opening gives, by path, whatever the leaf has there; what is hashed is the stored bytes.

    Args:
        blob: The openings as stored; None where there are none.
        origin: The ledger's origin.
        entry_id: The entry's id.

    Raises:
        CodecError: As :func:`parse_openings`.
    """
    members, paths = _read(blob)
    return dict(zip(paths, _digests(members, origin, entry_id), strict=True))


def _digests(members: list[_Member], origin: str, entry_id: str) -> list[str]:
    begun, found = _begun(origin, entry_id).copy, []
    for path, salt, text in members:
        digest = begun()
        digest.update(f'"{path}","{salt}","{text}"]'.encode(_BYTES))
        found.append(digest.hexdigest())
    return found


def _check(sealed: Mapping[str, Any], members: list[_Member], paths: list[str], origin: str, entry_id: str) -> None:
    """Refuse openings that are not what was committed to, and commitments that are none."""
    found = _digests(members, origin, entry_id)
    if found != [*map(sealed.get, paths)]:
        path, given = next(one for one in zip(paths, found, strict=True) if sealed.get(one[0]) != one[1])
        _refuse(path, sealed.get(path), given, entry_id)
    if len(paths) != len(sealed):
        for path in sealed.keys() - set(paths):
            _check_digest(path, sealed[path])


def _check_digest(path: str, given: object) -> None:
    if type(given) is not str or not _DIGEST.fullmatch(given):
        raise CodecError("a commitment is 64 hex digits", where=path[:200], found=told(given))


def _refuse(path: str, expected: object, found: str, entry_id: str) -> NoReturn:
    """Say what is wrong with an opening that is not the one committed to."""
    if expected is None:
        raise CodecError("an opening belongs to no commitment", where=entry_id)  # what stands as its path may be words
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
        holder = _held(body, parents, path) if parents else body
        if type(holder) is not dict or name in holder:
            raise CodecError("a sealed field stands in the body too, or has no place there", where=path[:200])
        holder[name] = openings[path][1] if path in openings else REDACTED


def conceal(body: dict[str, Any], sealed: Iterable[str]) -> None:
    """
    Make the sealed texts of a body that :func:`unseal` has filled read ``REDACTED``, for who must not show them.

    Args:
        body: Changed in place.
        sealed: The paths of the sealed texts.
    """
    for path in sealed:
        parents, name = _steps(path)
        _held(body, parents, path)[name] = REDACTED


def _held(body: dict[str, Any], parents: tuple[str | int, ...], path: str) -> Any:
    """What holds a sealed field."""
    holder: Any = body
    try:
        for part in parents:
            holder = holder[part]
    except (KeyError, IndexError, TypeError) as error:
        raise CodecError("a sealed path leads nowhere", where=path[:200]) from error
    return holder


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
    """An object of ready-made members, in the order of their paths."""
    return ("{" + ",".join([rows[path] for path in in_order(rows)]) + "}").encode() if rows else None


def parse_openings(blob: bytes | None) -> Openings:
    """
    Read an entry's openings, which have one spelling: what :func:`encode_openings` writes, and nothing else.

    Args:
        blob: As stored; None where there are none.

    Raises:
        CodecError: Anything else, also another spelling of the same openings. It never shows what stands there, nor
            does what it may be chained to: these are words that may have to be erased.

    Guarantees: pure; whatever the bytes, nothing is built of them but openings, at most as many as a leaf has room for.
    """
    members, paths = _read(blob)
    return _openings(members, paths)


def _read(blob: bytes | None) -> tuple[list[_Member], list[str]]:
    """Openings as they stand in the bytes, and their paths."""
    if blob is None:
        return [], []
    if not isinstance(blob, bytes):
        raise CodecError("openings are bytes", where=_WHERE, found=type(blob).__name__)
    if len(blob) > MAX_OPENINGS:
        expected, size = f"at most {MAX_OPENINGS} bytes", f"{len(blob)} bytes"
        raise CodecError("the openings are too large", where=_WHERE, expected=expected, found=size)
    count = blob.count(_BEGINS) if len(blob) > MAX_LEAF else 1
    if count > _MOST:
        what, most = "there are more openings than a leaf can have", f"at most {_MOST}"
        raise CodecError(what, where=_WHERE, expected=most)
    members: list[_Member] = _MEMBER.findall(blob.decode(_BYTES)) if count else []
    paths = [] if not _is_whole(blob, members) else [
        path if path.isascii() and "\\" not in path else _text(path) for path, _, _ in members
    ]  # fmt: skip
    once = {*paths}
    if not paths or paths != (sorted(once) if blob.isascii() else in_order(once)):
        raise CodecError("the openings are not in the one form that they can have", where=_WHERE)
    return members, paths


def _is_whole(blob: bytes, members: list[_Member]) -> bool:
    """Whether the openings that were found are all that stands there."""
    if not members or not members[-1][1] or blob[:1] != b"{":
        return False
    try:
        return blob.isascii() or bool(blob.decode())
    except UnicodeDecodeError:  # an error that is chained to this one would show the words
        return False


def _openings(members: list[_Member], paths: list[str]) -> Openings:
    """The openings that were read."""
    return {
        path: (salt, text if text.isascii() and "\\" not in text else _text(text))
        for path, (_, salt, text) in zip(paths, members, strict=True)
    }


def _text(stored: str) -> str:
    """What is written with escapes, or with more than ASCII."""
    text = stored.encode(_BYTES).decode()
    return text if "\\" not in text else str(json.loads(f'"{text}"'))
