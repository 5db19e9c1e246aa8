"""
How an event class is declared; knows no event.

An event is a frozen, slotted attrs class made by ``@event(...)``, with fields made by the specifiers of
``domain/fields.py``. The decorator's arguments are the event's row in ``semantics.md``:

    subject   the field that names whose milestone it is
    key       what tells one happening from another: fields, or ``@role`` (one milestone for each party
              in that role), ``@source_day``, ``@stated_day``
    roles     the roles that parties of such a claim play
    promise   whether PLANNED is a commitment (else only an expectation)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar, cast, dataclass_transform

import attrs

from coop_ledger.domain.fields import (
    code,
    codes,
    date,
    decimal,
    flag,
    items,
    label,
    party_ref,
    percent,
    prose,
    slug,
    subject_id,
    whole,
)
from coop_ledger.domain.parties import Role
from coop_ledger.domain.value import Value

__all__ = ["EventBase", "EventSpec", "event"]

E = TypeVar("E", bound="EventBase")


@attrs.frozen(eq=False, repr=False)
class EventSpec(Value):
    """An event's row in ``semantics.md``: subject field, key, roles, and whether PLANNED is a promise."""

    subject: str
    key: tuple[str, ...]
    roles: tuple[Role, ...]
    promise: bool


class EventBase(Value):
    """What all events share: the specification of their class."""

    __slots__ = ()
    spec: ClassVar[EventSpec]


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
    ),
)
def event(
    *, subject: str, key: tuple[str, ...] = (), roles: tuple[Role, ...] = (), promise: bool = True
) -> Callable[[type[E]], type[E]]:
    """
    Declare an event class: frozen, slotted, and with its row of ``semantics.md`` as ``spec``.

    Raises:
        TypeError: At import, if *subject* or *key* names no field of the class.
    """

    def declare(cls: type[E]) -> type[E]:
        made = attrs.frozen(cls, eq=False, repr=False)
        names = {field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", made))}
        lost = [name for name in (subject, *key) if not name.startswith("@") and name not in names]
        if lost:
            raise TypeError(f"{cls.__name__} has no field {', '.join(lost)}")
        made.spec = EventSpec(subject, key, roles, promise)
        return made

    return declare
