"""
Bodies ↔ the bytes of a leaf: what is public stands in it, what is sealed stands beside it. Knows no store.

Writing gives the head and tail of the leaf, between which the store puts position and time (DESIGN §7), and
the openings. Reading takes exactly what writing gives, and types it does not know: those come back as
``UnknownEvent``. In a leaf the event's type and version stand beside the claim, not in the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import attrs

from coop_ledger.codec.envelope import Names, check_names, read_leaf, read_once, write_leaf
from coop_ledger.codec.registry import VERSIONS, wire_name
from coop_ledger.codec.sealing import Slot, conceal, open_sealed, seal, unseal
from coop_ledger.codec.wire import Plain, act_from_plain, body_to_plain, claim_from_parts
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    Act,
    Body,
    Claim,
    Correction,
    Entry,
    Once,
    Source,
    UnknownEvent,
    check_label,
    sealed_fields,
)
from coop_ledger.errors import CodecError, InvalidValueError, MalformedEventError, Problem, UnknownEventTypeError
from coop_ledger.log import parse_instant

__all__ = ["EncodedEntry", "decode", "decode_body", "encode", "sealed_paths"]

_instant: Final = lru_cache(maxsize=1_024)(parse_instant)  # the entries of a call have one time of recording
_ACT_NAMES: Final = frozenset(wire_name(cls) for cls in ACT_TYPES)


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


class _Fields(NamedTuple):
    """Of a class: its sealed fields, and those that are written although they have a default."""

    sealed: tuple[str, ...]
    written: tuple[str, ...]


def _fields_of(cls: type[Any]) -> _Fields:
    return _Fields(
        sealed_fields(cls),
        tuple(field.name for field in attrs.fields(cls) if field.default not in (attrs.NOTHING, None, ())),
    )


_FIELDS: Final = {cls: _fields_of(cls) for cls in (Claim, Source, *EVENT_TYPES, *ACT_TYPES)}


def _holders(plain: Plain, body: Claim | Act) -> Iterator[tuple[str, Plain, _Fields]]:
    """The objects of a plain body that may hold sealed texts: path, object, fields."""
    yield "", plain, _FIELDS[type(body)]
    for at, source in enumerate(plain.get("sources", ())):
        yield f"/sources/{at}", source, _FIELDS[Source]
    if isinstance(body, Claim):
        yield "/event", plain["event"], _FIELDS[type(body.event)]
    elif isinstance(body, Correction):
        for path, holder, fields in _holders(plain["claim"], body.claim):
            yield f"/claim{path}", holder, fields


def _slots(plain: Plain, body: Claim | Act) -> list[Slot]:
    return [
        (f"{path}/{name}", holder, name)
        for path, holder, fields in _holders(plain, body)
        for name in fields.sealed
        if name in holder
    ]


def sealed_paths(body: Claim | Act) -> tuple[str, ...]:
    """
    The JSON Pointers of the sealed texts that a body has, erased ones included.

    >>> from coop_ledger.domain import Retraction, RetractionReason
    >>> sealed_paths(Retraction("01586478-3800-7000-8000-000000000000", RetractionReason.WRONG, note="A slip."))
    ('/note',)
    """
    return tuple(path for path, _, _ in _slots(body_to_plain(body), body))


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
        origin: The ledger's origin, 1 to 200 printable ASCII characters without blanks or plus signs.
        entry_id: The entry's id, a UUIDv7 in small letters.
        recorder: Pseudonym of who records it, 1 to 64 printable ASCII characters.
        once: The call's key and the entry's place in it, if the caller gave a key.
        draw: ``draw(n)`` gives n random bytes, for the salts: 32 for each sealed text.

    Raises:
        LeafTooLargeError: The leaf would pass 65,535 bytes.
        InvalidValueError: A name off its shape, too few random bytes, or a sealed text that reads ``REDACTED``.

    Guarantees: pure but for *draw*; ``decode`` of the placed leaf gives the body back.
    Source: DESIGN §7.
    """
    names = Names(origin, entry_id, recorder)
    check_names(names)
    if once is not None:
        check_label("once", once.key, 200)
    plain = body_to_plain(body)
    sealed, blob = seal(_slots(plain, body), origin=origin, entry_id=entry_id, draw=draw)
    if isinstance(body, Claim):
        name = plain["event"].pop("type")
    else:
        name = wire_name(type(body))
        if isinstance(body, Correction):
            claim = plain["claim"]
            claim["type"] = claim["event"].pop("type")
            claim["version"] = VERSIONS[claim["type"]]
    head, tail = write_leaf(names, name, VERSIONS[name], plain, sealed, once)
    return EncodedEntry(head, tail, blob)


def decode(
    leaf: bytes,
    openings: bytes | None,
    *,
    trusted: bool = False,
    origin: str | None = None,
    position: int | None = None,
    entry_id: str | None = None,
) -> Entry:
    """
    Read an entry from its leaf and openings.

    Args:
        leaf: The leaf as stored.
        openings: The openings as stored; a sealed text without one reads ``REDACTED``.
        trusted: Whether the bytes come from a store that took them checked, as a ledger's own does. Then only
            what the entry says, the openings and the commitments are checked again, not the spelling of the leaf;
            in half the time.
        origin: The ledger it must name, if given.
        position: The place it must name, if given.
        entry_id: The id it must name, if given.

    Returns:
        The entry; its body is an ``UnknownEvent`` where type or version is not known here.

    Raises:
        CodecError: Not a leaf of this format, or one of another ledger, place or entry.
        MalformedEventError: A body that does not fit its type.
        CommitmentError: An opening that does not fit its commitment.

    Guarantees: pure. Unless *trusted*, a leaf that is read is the leaf that ``encode`` would write of what it says.
    """
    found = read_leaf(leaf, trusted=trusted)
    for name, wanted in (("origin", origin), ("position", position), ("id", entry_id)):
        if wanted is not None and found[name] != wanted:
            what = "the leaf is not the one that should stand here"
            raise CodecError(what, where=name, expected=str(wanted), found=str(found[name]))
    try:
        recorded_at = _instant(found["recorded_at"])
    except InvalidValueError as error:
        raise CodecError("the time of recording cannot be read", where="recorded_at", found=error.found) from error
    opened = open_sealed(found["sealed"], openings, origin=found["origin"], entry_id=found["id"])
    return Entry(
        found["position"],
        found["id"],
        recorded_at,
        "recorded_clamped" in found,
        found["recorder"],
        decode_body(found, opened, trusted=trusted),
        read_once(found["once"]) if "once" in found else None,
    )


def decode_body(found: Plain, opened: Mapping[str, Any], *, trusted: bool = False) -> Body:
    """
    What an entry says, from a leaf that :func:`read_leaf` took and openings that were checked.

    Args:
        found: The keys of the leaf; its body is filled with the sealed texts.
        opened: Path → salt and text; a sealed text without one reads ``REDACTED``.
        trusted: As :func:`decode`.

    Raises:
        CodecError: A sealed path that leads nowhere, or a spelling that ``encode`` would not write.
        MalformedEventError: A body that does not fit its type.

    Guarantees: no error shows a sealed text.
    """
    plain, sealed = found["body"], found["sealed"]
    unseal(plain, sealed, opened)
    body = _body(found["type"], found["version"], plain) if not opened else _opened_body(found)
    if not trusted and not isinstance(body, UnknownEvent):
        _check_spelling(plain, sealed, body)
    return body


def _opened_body(found: Plain) -> Body:
    """As :func:`_body`, of a body with sealed texts in it, which no error may quote, nor what it is chained to."""
    name, version, plain = found["type"], found["version"], found["body"]
    try:
        return _body(name, version, plain)
    except CodecError as error:
        paths = [problem.path for problem in error.problems] if isinstance(error, MalformedEventError) else [""]
    conceal(plain, found["sealed"])
    _body(name, version, plain)  # raises where the fault is in what is public
    what, not_shown = "a sealed text does not fit its place", "the text cannot stand here; it is not shown"
    raise MalformedEventError(what, tuple(Problem(path, not_shown) for path in paths))


def _body(name: str, version: int, plain: Plain) -> Body:
    if version > VERSIONS.get(name, 0):
        return UnknownEvent(name, version, plain)
    if name not in _ACT_NAMES:
        return claim_from_parts(name, version, plain)
    claim = plain.get("claim")
    if type(claim) is not dict:
        return act_from_plain(name, version, plain)
    parts = {key: value for key, value in claim.items() if key not in ("type", "version")}
    event = parts.get("event")
    if type(event) is not dict or "type" in event or "version" in event or not {"type", "version"} <= claim.keys():
        raise CodecError("the type of a corrected event stands beside it", where="/claim")
    parts["event"] = {**event, "type": claim["type"], "version": claim["version"]}
    try:
        return act_from_plain(name, version, {**plain, "claim": parts})
    except UnknownEventTypeError:  # a correction to an event that only a newer writer knows
        return UnknownEvent(name, version, plain)


def _check_spelling(plain: Plain, sealed: Plain, body: Claim | Act) -> None:
    """Refuse what a body of the type would be read from, but never be written as."""
    texts = set()
    for path, holder, fields in _holders(plain, body):
        for name in fields.written:
            if name not in holder:
                raise CodecError("a field that is always written is missing", where=f"{path}/{name}")
        for name in fields.sealed:
            if name in holder:
                texts.add(f"{path}/{name}")
    if texts != sealed.keys():
        wrong = ", ".join(sorted(texts ^ sealed.keys()))
        raise CodecError("the texts of this type are sealed, and nothing else is", where=wrong[:200])
