"""Entries for tests of projections: claims in the order given, one a second."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from coop_ledger.domain import (
    NO,
    Answer,
    Body,
    Claim,
    Effective,
    Entry,
    Source,
    SourceKind,
    SubjectId,
    When,
    announced,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    COMMITMENTS,
    MEETING,
    Commitment,
    CommitmentsState,
    Milestone,
    Projection,
    overdue,
    project,
)
from coop_ledger.projections.collecting import collect

START = datetime(2016, 11, 15, 9, tzinfo=UTC)
KOREA_NET = Source("Korea.net", When("2016-11-18"), kind=SourceKind.PRIMARY)
MINISTRY = Source("Ministry", When("2016-11-16"), kind=SourceKind.PRIMARY)
YONHAP = Source("Yonhap", When("2016-11-16"), kind=SourceKind.AGENCY)
REPRINT = Source("SGGP News", When("2016-11"), kind=SourceKind.REPRINT, relays="Yonhap")
PRESS = Source("Asia Economy", When("2016-11-15"))
LATER = Source("Gazette", When("2030"))
UNDATED = Source("Blog", kind=SourceKind.TERTIARY)
OPENED = ev.InstitutionOpened("kcac")
STARTED = ev.InitiativeStarted("water")
TRAINING = ev.InitiativeDelivered("water", "training")
FORUM = ev.MeetingHeld("forum/11")
SIGNED = ev.AgreementSigned("memo")
START_DAY = date(2016, 11, 1)

small = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: (min(pair), max(pair)))
"""The first and last of a few days, counted from START_DAY."""


def point(ends: tuple[int, int]) -> When:
    """One day between two of the small ones."""
    low, high = (START_DAY + timedelta(days=end) for end in ends)
    return When(f"[{low}..{high}]")


def milestone(*claims: Claim) -> Milestone:
    """The one happening that the claims are about."""
    (found,) = collect(effective(position, claim) for position, claim in enumerate(claims))
    return found


def entry(position: int, body: Body) -> Entry:
    return Entry(
        position, f"01586548-8000-7000-8000-{position:012d}", START + timedelta(seconds=position), False, "r", body
    )


def entries(*bodies: Body) -> list[Entry]:
    return [entry(position, body) for position, body in enumerate(bodies)]


def effective(position: int, body: Body) -> Effective:
    found = entry(position, body)
    return Effective(found.position, found.id, found.recorded_at, found.body)  # type: ignore[arg-type]


def day(text: str) -> date:
    """A day as text."""
    return date.fromisoformat(text)


def state_of(projection: Projection[Any], subject: str, *claims: Any) -> Any:
    """The state of a subject that claims give."""
    return project(projection, entries(*claims))[SubjectId(subject)]


def meeting(*claims: Claim) -> Any:
    """The state of the tenth session."""
    return state_of(MEETING, "meeting:forum/10", *claims)


def all_promises(*claims: Claim) -> CommitmentsState:
    """What claims promise and propose, of the first subject of which they do."""
    found = project(COMMITMENTS, entries(*claims))
    return found[next(one.subject for one in found.values() if one.commitments or one.proposals)]


def promise(*claims: Claim) -> Commitment:
    """The one promise that claims make."""
    (found,) = all_promises(*claims).commitments
    return found


def plan(event: Any = STARTED, when: str | None = "2017-01", stated: str = "2016-11-18", **more: Any) -> Claim:
    return announced(event, when=when, stated=stated, sources=more.pop("sources", KOREA_NET), **more)


def came(event: Any = STARTED, when: str | None = "2017-06-10", **more: Any) -> Claim:
    return occurred(event, when=when, sources=more.pop("sources", KOREA_NET), **more)


def listed(*claims: Claim, on: str) -> Answer:
    """Whether the promise of some claims is overdue on a day."""
    found = overdue(all_promises(*claims).commitments, on=day(on))
    return found[0].answer if found else NO
