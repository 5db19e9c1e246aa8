"""Claims as they count, entries by position, histories, names of persons: what the page of questions asks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import (
    AnomalyCode,
    Correction,
    Duplicate,
    Ledger,
    Merge,
    Retraction,
    RetractionReason,
    SectorVocabulary,
    Source,
    When,
    Where,
    about,
    announced,
    denied,
    everything,
    occurred,
    of_type,
    published_by,
)
from coop_ledger import events as ev
from coop_ledger.domain import Entry, subjects_of
from coop_ledger.errors import EntryNotFoundError, InvalidValueError
from coop_ledger.projections import Ladder
from coop_ledger.testing import days, histories
from tests.ledger.support import History

GAZETTE, HERALD = Source("Gazette", When("2018-01-02")), Source("Herald", When("2018-03-01"))
TRAINING, SEMINAR = ev.InitiativeStarted("water-training"), ev.InitiativeStarted("water-seminar")


@settings(max_examples=100)
@given(histories(min_size=2), st.none() | days(), st.integers(0, 8))
def test_claims_of_a_query_are_those_that_a_full_reading_finds(
    history: list[Entry], published: date | None, size: int
) -> None:
    found = History(history)
    size = min(size, len(history))
    known, effects = found.effects(size, published)
    counting = [effective for entry in known if (effective := effects.apply(entry)) is not None]
    view = found.ledger.at(size=size, published=published)
    assert view.claims() == view.claims(everything()) == counting
    for subject in {subject for effective in counting for subject in subjects_of(effective.claim)}:
        assert view.claims(about(subject)) == [one for one in counting if subject in subjects_of(one.claim)]
    for kind in {type(effective.claim.event) for effective in counting}:
        assert view.claims(of_type(kind)) == [one for one in counting if isinstance(one.claim.event, kind)]


@settings(max_examples=100)
@given(histories(min_size=2), st.none() | days())
def test_a_history_is_the_entry_and_all_acts_that_shape_it(history: list[Entry], published: date | None) -> None:
    found = History(history)
    view = found.ledger.at(published=published)
    for entry in view.entries():
        told = view.history(entry.position)
        assert told == view.history(entry.id)
        assert told[0] == entry
        shaped = [one for one in view.claims() if one.id == entry.id]
        assert not shaped or tuple(act.id for act in told[1:]) == shaped[0].shaped_by


def test_claims_follow_corrections_and_merges() -> None:
    ledger = Ledger.in_memory()
    ids = ledger.record(
        announced(TRAINING, when="2018", sources=GAZETTE), occurred(SEMINAR, when="2018-02", sources=HERALD)
    ).ids
    moved = announced(ev.InitiativeStarted("medicine"), when="2018", sources=GAZETTE)
    correction = ledger.record(Correction(ids[0], moved, "Another course.")).ids[0]
    ledger.record(Merge(("initiative:water-seminar",), "initiative:water-training", "One course."))
    assert [one.position for one in ledger.claims(about("initiative:medicine"))] == [0]
    assert [one.position for one in ledger.claims(about("initiative:water-training"))] == [1]
    assert [one.position for one in ledger.claims(about("initiative:water-seminar") & published_by("herald"))] == [1]
    assert [entry.position for entry in ledger.history(ids[1])] == [1, 3]
    ledger.record(Retraction(correction, RetractionReason.WRONG))
    assert [one.position for one in ledger.claims(about("initiative:water-training"))] == [0, 1]
    assert [entry.position for entry in ledger.history(0)] == [0, 2, 4]
    assert [entry.position for entry in ledger.history(correction)] == [2, 4]


def test_claims_leave_out_what_was_taken_back_or_repeats() -> None:
    ledger = Ledger.in_memory()
    ids = ledger.record(*(occurred(TRAINING, when="2018", sources=source) for source in (GAZETTE, GAZETTE, HERALD))).ids
    ledger.record(Duplicate(ids[1], ids[0]), Retraction(ids[2], RetractionReason.WRONG))
    assert [one.position for one in ledger.claims(of_type(ev.InitiativeStarted))] == [0]
    assert len(list(ledger.entries(of_type(ev.InitiativeStarted)))) == 3


def test_an_entry_by_its_position_as_far_as_it_is_known() -> None:
    ledger = Ledger.in_memory()
    ledger.record(announced(TRAINING, sources=GAZETTE), announced(SEMINAR, sources=HERALD))
    assert ledger.entry(1).body == announced(SEMINAR, sources=HERALD)
    assert ledger.entry(ledger.entry(0).id) == ledger.entry(0)
    for reader, position in ((ledger, 2), (ledger, -1), (ledger.at(size=1), 1), (ledger.at(published="2018-02-01"), 1)):
        with pytest.raises(EntryNotFoundError, match="position"):
            reader.entry(position)
    with pytest.raises(InvalidValueError):
        ledger.claims("initiative:water-training")  # type: ignore[arg-type]


def test_persons_are_found_by_every_spelling() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        occurred(ev.PersonNamed("p-1", "Park Na-ri"), sources=GAZETTE),
        occurred(
            ev.DelegationAttended("forum/1", "KR", head="p-1", head_as_written="Bak Nari"),
            when="2018-01-01",
            sources=GAZETTE,
        ),
        denied(ev.PersonNamed("p-2", "Park Na-ri"), sources=GAZETTE),
        occurred(
            ev.DelegationAttended("forum/1", "KZ", head_as_written="Bak Nari"), when="2018-01-01", sources=GAZETTE
        ),
    )
    for name in ("park na-ri", "Ｂak Nari"):
        assert ledger.subjects(kind="person", name=name) == ["person:p-1"]
    assert ledger.subjects(kind="person", name="Nobody") == []


def test_a_claim_is_about_the_place_where_it_happened() -> None:
    ledger = Ledger.in_memory()
    held = ev.MeetingHeld("talks/1", "talks")
    ledger.record(occurred(held, when="2018-01-01", where=Where("KZ", "astana"), sources=GAZETTE))
    assert [one.position for one in ledger.claims(about("place:astana"))] == [0]
    assert ledger.subjects(kind="place") == ["place:astana"]


def test_latencies_and_sectors_are_asked_of_one_or_of_all() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        occurred(TRAINING, when="2018-01-01", sources=GAZETTE), occurred(SEMINAR, when="2018-02-28", sources=HERALD)
    )
    assert [late.source.publisher for late in ledger.latencies()] == ["Herald", "Gazette"]
    assert [late.source.publisher for late in ledger.latencies("initiative:water-training")] == ["Gazette"]
    assert ledger.at(published="2018-02-01").latencies() == ledger.latencies("initiative:water-training")
    fair, shares = ev.InitiativeStarted("fair"), (ev.SectorShare("33210"),)
    ledger.record(
        announced(fair, when="2018", parties={"participant": "KR KZ"}, sources=GAZETTE),
        occurred(ev.SectorsClassified("initiative:fair", SectorVocabulary.DAC_PURPOSE, shares), sources=GAZETTE),
    )
    assert [row.country for row in ledger.sectors()] == ["KR", "KZ"]
    assert [row.country for row in ledger.sectors(country="KZ")] == ["KZ"]


def test_many_claims_count_as_each_alone_does() -> None:
    ledger = Ledger.in_memory()
    claims = [announced(ev.InitiativeStarted(f"fair-{at % 40}"), when="2018", sources=GAZETTE) for at in range(240)]
    ids = ledger.record(*claims).ids
    ledger.record(*(Retraction(ids[at], RetractionReason.WRONG) for at in range(0, 240, 7)))
    alone = [one for at in range(40) for one in ledger.claims(about(f"initiative:fair-{at}"))]
    assert ledger.claims() == sorted(alone, key=lambda one: one.position)
    assert [one.position for one in ledger.claims()] == [at for at in range(240) if at % 7]


def test_a_claim_is_found_by_the_type_that_a_correction_gave_it() -> None:
    ledger = Ledger.in_memory()
    wrong = ledger.record(announced(TRAINING, when="2018", sources=GAZETTE), announced(SEMINAR, sources=GAZETTE)).ids[0]
    right = announced(ev.InitiativeAdopted("water-training"), when="2018", sources=GAZETTE)
    ledger.record(Correction(wrong, right, "It was decided, not begun."))
    assert [one.position for one in ledger.claims(of_type(ev.InitiativeAdopted))] == [0]
    assert [one.position for one in ledger.claims(of_type(ev.InitiativeAdopted) & published_by("Gazette"))] == [0]
    assert [one.position for one in ledger.claims(of_type(ev.InitiativeStarted))] == [1]


@pytest.mark.parametrize(
    ("ask", "where"),
    [
        (lambda ledger: ledger.why("initiative:water-training", 3), "field"),
        (lambda ledger: ledger.why("initiative:water-training", None), "field"),
        (lambda ledger: ledger.why("initiative:water-training", "status", projection="initiative"), "projection"),
        (lambda ledger: ledger.why("initiative:water-training", "milestones.²"), "milestones.²"),
        (lambda ledger: ledger.diff(None, ledger), "before"),
        (lambda ledger: ledger.diff(ledger, "2018"), "after"),
        (lambda ledger: ledger.silent(since="2019-01-02", on="2019-01-01"), "since"),
        (lambda ledger: ledger.sectors(country="Korea"), "country"),
        (lambda ledger: ledger.sectors(country=4), "country"),
        (lambda ledger: ledger.anomalies(ladders=["strategic"]), "ladders"),
    ],
)
def test_a_question_that_is_none_is_refused(ask: Any, where: str) -> None:
    ledger = Ledger.in_memory()
    ledger.record(announced(TRAINING, when="2018", sources=GAZETTE))
    with pytest.raises(InvalidValueError) as caught:
        ask(ledger)
    assert caught.value.where == where


def test_a_lower_level_is_flagged_on_the_ladder_that_somebody_gives() -> None:
    ledger = Ledger.in_memory()
    for level, year in (("strategic partnership", "2009"), ("good neighbours", "2015")):
        declared = ev.LevelDeclared("KR-KZ", level)
        ledger.record(occurred(declared, when=year, sources=GAZETTE, parties={"declarer": "KR"}))
    ladder = Ladder("KR", ("good neighbours", "strategic partnership"))
    assert ledger.anomalies() == ledger.anomalies(ladders=[Ladder("KZ", ladder.levels)]) == []
    (found,) = ledger.anomalies(ladders=[ladder])
    assert (found.code, found.positions) == (AnomalyCode.LEVEL_NOT_RAISED, (0, 1))
    assert ledger.anomalies("relationship:KR-KZ", ladders=[ladder]) == [found]
    assert ledger.anomalies("country:KR", ladders=[ladder]) == []


def test_a_difference_names_the_correction_whose_source_was_not_out() -> None:
    ledger = Ledger.in_memory()
    slip = ledger.record(announced(TRAINING, when="2018", sources=GAZETTE)).ids[0]
    right = announced(TRAINING, when="2019", sources=GAZETTE)
    ledger.record(Correction(slip, right, "A misprint.", sources=(HERALD,)))
    changes = ledger.diff(ledger.at(published="2018-02-01"), ledger, "initiative:water-training")
    assert [(change.before, change.after, change.entries) for change in changes if change.field == "target.target"] == [
        ("2018", "2019", (0, 1))
    ]
