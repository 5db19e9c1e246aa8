"""
The laws of projections, held against one history; knows no Hypothesis and no ledger.

A projection sees claims as they count, in the order of D2, and nothing else. So its states must be equal whenever
these are, wherever, however often and in whatever pieces they are folded: that is what the laws say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from coop_ledger.domain import Effective, Entry, SubjectId, order_key
from coop_ledger.projections import Folded, Projection, as_plain, effective_entries, named_by, project
from coop_ledger.testing.breaches import (
    Breach,
    Law,
    Laws,
    at_step,
    called,
    folded,
    folded_plain,
    plain_of,
    read,
    same,
    short,
    spelled,
)
from coop_ledger.testing.recorded_otherwise import check_order, check_times, recorded_elsewhere

__all__ = ["breach_of", "differing_elsewhere", "plain_states"]


def _feeds(
    projection: Projection[Any], claims: Sequence[tuple[Entry, Effective]], laws: Laws
) -> dict[SubjectId, list[Effective]]:
    """The claims that feed each subject; asked twice, and of an entry that was recorded elsewhere, it says the same."""
    fed: dict[SubjectId, list[Effective]] = {}
    for entry, effective in claims:
        step, before = at_step("subjects", None, entry.position), read(entry)
        once, again = (called(step, named_by, projection, entry) for _ in range(2))
        if read(entry) != before:
            raise Breach(Law.UNCHANGED, "it changed the entry that it was given", step)
        if once != again:
            raise Breach(Law.DETERMINISTIC, f"asked twice, it named {short(once)} and {short(again)}", step)
        for law, what, changed in recorded_elsewhere(entry, laws):
            other = called(step, named_by, projection, changed)
            if once != other:
                raise Breach(law, f"{what}, the entry feeds {short(other)} instead of {short(once)}", step)
        if not all(isinstance(subject, str) for subject in once):
            raise Breach(Law.TOTAL, f"it named what is no subject: {short(once)}", step)
        for subject in once:
            fed.setdefault(subject, []).append(effective)
    return {subject: sorted(fed[subject], key=order_key) for subject in sorted(fed)}


def _walk(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective]) -> Any:
    """The state of one subject, one step after the other; nothing that is given to the projection may change."""
    state = called(at_step("initial", subject), projection.initial, subject)
    before = spelled(plain_of(state, at_step("initial", subject)))
    for item in claims:
        step, given = at_step("evolve", subject, item.position), read(item)
        after = called(step, projection.evolve, state, item)
        if read(item) != given:
            raise Breach(Law.UNCHANGED, "it changed the claim that it was given", step)
        if spelled(plain_of(state, step, quick=True)) != before:
            raise Breach(Law.UNCHANGED, "it changed the state that it was given; return a new one", step)
        state, before = after, spelled(plain_of(after, step))
    return state


def _days(claims: Sequence[Effective]) -> list[date]:
    """Days of the world before, within and after what claims speak of."""
    known = sorted({day for item in claims for day in order_key(item)[:2] if date.min < day < date.max})
    within = known[len(known) // 2 :][:1]
    return [date.min, *(day + timedelta(days=shift) for day in within for shift in (-1, 0)), date.max]


def _read_on_days(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], state: Any) -> None:
    """A state as of days of the world: total, pure, the same twice, and the state itself stays."""
    step, before = at_step("state", subject), plain_of(state, at_step("state", subject), quick=True)
    as_of: Any = projection.as_of
    for day in _days(claims) if as_of is not None else ():
        on_day = f"{at_step('as_of', subject)} on {day}"
        once, again = (plain_of(called(on_day, as_of, state, day), on_day) for _ in range(2))
        same(Law.UNCHANGED, step, "after it was read as of a day", before, plain_of(state, step, quick=True))
        same(Law.DETERMINISTIC, on_day, "read twice", once, again)


def _gather(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective]) -> None:
    """All claims at once, under watch; nothing that is given to the projection may change."""
    if projection.gather is None:
        return
    step, given = at_step("gather", subject), read(claims)
    state = called(at_step("initial", subject), projection.initial, subject)
    before = spelled(plain_of(state, step, quick=True))
    plain_of(called(step, projection.gather, state, tuple(claims)), step)
    if read(claims) != given:
        raise Breach(Law.UNCHANGED, "it changed the claims that it was given", step)
    if spelled(plain_of(state, step, quick=True)) != before:
        raise Breach(Law.UNCHANGED, "it changed the state that it was given; return a new one", step)


def _check_pieces(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], full: Any) -> None:
    """Folded again, at once, from a prefix on, and with claims that arrive late: always the same state."""
    step = at_step("fold", subject)
    again = folded_plain(projection, subject, claims, step)
    same(Law.DETERMINISTIC, step, "folded a second time", full, again)
    if projection.gather is not None:
        state = called(at_step("initial", subject), projection.initial, subject)
        for item in claims:
            state = called(at_step("evolve", subject, item.position), projection.evolve, state, item)
        evolved = plain_of(state, step, quick=True)
        same(Law.INCREMENTAL, at_step("gather", subject), "gathered, and evolved one by one", full, evolved)
    for cut in sorted({len(claims) // 2, max(0, len(claims) - 1)}):
        late = [*claims[cut:], *claims[:cut]]
        found = folded(step, Folded.of, projection, subject, late[:cut])
        for item in late[cut:]:
            found = folded(at_step("evolve", subject, item.position), found.add, item)
        how = f"folded at once, and {len(late) - cut} added to {cut}"
        same(Law.INCREMENTAL, step, how, full, plain_of(found.state, step, quick=True))


# views


def plain_states(projection: Projection[Any], history: Sequence[Entry], day: date | None = None) -> dict[str, Any]:
    """The states of all subjects as plain data; of a history as it reads after its redactions."""
    states = folded("project", lambda: project(projection, history, None, day))
    return {subject: plain_of(state, at_step("project", subject), quick=True) for subject, state in states.items()}


def _check_views(projection: Projection[Any], history: Sequence[Entry]) -> None:
    """A view of fewer entries answers the same before and after the others are folded; its states stay."""
    for size in sorted({len(history) // 2, max(0, len(history) - 1)}):
        view, day = history[:size], date(2016, 11, 15)
        states = folded("project", project, projection, view)
        before = {subject: as_plain(state) for subject, state in states.items()}
        on_day = plain_states(projection, view, day)
        plain_states(projection, history)
        how = f"a view of {size} entries, before and after the others were folded"
        after = {subject: as_plain(state) for subject, state in states.items()}
        same(Law.STABLE, "project", how, before, after)
        same(Law.STABLE, "project", how, before, plain_states(projection, view))
        same(Law.STABLE, f"project on {day}", how, on_day, plain_states(projection, view, day))


def breach_of(projection: Projection[Any], history: Sequence[Entry], laws: Laws = frozenset(Law)) -> Breach | None:
    """
    The first law that a history shows to be broken, if one is.

    Args:
        projection: Which projection.
        history: Entries as a view reads them: with their redactions carried out.
        laws: Which of the laws in :data:`OPTIONAL` count; all others always do.
    """
    try:
        # copies first: what changes them must not change what the other checks are given
        fed = _feeds(projection, deepcopy(list(effective_entries(history))), laws)
        for subject, claims in fed.items():
            _read_on_days(projection, subject, claims, _walk(projection, subject, claims))
            _gather(projection, subject, claims)
        for subject, claims in _feeds(projection, list(effective_entries(history)), frozenset()).items():
            full = folded_plain(projection, subject, claims, at_step("fold", subject))
            _check_pieces(projection, subject, claims, full)
            check_order(projection, subject, claims, laws)
            if Law.RECORDED in laws:
                check_times(projection, subject, claims, full)
        _check_views(projection, history)
    except Breach as breach:
        return breach
    return None


def differing_elsewhere(
    projection: Projection[Any], history: Sequence[Entry], elsewhere: Mapping[str, Any]
) -> Breach | None:
    """
    Whether another process gives other states.

    Args:
        projection: Which projection.
        history: Entries as a view reads them.
        elsewhere: What the other process gave, by subject.
    """
    try:
        here = plain_states(projection, history)
        same(Law.DETERMINISTIC, "project", "folded in another process, where sets have another order", here, elsewhere)
    except Breach as breach:
        return breach
    return None
