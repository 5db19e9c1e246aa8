"""The same history on memory, SQLite and PostgreSQL gives the same bytes, and so it does after copies."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Claim, Ledger, Redaction, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import (
    BundleError,
    InvalidValueError,
    LedgerNotFoundError,
    StoreDamagedError,
    StoreNotEmptyError,
    WrongOriginError,
)
from coop_ledger.interchange import copy_ledger, import_bundle
from coop_ledger.interchange.passing import opened_for
from coop_ledger.log import TILE_WIDTH, root_of, tile_root
from coop_ledger.reproducible import HandClock, SeededBytes
from coop_ledger.stores import (
    Clock,
    Head,
    MemoryStore,
    Restored,
    SqliteStore,
    Store,
    Stored,
    is_there,
    open_store,
    schema_of,
    take_back,
)
from coop_ledger.stores.postgres.functions import TURN
from coop_ledger.testing import stories, ticking
from coop_ledger.testing.store_clauses import made_up
from coop_ledger.testing.twins import answers, read_all
from tests.contract.broken import ForgetsKeys, Kept, TakesIdsTwice
from tests.postgres.databases import execute, fresh, give_back, new_database, opened

psycopg = pytest.importorskip("psycopg")
ORIGIN = "alike.example/1"
KINDS = ("memory", "sqlite", "postgres")


@contextmanager
def stores(clock: Clock) -> Iterator[dict[str, Store]]:
    """An empty store of each kind."""
    address = fresh(ORIGIN)
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Store] = {
            "memory": MemoryStore(ORIGIN, clock=clock),
            "sqlite": SqliteStore.open(Path(folder) / "x.db", origin=ORIGIN, clock=clock),
            "postgres": opened(address, ORIGIN, clock),
        }
        try:
            yield found
        finally:
            for store in found.values():
                store.close()
    give_back(ORIGIN, address)


def facts(store: Store) -> dict[str, Any]:
    """All that a store holds, and what its ledger shows and proves."""
    ledger = Ledger(store)
    size = ledger.size
    return {
        "head": store.head(),
        "entries": read_all(store),
        "labels": store.labels(),
        "found": {label: [one.position for one in read_all(store, ((label,),))] for label in store.labels()},
        "proofs": [ledger.prove(at).hashes for at in range(size)],
        "growth": [ledger.prove_consistency(at).hashes for at in range(size)],
        "views": [answers(ledger.at(size=at)) for at in {size, size // 2}],
        "redactions": ledger.redactions(),
    }


def record(store: Store, calls: list[tuple[list[Claim], bool]], erase: int, clock: HandClock) -> None:
    ledger = Ledger(store, recorder="alike", clock=clock, draw=SeededBytes("alike"))
    for number, (claims, keyed) in enumerate(calls):
        ledger.record(*claims, once=f"call {number}" if keyed else None)
    for entry in list(ledger.entries())[:erase]:
        paths = tuple(ledger.sealed(entry.position))[:1]
        if paths:
            ledger.record(Redaction(entry.id, paths, "GDPR 17", "officer"))


CALLS = st.lists(st.tuples(stories(), st.booleans()), min_size=1, max_size=3)


@settings(max_examples=6)
@given(calls=CALLS, erase=st.integers(0, 2), source=st.sampled_from(KINDS))
def test_every_store_holds_the_same(calls: list[tuple[list[Claim], bool]], erase: int, source: str) -> None:
    clock = HandClock()
    with stores(clock) as first:
        for store in first.values():
            record(store, calls, erase, clock)
        expected = facts(first["memory"])
        assert facts(first["sqlite"]) == expected
        assert facts(first["postgres"]) == expected
        with stores(clock) as second:
            for target in second.values():
                assert copy_ledger(Ledger(first[source]), target) == expected["head"]
                assert facts(target) == expected


@pytest.mark.parametrize("sizes", [(1, 2, 250, 3, 1, 300), (64, 65, 127, 1), (1000, 1, 600)])
def test_few_at_once_and_many_grow_the_same_tree(sizes: tuple[int, ...]) -> None:
    with stores(ticking()) as found:
        before = 0
        for size in sizes:
            drafts = [made_up(f"a:{number % 3}", f"b:{number}") for number in range(size)]
            # each store reads the clock once an append, and so all of them differ in nothing but the time
            placed = [store.append(drafts) for store in found.values()]
            assert {one.positions for one in placed} == {range(before, before + size)}
            before += size
        memory, *others = found.values()
        for store in others:
            assert [strip(one) for one in read_all(store)] == [strip(one) for one in read_all(memory)]
            assert store.labels() == memory.labels()
            check_tree(store, before)


def strip(stored: Stored) -> Stored:
    """An entry without its time of recording."""
    head, _, rest = stored.leaf.partition(b'"recorded_at":"')
    return stored._replace(leaf=head + rest[27:])


def check_tree(store: Store, size: int) -> None:
    """Hashes, tiles and head of a store against those of memory that was restored from its leaves."""
    model, head = MemoryStore(ORIGIN, clock=ticking()), store.head()
    model.restore(Restored(one.leaf, one.id, head.recorded_at or "") for one in read_all(store))
    assert head == model.head()
    assert store.hashes(0, size) == model.hashes(0, size)
    full = size // TILE_WIDTH
    assert [store.tile(0, at) for at in range(full)] == [model.tile(0, at) for at in range(full)]
    assert store.tile_roots(0, 0, full + 1) == model.tile_roots(0, 0, full + 1)


def test_the_tile_over_tiles_is_kept_when_it_is_full() -> None:
    address, size = fresh(ORIGIN), TILE_WIDTH**2
    with opened(address, ORIGIN, ticking()) as store:
        model = MemoryStore(ORIGIN, clock=ticking())
        leaves = [Restored(b"{%d}" % number, f"id-{number}", "2016-11-15T09:00:00.000000Z") for number in range(size)]
        assert store.restore(leaves[:-1]) == model.restore(leaves[:-1])
        assert store.append([made_up()]).root == root_of(store.hashes(0, size))
        assert store.tile(1, 0) == b"".join(model.tile_roots(0, 0, 255)) + store.tile_roots(0, 255, 256)[0]
        assert store.tile_roots(1, 0, 1) == [tile_root(store.tile(1, 0))] == [store.head().root]
    give_back(ORIGIN, address)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_onto_what_holds_entries_is_refused(kind: str) -> None:
    claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))
    with stores(ticking()) as found, stores(ticking()) as sources:
        Ledger(sources[kind]).record(claim)
        for store in found.values():
            before = Ledger(store).record(claim).root
            with pytest.raises(StoreNotEmptyError):
                copy_ledger(Ledger(sources[kind]), store)
            assert (store.head().size, store.head().root) == (1, before)


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_that_cannot_be_right_leaves_nothing(kind: str) -> None:
    with stores(ticking()) as found, stores(ticking()) as sources:
        sources[kind].append([made_up()])
        for store in found.values():
            with pytest.raises(StoreDamagedError, match="what no import would take"):
                copy_ledger(Ledger(sources[kind]), store)
            assert (store.head().size, store.labels()) == (0, [])
        with tempfile.TemporaryDirectory() as folder:
            with pytest.raises(StoreDamagedError):
                copy_ledger(Ledger(sources[kind]), Path(folder) / "new.db")
            assert list(Path(folder).iterdir()) == []


def schemas_of(address: str) -> list[str]:
    """The schemas of ledgers in a database."""
    return [name for (name,) in execute(address, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ledger_%'")]


def test_a_ledger_that_was_begun_for_a_copy_goes_again_with_it(tmp_path: Path) -> None:
    broken, bundle = MemoryStore(ORIGIN, clock=ticking()), tmp_path / "x.bundle"
    broken.append([made_up()])
    with stores(ticking()) as found:
        Ledger(found["memory"]).record(
            announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))
        )
        Ledger(found["memory"]).export(bundle)
    last, cut = bundle.read_bytes().splitlines(keepends=True)[-1], tmp_path / "cut.bundle"
    cut.write_bytes(bundle.read_bytes().replace(last, last.replace(b'"root":"', b'"root":"0')))
    address = new_database()
    with pytest.raises(StoreDamagedError):
        copy_ledger(Ledger(broken), address)
    assert schemas_of(address) == []
    with pytest.raises(BundleError):
        import_bundle(cut, address)
    assert schemas_of(address) == []
    assert import_bundle(bundle, address).entries == 1
    with pytest.raises(StoreNotEmptyError):
        import_bundle(bundle, address)
    assert schemas_of(address) == [schema_of(ORIGIN)]


def test_a_ledger_that_was_there_before_a_copy_stays() -> None:
    broken = MemoryStore(ORIGIN, clock=ticking())
    broken.append([made_up()])
    address = fresh(ORIGIN)
    with pytest.raises(StoreDamagedError):
        copy_ledger(Ledger(broken), address)
    assert schemas_of(address) == [schema_of(ORIGIN)]
    give_back(ORIGIN, address)


def begin_in_vain(address: str, meanwhile: Callable[[Store], object]) -> None:
    """Begin a ledger for what then fails."""
    with suppress(ZeroDivisionError), opened_for(address, ORIGIN) as store:
        meanwhile(store)
        raise ZeroDivisionError


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_ledger_that_others_have_recorded_into_is_not_taken_back(kind: str, tmp_path: Path) -> None:
    address = new_database() if kind == "postgres" else str(tmp_path / "x.db")
    claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))

    def record_there(_: Store) -> None:
        with Ledger.open(address) as other:
            other.record(claim)

    begin_in_vain(address, record_there)
    with Ledger.open(address) as there:
        assert there.size == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_ledger_that_was_begun_in_vain_goes_again(kind: str, tmp_path: Path) -> None:
    address = new_database() if kind == "postgres" else str(tmp_path / "x.db")
    begin_in_vain(address, lambda store: store.head())
    with pytest.raises(LedgerNotFoundError):
        Ledger.open(address)


def test_a_file_that_stands_there_meanwhile_is_nobodys_to_remove(tmp_path: Path) -> None:
    path, other = tmp_path / "x.db", tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE mine (word TEXT)")
    before = other.read_bytes()
    begin_in_vain(str(path), lambda _: other.replace(path))
    assert path.read_bytes() == before
    path.unlink()
    Ledger.open(other, origin="another.example/1").close()
    begin_in_vain(str(path), lambda _: other.replace(path))
    assert path.exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_who_takes_a_ledger_back_waits_for_who_writes(kind: str, tmp_path: Path) -> None:
    address = new_database() if kind == "postgres" else str(tmp_path / "x.db")
    opened_store = open_store(address, origin=ORIGIN)
    with writing(kind, address):
        thread = threading.Thread(target=take_back, args=(address, ORIGIN))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join()
    opened_store.close()
    assert not is_there(address, ORIGIN)


def test_what_is_recorded_before_the_turn_comes_is_not_taken_back() -> None:
    address = new_database()
    opened(address, ORIGIN, ticking()).close()
    with psycopg.connect(address) as other:
        other.execute(f"SET search_path = {schema_of(ORIGIN)}")
        other.execute(TURN)
        thread = threading.Thread(target=take_back, args=(address, ORIGIN))
        thread.start()
        thread.join(0.5)
        other.execute("UPDATE head SET size = 1")
    thread.join()
    assert schemas_of(address) == [schema_of(ORIGIN)]


def test_a_file_in_which_nothing_was_begun_goes_too(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    take_back(tmp_path / "x.db", ORIGIN)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def writing(kind: str, address: str) -> Iterator[None]:
    """As a writer does before it has written anything."""
    if kind == "sqlite":
        with closing(sqlite3.connect(address, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(address) as other:
            other.execute(f"SET search_path = {schema_of(ORIGIN)}")
            other.execute(TURN)
            yield


@pytest.mark.parametrize("kind", [TakesIdsTwice, ForgetsKeys])
def test_a_source_in_which_an_entry_stands_twice_leaves_nothing(kind: type[Kept]) -> None:
    claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))
    draw = bytes if kind is TakesIdsTwice else SeededBytes("twice")
    clock = HandClock()
    source = Ledger(kind(ORIGIN, clock=clock), clock=clock, draw=draw)
    for _ in range(2):
        source.record(claim, once="key" if kind is ForgetsKeys else None)
    with stores(clock) as found:
        for store in found.values():
            with pytest.raises(StoreDamagedError, match="an entry stands twice"):
                copy_ledger(source, store)
            assert store.head().size == 0


def test_leaves_that_do_not_give_the_root_are_not_copied() -> None:
    store = MemoryStore(ORIGIN, clock=ticking())
    source = Ledger(store)
    source.record(announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net")))
    store._rows[0].leaf = store._rows[0].leaf.replace(b'"2017"', b'"2018"')
    with stores(ticking()) as found:
        for target in found.values():
            with pytest.raises(StoreDamagedError, match="the leaves do not give the ledger's root"):
                copy_ledger(source, target)
            assert target.head().size == 0


class Interrupted(MemoryStore):
    """Takes the first entry, and then somebody does something else before it takes the others."""

    meanwhile: Callable[[], object]

    def restore(self, entries: Iterable[Restored]) -> Head:
        left = iter(entries)
        first = next(left)
        self.meanwhile()
        return super().restore(chain([first], left))


def test_words_that_are_erased_while_they_are_copied_do_not_go_over() -> None:
    with stores(ticking()) as found:
        for store in found.values():
            source = Ledger(store)
            claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"), note="Words.")
            receipt = source.record(claim, claim)
            target = Interrupted(ORIGIN, clock=ticking())
            target.meanwhile = partial(source.record, Redaction(receipt.ids[1], ("/note",), "GDPR 17", "officer"))
            with pytest.raises(InvalidValueError, match="erased"):
                copy_ledger(source, target)
            assert target.head().size == 0
            assert copy_ledger(source, MemoryStore(ORIGIN, clock=ticking())) == store.head()


def test_a_copy_goes_into_no_other_ledger() -> None:
    with stores(ticking()) as found:
        for store in found.values():
            with pytest.raises(WrongOriginError):
                copy_ledger(Ledger.in_memory(), store)
