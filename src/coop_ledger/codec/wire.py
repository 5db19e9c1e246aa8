"""
Claims and acts ↔ plain data: dicts, lists, text, integers, booleans. Knows no bytes and no ledger.

The plain form is what people read and write: an event is an object with its wire name under ``type``
(and its ``version`` where it is not the newest), a date its EDTF text, a decimal its digits as text, a code
its wire value. What is absent or empty is left out, never null, so that one value has one spelling.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, cast

from cattrs import Converter

from coop_ledger.codec.converters import Plain, converter
from coop_ledger.codec.problems import problems_of, told
from coop_ledger.codec.registry import VERSIONS, class_of
from coop_ledger.codec.upcast import upcast
from coop_ledger.domain import ACT_TYPES, Act, Claim
from coop_ledger.errors import CodecError, MalformedEventError, UnknownEventTypeError

__all__ = [
    "Plain",
    "act_from_plain",
    "body_to_plain",
    "claim_from_parts",
    "claim_from_plain",
    "claim_to_plain",
    "value_reader",
]


@cache
def _converter(*, detailed: bool) -> Converter:
    return converter(detailed=detailed)


class _Readers(dict[type, Callable[[Any, Any], Any]]):
    """Class → what reads its plain form; made when it is first asked for, since making takes time."""

    def __missing__(self, cls: type) -> Callable[[Any, Any], Any]:
        self[cls] = _converter(detailed=False).get_structure_hook(cls)
        return self[cls]


class _Writers(dict[type, Callable[[Any], Plain]]):
    """Class → what writes its plain form."""

    def __missing__(self, cls: type) -> Callable[[Any], Plain]:
        self[cls] = _converter(detailed=False).get_unstructure_hook(cls)
        return self[cls]


_NEAR: Final = 0.7
"""How like an event's own word must be: *launched* is nearer to *cancelled* than one should tell."""

_readers: Final = _Readers()
_writers: Final = _Writers()


def claim_to_plain(claim: Claim) -> Plain:
    """
    The plain form of a claim; a text that was erased stays ``REDACTED``.

    >>> from coop_ledger.domain import Source, announced, events as ev
    >>> plain = claim_to_plain(announced(ev.InstitutionOpened("kcac-secretariat"), when="2017", sources=Source("MOFA")))
    >>> plain["assertion"], plain["event"], plain["when"]
    ('PLANNED', {'type': 'institution.opened', 'institution': 'kcac-secretariat'}, '2017')
    """
    return body_to_plain(claim)


def body_to_plain(body: Claim | Act) -> Plain:
    """The plain form of a claim, or of an act's fields; a text that was erased stays ``REDACTED``."""
    return _writers[type(body)](body)


def claim_from_plain(plain: Any) -> Claim:
    """
    The claim of a plain form.

    Raises:
        MalformedEventError: Not such a form; ``problems`` names each fault with its JSON Pointer.
        UnknownEventTypeError: The event's type or version is not in the registry.
    """
    _check_known(plain, "")
    return cast(Claim, _structure(plain, Claim, "claim"))


def value_reader(kind: Any) -> Callable[[Any], Any]:
    """
    What reads the plain form of one value, of a field, say; who needs to know every fault reads the whole claim.

    Args:
        kind: The type, as annotated: ``When | None``, ``tuple[Party, ...]``.

    Returns:
        Plain value → value; whatever is wrong with it raises, in many kinds.

    >>> from coop_ledger.domain import When
    >>> value_reader(When | None)("2017")
    When('2017')
    """
    hook = _readers[kind]
    return lambda value: hook(value, kind)


def claim_from_parts(name: str, version: int, plain: Plain) -> Claim:
    """
    The claim of a plain form whose event does not say what it is.

    Args:
        name: The event's wire name, in the registry.
        version: Its version, from 1 to the newest.
        plain: As :func:`claim_from_plain`, but for ``type`` and ``version``, which must not be there.

    Raises:
        CodecError: The event says what it is.
        MalformedEventError: As :func:`claim_from_plain`.
    """
    event = plain.get("event")
    if type(event) is not dict or "type" in event or "version" in event:
        raise CodecError("the event of a leaf is an object without its type", where="/event", found=told(event))
    cls = class_of(name)
    try:
        made = _readers[cls](upcast(name, version, event), cls)
        return cast(Claim, _readers[Claim]({**plain, "event": made}, Claim))
    except Exception:  # many kinds; the slower way finds every fault and says where
        return claim_from_plain({**plain, "event": {**event, "type": name, "version": version}})


def act_from_plain(name: str, version: int, plain: Any) -> Act:
    """
    The act of a wire name and its plain fields.

    Args:
        name: The act's wire name.
        version: The version of the fields, from 1 to the newest.
        plain: The fields; a claim among them in its plain form.

    Raises:
        MalformedEventError: Not such fields.
        UnknownEventTypeError: No act of that name, or a correction to an unknown event.
    """
    cls = class_of(name)
    if cls not in ACT_TYPES:
        raise UnknownEventTypeError("this is an event and no act", where="type", found=told(name))
    newest = upcast(name, version, plain)
    if isinstance(newest, dict) and "claim" in newest:
        _check_known(newest["claim"], "/claim")
    return cast(Act, _structure(newest, cls, "act"))


def _structure(value: Any, cls: type[Any], what: str) -> Any:
    try:
        return _readers[cls](value, cls)
    except Exception:  # many kinds; the slower way finds every fault and says where
        pass
    try:
        return _converter(detailed=True).structure(value, cls)
    except Exception as error:
        raise MalformedEventError(f"this is no {what}", problems_of(error)) from error


def _meant_event(name: str) -> str | None:
    """The event that is spelled nearly so; where only the family is right, all of that family."""
    family, _, verb = name.partition(".")
    verbs = [known.partition(".")[2] for known in VERSIONS if known.startswith(f"{family}.")]
    if verbs and verb not in verbs:
        near = get_close_matches(verb, verbs, 1, _NEAR)
        return f"did you mean '{family}.{near[0]}'?" if near else f"of {family} there are {', '.join(verbs)}"
    whole = get_close_matches(name, VERSIONS, 1)
    return f"did you mean {whole[0]!r}?" if whole else None


def _check_known(claim: Any, path: str) -> None:
    """Tell an unknown event from a malformed one, before the two are folded into one error."""
    event = claim.get("event") if isinstance(claim, dict) else None
    if not isinstance(event, dict) or "type" not in event:
        return
    name, version = event["type"], event.get("version", 1)
    newest = VERSIONS.get(name) if isinstance(name, str) else None
    if newest is None or class_of(name) in ACT_TYPES:
        raise UnknownEventTypeError(
            "no such event", where=f"{path}/event/type", found=told(name), hint=_meant_event(str(name))
        )
    if type(version) is not int or not 1 <= version <= newest:
        raise UnknownEventTypeError(
            "no such version of this event",
            where=f"{path}/event/version",
            expected=f"1 to {newest}",
            found=told(version),
        )
