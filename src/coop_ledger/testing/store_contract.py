"""
The contract of stores, as tests: a store proves itself by passing them.

Subclass :class:`StoreContract` in a test module, say how a store is made, and pytest collects the rest:

    class TestMyStore(StoreContract):
        def make(self, clock):
            return MyStore("contract.example/1", clock=clock)

Every guarantee of ``coop_ledger.stores.Store`` has its test here; what a store keeps is compared with lists.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    InvalidValueError,
    KeyTakenError,
    LeafTooLargeError,
    LedgerClosedError,
    StoreNotEmptyError,
)
from coop_ledger.log import (
    EMPTY_ROOT,
    MAX_LEAF,
    TILE_WIDTH,
    assemble,
    leaf_hash,
    placed,
    prove_inclusion,
    root_of,
    tile_root,
    verify_inclusion,
)
from coop_ledger.stores import PAGE, Clock, Condition, Draft, Query, Restored, Store, Stored, tree_reader

__all__ = ["StoreContract", "ticking"]

EVERYTHING: Query = ((),)
START = datetime(2016, 11, 15, 9, tzinfo=UTC)

_numbers = count(1)


def ticking(start: datetime = START, step: timedelta = timedelta(seconds=1)) -> Clock:
    """A clock that stands at *start* and goes on by *step* each time it is read."""
    now = start - step

    def clock() -> datetime:
        nonlocal now
        now += step
        return now

    return clock


def _draft(*labels: str, once: tuple[str, int, int] | None = None, openings: bytes | None = b"{opening}") -> Draft:
    number = next(_numbers)
    head = f'{{"body":{{"n":{number}}},'.encode()
    return Draft(head, b'"v":1}', f"id-{number:08d}", labels or ("subject:any",), once, openings)


def _all(store: Store, query: Query = EVERYTHING, size: int | None = None) -> list[Stored]:
    found: list[Stored] = []
    while page := store.read(query, after=found[-1].position if found else -1, size=size):
        found.extend(page)
    return found


def _matches(query: Query, labels: Sequence[str]) -> bool:
    return any(set(group) <= set(labels) for group in query)


_LABELS = st.lists(st.sampled_from(("a:1", "a:2", "b:1", "c:1")), min_size=1, max_size=3, unique=True)
_GROUPS = st.lists(st.sampled_from(("a:1", "a:2", "b:1", "none:1")), max_size=2, unique=True).map(tuple)
_QUERIES = st.lists(_GROUPS, max_size=3).map(tuple)
_property = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow]
)


class StoreContract(ABC):
    """The tests; a subclass says how a store is made."""

    @abstractmethod
    def make(self, clock: Clock) -> Store:
        """A new, empty store."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        with closing(self.make(ticking())) as store:
            yield store

    def test_an_empty_store_has_the_empty_root(self, store: Store) -> None:
        head = store.head()
        assert (head.size, head.root, head.recorded_at) == (0, EMPTY_ROOT, None)
        assert store.read(EVERYTHING) == []
        assert store.labels() == []

    def test_positions_are_dense_and_leaves_are_head_placed_tail(self, store: Store) -> None:
        batches = [[_draft()], [_draft(), _draft()], [_draft()]]
        seen: list[int] = []
        for batch in batches:
            result = store.append(batch)
            seen.extend(result.positions)
            assert result.size == len(seen)
            for position, draft in zip(result.positions, batch, strict=True):
                stored = store.entry(draft.id)
                assert stored is not None
                part = placed(position, result.recorded_at, result.clamped)
                assert stored == Stored(position, draft.id, assemble(draft.head, part, draft.tail), draft.openings)
        assert seen == list(range(4))
        assert [stored.position for stored in _all(store)] == seen

    def test_the_root_is_that_of_the_leaves(self, store: Store) -> None:
        for size in (1, 2, 5, 300, 1):
            result = store.append([_draft() for _ in range(size)])
            hashes = [leaf_hash(stored.leaf) for stored in _all(store)]
            assert result.root == root_of(hashes) == store.head().root
            assert store.hashes(0, result.size) == hashes

    def test_full_tiles_serve_proofs_without_leaves(self, store: Store) -> None:
        store.append([_draft() for _ in range(TILE_WIDTH + 3)])
        store.append([_draft() for _ in range(TILE_WIDTH)])
        head = store.head()
        assert store.tile_roots(0, 0, 3) == [tile_root(store.tile(0, index)) for index in range(2)]
        assert store.tile_roots(0, 0, 1) == [tile_root(store.tile(0, 0))]
        assert store.tile_roots(0, 1, 2) == [tile_root(store.tile(0, 1))]
        assert store.tile_roots(1, 0, 1) == []
        read = tree_reader(store, head.size)
        for index in (0, TILE_WIDTH - 1, TILE_WIDTH, head.size - 1):
            leaf = store.hashes(index, index + 1)[0]
            verify_inclusion(index, head.size, leaf, prove_inclusion(index, head.size, read), head.root)
        with pytest.raises(EntryNotFoundError):
            store.tile(0, 2)

    def test_a_batch_is_placed_whole_or_not_at_all(self, store: Store) -> None:
        store.append([_draft()])
        before = store.head()
        large = _draft()._replace(head=b"x" * (MAX_LEAF + 1))
        with pytest.raises(LeafTooLargeError):
            store.append([_draft("lost:1"), large])
        with pytest.raises(InvalidValueError):
            store.append([])
        assert store.head() == before
        assert store.labels("lost:") == []
        assert store.append([_draft()]).positions == range(1, 2)

    def test_ids_are_unique(self, store: Store) -> None:
        first, second = _draft(), _draft()
        store.append([first])
        for batch in ([first], [second, second], [second, first]):
            with pytest.raises(InvalidValueError):
                store.append(batch)
        assert store.head().size == 1
        assert store.entry(second.id) is None

    def test_keys_are_taken_once(self, store: Store) -> None:
        batch = [_draft(once=("key", index, 2)) for index in range(2)]
        store.append([_draft()])
        store.append(batch)
        assert [stored.id for stored in store.once("key")] == [draft.id for draft in batch]
        with pytest.raises(KeyTakenError) as caught:
            store.append([_draft(), _draft(once=("key", 0, 1))])
        assert caught.value.key == "key"
        assert store.head().size == 3
        assert store.once("other") == []

    def test_recorded_at_never_decreases_and_marks_what_it_clamped(self) -> None:
        with closing(self.make(ticking(step=timedelta(seconds=-60)))) as store:
            first, second = store.append([_draft()]), store.append([_draft()])
            assert (first.clamped, second.clamped) == (False, True)
            assert second.recorded_at == first.recorded_at == store.head().recorded_at
            assert b"recorded_clamped" in _all(store)[1].leaf

    @_property
    @given(
        given=st.lists(_LABELS, max_size=6),
        query=_QUERIES,
        after=st.integers(-1, 6),
        limit=st.integers(1, 7),
        size=st.none() | st.integers(0, 8),
    )
    def test_reading_is_filtering(
        self, given: list[list[str]], query: Query, after: int, limit: int, size: int | None
    ) -> None:
        with closing(self.make(ticking())) as store:
            for labels in given:
                store.append([_draft(*labels)])
            expected = [
                position
                for position, labels in enumerate(given)
                if _matches(query, labels) and position > after and (size is None or position < size)
            ]
            found = [stored.position for stored in store.read(query, after=after, limit=limit, size=size)]
            assert found == expected[:limit]

    def test_a_page_has_its_limit(self, store: Store) -> None:
        store.append([_draft() for _ in range(PAGE + 1)])
        assert len(store.read(EVERYTHING)) == PAGE
        assert len(_all(store)) == PAGE + 1
        for limit in (0, PAGE + 1, -1):
            with pytest.raises(InvalidValueError):
                store.read(EVERYTHING, limit=limit)

    def test_a_query_has_room_for_many_groups(self, store: Store) -> None:
        store.append([_draft(f"a:{number}", "b:1") for number in range(PAGE + 1)])
        query = tuple((f"a:{number}", "b:1") for number in range(PAGE, -1, -1))
        assert [stored.position for stored in store.read(query, limit=PAGE)] == list(range(PAGE))
        assert [stored.position for stored in store.read(query, after=PAGE - 2)] == [PAGE - 1, PAGE]

    def test_pages_of_one_size_are_one_snapshot(self, store: Store) -> None:
        store.append([_draft() for _ in range(3)])
        size = store.head().size
        first = store.read(EVERYTHING, limit=2, size=size)
        store.append([_draft()])
        assert [s.position for s in store.read(EVERYTHING, after=first[-1].position, size=size)] == [2]

    @_property
    @given(given=st.lists(_LABELS, max_size=5), query=_QUERIES, since=st.integers(0, 5))
    def test_a_condition_holds_if_nothing_matching_came(self, given: list[list[str]], query: Query, since: int) -> None:
        with closing(self.make(ticking())) as store:
            for labels in given:
                store.append([_draft(*labels)])
            before = store.head()
            matching = [at for at, labels in enumerate(given) if at >= since and _matches(query, labels)]
            condition = Condition(query, since)
            if since > len(given):
                with pytest.raises(InvalidValueError):
                    store.append([_draft()], [condition])
            elif matching:
                with pytest.raises(AppendConflictError) as caught:
                    store.append([_draft()], [condition])
                assert caught.value.positions == tuple(matching)
                assert caught.value.since == since
            else:
                assert store.append([_draft()], [condition]).size == before.size + 1
                return
            assert store.head() == before

    def test_every_condition_counts(self, store: Store) -> None:
        store.append([_draft("a:1")])
        with pytest.raises(AppendConflictError):
            store.append([_draft()], [Condition((("b:1",),), 0), Condition((("a:1",),), 0)])
        assert store.append([_draft()], [Condition((("b:1",),), 0), Condition((("a:1",),), 1)]).size == 2

    def test_labels_are_listed_by_prefix_and_size(self, store: Store) -> None:
        store.append([_draft("b:2", "a:1")])
        store.append([_draft("a:2", "b:2")])
        assert store.labels() == ["a:1", "a:2", "b:2"]
        assert store.labels("a:") == ["a:1", "a:2"]
        assert store.labels("a:", size=1) == ["a:1"]
        assert store.labels(size=0) == []

    def test_openings_shrink_by_erasure_only(self, store: Store) -> None:
        store.append([_draft(openings=b"{long opening}")])
        root = store.head().root
        with pytest.raises(InvalidValueError):
            store.erase(0, b"{long opening}", b"{long opening}", _draft())
        with pytest.raises(AppendConflictError):
            store.erase(0, b"{another text}", b"{}", _draft())
        assert store.openings(0) == b"{long opening}"
        assert store.head().root == root
        result = store.erase(0, b"{long opening}", b"{short}", _draft())
        assert (result.positions, store.openings(0)) == (range(1, 2), b"{short}")
        store.erase(0, b"{short}", None, _draft())
        assert store.openings(0) is None
        assert _all(store)[0].openings is None
        assert store.openings(7) is None
        assert root_of(store.hashes(0, 1)) == root

    def test_of_several_reasons_to_refuse_an_append_the_first_is_told(self, store: Store) -> None:
        first = _draft("a:1", once=("key", 0, 1))
        store.append([first])
        stale = [Condition((("a:1",),), 0)]
        with pytest.raises(AppendConflictError):
            store.append([first], stale)
        with pytest.raises(KeyTakenError):
            store.append([first])
        with pytest.raises(InvalidValueError):
            store.append([first._replace(once=None)])
        assert store.head().size == 1

    def test_of_several_reasons_to_refuse_an_erasure_the_first_is_told(self, store: Store) -> None:
        store.append([_draft("a:1", openings=b"{long opening}"), _draft("b:1", openings=b"{another}")])
        first = _draft(once=("key", 0, 1))
        store.erase(0, b"{long opening}", b"{short}", first)
        stale, before = [Condition((("a:1",),), 0)], store.head()
        attempts: list[tuple[type[Exception], bytes, bytes | None, Draft, list[Condition]]] = [
            (InvalidValueError, b"{gone}", b"{longer}", first, stale),
            (AppendConflictError, b"{gone}", None, first, stale),
            (KeyTakenError, b"{long opening}", b"{short}", first, []),
            (AppendConflictError, b"{gone}", None, first._replace(once=None), []),
            (InvalidValueError, b"{short}", None, first._replace(once=None), []),
            (LeafTooLargeError, b"{short}", None, _draft()._replace(head=b"x" * (MAX_LEAF + 1)), []),
        ]
        for error, old, remaining, draft, conditions in attempts:
            with pytest.raises(error) as caught:
                store.erase(0, old, remaining, draft, conditions)
            assert store.head() == before
            assert store.openings(0) == b"{short}"
            if isinstance(caught.value, AppendConflictError):
                assert caught.value.positions == (0,)
        assert store.erase(0, b"{short}", b"", _draft(), [Condition((("a:1",),), 1)]).size == 4
        assert (store.openings(0), store.openings(1)) == (None, b"{another}")

    def test_what_was_erased_is_nowhere_any_more(self, store: Store) -> None:
        words = [f"the words of entry {number}, of some length".encode() for number in range(9)]
        store.append([_draft(openings=b"{" + one + b"}") for one in words])
        store.append([_draft(f"label:{number}") for number in range(TILE_WIDTH)])
        for number in (0, 4, 8):
            store.erase(number, b"{" + words[number] + b"}", b"{}", _draft())
            assert store.leftovers(words) == []
        assert store.leftovers([]) == []
        assert store.leftovers([b"label:1", b"bytes that were never here", b"subject:any"]) == []

    def test_restoring_keeps_everything(self, store: Store) -> None:
        store.append([_draft("a:1", once=("key", 0, 1)), _draft("b:1", openings=None)])
        store.append([_draft("a:1") for _ in range(TILE_WIDTH)])
        head = store.head()
        given = [
            Restored(
                stored.leaf,
                stored.id,
                head.recorded_at or "",
                ("a:1",) if stored in _all(store, (("a:1",),)) else ("b:1",),
                ("key", 0, 1) if stored.position == 0 else None,
                stored.openings,
            )
            for stored in _all(store)
        ]
        with closing(self.make(ticking(START - timedelta(days=1)))) as copy:
            assert copy.restore(iter(given)) == head == copy.head()
            assert _all(copy) == _all(store)
            assert copy.labels() == store.labels()
            assert copy.once("key") == store.once("key")
            assert copy.tile(0, 0) == store.tile(0, 0)
            with pytest.raises(StoreNotEmptyError):
                copy.restore(given)
            assert copy.append([_draft()]).clamped

    @pytest.mark.parametrize("between", [0, PAGE])
    def test_restoring_refuses_what_stands_twice(self, store: Store, between: int) -> None:
        def given(*ends: tuple[str, tuple[str, int, int]]) -> Iterator[Restored]:
            (first, first_key), (last, last_key) = ends
            yield Restored(b"{}", first, "2016-11-15T09:00:00.000000Z", once=first_key)
            for number in range(between):
                yield Restored(b"{}", f"between {number}", "2016-11-15T09:00:00.000000Z")
            yield Restored(b"{}", last, "2016-11-15T09:00:00.000000Z", once=last_key)

        with pytest.raises(InvalidValueError):
            store.restore(given(("a", ("key", 0, 1)), ("a", ("other", 0, 1))))
        with pytest.raises(KeyTakenError) as caught:
            store.restore(given(("a", ("key", 0, 2)), ("b", ("key", 0, 2))))
        assert caught.value.key == "key"
        assert store.head().size == 0
        assert store.restore(given(("a", ("key", 0, 2)), ("b", ("key", 1, 2)))).size == between + 2

    def test_a_failed_restore_leaves_nothing(self, store: Store) -> None:
        def broken() -> Iterator[Restored]:
            yield Restored(b"{}", "id", "2016-11-15T09:00:00.000000Z")
            raise RuntimeError("the source broke")

        with pytest.raises(RuntimeError):
            store.restore(broken())
        assert store.head().size == 0
        assert store.append([_draft()]).size == 1

    def test_closed_is_closed(self, store: Store) -> None:
        store.append([_draft()])
        store.close()
        store.close()
        uses: list[Callable[[], Any]] = [
            lambda: store.append([_draft()]),
            lambda: store.read(EVERYTHING),
            lambda: store.entry("id"),
            lambda: store.once("key"),
            lambda: store.openings(0),
            lambda: store.labels(),
            lambda: store.tile(0, 0),
            lambda: store.tile_roots(0, 0, 1),
            lambda: store.hashes(0, 1),
            lambda: store.erase(0, b"{opening}", None, _draft()),
            lambda: store.leftovers([b"words"]),
            store.head,
        ]
        for use in uses:
            with pytest.raises(LedgerClosedError):
                use()
