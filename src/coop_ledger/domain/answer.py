"""
Three-valued answers: what a comparison of imprecise dates gives. Knows no date.

Undecidable is an answer (DESIGN P5): ``bool`` refuses to round it. ``&``, ``|`` and ``~`` are Kleene's logic.
"""

from __future__ import annotations

import enum
from typing import Final, NoReturn

from coop_ledger.errors import InvalidValueError

__all__ = ["NO", "UNDECIDED", "YES", "Answer"]


class Answer(enum.Enum):
    """
    YES, NO or UNDECIDED.

    >>> YES & UNDECIDED, NO & UNDECIDED, ~UNDECIDED
    (Answer.UNDECIDED, Answer.NO, Answer.UNDECIDED)
    """

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"

    @classmethod
    def of(cls, value: bool) -> Answer:
        """YES for true, NO for false."""
        return cls.YES if value else cls.NO

    def __bool__(self) -> NoReturn:
        raise InvalidValueError(
            "an Answer is no truth value", found=self.name, hint="write `answer is YES` (or NO, or UNDECIDED)"
        )

    def __and__(self, other: Answer) -> Answer:
        if self is Answer.NO or other is Answer.NO:
            return Answer.NO
        return Answer.YES if self is other is Answer.YES else Answer.UNDECIDED

    def __or__(self, other: Answer) -> Answer:
        return ~(~self & ~other)

    def __invert__(self) -> Answer:
        return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(self, Answer.UNDECIDED)

    def __repr__(self) -> str:
        return f"Answer.{self.name}"


YES: Final = Answer.YES
"""It is so: ``Answer.YES``."""
NO: Final = Answer.NO
"""It is not so: ``Answer.NO``."""
UNDECIDED: Final = Answer.UNDECIDED
"""The dates, or the record, do not say: ``Answer.UNDECIDED``."""
