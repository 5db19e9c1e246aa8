"""
Strategies for events, claims, acts and single entries; made from the field specifications of the classes.

Knows no order of entries. A new event class gets its strategy from its fields; a class that checks
combinations has a rule of its own below.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, cast, get_args, get_type_hints

import attrs
from hypothesis import strategies as st

from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    Act,
    Assertion,
    Claim,
    Correction,
    Duplicate,
    Entry,
    Event,
    FieldSpec,
    Merge,
    Once,
    Redaction,
    Resolution,
    Retraction,
    SectorVocabulary,
    UnknownEvent,
    field_specs,
)
from coop_ledger.domain import events as ev
from coop_ledger.testing.values import (
    decimals,
    entry_ids,
    instants,
    labels,
    maybe,
    parties_as,
    party_refs,
    prose,
    slugs,
    sources,
    subject_ids,
    whens,
    wheres,
)

__all__ = ["acts", "bodies", "claims", "entries", "events", "events_of", "unknown_events"]

_CURRENCIES = ("USD", "KRW", "KZT", "EUR")


def _of_type(spec: FieldSpec, hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field, from what its specification says."""
    if spec.type.endswith(" …"):
        inner = get_args(hint)[0]
        return st.lists(_of_type(FieldSpec(spec.type[:-2], ""), inner), max_size=2, unique=True).map(tuple)
    if spec.type.endswith(" slug"):
        return slugs(spec.type.removesuffix(" slug"))
    simple: dict[str, st.SearchStrategy[Any]] = {
        "subject id": subject_ids(),
        "party": party_refs(),
        "label": labels(),
        "text": prose(),
        "decimal": decimals(),
        "percent": st.integers(0, 1_000).map(lambda tenths: Decimal(tenths) / 10),
        "whole number": st.integers(1, 120),
        "yes/no": st.booleans(),
        "When": whens(),
        "entry id": entry_ids(),
        "Source": sources(),
    }
    if spec.type in simple:
        return simple[spec.type]
    codes = [kind for kind in (hint, *get_args(hint)) if getattr(kind, "__name__", None) == spec.type]
    return st.sampled_from(codes[0])


def _fields(cls: type[Any]) -> dict[str, st.SearchStrategy[Any]]:
    hints = get_type_hints(cls)
    found = {}
    for field in attrs.fields(cls):
        values = _of_type(field_specs(cls)[field.name], hints[field.name])
        found[field.name] = st.none() | values if field.default is None else values
    return found


@st.composite
def _meetings(draw: st.DrawFn) -> ev.MeetingHeld:
    given = {name: draw(values) for name, values in _fields(ev.MeetingHeld).items()}
    series, ordinal = given["series"], given["ordinal"]
    if series is not None and ordinal is not None:
        given["meeting"] = f"{series}/{ordinal}"
    elif given["meeting"] is None and series is None:
        given["meeting"] = draw(slugs("meeting"))
    if given["meeting"] is None or series is None:
        given["ordinal"] = None
    return ev.MeetingHeld(**given)


@st.composite
def _sectors(draw: st.DrawFn) -> ev.SectorsClassified:
    vocabulary = draw(st.sampled_from(SectorVocabulary))
    codes = {
        SectorVocabulary.DAC_PURPOSE: st.sampled_from(("14010", "33210", "12191", "16066")),
        SectorVocabulary.DAC_CATEGORY: st.sampled_from(("140", "332", "121")),
        SectorVocabulary.SDG_GOAL: st.integers(1, 17).map(str),
        SectorVocabulary.OWN: labels(),
    }[vocabulary]
    chosen = draw(st.lists(codes, min_size=1, max_size=3, unique=True))
    shares = draw(st.sampled_from((None, *range(1, 100 // len(chosen)))))
    if shares is None:
        sectors = tuple(ev.SectorShare(code) for code in chosen)
    else:
        rest = 100 - shares * (len(chosen) - 1)
        percentages = [*[shares] * (len(chosen) - 1), rest]
        sectors = tuple(ev.SectorShare(code, Decimal(at)) for code, at in zip(chosen, percentages, strict=True))
    return ev.SectorsClassified(draw(subject_ids()), vocabulary, sectors, draw(st.none() | labels()))


_BY_HAND: dict[type[Event], st.SearchStrategy[Any]] = {
    ev.MeetingHeld: _meetings(),
    ev.SectorsClassified: _sectors(),
    ev.FundsReported: st.builds(
        ev.FundsReported, **{**_fields(ev.FundsReported), "currency": st.sampled_from(_CURRENCIES)}
    ),
    ev.NameUsed: st.builds(ev.NameUsed, **{**_fields(ev.NameUsed), "subject": subject_ids(without=("person",))}),
}
"""Classes that check combinations of fields."""


_BY_CLASS: dict[type[Event], st.SearchStrategy[Event]] = {
    cls: cast("st.SearchStrategy[Event]", _BY_HAND[cls] if cls in _BY_HAND else st.builds(cls, **_fields(cls)))
    for cls in EVENT_TYPES
}


def events_of(cls: type[Event]) -> st.SearchStrategy[Event]:
    """Events of one class."""
    return _BY_CLASS[cls]


def events(*classes: type[Event]) -> st.SearchStrategy[Event]:
    """Events of any class, or of some."""
    return st.sampled_from(classes or EVENT_TYPES).flatmap(events_of)


def claims(
    *,
    of: st.SearchStrategy[Event] | None = None,
    assertions: tuple[Assertion, ...] = tuple(Assertion),
) -> st.SearchStrategy[Claim]:
    """
    Claims of every assertion; most parties play the roles that the event has.

    Args:
        of: Strategy for the events; any by default.
        assertions: Only these.
    """
    return _claim(events() if of is None else of, st.sampled_from(assertions))


_SEVERAL_SOURCES = st.lists(sources(), min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def _claim(draw: st.DrawFn, of: st.SearchStrategy[Event], assertions: st.SearchStrategy[Assertion]) -> Claim:
    event = draw(of)
    return Claim(
        draw(assertions),
        event,
        when=draw(maybe(whens())),
        where=draw(maybe(wheres())),
        stated=draw(maybe(whens())),
        stated_by=draw(maybe(party_refs())),
        parties=draw(parties_as(*type(event).spec.roles)),
        sources=draw(_SEVERAL_SOURCES),
        note=draw(maybe(prose())),
    )


def _acts_of(cls: type[Act], ids: st.SearchStrategy[str]) -> st.SearchStrategy[Act]:
    several = st.lists(ids, min_size=2, max_size=3, unique=True)
    if cls is Correction:
        reasons = st.lists(sources(), max_size=1).map(tuple)
        return st.builds(Correction, ids, claims(), prose(), reasons)
    if cls is Merge:
        names = st.lists(slugs(), min_size=2, max_size=3, unique=True)
        return st.builds(
            lambda found, reason: Merge(tuple(f"initiative:{s}" for s in found[1:]), f"initiative:{found[0]}", reason),
            names,
            prose(),
        )
    if cls is Resolution:
        return several.flatmap(
            lambda found: st.builds(Resolution, st.just(tuple(found)), prose(), st.none() | st.sampled_from(found))
        )
    if cls is Redaction:
        paths = st.lists(st.sampled_from(("/note", "/sources/0/title")), min_size=1, unique=True).map(tuple)
        return st.builds(Redaction, ids, paths, labels(), labels())
    if cls is Duplicate:
        return several.map(lambda found: Duplicate(found[0], found[1]))
    return st.builds(Retraction, **{**_fields(Retraction), "target": ids})


def acts(*classes: type[Act], targets: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Act]:
    """
    Acts of any kind, or of some.

    Args:
        classes: The kinds; all by default.
        targets: Strategy for the ids of the entries that they name; any by default.
    """
    ids = entry_ids() if targets is None else targets
    return st.sampled_from(classes or ACT_TYPES).flatmap(lambda cls: _acts_of(cls, ids))


@cache
def bodies() -> st.SearchStrategy[Claim | Act]:
    """Claims and acts."""
    return st.one_of(claims(), claims(), acts())


@cache
def entries() -> st.SearchStrategy[Entry]:
    """Single entries, anywhere in a log."""
    return st.builds(
        Entry,
        position=st.integers(0, 2**31),
        id=entry_ids(),
        recorded_at=instants(),
        clamped=st.booleans(),
        recorder=st.sampled_from(("recorder", "unnamed", "~ r !")),
        body=bodies(),
        once=st.none() | st.builds(Once, labels(), st.integers(0, 2), st.integers(3, 9)),
    )


def unknown_events() -> st.SearchStrategy[UnknownEvent]:
    """What a newer writer recorded: a type that nobody here knows, kept whole."""
    raw = st.dictionaries(st.sampled_from(("assertion", "event", "sources")), labels() | st.integers(0, 9))
    return st.builds(UnknownEvent, st.sampled_from(("summit.dreamt", "initiative.doubted")), st.integers(1, 3), raw)
