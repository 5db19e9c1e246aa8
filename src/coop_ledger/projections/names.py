"""
What a subject is and was called, in which scripts and when (D7 for names).

The ``when`` of a claim is the time of use: a span is a period with its ends, a point is a sighting of use, which
proves the name on its days and leaves all others undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property, reduce
from typing import Final

import attrs

from coop_ledger.domain import NO, REDACTED, YES, Answer, Bounds, Claim, Effective, Entry, Prose, SubjectId, Value
from coop_ledger.domain import events as ev
from coop_ledger.projections.milestone import Milestone, dating_of
from coop_ledger.projections.periods import Period
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, projection_of

__all__ = ["NAMES", "Name", "NamesState"]


@attrs.frozen(eq=False, repr=False)
class Name(Value):
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


@attrs.frozen(slots=False, eq=False, repr=False)
class NamesState(Collected):
    """All names of one subject; for a person, those that were not erased."""

    shown = ("current", "periods")

    @cached_property
    def current(self) -> tuple[Name, ...]:
        """All names that claims give, in D2's order; as of a day, without those of which the use surely came later."""
        found = []
        for milestone, effective, event in self._uses():
            used = None if effective.claim.when is None else Dating.of(effective.claim.when)
            language = event.language if isinstance(event, ev.NameUsed) else None
            found.append(Name(event.name, event.script, language, used, milestone.disputed))
        return tuple(dict.fromkeys(found))

    def _uses(self) -> Iterator[tuple[Milestone, Effective, ev.NameUsed | ev.PersonNamed]]:
        for milestone in self.own(ev.NameUsed, ev.PersonNamed):
            for effective in () if milestone.to_come else (*milestone.occurred, *milestone.held):
                event = effective.claim.event
                assert isinstance(event, ev.NameUsed | ev.PersonNamed)
                yield milestone, effective, event

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The times of use, names that are no person's, in the order in which they began; denied ones are left out."""
        found = []
        for milestone in self.own(ev.NameUsed):
            claims = (*milestone.occurred, *milestone.held)
            if milestone.to_come or not claims or milestone.happened is None or milestone.happened.value is not YES:
                continue
            found.append(_period(milestone, claims))
        return tuple(sorted(found, key=lambda period: period.begun.order))

    def called_on(self, day: date) -> dict[Prose, Answer]:
        """
        What it was called on a day: each name that was surely (YES) or possibly (UNDECIDED) in use then.

        A name that is known for other days only is possible; one whose periods surely exclude the day is left out.
        """
        found: dict[Prose, Answer] = {}
        for name, period in [*((period.value[0], period) for period in self.periods), *self._of_persons()]:
            found[name] = found.get(name, NO) | period.on(day)
        return {name: answer for name, answer in found.items() if answer is not NO}

    def _of_persons(self) -> Iterator[tuple[Prose, Period]]:
        """The names of a person, which are no key: claims of one name narrow each other, erased ones stand alone."""
        named: dict[object, tuple[Milestone, Prose, list[Effective]]] = {}
        for milestone, effective, event in self._uses():
            if isinstance(event, ev.PersonNamed):
                same = (id(milestone), effective.id if event.name is REDACTED else event.name)
                named.setdefault(same, (milestone, event.name, []))[2].append(effective)
        for milestone, name, claims in named.values():
            yield name, _period(milestone, tuple(claims))


def _period(milestone: Milestone, claims: tuple[Effective, ...]) -> Period:
    """
    The time for which claims of one milestone use a name.

    Of a span, its first and its last day, open only while no claim knows of an end. Points are sightings: between the
    first and the last of their days it was in use, and about other days nobody says.
    """
    value = milestone.id.key if milestone.id.event is ev.NameUsed else ()
    used = reduce(lambda a, b: a.narrow(b) or a, (dating_of(effective) for effective in claims))
    if used.is_span:
        goes_on = any(effective.claim.when is not None and effective.claim.when.continues for effective in claims)
        lasts = goes_on and used.last.latest is None  # what was open when it was said may have ended since
        ended = None if lasts else Dating.within(used.last)
        return Period(value, Dating.within(used.first), True, ended, True, (), (milestone,), milestone.disputed)
    begun, ended = Dating.within(Bounds(None, used.first.latest)), Dating.within(Bounds(used.last.earliest, None))
    return Period(value, begun, False, ended, True, claims, (milestone,), milestone.disputed)


def _named(entry: Entry) -> Iterable[SubjectId]:
    event = entry.body.event if isinstance(entry.body, Claim) else None
    if isinstance(event, ev.NameUsed):
        return (SubjectId(event.subject),)
    return (SubjectId(f"person:{event.person}"),) if isinstance(event, ev.PersonNamed) else ()


NAMES: Final[Projection[NamesState]] = projection_of(NamesState, "names", _named)
"""The names of all subjects that have one."""
