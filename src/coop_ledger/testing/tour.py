"""
A tour of the domain: histories in which every event and act stands, so that no rare one is left to chance.

Knows what fields hold, by their specifications, and draws nothing: the tour is the same each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, cast, get_args, get_type_hints

import attrs

from coop_ledger.codec import sealed_paths
from coop_ledger.domain import (
    EVENT_TYPES,
    AgreementEnd,
    Assertion,
    Body,
    Claim,
    Correction,
    Duplicate,
    Entry,
    Event,
    FieldSpec,
    Merge,
    Party,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
    Role,
    SectorVocabulary,
    Source,
    SourceKind,
    UnknownEvent,
    When,
    Where,
    field_specs,
)
from coop_ledger.domain import events as ev
from coop_ledger.testing.redactions import with_redactions_carried_out
from coop_ledger.testing.written import entries_of, id_of

__all__ = ["at_first", "bare", "claims_of", "tour"]

_SOURCES: Final = (
    Source("Korea.net", When("2016-11-18"), kind=SourceKind.PRIMARY),
    Source("Yonhap", When("2016-11-16"), kind=SourceKind.AGENCY),
    Source("Daily", When("2016-11"), kind=SourceKind.REPRINT, relays="Yonhap"),
    Source("KazInform", When("2017"), title="Форум", quote="Words of the source."),
    Source("Asia Economy", kind=SourceKind.TERTIARY, author="Somebody"),
)
_DATES: Final = (
    None, "2016-11-15", "2016-11", "2016-41", "2016", "2016~", "2016-11-XX", "[2016-11-14..2016-11-16]",
    "2016-11-14/2016-11-16", "2016/..", "../2016", "/2016", "{2016-11-14,2016-11-16}", "XXXX-12-XX", "0001",
)  # fmt: skip
_SLUGS: Final = {"person": "p-1", "place": "seoul", "relationship": "KR-KZ", "series": "forum", "country": "KZ"}
_VALUES: Final[dict[str, Any]] = {
    "subject id": "meeting:alpha", "party": "KZ", "label": "training", "text": "Words of the source.",
    "decimal": Decimal("0.1"), "percent": Decimal("12.5"), "whole number": 10, "yes/no": True,
    "When": When("2016/2018"), "entry id": id_of(0), "SectorShare …": (ev.SectorShare("14010", Decimal(100)),),
}  # fmt: skip
_NEEDED: Final[dict[tuple[type[Event], str], Any]] = {
    (ev.MeetingHeld, "meeting"): "forum/10",
    (ev.FundsReported, "currency"): "USD",
    (ev.AgreementEnded, "how"): AgreementEnd.EXPIRED,
    (ev.InstitutionSucceeded, "successor"): "beta",
}


def _value(spec: FieldSpec, hint: Any) -> Any:
    """A value of a field."""
    if spec.type in _VALUES:
        return _VALUES[spec.type]
    if spec.type.endswith(" …"):
        return (_value(FieldSpec(spec.type[:-2], ""), get_args(hint)[0]),)
    if spec.type.endswith(" slug"):
        return _SLUGS.get(spec.type.removesuffix(" slug"), "alpha")
    codes = [kind for kind in (hint, *get_args(hint)) if getattr(kind, "__name__", None) == spec.type]
    return next(iter(codes[0]))


def _event(cls: type[Event], *, full: bool) -> Event:
    """An event with all fields, or with those that it needs."""
    hints, specs = get_type_hints(cls), field_specs(cls)
    given = {
        field.name: _NEEDED.get((cls, field.name), _value(specs[field.name], hints[field.name]))
        for field in attrs.fields(cast("Any", cls))
        if full or field.default is attrs.NOTHING or field.name == cls.spec.subject == "meeting"
    }
    return cls(**given)


def bare(cls: Any) -> Event:
    """An event of a class with nothing that can be left out."""
    return _event(cls, full=False)


def claims_of(cls: type[Event]) -> Iterator[Claim]:
    """An event in every assertion, with little and with all that a claim can say, and on every shape of date."""
    full = _event(cls, full=True)
    parties = tuple(Party(code, role) for role in (*cls.spec.roles, Role.PARTICIPANT) for code in ("KR", "KZ"))
    for at, assertion in enumerate(Assertion):
        source = _SOURCES[at % len(_SOURCES)]
        yield Claim(assertion, bare(cls), sources=(source,))
        yield Claim(
            assertion, full, When("2016-11-15"), Where("KR", "seoul", "forum/10"), When("2016-11-16"), "KZ",
            tuple(dict.fromkeys(parties)), _SOURCES, "A note.",
        )  # fmt: skip


def _dated(cls: type[Event]) -> Iterator[Claim]:
    for at, text in enumerate(_DATES):
        assertion = (Assertion.OCCURRED, Assertion.PLANNED)[at % 2]
        when = None if text is None else When(text)
        yield Claim(assertion, bare(cls), when, sources=(_SOURCES[at % len(_SOURCES)],))
    yield Claim(Assertion.PLANNED, bare(cls), When("9999-12-31"), sources=(_SOURCES[0],))


_SUMS: Final = (("0.1", "0.2", "0.3"), ("9007199254740992", "1", "1", "1"), ("0", "-2.5", "1000000.05"))
"""Numbers of which binary fractions make a sum that drifts, also where it is rounded to a whole; none and a debt."""


def _numbered(cls: type[Event], numbers: Iterable[str]) -> Iterator[Claim]:
    """The same event several times on one day, each with another number."""
    names = [name for name, spec in field_specs(cls).items() if spec.type == "decimal"]
    for number in numbers if names else ():
        event: Any = attrs.evolve(cast("Any", bare(cls)), **dict.fromkeys(names, Decimal(number)))
        yield Claim(Assertion.OCCURRED, event, When("2016-11-15"), sources=(_SOURCES[0],))


def _summed(cls: type[Event]) -> Iterator[list[Body]]:
    for numbers in _SUMS:
        yield list(_numbered(cls, numbers))


_TOGETHER: Final[dict[tuple[type[Event], Enum], Any]] = {
    (ev.SectorsClassified, SectorVocabulary.DAC_CATEGORY): {"sectors": (ev.SectorShare("140"),)},
    (ev.SectorsClassified, SectorVocabulary.SDG_GOAL): {"sectors": (ev.SectorShare("17"),)},
}
"""What goes together with a code."""


def _coded(cls: type[Event]) -> Iterator[Claim]:
    """The event with each code that one of its fields can have, and with parties and places of every kind."""
    hints, full = get_type_hints(cls), cast("Any", _event(cls, full=True))
    for name, spec in field_specs(cls).items():
        for kind in (hints[name], *get_args(hints[name])):
            if getattr(kind, "__name__", None) != spec.type.removesuffix(" …") or not issubclass(kind, Enum):
                continue
            for code in kind:
                others: Any = {name: (code,) if spec.type.endswith(" …") else code, **_TOGETHER.get((cls, code), {})}
                yield Claim(Assertion.OCCURRED, attrs.evolve(full, **others), sources=_SOURCES[:1])


def _elsewhere(cls: type[Event]) -> Iterator[Claim]:
    """The event with parties that are no countries, or are none any more, and with each grain of a place by itself."""
    event, role = bare(cls), (*cls.spec.roles, Role.PARTICIPANT)[0]
    parties = tuple(Party(one, role) for one in ("SU", "institution:secretariat", "person:p-1", "place:seoul"))
    yield Claim(Assertion.OCCURRED, event, sources=_SOURCES[:1], parties=parties)
    for where in (Where("KR"), Where(place="seoul"), Where(meeting="forum/10")):
        yield Claim(Assertion.OCCURRED, event, where=where, sources=_SOURCES[:1])


def _in_every_role() -> list[Body]:
    event = bare(ev.MeetingHeld)
    return [Claim(Assertion.OCCURRED, event, parties=(Party("KR", role),), sources=_SOURCES[:1]) for role in Role]


def _acted(cls: type[Event]) -> Iterator[Body]:
    """What happened and was reported twice, with every act on it."""
    one, other = (
        Claim(Assertion.OCCURRED, _event(cls, full=True), When(day), sources=(source,), note="A note.")
        for day, source in (("2016-11-15", _SOURCES[0]), ("2016-11-16", _SOURCES[3]))
    )
    yield from (one, other, one, other)
    yield Correction(id_of(0), attrs.evolve(cast("Any", one), when=When("2016-11-14")), "The day was misread.")
    yield Correction(id_of(4), attrs.evolve(cast("Any", one), when=None), "There is no day.", (_SOURCES[1],))
    yield Retraction(id_of(5), RetractionReason.WRONG)
    yield Retraction(id_of(6), RetractionReason.SOURCE_WITHDRAWN, (_SOURCES[1],), "It was right.")
    yield Retraction(id_of(3), RetractionReason.LEGAL)
    yield Duplicate(id_of(2), id_of(0))
    yield Resolution((id_of(0), id_of(1)), "Nobody knows.")
    yield Resolution((id_of(0), id_of(1)), "The host says so.", id_of(1))
    yield Merge(("meeting:beta", "meeting:gamma"), "meeting:alpha", "The same under other names.")
    yield Redaction(id_of(1), sealed_paths(other), "a legal ground", "an office")
    yield UnknownEvent("summit.dreamt", 1, {})


@cache
def at_first() -> tuple[tuple[Entry, ...], ...]:
    """Two claims of each event: what is broken everywhere shows here, before any state has grown."""
    return tuple(tuple(entries_of(*[*claims_of(cls)][:2])) for cls in EVENT_TYPES)


def _of_one_subject() -> Iterator[list[Body]]:
    """All events of one subject, a day apart; as they come, and as reports that come late."""
    of_each: dict[str, list[Body]] = {}
    for cls in EVENT_TYPES:
        event = bare(cls)
        told = of_each.setdefault(f"{cls.spec.subject} {getattr(event, cls.spec.subject)}", [])
        when = When(str(date(2016, 1, 1) + timedelta(days=len(told))))
        told.append(Claim(Assertion.OCCURRED, event, when, sources=(_SOURCES[len(told) % len(_SOURCES)],)))
    for bodies in of_each.values():
        yield bodies
        yield bodies[::-1]


@cache
def tour() -> tuple[tuple[Entry, ...], ...]:
    """
    The histories, as they read after their redactions.

    For each event class what is claimed, on which dates, and acts on it; for each subject all that happens to it.
    """
    told_of_each = (claims_of, _dated, _coded, _elsewhere, _acted)
    written = [list(told(cls)) for cls in EVENT_TYPES for told in told_of_each]
    written.append(_in_every_role())
    written += [told for cls in EVENT_TYPES for told in _summed(cls)]
    return tuple(
        tuple(with_redactions_carried_out(entries_of(*bodies))) for bodies in (*written, *_of_one_subject()) if bodies
    )
