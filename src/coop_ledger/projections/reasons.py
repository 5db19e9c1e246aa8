"""
Why a field has its value, and what changed between two states: found by folding and comparing, for any projection.

No rule keeps a list of reasons by hand (DESIGN P7): a claim is a reason if its step of the fold changed the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, TypeVar

import attrs

from coop_ledger.domain import Effective, Source, SubjectId, Value, order_key
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections.plain import as_plain
from coop_ledger.projections.projection import Projection, fold

__all__ = ["Change", "Reason", "changed_fields", "reasons_by_field", "reasons_for", "value_at"]

S = TypeVar("S")


@attrs.frozen(eq=False, repr=False)
class Reason(Value):
    """
    One claim that a field rests on.

    Args:
        effective: The claim as it counts, at its place in the log, with the acts that shaped it.
        value: The field's value after its step of the fold.
    """

    effective: Effective
    value: Any

    @property
    def position(self) -> int:
        """The entry's place in the log."""
        return self.effective.position

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources behind the claim."""
        return self.effective.sources

    @property
    def acts(self) -> tuple[str, ...]:
        """Ids of the acts that shaped the claim."""
        return self.effective.shaped_by


@attrs.frozen(eq=False, repr=False)
class Change(Value):
    """
    One field that two views show differently.

    Args:
        subject: Whose field.
        field: Its path in the plain form of the state, parts joined by dots.
        before: Its plain value in the first view; None where it has none.
        after: Its plain value in the second view.
        entries: Positions of the claims and acts that make the difference, lowest first.
    """

    subject: SubjectId
    field: str
    before: Any
    after: Any
    entries: tuple[int, ...]


_MISSING: Final = object()


def _names(value: Any) -> list[str]:
    """The public attributes of a value: its fields, and what its class derives from them."""
    derived = {name for name in dir(type(value)) if not callable(getattr(type(value), name))} - {"shown"}
    return sorted(name for name in derived | getattr(value, "__dict__", {}).keys() if not name.startswith("_"))


def _step(value: Any, parts: Sequence[str]) -> tuple[Any, int]:
    """The value that the first parts lead to, and how many they are: a key of a mapping may hold dots."""
    if isinstance(value, Mapping):
        whole = range(len(parts), 0, -1)
        return next(((value[key], taken) for taken in whole if (key := ".".join(parts[:taken])) in value), (None, 1))
    part = parts[0]
    if isinstance(value, tuple | list):
        return (
            _MISSING
            if not (part.isascii() and part.isdigit())
            else value[int(part)]
            if int(part) < len(value)
            else None
        ), 1
    if part in _names(value):
        return getattr(value, part), 1
    plain = as_plain(value)  # what diff shows under a name of its own
    return (plain.get(part, _MISSING) if isinstance(plain, Mapping) else _MISSING), 1


def value_at(state: Any, field: str) -> Any:
    """
    The value of a field of a state.

    Args:
        state: A state of any projection.
        field: Attributes, keys of mappings and numbers in tuples, joined by dots: ``opened.when``,
            ``figures.attendance.0.value``. What lies beyond a value that is absent is absent too.

    Raises:
        InvalidValueError: There is no such field.
    """
    value, parts = state, field.split(".")
    while parts and value is not None:
        found, taken = _step(value, parts)
        if found is _MISSING:
            names = list(map(str, value)) if isinstance(value, Mapping) else _names(value)
            near = get_close_matches(parts[0], names, 1)
            raise InvalidValueError(
                "the state has no such field", where=field, found=parts[0],
                expected=", ".join(names) if names else f"nothing beyond a {type(value).__name__}",
                hint=f"did you mean {near[0]}?" if near else None,
            )  # fmt: skip
        value, parts = found, parts[taken:]
    return value


def _quietly(state: Any, field: str) -> Any:
    try:
        return value_at(state, field)
    except InvalidValueError:  # a field of another type of value than the present one
        return None


def reasons_for(
    projection: Projection[S], subject: SubjectId, claims: Iterable[Effective], field: str, day: date | None = None
) -> tuple[Reason, ...]:
    """
    The claims whose step of the fold changed a field since it was last reset to what it is initially.

    Args:
        projection: Which projection, also one that a user wrote.
        subject: Whose state.
        claims: The claims that feed it, in any order.
        field: The field, as in :func:`value_at`.
        day: The day of the world as of which it is read; None: as of all that is known.

    Raises:
        InvalidValueError: There is no such field.
        ProjectionError: The projection raised, or changed a state that it was given.

    Source: DESIGN §4.
    """
    ordered = sorted(claims, key=order_key)
    value_at(fold(projection, subject, ordered, day), field)
    before = initial = _quietly(fold(projection, subject, (), day), field)
    found: list[Reason] = []
    for count, item in enumerate(ordered, start=1):
        after = _quietly(fold(projection, subject, ordered[:count], day), field)
        if after != before:
            found = [] if after == initial else [*found, Reason(item, after)]
        before = after
    return tuple(found)


_DATE: Final = {"text", "earliest", "latest"}
_IDENTITY: Final = ("subject", "event", "key")
"""What a milestone in a state is known by: it never changes, and is not shown as a change."""


def _leaves(plain: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(plain, Mapping):
        return {path: plain}
    if plain.keys() == _DATE:
        return {path: plain["text"]}
    found: dict[str, Any] = {}
    for key, value in plain.items():
        found |= _leaves(value, f"{path}.{key}" if path else key)
    return found


def reasons_by_field(
    projection: Projection[S], subject: SubjectId, claims: Iterable[Effective], day: date | None = None
) -> dict[str, list[int]]:
    """
    For each field of a state's plain form, the positions of the claims behind it, as in :func:`reasons_for`.

    Args:
        projection: Which projection.
        subject: Whose state.
        claims: The claims that feed it, in any order.
        day: The day of the world as of which it is read; None: as of all that is known.
    """
    ordered = sorted(claims, key=order_key)
    before = initial = _leaves(as_plain(fold(projection, subject, (), day)))
    found: dict[str, list[int]] = {}
    for count, item in enumerate(ordered, start=1):
        after = _leaves(as_plain(fold(projection, subject, ordered[:count], day)))
        for field in before.keys() | after.keys():
            value = after.get(field)
            if value != before.get(field):
                found[field] = [] if value == initial.get(field) else [*found.get(field, ()), item.position]
        before = after
    return found


def _is_place(field: str) -> bool:
    """Whether a field says where the value stands, not what it is."""
    return field == "positions" or field.rpartition(".")[2] in _IDENTITY


def changed_fields(before: Any, after: Any) -> Sequence[tuple[str, Any, Any]]:
    """
    The fields in which two states differ, with their plain values, in the order of the state's fields.

    Args:
        before: A state of any projection.
        after: The state of the same subject in another view.
    """
    one, other = _leaves(as_plain(before)), _leaves(as_plain(after))
    fields = [field for field in dict.fromkeys((*one, *other)) if not _is_place(field)]
    return [(field, one.get(field), other.get(field)) for field in fields if one.get(field) != other.get(field)]
