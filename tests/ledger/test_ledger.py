"""The facade: recording, conditions, keys, reading, and what is refused with the ledger as before."""

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
    AlreadyRecorded,
    Assertion,
    Claim,
    Correction,
    Country,
    Duplicate,
    Ledger,
    Merge,
    Projection,
    Query,
    Retraction,
    RetractionReason,
    Source,
    SubjectId,
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
    proposed,
    published_by,
)
from coop_ledger import events as ev
from coop_ledger.domain import Act, Entry, country_parties, subjects_of, targets_of
from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    FutureOccurrenceError,
    InvalidValueError,
    LeafTooLargeError,
    LedgerClosedError,
    ReusedKeyError,
    StoreError,
    UnknownCountryError,
    UnknownEventTypeError,
    WrongOriginError,
)
from coop_ledger.ids import entry_ids
from coop_ledger.projections import INITIATIVE, RELATIONSHIP, project
from coop_ledger.testing import claims, histories, ticking

SOURCE = Source("Korea.net", When("2016-11-18"))
OPENED = ev.InstitutionOpened("kcac")
PLAN = announced(OPENED, when="2017", sources=SOURCE, note="said at the forum")
START = datetime(2016, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.in_memory(clock=ticking(START))


@pytest.fixture(params=["memory", "file"])
def any_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        with Ledger.in_memory(clock=ticking(START), recorder="tester") as found:
            yield found
    else:
        with Ledger.open(tmp_path / "x.db", origin="x.example/1", clock=ticking(START), recorder="tester") as found:
            yield found


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


# keys


def test_the_same_call_under_one_key_records_once(any_ledger: Ledger) -> None:
    more = occurred(ev.StatuteAdopted("kcac"), when="2016-11-15", sources=SOURCE)
    first = any_ledger.record(PLAN, more, once="import 1")
    assert not isinstance(first, AlreadyRecorded)
    again = any_ledger.record(PLAN, more, once="import 1")
    assert isinstance(again, AlreadyRecorded)
    assert (again.ids, again.positions, again.recorded_at) == (first.ids, first.positions, first.recorded_at)
    assert again.receipt == first
    assert any_ledger.size == 2
    entry = next(any_ledger.entries())
    assert entry.once is not None
    assert (entry.once.key, entry.once.index, entry.once.count) == ("import 1", 0, 2)


CHANGED: list[tuple[tuple[Claim | Act, ...], str]] = [
    ((attrs.evolve(PLAN, note="said elsewhere"),), "/0/note"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, note=None),), "/0/note"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, when=When("2018")),), "/0/when"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, sources=(SOURCE, Source("Yonhap"))),), "/0/sources"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, sources=(Source("Yonhap", When("2016-11-18")),)),), "/0/sources/0/publisher"),  # type: ignore[misc]
    ((PLAN, PLAN), "the number of entries: 1 then, 2 now"),
    ((Merge(("initiative:a",), "initiative:b", "one"),), "/0/body"),
]


@pytest.mark.parametrize(("bodies", "field"), CHANGED)
def test_a_key_never_covers_other_content(any_ledger: Ledger, bodies: tuple[Claim | Act, ...], field: str) -> None:
    any_ledger.record(PLAN, once="key")
    root = any_ledger.root
    with pytest.raises(ReusedKeyError) as caught:
        any_ledger.record(*bodies, once="key")
    assert any(found.startswith(field) for found in caught.value.fields)
    assert caught.value.key == "key"
    assert any_ledger.root == root


def test_acts_of_equal_fields_are_not_the_same(ledger: Ledger) -> None:
    one, other = ledger.record(PLAN, PLAN).ids
    ledger.record(Duplicate(other, one), once="act")
    assert isinstance(ledger.record(Duplicate(other, one), once="act"), AlreadyRecorded)
    with pytest.raises(ReusedKeyError):
        ledger.record(Duplicate(one, other), once="act")


def test_a_quicker_writer_with_the_same_key(tmp_path: Path) -> None:
    """Both saw no such key; the store tells the second one, and the ledger compares."""
    path = tmp_path / "race.db"
    with Ledger.open(path, origin="race.example/1", clock=ticking(START)) as one, Ledger.open(path) as other:
        drafts = other._drafts

        def late(*arguments: Any) -> Any:
            one.record(PLAN, once="key")
            return drafts(*arguments)

        other._drafts = late  # type: ignore[method-assign, assignment]
        assert isinstance(other.record(PLAN, once="key"), AlreadyRecorded)
        assert one.size == 1


@pytest.mark.parametrize("key", ["", " key", "a\nb", "x" * 201, 7])
def test_keys_are_short_lines(ledger: Ledger, key: Any) -> None:
    with pytest.raises(InvalidValueError):
        ledger.record(PLAN, once=key)
    assert ledger.size == 0


# conditions


def test_a_condition_is_about_what_was_read(any_ledger: Ledger) -> None:
    size = any_ledger.size
    create_once = Unchanged(about("institution:kcac"), since=size)
    any_ledger.record(PLAN, condition=create_once)
    with pytest.raises(AppendConflictError) as caught:
        any_ledger.record(PLAN, condition=create_once)
    assert (caught.value.positions, caught.value.since) == ((0,), 0)
    other = Unchanged(about("initiative:water"), since=0)
    fresh = Unchanged(about("institution:kcac"), since=any_ledger.size)
    assert any_ledger.record(PLAN, condition=other & fresh).size == 2
    with pytest.raises(AppendConflictError):
        any_ledger.record(PLAN, condition=other & fresh)
    with pytest.raises(InvalidValueError, match="do not exist yet"):
        any_ledger.record(PLAN, condition=Unchanged(everything(), since=99))
    assert any_ledger.size == 2


@pytest.mark.parametrize("since", [-1, True, 1.0, None])
def test_since_is_a_size(since: Any) -> None:
    with pytest.raises(InvalidValueError, match="size"):
        Unchanged(everything(), since=since)


def test_conditions_are_made_by_unchanged(ledger: Ledger) -> None:
    with pytest.raises(InvalidValueError, match="Unchanged"):
        ledger.record(PLAN, condition=about("KZ"))  # type: ignore[arg-type]


# what can never be right


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
    """Acts keep naming entries, under the ids that they have here; states are those of the history's claims."""
    with Ledger.in_memory(clock=ticking(datetime(2031, 1, 1, tzinfo=UTC))) as ledger:
        ids: dict[str, str] = {}
        for entry in history:
            body: Any = entry.body
            names = {name: getattr(body, name) for name in ("target", "of", "chosen", "claims") if hasattr(body, name)}
            moved = {
                name: tuple(ids[one] for one in value) if isinstance(value, tuple) else value and ids[value]
                for name, value in names.items()
            }
            (ids[entry.id],) = ledger.record(attrs.evolve(body, **moved)).ids
        assert ledger.size == len(history)
        assert set(ledger.project(INITIATIVE)) == set(project(INITIATIVE, history))


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
