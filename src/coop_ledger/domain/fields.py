"""
How a field of an event, claim, source or act is declared; knows none of them.

A specifier (``slug``, ``party_ref``, ``label`` …) makes an attrs field with a validator, and with metadata that
says what the field means and whether it is sealed: the one place that knows which fields are sealed (DESIGN §3a).
There are no attrs converters, so that a second codec may build the same classes.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeVar, dataclass_transform

import attrs

from coop_ledger.domain.prose import check_label, check_prose
from coop_ledger.domain.subjects import check_party, check_slug, check_subject
from coop_ledger.domain.value import Value
from coop_ledger.domain.when import When
from coop_ledger.errors import InvalidValueError, repr_of

__all__ = [
    "ANY",
    "PARTY",
    "FieldSpec",
    "brief",
    "check_code",
    "check_decimal",
    "check_entry_id",
    "check_instance",
    "check_when",
    "code",
    "codes",
    "date",
    "decimal",
    "entry_id",
    "field_specs",
    "flag",
    "items",
    "label",
    "party_ref",
    "percent",
    "prose",
    "record",
    "sealed_fields",
    "slug",
    "subject_id",
    "value",
    "whole",
]

ANY: Final = "any"
"""The *subject* of a field that holds a full id of any kind."""
PARTY: Final = "party"
"""The *subject* of a field that holds a reference to a party."""

_ENTRY_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)

_BRIEF: Final = 80
_PASSED: Final = 256
"""Tuples of one field that are known again; then they are looked at anew."""

T = TypeVar("T")
_Check = Callable[[str, object], None]


def brief(value: object) -> str:
    """What was found, as an error shows it: never a page of it."""
    shown = repr_of(value)
    return shown if len(shown) <= _BRIEF else f"{shown[:_BRIEF]}… ({type(value).__name__})"


@attrs.frozen(eq=False, repr=False)
class FieldSpec(Value):
    """What a field of an event, claim, source or act means: the metadata under the key ``spec``."""

    type: str
    means: str
    sealed: bool = False
    subject: str | None = None


def field_specs(cls: type) -> dict[str, FieldSpec]:
    """The specification of each field of a declared class, by name and in order; empty for any other class."""
    return {
        field.name: field.metadata["spec"] for field in getattr(cls, "__attrs_attrs__", ()) if "spec" in field.metadata
    }


def sealed_fields(cls: type) -> tuple[str, ...]:
    """The names of the fields of a declared class that are sealed, in order."""
    return tuple(name for name, spec in field_specs(cls).items() if spec.sealed)


def _field(spec: FieldSpec, check: _Check, default: Any) -> Any:
    def validate(_instance: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value is None and attribute.default is None:
            return
        check(attribute.name, value)

    return attrs.field(default=default, validator=validate, metadata={"spec": spec})


def slug(kind: str, means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds the slug of a subject whose kind the field implies."""
    spec = FieldSpec(f"{kind} slug", means, subject=kind)
    return _field(spec, lambda name, value: check_slug(name, kind, value), default)


def subject_id(means: str, *, without: tuple[str, ...] = (), default: Any = attrs.NOTHING) -> Any:
    """A field that holds a full subject id, of any kind but those in *without*."""

    def check(name: str, value: object) -> None:
        check_subject(name, value)
        kind = str(value).partition(":")[0]
        if kind in without:
            wanted = f"any kind but {', '.join(without)}"
            raise InvalidValueError("a subject of this kind cannot stand here", where=name, expected=wanted, found=kind)

    return _field(FieldSpec("subject id", means, subject=ANY), check, default)


def party_ref(means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a reference to a party: a country code, or a full id of another kind."""
    return _field(FieldSpec("party", means, subject=PARTY), check_party, default)


def check_instance(kind: type) -> _Check:
    """A check that refuses what is not made by *kind* itself, one of our own checked classes."""

    def check(name: str, given: object) -> None:
        if type(given) is not kind:
            hint = f"write {kind.__name__}({given!r})" if isinstance(given, str) and _makes(kind, given) else None
            raise InvalidValueError(
                f"this field holds a {kind.__name__}", where=name, expected=kind.__name__, found=brief(given), hint=hint
            )

    return check


def _makes(kind: type, given: str) -> bool:
    """Whether *kind* can be made of a text alone: a hint must not lead into the next error."""
    try:
        kind(given)
    except (InvalidValueError, TypeError):
        return False
    return True


def value(kind: type, means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds an instance of *kind*, one of our own checked classes."""
    return _field(FieldSpec(kind.__name__, means), check_instance(kind), default)


def check_entry_id(name: str, given: object) -> None:
    """
    Refuse what is not an entry id: a UUIDv7 in small letters (RFC 9562).

    Raises:
        InvalidValueError: Another type or shape.
    """
    if not isinstance(given, str) or not _ENTRY_ID.fullmatch(given):
        raise InvalidValueError(
            "an entry id is a UUIDv7", where=name, expected="UUIDv7 in small letters", found=repr_of(given)
        )


def entry_id(means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds the id of an entry."""
    return _field(FieldSpec("entry id", means), check_entry_id, default)


def label(means: str, *, limit: int = 120, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a short public label, without personal data."""
    return _field(FieldSpec("label", means), lambda name, value: check_label(name, value, limit), default)


def prose(means: str, *, limit: int = 4_000, default: Any = attrs.NOTHING) -> Any:
    """A sealed field: words that can be erased without breaking a proof."""
    spec = FieldSpec("text", means, sealed=True)
    return _field(spec, lambda name, value: check_prose(name, value, limit), default)


def check_code(vocabulary: type[enum.StrEnum], name: str, value: object) -> None:
    """
    Refuse what is not a code of a vocabulary.

    Raises:
        InvalidValueError: Another value; the message lists the codes, the hint shows the one that is meant.
    """
    if not isinstance(value, vocabulary):
        meant = None
        if isinstance(value, str):
            names = (name for name in (str(value), str(value).upper().replace("-", "_").replace(" ", "_")))
            known = {**vocabulary._value2member_map_, **vocabulary.__members__}
            meant = next((known[name] for name in names if name in known), None)
        raise InvalidValueError(
            "this field holds a code",
            where=name,
            expected=f"{vocabulary.__name__}: {', '.join(one.name for one in vocabulary)}",
            found=brief(value),
            hint=None if meant is None else f"write {vocabulary.__name__}.{meant.name}",
        )


def code(vocabulary: type[enum.StrEnum], means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a code of a closed vocabulary."""
    spec = FieldSpec(vocabulary.__name__, means)
    return _field(spec, lambda name, value: check_code(vocabulary, name, value), default)


def items(type_name: str, means: str, check: _Check, *, unique: bool = True, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a tuple; *check* sees each item, and equal items are refused where *unique*."""

    passed: dict[int, object] = {}  # the same tuple comes back in claim after claim; by what it is, not what it equals

    def check_all(name: str, value: object) -> None:
        if passed.get(id(value)) is value:
            return
        if not isinstance(value, tuple):
            raise InvalidValueError(
                "this field holds a tuple",
                where=name,
                expected=f"tuple of {type_name}",
                found=brief(value),
                hint="write tuple(…) around it" if isinstance(value, (list, set, frozenset)) else "write (x,) for one",
            )
        for item in value:
            check(name, item)
        if unique and len(value) > 1 and len(set(value)) != len(value):
            twice = next(item for item in value if value.count(item) > 1)
            raise InvalidValueError("an item stands twice", where=name, found=str(twice))
        if len(passed) >= _PASSED:
            passed.clear()
        passed[id(value)] = value

    return _field(FieldSpec(f"{type_name} …", means), check_all, default)


def codes(vocabulary: type[enum.StrEnum], means: str, *, default: Any = ()) -> Any:
    """A field that holds a tuple of different codes of a closed vocabulary."""
    return items(vocabulary.__name__, means, lambda n, v: check_code(vocabulary, n, v), default=default)


def check_decimal(name: str, value: object) -> None:
    """
    Refuse what is not an exact, finite decimal of at most 38 digits.

    Raises:
        InvalidValueError: A float, another type, NaN or infinity, or too many digits.
    """
    if type(value) is not Decimal:
        fits = abs(value) < 10**38 if isinstance(value, int) else isinstance(value, (float, str))
        hint = f"write Decimal({str(value)!r})" if fits else None
        raise InvalidValueError(
            "numbers with a unit are exact decimals", where=name, expected="Decimal", found=repr_of(value), hint=hint
        )
    digits, exponent = value.as_tuple()[1:]
    if not isinstance(exponent, int):
        raise InvalidValueError("the number is not finite", where=name, found=str(value))
    if len(digits) + max(exponent, 0) > 38 or exponent < -38:
        raise InvalidValueError("the number has too many digits", where=name, expected="at most 38", found=str(value))


def percent(means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a share in percent: an exact decimal from 0 to 100."""

    def check(name: str, value: object) -> None:
        check_decimal(name, value)
        assert isinstance(value, Decimal)
        if not 0 <= value <= 100:
            raise InvalidValueError("a share is out of range", where=name, expected="0 to 100", found=str(value))

    return _field(FieldSpec("percent", means), check, default)


def decimal(means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds an exact decimal, stored as text."""
    return _field(FieldSpec("decimal", means), check_decimal, default)


def whole(means: str, *, least: int = 0, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a whole number of at least *least* and at most 2**53 - 1."""

    def check(name: str, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 2**53 - 1:
            raise InvalidValueError(
                "this field is a whole number", where=name, expected=f"{least} to 2**53 - 1", found=repr_of(value)
            )

    return _field(FieldSpec("whole number", means), check, default)


def flag(means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that is true or false (or, where its default is None, unsaid)."""

    def check(name: str, value: object) -> None:
        if not isinstance(value, bool):
            raise InvalidValueError("this field is True or False", where=name, found=repr_of(value))

    return _field(FieldSpec("yes/no", means), check, default)


def check_when(name: str, value: object) -> None:
    """
    Refuse what is not a :class:`When`.

    Raises:
        InvalidValueError: Plain text (the hint shows the call) or another type.
    """
    if type(value) is not When:
        hint = f"write When({value!r})" if isinstance(value, str) else "write When(...) with EDTF text"
        raise InvalidValueError("this field holds a When", where=name, expected="When", found=repr_of(value), hint=hint)


def date(means: str, *, default: Any = attrs.NOTHING) -> Any:
    """A field that holds a date, often imprecise, as :class:`When`."""
    return _field(FieldSpec("When", means), check_when, default)


@dataclass_transform(
    frozen_default=True,
    field_specifiers=(
        slug,
        subject_id,
        party_ref,
        label,
        prose,
        code,
        codes,
        items,
        decimal,
        percent,
        whole,
        flag,
        date,
        value,
        entry_id,
    ),
)
def record(cls: type[T]) -> type[T]:
    """Make a frozen, slotted attrs class of fields that the specifiers above declare."""
    return attrs.frozen(cls, eq=False, repr=False)
