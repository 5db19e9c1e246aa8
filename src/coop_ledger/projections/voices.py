"""
Rule D6: whose voices stand for which value, what is shown, and what is disputed. Knows no event.

A voice is ``stated_by``, else the publisher that a source relays, else its publisher. One voice counts once
for each value, and a voice on both sides counts on neither. Shown is what most voices say, else what the best
kind of source says, else what was published earliest, else what stands at the lowest position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final, Generic, TypeVar

import attrs

from coop_ledger.domain import Effective, Ruling, Source, SourceKind, Value

__all__ = ["Reading", "read_values", "ruling_on", "voices_of"]

V = TypeVar("V")

_PREFERENCE: Final = {
    SourceKind.PRIMARY: 0,
    SourceKind.AGENCY: 1,
    SourceKind.PRESS: 2,
    SourceKind.REPRINT: 2,  # what it relays is of any kind: it never stands above its original
    SourceKind.TERTIARY: 3,
}


def voices_of(effective: Effective) -> frozenset[str]:
    """The voices in which a claim speaks: one, unless its sources have several publishers."""
    claim = effective.claim
    if claim.stated_by is not None:
        return frozenset((claim.stated_by,))
    return frozenset(source.voice for source in claim.sources)


@attrs.frozen(eq=False, repr=False)
class Reading(Value, Generic[V]):
    """
    A value as claims give it.

    Args:
        value: What is shown.
        claims: The claims that agree with it and with each other, in D2's order.
        against: The claims that cannot be right if these are.
        values: All values that were claimed, the shown one first, then as D6 ranks them.
        resolution: The Resolution that decided between claims that disagree.
    """

    value: V
    claims: tuple[Effective, ...]
    against: tuple[Effective, ...] = ()
    values: tuple[V, ...] = ()
    resolution: Ruling | None = None

    @property
    def disputed(self) -> bool:
        """Whether claims disagree and nothing has decided between them."""
        return bool(self.against) and self.resolution is None

    @property
    def voices(self) -> frozenset[str]:
        """The voices of the claims that agree with what is shown: a reprint adds a source and no voice."""
        return _all_voices(self.claims)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of the claims that agree with what is shown, each once."""
        return tuple(dict.fromkeys(source for effective in self.claims for source in effective.sources))


def _published(claims: Iterable[Effective]) -> date:
    dates = (source.published for effective in claims for source in effective.claim.sources)
    return min((when.latest or date.max for when in dates if when is not None), default=date.max)


def _preference(claims: Iterable[Effective]) -> int:
    return min(_PREFERENCE[source.kind] for effective in claims for source in effective.claim.sources)


def _rank(value: V, given: Sequence[tuple[Effective, V]], agree: Callable[[V, V], bool]) -> tuple[int, int, date, int]:
    """How D6 ranks a value; the lowest is shown."""
    supporting = [effective for effective, other in given if agree(value, other)]
    own = [effective for effective, other in given if other == value]
    against = [effective for effective, other in given if not agree(value, other)]
    voices = _all_voices(supporting) - _all_voices(against)
    return -len(voices), _preference(own), _published(own), min(effective.position for effective in own)


def _all_voices(claims: Iterable[Effective]) -> frozenset[str]:
    return frozenset(voice for effective in claims for voice in voices_of(effective))


def read_values(given: Sequence[tuple[Effective, V]], agree: Callable[[V, V], bool]) -> Reading[V] | None:
    """
    What claims say together of one value.

    Args:
        given: Each claim with the value it gives, in D2's order.
        agree: Whether two values can both be right.

    Returns:
        The reading, or None where no claim gives a value.
    """
    if not given:
        return None
    distinct = list(dict.fromkeys(value for _, value in given))
    ranked = sorted(distinct, key=lambda value: _rank(value, given, agree))
    ruling = _last_choice(given)
    if ruling is not None:
        chosen = next(value for effective, value in given if effective.id == ruling.chosen)
        decided = _divided(given, sorted(ranked, key=lambda value: value != chosen), agree, ruling)
        if decided.against and {effective.id for effective in decided.against} <= set(ruling.claims):
            return decided  # any other claim that disagrees reopens the conflict
    return _divided(given, ranked, agree, None)


def _divided(
    given: Sequence[tuple[Effective, V]],
    ranked: Sequence[V],
    agree: Callable[[V, V], bool],
    ruling: Ruling | None,
) -> Reading[V]:
    """The first value with all that agree with it and each other, taken in their order, against the rest."""
    together: list[V] = []
    for value in ranked:
        if all(agree(value, other) for other in together):
            together.append(value)
    return Reading(
        ranked[0],
        tuple(effective for effective, value in given if value in together),
        tuple(effective for effective, value in given if value not in together),
        tuple(ranked),
        ruling,
    )


def _last_choice(given: Sequence[tuple[Effective, V]]) -> Ruling | None:
    """The last Resolution between some of the claims, if it chose one of them."""
    ids = {effective.id for effective, _ in given}
    ruling = ruling_on((effective for effective, _ in given))
    return ruling if ruling is not None and ruling.chosen in ids else None


def ruling_on(claims: Iterable[Effective]) -> Ruling | None:
    """The last Resolution that names at least two of the claims."""
    named = Counter(ruling for effective in claims for ruling in effective.rulings)
    between = [ruling for ruling, times in named.items() if times > 1]
    return max(between, key=lambda ruling: ruling.position, default=None)
