"""
Strategies for claims that belong together: what several sources make of one course of events.

Knows no entry, no position and no act. A story is a list of claims in the order in which somebody would record
them; most are about the few subjects of :data:`CAST`, so that the stories of one history meet. The oddities
are those of any real record: plans told again, narrowed, put off or called off; delegations that stay away,
figures that differ, reprints, renamed places, gaps in a series, states that are only ever seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from coop_ledger.domain import (
    LIFECYCLES,
    AgreementEnd,
    Claim,
    Event,
    Lifecycle,
    PartiesLike,
    Rank,
    Source,
    SourceKind,
    Status,
    SubjectKind,
    When,
    announced,
    denied,
    observed,
    occurred,
    proposed,
)
from coop_ledger.domain import events as ev

__all__ = ["CAST", "courses", "disputes", "lasting_states", "promises", "renamings", "reprints", "sessions", "stories"]

CAST: Final = ("alpha", "beta")
"""Slugs of the subjects that stories are about."""

_PAIR: Final = "KR-KZ"
_FORUM: Final = "forum"
_DAYS: Final = st.dates(date(2015, 1, 1), date(2017, 12, 31))
_PRESS: Final = (
    Source("Korea.net", When("2016-11-18"), kind=SourceKind.PRIMARY),
    Source("Yonhap", When("2016-11-16"), kind=SourceKind.AGENCY),
    Source("KazInform", When("2017")),
    Source("Asia Economy"),
)
_MORE: Final[Mapping[type[Event], Mapping[str, Any]]] = {
    ev.AgreementAmended: {"instrument": "protocol"},
    ev.AgreementEnded: {"how": AgreementEnd.EXPIRED},
    ev.InstitutionSucceeded: {"successor": "gamma"},
}
"""What events of the lifecycles need besides their subject."""

_ENDS: Final[Mapping[type[Event], frozenset[type[Event]]]] = {
    ev.InitiativeResumed: frozenset({ev.InitiativeSuspended}),
    ev.ProvisionalApplicationEnded: frozenset({ev.ProvisionalApplicationBegan}),
    ev.OperationResumed: frozenset({ev.OperationSuspended}),
    ev.InstitutionResumed: frozenset({ev.InstitutionSuspended}),
    ev.RelationsRestored: frozenset({ev.RelationsSuspended, ev.RelationsSevered}),
}
"""What ends what: either happens again once the other has, all else once (``semantics.md``, keys)."""


def _slug(kind: str) -> st.SearchStrategy[str]:
    return st.just(_PAIR) if kind == SubjectKind.RELATIONSHIP else st.sampled_from(CAST)


def _press() -> st.SearchStrategy[Source]:
    return st.sampled_from(_PRESS)


def _reported(day: date) -> st.SearchStrategy[Source]:
    """Sources that tell of a day: on it, soon after it, or years later."""

    def told(source: Source, lag: int) -> Source:
        return Source(source.publisher, When(str(day + timedelta(days=lag))), kind=source.kind)

    return st.builds(told, _press(), st.sampled_from((0, 1, 3, 400)))


def _inexact(day: date) -> st.SearchStrategy[When]:
    """The day as sources give it: to the day, month, half-year or year."""
    half = 40 if day.month < 7 else 41
    return st.sampled_from((f"{day}", f"{day:%Y-%m}", f"{day:%Y}-{half}", f"{day:%Y}", f"{day:%Y-%m}~")).map(When)


def _parties(event: type[Event]) -> PartiesLike:
    return {str(role): "KR KZ" for role in event.spec.roles[:1]}


def _step(event: type[Event], slug: str) -> Event:
    given: dict[str, Any] = {event.spec.subject: slug, **_MORE.get(event, {})}
    return event(**given)


@st.composite
def courses(draw: st.DrawFn, kind: str | None = None, *, exact: bool = False) -> list[Claim]:
    """
    A subject's way through its lifecycle: every step regular, reported once, a day or more after the one before.

    Args:
        draw: Given by Hypothesis.
        kind: A kind of subject that has a lifecycle; any by default.
        exact: Whether all dates are days; else some are imprecise.
    """
    table: Lifecycle = LIFECYCLES[SubjectKind(kind or draw(st.sampled_from(sorted(LIFECYCLES))))]
    slug, day, status = draw(_slug(table.kind)), draw(_DAYS), Status.UNRECORDED
    past: list[type[Event]] = []
    found: list[Claim] = []
    for _ in range(draw(st.integers(1, 6))):
        moves = [move for move in table.moves if status in move.before and _may_come(move.event, past)]
        if not moves:
            break
        move = draw(st.sampled_from(moves))
        when = When(str(day)) if exact else draw(_inexact(day))
        event, source = _step(move.event, slug), draw(_reported(day))
        found.append(occurred(event, when=when, sources=source, parties=_parties(move.event)))
        past.append(move.event)
        status, day = move.after, day + timedelta(days=draw(st.integers(1, 300)))
    return found


def _may_come(event: type[Event], past: Sequence[type[Event]]) -> bool:
    since = set(past[len(past) - past[::-1].index(event) :] if event in past else past)
    if event in _ENDS:
        return not _ENDS[event].isdisjoint(since)
    return event not in past or any(event in begun and end in since for end, begun in _ENDS.items())


@st.composite
def promises(draw: st.DrawFn) -> list[Claim]:
    """A plan that is told again, narrowed, put off, doubted or called off; and, perhaps, what came of it."""
    slug = draw(_slug(""))
    awaited: tuple[Event, ...] = (
        ev.InstitutionOpened(slug),
        ev.InitiativeDelivered(slug, "training"),
        ev.MeetingHeld(slug),
        ev.AgreementSigned(slug),
    )
    event = draw(st.sampled_from(awaited))
    told = draw(_DAYS)
    found = [proposed(event, sources=draw(_press()))] if draw(st.booleans()) else []
    targets = ("2017", "2017", "2017-41", "2017-10", "2017-09-05", "2018", "2018-33", None)
    for target in draw(st.lists(st.sampled_from(targets), min_size=2, max_size=4)):
        found.append(announced(event, when=target, stated=str(told), sources=draw(_reported(told))))
        told += timedelta(days=draw(st.sampled_from((0, 1, 200))))
    match draw(st.sampled_from(("silence", "met", "off", "partly"))):
        case "met":
            day = told + timedelta(days=draw(st.integers(0, 400)))
            found.append(occurred(event, when=draw(_inexact(day)), sources=draw(_reported(day))))
        case "off":
            when = draw(st.none() | st.just("2017"))
            found.append(denied(event, when=when, stated=str(told), sources=draw(_press())))
        case "partly":
            partly = ev.InitiativeDelivered(slug, "training", partial=True)
            found.append(occurred(partly, sources=draw(_press()), parties={"beneficiary": "KZ"}))
        case _:
            pass
    return found


@st.composite
def disputes(draw: st.DrawFn) -> list[Claim]:
    """One happening of which sources say different things: the day, a figure, whether it was at all."""
    slug = draw(_slug(""))
    held = ev.MeetingHeld(slug)
    attended = [
        ev.FigureReported(f"meeting:{slug}", "attendance", Decimal(value), "persons", qualifier=qualifier)
        for value in (150, 200)
        for qualifier in ev.Qualifier
    ]
    choices = st.one_of(
        st.builds(occurred, st.sampled_from(attended), sources=_press()),
        st.builds(occurred, st.just(held), when=st.sampled_from(("2016-11-15", "2016-11-16")), sources=_press()),
        st.builds(denied, st.just(held), when=st.none() | st.just("2016-11"), sources=_press()),
        st.builds(occurred, st.just(held), when=st.sampled_from(("2016", "2016-11-14/2016-11-16")), sources=_press()),
    )
    return draw(st.lists(choices, min_size=2, max_size=4))


@st.composite
def reprints(draw: st.DrawFn) -> list[Claim]:
    """An agency's report and its reprints: as one claim of several sources, and recorded again each for itself."""
    event = ev.InitiativeStarted(draw(_slug("")))
    agency = Source("Yonhap", When("2016-11-16"), kind=SourceKind.AGENCY)
    copies = [
        Source(name, When(published), kind=SourceKind.REPRINT, relays="Yonhap")
        for name, published in draw(
            st.lists(
                st.tuples(st.sampled_from(("Daily", "Gazette")), st.sampled_from(("2016-11", "2016-11-17"))),
                min_size=1,
                max_size=2,
                unique_by=lambda pair: pair[0],
            )
        )
    ]
    together = occurred(event, when="2016-11-15", sources=[agency, *copies])
    alone = [occurred(event, when="2016-11-15", sources=copy) for copy in copies]
    return [together, *alone] if draw(st.booleans()) else [*alone, occurred(event, sources=agency)]


@st.composite
def renamings(draw: st.DrawFn) -> list[Claim]:
    """A place that is called otherwise for a time, then as before."""
    place = f"place:{draw(_slug(''))}"
    periods = (("Astana", "1998/2019-03-20"), ("Nur-Sultan", "2019-03-20/2022-09-17"), ("Astana", "2022-09-17/.."))
    names = [occurred(ev.NameUsed(place, name), when=when, sources=draw(_press())) for name, when in periods]
    return names[: draw(st.integers(1, 3))]


@st.composite
def sessions(draw: st.DrawFn) -> list[Claim]:
    """Sessions of a series, some skipped or only planned, with delegations that come, stay away or send deputies."""
    found: list[Claim] = []
    for ordinal in draw(st.lists(st.integers(8, 11), min_size=1, max_size=3, unique=True)):
        slug = f"{_FORUM}/{ordinal}"
        held = ev.MeetingHeld(slug, level=Rank.MINISTER, series=_FORUM, ordinal=ordinal)
        year = str(2006 + ordinal)
        if draw(st.booleans()):
            found.append(announced(held, when=year, sources=draw(_press())))
            continue
        participants: PartiesLike = {"host": "KR", "participant": draw(st.sampled_from(("KR KZ", "KR KZ KG TM")))}
        found.append(occurred(held, when=f"{year}-11", sources=draw(_press()), parties=participants))
        party, rank = draw(st.sampled_from(("KZ", "TM"))), draw(st.sampled_from(Rank))
        maker = draw(st.sampled_from((occurred, denied)))
        found.append(maker(ev.DelegationAttended(slug, party, ranks=(rank,)), sources=draw(_press())))
    if draw(st.booleans()):
        found.append(denied(ev.MeetingHeld(series=_FORUM), when="2015", sources=draw(_press())))
    return found


@st.composite
def lasting_states(draw: st.DrawFn) -> list[Claim]:
    """Offices, memberships, seats and levels: taken and left, or only ever seen in place."""
    slug = draw(_slug(""))
    pairs: tuple[tuple[Event, Event | None, PartiesLike], ...] = (
        (ev.OfficeTaken(slug, "director", "p-1"), ev.OfficeLeft(slug, "director", "p-1"), ()),
        (ev.OfficeTaken(slug, "director", "p-2"), None, ()),
        (ev.MemberAdmitted(slug, "TM"), ev.MemberWithdrew(slug, "TM"), ()),
        (ev.SeatEstablished(slug, "seoul"), None, ()),
        (ev.SeatEstablished(slug, "astana"), None, ()),
        (ev.LevelDeclared(_PAIR, "strategic partnership"), None, {"declarer": "KR"}),
        (ev.LevelDeclared(_PAIR, "comprehensive partnership"), None, {"declarer": "KR KZ"}),
    )
    found: list[Claim] = []
    for began, ended, parties in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=3)):
        day = draw(_DAYS)
        maker = draw(st.sampled_from((occurred, occurred, observed)))
        found.append(maker(began, when=draw(_inexact(day)), sources=draw(_reported(day)), parties=parties))
        if ended is not None and draw(st.booleans()):
            later = day + timedelta(days=draw(st.integers(1, 500)))
            found.append(occurred(ended, when=draw(_inexact(later)), sources=draw(_reported(later))))
    return found


def stories() -> st.SearchStrategy[list[Claim]]:
    """Any story; now and then one that is recorded out of order, as late reports are."""
    told = st.one_of(
        courses(), promises(), promises(), disputes(), disputes(), reprints(), renamings(), sessions(), lasting_states()
    )
    return st.one_of(told, told.flatmap(st.permutations).map(list))
