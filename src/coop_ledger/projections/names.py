"""
What a subject is and was called, in which scripts and when (D7 for names).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

import attrs

from coop_ledger.domain import Claim, Entry, Prose, SubjectId
from coop_ledger.domain import events as ev
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, projection_of

__all__ = ["NAMES", "Name", "NamesState"]


@attrs.frozen
class Name:
    """
    A name in use.

    Args:
        name: The name as written; a person's name can be erased.
        script: ISO 15924 code.
        language: BCP 47 tag.
        used: When it was in use, as far as claims say.
        disputed: Whether claims disagree about it.
    """

    name: Prose
    script: str | None
    language: str | None
    used: Dating | None
    disputed: bool


@attrs.frozen(slots=False)
class NamesState(Collected):
    """All names of one subject; for a person, those that were not erased."""

    shown = ("current",)

    @cached_property
    def current(self) -> tuple[Name, ...]:
        """All names that claims give, in D2's order."""
        found = []
        for milestone in self.own(ev.NameUsed, ev.PersonNamed):
            for effective in (*milestone.occurred, *milestone.held):
                event = effective.claim.event
                language = event.language if isinstance(event, ev.NameUsed) else None
                assert isinstance(event, ev.NameUsed | ev.PersonNamed)
                used = None if effective.claim.when is None else Dating.of(effective.claim.when)
                found.append(Name(event.name, event.script, language, used, milestone.disputed))
        return tuple(dict.fromkeys(found))


def _named(entry: Entry) -> Iterable[SubjectId]:
    event = entry.body.event if isinstance(entry.body, Claim) else None
    if isinstance(event, ev.NameUsed):
        return (SubjectId(event.subject),)
    return (SubjectId(f"person:{event.person}"),) if isinstance(event, ev.PersonNamed) else ()


NAMES: Final[Projection[NamesState]] = projection_of(NamesState, "names", _named)
"""The names of all subjects that have one."""
