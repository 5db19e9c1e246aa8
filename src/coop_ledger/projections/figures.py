"""
Rule D6 for figures: when two numbers can both be right, and what is reported of a measure. Knows no milestone.
"""

from __future__ import annotations

from decimal import Decimal

import attrs

from coop_ledger.domain import Event, Value
from coop_ledger.domain.events import FigureReported, Qualifier
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.voices import Reading

__all__ = ["Figure", "ReportedFigure", "figures_agree"]


@attrs.frozen(eq=False, repr=False)
class Figure(Value):
    """
    A number and how exact it claims to be.

    Args:
        value: The number.
        qualifier: EXACT, ABOUT, AT_LEAST or AT_MOST.
        unit: Its unit, as worded.
    """

    value: Decimal
    qualifier: Qualifier
    unit: str | None = None

    @classmethod
    def of(cls, event: Event) -> Figure:
        """The figure of a FigureReported."""
        assert isinstance(event, FigureReported)
        return cls(event.value, event.qualifier, event.unit)

    def __str__(self) -> str:
        prefix = {Qualifier.EXACT: "", Qualifier.ABOUT: "about ", Qualifier.AT_LEAST: "at least "}
        number = f"{prefix.get(self.qualifier, 'at most ')}{self.value:f}"
        return number if self.unit is None else f"{number} {self.unit}"


@attrs.frozen(eq=False, repr=False)
class ReportedFigure(Value):
    """
    What claims say of one measure, in one scope and unit, at one time.

    Args:
        scope: What it counts, as worded; None: no claim narrows it.
        unit: Its unit, as worded.
        when: The time of which it speaks.
        reading: What claims say, disputes included.
    """

    scope: str | None
    unit: str | None
    when: Dating | None
    reading: Reading[Figure]

    @property
    def value(self) -> Figure:
        """The figure that D6 shows."""
        return self.reading.value

    @property
    def disputed(self) -> bool:
        """Whether claims give numbers that cannot all be right, and nothing has decided."""
        return self.reading.disputed


def figures_agree(one: Figure, other: Figure) -> bool:
    """
    Whether some number fits both: ABOUT n equals n, bounds conflict only if no number lies in both.

    >>> about, least = Figure(Decimal(150), Qualifier.ABOUT), Figure(Decimal(200), Qualifier.AT_LEAST)
    >>> figures_agree(about, Figure(Decimal(150), Qualifier.EXACT)), figures_agree(about, least)
    (True, False)
    """
    low_one, high_one = _range(one)
    low_other, high_other = _range(other)
    lows = [low for low in (low_one, low_other) if low is not None]
    highs = [high for high in (high_one, high_other) if high is not None]
    return not lows or not highs or max(lows) <= min(highs)


def _range(figure: Figure) -> tuple[Decimal | None, Decimal | None]:
    match figure.qualifier:
        case Qualifier.AT_LEAST:
            return figure.value, None
        case Qualifier.AT_MOST:
            return None, figure.value
        case _:
            return figure.value, figure.value
