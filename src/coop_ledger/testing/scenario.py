"""
Given a history, after an act, expect a state or a refusal: one test in one sentence.

Knows the ledger and no law. A scenario is a value: each step gives a new one, and every question is asked of a new
ledger in memory, in which the n-th body has the id ``id_of(n)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final, Self, cast

import attrs

from coop_ledger.domain import Act, Body, Claim, Entry, SubjectId
from coop_ledger.errors import CoopLedgerError, ExpectationError, InvalidValueError
from coop_ledger.ledger import Ledger
from coop_ledger.projections import Projection, as_plain, check_is_projection
from coop_ledger.reproducible import HandClock
from coop_ledger.testing.as_code import history_as_code
from coop_ledger.testing.written import bodies_of, time_of

__all__ = ["Scenario", "scenario"]

_UNSAID: Final = object()
_VALUES: Final = (bool, int, str, Decimal, tuple, type(None))


@attrs.frozen
class Scenario:
    """
    What was recorded, and which view of it is asked; made by :func:`scenario`.

    Args:
        bodies: What was recorded, each in a call of its own, a second apart.
        strict: Whether the last of them is recorded strictly.
        published: The day by whose end sources were published; None: all count.
        size: Only the first so many entries; None: all.
        on: The day of the world; None: as of all that is known.
    """

    bodies: tuple[Body, ...]
    strict: bool = False
    published: date | str | None = None
    size: int | None = None
    on: date | str | None = None

    def after(self, *bodies: Claim | Act, strict: bool = False) -> Self:
        """
        The scenario after more was recorded; what is refused shows when something is expected.

        Args:
            bodies: Claims and acts; acts name the n-th body by ``id_of(n)``.
            strict: Whether the last of them must not make the record irregular.

        Raises:
            InvalidValueError: Neither a claim nor an act.
        """
        return attrs.evolve(self, bodies=(*self.bodies, *bodies_of(bodies)), strict=strict)

    def seen(
        self, *, published: date | str | None = None, size: int | None = None, on: date | str | None = None
    ) -> Self:
        """The scenario seen as of what was published by a day, of the first entries, or of a day of the world."""
        return attrs.evolve(self, published=published, size=size, on=on)

    def expect(self, projection: Projection[Any], subject: str, state: Any = _UNSAID, /, **fields: Any) -> Self:
        """
        Expect a state, or some of its fields.

        A value is as expected if it is equal, or if its plain form or its text is: ``target="2017"``.

        Args:
            projection: Which projection, also a user's own.
            subject: The full id of a subject.
            state: The whole state; None: that there is none.
            fields: Name of a field, an attribute or a key of the state → what it should be.

        Raises:
            ExpectationError: It is otherwise, or what was to be recorded was refused.
            InvalidValueError: Nothing is expected, what was given is no projection, or there is no such view.
        """
        __tracebackhide__ = True  # pytest shows the caller's line instead
        check_is_projection(projection)
        if state is _UNSAID and not fields:
            raise InvalidValueError(
                "nothing is expected", where="expect", hint="name fields: expect(…, subject, status=…)"
            )
        try:
            ledger = self._ledger()
        except CoopLedgerError as error:
            raise self._failure(
                "what was to be recorded was refused", where="record", expected="no error",
                found=f"{type(error).__name__}: {error}",
            ) from error  # fmt: skip
        states = self._states(ledger, projection)
        found, where = states.get(SubjectId(subject)), f"projection {projection.name}, {subject}"
        if subject not in states and (fields or state is not None):
            expected = f"a state with {', '.join(fields)}" if fields else repr(state)
            near = get_close_matches(subject, states, 1)
            raise self._failure(
                "there is no state", where=where, expected=expected, found=", ".join(states) or "no state",
                hint=f"did you mean {near[0]}?" if near else None,
            )  # fmt: skip
        if state is not _UNSAID and not _alike(found, state):
            raise self._failure("the state is another", where=where, expected=repr(state), found=repr(found))
        for name, expected in fields.items():
            value = self._field(found, name, where)
            if not _alike(value, expected):
                raise self._failure(
                    "the field is another", where=f"{where}, {name}", expected=repr(expected), found=_told(value)
                )
        return self

    def expect_error(self, error: type[CoopLedgerError], **attributes: Any) -> Self:
        """
        Expect that what was to be recorded is refused.

        Args:
            error: The class of the error.
            attributes: Name of an attribute of the error (where, found, …) → what it should be.

        Raises:
            ExpectationError: Nothing was refused, or for another reason.
        """
        __tracebackhide__ = True
        where = "record"
        try:
            self._ledger()
        except error as refused:
            for name, expected in attributes.items():
                value = getattr(refused, name, None)
                if not _alike(value, expected):
                    raise self._failure(
                        "the error says something else", where=f"{error.__name__}.{name}", expected=repr(expected),
                        found=_told(value),
                    ) from refused  # fmt: skip
            return self
        except CoopLedgerError as other:
            raise self._failure(
                "it was refused for another reason", where=where, expected=error.__name__,
                found=f"{type(other).__name__}: {other}",
            ) from other  # fmt: skip
        raise self._failure("nothing was refused", where=where, expected=error.__name__, found="a receipt")

    def _ledger(self) -> Ledger:
        clock = HandClock()
        ledger = Ledger.in_memory(origin="scenario.example/1", recorder="recorder", clock=clock, draw=bytes)
        for position, body in enumerate(self.bodies):
            clock.set(time_of(position))
            last = position == len(self.bodies) - 1
            ledger.record(cast("Claim | Act", body), strict=self.strict and last)
        return ledger

    def _states(self, ledger: Ledger, projection: Projection[Any]) -> Mapping[SubjectId, Any]:
        view = ledger.at(published=self.published, size=self.size)
        return (view if self.on is None else view.on(self.on)).project(projection)

    def _field(self, state: Any, name: str, where: str) -> Any:
        __tracebackhide__ = True
        if isinstance(state, Mapping) and name in state:
            return state[name]
        if not hasattr(state, name):
            known = [one for one in ([*state] if isinstance(state, Mapping) else dir(state)) if one[:1] != "_"]
            near = get_close_matches(name, known, 1) or known[:5]
            hint = f"did you mean {' or '.join(near)}?" if near else None
            if type(state) in _VALUES:  # has attributes of Python's, but no fields
                hint = "the state is one value: give it as the third argument, expect(projection, subject, value)"
            raise self._failure(
                "the state has no such field", where=where, expected=name, found=f"{type(state).__name__}", hint=hint
            )
        return getattr(state, name)

    def _failure(
        self, what: str, *, where: str, expected: str, found: str, hint: str | None = None
    ) -> ExpectationError:
        seen = {"published": self.published, "size": self.size, "on": self.on}
        view = ", ".join(f"{name}={value}" for name, value in seen.items() if value is not None)
        return ExpectationError(
            what, where=where, expected=expected, found=found, hint=hint,
            history=history_as_code(self.bodies), seen=view,
        )  # fmt: skip


def _alike(found: Any, expected: Any) -> bool:
    """Equal as values, as plain data, or as the text that was expected."""
    if found == expected or as_plain(found) == as_plain(expected):
        return True
    return isinstance(expected, str) and str(found) == expected


def _told(value: Any) -> str:
    """A value for people, short where its text is."""
    text, shown = str(value), repr(value)
    return shown if len(shown) <= 80 or len(text) >= len(shown) else f"{text} ({type(value).__name__})"


def scenario(history: Iterable[Entry | Body] = ()) -> Scenario:
    """
    Begin a scenario with what was recorded before.

    Args:
        history: Bodies, of which acts name the n-th by ``id_of(n)``, or entries, which are recorded anew.

    Raises:
        InvalidValueError: Something else, like an event of which no claim was made.

    >>> from coop_ledger import Source, announced, occurred, events as ev
    >>> from coop_ledger.projections import INSTITUTION
    >>> opening, korea_net = ev.InstitutionOpened("office"), Source("Korea.net")
    >>> planned = scenario([announced(opening, when="2017", sources=korea_net)])
    >>> _ = planned.expect(INSTITUTION, "institution:office", status="planned", target="2017")
    >>> opened = planned.after(occurred(opening, when="2018", sources=korea_net))
    >>> _ = opened.expect(INSTITUTION, "institution:office", status="open")
    """
    return Scenario(tuple(bodies_of(history)))
