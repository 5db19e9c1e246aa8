"""
Whether a projection keeps the laws: a tour of all events and acts first, then histories that are drawn.

Knows the order of the checks and what is said of a failure. What the laws are is of ``testing/breaches.py``, how one
history is held to them of ``testing/laws.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from coop_ledger.domain import Body, Claim, Entry, brief
from coop_ledger.errors import InvalidValueError, LawBrokenError
from coop_ledger.projections import Projection, check_is_projection
from coop_ledger.testing.as_code import history_as_code
from coop_ledger.testing.breaches import OPTIONAL, Breach, Law
from coop_ledger.testing.elsewhere import place_of, states_elsewhere
from coop_ledger.testing.growth import growing, growth_breach_of
from coop_ledger.testing.histories import histories
from coop_ledger.testing.laws import breach_of, differing_elsewhere
from coop_ledger.testing.redactions import with_redactions_carried_out
from coop_ledger.testing.smallest import smaller, smallest
from coop_ledger.testing.tour import at_first, tour
from coop_ledger.testing.written import bodies_of, entries_of

__all__ = ["Checked", "check_projection"]

_MOST_STEPS: Final = 12

Check = Callable[[Sequence[Entry]], Breach | None]


@attrs.frozen
class Checked:
    """
    What was looked at by a check that found nothing.

    Args:
        laws: The laws that held.
        histories: In how many histories.
        left_out: What could not be looked at, each with its reason; empty is what it should be.
    """

    laws: tuple[Law, ...]
    histories: int
    left_out: tuple[str, ...] = ()


class _Found(Exception):  # noqa: N818 - stops Hypothesis, and goes no further
    """A history shows a breach."""


def _raise_smallest(projection: Projection[Any], history: Sequence[Entry], breach: Breach, check: Check) -> None:
    """Report a breach with the smallest history that shows it."""
    __tracebackhide__ = True  # pytest shows the caller's line instead

    def shows(candidate: Sequence[Entry]) -> bool:
        found = check(with_redactions_carried_out(candidate))
        return found is not None and found.law is breach.law

    least = smallest(history, shows)
    breach = check(with_redactions_carried_out(least)) or breach  # a fault that comes and goes stays what it was
    raise LawBrokenError(
        breach.what,
        law=breach.law,
        projection=projection.name,
        step=breach.step,
        history=history_as_code(least),
        hint="keep the history below as a test: check_projection(…, also=[history])",
    ) from breach.__cause__


def _refuse(projection: Projection[Any], history: Sequence[Entry], check: Check) -> None:
    """
    Check one history.

    Raises:
        LawBrokenError: It shows a breach.
    """
    __tracebackhide__ = True
    breach = check(with_redactions_carried_out(history))
    if breach is not None:
        _raise_smallest(projection, history, breach, check)


def _drawn(
    of: st.SearchStrategy[list[Entry]], max_examples: int, seed: int, check: Check, seen: list[Sequence[Entry]]
) -> Sequence[Entry] | None:
    """The first history that shows a breach, among those that are drawn; *seen* takes all of them."""
    found: list[Sequence[Entry]] = []

    @seeded(seed)
    @settings(
        max_examples=max_examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(of)
    def look(history: list[Entry]) -> None:
        seen.append(with_redactions_carried_out(history))
        if not found and check(seen[-1]) is not None:
            found.append(history)
        if found:
            raise _Found

    try:
        look()
    except _Found:
        return found[0]
    return None


def _optional(without: Iterable[str]) -> frozenset[Law]:
    """All laws but those left out."""
    left_out = {without} if isinstance(without, str) else set(without)
    if not left_out <= OPTIONAL:
        raise InvalidValueError(
            "such a law cannot be left out", where="without", expected=", ".join(sorted(OPTIONAL)),
            found=", ".join(sorted(map(str, left_out - OPTIONAL))),
        )  # fmt: skip
    return frozenset(Law) - {Law(law) for law in left_out}


def _own(also: Iterable[Sequence[Entry | Body]]) -> list[list[Entry]]:
    """One's own histories, each as its entries."""
    if isinstance(also, str | Claim):
        raise InvalidValueError(
            "these are no histories", where="also", expected="a list of histories", found=brief(also),
            hint="write also=[history], with the history as Python and not as text",
        )  # fmt: skip
    return [entries_of(*bodies_of(history)) for history in also]


def check_projection(
    projection: Projection[Any],
    *,
    max_examples: int = 100,
    also: Iterable[Sequence[Entry | Body]] = (),
    of: st.SearchStrategy[list[Entry]] | None = None,
    without: Iterable[str] = (),
    seed: int = 0,
    elsewhere: bool = True,
) -> Checked:
    """
    Hold a projection to the laws of projections, and show the smallest history with which it breaks one.

    Single claims come first, then what may make a state grow, then a tour, in which every event and act stands in
    every assertion, with little and with much, with every code, erased and corrected; then one's own histories; then
    some that are drawn. Two runs look at the same.

    Args:
        projection: One's own projection, or a shipped one.
        max_examples: How many histories are drawn after the tour; 0 for the tour and one's own only.
        also: One's own histories, as entries or as bodies; acts name the entry at a position by ``id_of``.
        of: What histories are drawn from; any by default.
        without: Laws that the projection breaks on purpose; independent order, independent of recording times, exact
            numbers and bounded growth are those that can be left out.
        seed: Another number gives other histories.
        elsewhere: Whether another process folds all that was looked at too; it takes a second or two.

    Returns:
        What was looked at, and what could not be.

    Raises:
        LawBrokenError: A law is broken.
        InvalidValueError: No projection, a law that cannot be left out, or what is no history.
    """
    __tracebackhide__ = True
    check_is_projection(projection)
    laws, own = _optional(without), _own(also)
    if max_examples < 0:
        raise InvalidValueError("fewer than none", where="max_examples", expected="0 or more", found=str(max_examples))
    check: Check = partial(breach_of, projection, laws=laws)
    for first in at_first():
        _refuse(projection, first, check)
    if Law.BOUNDED in laws:
        for told in growing():
            _refuse(projection, told, partial(growth_breach_of, projection))
    for history in (*tour(), *own):
        _refuse(projection, history, check)
    seen: list[Sequence[Entry]] = []
    of = histories(unknown=True) if of is None else of
    drawn = _drawn(of, max_examples, seed, check, seen) if max_examples else None
    if drawn is not None:
        _refuse(projection, drawn, check)
    left_out = _refuse_elsewhere(projection, seen) if elsewhere else ("another process: not asked for",)
    return Checked(tuple(law for law in Law if law in laws), len(tour()) + len(own) + max_examples, left_out)


def _refuse_elsewhere(projection: Projection[Any], drawn: Sequence[Sequence[Entry]]) -> tuple[str, ...]:
    """Compare with another process; what could not be compared, and why."""
    place = place_of(projection)
    if place is None:
        return ("another process: the projection is no name of a module that can be imported",)
    looked_at = [*tour(), *drawn]
    states = states_elsewhere(place, looked_at)
    if states is None:
        return (f"another process: it could not import {'.'.join(place)}",)
    for history, there in zip(looked_at, states, strict=True):
        breach = differing_elsewhere(projection, history, there)
        if breach is not None:
            least, breach = _smallest_elsewhere(projection, place, history, breach)
            raise LawBrokenError(
                breach.what, law=breach.law, projection=projection.name, step=breach.step,
                history=history_as_code(least), hint="sort what comes from a set",
            )  # fmt: skip
    return ()


def _smallest_elsewhere(
    projection: Projection[Any], place: tuple[str, str], history: Sequence[Entry], breach: Breach
) -> tuple[Sequence[Entry], Breach]:
    """The smallest history that shows a difference, and which; the other process is asked of all that are a step on."""
    found = (history, breach)
    for seed in range(1, _MOST_STEPS):
        alone = [entries_of(body) for body in bodies_of(found[0]) if isinstance(body, Claim) and len(found[0]) > 1]
        candidates = [with_redactions_carried_out(one) for one in (*alone, *smaller(found[0]))]
        states = states_elsewhere(place, candidates, seed) or ()
        differing = [
            (candidate, seen)
            for candidate, there in zip(candidates, states, strict=False)
            if (seen := differing_elsewhere(projection, candidate, there)) is not None
        ]
        if not differing:
            break
        found = min(differing, key=lambda pair: (len(pair[0]), len(history_as_code(pair[0]))))
    return found
