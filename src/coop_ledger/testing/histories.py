"""
Strategies for whole logs: lists of entries as a ledger would hold them.

Knows the rules that a ledger keeps (dense positions, times that never decrease, acts that name earlier entries
which they can touch, calls with their key, redactions alone in theirs, nothing that occurred after it was recorded)
and no bytes. What is told in the entries is of ``testing/stories.py``, between claims and acts of any kind.

A history is made step by step (a claim, a story, an act), and each step draws all of its own: so whatever does not
matter to a failure goes away as a piece. Times and calls come last, and are plain unless they matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar, cast

import attrs
from hypothesis import strategies as st

from coop_ledger.domain import (
    Assertion,
    Body,
    Claim,
    Correction,
    Duplicate,
    Entry,
    Event,
    Merge,
    Once,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
)
from coop_ledger.domain import events as ev
from coop_ledger.ledger import Ledger
from coop_ledger.testing.as_code import history_as_code
from coop_ledger.testing.redactions import sealed_in
from coop_ledger.testing.stories import CAST, stories
from coop_ledger.testing.strategies import acts, claims, unknown_events
from coop_ledger.testing.values import instants, labels, maybe, prose, sources, whens
from coop_ledger.testing.written import ledger_of

__all__ = ["histories", "ledgers"]

T = TypeVar("T")
Told = tuple[str, Body]
"""The id of an entry, and its body."""

_END: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""What is dated later is still to come in every history."""


def _focused() -> st.SearchStrategy[Claim]:
    """Claims of any assertion and date about the few subjects of the stories, so that they meet."""
    slug = st.sampled_from(CAST)
    party = st.sampled_from(("KR", "KZ"))
    few: list[st.SearchStrategy[Event]] = [
        st.builds(ev.InitiativeStarted, slug),
        st.builds(ev.InitiativeDelivered, slug, st.none() | st.just("fair"), st.none() | st.booleans()),
        st.builds(ev.InitiativeSuspended, slug),
        st.builds(ev.InitiativeResumed, slug),
        st.builds(ev.InitiativeCancelled, slug),
        st.builds(ev.InstitutionProclaimed, slug),
        st.builds(ev.InstitutionOpened, slug),
        st.builds(ev.MemberAdmitted, slug, party),
        st.builds(ev.MemberWithdrew, slug, party),
        st.builds(ev.AgreementSigned, slug),
        st.builds(ev.EnteredIntoForce, slug),
        st.builds(ev.MeetingHeld, slug),
        st.builds(ev.DelegationAttended, slug, party),
        st.builds(ev.RelationsEstablished, st.just("KR-KZ")),
        st.builds(ev.NameUsed, st.just("initiative:alpha"), st.sampled_from(("One", "Two"))),
        st.builds(
            ev.FigureReported,
            st.just("meeting:alpha"),
            st.just("attendance"),
            st.sampled_from((Decimal(150), Decimal(200))),
        ),
    ]
    return claims(of=st.one_of(few))


# strategies that are drawn from again and again: to make one takes longer than to draw from it
_FOCUSED: Final = _focused()
_ANY: Final = claims()
_STORIES: Final = stories()
_UNKNOWN: Final = unknown_events()
_MERGED: Final = st.sampled_from(
    [
        Merge((f"{kind}:{one}",), f"{kind}:{other}", "the same under two names")
        for kind in ("initiative", "institution", "agreement", "meeting")
        for one, other in (CAST, CAST[::-1])
    ]
) | acts(Merge)
"""Merges of subjects that the stories are about, and of others."""
_DATES: Final = maybe(whens())
_WORDS: Final = prose()
_NOTES: Final = maybe(prose())
_LABELS: Final = labels()
_DOCUMENTS: Final = st.lists(sources(), max_size=1).map(tuple)
_WHY: Final = st.sampled_from(RetractionReason)
_FLAGS: Final = st.booleans()
_MORE: Final = st.integers(0, 5)
_FIRST: Final = st.sampled_from(("claim", "story", "any"))
_STEPS: Final = st.sampled_from(("claim", "story", "story", "act", "act", "any"))
_STEPS_OF_OTHERS: Final = st.sampled_from(("claim", "story", "story", "act", "act", "any", "unknown"))
_COUNTS: Final = st.sampled_from((1, 1, 1, 2, 3))
_GAPS_S: Final = st.integers(0, 10**7)


@cache
def _up_to(last: int) -> st.SearchStrategy[int]:
    return st.integers(0, last)


def _one_of(draw: st.DrawFn, several: Sequence[T]) -> T:
    return several[draw(_up_to(len(several) - 1))]


def _some_of(draw: st.DrawFn, several: Sequence[T], least: int, most: int) -> tuple[T, ...]:
    return tuple(draw(st.lists(st.sampled_from(several), min_size=least, max_size=most, unique=True)))


def _act(draw: st.DrawFn, told: Sequence[Told]) -> Body:
    """An act on earlier entries that it can touch, of sealed texts that these have."""
    claimed = [entry_id for entry_id, body in told if isinstance(body, Claim)]
    corrected = [one for one in told if isinstance(one[1], Claim | Correction)]
    sealed = [(entry_id, paths) for entry_id, body in told if (paths := sealed_in(body))]
    several = len(claimed) > 1
    kinds = (Merge, Retraction, *((Duplicate, Resolution) if several else ()), *((Redaction,) if sealed else ()))
    kind: type[Body] = _one_of(draw, (*kinds, *((Correction, Correction) if corrected else ())))
    if kind is Correction:
        return _correction(draw, corrected)
    if kind is Retraction:
        taken = [entry_id for entry_id, body in told if not isinstance(body, Redaction)]
        return Retraction(_one_of(draw, taken), draw(_WHY), draw(_DOCUMENTS), draw(_NOTES))
    if kind is Duplicate:
        first, later = sorted(_some_of(draw, range(len(claimed)), 2, 2))
        return Duplicate(claimed[later], claimed[first])
    if kind is Resolution:
        named = _some_of(draw, claimed, 2, 3)
        return Resolution(named, draw(_WORDS), _one_of(draw, (None, *named)))
    if kind is Redaction:
        entry_id, paths = _one_of(draw, sealed)
        return Redaction(entry_id, _some_of(draw, paths, 1, len(paths)), draw(_LABELS), draw(_LABELS))
    return draw(_MERGED)


def _correction(draw: st.DrawFn, corrected: Sequence[Told]) -> Body:
    """A correction to another day, or to another claim; of a correction, too."""
    entry_id, body = _one_of(draw, corrected)
    claim: Any = body.claim if isinstance(body, Correction) else body
    match _one_of(draw, ("day", "claim", "any")):
        case "day":
            claim = attrs.evolve(claim, when=draw(_DATES))
        case "claim":
            claim = draw(_FOCUSED)
        case _:
            claim = draw(_ANY)
    return Correction(entry_id, claim, draw(_WORDS), draw(_DOCUMENTS))


def _earliest(body: Body) -> datetime | None:
    """The first instant of what a body says to have occurred: it cannot have been recorded before."""
    claim = body.claim if isinstance(body, Correction) else body
    if not isinstance(claim, Claim) or claim.assertion not in (Assertion.OCCURRED, Assertion.HOLDS):
        return None
    earliest = claim.when.earliest if claim.when is not None else None
    return None if earliest is None else datetime.combine(earliest, time(), UTC)


def _still_to_come(body: Body) -> Body:
    """A body that is recorded before the end: what it dates later is a plan."""
    if (_earliest(body) or _END) <= _END:
        return body
    changed = (
        {"claim": _still_to_come(body.claim)} if isinstance(body, Correction) else {"assertion": Assertion.PLANNED}
    )
    return cast("Body", attrs.evolve(cast("Any", body), **changed))


def _step(draw: st.DrawFn, told: Sequence[Told], unknown: bool) -> list[Body]:
    """What is recorded next."""
    steps = (_STEPS_OF_OTHERS if unknown else _STEPS) if told else _FIRST
    match draw(steps):
        case "claim":
            return [draw(_FOCUSED)]
        case "story":
            return [*draw(_STORIES)]
        case "act":
            return [_act(draw, told)]
        case "unknown":
            return [draw(_UNKNOWN)]
        case _:
            return [draw(_ANY)]


@cache
def _id(number: int, scattered: bool) -> str:
    """An id; those that are scattered do not rise with the order in which entries came."""
    tail = hashlib.sha256(str(number).encode()).hexdigest()[:22] if scattered else f"{number:022x}"
    return f"01500000-{tail[:4]}-7{tail[4:7]}-8{tail[7:10]}-{tail[10:22]}"


def _entries(draw: st.DrawFn, told: Sequence[Told]) -> list[Entry]:
    """The entries of what was told: at their times and in their calls, which are plain unless they matter."""
    eventful, recorded_at, found = draw(_FLAGS), draw(instants()), list[Entry]()
    while len(found) < len(told):
        start = len(found)
        call = told[start : start + (draw(_COUNTS) if eventful else 1)]
        if any(isinstance(body, Redaction) for _, body in call):
            call = call[:1]
        once = f"call {start}" if eventful and draw(_FLAGS) else None
        known = [instant for _, body in call if (instant := _earliest(body)) is not None]
        behind = eventful and start > 0 and draw(_FLAGS)  # then the clock stood behind, if nothing speaks against it
        gap_s = 0 if behind else draw(_GAPS_S) if eventful else 1
        instant = max([recorded_at + timedelta(seconds=gap_s), *known])
        clamped = behind and instant == recorded_at
        found += [
            Entry(
                start + index, entry_id, instant, clamped, "recorder", body,
                None if once is None else Once(once, index, len(call)),
            )
            for index, (entry_id, body) in enumerate(call)
        ]  # fmt: skip
        recorded_at = instant
    return found


class _History(list[Entry]):
    """Entries that Hypothesis shows as the Python that makes their bodies, not field by field."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What a failing example shows: a body in each line, and beside it when and how it was recorded."""
        printer.text("entries_of(")
        for line, entry in zip(history_as_code(self).splitlines()[1:], self, strict=False):
            printer.break_()
            printer.text(f"{line}  # {_recorded(entry)}")
        if self:
            printer.break_()
        printer.text(")")


def _recorded(entry: Entry) -> str:
    """When and how an entry was recorded."""
    call = "" if entry.once is None else f", {entry.once.key}, {entry.once.index + 1} of {entry.once.count}"
    return f"{entry.recorded_at:%Y-%m-%d %H:%M:%S}{', clamped' if entry.clamped else ''}{call}"


@st.composite
def _history(draw: st.DrawFn, min_size: int, max_size: int, unknown: bool) -> list[Entry]:
    told, scattered = list[Told](), draw(_FLAGS)
    while len(told) < max_size and (len(told) < min_size or draw(_MORE)):
        bodies = _step(draw, told, unknown)[: max_size - len(told)]
        late = len(bodies) > 1 and bool(told) and draw(_FLAGS)  # then others are recorded in between, and after
        for body in bodies:
            at = draw(_up_to(len(told))) if late else len(told)
            told.insert(at, (_id(len(told), scattered), _still_to_come(body)))
    return _History(_entries(draw, told))


def histories(*, min_size: int = 0, max_size: int = 8, unknown: bool = False) -> st.SearchStrategy[list[Entry]]:
    """
    Logs from their first entry on: stories that meet and conflict, and acts that name earlier entries.

    Bodies are as they were recorded; :func:`with_redactions_carried_out` gives them as they read afterwards.

    Args:
        min_size: Entries at least.
        max_size: Entries at most.
        unknown: Whether a newer writer had a hand in it: then some entries are of types unknown here.
    """
    return _history(min_size, max_size, unknown)


def ledgers(*, min_size: int = 0, max_size: int = 8) -> st.SearchStrategy[Ledger]:
    """
    Ledgers in memory that hold a history, with its redactions carried out.

    Each is new: what a test records in one is in no other. Its ids are those of a ledger; bodies, times and calls
    are those of :func:`histories`.

    Args:
        min_size: Entries at least.
        max_size: Entries at most.
    """
    return histories(min_size=min_size, max_size=max_size).map(ledger_of)
