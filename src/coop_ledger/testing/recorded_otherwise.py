"""
The laws about recording: other orders and other times of it give the same state.

Claims are given other places in the log, and what a state shows of places is told by its claims before it is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from coop_ledger.domain import Effective, Entry, SubjectId, milestones_of, order_key
from coop_ledger.projections import Projection
from coop_ledger.testing.breaches import Breach, Law, Laws, at_step, differences, folded_plain, same, spelled
from coop_ledger.testing.written import id_of, time_of

__all__ = ["FIRST_PLACE", "check_order", "check_times", "recorded_elsewhere"]

FIRST_PLACE: Final = 7_000_000
_APART: Final = 1_013
_LONG_S: Final = 40_000_000


def recorded_elsewhere(entry: Entry, laws: Laws) -> Iterator[tuple[Law, str, Entry]]:
    """The entry as it would be if it had been recorded at other times, and at other places of the log."""
    for seconds in (-40 * _LONG_S, 40 * _LONG_S) if Law.RECORDED in laws else ():
        changed = attrs.evolve(entry, recorded_at=time_of(seconds), clamped=not entry.clamped)
        yield Law.RECORDED, f"recorded at {changed.recorded_at:%Y-%m-%d}", changed
    for position in (0, FIRST_PLACE) if Law.ORDER in laws else ():
        yield Law.ORDER, f"at position {position}", attrs.evolve(entry, position=position)


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
            position=FIRST_PLACE + apart * places[at] + (apart > 1),
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
    return _without_places(folded_plain(projection, subject, placed, at_step("fold", subject)), names)


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


def check_order(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], laws: Laws) -> None:
    """Recorded in another order, or among other entries: what is independent gives the same state; no sum drifts."""
    step, straight = at_step("fold", subject), range(len(claims))
    shown = _shown(projection, subject, claims, straight)
    if Law.ORDER in laws:
        among = _shown(projection, subject, claims, straight, apart=1)
        same(Law.ORDER, step, "with other entries before and between the claims, and without", shown, among)
    groups = _independent(claims)
    if len(groups) > 1 and Law.ORDER in laws:
        other = _shown(projection, subject, claims, [at for group in groups[::-1] for at in group])
        same(Law.ORDER, step, "recorded in another order, independent claims", shown, other)
    if len(claims) > 1 and Law.EXACT in laws:
        _check_exact(step, shown, _shown(projection, subject, claims, straight[::-1]))
    if Law.RECORDED in laws:
        later = _shown(projection, subject, claims, straight, from_s=_LONG_S)
        same(Law.RECORDED, step, "under ids that were made later", shown, later)


def check_times(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], full: Any) -> None:
    """Recorded at other times: the state is the same."""
    step = at_step("fold", subject)
    for how, years in (("all at once", 0), ("years later", 20), ("years earlier", -40)):
        given = []
        for at, item in enumerate(claims):
            instant = time_of(at if years else 0)
            given.append(attrs.evolve(item, recorded_at=instant.replace(year=instant.year + years)))
        same(Law.RECORDED, step, f"recorded {how}", full, folded_plain(projection, subject, given, step))


_NUMBER: Final = re.compile(r"-?\d+\.\d+")


def _numbers(value: str | int) -> list[str]:
    return [str(int(value))] if isinstance(value, int) else _NUMBER.findall(value)


def _check_exact(step: str, one: Any, other: Any) -> None:
    """Of numbers that differ with the order of the claims of one day, none may differ by next to nothing."""
    for path, first, second in differences(one, other):
        if type(first) is type(second) and isinstance(first, str | int):
            pairs = zip(_numbers(first), _numbers(second), strict=False)
            for text, text_of_other in pairs:
                apart, large = abs(Decimal(text) - Decimal(text_of_other)), abs(Decimal(text))
                if 0 < apart <= large * Decimal("1e-12"):
                    raise Breach(
                        Law.EXACT, f"summed in another order: {text} and {text_of_other} at {path}; use Decimal", step
                    )
