"""
The leaf's own keys: which there are, and what each may hold. Knows no event and no sealed field.

    body id once origin position recorded_at recorded_clamped recorder sealed type v version

Exactly these; ``once`` and ``recorded_clamped`` may be absent. Position and time are the store's, so a leaf is
written as a head and a tail around them (DESIGN §7). This form is frozen.
"""

from __future__ import annotations

import re
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any, Final, NamedTuple

from coop_ledger.codec.canonical import compact
from coop_ledger.codec.layout import BODY_AT, keys_behind_body
from coop_ledger.codec.problems import told
from coop_ledger.codec.strict import parse_canonical, quick_canonical, reread, text_of
from coop_ledger.domain import Once, check_label
from coop_ledger.errors import CodecError, InvalidValueError, LeafTooLargeError, repr_of
from coop_ledger.log import MAX_LEAF, placed

__all__ = [
    "LEAF_FORMAT",
    "check_names",
    "check_origin",
    "check_recorder",
    "read_envelope",
    "read_leaf",
    "read_once",
    "write_leaf",
]

LEAF_FORMAT: Final = 1
"""The value of ``v``: the shape of the leaf itself."""

_KINDS: Final[dict[str, type]] = {
    "body": dict,
    "id": str,
    "origin": str,
    "position": int,
    "recorded_at": str,
    "recorder": str,
    "sealed": dict,
    "type": str,
    "v": int,
    "version": int,
}
_TYPES: Final = [*_KINDS.values()]
_NEEDED: Final = frozenset(_KINDS)
_KEYS: Final = frozenset((*_KINDS, "once", "recorded_clamped"))
_LONGEST_PLACED: Final = len(placed(2**53 - 1, "0" * 27, True))

_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_ORIGIN: Final = re.compile("[!-*,-~]{1,200}")
_RECORDER: Final = re.compile("[!-~](?:[ -~]{0,62}[!-~])?")
_TYPE: Final = re.compile(r"[a-z0-9.-]{1,100}")


class Names(NamedTuple):
    """The short texts of a leaf that are no event's: which ledger, which entry, whose record."""

    origin: str
    id: str
    recorder: str


def check_origin(origin: object) -> None:
    """
    Refuse what is not an origin: 1 to 200 printable ASCII characters without blanks or plus signs.

    An origin names one life of one ledger, like ``forum.example.org/2026-k3f9``; it becomes the name of its
    signing key (C2SP signed-note), which holds neither blanks nor plus signs.

    Raises:
        InvalidValueError: Another type, or off that shape.
    """
    if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
        raise InvalidValueError(
            "an origin is 1 to 200 printable ASCII characters without blanks or plus signs",
            where="origin",
            found=repr_of(origin)[:80],
        )


def check_recorder(recorder: object) -> None:
    """
    Refuse what is not a recorder's pseudonym: 1 to 64 printable ASCII characters, no blanks at its ends.

    Raises:
        InvalidValueError: Another type, or off that shape.
    """
    if not isinstance(recorder, str) or not _RECORDER.fullmatch(recorder):
        raise InvalidValueError(
            "a recorder is 1 to 64 printable ASCII characters", where="recorder", found=repr_of(recorder)[:80]
        )


def check_names(names: Names) -> None:
    """
    Refuse an origin, an entry id or a recorder that is off its shape.

    Raises:
        InvalidValueError: Another type, or off the shape.
    """
    if not isinstance(names.id, str) or not _ID.fullmatch(names.id):
        raise InvalidValueError("an entry id is a UUIDv7 in small letters", where="id", found=repr_of(names.id)[:80])
    check_origin(names.origin)
    check_recorder(names.recorder)


def write_leaf(
    names: Names, name: str, version: int, body: dict[str, Any], sealed: dict[str, str], once: Once | None
) -> tuple[bytes, bytes]:
    """
    The head and the tail of a leaf.

    Args:
        names: Origin, id and recorder, checked.
        name: Wire name of event or act.
        version: Version of that type.
        body: Plain body without its sealed texts; its keys are ASCII.
        sealed: Path → commitment.
        once: The call's key and the entry's place in it, checked.

    Raises:
        LeafTooLargeError: The leaf would pass 65,535 bytes.
    """
    key = "" if once is None else f'"once":[{quoted(once.key)},{once.index},{once.count}],'
    head = f'{{"body":{compact(body)},"id":"{names.id}",{key}"origin":{quoted(names.origin)},'.encode()
    commitments = ",".join([f'{quoted(path)}:"{digest}"' for path, digest in sorted(sealed.items())])
    tail = (
        f'"recorder":{quoted(names.recorder)},"sealed":{{{commitments}}},'
        f'"type":"{name}","v":{LEAF_FORMAT},"version":{version}}}'
    ).encode()
    size = len(head) + _LONGEST_PLACED + len(tail)
    if size > MAX_LEAF:
        raise LeafTooLargeError(
            "the entry is too large",
            expected=f"at most {MAX_LEAF} bytes",
            found=f"{size} bytes",
            hint="shorten its texts or split it into several claims",
        )
    return head, tail


def read_leaf(leaf: bytes, *, trusted: bool = False) -> dict[str, Any]:
    """
    The keys of a leaf, each of its type; body and sealed are not looked into.

    Args:
        leaf: The leaf's bytes.
        trusted: Whether they were checked before they were kept: only the types are checked then.

    Raises:
        CodecError: Not the canonical bytes of such an object.
    """
    if trusted:
        return _checked(reread(leaf))
    text = text_of(leaf)
    quick = keys_behind_body(text)
    if quick is not None:
        end, found = quick
        try:
            body = quick_canonical(text[BODY_AT:end])
        except CodecError:  # the slow way says where
            body = None
        if body is not None and type(body[0]) is dict:
            found["body"] = body[0]
            return found
    found = _checked(parse_canonical(leaf))
    _check_values(found)
    return found


def _checked(found: Any) -> dict[str, Any]:
    """The keys of a leaf, if they are its keys and each is of its type."""
    if type(found) is not dict:
        raise CodecError("a leaf is an object", found=type(found).__name__)
    form = found.get("v", LEAF_FORMAT)
    if type(form) is not int or form != LEAF_FORMAT:  # first: another format may have other keys
        raise CodecError("no such format of leaves", where="v", expected=str(LEAF_FORMAT), found=told(form))
    if not _NEEDED <= found.keys() <= _KEYS:
        wrong = (_NEEDED - found.keys()) | (found.keys() - _KEYS)
        raise CodecError("a leaf has exactly its keys", found=f"missing or strange: {', '.join(sorted(wrong))}"[:200])
    if [*map(type, map(found.__getitem__, _KINDS))] != _TYPES:
        name, kind = next((name, kind) for name, kind in _KINDS.items() if type(found[name]) is not kind)
        raise CodecError(
            "a key of the leaf holds another type", where=name, expected=kind.__name__, found=told(found[name])
        )
    return found


def _check_values(leaf: dict[str, Any]) -> None:
    if leaf["position"] < 0 or leaf["version"] < 1:
        raise CodecError("positions count from 0 and versions from 1", where="position, version")
    if leaf.get("recorded_clamped", True) is not True:
        raise CodecError("the mark of a clamped time is true or absent", where="recorded_clamped")
    if not _TYPE.fullmatch(leaf["type"]):
        raise CodecError("a type is a wire name", where="type", found=ascii(leaf["type"])[:80])
    try:
        check_names(Names(leaf["origin"], leaf["id"], leaf["recorder"]))
    except InvalidValueError as error:
        raise CodecError(error.what, where=error.where, found=error.found) from error


def read_envelope(leaf: bytes) -> dict[str, Any]:
    """
    The keys of a leaf but its body, which is not looked into: for who looks at bytes, not at what they say.

    Args:
        leaf: The leaf's bytes.

    Returns:
        What :func:`read_leaf` gives, without ``body``.

    Raises:
        CodecError: As :func:`read_leaf`, but for a fault in the body; of that, only some are seen.
    """
    try:
        quick = keys_behind_body(leaf.decode())
    except UnicodeDecodeError:  # the slow way says where
        quick = None
    if quick is not None:
        return quick[1]
    found = read_leaf(leaf)
    del found["body"]
    return found


def read_once(value: Any) -> Once:
    """
    The call's key of a leaf that has one.

    Raises:
        CodecError: Not ``[key, i, n]`` with 0 <= i < n.
    """
    match value:
        case [key, index, count] if type(index) is int and type(count) is int and 0 <= index < count:
            once = Once(key, index, count)
        case _:
            raise CodecError("a call's key is [key, i, n]", where="once", found=told(value))
    try:
        _check_key(key)
    except (InvalidValueError, TypeError) as error:
        raise CodecError("the key of a call is off its shape", where="once", found=told(key)) from error
    return once


@lru_cache(maxsize=1_024)
def _check_key(key: str) -> None:
    """The entries of one call follow each other, and have one key."""
    check_label("once", key, 200)
