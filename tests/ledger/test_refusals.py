"""What the doors of a ledger refuse, each with an error of its own and with the ledger as before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from coop_ledger import (
    ISO_COUNTRIES,
    Assertion,
    Claim,
    Correction,
    Country,
    Ledger,
    Retraction,
    RetractionReason,
    Source,
    TransactionType,
    Unchanged,
    UnknownEvent,
    When,
    Where,
    about,
    announced,
    everything,
    observed,
    occurred,
    of_type,
    published_by,
)
from coop_ledger import events as ev
from coop_ledger.errors import (
    CommitmentError,
    EntryNotFoundError,
    FutureOccurrenceError,
    InvalidValueError,
    LeafTooLargeError,
    UnknownCountryError,
)
from coop_ledger.testing import ticking
from tests.ledger.support import OPENED, PLAN, SOURCE, START

LONG = tuple(Source(f"Publisher {at}", quote="q" * 300, title="t" * 500) for at in range(400))

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: "a text", InvalidValueError, "claims and acts"),
    (lambda: OPENED, InvalidValueError, "claims and acts"),
    (lambda: UnknownEvent("x", 1, {}), InvalidValueError, "claims and acts"),
    (lambda: announced(OPENED, sources=SOURCE, parties={"host": "XX"}), UnknownCountryError, "XX"),
    (lambda: announced(OPENED, sources=SOURCE, stated_by="XX"), UnknownCountryError, "XX"),
    (lambda: announced(OPENED, sources=SOURCE, where=Where("XX")), UnknownCountryError, "XX"),
    (lambda: announced(ev.RelationsEstablished("KR-XX"), sources=SOURCE), UnknownCountryError, "XX"),
    (lambda: announced(ev.StatementMade("country:XX", "t"), sources=SOURCE), UnknownCountryError, "XX"),
    (lambda: occurred(ev.MemberAdmitted("kcac", "SU"), when="2016", sources=SOURCE), UnknownCountryError, "withdrawn"),
    (lambda: occurred(OPENED, when="2016-11-22", sources=SOURCE), FutureOccurrenceError, "announced"),
    (lambda: observed(OPENED, when="2017", sources=SOURCE), FutureOccurrenceError, "cannot have happened"),
    (lambda: occurred(OPENED, when="2016-11-22/..", sources=SOURCE), FutureOccurrenceError, "cannot"),
    (lambda: announced(OPENED, sources=LONG), LeafTooLargeError, "65535"),
    (lambda: Retraction("01586548-8000-7000-8000-000000000001", RetractionReason.WRONG), EntryNotFoundError, "no such"),
    (lambda: announced(OPENED, sources=SOURCE, note=None) if False else Correction(
        "01586548-8000-7000-8000-000000000001", PLAN, "a slip"), EntryNotFoundError, "no such"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "why"), REFUSED)
def test_what_can_never_be_right_leaves_the_ledger_as_before(
    any_ledger: Ledger, make: Callable[[], Any], error: type[Exception], why: str
) -> None:
    any_ledger.record(PLAN)
    before = (any_ledger.size, any_ledger.root)
    with pytest.raises(error, match=why):
        any_ledger.record(PLAN, make())
    assert (any_ledger.size, any_ledger.root) == before


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (announced(OPENED, sources=SOURCE, parties={"host": "KR", "participant": "KZ XX"}), "/1/parties/2/party"),
        (announced(OPENED, sources=SOURCE, stated_by="XX"), "/1/stated_by"),
        (announced(OPENED, sources=SOURCE, where=Where("XX", "nowhere")), "/1/where/country"),
        (announced(ev.RelationsEstablished("KR-XX"), sources=SOURCE), "/1/event/relationship"),
        (announced(ev.StatementMade("country:XX", "t"), sources=SOURCE), "/1/event/about"),
        (occurred(ev.MemberAdmitted("kcac", "SU"), when="2016", sources=SOURCE), "/1/event/party"),
        (occurred(OPENED, when="2016-11-22", sources=SOURCE), "/1/when"),
        (
            Correction(
                "01586548-8000-7000-8000-000000000001", announced(OPENED, sources=SOURCE, stated_by="XX"), "a slip"
            ),
            "/1/claim/stated_by",
        ),
    ],
)
def test_an_error_of_record_points_at_the_field(ledger: Ledger, body: Claim | Correction, where: str) -> None:
    with pytest.raises((UnknownCountryError, FutureOccurrenceError)) as caught:
        ledger.record(PLAN, body)
    assert caught.value.where == where
    assert caught.value.expected is not None


@pytest.mark.parametrize(
    ("body", "hint"),
    [([PLAN] * 3, "write record(*claims)"), ((PLAN,), "write record(*claims)"), ("x", "occurred(…)"), (OPENED, "…")],
)
def test_what_is_no_claim_is_shown_briefly(ledger: Ledger, body: Any, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        ledger.record(PLAN, body)
    assert caught.value.where == "/1"
    assert hint in str(caught.value.hint)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("subject", "words"),
    [("talks/1", "meeting:talks/1"), ("kr", "write 'KR'"), ("meeting:Talks", "off the grammar"), (None, "is text")],
)
def test_a_query_says_how_a_subject_is_named(subject: Any, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words) as caught:
        about(subject)
    assert caught.value.where == "subject"
    assert "party" not in caught.value.what


@pytest.mark.parametrize("when", ["2016-11-21", "2016", "2016-11", "../2018"])
def test_a_day_of_grace_and_imprecise_days_are_taken(ledger: Ledger, when: str) -> None:
    assert ledger.record(occurred(OPENED, when=when, sources=SOURCE)).size == 1


def test_nothing_is_nothing_to_record(ledger: Ledger) -> None:
    with pytest.raises(InvalidValueError, match="nothing to record"):
        ledger.record()


def test_a_registry_can_be_given() -> None:
    union = ISO_COUNTRIES.with_(Country("EU", "European Union"))
    with Ledger.in_memory(countries=union, clock=ticking(START)) as ledger:
        ledger.record(announced(OPENED, sources=SOURCE, parties={"host": "EU"}))
        assert ledger.relationships() == []
        assert ledger.subjects(kind="country") == ["country:EU"]


SLIP = "01586548-8000-7000-8000-000000000001"


def test_the_claim_of_a_correction_is_checked_like_any_other(ledger: Ledger) -> None:
    (target,) = ledger.record(PLAN).ids
    for claim, error in (
        (announced(OPENED, sources=SOURCE, stated_by="XX"), UnknownCountryError),
        (announced(OPENED, sources=SOURCE, parties={"host": "XX"}), UnknownCountryError),
        (occurred(OPENED, when="2016-11-22", sources=SOURCE), FutureOccurrenceError),
    ):
        with pytest.raises(error):
            ledger.record(Correction(target, claim, "a slip"))
    assert ledger.size == 1


class Odd(Decimal):
    """A number that writes itself as it likes."""

    def __format__(self, spec: str, context: Any = None) -> str:
        return "1.5e3"


def made_anew(kind: type, given: Any) -> Any:
    """The same value as an instance of a subclass of its class."""
    sub = attrs.frozen(type(f"Odd{kind.__name__}", (kind,), {}))
    return sub(**{field.name: getattr(given, field.name) for field in attrs.fields(kind)})


def test_values_are_of_exactly_their_class(ledger: Ledger) -> None:
    refused: list[Callable[[], Any]] = [
        lambda: ev.FundsReported("water", TransactionType.DISBURSEMENT, Odd("1500"), "USD"),
        lambda: Claim(Assertion.PLANNED, OPENED, when=made_anew(When, When("2017")), sources=(SOURCE,)),
        lambda: Claim(Assertion.PLANNED, OPENED, where=made_anew(Where, Where("KR")), sources=(SOURCE,)),
        lambda: Claim(Assertion.PLANNED, OPENED, sources=(made_anew(Source, SOURCE),)),
        lambda: Correction(SLIP, made_anew(Claim, PLAN), "a slip"),
        lambda: ledger.record(made_anew(Claim, PLAN)),
    ]
    for make in refused:
        with pytest.raises(InvalidValueError):
            make()
    assert ledger.size == 0


@pytest.mark.parametrize(
    ("clock", "day", "taken"),
    [
        (datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=9))), "2026-01-03", False),  # the 1st in UTC
        (datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=9))), "2026-01-02", True),
        (datetime(2026, 1, 2, 20, tzinfo=timezone(timedelta(hours=-9))), "2026-01-04", True),  # the 3rd in UTC
        (datetime(2026, 1, 2, 20, tzinfo=timezone(timedelta(hours=-9))), "2026-01-05", False),
    ],
)
def test_the_day_of_grace_is_one_of_utc(clock: datetime, day: str, taken: bool) -> None:
    claim = occurred(OPENED, when=day, sources=SOURCE)
    with Ledger.in_memory(clock=lambda: clock) as ledger:
        if taken:
            assert ledger.record(claim).recorded_at == clock
        else:
            with pytest.raises(FutureOccurrenceError):
                ledger.record(claim)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 1, 2),
        datetime.max.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-9))),
        datetime.min.replace(tzinfo=UTC),
        datetime(1969, 12, 31, tzinfo=UTC),
        "2026-01-02",
        None,
    ],
)
def test_a_clock_gives_aware_instants(now: Any) -> None:
    with Ledger.in_memory(clock=lambda: now) as ledger:
        with pytest.raises(InvalidValueError, match="clock"):
            ledger.record(PLAN)
        with pytest.raises(InvalidValueError, match="clock"):
            ledger.at(recorded="2016-11-15")
        assert ledger.size == 0


DOORS: list[Callable[[Ledger], Any]] = [
    lambda ledger: ledger.entry("\ud800"),
    lambda ledger: ledger.entry(5.0),  # type: ignore[arg-type]
    lambda ledger: ledger.entry(True),
    lambda ledger: ledger.entry(None),  # type: ignore[arg-type]
    lambda ledger: about("\ud800"),
    lambda ledger: about(5),  # type: ignore[arg-type]
    lambda ledger: about(None),  # type: ignore[arg-type]
    lambda ledger: published_by("\ud800"),
    lambda ledger: published_by(5),  # type: ignore[arg-type]
    lambda ledger: published_by(["x"]),  # type: ignore[arg-type]
    lambda ledger: of_type("\ud800"),
    lambda ledger: of_type("institution"),
    lambda ledger: of_type("InstitutionOpened"),
    lambda ledger: of_type(""),
    lambda ledger: ledger.subjects(name=5),  # type: ignore[arg-type]
    lambda ledger: ledger.subjects(part=5),  # type: ignore[arg-type]
    lambda ledger: ledger.subjects(name="\ud800"),
    lambda ledger: ledger.subjects(kind=[]),  # type: ignore[arg-type]
    lambda ledger: ledger.subjects(kind=5),  # type: ignore[arg-type]
    lambda ledger: ledger.entries("KZ"),  # type: ignore[arg-type]
    lambda ledger: ledger.entries(size="9"),  # type: ignore[arg-type]
    lambda ledger: ledger.entries(after=1.5),  # type: ignore[arg-type]
    lambda ledger: Unchanged("institution:x", since=0),  # type: ignore[arg-type]
    lambda ledger: ledger.record(PLAN, condition=Unchanged(everything(), since=2**70)),
    lambda ledger: ledger.at(size=2**70),
    lambda ledger: Ledger.open("a\0b"),
    lambda ledger: Ledger.open(5),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("number", range(len(DOORS)))
def test_a_door_refuses_with_an_error_of_its_own(any_ledger: Ledger, number: int) -> None:
    any_ledger.record(PLAN)
    with pytest.raises(InvalidValueError):
        DOORS[number](any_ledger)
    assert any_ledger.size == 1


def test_numbers_beyond_the_log_are_taken_to_its_ends(any_ledger: Ledger) -> None:
    any_ledger.record(PLAN, PLAN)
    assert len(list(any_ledger.entries(size=2**70, after=-(2**70)))) == 2
    assert list(any_ledger.entries(after=2**70)) == list(any_ledger.entries(size=-(2**70))) == []


def test_a_wire_name_of_a_later_version_finds_nothing_and_is_no_fault(ledger: Ledger) -> None:
    assert list(ledger.entries(of_type("institution.teleported"))) == []


# what another wrote into the file

FORGED = b"CAST(replace(CAST(blob AS TEXT), 'said at the forum', 'lie') AS BLOB)"


@pytest.mark.parametrize("once", [None, "key"])
def test_a_forged_text_is_never_read_as_recorded(tmp_path: Path, once: str | None) -> None:
    """It is shorter, so that the triggers take it; the commitment in the leaf does not."""
    path = tmp_path / "x.db"
    with Ledger.open(path, origin="x.example/1", clock=ticking(START)) as ledger:
        (entry_id,) = ledger.record(PLAN, once=once).ids
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(f"UPDATE openings SET blob = {FORGED.decode()} WHERE position = 0")
        lie = announced(OPENED, when="2017", sources=SOURCE, note="lie")
        reads: list[Callable[[], Any]] = [
            lambda: list(ledger.entries()),
            lambda: ledger.entry(entry_id),
            lambda: ledger.institution("kcac"),
            lambda: ledger.institutions(),
            lambda: ledger.at(recorded="2016-11-20T08:00:00Z"),
        ]
        if once is not None:
            reads += [lambda: ledger.record(PLAN, once=once), lambda: ledger.record(lie, once=once)]
        for read in reads:
            with pytest.raises(CommitmentError):
                read()
