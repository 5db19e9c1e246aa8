"""
How values compare and show, written once; knows no value.

attrs writes both anew for each class, which for a hundred and fifty classes is a third of what an import takes.
A class that is compared in tight loops keeps attrs' own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

import attrs

__all__ = ["Value"]


@cache
def _getter(kind: type) -> Callable[[object], object]:
    """What reads the fields of a class that count in a comparison."""
    names = [field.name for field in attrs.fields(kind) if field.eq]
    return attrgetter(*names) if names else lambda value: ()


class Value:
    """
    Base of frozen attrs classes: equal if of one class with equal fields.

    Subclasses are made with ``attrs.frozen(eq=False, repr=False)``; a field with ``eq=False`` does not count.
    """

    __slots__ = ()

    def _compared(self) -> object:
        kind: Any = type(self)
        return _getter(kind)(self)

    def __eq__(self, other: object) -> bool:
        return self._compared() == other._compared() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        kind: Any = type(self)
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in attrs.fields(kind) if field.repr)
        return f"{kind.__name__}({shown})"
