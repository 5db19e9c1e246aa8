"""
Whether a state grows faster than what is told of it: one claim again and again, and claims that differ in all.

Knows what a growing history looks like and how states are measured; what is said of a breach is of ``checking.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, Final, cast

import attrs

from coop_ledger.domain import EVENT_TYPES, Assertion, Claim, Entry, Event, Party, Source, When, field_specs
from coop_ledger.projections import Projection
from coop_ledger.testing.breaches import Breach, Law, spelled
from coop_ledger.testing.laws import plain_states
from coop_ledger.testing.recorded_otherwise import FIRST_PLACE
from coop_ledger.testing.tour import bare, claims_of
from coop_ledger.testing.written import entries_of, id_of, time_of

__all__ = ["growing", "growth_breach_of"]

_TIMES: Final = (2, 4, 8)
_CODES: Final = ("KR", "KZ", "KG", "TJ", "TM", "UZ", "MN", "JP")


def _others(event: Event, at: int) -> dict[str, Any]:
    """Other values of the fields of an event, where any will do."""
    specs = field_specs(type(event))
    texts = {name: f"word {at}" for name, spec in specs.items() if spec.type in ("label", "text")}
    numbers = {name: Decimal(at) for name, spec in specs.items() if spec.type == "decimal"}
    changed = {name: value for name, value in (texts | numbers).items() if getattr(event, name) is not None}
    changed.pop("currency", None)
    return changed


def _differing(cls: type[Event], assertion: Assertion) -> Iterator[Claim]:
    """Claims of one event of one subject that differ in their day, their source, their party and their words."""
    for at, code in enumerate(_CODES[: max(_TIMES)]):
        event = bare(cls)
        yield Claim(
            assertion,
            attrs.evolve(cast("Any", event), **_others(event, at)),
            When(str(date(2016, 1, 1) + timedelta(days=at))),
            parties=(Party(code, cls.spec.roles[0]),) if cls.spec.roles else (),
            sources=(Source(f"Paper {at}"),),
            note=f"Note {at}.",
        )


@cache
def growing() -> tuple[tuple[Entry, ...], ...]:
    """Histories in which a state may grow: each claim of the tour by itself, and claims of each event that differ."""
    found: list[list[Claim]] = []
    for cls in EVENT_TYPES:
        found += [[claim] for claim in claims_of(cls)]
        found += [list(_differing(cls, assertion)) for assertion in Assertion]
    return tuple(tuple(entries_of(*claims)) for claims in found)


def growth_breach_of(projection: Projection[Any], history: Sequence[Entry]) -> Breach | None:
    """
    Whether a state grows faster than its claims, when a history is told from its beginning again and again.

    Args:
        projection: Which projection.
        history: Entries with claims.
    """
    copies = deepcopy(list(history))
    told = [
        attrs.evolve(copies[at % len(copies)], position=FIRST_PLACE + at, id=id_of(at), recorded_at=time_of(at))
        for at in range(max(_TIMES) if copies else 0)
    ]
    sizes: dict[str, list[int]] = {}
    try:
        for times in _TIMES:
            for subject, plain in plain_states(projection, told[:times]).items():
                sizes.setdefault(subject, []).append(len(spelled(plain)))
                grown = [after - before for before, after in pairwise(sizes[subject])]
                if any(after > 3 * before + 32 for before, after in pairwise(grown)):
                    what = f"after {', '.join(map(str, _TIMES))} claims it takes {sizes[subject]} characters"
                    return Breach(Law.BOUNDED, what, f"evolve of {subject}")
    except Breach:
        return None  # the walk through the tour meets it too, and says at which step
    return None
