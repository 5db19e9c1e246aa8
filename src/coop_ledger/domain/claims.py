"""
What an entry says: a source says that an event was proposed, is planned, occurred, holds, or did not occur.

Knows neither positions nor recording times: those are the entry's. One claim is one event in one report
by one voice (DESIGN §3). The five makers at the end are the usual way to write one.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, Final, Protocol

import attrs

from coop_ledger.domain.events import EVENT_TYPES, Event
from coop_ledger.domain.fields import (
    FieldSpec,
    brief,
    check_instance,
    code,
    date,
    items,
    party_ref,
    prose,
    record,
    slug,
    value,
)
from coop_ledger.domain.parties import PartiesLike, Party, parties_of
from coop_ledger.domain.prose import Prose
from coop_ledger.domain.sources import Source
from coop_ledger.domain.value import Value
from coop_ledger.domain.when import When
from coop_ledger.errors import InvalidValueError

__all__ = [
    "Assertion",
    "Claim",
    "ClaimMaker",
    "Where",
    "announced",
    "denied",
    "observed",
    "occurred",
    "proposed",
]


class Assertion(enum.StrEnum):
    """How far it got, as the source has it (DESIGN §3)."""

    PROPOSED = "PROPOSED"
    """Suggested, wished, or promised only on a condition; never a commitment."""
    PLANNED = "PLANNED"
    """Somebody says that it will happen."""
    OCCURRED = "OCCURRED"
    """It happened."""
    HOLDS = "HOLDS"
    """The state that the event brings about was seen in place on those days."""
    DENIED = "DENIED"
    """It did not, or will not, happen on any day of ``when``; without ``when``: at all."""


@record
class Where(Value):
    """
    Where it happens; grains compare only with the same grain (D6).

    Args:
        country: ISO 3166-1 alpha-2 code.
        place: Slug of a place.
        meeting: Slug of the meeting at which it happened.

    Raises:
        InvalidValueError: Nothing is named, or a slug is off the grammar.
    """

    country: str | None = slug("country", "the country", default=None)
    place: str | None = slug("place", "the place", default=None)
    meeting: str | None = slug("meeting", "the meeting at which it happened", default=None)

    def __attrs_post_init__(self) -> None:
        if self.country is None and self.place is None and self.meeting is None:
            raise InvalidValueError("a where that names nothing", where="where", hint="leave it out instead")


_EVENT_TYPES: Final = frozenset(EVENT_TYPES)


def _check_event(_instance: Any, attribute: attrs.Attribute[Any], given: object) -> None:
    if type(given) not in _EVENT_TYPES:
        raise InvalidValueError(
            "a claim needs an event of the catalogue",
            where=attribute.name,
            expected="an event like InstitutionOpened(…)",
            found=brief(given),
            hint="see docs/reference/events.md",
        )


@record
class Claim(Value):
    """
    One event in one report by one voice.

    Args:
        assertion: How far it got.
        event: What it is.
        when: When it happens, or the target of a plan; absent: unsaid.
        where: Where it happens.
        stated: When it was said, if not on the earliest day of a source.
        stated_by: Who said it, as a party reference, if not the publisher.
        parties: Who takes part, in order, with roles; no party twice in one role.
        sources: The documents that carry the same words, at least one.
        note: The recorder's words, for instance the condition of a proposal; sealed.

    Raises:
        InvalidValueError: A field of the wrong type or shape, a party twice in one role, or no source.

    Source: DESIGN §3.
    """

    assertion: Assertion = code(Assertion, "how far it got")
    event: Event = attrs.field(validator=_check_event, metadata={"spec": FieldSpec("event", "what it is")})
    when: When | None = date("when it happens; of a plan: its target", default=None)
    where: Where | None = value(Where, "where it happens", default=None)
    stated: When | None = date("when it was said; absent: the earliest source day", default=None)
    stated_by: str | None = party_ref("who said it; absent: the publisher", default=None)
    parties: tuple[Party, ...] = items("Party", "who takes part, in order", check_instance(Party), default=())
    sources: tuple[Source, ...] = items("Source", "the documents, at least one", check_instance(Source), default=())
    note: Prose | None = prose("the recorder's words", default=None)

    def __attrs_post_init__(self) -> None:
        if not self.sources:
            raise InvalidValueError(
                "a claim has no source",
                where="sources",
                expected="at least one Source",
                hint="say who said so: sources=…",
            )


SourcesLike = Source | Iterable[Source]


def _when(name: str, given: When | str | None) -> When | None:
    if given is None or isinstance(given, When):
        return given
    try:
        return When(given)
    except InvalidValueError as error:
        raise InvalidValueError(
            error.what, where=name, expected=error.expected, found=error.found, hint=error.hint
        ) from error


def _sources(given: object) -> tuple[Source, ...]:
    if given is None:
        return ()
    if isinstance(given, Source):
        return (given,)
    if isinstance(given, str) or not isinstance(given, Iterable):
        hint = f"write sources=Source({given!r})" if isinstance(given, str) else None
        raise InvalidValueError(
            "sources are documents", where="sources", expected="a Source or several", found=brief(given), hint=hint
        )
    return tuple(given)


class ClaimMaker(Protocol):
    """
    How a claim is usually written: one maker for each assertion.

    The arguments are those of :class:`Claim`; dates may be EDTF text, sources one or several, parties
    ``{"participant": "KR KZ"}``. Raises ``InvalidValueError`` as :class:`Claim` does.
    """

    def __call__(
        self,
        event: Event,
        *,
        sources: SourcesLike,
        when: When | str | None = None,
        where: Where | None = None,
        stated: When | str | None = None,
        stated_by: str | None = None,
        parties: PartiesLike = (),
        note: str | None = None,
    ) -> Claim:
        """Make the claim."""


def _maker(name: str, assertion: Assertion, says: str) -> ClaimMaker:
    def make(
        event: Event,
        *,
        sources: SourcesLike | None = None,  # left out, it gets the sentence of Claim instead of a TypeError
        when: When | str | None = None,
        where: Where | None = None,
        stated: When | str | None = None,
        stated_by: str | None = None,
        parties: PartiesLike = (),
        note: str | None = None,
    ) -> Claim:
        return Claim(
            assertion,
            event,
            when=_when("when", when),
            where=where,
            stated=_when("stated", stated),
            stated_by=stated_by,
            parties=parties_of(parties),
            sources=_sources(sources),
            note=note,
        )

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{says}\n\nArguments and errors: see ``ClaimMaker``."
    return make


proposed: Final = _maker(
    "proposed",
    Assertion.PROPOSED,
    "Say that an event is suggested, wished, or promised only on a condition (named in *note*).",
)
announced: Final = _maker(
    "announced",
    Assertion.PLANNED,
    "Say that somebody says an event will happen: an announcement, a plan, a promise.",
)
occurred: Final = _maker("occurred", Assertion.OCCURRED, "Say that an event happened.")
observed: Final = _maker(
    "observed",
    Assertion.HOLDS,
    "Say that the state which the event brings about was seen in place on the days of *when*.",
)
denied: Final = _maker(
    "denied",
    Assertion.DENIED,
    "Say that an event did not, or will not, happen on any day of *when*; without *when*: at all.",
)
