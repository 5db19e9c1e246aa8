"""
Strategies for whole logs: lists of entries as a ledger would hold them.

Knows the rules that a ledger keeps (dense positions, times that never decrease, acts that name earlier entries
which they can touch, calls with their key, nothing that occurred after it was recorded) and no bytes. What is
told in the entries is of ``testing/stories.py``, between claims and acts of any kind.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

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
)
from coop_ledger.domain import events as ev
from coop_ledger.testing.redactions import redactions, sealed_in
from coop_ledger.testing.stories import CAST, stories
from coop_ledger.testing.strategies import acts, claims, unknown_events
from coop_ledger.testing.values import entry_ids, instants, whens

__all__ = ["histories"]

_END: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""What is dated later is still to come in every history."""

_MERGES: Final = tuple(
    Merge((f"{kind}:{one}",), f"{kind}:{other}", "the same under two names")
    for kind in ("initiative", "institution", "agreement", "meeting")
    for one, other in (CAST, CAST[::-1])
)
"""Merges of subjects that the stories are about."""


@cache
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


def _acts_on(found: list[Entry]) -> st.SearchStrategy[Body]:
    """
    Acts on earlier entries that they can touch, of sealed texts that these have.

    Among them are corrections of their own claims to another day.
    """
    claimed = [entry for entry in found if isinstance(entry.body, Claim)]
    of_claims = (Correction, Duplicate, Resolution) if len(claimed) > 1 else ()
    choices: list[st.SearchStrategy[Body]] = [acts(Merge), st.sampled_from(_MERGES)]
    for kinds, named in (
        (of_claims, claimed),
        ((Correction,), [entry for entry in found if isinstance(entry.body, Correction)]),
        ((Retraction,), [entry for entry in found if not isinstance(entry.body, Redaction)]),
    ):
        if kinds and named:
            choices.append(acts(*kinds, targets=st.sampled_from([entry.id for entry in named])))

    if any(sealed_in(entry.body) for entry in found):
        choices.append(redactions(found))

    def redated(entry: Entry, given: Any) -> Body:
        return Correction(entry.id, attrs.evolve(cast("Any", entry.body), when=given), "the day was misread")

    if claimed:
        choices.append(st.builds(redated, st.sampled_from(claimed), st.none() | whens()))
    return st.one_of(choices)


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


@st.composite
def _body(draw: st.DrawFn, found: list[Entry], told: list[Claim], unknown: bool) -> Body:
    """The next body; takes the next claim out of what is *told* or another."""
    if told and draw(st.sampled_from((0, 1, 2))):
        return told.pop(0)
    choices: list[st.SearchStrategy[Body]] = [_focused(), _focused(), claims()]
    choices += [unknown_events()] if unknown else []
    choices += [_acts_on(found)] if sum(isinstance(entry.body, Claim) for entry in found) > 1 else []
    return _still_to_come(draw(st.one_of(choices)))


@st.composite
def _history(draw: st.DrawFn, min_size: int, max_size: int, unknown: bool) -> list[Entry]:
    ids = draw(st.lists(entry_ids(), min_size=min_size, max_size=max_size, unique=True))
    told = [claim for story in draw(st.lists(stories(), max_size=3)) for claim in story]
    recorded_at, found = draw(instants()), list[Entry]()
    while len(found) < len(ids):
        start = len(found)
        count = min(draw(st.sampled_from((1, 1, 1, 2, 3))), len(ids) - start)
        key = draw(st.none() | st.just(f"call {start}"))
        for index, entry_id in enumerate(ids[start : start + count]):
            once = None if key is None else Once(key, index, count)
            body = draw(_body(found, told, unknown))
            found.append(Entry(start + index, entry_id, _END, False, "recorder", body, once))
        known = [instant for entry in found[start:] if (instant := _earliest(entry.body)) is not None]
        instant = max([recorded_at + timedelta(seconds=draw(st.integers(0, 10**7))), *known])
        clamped = start > 0 and instant == recorded_at and draw(st.booleans())
        found[start:] = [attrs.evolve(entry, recorded_at=instant, clamped=clamped) for entry in found[start:]]
        recorded_at = instant
    return found


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
