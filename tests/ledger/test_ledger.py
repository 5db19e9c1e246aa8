"""The facade: recording, reading, opening and closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import (
    ISO_COUNTRIES,
    Assertion,
    Claim,
    Correction,
    Ledger,
    Merge,
    Projection,
    Query,
    Retraction,
    RetractionReason,
    Source,
    SubjectId,
    about,
    announced,
    everything,
    occurred,
    of_type,
    proposed,
    published_by,
)
from coop_ledger import events as ev
from coop_ledger.domain import Entry, country_parties, may_touch, subjects_of, targets_of
from coop_ledger.errors import (
    EntryNotFoundError,
    InvalidValueError,
    LedgerClosedError,
    StoreError,
    UnknownEventTypeError,
    WrongOriginError,
)
from coop_ledger.ids import entry_ids
from coop_ledger.projections import INITIATIVE, RELATIONSHIP, project
from coop_ledger.testing import claims, histories, ticking
from tests.ledger.support import OPENED, PLAN, SOURCE, START


def test_what_is_recorded_is_read(any_ledger: Ledger) -> None:
    receipt = any_ledger.record(PLAN, occurred(ev.StatuteAdopted("kcac"), when="2016-11-15", sources=SOURCE))
    assert (receipt.positions, receipt.size, receipt.root) == ((0, 1), 2, any_ledger.root)
    first, second = any_ledger.entries()
    assert first == any_ledger.entry(receipt.ids[0])
    assert (first.body, first.recorder, first.once, first.clamped) == (PLAN, "tester", None, False)
    assert (first.recorded_at, second.position) == (receipt.recorded_at, 1)
    assert first.id < second.id
    assert any_ledger.institution("kcac") == any_ledger.institution("institution:kcac")
    assert [found.subject for found in any_ledger.institutions()] == ["institution:kcac"]


known = claims().filter(
    lambda claim: (
        all(code in ISO_COUNTRIES for code in country_parties(claim))
        and (
            claim.assertion not in (Assertion.OCCURRED, Assertion.HOLDS)
            or claim.when is None
            or (claim.when.earliest or START.date()) <= START.date()
        )
    )
)


@settings(max_examples=30)
@given(st.lists(known, min_size=1, max_size=4))
def test_every_claim_comes_back_and_is_found_by_what_it_is_about(given: list[Claim]) -> None:
    with Ledger.in_memory(clock=ticking(START)) as ledger:
        ledger.record(*given)
        assert [entry.body for entry in ledger.entries()] == given
        for subject in {subject for claim in given for subject in subjects_of(claim)}:
            expected = [at for at, claim in enumerate(given) if subject in subjects_of(claim)]
            assert [entry.position for entry in ledger.entries(about(subject))] == expected
        for claim in given:
            positions = [at for at, other in enumerate(given) if type(other.event) is type(claim.event)]
            assert [entry.position for entry in ledger.entries(of_type(type(claim.event)))] == positions
        source = given[0].sources[0]
        assert 0 in [entry.position for entry in ledger.entries(published_by(f" {source.publisher} "))]


@settings(max_examples=30)
@given(st.lists(known, min_size=1, max_size=5))
def test_reading_one_subject_is_reading_all_and_choosing(given: list[Claim]) -> None:
    with Ledger.in_memory(clock=ticking(START)) as ledger:
        ledger.record(*given)
        everything_read = ledger.project(INITIATIVE)
        assert {state.subject: state for state in ledger.initiatives()} == everything_read
        for subject, state in everything_read.items():
            assert ledger.initiative(subject) == state
        for pair in ledger.relationships():
            assert ledger.relationship(*pair.countries) == pair


def test_queries_are_an_algebra(ledger: Ledger) -> None:
    ledger.record(
        occurred(ev.PartnerJoined("water", "KZ"), when="2016", sources=SOURCE),
        occurred(ev.PartnerJoined("water", "KG"), when="2016", sources=SOURCE),
        PLAN,
    )

    def found(query: Query) -> list[int]:
        return [entry.position for entry in ledger.entries(query)]

    assert found(about("initiative:water") & about("KZ")) == [0]
    assert found(about("KZ") | about("country:KG")) == [0, 1]
    assert found((about("KZ") | about("KG")) & of_type("initiative.partner-joined")) == [0, 1]
    assert found(everything()) == [0, 1, 2]
    assert [entry.position for entry in ledger.entries(after=0, size=2)] == [1]
    assert about("KZ") & about("KZ") == about("KZ") == about("KZ") | about("KZ")
    for bad in ("kz", "country:kz", "water:x"):
        with pytest.raises(InvalidValueError):
            about(bad)
    with pytest.raises(UnknownEventTypeError):
        of_type(Source)  # type: ignore[arg-type]


# acts


def test_acts_are_found_from_what_their_targets_are_about(any_ledger: Ledger) -> None:
    (target,) = any_ledger.record(PLAN).ids
    corrected = announced(ev.InstitutionOpened("other"), when="2017", sources=SOURCE)
    (correction,) = any_ledger.record(Correction(target, corrected, "a slip of the pen")).ids
    any_ledger.record(Retraction(correction, RetractionReason.WRONG))
    assert [entry.position for entry in any_ledger.entries(about("institution:kcac"))] == [0, 1, 2]
    assert [entry.position for entry in any_ledger.entries(about("institution:other"))] == [1, 2]
    found = any_ledger.entry(correction).body
    assert isinstance(found, Correction)
    assert (found.claim, found.reason, targets_of(found)) == (corrected, "a slip of the pen", (target,))
    assert any_ledger.institution("kcac").positions == (0,)


@settings(max_examples=20)
@given(histories(min_size=1))
def test_whole_histories_can_be_recorded(history: list[Entry]) -> None:
    """Acts keep naming entries, under the ids that they have here; states are those of what is recorded."""
    recorded: list[Entry] = []
    with Ledger.in_memory(clock=ticking(datetime(2031, 1, 1, tzinfo=UTC))) as ledger:
        ids: dict[str, str] = {}
        bodies = {entry.id: entry.body for entry in history}
        for entry in history:
            body: Any = entry.body
            named = targets_of(body)
            if not all(one in ids and may_touch(body, bodies[one]) for one in named):
                continue  # what the ledger refuses
            names = {name: getattr(body, name) for name in ("target", "of", "chosen", "claims") if hasattr(body, name)}
            moved = {
                name: tuple(ids[one] for one in value) if isinstance(value, tuple) else value and ids[value]
                for name, value in names.items()
            }
            (ids[entry.id],) = ledger.record(attrs.evolve(body, **moved)).ids
            recorded.append(entry)
        assert ledger.size == len(recorded)
        assert set(ledger.project(INITIATIVE)) == set(project(INITIATIVE, recorded))


# reading


def test_a_relationship_that_is_only_a_party_reads_as_one_of_which_nothing_is_known(ledger: Ledger) -> None:
    started = ev.InitiativeStarted("alpha")
    ledger.record(occurred(started, when="2016", parties={"participant": "relationship:KG-UZ"}, sources=SOURCE))
    assert "relationship:KG-UZ" in ledger.subjects()
    assert ledger.relationship("KG", "UZ").claims == ()
    with pytest.raises(EntryNotFoundError):
        ledger.relationship("KG", "TJ")


def test_claims_of_merged_subjects_read_through_the_index_as_in_a_fold(ledger: Ledger) -> None:
    started = ev.InitiativeStarted("alpha")
    ledger.record(occurred(started, when="2016", parties={"participant": "KR KZ"}, sources=SOURCE))
    for old, new in (("alpha", "beta"), ("beta", "gamma")):
        merge = ledger.record(Merge((f"initiative:{old}",), f"initiative:{new}", "two names of one"))
    assert ledger.relationship("KR", "KZ") == ledger.project(RELATIONSHIP)[SubjectId("relationship:KR-KZ")]
    assert {m.id.subject for m in ledger.relationship("KR", "KZ").milestones} == {"initiative:gamma"}
    ledger.record(Retraction(merge.ids[0], RetractionReason.WRONG))
    assert ledger.relationship("KR", "KZ") == ledger.project(RELATIONSHIP)[SubjectId("relationship:KR-KZ")]
    assert ledger.subjects(kind="initiative") == ["initiative:beta", "initiative:gamma"]


def test_merges_that_disagree_are_told_of_the_subjects_that_they_concern(ledger: Ledger) -> None:
    for slug in ("alpha", "beta"):
        ledger.record(occurred(ev.InitiativeStarted(slug), when="2016", sources=SOURCE))
    ledger.record(PLAN)
    for into in ("beta", "gamma"):
        ledger.record(Merge(("initiative:alpha",), f"initiative:{into}", "two names of one"))
    assert (3, 4) in [anomaly.positions for anomaly in ledger.anomalies("initiative:beta")]
    assert ledger.anomalies("institution:kcac") == []


def test_unknown_subjects_are_told_with_the_near_ones(ledger: Ledger) -> None:
    ledger.record(PLAN)
    with pytest.raises(EntryNotFoundError, match="did you mean institution:kcac"):
        ledger.institution("kcak")
    with pytest.raises(EntryNotFoundError, match="subjects"):
        ledger.initiative("water")
    for read in (
        lambda: ledger.meeting("x"),
        lambda: ledger.series("x"),
        lambda: ledger.visit("x"),
        lambda: ledger.agreement("x"),
        lambda: ledger.name("KR"),
        lambda: ledger.relationship("KR", "KZ"),
        lambda: ledger.entry("x"),
    ):
        with pytest.raises(EntryNotFoundError) as caught:
            read()
        assert isinstance(caught.value, LookupError)
    for bad in (
        lambda: ledger.institution("initiative:x"),
        lambda: ledger.relationship("KR", "KR"),
        lambda: ledger.name("x"),
    ):
        with pytest.raises(InvalidValueError):
            bad()


def test_lists_are_filtered(ledger: Ledger) -> None:
    ledger.record(
        announced(ev.InitiativeStarted("water"), sources=SOURCE, parties={"implementing": "KR"}),
        announced(ev.InitiativeStarted("health"), sources=SOURCE, parties={"implementing": "institution:kf"}),
        occurred(ev.SectorsClassified("initiative:water", ev_vocabulary(), (ev.SectorShare("14010"),)), sources=SOURCE),
        announced(ev.MeetingHeld("forum/10", series="forum"), sources=SOURCE, parties={"host": "KR"}),
        announced(ev.MeetingHeld("talks"), sources=SOURCE, parties={"host": "KZ"}),
        announced(ev.AgreementSigned("mou"), sources=SOURCE, parties={"signatory": "KR KZ"}),
        announced(ev.VisitPaid("tour"), sources=SOURCE),
        occurred(ev.NameUsed("initiative:water", "Smart Water"), sources=SOURCE),
        occurred(ev.NameUsed("country:KR", "Korea"), sources=SOURCE),
    )

    def ids(states: Any) -> list[str]:
        return [state.subject for state in states]

    assert ids(ledger.initiatives(party="KR")) == ["initiative:water"]
    assert ids(ledger.initiatives(party="institution:kf")) == ["initiative:health"]
    assert ids(ledger.initiatives(sector="14010")) == ["initiative:water"]
    assert ids(ledger.meetings(series="forum")) == ["meeting:forum/10"]
    assert ids(ledger.meetings(party="KZ")) == ["meeting:talks"]
    assert ids(ledger.meetings()) == ["meeting:forum/10", "meeting:talks"]
    assert ids(ledger.agreements(party="KZ")) == ["agreement:mou"]
    assert ids(ledger.agreements(party="KG")) == []
    assert ids(ledger.relationships()) == ["relationship:KR-KZ"]
    assert ledger.series("series:forum").sessions[0].meeting == "meeting:forum/10"
    assert ledger.visit("tour").subject == "visit:tour"
    assert ledger.agreement("mou").subject == "agreement:mou"
    assert ledger.meeting("talks").subject == "meeting:talks"
    assert ledger.name("KR").current[0].name == "Korea"
    assert ledger.subjects(kind="initiative") == ["initiative:health", "initiative:water"]
    assert ledger.subjects(name="SMART  water") == ["initiative:water"]
    assert ledger.subjects(kind="meeting", name="smart water") == []
    assert ledger.subjects(part="ART ") == ["initiative:water"]
    assert ledger.subjects(part="art", name="Korea") == []
    assert "country:KZ" in ledger.subjects()
    with pytest.raises(InvalidValueError, match="no such kind"):
        ledger.subjects(kind="project")


def ev_vocabulary() -> Any:
    from coop_ledger import SectorVocabulary

    return SectorVocabulary.DAC_PURPOSE


def test_a_projection_of_ones_own(ledger: Ledger) -> None:
    ledger.record(PLAN, proposed(OPENED, sources=SOURCE))
    counted = Projection("count", 1, lambda entry: subjects_of(entry.body), lambda _: 0, lambda state, _: state + 1)
    assert ledger.project(counted) == {"institution:kcac": 2}


def test_entries_read_in_pages_are_all_entries(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "many.db", origin="many.example/1", clock=ticking(START)) as ledger:
        ledger.record(*[PLAN] * 2_345)
        assert [entry.position for entry in ledger.entries()] == list(range(2_345))
        entries = ledger.entries()
        next(entries)
        ledger.record(PLAN)
        assert sum(1 for _ in entries) == 2_344


# opening and closing


def test_origins_recorders_and_files(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    for origin in ("", "a b", "x+y", "é", "x" * 201, 7):
        with pytest.raises(InvalidValueError, match="origin"):
            Ledger.open(path, origin=origin)  # type: ignore[arg-type]
    for recorder in ("", " x", "é", "x" * 65, None):
        with pytest.raises(InvalidValueError, match="recorder"):
            Ledger.open(path, origin="x.example/1", recorder=recorder)  # type: ignore[arg-type]
    assert not path.exists()
    with Ledger.open(path, origin="x.example/1") as ledger:
        ledger.record(PLAN)
        ledger.backup(tmp_path / "copy.db")
        assert ledger.origin == "x.example/1"
    with Ledger.open(tmp_path / "copy.db", readonly=True) as copy:
        assert (copy.size, copy.root) == (1, ledger_root(path))
    with pytest.raises(WrongOriginError):
        Ledger.open(path, origin="y.example/1")


def ledger_root(path: Path) -> bytes:
    with Ledger.open(path, readonly=True) as ledger:
        return ledger.root


def test_a_ledger_in_memory_has_no_file(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no file"):
        ledger.backup(tmp_path / "x.db")


def test_closed_is_closed(any_ledger: Ledger) -> None:
    any_ledger.record(PLAN)
    any_ledger.close()
    any_ledger.close()
    uses: list[Callable[[], Any]] = [
        lambda: any_ledger.record(PLAN),
        lambda: any_ledger.size,
        lambda: any_ledger.institution("kcac"),
        lambda: list(any_ledger.entries()),
    ]
    for use in uses:
        with pytest.raises(LedgerClosedError):
            use()


def test_a_clock_that_goes_back_is_clamped_and_marked() -> None:
    with Ledger.in_memory(clock=ticking(START, timedelta(hours=-1))) as ledger:
        ledger.record(PLAN)
        ledger.record(PLAN)
        first, second = ledger.entries()
        assert (first.clamped, second.clamped) == (False, True)
        assert first.recorded_at == second.recorded_at


@given(st.datetimes(datetime(1970, 1, 1), datetime(3000, 1, 1)), st.binary(min_size=10, max_size=10))
def test_ids_are_uuids_of_their_time_and_follow_each_other(now: datetime, seed: bytes) -> None:
    import uuid

    instant = now.replace(tzinfo=UTC)
    ids = entry_ids(instant, seed)
    found = [next(ids) for _ in range(5)]
    assert found == sorted(set(found))
    for text in found:
        value = uuid.UUID(text)
        assert (value.version, value.variant) == (7, uuid.RFC_4122)
        assert abs((value.int >> 80) / 1000 - instant.timestamp()) < 0.002


def test_salts_differ_and_runs_can_be_repeated() -> None:
    def run(draw: Callable[[int], bytes]) -> bytes:
        with Ledger.in_memory(clock=ticking(START), draw=draw) as ledger:
            return ledger.record(PLAN, PLAN).root

    assert run(bytes) == run(bytes)
    import os

    assert run(os.urandom) != run(os.urandom)
