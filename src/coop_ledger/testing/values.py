"""
Strategies for the small values of the domain: dates, ids, texts, numbers, parties, sources.

Knows the grammar of each value and no event. Small by default, and shrinks to what reads well.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from coop_ledger.domain import (
    ISO_COUNTRIES,
    Answer,
    Party,
    Role,
    Source,
    SourceKind,
    SubjectKind,
    When,
    Where,
    relationship_slug,
)

__all__ = [
    "answers",
    "countries",
    "days",
    "decimals",
    "entry_ids",
    "instants",
    "labels",
    "parties",
    "parties_as",
    "party_refs",
    "points",
    "prose",
    "slugs",
    "sources",
    "spans",
    "subject_ids",
    "whens",
    "wheres",
]

T = TypeVar("T")

_WORDS = ("forum", "water", "health", "culture", "youth", "tourism", "silk", "a", "b", "1", "10")
_USED = ("KR", "KZ", "KG", "TJ", "TM", "UZ")


@cache
def answers() -> st.SearchStrategy[Answer]:
    """YES, NO, UNDECIDED."""
    return st.sampled_from(Answer)


@cache
def days() -> st.SearchStrategy[date]:
    """Days of the years in which the examples play."""
    return st.dates(date(2014, 1, 1), date(2019, 12, 31))


@cache
def instants() -> st.SearchStrategy[datetime]:
    """Instants in UTC, of the years in which the examples play or later."""
    return st.datetimes(datetime(2014, 1, 1), datetime(2030, 1, 1)).map(lambda instant: instant.replace(tzinfo=UTC))


@cache
def _date_texts() -> st.SearchStrategy[str]:
    return st.one_of(
        days().map(str),
        days().map(lambda day: f"{day:%Y-%m}"),
        days().map(lambda day: f"{day:%Y}"),
        st.builds(lambda day, half: f"{day:%Y}-{half}", days(), st.integers(40, 41)),
        st.builds(lambda day, group: f"{day:%Y}-{group}", days(), st.integers(21, 41)),
        days().map(lambda day: f"{day:%Y-%m}-XX"),
        days().map(lambda day: f"{day:%Y}-XX-XX"),
        days().map(lambda day: f"{day:%Y}-XX-{min(day.day, 28):02}"),
        days().map(lambda day: f"{day:%Y-%m}"[:6] + "X"),
        days().map(lambda day: f"{day:%Y-%m-%d}"[:9] + "X"),
        days().map(lambda day: f"{day:%Y}"[:3] + "X"),
    )


@cache
def _marked_texts() -> st.SearchStrategy[str]:
    return st.builds(str.__add__, _date_texts(), st.sampled_from(("", "", "?", "~", "%")))


@cache
def points() -> st.SearchStrategy[When]:
    """Dates that say one day, known within bounds: exact, imprecise, marked, one of several."""
    one_of = st.lists(_date_texts(), min_size=1, max_size=3).map(lambda texts: f"[{','.join(texts)}]")
    return st.one_of(_marked_texts(), one_of).map(When)


@cache
def spans() -> st.SearchStrategy[When]:
    """Dates that say a time that lasts: closed, open or unknown on one side, or several days."""

    def closed(one: str, other: str) -> str:
        first, last = (one, other) if _may_precede(one, other) else (other, one)
        return f"{first}/{last}"

    exact = st.builds(closed, days().map(str), days().map(str))
    inexact = st.builds(closed, _marked_texts(), _marked_texts())
    years = st.builds(lambda year, more: f"{year}/{year + more}", st.integers(2014, 2016), st.integers(0, 3))
    half_open = st.builds(
        lambda text, shape: shape.format(text), _marked_texts(), st.sampled_from(("{}/..", "../{}", "{}/", "/{}"))
    )
    all_of = st.lists(days().map(str), min_size=2, max_size=3).map(lambda texts: f"{{{','.join(texts)}}}")
    return st.one_of(exact, years, inexact, half_open, all_of).map(When)


def _may_precede(one: str, other: str) -> bool:
    first, last = When(one).earliest, When(other).latest
    return first is None or last is None or first <= last


@cache
def _far_dates() -> st.SearchStrategy[When]:
    """Dates that few sources give: sets with ranges, unknown centuries, the first and the last years there are."""
    ranges = st.builds(
        lambda bounds, shape: shape.format(*map(str, sorted(bounds))),
        st.tuples(days(), days()),
        st.sampled_from(("[{}..{}]", "[..{}]", "[{}..]", "{{{}..{}}}", "{{..{}}}", "{{{}..}}", "[2013,{}..{}]")),
    )
    shapes = ("20XX", "1XXX", "XXXX", "XXXX-12-XX", "XXXX-XX-30", "0001", "9999-12-31", "9999-24", "{2016?,2017~}")
    return st.one_of(st.sampled_from(shapes), ranges).map(When)


@cache
def whens() -> st.SearchStrategy[When]:
    """Any date that a claim can carry, now and then one from the ends of time."""
    return st.one_of(points(), points(), spans(), spans(), _far_dates())


@cache
def countries() -> st.SearchStrategy[str]:
    """Codes of countries, mostly those of the forum."""
    current = sorted({country.code for country in ISO_COUNTRIES if country.until is None})
    return st.one_of(st.sampled_from(_USED), st.sampled_from(_USED), st.sampled_from(current))


@cache
def slugs(kind: str = SubjectKind.INITIATIVE) -> st.SearchStrategy[str]:
    """Slugs of subjects of a kind."""
    if kind == SubjectKind.COUNTRY:
        return countries()
    if kind == SubjectKind.RELATIONSHIP:
        pairs = st.lists(countries(), min_size=2, max_size=2, unique=True)
        return pairs.map(lambda pair: relationship_slug(*pair))
    part = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2).map("-".join)
    return st.lists(part, min_size=1, max_size=2).map("/".join)


def subject_ids(*, without: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Full ids of subjects of any kind but those in *without*."""
    kinds = [kind for kind in SubjectKind if kind not in without]
    return st.sampled_from(kinds).flatmap(lambda kind: slugs(kind).map(lambda slug: f"{kind}:{slug}"))


@cache
def party_refs() -> st.SearchStrategy[str]:
    """References to parties: country codes, and full ids of other kinds."""
    return st.one_of(countries(), countries(), subject_ids(without=("country",)))


@cache
def entry_ids() -> st.SearchStrategy[str]:
    """Ids of entries: UUIDv7 in small letters."""

    def shape(value: int) -> str:
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:]}"

    return st.integers(0, 2**128 - 1).map(shape)


_TEXT = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x7f")


@cache
def labels(limit: int = 20) -> st.SearchStrategy[str]:
    """Short public labels of any script, without blanks at their ends."""
    texts = st.text(_TEXT, min_size=1, max_size=limit).map(str.strip)
    return st.one_of(st.sampled_from(_WORDS), texts.filter(bool))


@cache
def prose(limit: int = 30) -> st.SearchStrategy[str]:
    """Sealed texts of any script, also with line breaks and tabs inside."""
    inside = st.one_of(_TEXT, st.sampled_from("\n\t"))
    return st.text(inside, min_size=1, max_size=limit).filter(lambda text: bool(text.strip()))


@cache
def decimals() -> st.SearchStrategy[Decimal]:
    """Exact decimals with up to two places, as sums and counts have."""
    return st.integers(-(10**12), 10**12).map(lambda number: Decimal(number) / 100 if number % 3 else Decimal(number))


@cache
def parties() -> st.SearchStrategy[tuple[Party, ...]]:
    """Parties of a claim, each once."""
    one = st.builds(Party, party_refs(), st.sampled_from(Role))
    return st.lists(one, max_size=4, unique=True).map(tuple)


@cache
def parties_as(*roles: Role) -> st.SearchStrategy[tuple[Party, ...]]:
    """Parties of a claim, each once, in these roles; now and then in others, as sources have it."""
    if not roles:
        return parties()
    one = st.builds(Party, party_refs(), st.sampled_from(roles))
    return st.lists(one, max_size=4, unique=True).map(tuple) | parties()


@cache
def wheres() -> st.SearchStrategy[Where]:
    """Places, with at least one grain."""
    grains = st.tuples(
        st.none() | countries(), st.none() | slugs(SubjectKind.PLACE), st.none() | slugs(SubjectKind.MEETING)
    )
    return grains.filter(any).map(lambda found: Where(*found))


@cache
def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """None, or a value; one strategy for each, since to make them takes longer than to draw from them."""
    return st.none() | strategy


_PUBLISHERS = st.sampled_from(("Korea.net", "Yonhap", "Asia Economy", "KazInform"))
_KINDS = st.sampled_from(SourceKind)
_URLS = st.sampled_from(("https://example.org/news?id=1", "urn:example:press:1"))
_LANGUAGES = st.sampled_from(("en", "ko", "ru", "zh-Hant"))
_DIGESTS = st.integers(0, 2**256 - 1).map(lambda value: f"{value:064x}")


@st.composite
def _source(draw: st.DrawFn) -> Source:
    kind = draw(_KINDS)
    return Source(
        draw(_publishers()),
        draw(maybe(points())),
        title=draw(maybe(prose())),
        url=draw(maybe(_URLS)),
        author=draw(maybe(prose())),
        language=draw(maybe(_LANGUAGES)),
        quote=draw(maybe(prose())),
        kind=kind,
        relays=draw(_publishers() if kind is SourceKind.REPRINT else maybe(_publishers())),
        digest=draw(maybe(_DIGESTS)),
    )


@cache
def _publishers() -> st.SearchStrategy[str]:
    return _PUBLISHERS | labels()


@cache
def sources() -> st.SearchStrategy[Source]:
    """Sources of every kind, dated and undated; a reprint names what it relays."""
    return _source()
