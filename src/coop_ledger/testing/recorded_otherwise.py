"""
The laws about recording: other orders and other times of it give the same state.

Claims are given other places in the log, and what a state shows of places is told by its claims before it is compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from coop_ledger.domain import Effective, SubjectId, milestones_of, order_key
from coop_ledger.projections import Projection
from coop_ledger.testing.breaches import Breach, Law, Laws, at_step, differences, folded_plain, same, spelled
from coop_ledger.testing.written import id_of, time_of

__all__ = ["FIRST_PLACE", "check_order", "check_times"]

FIRST_PLACE: Final = 7_000_001
_APART: Final = 1_013


def _placed(claims: Sequence[Effective], order: Sequence[int]) -> list[Effective]:
    """The claims as if they had been recorded in another order, at places that no other number is likely to equal."""
    places = {at: place for place, at in enumerate(order)}
    return [
        attrs.evolve(item, position=FIRST_PLACE + _APART * places[at], id=id_of(places[at]), recorded_at=time_of(0))
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


def _shown(projection: Projection[Any], subject: SubjectId, claims: Sequence[Effective], order: Sequence[int]) -> Any:
    """What the state shows if the claims were recorded in an order, with the claims instead of their places."""
    placed = _placed(claims, order)
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
    """Recorded in another order: what is independent gives the same state; no sum drifts."""
    step, straight = at_step("fold", subject), range(len(claims))
    shown = _shown(projection, subject, claims, straight)
    groups = _independent(claims)
    if len(groups) > 1 and Law.ORDER in laws:
        other = _shown(projection, subject, claims, [at for group in groups[::-1] for at in group])
        same(Law.ORDER, step, "recorded in another order, independent claims", shown, other)
    if len(claims) > 1 and Law.EXACT in laws:
        _check_exact(step, shown, _shown(projection, subject, claims, straight[::-1]))


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


def _check_exact(step: str, one: Any, other: Any) -> None:
    """Of numbers that differ with the order of the claims of one day, none may differ by next to nothing."""
    for path, first, second in differences(one, other):
        if isinstance(first, str) and isinstance(second, str):
            pairs = zip(_NUMBER.findall(first), _NUMBER.findall(second), strict=False)
            for text, text_of_other in pairs:
                apart, large = abs(Decimal(text) - Decimal(text_of_other)), abs(Decimal(text))
                if 0 < apart <= large * Decimal("1e-12"):
                    raise Breach(
                        Law.EXACT, f"summed in another order: {text} and {text_of_other} at {path}; use Decimal", step
                    )
