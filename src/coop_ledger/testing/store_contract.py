"""
The contract of stores, as tests: a store proves itself by passing them.

Subclass :class:`StoreContract` in a test module, say how a store is made, and pytest collects the rest:

    class TestMyStore(StoreContract):
        def make(self, clock):
            return MyStore("contract.example/1", clock=clock)

Every guarantee of ``coop_ledger.stores.Store`` has its clause here; what a store keeps is compared with lists. What it
gives to a ledger (erasures, bundles, proofs) is in ``evidence_clauses.py``, who may use it in ``use_clauses.py``;
how to write a store, in ``docs/how-to/write-a-store.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    InvalidValueError,
    KeyTakenError,
    LeafTooLargeError,
    StoreNotEmptyError,
)
from coop_ledger.log import EMPTY_ROOT, MAX_LEAF, TILE_WIDTH, assemble, leaf_hash, placed, root_of, tile_root
from coop_ledger.stores import PAGE, Condition, Draft, Head, Query, Restored, Store, Stored
from coop_ledger.testing.clauses import bare, clause, differing, must, refused
from coop_ledger.testing.evidence_clauses import EvidenceClauses
from coop_ledger.testing.store_clauses import START, alike, held, made_up, ticking
from coop_ledger.testing.twins import EVERYTHING, read_all
from coop_ledger.testing.use_clauses import UseClauses

__all__ = ["StoreContract"]


def _positions(found: Sequence[Stored]) -> list[int]:
    return [stored.position for stored in found]


def _matches(query: Query, labels: Sequence[str]) -> bool:
    return any(set(group) <= set(labels) for group in query)


_LABELS = st.lists(st.sampled_from(("a:1", "a:2", "b:1", "c:1")), min_size=1, max_size=3, unique=True)
_GROUPS = st.lists(st.sampled_from(("a:1", "a:2", "b:1", "none:1")), max_size=2, unique=True).map(tuple)
_QUERIES = st.lists(_GROUPS, max_size=3).map(tuple)
_property = settings(
    max_examples=25,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)


class StoreContract(UseClauses, EvidenceClauses):
    """
    The contract of stores as tests; a subclass says how a store is made, and how it is opened again if it can be.

    What fails is told as :class:`BrokenContractError`: the clause, what was written before, and the store's call.
    """

    @clause
    def test_an_empty_store_has_the_empty_root(self, store: Store) -> None:
        """An empty store has the empty root, no entries and no labels."""
        differing("the head", Head(0, EMPTY_ROOT, None), store.head())
        differing("the entries", [], store.read(EVERYTHING))
        differing("the labels", [], store.labels())

    @clause
    def test_positions_are_dense_and_leaves_are_head_placed_tail(self, store: Store) -> None:
        """Positions are dense from 0, what was acknowledged is there, and a leaf is head, placed and tail."""
        seen: list[int] = []
        for batch in ([made_up()], [made_up(), made_up()], [made_up()]):
            result = store.append(batch)
            seen.extend(result.positions)
            differing("the size", len(seen), result.size)
            for position, draft in zip(result.positions, batch, strict=True):
                part = placed(position, result.recorded_at, result.clamped)
                expected = Stored(position, draft.id, assemble(draft.head, part, draft.tail), draft.openings)
                differing("an entry by its id", expected, store.entry(draft.id))
        differing("the positions", [0, 1, 2, 3], seen)
        differing("the positions that are read", seen, _positions(read_all(store)))

    @clause
    def test_what_was_acknowledged_outlives_the_store(self) -> None:
        """What was acknowledged is there when the store is opened again, and nothing else."""
        with self.afresh() as store:
            store.append([made_up("a:1", once=("key", 0, 1)), made_up(openings=None)])
            store.append([made_up(f"a:{number}") for number in range(TILE_WIDTH)])
            store.erase(0, b"{opening}", b"{short}", made_up("c:1"))
            store.erase(0, b"{short}", b"{}", made_up("c:1"))
            refused(AppendConflictError, lambda: store.append([made_up()], [Condition((("a:1",),), 0)]))
            refused(AppendConflictError, lambda: store.erase(0, b"{opening}", None, made_up()))
            last = store.append([made_up("b:1"), made_up("b:1"), made_up("b:2")])
            before = held(store)
            other = self.trace.over(self.reopen(bare(store), ticking(START - timedelta(days=1))))
            try:
                alike("the store that was opened again", before, other)
                result = other.append([made_up()])
                differing("the next position", range(last.size, last.size + 1), result.positions)
                must(result.recorded_at >= last.recorded_at, f"recorded at {result.recorded_at}, before the last")
            finally:
                bare(other).close()

    @clause
    def test_the_root_is_that_of_the_leaves(self, store: Store) -> None:
        """The root is the RFC 6962 root over the leaves."""
        for size in (1, 2, 5, 300, 1):
            result = store.append([made_up() for _ in range(size)])
            hashes = [leaf_hash(stored.leaf) for stored in read_all(store)]
            differing("the root", root_of(hashes), result.root)
            differing("the root of the head", result.root, store.head().root)
            differing("the hashes", hashes, store.hashes(0, result.size))

    @clause
    def test_tiles_are_those_of_the_hashes(self, store: Store) -> None:
        """Full tiles hold the hashes, and their roots stand for them; what is not full is not given."""
        store.append([made_up() for _ in range(TILE_WIDTH + 3)])
        store.append([made_up() for _ in range(TILE_WIDTH)])
        hashes = store.hashes(0, store.head().size)
        for index in range(2):
            row = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
            differing(f"tile {index}", b"".join(row), store.tile(0, index))
        roots = [tile_root(store.tile(0, index)) for index in range(2)]
        for start, end in ((0, 3), (0, 1), (1, 2)):
            differing(f"the roots of tiles from {start} to {end}", roots[start:end], store.tile_roots(0, start, end))
        differing("the roots of a level without full tiles", [], store.tile_roots(1, 0, 1))
        refused(EntryNotFoundError, lambda: store.tile(0, 2))

    @clause
    def test_a_batch_is_placed_whole_or_not_at_all(self, store: Store) -> None:
        """A batch is placed whole or not at all."""
        store.append([made_up()])
        before = store.head()
        large = made_up()._replace(head=b"x" * (MAX_LEAF + 1))
        refused(LeafTooLargeError, lambda: store.append([made_up("lost:1"), large]))
        refused(InvalidValueError, lambda: store.append([]))
        differing("the head after a refused batch", before, store.head())
        differing("the labels of a refused batch", [], store.labels("lost:"))
        differing("the next position", range(1, 2), store.append([made_up()]).positions)

    @clause
    def test_drafts_may_come_one_after_the_other(self, store: Store) -> None:
        """Drafts that come one after the other are placed as a batch is: in order, at one time, more than a page."""
        store.append([made_up()])
        drafts = [made_up("many:1") for _ in range(PAGE + 1)]
        result = store.extend(iter(drafts))
        differing("the positions", range(1, PAGE + 2), result.positions)
        for position, draft in ((1, drafts[0]), (PAGE + 1, drafts[-1])):
            part = placed(position, result.recorded_at, result.clamped)
            expected = Stored(position, draft.id, assemble(draft.head, part, draft.tail), draft.openings)
            differing("an entry by its id", expected, store.entry(draft.id))
        differing("the head", Head(PAGE + 2, result.root, result.recorded_at), store.head())
        refused(AppendConflictError, lambda: store.extend(iter([made_up()]), [Condition((("many:1",),), 1)]))
        refused(InvalidValueError, lambda: store.extend(iter(drafts[-1:])))
        refused(InvalidValueError, lambda: store.extend(iter([])))
        differing("the next position", range(PAGE + 2, PAGE + 3), store.append([made_up()]).positions)

    @clause
    def test_drafts_that_break_off_leave_nothing(self, store: Store) -> None:
        """Where the source of drafts breaks, what it raised is raised, and nothing is left."""
        store.append([made_up()])
        before = store.head()

        def broken() -> Iterator[Draft]:
            yield from (made_up("lost:1") for _ in range(PAGE + 1))
            raise RuntimeError("the source broke")

        refused(RuntimeError, lambda: store.extend(broken()))
        differing("the head after it", before, store.head())
        differing("the labels of what came", [], store.labels("lost:"))
        differing("the next position", range(1, 2), store.append([made_up()]).positions)

    @clause
    def test_ids_are_unique(self, store: Store) -> None:
        """An id stands once."""
        first, second = made_up(), made_up()
        store.append([first])
        for batch in ([first], [second, second], [second, first]):
            refused(InvalidValueError, partial(store.append, batch))
        differing("the size", 1, store.head().size)
        differing("an entry that was refused", None, store.entry(second.id))

    @clause
    def test_keys_are_taken_once(self, store: Store) -> None:
        """A key of a call is taken once, and leads to the entries of its call in their order."""
        batch = [made_up(once=("key", index, 2)) for index in range(2)]
        store.append([made_up()])
        store.append(batch)
        differing("the entries of the key", [draft.id for draft in batch], [one.id for one in store.once("key")])
        error = refused(KeyTakenError, lambda: store.append([made_up(), made_up(once=("key", 0, 1))]))
        differing("the key that is named", "key", error.key)
        differing("the size", 3, store.head().size)
        differing("the entries of another key", [], store.once("other"))

    @clause
    def test_recorded_at_never_decreases_and_marks_what_it_clamped(self) -> None:
        """The time of recording never decreases, and what was clamped is marked."""
        with self.afresh(ticking(step=timedelta(seconds=-60))) as store:
            first, second = store.append([made_up()]), store.append([made_up()])
            differing("which are clamped", (False, True), (first.clamped, second.clamped))
            differing("the second time", first.recorded_at, second.recorded_at)
            differing("the time of the head", first.recorded_at, store.head().recorded_at)
            leaf = read_all(store)[1].leaf
            must(b"recorded_clamped" in leaf, f"the second leaf has no mark: {leaf!r}")

    @_property
    @given(
        given=st.lists(_LABELS, max_size=6),
        query=_QUERIES,
        after=st.integers(-1, 6),
        limit=st.integers(1, 7),
        size=st.none() | st.integers(0, 8),
    )
    @example(given=[["a"], ["a"]], query=(("a",),), after=-1, limit=2, size=1)
    @example(given=[["a"], ["b"], ["b", "a"], ["a"], ["b"]], query=(("a", "b"),), after=-1, limit=7, size=None)
    @clause
    def test_reading_is_filtering(
        self, given: list[list[str]], query: Query, after: int, limit: int, size: int | None
    ) -> None:
        """A read gives what matches, in the order of positions, up to its limit."""
        with self.afresh() as store:
            for labels in given:
                store.append([made_up(*labels)])
            if size is not None:
                size = min(size, len(given))  # a size that the log has not had may be refused
            expected = [
                position
                for position, labels in enumerate(given)
                if _matches(query, labels) and position > after and (size is None or position < size)
            ]
            found = _positions(store.read(query, after=after, limit=limit, size=size))
            differing("the positions", expected[:limit], found)

    @clause
    def test_a_page_has_its_limit(self, store: Store) -> None:
        """A page has at most 1,000 entries, and the next one goes on after it."""
        store.append([made_up() for _ in range(PAGE + 1)])
        differing("the entries of a page", PAGE, len(store.read(EVERYTHING)))
        differing("the entries of all pages", PAGE + 1, len(read_all(store)))
        for limit in (0, PAGE + 1, -1):
            refused(InvalidValueError, partial(store.read, EVERYTHING, limit=limit))

    @clause
    def test_a_query_has_room_for_many_groups(self, store: Store) -> None:
        """A query has room for more than a thousand groups."""
        store.append([made_up(f"a:{number}", "b:1") for number in range(PAGE + 1)])
        query = tuple((f"a:{number}", "b:1") for number in range(PAGE, -1, -1))
        differing("the first page", list(range(PAGE)), _positions(store.read(query, limit=PAGE)))
        differing("the last two", [PAGE - 1, PAGE], _positions(store.read(query, after=PAGE - 2)))

    @clause
    def test_pages_of_one_size_are_one_snapshot(self, store: Store) -> None:
        """Pages of one size are one snapshot, whatever is written between them."""
        store.append([made_up() for _ in range(3)])
        size = store.head().size
        first = store.read(EVERYTHING, limit=2, size=size)
        store.append([made_up()])
        second = store.read(EVERYTHING, after=first[-1].position, size=size)
        differing("the second page", [2], _positions(second))

    @_property
    @given(given=st.lists(_LABELS, max_size=5), query=_QUERIES, since=st.integers(0, 5))
    @clause
    def test_a_condition_holds_if_nothing_matching_came(self, given: list[list[str]], query: Query, since: int) -> None:
        """A condition holds if nothing that matches came since; if not, the entries in the way are named."""
        with self.afresh() as store:
            for labels in given:
                store.append([made_up(*labels)])
            before = store.head()
            matching = tuple(at for at, labels in enumerate(given) if at >= since and _matches(query, labels))
            condition = Condition(query, since)
            if since > len(given):
                refused(InvalidValueError, lambda: store.append([made_up()], [condition]))
            elif matching:
                error = refused(AppendConflictError, lambda: store.append([made_up()], [condition]))
                differing("the entries in the way", (matching, since), (error.positions, error.since))
            else:
                differing("the size", before.size + 1, store.append([made_up()], [condition]).size)
                return
            differing("the head after a refusal", before, store.head())

    @clause
    def test_every_condition_counts(self, store: Store) -> None:
        """Of several conditions each counts."""
        store.append([made_up("a:1")])
        stale = [Condition((("b:1",),), 0), Condition((("a:1",),), 0)]
        for conditions in (stale, stale[::-1]):
            refused(AppendConflictError, partial(store.append, [made_up()], conditions))
        good = [Condition((("b:1",),), 0), Condition((("a:1",),), 1)]
        differing("the size", 2, store.append([made_up()], good).size)

    @clause
    def test_every_label_leads_to_its_entries(self, store: Store) -> None:
        """Every label of every entry leads to it, alone and with others, however many came before."""
        given = [("all:1", f"one:{number}", f"two:{number // 2}", f"odd:{number % 2}") for number in range(8)]
        for labels in given:
            store.append([made_up(*labels)])
        for label in {label for labels in given for label in labels}:
            expected = [at for at, labels in enumerate(given) if label in labels]
            differing(f"the entries of {label}", expected, _positions(store.read(((label,),))))
        for number, labels in enumerate(given):
            differing("the entry of all its labels", [number], _positions(store.read((labels,))))

    @clause
    def test_a_label_is_no_other(self, store: Store) -> None:
        """A label is no other one that only begins with it, or is written in capitals, or has signs in it."""
        given = (
            "a:1",
            "a:10",
            "A:1",
            "a:",
            "a:1 b",
            "a:%",
            "a:_",
            "a:1,b",
            'a:"',
            "a:\u00e9",
            "a:e\u0301",
            "a:\\",
            "a:*",
        )
        for label in given:
            store.append([made_up(label)])
        for number, label in enumerate(given):
            differing(f"the entries of {label!r}", [number], _positions(store.read(((label,),))))
            stale = [Condition(((label,),), 0)]
            error = refused(AppendConflictError, partial(store.append, [made_up()], stale))
            differing("the entries in the way", (number,), error.positions)
        differing("all labels", sorted(given), store.labels())
        for prefix in ("a:1", "a:%", "a:_", "a:*", "A"):
            differing(
                f"those with {prefix!r}", sorted(one for one in given if one.startswith(prefix)), store.labels(prefix)
            )

    @clause
    def test_labels_are_listed_by_prefix_and_size(self, store: Store) -> None:
        """Labels are listed once each, sorted, by prefix and size."""
        store.append([made_up("b:2", "a:1")])
        store.append([made_up("a:2", "b:2")])
        differing("all labels", ["a:1", "a:2", "b:2"], store.labels())
        differing("those with a prefix", ["a:1", "a:2"], store.labels("a:"))
        differing("those with a prefix at size 1", ["a:1"], store.labels("a:", size=1))
        differing("those at size 0", [], store.labels(size=0))

    @clause
    def test_openings_shrink_by_erasure_only(self, store: Store) -> None:
        """Openings shrink by erasure only, and never grow again."""
        store.append([made_up(openings=b"{long opening}")])
        root = store.head().root
        refused(InvalidValueError, lambda: store.erase(0, b"{long opening}", b"{long opening}", made_up()))
        refused(AppendConflictError, lambda: store.erase(0, b"{another text}", b"{}", made_up()))
        differing("the openings after refusals", b"{long opening}", store.openings(0))
        differing("the root after refusals", root, store.head().root)
        result = store.erase(0, b"{long opening}", b"{short}", made_up())
        differing("the place of the erasure", range(1, 2), result.positions)
        differing("the openings after an erasure", b"{short}", store.openings(0))
        store.append([made_up()])
        differing("the openings after another entry", b"{short}", store.openings(0))
        store.erase(0, b"{short}", None, made_up())
        differing("the openings after all is erased", None, store.openings(0))
        first = read_all(store)[0]
        differing("the openings that are read", None, first.openings)
        differing("the entry by its id", first, store.entry(first.id))
        differing("the openings of no entry", None, store.openings(7))
        differing("the root of before", root, root_of(store.hashes(0, 1)))

    @clause
    def test_of_several_reasons_to_refuse_an_append_the_first_is_told(self, store: Store) -> None:
        """Of several reasons to refuse an append the first is told: conditions, keys, ids."""
        first = made_up("a:1", once=("key", 0, 1))
        store.append([first])
        refused(AppendConflictError, lambda: store.append([first], [Condition((("a:1",),), 0)]))
        refused(KeyTakenError, lambda: store.append([first]))
        refused(InvalidValueError, lambda: store.append([first._replace(once=None)]))
        differing("the size", 1, store.head().size)

    @clause
    def test_of_several_reasons_to_refuse_an_erasure_the_first_is_told(self, store: Store) -> None:
        """Of several reasons to refuse an erasure the first is told: what remains, conditions, key, openings, id."""
        store.append([made_up("a:1", openings=b"{long opening}"), made_up("b:1", openings=b"{another}")])
        first = made_up(once=("key", 0, 1))
        store.erase(0, b"{long opening}", b"{short}", first)
        stale, before = [Condition((("a:1",),), 0)], store.head()
        attempts: list[tuple[type[Exception], bytes, bytes | None, Draft, list[Condition]]] = [
            (InvalidValueError, b"{gone}", b"{longer}", first, stale),
            (AppendConflictError, b"{gone}", None, first, stale),
            (KeyTakenError, b"{long opening}", b"{short}", first, []),
            (AppendConflictError, b"{gone}", None, first._replace(once=None), []),
            (InvalidValueError, b"{short}", None, first._replace(once=None), []),
            (LeafTooLargeError, b"{short}", None, made_up()._replace(head=b"x" * (MAX_LEAF + 1)), []),
        ]
        for kind, old, remaining, draft, conditions in attempts:
            error = refused(kind, partial(store.erase, 0, old, remaining, draft, conditions))
            differing("the head after a refusal", before, store.head())
            differing("the openings after a refusal", b"{short}", store.openings(0))
            if isinstance(error, AppendConflictError):
                differing("the entries in the way", (0,), error.positions)
        differing("the size", 4, store.erase(0, b"{short}", b"", made_up(), [Condition((("a:1",),), 1)]).size)
        differing("the openings", (None, b"{another}"), (store.openings(0), store.openings(1)))

    @clause
    def test_what_was_erased_is_nowhere_any_more(self, store: Store) -> None:
        """What was erased is nowhere in the store any more; what an entry holds is no leftover."""
        words = [f"the words of entry {number}, of some length".encode() for number in range(9)]
        store.append([made_up(openings=b"{" + one + b"}") for one in words])
        store.append([made_up(f"label:{number}") for number in range(TILE_WIDTH)])
        for number in (0, 4, 8):
            store.erase(number, b"{" + words[number] + b"}", b"{}", made_up())
            differing("the leftovers", [], store.leftovers(words))
        differing("the leftovers of nothing", [], store.leftovers([]))
        others = [b"label:1", b"bytes that were never here", b"subject:any"]
        differing("the leftovers of what was not erased", [], store.leftovers(others))

    @clause
    def test_restoring_keeps_everything(self, store: Store) -> None:
        """An empty store takes whole entries verbatim; one with entries takes none."""
        store.append([made_up("a:1", once=("key", 0, 1)), made_up("b:1", openings=None)])
        store.append([made_up("a:1") for _ in range(TILE_WIDTH)])
        head = store.head()
        given = [
            Restored(
                stored.leaf,
                stored.id,
                head.recorded_at or "",
                ("b:1",) if stored.position == 1 else ("a:1",),
                ("key", 0, 1) if stored.position == 0 else None,
                stored.openings,
            )
            for stored in read_all(store)
        ]
        with self.opened(ticking(START - timedelta(days=1))) as copy:
            differing("the head that restoring gives", head, copy.restore(iter(given)))
            alike("the copy", held(store), copy)
            differing("the first tile of the copy", store.tile(0, 0), copy.tile(0, 0))
            refused(StoreNotEmptyError, lambda: copy.restore(given))
            must(copy.append([made_up()]).clamped, "the clock stands behind what was restored, and nothing was clamped")

    @pytest.mark.parametrize("between", [0, PAGE])
    @clause
    def test_restoring_refuses_what_stands_twice(self, store: Store, between: int) -> None:
        """Restoring refuses an id or a key that stands twice, and keeps nothing then."""

        def given(*ends: tuple[str, tuple[str, int, int]]) -> Iterator[Restored]:
            (first, first_key), (last, last_key) = ends
            yield Restored(b"{}", first, "2016-11-15T09:00:00.000000Z", once=first_key)
            for number in range(between):
                yield Restored(b"{}", f"between {number}", "2016-11-15T09:00:00.000000Z")
            yield Restored(b"{}", last, "2016-11-15T09:00:00.000000Z", once=last_key)

        refused(InvalidValueError, lambda: store.restore(given(("a", ("key", 0, 1)), ("a", ("other", 0, 1)))))
        error = refused(KeyTakenError, lambda: store.restore(given(("a", ("key", 0, 2)), ("b", ("key", 0, 2)))))
        differing("the key that is named", "key", error.key)
        differing("the size after refusals", 0, store.head().size)
        differing("the size", between + 2, store.restore(given(("a", ("key", 0, 2)), ("b", ("key", 1, 2)))).size)

    @clause
    def test_a_failed_restore_leaves_nothing(self, store: Store) -> None:
        """A restore whose source breaks raises what the source raised, and leaves nothing."""

        def broken() -> Iterator[Restored]:
            yield Restored(b"{}", "id", "2016-11-15T09:00:00.000000Z")
            raise RuntimeError("the source broke")

        refused(RuntimeError, lambda: store.restore(broken()))
        differing("the size", 0, store.head().size)
        differing("the size after the next entry", 1, store.append([made_up()]).size)
