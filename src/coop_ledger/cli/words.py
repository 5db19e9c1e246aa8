"""
Dates and plans in words, for readers who do not know EDTF by heart. Knows no table.
"""

from __future__ import annotations

import re
from typing import Final

from coop_ledger.domain import Effective
from coop_ledger.projections import Dating, Plan

__all__ = ["date_in_words", "plan_in_words", "standing"]

_SEASONS: Final = ("spring", "summer", "autumn", "winter")
_ORDINALS: Final = ("first", "second", "third", "fourth")
_PARTS: Final = {
    **{21 + at: season for at, season in enumerate(_SEASONS)},
    **{25 + at: f"northern {season}" for at, season in enumerate(_SEASONS)},
    **{29 + at: f"southern {season}" for at, season in enumerate(_SEASONS)},
    **{33 + at: f"{nth} quarter" for at, nth in enumerate(_ORDINALS)},
    **{37 + at: f"{nth} third" for at, nth in enumerate(("first", "middle", "last"))},
    **{40 + at: f"{nth} half" for at, nth in enumerate(_ORDINALS[:2])},
}
"""The parts of a year that EDTF numbers from 21 to 41."""


def date_in_words(dating: Dating) -> str:
    """
    A date as its sources write it, with the part of the year in words where it is only a number.

    >>> from coop_ledger import When
    >>> date_in_words(Dating.of(When("2017-41"))), date_in_words(Dating.of(When("2016-11-15")))
    ('2017-41 (second half of 2017)', '2016-11-15')
    """
    part = re.fullmatch(r"(\d{4})-(2[1-9]|3\d|4[01])[?~%]?", str(dating), re.ASCII)
    return str(dating) if part is None else f"{dating} ({_PARTS[int(part[2])]} of {part[1]})"


def standing(plan: Plan) -> tuple[Effective, ...]:
    """The claims that give the target of a plan as it stands; all of its claims, where none alone does."""
    current = plan.current
    exact = tuple(effective for effective in current.claims if _target(effective) == current.when)
    return exact or current.claims


def _target(effective: Effective) -> Dating | None:
    when = effective.claim.when
    return None if when is None else Dating.of(when)


def plan_in_words(plan: Plan) -> str:
    """What is planned: the target, whose wider words it narrows, and the targets before it (D5)."""
    current = plan.current
    said = "planned" if current.when is None else f"planned for {date_in_words(current.when)}"
    wider: dict[str, list[str]] = {}
    for effective in current.claims:
        target = _target(effective)
        if target is not None and target != current.when:
            wider.setdefault(date_in_words(target), []).extend(source.publisher for source in effective.sources)
    if wider:
        told = (f"{date} ({', '.join(dict.fromkeys(names))})" for date, names in wider.items())
        said += f", narrowed from {' and '.join(told)}"
    earlier = [date_in_words(target.when) for target in plan.targets[:-1] if target.when is not None]
    return said + (f", revised from {', then '.join(earlier)}" if earlier else "")
