"""
Which entries: queries over labels, and the conditions under which a record is made.

Knows how an entry is labelled and nothing of stores or states. A query is a question about the log, not a
stream: ``about("initiative:x") & of_type(ev.FundsReported)``. A condition says that a query has no new
entry since a size that the caller has read (a dynamic consistency boundary, DESIGN §6).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import attrs

from coop_ledger import stores
from coop_ledger.codec import wire_name
from coop_ledger.domain import (
    Act,
    Body,
    Claim,
    Correction,
    Event,
    SubjectId,
    UnknownEvent,
    Value,
    check_subject,
    check_text,
    party_subject,
    publisher_key,
    subjects_of,
    targets_of,
)
from coop_ledger.errors import InvalidValueError, repr_of

__all__ = [
    "Condition",
    "Named",
    "Query",
    "Unchanged",
    "about",
    "all_subjects",
    "check_query",
    "everything",
    "labels_of",
    "named",
    "of_type",
    "published_by",
]


_WIRE_NAME: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)


@attrs.frozen(eq=False, repr=False)
class Query(Value):
    """
    An OR of ANDs of labels; made by :func:`about` and its companions, joined with ``&`` and ``|``.

    Args:
        any_of: Groups of labels; an entry matches if it has all labels of one group.
    """

    any_of: stores.Query

    def __and__(self, other: Query) -> Query:
        joined = (tuple(dict.fromkeys((*a, *b))) for a, b in product(self.any_of, other.any_of))
        return Query(tuple(dict.fromkeys(joined)))

    def __or__(self, other: Query) -> Query:
        return Query(tuple(dict.fromkeys((*self.any_of, *other.any_of))))


def check_query(query: object) -> None:
    """
    Refuse what is not a query.

    Raises:
        InvalidValueError: Something else.
    """
    if not isinstance(query, Query):
        raise InvalidValueError(
            "this is no query", where="query", found=repr_of(query)[:80], hint="make one with about(…), of_type(…) …"
        )


def everything() -> Query:
    """The query that every entry matches."""
    return Query(((),))


def about(subject: str) -> Query:
    """
    Entries about a subject: its full id, or a bare country code.

    Raises:
        InvalidValueError: Off the grammar.

    >>> about("KR") == about("country:KR")
    True
    """
    if isinstance(subject, str) and ":" not in subject:
        if not _COUNTRY.fullmatch(subject):
            raise InvalidValueError(
                "this does not name a subject",
                where="subject",
                expected="kind:slug like meeting:talks/1, or a country code like KR",
                found=repr_of(subject),
                hint=f"write {subject.upper()!r}" if _COUNTRY.fullmatch(subject.upper()) else None,
            )
    else:
        check_subject("subject", subject)
    return Query(((party_subject(subject),),))


def of_type(kind: type[Event] | type[Act] | str) -> Query:
    """
    Entries of an event or act, given as its class or wire name.

    Raises:
        UnknownEventTypeError: A class that the registry does not hold.
        InvalidValueError: Text that is no wire name. One that the registry does not hold is taken: a later version
            may have recorded such entries.
    """
    if isinstance(kind, str) and not _WIRE_NAME.fullmatch(kind):
        raise InvalidValueError(
            "this is no wire name", where="kind", expected="family.name like institution.opened", found=ascii(kind)[:80]
        )
    return Query(((f"type:{kind if isinstance(kind, str) else wire_name(kind)}",),))


def published_by(publisher: str) -> Query:
    """
    Claims with a source of that publisher, whatever its case and width (NFKC, casefolded).

    Raises:
        InvalidValueError: No text.
    """
    return Query(((_publisher_label(check_text("publisher", publisher)),),))


@lru_cache(maxsize=4_096)
def _publisher_label(publisher: str) -> str:
    return f"publisher:{hashlib.sha256(publisher_key(publisher).encode()).hexdigest()[:16]}"


def labels_of(body: Body, subjects: Iterable[SubjectId]) -> tuple[str, ...]:
    """
    The labels under which an entry is found: its subjects, its type, its publishers.

    Args:
        body: What the entry says; of a type unknown here, the type alone is a label.
        subjects: What it is about, each once; for an act also what the entries are about that it names.
    """
    match body:
        case Claim():
            kind, sources = wire_name(type(body.event)), body.sources
        case Correction():
            kind, sources = wire_name(type(body)), (*body.claim.sources, *body.sources)
        case UnknownEvent():
            kind, sources = body.type, ()
        case _:
            kind, sources = wire_name(type(body)), getattr(body, "sources", ())
    return (
        *subjects,
        f"type:{kind}",
        *dict.fromkeys([_publisher_label(source.publisher) for source in sources]),
    )


class Named(NamedTuple):
    """
    What of an entry goes into the labels of an act that names it.

    Args:
        subjects: What the entry itself is about.
        targets: Ids of the entries that it names in turn.
    """

    subjects: tuple[SubjectId, ...]
    targets: tuple[str, ...]


def named(body: Body) -> Named:
    """What goes into the labels of an act that names an entry with this body."""
    return Named(subjects_of(body), targets_of(body))


def all_subjects(body: Body, find: Callable[[str], Named | None]) -> tuple[SubjectId, ...]:
    """
    The subjects of a body, of the entries that it names, and of those that these name (decision 0003).

    Args:
        body: What an entry says.
        find: Gives what is known of an entry before it; None where there is none, as an imported act may name any id.
    """
    own = named(body)
    found, waiting, seen = dict.fromkeys(own.subjects), list(own.targets), set[str]()
    while waiting:
        target = waiting.pop()
        one = None if target in seen else find(target)
        seen.add(target)
        if one is not None:
            found.update(dict.fromkeys(one.subjects))
            waiting.extend(one.targets)
    return tuple(found)


@attrs.frozen(eq=False, repr=False)
class Condition(Value):
    """What must still be true when a record is made; made by :func:`Unchanged`, joined with ``&``."""

    parts: tuple[stores.Condition, ...]

    def __and__(self, other: Condition) -> Condition:
        return Condition((*self.parts, *other.parts))


def Unchanged(query: Query, *, since: int) -> Condition:  # noqa: N802 - reads as a noun at the call, like a class
    """
    No entry that matches *query* stands at or after position *since*.

    On a subject that does not exist yet this means "create once".

    Args:
        query: Which entries.
        since: A size that the caller has seen *before* reading what the decision rests on.

    Raises:
        InvalidValueError: No query, or *since* is negative or no whole number.
    """
    check_query(query)
    if not isinstance(since, int) or isinstance(since, bool) or since < 0:
        raise InvalidValueError("since is a size of the log", where="since", expected="0 or more", found=repr_of(since))
    return Condition((stores.Condition(query.any_of, since),))
