"""
Bodies ↔ the bytes of a leaf: what is public stands in it, what is sealed stands beside it. Knows no store.

Writing gives the head and tail of the leaf, between which the store puts position and time (DESIGN §7), and
the openings. Reading is strict, and total for types it does not know: those come back as ``UnknownEvent``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from json.encoder import encode_basestring as quoted
from typing import Any, Final, NamedTuple

from coop_ledger.codec.canonical import compact
from coop_ledger.codec.registry import VERSIONS, class_of, wire_name
from coop_ledger.codec.sealing import SALT_SIZE, check_opening, commitment, encode_openings, parse_openings
from coop_ledger.codec.strict import parse
from coop_ledger.codec.upcast import upcast
from coop_ledger.codec.wire import Plain, act_from_plain, body_to_plain, claim_from_plain
from coop_ledger.domain import ACT_TYPES, REDACTED, Act, Body, Claim, Entry, Once, Source, UnknownEvent, field_specs
from coop_ledger.errors import CodecError, InvalidValueError, LeafTooLargeError, UnknownEventTypeError
from coop_ledger.log import MAX_LEAF, parse_instant, placed

__all__ = ["LEAF_FORMAT", "EncodedEntry", "decode", "encode", "sealed_paths"]

LEAF_FORMAT: Final = 1
"""The value of ``v``: the shape of the leaf itself."""

_REQUIRED: Final = frozenset(
    ("body", "id", "origin", "position", "recorded_at", "recorder", "sealed", "type", "v", "version")
)
_OPTIONAL: Final = frozenset(("once", "recorded_clamped"))
_LONGEST_PLACED: Final = len(placed(2**53 - 1, "0" * 27, True))

Slot = tuple[str, Plain, str]
"""Path of a sealed field, the object that holds it, and its name there."""


class EncodedEntry(NamedTuple):
    """
    An entry as bytes, but for its place and time.

    Args:
        head: The leaf up to ``position``.
        tail: The leaf from ``recorder``.
        openings: The openings' canonical bytes; None where nothing is sealed.
    """

    head: bytes
    tail: bytes
    openings: bytes | None


@cache
def _sealed_names(cls: type) -> tuple[str, ...]:
    return tuple(name for name, spec in field_specs(cls).items() if spec.sealed)


def _slots(plain: Plain, cls: type, path: str = "") -> Iterator[Slot]:
    for name in _sealed_names(cls):
        if name in plain:
            yield f"{path}/{name}", plain, name
    for at, source in enumerate(plain.get("sources", ())):
        yield from _slots(source, Source, f"{path}/sources/{at}")
    if "claim" in plain:
        yield from _slots(plain["claim"], Claim, f"{path}/claim")
    if "event" in plain:
        yield from _slots(plain["event"], class_of(plain["event"]["type"]), f"{path}/event")


def sealed_paths(body: Claim | Act) -> tuple[str, ...]:
    """The JSON Pointers of the sealed texts that a body has, in the order in which they are sealed."""
    return tuple(path for path, _, _ in _slots(body_to_plain(body), type(body)))


def _seal(
    slots: list[Slot], origin: str, entry_id: str, salts: bytes
) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    sealed: dict[str, str] = {}
    openings: dict[str, tuple[str, str]] = {}
    for at, (path, holder, name) in enumerate(slots):
        value = holder.pop(name)
        if type(value) is not str:
            raise InvalidValueError("an erased text cannot be recorded again", where=path, found=repr(value))
        salt = salts[at * SALT_SIZE : (at + 1) * SALT_SIZE].hex()
        sealed[path] = commitment(origin, entry_id, path, salt, value)
        openings[path] = salt, value
    return sealed, openings


def encode(
    body: Claim | Act,
    *,
    origin: str,
    entry_id: str,
    recorder: str,
    once: Once | None,
    draw: Callable[[int], bytes],
) -> EncodedEntry:
    """
    Write a body as the bytes of its leaf and openings.

    Args:
        body: What the entry says.
        origin: The ledger's origin.
        entry_id: The entry's id.
        recorder: Pseudonym of who records it.
        once: The call's key and the entry's place in it, if the caller gave a key.
        draw: ``draw(n)`` gives n random bytes, for the salts: 32 for each sealed text.

    Raises:
        LeafTooLargeError: The leaf would pass 65,535 bytes.
        InvalidValueError: A sealed text reads ``REDACTED``.

    Guarantees: pure but for *draw*; ``decode`` of the placed leaf gives the body back.
    Source: DESIGN §7.
    """
    plain = body_to_plain(body)
    slots = list(_slots(plain, type(body)))
    sealed, openings = _seal(slots, origin, entry_id, draw(SALT_SIZE * len(slots)) if slots else b"")
    if isinstance(body, Claim):
        name = plain["event"].pop("type")
    else:
        name = wire_name(type(body))
        if "claim" in plain:
            event = plain["claim"]["event"]
            event["version"] = VERSIONS[event["type"]]
    key = "" if once is None else f'"once":[{quoted(once.key)},{once.index},{once.count}],'
    head = f'{{"body":{compact(plain)},"id":{quoted(entry_id)},{key}"origin":{quoted(origin)},'.encode()
    tail = (
        f'"recorder":{quoted(recorder)},"sealed":{compact(sealed)},'
        f'"type":{quoted(name)},"v":{LEAF_FORMAT},"version":{VERSIONS[name]}}}'
    ).encode()
    size = len(head) + _LONGEST_PLACED + len(tail)
    if size > MAX_LEAF:
        raise LeafTooLargeError(
            "the entry is too large",
            expected=f"at most {MAX_LEAF} bytes",
            found=f"{size} bytes",
            hint="shorten its texts or split it into several claims",
        )
    return EncodedEntry(head, tail, encode_openings(openings))


def _check_keys(leaf: Any) -> Plain:
    if not isinstance(leaf, dict):
        raise CodecError("a leaf is an object", found=type(leaf).__name__)
    wrong = (_REQUIRED - leaf.keys()) | (leaf.keys() - _REQUIRED - _OPTIONAL)
    if wrong:
        raise CodecError(
            "a leaf has exactly its keys", where="leaf", found=f"missing or strange: {', '.join(sorted(wrong))}"
        )
    if type(leaf["v"]) is not int or leaf["v"] != LEAF_FORMAT:
        raise CodecError("no such format of leaves", where="v", expected=str(LEAF_FORMAT), found=repr(leaf["v"]))
    kinds = {
        "body": dict,
        "id": str,
        "origin": str,
        "position": int,
        "recorder": str,
        "sealed": dict,
        "type": str,
        "version": int,
    }
    for name, kind in kinds.items():
        if type(leaf[name]) is not kind:
            raise CodecError(
                "a key of the leaf holds another type", where=name, expected=kind.__name__, found=repr(leaf[name])[:80]
            )
    if leaf.get("recorded_clamped", True) is not True:
        raise CodecError("the mark of a clamped time is true or absent", where="recorded_clamped")
    return leaf


def _once(value: Any) -> Once | None:
    match value:
        case None:
            return None
        case [str(key), int(index), int(count)] if 0 <= index < count:
            return Once(key, index, count)
    raise CodecError("a call's key is [key, i, n]", where="once", found=repr(value)[:80])


def _put(body: Plain, path: str, text: Any) -> None:
    holder: Any = body
    *parents, name = path.split("/")[1:]
    try:
        for part in parents:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise CodecError("a sealed path leads nowhere", where=path) from error
    if not isinstance(holder, dict) or name in holder:
        raise CodecError("a sealed field stands in the body too, or has no place there", where=path)
    holder[name] = text


def _open(leaf: Plain, blob: bytes | None) -> Plain:
    """The leaf's body with its sealed texts in place; a text whose opening is gone reads ``REDACTED``."""
    body: Plain = leaf["body"]
    sealed, openings = leaf["sealed"], parse_openings(blob)
    if not openings.keys() <= sealed.keys():
        strange = ", ".join(sorted(openings.keys() - sealed.keys()))
        raise CodecError("an opening belongs to no commitment", where=leaf["id"], found=strange)
    for path, expected in sealed.items():
        opening = openings.get(path)
        text = REDACTED if opening is None else check_opening(leaf["origin"], leaf["id"], path, opening, expected)
        _put(body, path, text)
    return body


def _body(name: str, version: int, plain: Plain) -> Body:
    newest = VERSIONS.get(name)
    if newest is None or not 1 <= version <= newest:
        return UnknownEvent(name, version, plain)
    try:
        if class_of(name) in ACT_TYPES:
            return act_from_plain(name, upcast(name, version, plain))
        event = plain.get("event")
        if not isinstance(event, dict) or "type" in event or "version" in event:
            raise CodecError("a claim's event is an object without its type", where="/event")
        return claim_from_plain({**plain, "event": {**event, "type": name, "version": version}})
    except UnknownEventTypeError:  # a correction to an event that a newer writer knows
        return UnknownEvent(name, version, plain)


def decode(leaf: bytes, openings: bytes | None) -> Entry:
    """
    Read an entry from its leaf and openings.

    Args:
        leaf: The leaf as stored.
        openings: The openings as stored; a sealed text without one reads ``REDACTED``.

    Returns:
        The entry; its body is an ``UnknownEvent`` where type or version is not known here.

    Raises:
        CodecError: Not a leaf of this format.
        MalformedEventError: A body that does not fit its type.
        CommitmentError: An opening that does not fit its commitment.

    Guarantees: pure.
    """
    found = _check_keys(parse(leaf))
    try:
        recorded_at = parse_instant(found["recorded_at"])
    except InvalidValueError as error:
        raise CodecError("the time of recording cannot be read", where="recorded_at", found=error.found) from error
    return Entry(
        found["position"],
        found["id"],
        recorded_at,
        "recorded_clamped" in found,
        found["recorder"],
        _body(found["type"], found["version"], _open(found, openings)),
        _once(found.get("once")),
    )
