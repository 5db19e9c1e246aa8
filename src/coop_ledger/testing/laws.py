"""
The laws of projections, each as a check of one history; knows no Hypothesis and no ledger.

A projection sees claims as they count, in the order of D2, and nothing else. So its states must be equal whenever
these are, wherever, however often and in whatever pieces they are folded: that is what the laws say.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs

from coop_ledger.domain import Effective, Entry, SubjectId, milestones_of, order_key
from coop_ledger.errors import ProjectionError
from coop_ledger.projections import Folded, Projection, as_plain, effective_entries, fold, project
from coop_ledger.testing.watching import watched
from coop_ledger.testing.written import id_of, time_of

__all__ = ["OPTIONAL", "Breach", "Law", "Laws", "breach_of", "differing_elsewhere", "plain_states", "spelled"]

T = TypeVar("T")


class Law(enum.StrEnum):
    """What holds for every projection, whatever it says."""

    TOTAL = "total"
    """It raises nothing, whatever a well-formed history holds: rare events, erased words, dates that are not said."""
    PURE = "pure"
    """It reads no clock, draws nothing, and reaches for no file, process or setting."""
    UNCHANGED = "no mutation"
    """It changes neither the state that it was given nor what it folds."""
    PLAIN = "JSON-stable state"
    """A state is plain data with one spelling: no fractions, no sets, nothing that JSON cannot hold."""
    DETERMINISTIC = "deterministic"
    """The same claims give the same state: a second time, and in another process."""
    INCREMENTAL = "incremental = full"
    """A state to which claims are added is the state of all of them; ``gather`` gives what ``evolve`` gives."""
    ORDER = "independent order"
    """Of claims about different happenings on different days it does not matter which was recorded first, or where."""
    RECORDED = "independent of recording times"
    """It does not matter when the claims were recorded: views are cut by that before anything is folded."""
    STABLE = "view stability"
    """A view answers the same after more was recorded and after a day of the world was asked for."""
    EXACT = "exact numbers"
    """Sums do not depend on the order of what is added: decimals, no binary fractions."""
    BOUNDED = "bounded growth"
    """A state grows in step with its claims, and no faster."""


OPTIONAL: Final = frozenset((Law.ORDER, Law.RECORDED, Law.EXACT, Law.BOUNDED))
"""The laws that a projection may break on purpose; without the others it is none."""

Laws = frozenset[Law]


class Breach(Exception):  # noqa: N818 - not raised to callers: it becomes a LawBrokenError
    """
    A law that a history shows to be broken.

    Args:
        law: The law.
        what: What was seen.
        step: Where: which function, subject and position.
    """

    def __init__(self, law: Law, what: str, step: str) -> None:
        self.law = law
        self.what = what
        self.step = step
        super().__init__(law, what, step)


def _at(what: str, subject: str | None = None, position: int | None = None) -> str:
    place = "" if position is None else f" at position {position}"
    return f"{what}{'' if subject is None else f' of {subject}'}{place}"


def _call(step: str, call: Callable[..., T], *given: Any) -> T:
    """What a function of the projection gives; it is watched."""
    try:
        found, heard = watched(call, *given)
    except Exception as error:
        raise Breach(Law.TOTAL, f"it raised {type(error).__name__}: {error}", step) from error
    if heard:
        raise Breach(Law.PURE, f"it called {heard[0]}", step)
    return found


def _folded(step: str, call: Callable[..., T], *given: Any) -> T:
    """What a fold of the package gives; what it says of the projection is a breach too."""
    try:
        return call(*given)
    except ProjectionError as error:
        raise Breach(Law.TOTAL if error.__cause__ is not None else Law.UNCHANGED, error.what, step) from (
            error.__cause__ or error
        )


def _plain(state: Any, step: str, *, quick: bool = False) -> Any:
    """A state as plain data, which JSON gives back as it is."""
    plain = as_plain(state) if quick else _call(f"{step}, the state as plain data", as_plain, state)
    for path, what in _unplain(plain, ""):
        raise Breach(Law.PLAIN, f"the state holds {what}{f' at {path}' if path else ''}", step)
    return plain


def _unplain(plain: Any, path: str) -> Iterator[tuple[str, str]]:
    match plain:
        case None | bool() | int() | str():
            return
        case float():
            yield path, f"a binary fraction ({plain!r}), which drifts; use Decimal"
        case set() | frozenset():
            yield path, "a set, which has no order; sort it into a tuple"
        case dict():
            for key, value in plain.items():
                yield from _unplain(value, f"{path}/{key}")
        case list():
            for index, value in enumerate(plain):
                yield from _unplain(value, f"{path}/{index}")
        case _:
            yield path, f"a {type(plain).__name__}, which is no plain data"


def spelled(plain: Any) -> str:
    """Plain data as one text, equal for equal data."""
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def _differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two plain values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in one.items():
            yield from _differences(value, other[key], f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{path}/{index}")
    elif type(one) is not type(other) or one != other:
        yield path, one, other


def _same(law: Law, step: str, how: str, one: Any, other: Any) -> None:
    """Refuse two plain values that differ."""
    for path, first, second in _differences(one, other):
        shown = f"{_short(first)} and {_short(second)}"
        raise Breach(law, f"{how}: the states differ{f' at {path}' if path else ''}, {shown}", step)


def _read(given: Any) -> str:
    """What is given to a projection, as text to compare; what was spoiled in it may not be readable any more."""
    try:
        return repr(given)
    except Exception as error:
        return f"unreadable: {error!r}"


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 120 else f"{shown[:120]}…"


# one history, step by step

_FIRST_PLACE: Final = 7_000_000
_APART: Final = 1_013
_LONG_S: Final = 40_000_000


def _feeds(
    projection: Projection[Any], claims: Sequence[tuple[Entry, Effective]], laws: Laws
) -> dict[SubjectId, list[Effective]]:
    """The claims that feed each subject; asked twice, and of an entry that was recorded elsewhere, it says the same."""
    fed: dict[SubjectId, list[Effective]] = {}
    for entry, effective in claims:
        step, before = _at("subjects", None, entry.position), _read(entry)
        once, again = (_call(step, _named, projection, entry) for _ in range(2))
        if _read(entry) != before:
            raise Breach(Law.UNCHANGED, "it changed the entry that it was given", step)
        if once != again:
            raise Breach(Law.DETERMINISTIC, f"asked twice, it named {_short(once)} and {_short(again)}", step)
        for law, what, changed in _elsewhere(entry, laws):
            other = _call(step, _named, projection, changed)
            if once != other:
                raise Breach(law, f"{what}, the entry feeds {_short(other)} instead of {_short(once)}", step)
        if not all(isinstance(subject, str) for subject in once):
            raise Breach(Law.TOTAL, f"it named what is no subject: {_short(once)}", step)
        for subject in once:
            fed.setdefault(subject, []).append(effective)
    return {subject: sorted(fed[subject], key=order_key) for subject in sorted(fed)}


def _elsewhere(entry: Entry, laws: Laws) -> Iterator[tuple[Law, str, Entry]]:
    """The entry as it would be if it had been recorded at other times, and at other places of the log."""
    for seconds in (-40 * _LONG_S, 40 * _LONG_S) if Law.RECORDED in laws else ():
        changed = attrs.evolve(entry, recorded_at=time_of(seconds), clamped=not entry.clamped)
        yield Law.RECORDED, f"recorded at {changed.recorded_at:%Y-%m-%d}", changed
    for position in (0, _FIRST_PLACE) if Law.ORDER in laws else ():
        yield Law.ORDER, f"at position {position}", attrs.evolve(entry, position=position)


def _named(projection: Projection[Any], entry: Entry) -> list[SubjectId]:
    return list(projection.subjects(entry))


def _walk(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective]) -> Any:
    """The state of one subject, one step after the other; nothing that is given to the projection may change."""
    state = _call(_at("initial", subject), projection.initial, subject)
    before = spelled(_plain(state, _at("initial", subject)))
    for item in claims:
        step, given = _at("evolve", subject, item.position), _read(item)
        after = _call(step, projection.evolve, state, item)
        if _read(item) != given:
            raise Breach(Law.UNCHANGED, "it changed the claim that it was given", step)
        if spelled(_plain(state, step, quick=True)) != before:
            raise Breach(Law.UNCHANGED, "it changed the state that it was given; return a new one", step)
        state, before = after, spelled(_plain(after, step))
    return state


def _days(claims: Sequence[Effective]) -> list[date]:
    """Days of the world before, within and after what claims speak of."""
    known = sorted({day for item in claims for day in order_key(item)[:2] if date.min < day < date.max})
    within = known[len(known) // 2 :][:1]
    return [date.min, *(day + timedelta(days=shift) for day in within for shift in (-1, 0)), date.max]


def _read_on_days(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], state: Any) -> None:
    """A state as of days of the world: total, pure, the same twice, and the state itself stays."""
    step, before = _at("state", subject), _plain(state, _at("state", subject), quick=True)
    as_of: Any = projection.as_of
    for day in _days(claims) if as_of is not None else ():
        on_day = f"{_at('as_of', subject)} on {day}"
        once, again = (_plain(_call(on_day, as_of, state, day), on_day) for _ in range(2))
        _same(Law.UNCHANGED, step, "after it was read as of a day", before, _plain(state, step, quick=True))
        _same(Law.DETERMINISTIC, on_day, "read twice", once, again)


def _gather(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective]) -> None:
    """All claims at once, under watch; nothing that is given to the projection may change."""
    if projection.gather is None:
        return
    step, given = _at("gather", subject), _read(claims)
    state = _call(_at("initial", subject), projection.initial, subject)
    before = spelled(_plain(state, step, quick=True))
    _plain(_call(step, projection.gather, state, tuple(claims)), step)
    if _read(claims) != given:
        raise Breach(Law.UNCHANGED, "it changed the claims that it was given", step)
    if spelled(_plain(state, step, quick=True)) != before:
        raise Breach(Law.UNCHANGED, "it changed the state that it was given; return a new one", step)


def _fold_plain(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], step: str) -> Any:
    return _plain(_folded(step, fold, projection, subject, claims), step, quick=True)


def _check_pieces(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], full: Any) -> None:
    """Folded again, at once, from a prefix on, and with claims that arrive late: always the same state."""
    step = _at("fold", subject)
    again = _fold_plain(projection, subject, claims, step)
    _same(Law.DETERMINISTIC, step, "folded a second time", full, again)
    if projection.gather is not None:
        state = _call(_at("initial", subject), projection.initial, subject)
        for item in claims:
            state = _call(_at("evolve", subject, item.position), projection.evolve, state, item)
        evolved = _plain(state, step, quick=True)
        _same(Law.INCREMENTAL, _at("gather", subject), "gathered, and evolved one by one", full, evolved)
    for cut in sorted({len(claims) // 2, max(0, len(claims) - 1)}):
        late = [*claims[cut:], *claims[:cut]]
        found = _folded(step, Folded.of, projection, subject, late[:cut])
        for item in late[cut:]:
            found = _folded(_at("evolve", subject, item.position), found.add, item)
        how = f"folded at once, and {len(late) - cut} added to {cut}"
        _same(Law.INCREMENTAL, step, how, full, _plain(found.state, step, quick=True))


# the order and the times of recording


def _placed(claims: Sequence[Effective], order: Sequence[int], apart: int, from_s: int) -> list[Effective]:
    """
    The claims as if they had been recorded in another order, at places that no other number is likely to equal.

    Args:
        claims: The claims.
        order: Which of them comes first, and so on.
        apart: How many entries stand from one to the next.
        from_s: When the ids were made that they have, in seconds.
    """
    places = {at: place for place, at in enumerate(order)}
    return [
        attrs.evolve(
            item,
            position=_FIRST_PLACE + apart * places[at] + (apart > 1),
            id=id_of(from_s + places[at]),
            recorded_at=time_of(0),
        )
        for at, item in enumerate(claims)
    ]


_PLACES: Final = re.compile(r"\b7\d{6}\b")


def _without_places(plain: Any, names: Mapping[str, str]) -> Any:
    """What a state shows, with other names for places in the log; lists of entries in no order."""
    match plain:
        case dict():
            return {_renamed(key, names): _without_places(value, names) for key, value in plain.items()}
        case list():
            found = [_without_places(item, names) for item in plain]
            texts = [spelled(item) for item in found]
            named = all("claim " in text for text in texts)
            return [item for _, item in sorted(zip(texts, found, strict=True), key=lambda p: p[0])] if named else found
        case int() if not isinstance(plain, bool):
            return names.get(str(plain), plain)
        case str():
            return _renamed(plain, names)
        case _:
            return plain


def _renamed(text: str, names: Mapping[str, str]) -> str:
    if text in names:
        return names[text]
    return _PLACES.sub(lambda found: names.get(found[0], found[0]), text)


def _shown(
    projection: Projection[Any],
    subject: SubjectId,
    claims: Sequence[Effective],
    order: Sequence[int],
    *,
    apart: int = _APART,
    from_s: int = 0,
) -> Any:
    """What the state shows if the claims were recorded in an order, with the claims instead of their places."""
    placed = _placed(claims, order, apart, from_s)
    names = {str(item.position): f"claim {at}" for at, item in enumerate(placed)}
    names |= {item.id: f"claim {at} id" for at, item in enumerate(placed)}
    return _without_places(_fold_plain(projection, subject, placed, _at("fold", subject)), names)


def _independent(claims: Sequence[Effective]) -> list[list[int]]:
    """
    Places of the claims in groups that are independent of each other.

    Of claims of one happening, or of one day, the order of recording may decide what is shown (D2, D6).
    """
    groups: list[tuple[set[object], list[int]]] = []
    for at, item in enumerate(claims):
        ties: set[object] = {order_key(item)[:2], *milestones_of(item.claim)}
        joined = [group for group in groups if group[0] & ties]
        groups = [group for group in groups if group not in joined]
        members = sorted((at, *(place for _, places in joined for place in places)))
        groups.append((ties.union(*(known for known, _ in joined)), members))
    return [places for _, places in groups]


def _check_order(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], laws: Laws) -> None:
    """Recorded in another order, or among other entries: what is independent gives the same state; no sum drifts."""
    step, straight = _at("fold", subject), range(len(claims))
    shown = _shown(projection, subject, claims, straight)
    if Law.ORDER in laws:
        among = _shown(projection, subject, claims, straight, apart=1)
        _same(Law.ORDER, step, "with other entries before and between the claims, and without", shown, among)
    groups = _independent(claims)
    if len(groups) > 1 and Law.ORDER in laws:
        other = _shown(projection, subject, claims, [at for group in groups[::-1] for at in group])
        _same(Law.ORDER, step, "recorded in another order, independent claims", shown, other)
    if len(claims) > 1 and Law.EXACT in laws:
        _check_exact(step, shown, _shown(projection, subject, claims, straight[::-1]))
    if Law.RECORDED in laws:
        later = _shown(projection, subject, claims, straight, from_s=_LONG_S)
        _same(Law.RECORDED, step, "under ids that were made later", shown, later)


def _check_times(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], full: Any) -> None:
    """Recorded at other times: the state is the same."""
    step = _at("fold", subject)
    for how, years in (("all at once", 0), ("years later", 20), ("years earlier", -40)):
        given = []
        for at, item in enumerate(claims):
            instant = time_of(at if years else 0)
            given.append(attrs.evolve(item, recorded_at=instant.replace(year=instant.year + years)))
        _same(Law.RECORDED, step, f"recorded {how}", full, _fold_plain(projection, subject, given, step))


_NUMBER: Final = re.compile(r"-?\d+\.\d+")


def _numbers(value: str | int) -> list[str]:
    return [str(int(value))] if isinstance(value, int) else _NUMBER.findall(value)


def _check_exact(step: str, one: Any, other: Any) -> None:
    """Of numbers that differ with the order of the claims of one day, none may differ by next to nothing."""
    for path, first, second in _differences(one, other):
        if type(first) is type(second) and isinstance(first, str | int):
            pairs = zip(_numbers(first), _numbers(second), strict=False)
            for text, text_of_other in pairs:
                apart, large = abs(Decimal(text) - Decimal(text_of_other)), abs(Decimal(text))
                if 0 < apart <= large * Decimal("1e-12"):
                    raise Breach(
                        Law.EXACT, f"summed in another order: {text} and {text_of_other} at {path}; use Decimal", step
                    )


# views


def plain_states(projection: Projection[Any], history: Sequence[Entry], day: date | None = None) -> dict[str, Any]:
    """The states of all subjects as plain data; of a history as it reads after its redactions."""
    states = _folded("project", lambda: project(projection, history, None, day))
    return {subject: _plain(state, _at("project", subject), quick=True) for subject, state in states.items()}


def _check_views(projection: Projection[Any], history: Sequence[Entry]) -> None:
    """A view of fewer entries answers the same before and after the others are folded; its states stay."""
    for size in sorted({len(history) // 2, max(0, len(history) - 1)}):
        view, day = history[:size], date(2016, 11, 15)
        states = _folded("project", project, projection, view)
        before = {subject: as_plain(state) for subject, state in states.items()}
        on_day = plain_states(projection, view, day)
        plain_states(projection, history)
        how = f"a view of {size} entries, before and after the others were folded"
        after = {subject: as_plain(state) for subject, state in states.items()}
        _same(Law.STABLE, "project", how, before, after)
        _same(Law.STABLE, "project", how, before, plain_states(projection, view))
        _same(Law.STABLE, f"project on {day}", how, on_day, plain_states(projection, view, day))


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
            full = _fold_plain(projection, subject, claims, _at("fold", subject))
            _check_pieces(projection, subject, claims, full)
            _check_order(projection, subject, claims, laws)
            if Law.RECORDED in laws:
                _check_times(projection, subject, claims, full)
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
        _same(Law.DETERMINISTIC, "project", "folded in another process, where sets have another order", here, elsewhere)
    except Breach as breach:
        return breach
    return None
