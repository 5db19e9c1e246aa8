"""
Numbers that sources report: attendance, trade, counts of documents. Money of initiatives is FundsReported.
"""

from __future__ import annotations

import enum
from decimal import Decimal

from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import code, decimal, label, subject_id

__all__ = ["FigureReported", "Qualifier"]


class Qualifier(enum.StrEnum):
    """How exact a figure claims to be (D6 says when two of them conflict)."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at-least"
    AT_MOST = "at-most"


@event(subject="subject", key=("measure", "unit", "scope"), promise=False)
class FigureReported(EventBase):
    """A source gave a number for a measure of a subject; figures of other days are other figures."""

    subject: str = subject_id("what the figure is about")
    measure: str = label("what is counted or measured: attendance, trade …")
    value: Decimal = decimal("the number")
    unit: str | None = label("its unit: persons, USD …", default=None)
    scope: str | None = label("what it covers, where a source says so", default=None)
    qualifier: Qualifier = code(Qualifier, "how exact it claims to be", default=Qualifier.EXACT)
