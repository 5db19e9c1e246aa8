"""A ledger goes into a file and comes back the same, in any store, with its texts or without."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger import Ledger, Retraction, RetractionReason, Source, announced, occurred
from coop_ledger import events as ev
from coop_ledger.codec import parse_openings
from coop_ledger.domain import REDACTED, Duplicate, Entry, Redaction, UnknownEvent
from coop_ledger.errors import (
    BundleError,
    CoopLedgerError,
    InvalidValueError,
    LedgerNotFoundError,
    NoteError,
    SplitViewError,
    StoreDamagedError,
    StoreNotEmptyError,
    WrongOriginError,
)
from coop_ledger.interchange import BundleEntry, BundleFooter, BundleHeader, import_bundle, origin_of, read_bundle
from coop_ledger.log import Checkpoint, Note, Signature, format_checkpoint, format_note
from coop_ledger.projections import SHIPPED
from coop_ledger.stores import MemoryStore, SqliteStore, root_at
from coop_ledger.testing import histories, ticking
from tests.interchange.support import ORIGIN, START, Keeper, as_bundle, entries_of, held, small

LATE = ticking(datetime(2031, 1, 1, tzinfo=UTC))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example of a property."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@given(histories(unknown=True))
def test_what_was_exported_comes_back_the_same(history: list[Entry]) -> None:
    keeper = Keeper(history)
    with folder() as here:
        path = as_bundle(keeper.ledger, here)
        memory = MemoryStore(ORIGIN, clock=LATE)
        footer = import_bundle(path, memory)
        assert held(memory) == held(keeper.store)
        assert (footer.entries, footer.root) == (keeper.ledger.size, keeper.ledger.root)
        import_bundle(path, here / "copy.ledger")
        with SqliteStore.open(here / "copy.ledger", clock=LATE) as copy:
            assert held(copy) == held(keeper.store)
            assert as_bundle(Ledger(copy), here, "again").read_bytes() == path.read_bytes()


@given(histories(unknown=True))
def test_a_sealed_export_keeps_every_hash_and_no_text(history: list[Entry]) -> None:
    keeper = Keeper(history)
    with folder() as here:
        path = as_bundle(keeper.ledger, here, openings=False)
        sealed = Ledger.from_bundle(path)
        assert sealed.root == keeper.ledger.root
        assert [one.openings for one in entries_of(path)] == [None] * keeper.ledger.size
        for ours, theirs in zip(keeper.store.read(((),)), sealed._store.read(((),)), strict=True):
            assert theirs == ours._replace(openings=None)
            for text, _ in parse_openings(ours.openings).values():
                assert text.encode() not in path.read_bytes()
        assert as_bundle(sealed, here, "again", openings=False).read_bytes() == path.read_bytes()


@given(histories())
def test_answers_are_those_of_the_ledger_that_was_exported(history: list[Entry]) -> None:
    keeper = Keeper(history)
    with folder() as here:
        path = as_bundle(keeper.ledger, here)
        memory = Ledger.from_bundle(path, clock=LATE)
        with Ledger.from_bundle(path, here / "copy.ledger", clock=LATE) as file:
            for copy in (memory, file):
                assert list(copy.entries()) == list(keeper.ledger.entries())
                for projection in SHIPPED:
                    assert copy.project(projection) == keeper.ledger.project(projection)
                assert copy.conflicts() == keeper.ledger.conflicts()
                assert copy.anomalies() == keeper.ledger.anomalies()


@given(histories(min_size=1), st.data())
def test_an_earlier_size_is_exported_as_it_was(history: list[Entry], data: st.DataObject) -> None:
    keeper = Keeper(history)
    size = data.draw(st.integers(0, len(history)))
    cut = history[:size]
    whole = not cut or cut[-1].once is None or cut[-1].once.index + 1 == cut[-1].once.count
    with folder() as here:
        if not whole:
            with pytest.raises(InvalidValueError, match="cuts a call of record in two"):
                as_bundle(keeper.ledger, here, size=size, openings=False)
            return
        found = Ledger.from_bundle(as_bundle(keeper.ledger, here, size=size, openings=False))
        assert (found.size, found.root) == (size, root_at(keeper.store, size))


def test_labels_are_those_that_recording_gave(tmp_path: Path) -> None:
    """Recording asks the store for what acts name, importing remembers it: both must say the same."""
    ledger = small()
    ids = [entry.id for entry in ledger.entries()]
    taken_back = ledger.record(Retraction(ids[0], RetractionReason.WRONG)).ids[0]
    ledger.record(Retraction(taken_back, RetractionReason.WRONG, sources=(Source("MOFA"),)))
    path = as_bundle(ledger, tmp_path)
    found = held(Ledger.from_bundle(path)._store)
    assert found == held(ledger._store)
    assert found["labels"]["institution:office-0"] == [0, 3, 4]


def test_acts_upon_acts_are_labelled_without_going_all_ways_between_them(tmp_path: Path) -> None:
    """Each names the two before it: there are more ways down than anybody can go."""
    first, second, *_ = small().entries()
    ids = [first.id, second.id, *(f"01586478-3800-7000-8000-{number:012x}" for number in range(60))]
    chain = [
        Entry(at, ids[at], second.recorded_at, False, "desk", Duplicate(ids[at - 1], ids[at - 2]))
        for at in range(2, len(ids))
    ]
    found = Ledger.from_bundle(as_bundle(Keeper([first, second, *chain]).ledger, tmp_path))
    assert held(found._store)["labels"]["institution:office-0"] == [0, *range(2, len(ids))]


def test_entries_of_unknown_types_are_kept_and_found_by_their_type(tmp_path: Path) -> None:
    body = UnknownEvent("summit.dreamt", 2, {"event": {}, "hope": 7})
    keeper = Keeper([Entry(0, "01586478-3800-7000-8000-000000000000", START, False, "recorder", body)])
    found = Ledger.from_bundle(as_bundle(keeper.ledger, tmp_path))
    assert [entry.body for entry in found.entries()] == [body]
    assert found._store.labels() == ["type:summit.dreamt"]


def test_a_clamped_time_stays_clamped(tmp_path: Path) -> None:
    ledger = Ledger.in_memory(origin=ORIGIN, clock=ticking(START, -timedelta(days=1)))
    for _ in range(2):
        ledger.record(announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net")))
    found = Ledger.from_bundle(as_bundle(ledger, tmp_path), clock=LATE)
    assert [entry.clamped for entry in found.entries()] == [False, True]


def test_an_empty_ledger_goes_and_comes(tmp_path: Path) -> None:
    path = as_bundle(Ledger.in_memory(origin=ORIGIN), tmp_path)
    assert len(path.read_bytes().splitlines()) == 2
    with Ledger.from_bundle(path, tmp_path / "copy.ledger") as copy:
        assert (copy.size, copy.origin) == (0, ORIGIN)


def test_the_lines_are_header_entries_footer(tmp_path: Path) -> None:
    ledger = small()
    path = as_bundle(ledger, tmp_path)
    header, *entries, footer = read_bundle(path)
    assert header == BundleHeader(ORIGIN, 3, True)
    assert footer == BundleFooter(3, 3, ledger.root, None)
    assert [entry.line for entry in entries if isinstance(entry, BundleEntry)] == [2, 3, 4]
    assert origin_of(path) == ORIGIN


def test_an_imported_ledger_goes_on(tmp_path: Path) -> None:
    ledger = small(once="import 7")
    path = as_bundle(ledger, tmp_path)
    with Ledger.from_bundle(path, tmp_path / "copy.ledger", recorder="desk-2", clock=LATE) as copy:
        plans = [entry.body for entry in ledger.entries()]
        assert copy.record(*plans, once="import 7").positions == (0, 1, 2)  # type: ignore[arg-type]
        receipt = copy.record(occurred(ev.InstitutionOpened("office-0"), when="2017-05", sources=Source("MOFA")))
        assert receipt.positions == (3,)
        assert copy.entry(3).recorder == "desk-2"
        assert copy.institution("office-0").opened is not None


# redaction


def redaction(position: int, target: str, recorded_at: datetime) -> Entry:
    body = Redaction(target, ("/note",), "court order", "registrar-2")
    return Entry(position, "01586478-3800-7000-8000-00000000000f", recorded_at, False, "desk", body)


def redacted() -> Keeper:
    """Three entries, of which a fourth erases the note of the first."""
    entries = list(small().entries())
    return Keeper([*entries, redaction(3, entries[0].id, entries[-1].recorded_at)])


def test_an_erased_text_stays_erased(tmp_path: Path) -> None:
    keeper = redacted()
    path = as_bundle(keeper.ledger, tmp_path)
    assert b"note 0" not in path.read_bytes()
    assert b"note 1" in path.read_bytes()
    with Ledger.from_bundle(path, tmp_path / "copy.ledger") as copy:
        assert copy.root == keeper.ledger.root
        notes = [getattr(entry.body, "note", None) for entry in copy.entries()]
        assert notes == [REDACTED, "note 1", "note 2", None]
    assert b"note 0" not in (tmp_path / "copy.ledger").read_bytes()


def test_the_states_of_sealed_texts_are_those_of_the_ledger(tmp_path: Path) -> None:
    ledger = small(2)
    (first, _) = ledger.entries()
    ledger.record(Redaction(first.id, ("/note",), "court order", "registrar-2"))
    with Ledger.from_bundle(as_bundle(ledger, tmp_path), tmp_path / "copy.ledger") as copy:
        assert copy.redactions() == ledger.redactions()
        assert copy.sealed(0) == ledger.sealed(0) == {"/note": "redacted", "/sources/0/title": "open"}
        assert copy.sealed(1) == ledger.sealed(1) == {"/note": "open", "/sources/0/title": "open"}
    sealed = Ledger.from_bundle(as_bundle(ledger, tmp_path, openings=False))
    assert sealed.sealed(0) == {"/note": "redacted", "/sources/0/title": "missing"}


def test_a_line_from_before_a_redaction_does_not_bring_the_text_back(tmp_path: Path) -> None:
    keeper = Keeper(small().entries())
    old = as_bundle(keeper.ledger, tmp_path, "old").read_bytes().splitlines(keepends=True)
    entries = list(keeper.ledger.entries())
    keeper.keep(redaction(3, entries[0].id, entries[-1].recorded_at))
    new = as_bundle(keeper.ledger, tmp_path, "new").read_bytes().splitlines(keepends=True)
    assert old[2:4] == new[2:4]
    (tmp_path / "mixed").write_bytes(b"".join([new[0], old[1], *new[2:]]))
    with pytest.raises(BundleError, match="a text is here that was erased") as caught:
        Ledger.from_bundle(tmp_path / "mixed")
    assert "line 2, /note" in str(caught.value)


def test_a_size_below_a_redaction_is_exported_without_texts_only(tmp_path: Path) -> None:
    keeper = redacted()
    with pytest.raises(InvalidValueError, match="a later redaction has erased texts") as caught:
        keeper.ledger.export(tmp_path / "a", size=3)
    assert caught.value.expected == "4 or more"
    assert list(tmp_path.iterdir()) == []
    assert keeper.ledger.export(tmp_path / "a", size=3, openings=False).entries == 3


def test_a_size_below_the_entry_that_a_redaction_names_is_exported_with_texts(tmp_path: Path) -> None:
    ledger = small(3)
    ledger.record(Redaction(ledger.entry(2).id, ("/note",), "court order", "registrar-2"))
    assert ledger.export(tmp_path / "a", size=2).opened == 2


def test_a_redaction_that_can_erase_nothing_stands_in_no_way(tmp_path: Path) -> None:
    """One that names a later entry, and one that names none."""
    entries = list(small().entries())
    for target in (entries[-1].id, "01586478-3800-7000-8000-00000000000e"):
        void = redaction(0, target, entries[0].recorded_at)
        keeper = Keeper([void, *entries])
        path = as_bundle(keeper.ledger, tmp_path)
        found = Ledger.from_bundle(path)
        assert [entry.body for entry in found.entries()] == [void.body, *(entry.body for entry in entries)]
        assert keeper.ledger.export(tmp_path / f"b {target}", size=1).opened == 0


# what cannot be exported or imported


@pytest.mark.parametrize("size", [-1, 4, True, "3", 1.0])
def test_sizes_that_are_none(tmp_path: Path, size: object) -> None:
    with pytest.raises(InvalidValueError, match="there is no such size"):
        small().export(tmp_path / "a", size=size)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(InvalidValueError, match="something is there already"):
        small().export(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "mine"
    with pytest.raises(LedgerNotFoundError):
        small().export(tmp_path / "nowhere" / "a")


def test_a_ledger_whose_bytes_were_changed_is_not_exported(tmp_path: Path) -> None:
    for change in ("leaf", "openings", "hash"):
        ledger = small()
        store = ledger._store
        assert isinstance(store, MemoryStore)
        row = store._rows[1]
        if change == "leaf":
            row.leaf = row.leaf.replace(b"2017", b"2018")
        elif change == "openings":
            row.openings = (row.openings or b"").replace(b"note 1", b"note 9")
        else:
            store._frontier.extend([bytes(32)])
            store._hashes[1] = bytes(32)
        with pytest.raises(StoreDamagedError):
            ledger.export(tmp_path / "a")
        assert list(tmp_path.iterdir()) == []


def test_only_an_empty_ledger_of_that_origin_takes_a_bundle(tmp_path: Path) -> None:
    path = as_bundle(small(), tmp_path)
    with pytest.raises(StoreNotEmptyError):
        import_bundle(path, small()._store)
    other = MemoryStore("other.example/1", clock=LATE)
    with pytest.raises(WrongOriginError):
        import_bundle(path, other)
    with pytest.raises(WrongOriginError):
        Ledger.from_bundle(path, tmp_path / "copy.ledger", origin="other.example/1")
    assert not (tmp_path / "copy.ledger").exists()
    Ledger.open(tmp_path / "copy.ledger", origin=ORIGIN).close()
    with Ledger.from_bundle(path, tmp_path / "copy.ledger", origin=ORIGIN) as copy:
        assert copy.size == 3
    with pytest.raises(StoreNotEmptyError):
        Ledger.from_bundle(path, tmp_path / "copy.ledger")
    with Ledger.open(tmp_path / "copy.ledger") as copy:
        assert copy.size == 3


def test_arguments_of_another_type_are_refused(tmp_path: Path) -> None:
    ledger: Any = small()
    for options in ({"openings": "no"}, {"openings": None}, {"checkpoint": 7}):
        with pytest.raises(InvalidValueError):
            ledger.export(tmp_path / "a", **options)
    assert list(tmp_path.iterdir()) == []
    path: Any = as_bundle(ledger, tmp_path)
    for into in (7, None, "", b"a"):
        with pytest.raises(InvalidValueError):
            import_bundle(path, into)  # type: ignore[arg-type]
    with pytest.raises(WrongOriginError):
        Ledger.from_bundle(path, origin=7)  # type: ignore[arg-type]


def test_a_wrong_recorder_imports_nothing(tmp_path: Path) -> None:
    path = as_bundle(small(), tmp_path)
    with pytest.raises(InvalidValueError):
        Ledger.from_bundle(path, tmp_path / "copy.ledger", recorder="")
    assert not (tmp_path / "copy.ledger").exists()


# checkpoints


def note(ledger: Ledger, over: int, **facts: object) -> bytes:
    """A note over a ledger; nobody signed it, as who imports does not ask."""
    found = Checkpoint(ledger.origin, over, root_at(ledger._store, over))._replace(**facts)  # type: ignore[arg-type]
    return format_note(Note(format_checkpoint(found), (Signature(ORIGIN, bytes(4), bytes(64)),)))


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_a_checkpoint_goes_along_verbatim(tmp_path: Path, size: int) -> None:
    ledger = small()
    given = note(ledger, size)
    path = as_bundle(ledger, tmp_path, checkpoint=given)
    *_, footer = read_bundle(path)
    assert isinstance(footer, BundleFooter)
    assert footer.checkpoint == given.decode()
    assert as_bundle(ledger, tmp_path, "b", checkpoint=given.decode()).read_bytes() == path.read_bytes()
    assert Ledger.from_bundle(path).root == ledger.root


def test_a_checkpoint_of_another_ledger_does_not_go_along(tmp_path: Path) -> None:
    ledger = small()
    wrong: list[tuple[bytes, int, type[CoopLedgerError]]] = [
        (note(ledger, 3, origin="other.example/1"), 3, WrongOriginError),
        (note(ledger, 3, size=4), 3, InvalidValueError),
        (note(ledger, 3), 2, InvalidValueError),
        (note(ledger, 3, root=bytes(32)), 3, SplitViewError),
        (note(ledger, 3, size=2), 3, SplitViewError),
    ]
    for given_note, size, kind in wrong:
        with pytest.raises(kind):
            ledger.export(tmp_path / "a", checkpoint=given_note, size=size)
    for text in ("", "no note", b"\xff", "\ud800", b"a\n1\nb\n\n"):
        with pytest.raises(NoteError):
            ledger.export(tmp_path / "a", checkpoint=text)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_that_does_not_fit_is_not_imported(tmp_path: Path) -> None:
    ledger = small()
    lines = as_bundle(ledger, tmp_path, checkpoint=note(ledger, 2)).read_bytes().splitlines(keepends=True)
    for wrong, why in (
        (note(ledger, 2, origin="other.example/1"), "not of this ledger"),
        (note(ledger, 2, size=4), "not of this ledger"),
        (note(ledger, 2, root=bytes(32)), "another root than the checkpoint"),
        (b"no note", "no signed note"),
    ):
        fine, bad = (canonical_text(text) for text in (note(ledger, 2), wrong))
        (tmp_path / "bad").write_bytes(b"".join([*lines[:-1], lines[-1].replace(fine, bad)]))
        with pytest.raises(BundleError, match=why) as caught:
            Ledger.from_bundle(tmp_path / "bad")
        assert "line 5" in str(caught.value)


def canonical_text(text: bytes) -> bytes:
    return text.replace(b"\n", b"\\n")
