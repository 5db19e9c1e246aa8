"""
Statements: who said what on which topic. Knows no subject in particular.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import attrs

from coop_ledger.domain import Effective, Prose, Role, SubjectId, Value, When, stated_when
from coop_ledger.domain.events import StatementMade
from coop_ledger.projections.milestone import Milestone

__all__ = ["Statement", "statements_in"]


@attrs.frozen(eq=False, repr=False)
class Statement(Value):
    """
    One position, as one claim gives it.

    Args:
        topic: The topic.
        about: What it is about.
        speakers: Who spoke; empty: the publisher.
        addressees: To whom.
        position: What was said; it can be erased.
        stated: When.
        entry: Position of the entry.
    """

    topic: str
    about: SubjectId
    speakers: tuple[str, ...]
    addressees: tuple[str, ...]
    position: Prose | None
    stated: When | None
    entry: int

    @property
    def order(self) -> tuple[date, date]:
        """The place among others in time: when it was said, unknown dates last."""
        return (date.max, date.min) if self.stated is None else self.stated.order


def _statement(effective: Effective, event: StatementMade) -> Statement:
    parties = effective.claim.parties
    return Statement(
        event.topic,
        SubjectId(event.about),
        tuple(party.party for party in parties if party.role is Role.SPEAKER),
        tuple(party.party for party in parties if party.role is Role.ADDRESSEE),
        event.position,
        stated_when(effective.claim),
        effective.position,
    )


def statements_in(milestones: Iterable[Milestone]) -> tuple[Statement, ...]:
    """The statements that were made, each once, though a statement is a milestone of each speaker too."""
    found = {
        effective.position: _statement(effective, event)
        for milestone in milestones
        for effective in milestone.occurred
        if isinstance(event := effective.claim.event, StatementMade)
    }
    return tuple(found.values())
