"""Redactions: what goes and what stays, what is refused, and what is left in the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coop_ledger import (
    REDACTED,
    AlreadyRecorded,
    Assertion,
    Claim,
    Correction,
    Duplicate,
    Ledger,
    Merge,
    Redaction,
    Resolution,
    Retraction,
    RetractionReason,
    SealedState,
    Source,
    Unchanged,
    about,
    announced,
    everything,
    occurred,
)
from coop_ledger.codec import encode, erasure_of, sealed_paths
from coop_ledger.domain import Act
from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    InvalidValueError,
    ReusedKeyError,
    StoreError,
)
from coop_ledger.redaction import target_of
from coop_ledger.stores import Draft, MemoryStore
from coop_ledger.testing import claims, ticking
from coop_ledger.testing.redactions import erased, with_texts
from tests.ledger.support import LATE, OPENED, PLAN, START, AnyCountry

NOWHERE = "01586548-8000-7000-8000-000000000001"
NOTE = "Miss Kim of the visitors' desk said so over the telephone."
TOLD = announced(OPENED, when="2017", sources=Source("MOFA", title="Of Miss Kim", quote="soon"), note=NOTE)


def redaction(target: str, *paths: str, **fields: Any) -> Redaction:
    return Redaction(target, paths or ("/note",), fields.get("basis", "GDPR art. 17"), fields.get("by", "desk-4"))


def test_the_words_go_and_all_else_stays(any_ledger: Ledger) -> None:
    (target,) = any_ledger.record(TOLD).ids
    before, root = any_ledger.entry(target), any_ledger.root
    assert any_ledger.sealed(target) == any_ledger.sealed(0) == dict.fromkeys(
        ("/note", "/sources/0/quote", "/sources/0/title"), SealedState.OPEN
    )  # fmt: skip
    receipt = any_ledger.record(redaction(target, "/note", "/sources/0/title"))
    assert (receipt.positions, receipt.size, receipt.leftovers) == ((1,), 2, ())
    found = any_ledger.entry(target)
    assert found == attrs.evolve(before, body=erased(TOLD, ("/note", "/sources/0/title")))
    assert isinstance(found.body, Claim)
    assert (found.body.note, found.body.sources[0].title, found.body.sources[0].quote) == (REDACTED, REDACTED, "soon")
    assert any_ledger.sealed(target) == {
        "/note": SealedState.REDACTED,
        "/sources/0/quote": SealedState.OPEN,
        "/sources/0/title": SealedState.REDACTED,
    }
    assert any_ledger.at(size=1).basis.root == root
    assert any_ledger.redactions() == [redaction(target, "/note", "/sources/0/title")]
    assert any_ledger.sealed(1) == {}
    assert [entry.position for entry in any_ledger.entries(about("institution:kcac"))] == [0, 1]


@pytest.mark.parametrize("act", [redaction, lambda target: Retraction(target, RetractionReason.WRONG)])
def test_a_redaction_is_recorded_alone(any_ledger: Ledger, act: Callable[[str], Act]) -> None:
    (target,) = any_ledger.record(TOLD).ids
    for bodies in ((redaction(target), act(target)), (act(target), redaction(target)), (PLAN, redaction(target))):
        with pytest.raises(InvalidValueError, match="recorded alone") as caught:
            any_ledger.record(*bodies, once="key")
        assert caught.value.where == f"/{[type(body) for body in bodies].index(Redaction)}"
    assert (any_ledger.size, any_ledger.entry(target).body) == (1, TOLD)


REFUSED: list[tuple[Callable[[str, str], Redaction], type[Exception], str]] = [
    (lambda told, merge: redaction(NOWHERE), EntryNotFoundError, "no such entry"),
    (lambda told, merge: redaction(told, "/note", "/sources/1/title"), InvalidValueError, "/sources/1/title"),
    (lambda told, merge: redaction(told, "/sources/0/author"), InvalidValueError, "/sources/0/author"),
    (lambda told, merge: redaction(told, "/sources/0/publisher"), InvalidValueError, "/sources/0/publisher"),
    (lambda told, merge: redaction(told, "/when"), InvalidValueError, "/note, /sources/0/quote"),
    (lambda told, merge: redaction(told, "/nowhere/at/all"), InvalidValueError, "sealed"),
    (lambda told, merge: redaction(told, "/"), InvalidValueError, "sealed"),
    (lambda told, merge: redaction(told, "/NOTE"), InvalidValueError, "sealed"),
    (lambda told, merge: redaction(merge, "/note"), InvalidValueError, "/reason"),
]


@pytest.mark.parametrize(("make", "error", "why"), REFUSED)
def test_what_is_not_sealed_there_is_refused_before_anything_is_written(
    any_ledger: Ledger, make: Callable[[str, str], Redaction], error: type[Exception], why: str
) -> None:
    told, merge = any_ledger.record(TOLD, Merge(("initiative:a",), "initiative:b", "one")).ids
    before = (any_ledger.size, any_ledger.root, list(any_ledger.entries()))
    with pytest.raises(error, match=why):
        any_ledger.record(make(told, merge))
    assert (any_ledger.size, any_ledger.root, list(any_ledger.entries())) == before


def test_an_entry_without_sealed_texts_has_nothing_to_erase(any_ledger: Ledger) -> None:
    one, other = any_ledger.record(TOLD, announced(OPENED, sources=Source("MOFA"))).ids
    first = any_ledger.record(redaction(one)).ids[0]
    for target in (other, first):
        with pytest.raises(InvalidValueError, match="an entry with sealed texts"):
            any_ledger.record(redaction(target))
    assert any_ledger.size == 3


def test_what_a_store_has_not_is_not_found() -> None:
    with pytest.raises(EntryNotFoundError):
        target_of(MemoryStore("x.example/1", clock=ticking()), redaction(NOWHERE))


def test_twice_is_harmless_and_recorded(any_ledger: Ledger) -> None:
    """Another authority may order the same; of several paths those that are still there go."""
    (target,) = any_ledger.record(TOLD).ids
    any_ledger.record(redaction(target))
    after = any_ledger.entry(target)
    again = any_ledger.record(redaction(target, by="desk-5"))
    assert (again.positions, again.leftovers) == ((2,), ())
    assert any_ledger.entry(target) == after
    more = any_ledger.record(redaction(target, "/note", "/sources/0/title"))
    assert more.size == 4
    assert set(any_ledger.sealed(target).values()) == {SealedState.OPEN, SealedState.REDACTED}
    any_ledger.record(redaction(target, *sealed_paths(TOLD)))
    any_ledger.record(redaction(target, *sealed_paths(TOLD)))
    assert set(any_ledger.sealed(target).values()) == {SealedState.REDACTED}
    assert len(any_ledger.redactions()) == any_ledger.at(size=1).basis.erasures == 5


ACTS: list[tuple[Callable[[str, str], Act], str, Callable[[Any], object]]] = [
    (lambda a, b: Correction(a, TOLD, "Miss Kim called"), "/reason", lambda body: body.reason),
    (lambda a, b: Correction(a, TOLD, "Miss Kim called"), "/claim/note", lambda body: body.claim.note),
    (
        lambda a, b: Correction(a, TOLD, "misread", (Source("X", author="Kim"),)),
        "/sources/0/author",
        lambda body: body.sources[0].author,
    ),
    (lambda a, b: Retraction(a, RetractionReason.LEGAL, note="Kim"), "/note", lambda body: body.note),
    (lambda a, b: Merge(("initiative:a",), "initiative:b", "as Kim says"), "/reason", lambda body: body.reason),
    (lambda a, b: Resolution((a, b), "Kim was there", a), "/rationale", lambda body: body.rationale),
]


@pytest.mark.parametrize(("make", "path", "read"), ACTS)
def test_words_of_acts_go_like_those_of_claims(
    any_ledger: Ledger, make: Callable[[str, str], Act], path: str, read: Callable[[Any], object]
) -> None:
    one, other = any_ledger.record(TOLD, attrs.evolve(TOLD, note="another")).ids  # type: ignore[misc]
    (act,) = any_ledger.record(make(one, other)).ids
    before = any_ledger.entry(act).body
    any_ledger.record(redaction(act, path))
    assert read(any_ledger.entry(act).body) is REDACTED
    assert any_ledger.entry(act).body == erased(before, [path])
    assert any_ledger.entry(one).body == TOLD


def test_a_correction_keeps_its_own_words_when_those_of_its_target_go(any_ledger: Ledger) -> None:
    (target,) = any_ledger.record(TOLD).ids
    (correction,) = any_ledger.record(Correction(target, TOLD, "a slip")).ids
    any_ledger.record(redaction(target))
    (shown,) = any_ledger.claims()
    assert shown.claim.note == NOTE  # each copy of the words is erased where it stands
    any_ledger.record(redaction(correction, "/claim/note"))
    (shown,) = any_ledger.claims()
    assert shown.claim.note is REDACTED


def test_the_rationale_of_a_decision_reads_redacted_where_it_is_shown(ledger: Ledger) -> None:
    made = [occurred(OPENED, when=day, sources=Source(day)) for day in ("2016-01-01", "2016-02-02")]
    ids = ledger.record(*made).ids
    (decided,) = ledger.record(Resolution(ids, "Kim was there", ids[0])).ids
    ledger.record(redaction(decided, "/rationale"))
    (conflict,) = ledger.conflicts()
    assert conflict.resolved
    assert conflict.ruling is not None
    assert conflict.ruling.rationale is REDACTED


# imports, keys and conditions


def test_a_repeated_import_never_puts_an_erased_text_back(any_ledger: Ledger) -> None:
    first = any_ledger.record(TOLD, PLAN, once="import 7")
    any_ledger.record(redaction(first.ids[0], *sealed_paths(TOLD)))
    after = list(any_ledger.entries())
    again = any_ledger.record(TOLD, PLAN, once="import 7")
    assert isinstance(again, AlreadyRecorded)
    assert again.ids == first.ids
    other = attrs.evolve(TOLD, note="what was erased cannot be compared")  # type: ignore[misc]
    assert isinstance(any_ledger.record(other, PLAN, once="import 7"), AlreadyRecorded)
    for changed in (attrs.evolve(TOLD, note=None), attrs.evolve(TOLD, when=None)):  # type: ignore[misc]
        with pytest.raises(ReusedKeyError):
            any_ledger.record(changed, PLAN, once="import 7")
    assert list(any_ledger.entries()) == after


def test_what_reads_redacted_is_not_recorded_as_words(any_ledger: Ledger) -> None:
    (target,) = any_ledger.record(TOLD).ids
    any_ledger.record(redaction(target))
    body: Any = any_ledger.entry(target).body
    with pytest.raises(InvalidValueError, match="erased text"):
        any_ledger.record(body)
    assert any_ledger.size == 2


def test_a_redaction_has_its_key_like_any_call(any_ledger: Ledger) -> None:
    (target,) = any_ledger.record(TOLD).ids
    first = any_ledger.record(redaction(target), once="order 12")
    again = any_ledger.record(redaction(target), once="order 12")
    assert isinstance(again, AlreadyRecorded)
    assert (again.ids, again.leftovers, any_ledger.size) == (first.ids, (), 2)
    with pytest.raises(ReusedKeyError, match="/0/authority"):
        any_ledger.record(redaction(target, by="desk-5"), once="order 12")
    with pytest.raises(ReusedKeyError):
        any_ledger.record(PLAN, once="order 12")


@pytest.mark.parametrize("strict", [False, True])
def test_a_redaction_holds_under_its_condition_only(any_ledger: Ledger, strict: bool) -> None:
    (target,) = any_ledger.record(TOLD).ids
    for times in range(2):  # with words to erase, and without any
        stale = Unchanged(about("institution:kcac"), since=0)
        with pytest.raises(AppendConflictError):
            any_ledger.record(redaction(target), condition=stale, strict=strict)
        assert any_ledger.sealed(target)["/note"] is (SealedState.REDACTED if times else SealedState.OPEN)
        fresh = Unchanged(about("institution:kcac"), since=any_ledger.size)
        assert any_ledger.record(redaction(target), condition=fresh, strict=strict).size == times + 2


# writers that come between


@pytest.mark.parametrize("keyed", [False, True])
def test_two_redactions_of_one_entry_both_erase(tmp_path: Path, keyed: bool) -> None:
    path = tmp_path / "race.db"
    with Ledger.open(path, origin="race.example/1", clock=ticking(START)) as one, Ledger.open(path) as other:
        (target,) = one.record(TOLD).ids
        erase = other._store.erase

        def late(*arguments: Any) -> Any:
            if one.size == 1:
                one.record(redaction(target, "/sources/0/title"), once="first" if keyed else None)
            return erase(*arguments)

        other._store.erase = late  # type: ignore[method-assign, assignment]
        receipt = other.record(redaction(target), once="second" if keyed else None)
        assert (receipt.positions, receipt.leftovers) == ((2,), ())
        assert one.sealed(target) == {
            "/note": SealedState.REDACTED,
            "/sources/0/quote": SealedState.OPEN,
            "/sources/0/title": SealedState.REDACTED,
        }
        assert one.size == 3


def test_a_quicker_writer_with_the_same_order(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    with Ledger.open(path, origin="race.example/1", clock=ticking(START)) as one, Ledger.open(path) as other:
        (target,) = one.record(TOLD).ids
        drafts = other._drafts

        def late(*arguments: Any) -> Any:
            one.record(redaction(target), once="order")
            return drafts(*arguments)

        other._drafts = late  # type: ignore[method-assign, assignment]
        assert isinstance(other.record(redaction(target), once="order"), AlreadyRecorded)
        assert one.size == 2


# what is left behind


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    told=st.lists(claims(assertions=(Assertion.PLANNED,)), min_size=1, max_size=3),
    long=st.sampled_from((1, 30, 500, 4_000)),
    letter=st.sampled_from("zжㅎ"),
    data=st.data(),
)
def test_no_piece_of_what_was_erased_is_left_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, told: list[Any], long: int, letter: str, data: st.DataObject
) -> None:
    """T55."""
    path = tmp_path_factory.mktemp("erased") / "x.db"
    noted: list[Any] = [attrs.evolve(claim, note="a note") for claim in told]
    told = list[Any]()
    for at, claim in enumerate(noted):  # no two texts are equal: what another entry holds is not left behind
        texts = {path: f"{at}{path}{letter}" * (long // 20 + 1) for path in sealed_paths(claim)}
        told.append(with_texts(claim, {path: text[: long if path == "/note" else 300] for path, text in texts.items()}))
    with Ledger.open(path, origin="x.example/1", clock=ticking(LATE), countries=AnyCountry(())) as ledger:
        ids = ledger.record(*told).ids
        stored = {one.id: one for one in ledger._store.read(((),))}
        for target in data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True)):
            paths = data.draw(st.lists(st.sampled_from(sealed_paths(told[ids.index(target)])), min_size=1, unique=True))
            assert ledger.record(redaction(target, *paths)).leftovers == ()
            pieces = erasure_of(stored[target].openings, paths).pieces
            assert set(pieces) == set(paths)
            content = path.read_bytes()
            assert not [path for path, some in pieces.items() if any(piece in content for piece in some)]
            assert not any(stored[target].openings in content for _ in paths)  # type: ignore[operator]


def strewn(path: Path, text: str) -> None:
    """Leave a text in free pages of a ledger file, as another program may that does not overwrite."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE scratch (words TEXT)")
        connection.executemany("INSERT INTO scratch VALUES (?)", [(text * 20,) for _ in range(60)])
        connection.execute("DROP TABLE scratch")


def test_words_left_in_the_file_are_told(tmp_path: Path) -> None:
    path, note = tmp_path / "x.db", NOTE * 4
    with Ledger.open(path, origin="x.example/1", clock=ticking(START)) as ledger:
        one, other = ledger.record(*[attrs.evolve(TOLD, note=note)] * 2).ids  # type: ignore[misc]
        strewn(path, note)
        receipt = ledger.record(redaction(one, "/note", "/sources/0/title"))
        assert receipt.leftovers == ()  # the other entry still holds the same words
        receipt = ledger.record(redaction(other, "/note", "/sources/0/title"), once="order")
        assert receipt.leftovers == ("/note",)
        assert ledger.sealed(other)["/note"] is SealedState.REDACTED
        assert ledger.record(redaction(other, "/note"), once="another").leftovers == ()  # nothing to look for any more
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
    assert NOTE.encode() not in path.read_bytes()
    with Ledger.open(path) as ledger:
        assert (ledger.size, ledger.root) == (receipt.size + 1, ledger.at(size=receipt.size + 1).basis.root)


def test_a_search_that_fails_excludes_nothing_and_undoes_nothing(tmp_path: Path) -> None:
    def broken(_: object) -> Any:
        raise StoreError("the disk is gone")

    with Ledger.open(tmp_path / "x.db", origin="x.example/1", clock=ticking(START)) as ledger:
        (target,) = ledger.record(TOLD).ids
        ledger._store.leftovers = broken  # type: ignore[method-assign, assignment]
        receipt = ledger.record(redaction(target, "/note", "/sources/0/title"))
        assert receipt.leftovers == ("/note", "/sources/0/title")
        assert (ledger.size, ledger.sealed(target)["/note"]) == (2, SealedState.REDACTED)


# states of fields that no redaction of ours leaves


def test_a_text_that_is_gone_without_an_act_is_missing_until_one_says_so(any_ledger: Ledger) -> None:
    (target,) = any_ledger.record(TOLD).ids
    if isinstance(any_ledger._store, MemoryStore):
        any_ledger._store._rows[0].openings = None
    else:
        with closing(sqlite3.connect(any_ledger._store.path, isolation_level=None)) as connection:  # type: ignore[attr-defined]
            connection.execute("UPDATE openings SET blob = x''")
    assert set(any_ledger.sealed(target).values()) == {SealedState.MISSING}
    assert any_ledger.record(redaction(target)).leftovers == ()
    assert any_ledger.sealed(target)["/note"] is SealedState.REDACTED
    assert any_ledger.sealed(target)["/sources/0/title"] is SealedState.MISSING


def test_words_of_an_event_that_only_a_newer_version_knows_can_be_erased(any_ledger: Ledger) -> None:
    entry_id = "01586548-8000-7000-8000-00000000000a"
    leaf = encode(
        TOLD, origin=any_ledger.origin, entry_id=entry_id, recorder="newer", once=None, draw=lambda size: b"s" * size
    )
    tail = leaf.tail.replace(b"institution.opened", b"institution.dreamt")
    any_ledger._store.append([Draft(leaf.head, tail, entry_id, ("type:institution.dreamt",), None, leaf.openings)])
    any_ledger.record(redaction(entry_id))
    body: Any = any_ledger.entry(entry_id).body
    assert body.raw["note"] is REDACTED
    assert body.raw["sources"][0]["title"] == "Of Miss Kim"
    with pytest.raises(InvalidValueError):
        any_ledger.record(redaction(entry_id, "/event/dream"))


def test_marks_and_decisions_stay_what_they_are(any_ledger: Ledger) -> None:
    one, other = any_ledger.record(TOLD, TOLD).ids
    any_ledger.record(Duplicate(other, one))
    for target in (one, other):
        any_ledger.record(redaction(target, *sealed_paths(TOLD)))
    assert [(pair.first, pair.later, pair.marked) for pair in any_ledger.duplicates()] == [(0, 1, True)]
    assert any_ledger.institution("kcac").positions == (0,)
    assert any_ledger.anomalies() == []
    assert [entry.position for entry in any_ledger.history(one)] == [0, 2, 3]
    assert [entry.position for entry in any_ledger.history(other)] == [1, 2, 4]
    assert [type(entry.body) for entry in any_ledger.entries(everything())][3:] == [Redaction, Redaction]
