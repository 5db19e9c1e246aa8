"""
A view: the ledger as it was known at some point, and what the same questions then answer.

Knows the axes and nothing of how they cut (``scope.py``, ``projections/acts.py``). ``size=`` and ``recorded=`` pin a
view for ever; ``published=`` alone does not, since an old source may be entered tomorrow: the view that was made
keeps the size that it was made at, and its basis says it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from coop_ledger.analyst import Analyst
from coop_ledger.axes import day_of
from coop_ledger.domain import Value
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections import SHIPPED, Projection
from coop_ledger.scope import Scope, root_at

__all__ = ["Basis", "View"]


@attrs.frozen(eq=False, repr=False)
class Basis(Value):
    """
    What an answer of a view rests on: equal basis, equal answer, also years later.

    Args:
        origin: The ledger.
        size: Entries of the view.
        root: RFC 6962 root at that size, 32 bytes.
        recorded: The instant that was asked for, if one was; the size follows from it.
        published: The day by whose end sources must have been published, if one was given.
        on: The day of the world, if one was given.
        erasures: Redactions in the whole log: what was erased since reads *redacted*.
        projections: Name and version of the projections that answer.
    """

    origin: str
    size: int
    root: bytes
    recorded: datetime | None
    published: date | None
    on: date | None
    erasures: int
    projections: tuple[tuple[str, int], ...]

    def using(self, projection: Projection[Any]) -> Basis:
        """The basis of answers of a projection that a user wrote."""
        return attrs.evolve(self, projections=((projection.name, projection.version),))


class View(Analyst):
    """
    A ledger as of a size or instant, as of sources, as of a day of the world; made by ``Ledger.at``.

    It answers every question that a ledger answers, and keeps answering the same.

    >>> from coop_ledger import Ledger, Source, When, announced, events as ev
    >>> ledger = Ledger.in_memory()
    >>> opening = ev.InstitutionOpened("kcac-secretariat")
    >>> then = ledger.record(announced(opening, when="2017", sources=Source("Korea.net", When("2016-11-18"))))
    >>> view = ledger.at(published="2017-06-30")
    >>> now = ledger.record(announced(opening, when="2018", sources=Source("Gazette", When("2017-12-01"))))
    >>> str(view.institution("kcac-secretariat").target), str(ledger.institution("kcac-secretariat").target)
    ('2017', '2018')
    """

    def __init__(self, scope: Scope, recorded: datetime | None = None) -> None:
        self._pinned = scope
        self._recorded = recorded

    def _scope(self) -> Scope:
        return self._pinned

    @property
    def size(self) -> int:
        """Entries of the view."""
        return self._pinned.size

    @property
    def basis(self) -> Basis:
        """What the answers rest on."""
        scope = self._pinned
        return Basis(
            scope.store.origin,
            scope.size,
            root_at(scope),
            self._recorded,
            scope.published,
            scope.day,
            scope.erasures(),
            tuple((projection.name, projection.version) for projection in SHIPPED),
        )

    def on(self, day: date | str) -> View:
        """
        The same knowledge, read as of a day of the world: what had happened by its end (D2, last step).

        Raises:
            InvalidValueError: No single day, or the view has one already.
        """
        if self._pinned.day is not None:
            raise InvalidValueError(
                "the day of the world is given twice", where="on", found=f"{self._pinned.day} and {day}",
                hint="make the view anew with ledger.at(…)",
            )  # fmt: skip
        return View(attrs.evolve(self._pinned, day=day_of("on", day)), self._recorded)

    def __repr__(self) -> str:
        axes = {"published": self._pinned.published, "recorded": self._recorded, "on": self._pinned.day}
        given = "".join(f", {name}={value}" for name, value in axes.items() if value is not None)
        return f"<View of {self._pinned.store.origin}, size={self.size}{given}>"
