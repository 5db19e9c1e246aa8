"""
What a projection is, and how entries are folded into states; knows no projection in particular.

State = fold(entries): pure and total (DESIGN P3). The claims that feed a subject are ordered by D2 before
they are folded, so that the order in which they were recorded does not matter where dates decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any, Generic, TypeVar

import attrs

from coop_ledger.domain import Claim, Effective, Entry, SubjectId, UnknownEvent, Value, order_key
from coop_ledger.errors import InvalidValueError, ProjectionError
from coop_ledger.projections.acts import Effects, effects_of
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode

__all__ = [
    "Folded",
    "Projection",
    "check_is_projection",
    "effective_entries",
    "fed_by",
    "fold",
    "named_by",
    "project",
    "unreadable",
]

S = TypeVar("S")


@attrs.frozen(eq=False, repr=False)
class Projection(Value, Generic[S]):
    """
    How the state of each subject follows from entries.

    Args:
        name: What it is called; with *version* it names the answers it gives.
        version: Grows when the same entries give another state.
        subjects: Which states an entry feeds; it is given entries whose body is the claim as it counts.
        initial: The state of a subject of which nothing is known.
        evolve: The next state; pure and total. It sees claims only, as they count, in the order of D2.
        gather: What evolving an initial state by all claims in that order gives, at once; None: one by one.
        as_of: A state as of a day of the world; None: only the claims up to that day are folded.

    Source: DESIGN §5.

    >>> from coop_ledger.domain import subjects_of
    >>> COUNT = Projection("count", 1, lambda e: subjects_of(e.body), lambda subject: 0, lambda n, effective: n + 1)
    >>> project(COUNT, [])
    {}
    """

    name: str
    version: int
    subjects: Callable[[Entry], Iterable[SubjectId]]
    initial: Callable[[SubjectId], S]
    evolve: Callable[[S, Effective], S]
    gather: Callable[[S, tuple[Effective, ...]], S] | None = None
    as_of: Callable[[S, date], S] | None = None


def check_is_projection(value: object) -> None:
    """
    Refuse what is no projection, before anything is asked of it.

    Raises:
        InvalidValueError: It is another thing, like the function that a projection is made of.
    """
    if not isinstance(value, Projection):
        raise InvalidValueError(
            "this is no projection", where="projection", expected="a Projection", found=repr(value),
            hint="write Projection(name, version, subjects, initial, evolve)",
        )  # fmt: skip


def effective_entries(entries: Iterable[Entry], effects: Effects | None = None) -> Iterator[tuple[Entry, Effective]]:
    """
    Claims as they count, each with an entry that says it; acts and unknown events are passed over.

    Args:
        entries: Entries, each once.
        effects: What acts make of them; None: the acts among the entries take effect.
    """
    if effects is None:
        given, acts = entries, list[Entry]()
        entries = list[Entry]()
        for entry in given:  # each is looked at while it is new: a million of them are in no processor's memory
            entries.append(entry)
            if not isinstance(entry.body, (Claim, UnknownEvent)):
                acts.append(entry)
        effects = effects_of(acts, {entry.id: entry for entry in entries} if acts else {})
    for entry in entries:
        effective = effects.apply(entry)
        if effective is not None:
            same = effective.claim is entry.body
            yield entry if same else attrs.evolve(entry, body=effective.claim), effective


def _can_change(value: Any) -> bool:
    """Whether a value, or one that it holds, is of a type that can be changed in place, like a list."""
    if isinstance(value, Effective):
        return False
    if isinstance(value, tuple):
        return any(_can_change(item) for item in value)
    if type(value).__hash__ is None:
        return True
    return attrs.has(type(value)) and any(_can_change(getattr(value, one.name)) for one in attrs.fields(type(value)))


def _snapshot(state: Any) -> Any:
    """What a state that can be changed in place holds, copied; None for one that cannot."""
    return deepcopy(_held(state)) if _is_plain_object(state) or _can_change(state) else None


def _held(state: Any) -> Any:
    """What a state is compared by: its attributes, where two are equal only if they are one."""
    return vars(state) if _is_plain_object(state) else state


def _is_plain_object(state: Any) -> bool:
    """Whether two of its kind are equal only if they are the same, whatever they hold."""
    return hasattr(state, "__dict__") and getattr(type(state), "__eq__", None) is object.__eq__


def _calling(
    projection: Projection[Any], subject: SubjectId, position: int | None, call: Callable[..., S], *given: Any
) -> S:
    """What a function of a projection gives; what it raises is chained to an error that names the entry."""
    try:
        return call(*given)
    except Exception as error:
        raise ProjectionError(
            f"the projection raised {type(error).__name__}: {error}",
            projection=projection.name, subject=subject, position=position,
            hint="a fold is total: show what is irregular in the state",
        ) from error  # fmt: skip


def _copied(
    projection: Projection[Any], subject: SubjectId, item: Effective, copying: Callable[..., S], state: Any
) -> S:
    """What comes of copying a state or comparing it with its copy; a state with which that cannot be done is none."""
    try:
        return copying(state)
    except Exception as error:
        raise ProjectionError(
            f"the state can be changed, and cannot be copied and compared: {type(error).__name__}: {error}",
            projection=projection.name, subject=subject, position=item.position,
            hint="keep plain data in a state: numbers, text, dates, tuples, frozen classes",
        ) from error  # fmt: skip


def _step(projection: Projection[S], subject: SubjectId, state: S, item: Effective) -> S:
    before = _copied(projection, subject, item, _snapshot, state)
    after = _calling(projection, subject, item.position, projection.evolve, state, item)
    if before is not None and _copied(projection, subject, item, lambda held: bool(before != held), _held(state)):
        raise ProjectionError(
            "the projection changed the state that it was given",
            projection=projection.name, subject=subject, position=item.position,
            hint="return a new state and leave the old one as it is",
        )  # fmt: skip
    return after


def fold(projection: Projection[S], subject: SubjectId, effective: Iterable[Effective], day: date | None = None) -> S:
    """
    The state of one subject from the claims that feed it, in any order.

    Args:
        projection: Which projection.
        subject: Whose state.
        effective: The claims.
        day: The day of the world as of which the state is read; None: as of all that is known.

    Raises:
        ProjectionError: The projection raised, or changed the state that it was given.
    """
    ordered = sorted(effective, key=order_key)
    if day is not None and projection.as_of is None:
        ordered = [item for item in ordered if order_key(item)[0] <= day]
    state = _calling(projection, subject, None, projection.initial, subject)
    if projection.gather is not None:
        state = _calling(projection, subject, None, projection.gather, state, tuple(ordered))
    else:
        for item in ordered:
            state = _step(projection, subject, state, item)
    if day is None or projection.as_of is None:
        return state
    return _calling(projection, subject, None, projection.as_of, state, day)


@attrs.frozen(eq=False, repr=False)
class Folded(Value, Generic[S]):
    """
    A state with the claims that were folded into it, so that one more can be added.

    Args:
        projection: Which projection.
        subject: Whose state.
        claims: The claims, in D2's order.
        state: What they give.
    """

    projection: Projection[S]
    subject: SubjectId
    claims: tuple[Effective, ...]
    state: S

    @classmethod
    def of(cls, projection: Projection[S], subject: SubjectId, claims: Iterable[Effective] = ()) -> Folded[S]:
        """Fold claims, in any order."""
        ordered = tuple(sorted(claims, key=order_key))
        return cls(projection, subject, ordered, fold(projection, subject, ordered))

    def add(self, item: Effective) -> Folded[S]:
        """
        The state with one more claim; one that sorts before the last folds all anew (D2).

        Raises:
            ProjectionError: The projection raised, or changed the state that it was given.
        """
        if self.claims and order_key(item) < order_key(self.claims[-1]):
            return Folded.of(self.projection, self.subject, (*self.claims, item))
        after = _step(self.projection, self.subject, self.state, item)
        return attrs.evolve(self, claims=(*self.claims, item), state=after)


def named_by(projection: Projection[Any], entry: Entry) -> list[SubjectId]:
    """
    What a projection says when it is asked which subjects an entry feeds.

    Raises:
        TypeError: One text, each letter of which would be a subject; and whatever the projection raises.
    """
    named = projection.subjects(entry)
    if isinstance(named, str):
        raise TypeError(f"it named subjects by one text, {named!r}; a single subject stands in a list")
    return list(named)


def fed_by(projection: Projection[S], entry: Entry) -> list[SubjectId]:
    """
    The subjects whose states an entry feeds.

    Raises:
        ProjectionError: The projection raised, or named subjects by one text.
    """
    try:
        return named_by(projection, entry)
    except Exception as error:
        raise ProjectionError(
            f"the projection raised {type(error).__name__} when asked which subjects an entry feeds: {error}",
            projection=projection.name, subject="no subject", position=entry.position,
            hint="return no subject for entries that it does not know",
        ) from error  # fmt: skip


def project(
    projection: Projection[S], entries: Iterable[Entry], effects: Effects | None = None, day: date | None = None
) -> dict[SubjectId, S]:
    """
    The states of all subjects that some claim feeds, by subject id.

    Args:
        projection: Which projection.
        entries: Entries, each once, in any order.
        effects: What acts make of them; None: the acts among the entries take effect.
        day: The day of the world as of which the states are read; None: as of all that is known.

    Raises:
        InvalidValueError: What was given is no projection.
        ProjectionError: The projection raised, or changed the state that it was given.

    Guarantees: pure; memory for the claims of the states and nothing else.
    """
    check_is_projection(projection)
    fed: dict[SubjectId, list[Effective]] = {}
    for entry, effective in effective_entries(entries, effects):
        for subject in fed_by(projection, entry):
            fed.setdefault(subject, []).append(effective)
    return {subject: fold(projection, subject, fed[subject], day) for subject in sorted(fed)}


def unreadable(entries: Iterable[Entry]) -> tuple[Anomaly, ...]:
    """One anomaly for each entry of a type or version that this version does not know."""
    return tuple(
        Anomaly(
            AnomalyCode.UNKNOWN_EVENT,
            (entry.position,),
            f"{entry.body.type} version {entry.body.version} is not known to this version",
        )
        for entry in entries
        if isinstance(entry.body, UnknownEvent)
    )
