"""
The smallest history that still shows a fault: entries are left out, and claims said with less, as long as it does.

Knows no law: what a fault is, the caller says. Works also where Hypothesis cannot shrink, on histories that were
written down and on faults that come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, cast

import attrs

from coop_ledger.domain import Body, Claim, Correction, Entry, When, targets_of
from coop_ledger.testing.tour import bare
from coop_ledger.testing.written import bodies_of, entries_of

__all__ = ["smaller", "smallest"]

_MOST_CHECKS = 400
_MOST_S = 20.0


def _without(history: Sequence[Entry], places: range) -> list[Entry]:
    """The history without some entries and the acts on them, and on these in turn."""
    gone, kept = {history[at].id for at in places}, list[Entry]()
    for entry in history:
        if entry.id in gone or gone.intersection(targets_of(entry.body)):
            gone.add(entry.id)
        else:
            kept.append(entry)
    return kept


def _simpler_claims(claim: Claim) -> Iterator[Claim]:
    """The claim with less in it, most at once first."""
    given: Any = claim
    source: Any = claim.sources[0]
    plain = attrs.evolve(source, title=None, url=None, author=None, language=None, quote=None, digest=None)
    less: dict[str, Any] = {
        "where": None,
        "stated": None,
        "stated_by": None,
        "parties": (),
        "note": None,
        "sources": (plain,),
    }
    less["event"] = bare(type(claim.event))
    yield attrs.evolve(given, **less, when=None)
    yield attrs.evolve(given, **less)
    for name, value in (*less.items(), ("when", None)):
        yield attrs.evolve(given, **{name: value})
    if claim.when is not None:
        yield attrs.evolve(given, when=When("2016"))
    yield attrs.evolve(given, sources=claim.sources[:1])


def _simpler(body: Body) -> Iterator[Body]:
    if isinstance(body, Claim):
        yield from _simpler_claims(body)
    elif isinstance(body, Correction):
        yield from (attrs.evolve(cast("Any", body), claim=claim) for claim in _simpler_claims(body.claim))


def smaller(history: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Histories that are a step smaller."""
    size = len(history)
    halves = (range(size // 2, size), range(size // 2)) if size > 3 else ()
    for gone in (*halves, *(range(at, at + 1) for at in reversed(range(size)))):
        yield entries_of(*bodies_of(_without(history, gone)))
    bodies = bodies_of(history)
    for at, body in enumerate(bodies):
        for simpler in _simpler(body):
            if simpler != body:
                yield entries_of(*bodies[:at], simpler, *bodies[at + 1 :])


def smallest(history: Sequence[Entry], shows: Callable[[Sequence[Entry]], bool]) -> Sequence[Entry]:
    """
    A history that shows a fault and of which no piece can be left out.

    Args:
        history: One that shows it.
        shows: Whether a history shows it; asked some hundred times, and for some seconds, at most.
    """
    left, found, until = _MOST_CHECKS, history, monotonic() + _MOST_S
    going_on = True
    while going_on and left > 0 and monotonic() < until:
        going_on = False
        for candidate in smaller(found):
            left -= 1
            if shows(candidate):
                found, going_on = candidate, True
                break
            if left <= 0 or monotonic() >= until:
                break
    return found
