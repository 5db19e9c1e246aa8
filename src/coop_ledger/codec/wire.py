"""
Claims and acts ↔ plain data: dicts, lists, text, integers, booleans. Knows no bytes and no ledger.

The plain form is what people read and write: an event is an object with its wire name under ``type``
(and its ``version`` where it is not the newest), a date its EDTF text, a decimal its digits as text, a code
its wire value. What is absent or empty is left out, so that one value has one spelling.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any, Final, cast, get_args

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from coop_ledger.codec.canonical import pointer
from coop_ledger.codec.registry import VERSIONS, class_of, wire_name
from coop_ledger.codec.upcast import upcast
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    REDACTED,
    Act,
    Claim,
    Event,
    Party,
    Prose,
    Redacted,
    Source,
    When,
    Where,
)
from coop_ledger.domain.events import SectorShare
from coop_ledger.errors import InvalidValueError, MalformedEventError, Problem, UnknownEventTypeError

__all__ = ["act_from_plain", "body_to_plain", "claim_from_plain", "claim_to_plain"]

Plain = dict[str, Any]

_when: Final = lru_cache(maxsize=16_384)(When)


def _exact(kind: type) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _type: Any) -> Any:
        if type(value) is not kind:
            raise InvalidValueError("a value of another type", expected=kind.__name__, found=repr(value)[:80])
        return value

    return structure


def _structure_code(value: Any, kind: type[enum.StrEnum]) -> enum.StrEnum:
    try:
        return kind(value)
    except ValueError:
        near = get_close_matches(str(value), [str(code) for code in kind], 1)
        raise InvalidValueError(
            "no such code",
            expected=", ".join(kind),
            found=repr(value)[:80],
            hint=f"write {near[0]!r}" if near else None,
        ) from None


def _structure_when(value: Any, _type: Any) -> When:
    return _when(value) if type(value) is str else When(value)


def _structure_prose(value: Any, _type: Any) -> Any:
    if value is None or value is REDACTED or type(value) is str:
        return value
    raise InvalidValueError("this field is text", expected="str", found=type(value).__name__)


def _structure_decimal(value: Any, _type: Any) -> Decimal:
    hint = f"write {str(value)!r} as text" if isinstance(value, (int, float)) else None
    if type(value) is not str:
        raise InvalidValueError("a decimal travels as text", expected='"1234.50"', found=repr(value)[:80], hint=hint)
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise InvalidValueError("this is no decimal", expected='"1234.50"', found=repr(value)[:80]) from error
    if f"{number:f}" != value:
        raise InvalidValueError("a decimal has one spelling", expected=f"{number:f}"[:80], found=repr(value)[:80])
    return number


def _structure_event(value: Any, _type: Any, converter: Converter) -> Event:
    if not isinstance(value, dict):
        raise InvalidValueError("an event is an object", expected='{"type": …}', found=type(value).__name__)
    fields = dict(value)
    name = fields.pop("type", None)
    cls = class_of(cast(str, name))
    if cls in ACT_TYPES:
        raise UnknownEventTypeError("this is an act and no event", where="type", found=repr(name))
    version = fields.pop("version", VERSIONS[cast(str, name)])
    if type(version) is not int or not 1 <= version <= VERSIONS[cast(str, name)]:
        raise UnknownEventTypeError("no such version of this event", where="version", found=repr(version))
    return cast(Event, converter.structure(upcast(cast(str, name), version, fields), cls))


def _optional(field: attrs.Attribute[Any]) -> bool:
    return field.default is None or field.default == ()


def _converter(*, detailed: bool) -> Converter:
    converter = Converter(
        detailed_validation=detailed, forbid_extra_keys=True, unstruct_collection_overrides={tuple: list}
    )
    for plain in (str, int, bool):  # by identity: the codes are subclasses of str
        converter.register_structure_hook_func(partial(operator.is_, plain), _exact(plain))
    converter.register_structure_hook(enum.StrEnum, _structure_code)
    converter.register_unstructure_hook(enum.StrEnum, lambda code: code.value)
    converter.register_structure_hook(When, _structure_when)
    converter.register_unstructure_hook(When, lambda when: when.text)
    converter.register_structure_hook(Decimal, _structure_decimal)
    converter.register_unstructure_hook(Decimal, lambda number: f"{number:f}")
    for prose in (Prose, Prose | None):
        converter.register_structure_hook_func(partial(operator.eq, prose), _structure_prose)
        converter.register_unstructure_hook_func(partial(operator.eq, prose), lambda text: text)
    converter.register_unstructure_hook(Redacted, lambda mark: mark)
    kinds: tuple[type[Any], ...] = (SectorShare, Party, Source, Where, *EVENT_TYPES)
    for kind in kinds:
        _register(converter, kind, detailed)
    if not detailed:
        for kind in (Party, Source):
            converter.register_structure_hook(kind, _remembering(converter.get_structure_hook(kind)))
    converter.register_structure_hook_func(
        partial(operator.eq, Event), lambda value, kind: _structure_event(value, kind, converter)
    )
    converter.register_unstructure_hook_func(
        partial(operator.eq, Event), lambda event: _event_to_plain(converter, event)
    )
    for kind in (Claim, *ACT_TYPES):
        _register(converter, kind, detailed)
    return converter


def _remembering(structure: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Give equal objects for equal plain ones: a report's source and parties come back in claim after claim."""

    @lru_cache(maxsize=8_192)
    def made(items: tuple[tuple[str, Any], ...], kind: Any) -> Any:
        return structure(dict(items), kind)

    return lambda value, kind: made(tuple(value.items()), kind)


def _register(converter: Converter, cls: type[Any], detailed: bool) -> None:
    omit: dict[str, Any] = {
        field.name: override(omit_if_default=True) for field in attrs.fields(cls) if _optional(field)
    }
    converter.register_unstructure_hook(cls, make_dict_unstructure_fn(cls, converter, **omit))
    structure = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=detailed
    )
    converter.register_structure_hook(cls, structure)


def _event_to_plain(converter: Converter, event: Event) -> Plain:
    return {"type": wire_name(type(event)), **converter.unstructure(event, type(event))}


_fast: Final = _converter(detailed=False)
_detailed: Final = _converter(detailed=True)


def _structure(value: Any, cls: type[Any], what: str) -> Any:
    try:
        return _fast.structure(value, cls)
    except Exception as first:  # cattrs and our validators raise many kinds; the second pass names every place
        try:
            _detailed.structure(value, cls)
        except Exception as error:
            problems = tuple(_problems(error, ""))
            raise MalformedEventError(f"this is no {what}", problems) from error
        raise MalformedEventError(f"this is no {what}", (Problem("", str(first)),)) from first  # pragma: no cover


def _problems(error: BaseException, path: str) -> list[Problem]:
    if isinstance(error, BaseExceptionGroup):
        return [problem for inner in error.exceptions for problem in _problems(inner, path + _place(inner))]
    return [Problem(path, _sentence(error))]


def _place(error: BaseException) -> str:
    for note in getattr(error, "__notes__", ()):
        name = getattr(note, "name", None)
        index = getattr(note, "index", None)
        if name is not None or index is not None:
            return pointer("", cast("str | int", name if name is not None else index))
    return ""


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "this field is missing"
    extra = getattr(error, "extra_fields", None)
    if extra:
        known = [field.name for field in attrs.fields(cast(Any, error).cl)]
        near = {name: get_close_matches(name, known, 1) for name in sorted(extra)}
        return "; ".join(
            f"no such field {name!r}" + (f", did you mean {close[0]!r}?" if close else "")
            for name, close in near.items()
        )
    return str(error)


def claim_to_plain(claim: Claim) -> Plain:
    """
    The plain form of a claim.

    >>> from coop_ledger.domain import announced, events as ev
    >>> plain = claim_to_plain(announced(ev.InstitutionOpened("kcac-secretariat"), when="2017", sources=Source("MOFA")))
    >>> plain["assertion"], plain["event"], plain["when"]
    ('PLANNED', {'type': 'institution.opened', 'institution': 'kcac-secretariat'}, '2017')
    """
    return cast(Plain, _fast.unstructure(claim, Claim))


def claim_from_plain(plain: Any) -> Claim:
    """
    The claim of a plain form.

    Raises:
        MalformedEventError: Not such a form; ``problems`` names every fault with its JSON Pointer.
        UnknownEventTypeError: The event's type or version is not in the registry.
    """
    _check_known(plain)
    return cast(Claim, _structure(plain, Claim, "claim"))


def _check_known(plain: Any) -> None:
    """Tell an unknown event from a malformed one before the converter folds both into one error."""
    event = plain.get("event") if isinstance(plain, dict) else None
    if not isinstance(event, dict) or "type" not in event:
        return
    name, version = event["type"], event.get("version", 1)
    newest = VERSIONS.get(name) if isinstance(name, str) else None
    if newest is None or class_of(name) in ACT_TYPES:
        near = get_close_matches(str(name), VERSIONS, 1)
        raise UnknownEventTypeError(
            "no such event", where="/event/type", found=repr(name), hint=f"did you mean {near[0]!r}?" if near else None
        )
    if type(version) is not int or not 1 <= version <= newest:
        raise UnknownEventTypeError("no such version of this event", where="/event/version", found=repr(version))


def body_to_plain(body: Claim | Act) -> Plain:
    """The plain form of a claim, or of an act's fields; texts that were erased stay ``REDACTED``."""
    return cast(Plain, _fast.unstructure(body, type(body)))


def act_from_plain(name: str, plain: Any) -> Act:
    """
    The act of a wire name and its plain fields.

    Raises:
        MalformedEventError: Not such fields.
        UnknownEventTypeError: No act of that name, or a correction to an unknown event.
    """
    cls = class_of(name)
    if cls not in get_args(Act):
        raise UnknownEventTypeError("this is an event and no act", where="type", found=repr(name))
    if isinstance(plain, dict) and "claim" in plain:
        _check_known(plain["claim"])
    return cast(Act, _structure(plain, cls, "act"))
