"""
How each type stands in plain data, as hooks of a converter. Knows no leaf, and words no complaint to the end.

There are two converters over the same hooks: a fast one that stops at the first fault, and a detailed one
that goes on and notes the place of each; only when the first fails is the second asked.
"""

from __future__ import annotations

import enum
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, lru_cache, partial
from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn_from_attrs, make_dict_unstructure_fn_from_attrs, override

from coop_ledger.codec.problems import told
from coop_ledger.codec.registry import VERSIONS, class_of, wire_name
from coop_ledger.codec.upcast import upcast
from coop_ledger.domain import ACT_TYPES, EVENT_TYPES, REDACTED, Claim, Event, Party, Prose, Source, When, Where
from coop_ledger.domain.events import SectorShare
from coop_ledger.errors import InvalidValueError

__all__ = ["Plain", "converter"]

Plain = dict[str, Any]
"""An object of plain data."""

_Hook = Callable[[Any, Any], Any]

# Dates, sources and parties come back in claim after claim; equal texts give one object. Sources come back
# soon or not at all, and hold texts that may be erased: few of them are kept.
_when: Final = lru_cache(maxsize=16_384)(When)
_DIGITS: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?")
_REMEMBERED: Final[dict[type, int]] = {Party: 8_192, Where: 2_048, Source: 1_024}
_LISTS: Final[dict[type, int]] = {Party: 4_096, Source: 1_024}

_EVENTS: Final = frozenset(EVENT_TYPES)
_OBJECTS: Final = frozenset((SectorShare, Party, Source, Where, Claim, *EVENT_TYPES, *ACT_TYPES))
"""The classes that stand as objects; the functions that read and write one are made when it is first met."""


def converter(*, detailed: bool) -> Converter:
    """
    A converter for claims and acts.

    Args:
        detailed: Whether it finds every fault and notes its place, or stops at the first.
    """
    made = Converter(detailed_validation=detailed, forbid_extra_keys=True)
    for plain in (str, int, bool):
        made.register_structure_hook(plain, _exact(plain))
    made.register_structure_hook(enum.StrEnum, _code)
    made.register_structure_hook(When, _date)
    made.register_unstructure_hook(When, operator.attrgetter("text"))
    made.register_structure_hook(Decimal, _decimal)
    made.register_unstructure_hook(Decimal, _digits)
    made.register_unstructure_hook(enum.StrEnum, operator.attrgetter("_value_"))
    made.register_structure_hook_factory(_is_optional, partial(_optional_hook, made))
    made.register_unstructure_hook_factory(_is_items, partial(_plain_items_hook, made))
    made.register_structure_hook_factory(_is_items, partial(_items_hook, made, detailed=detailed))
    for prose in (Prose, Prose | None):
        made.register_structure_hook_func(partial(operator.eq, prose), _prose)
        made.register_unstructure_hook_func(partial(operator.eq, prose), lambda text: text)
    made.register_structure_hook_factory(_OBJECTS.__contains__, partial(_structure_hook, made, detailed=detailed))
    made.register_unstructure_hook_factory(_OBJECTS.__contains__, partial(_unstructure_hook, made))
    made.register_structure_hook_func(partial(operator.eq, Event), partial(_event, made))
    made.register_unstructure_hook_func(partial(operator.eq, Event), partial(_event_to_plain, made))
    return made


def _unstructure_hook(made: Converter, cls: type[Any]) -> Callable[[Any], Any]:
    fields = _fields(cls)
    omitted: dict[str, Any] = {
        field.name: override(omit_if_default=True) for field in fields if field.default in (None, ())
    }
    hook: Callable[[Any], Any] = make_dict_unstructure_fn_from_attrs(fields, cls, made, **omitted)
    return hook


def _fields(cls: type[Any]) -> list[Any]:
    # cattrs, when it is to find the fields itself, notes that a class is being made: Ctrl-C could leave that for ever
    return list(attrs.fields(attrs.resolve_types(cls)))


def _structure_hook(made: Converter, cls: type[Any], *, detailed: bool) -> _Hook:
    hook: _Hook = make_dict_structure_fn_from_attrs(
        _fields(cls), cls, made, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=detailed
    )
    if detailed:
        return _object_hook(hook)
    return _remembering(hook, cls) if cls in _REMEMBERED else hook


def _object_hook(structure: _Hook) -> _Hook:
    def checked(value: Any, kind: Any) -> Any:
        if type(value) is not dict:
            raise InvalidValueError("this is an object", expected="{…}", found=told(value))
        return structure(value, kind)

    return checked


def _remembering(structure: _Hook, cls: type) -> _Hook:
    @lru_cache(maxsize=_REMEMBERED[cls])
    def made(items: tuple[tuple[str, Any], ...]) -> Any:
        return structure(dict(items), cls)

    return lambda value, _: made(tuple(value.items()))


def _exact(kind: type) -> _Hook:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise InvalidValueError("a value of another type", expected=kind.__name__, found=told(value))
        return value

    return structure


@cache
def _codes(kind: type[enum.StrEnum]) -> dict[str, enum.StrEnum]:
    return {code.value: code for code in kind}


def _code(value: Any, kind: type[enum.StrEnum]) -> enum.StrEnum:
    code = _codes(kind).get(value) if type(value) is str else None
    if code is None:
        near = get_close_matches(str(value), _codes(kind), 1)
        raise InvalidValueError(
            "no such code",
            expected=", ".join(_codes(kind)),
            found=told(value),
            hint=f"write {near[0]!r}" if near else None,
        )
    return code


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and len(get_args(kind)) == 2 and NoneType in get_args(kind)


def _optional_hook(made: Converter, kind: Any) -> _Hook:
    (inner,) = (part for part in get_args(kind) if part is not NoneType)
    structure = made.get_structure_hook(inner)

    def present(value: Any, _: Any) -> Any:
        if value is None:
            raise InvalidValueError("what is absent is left out", found="null")
        return structure(value, inner)

    return present


def _is_items(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is tuple


def _items_hook(made: Converter, kind: Any, *, detailed: bool) -> _Hook:
    inner = get_args(kind)[0]
    structure = made.get_structure_hook(inner)

    def items(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise InvalidValueError("this is a list", expected="[…]", found=told(value))
        if not value:
            raise InvalidValueError("what is empty is left out", found="[]")
        return tuple([structure(item, inner) for item in value])

    def noted(value: Any, _: Any) -> Any:
        try:
            return items(value, _)
        except Exception:
            if type(value) is not list or not value:
                raise
        faults = []
        for at, item in enumerate(value):
            try:
                structure(item, inner)
            except Exception as error:
                error.add_note(IterableValidationNote(f"item {at}", at, inner))
                faults.append(error)
        raise IterableValidationError("items that cannot be read", faults, kind)

    if detailed:
        return noted
    return _remembering_items(items, _LISTS[inner]) if inner in _LISTS else items


def _remembering_items(structure: _Hook, most: int) -> _Hook:
    """The same parties and sources come back in claim after claim: equal lists of them give one tuple."""

    @lru_cache(maxsize=most)
    def made(items: tuple[tuple[tuple[str, Any], ...], ...]) -> Any:
        return structure([dict(pairs) for pairs in items], None)

    def structured(value: Any, kind: Any) -> Any:
        if type(value) is not list:
            return structure(value, kind)
        return made(tuple(map(tuple, map(dict.items, value))))

    return structured


def _plain_items_hook(made: Converter, kind: Any) -> Callable[[Any], list[Any]]:
    plain = made.get_unstructure_hook(get_args(kind)[0])
    return lambda items: [plain(item) for item in items]


def _date(value: Any, _: Any) -> When:
    if type(value) is not str:
        raise InvalidValueError("a date is EDTF text", expected='"2016-11"', found=told(value))
    return _when(value)


def _prose(value: Any, _: Any) -> Any:
    if value is REDACTED or type(value) is str:
        return value
    raise InvalidValueError("this field is text", expected="str", found=told(value))


def _digits(number: Decimal) -> str:
    text = f"{number:f}"
    return text if number else text.lstrip("-")


def _decimal(value: Any, _: Any) -> Decimal:
    if type(value) is not str:
        hint = f"write {str(value)!r} as text" if isinstance(value, (int, float)) else None
        raise InvalidValueError("a decimal travels as text", expected='"1234.50"', found=told(value), hint=hint)
    number = Decimal(value) if _DIGITS.fullmatch(value) else None
    if number is None or _digits(number) != value:
        raise InvalidValueError(
            "a decimal is digits, with one spelling",
            expected='"1234.50"',
            found=told(value),
            hint="write a point before decimals, and no separator of thousands"
            if "," in value
            else "write no +, E or -0",
        )
    return number


def _event(made: Converter, value: Any, _: Any) -> Event:
    if type(value) in _EVENTS:  # read already, where the leaf says what it is
        return cast(Event, value)
    if type(value) is not dict or "type" not in value:
        raise InvalidValueError("an event is an object that says its type", expected='{"type": …}', found=told(value))
    fields = dict(value)
    name = fields.pop("type")
    cls = class_of(name)
    version = fields.pop("version", VERSIONS[name])
    return cast(Event, made.structure(upcast(name, version, fields), cls))


def _event_to_plain(made: Converter, event: Event) -> Plain:
    return {"type": wire_name(type(event)), **made.unstructure(event, type(event))}
