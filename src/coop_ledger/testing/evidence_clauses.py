"""
What a store must give to the ledger over it: words that can be erased, bundles, proofs, published files.

The clauses use a store only through ``Ledger``. What it gives is held against what was recorded, against roots that
are computed here from the leaves, and against another store of the same kind.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final, cast

from coop_ledger.codec import SealedState
from coop_ledger.domain import REDACTED, Claim, Entry, Redaction, Source, announced
from coop_ledger.domain import events as ev
from coop_ledger.errors import AppendConflictError, BundleError, LeafHashError
from coop_ledger.interchange import import_bundle
from coop_ledger.ledger import Ledger
from coop_ledger.log import TILE_WIDTH, leaf_hash, root_of
from coop_ledger.publication import read_published
from coop_ledger.query import Unchanged, about
from coop_ledger.stores import Store
from coop_ledger.testing.clauses import bare, clause, differing, must, refused
from coop_ledger.testing.store_clauses import START, StoreClauses, alike, held, made_up, ticking
from coop_ledger.testing.twins import read_all

__all__ = ["EvidenceClauses"]

_WORDS: Final = tuple(f"What was said at meeting {number}, word for word." for number in range(4))


def _draws() -> Callable[[int], bytes]:
    """Bytes that look random and are the same in each run."""
    numbers = count()
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


def _over(store: Store) -> Ledger:
    return Ledger(store, recorder="contract", clock=ticking(START + timedelta(days=1)), draw=_draws())


def _told(store: Store) -> tuple[Ledger, list[str]]:
    """A ledger over the store, with four claims in three calls, and their ids."""
    ledger = _over(store)
    first, second, third, fourth = (
        announced(
            ev.InstitutionOpened(f"office-{number}"),
            when="2017",
            sources=Source("Made-up Gazette", title=f"Title {number}"),
            note=words,
        )
        for number, words in enumerate(_WORDS)
    )
    ids = [*ledger.record(first).ids, *ledger.record(second, third, once="key").ids, *ledger.record(fourth).ids]
    return ledger, ids


def _said(entry: Entry) -> Claim:
    """What an entry of :func:`_told` says: all of them are claims."""
    return cast(Claim, entry.body)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _roots(store: Store) -> list[bytes]:
    """The root at every size, computed from the leaves that the store gives."""
    hashes = [leaf_hash(stored.leaf) for stored in read_all(store)]
    return [root_of(hashes[:size]) for size in range(len(hashes) + 1)]


class EvidenceClauses(StoreClauses):
    """Redaction, export and import, proofs, publication."""

    @clause
    def test_a_redaction_erases_words_and_nothing_else(self, store: Store) -> None:
        """A redaction erases the words that it names and nothing else: leaves, roots and proofs stay."""
        ledger, ids = _told(store)
        before, leaves, proof = _said(ledger.entry(1)), [one.leaf for one in read_all(store)], ledger.prove(1)
        root, size = ledger.root, ledger.size
        ledger.record(Redaction(ids[1], ("/note",), "GDPR 17", "officer"))
        found: Any = ledger.entry(1).body
        differing("the note", REDACTED, found.note)
        must(found.sources == before.sources, "words went that the redaction does not name")
        states = {"/note": SealedState.REDACTED, "/sources/0/title": SealedState.OPEN}
        differing("how its texts stand", states, ledger.sealed(1))
        differing("the leaves", leaves, [one.leaf for one in read_all(store)][:size])
        differing("the root of before", root, ledger.at(size=size).basis.root)
        proof.verify(leaf=leaves[1], root=root, size=size)
        ledger.prove(1).verify(leaf=leaves[1], root=ledger.root, size=ledger.size)
        differing("what another entry says", _WORDS[2], _said(ledger.entry(2)).note)
        differing("the leftovers", [], store.leftovers([_WORDS[1].encode()]))

    @clause
    def test_a_redaction_that_is_refused_erases_nothing(self, store: Store) -> None:
        """A redaction under a condition that does not hold erases nothing and records nothing."""
        ledger, ids = _told(store)
        before = held(store)
        act = Redaction(ids[1], ("/note",), "GDPR 17", "officer")
        stale = Unchanged(about("institution:office-0"), since=0)
        refused(AppendConflictError, lambda: ledger.record(act, condition=stale))
        alike("the store after a refused redaction", before, store)

    @clause
    def test_a_redaction_outlives_the_store(self) -> None:
        """Words that were erased do not come back when the store is opened again."""
        with self.afresh() as store:
            ledger, ids = _told(store)
            ledger.record(Redaction(ids[1], ("/note",), "GDPR 17", "officer"))
            before = held(store)
            other = self.trace.over(self.reopen(bare(store), ticking(START + timedelta(days=2))))
            try:
                alike("the store that was opened again", before, other)
                differing("how its texts stand", SealedState.REDACTED, _over(other).sealed(1)["/note"])
                differing("the leftovers", [], other.leftovers([_WORDS[1].encode()]))
            finally:
                bare(other).close()

    @clause
    def test_a_bundle_makes_an_equal_store(self, store: Store) -> None:
        """A bundle of a store makes an equal store of the same kind, which goes on from there."""
        ledger, ids = _told(store)
        ledger.record(Redaction(ids[0], ("/note",), "GDPR 17", "officer"), once="erase")
        with _folder() as folder, self.opened() as copy:
            written = ledger.export(folder / "one.bundle")
            differing("the footer", (ledger.size, ledger.root), (written.entries, written.root))
            import_bundle(folder / "one.bundle", copy)
            alike("the store that took the bundle", held(store), copy)
            differing("the key of the redaction", store.once("erase"), copy.once("erase"))
            other = _over(copy)
            other.export(folder / "two.bundle")
            one, two = ((folder / name).read_bytes() for name in ("one.bundle", "two.bundle"))
            differing("the bundle of what was imported", one, two)
            again = other.record(Redaction(ids[0], ("/note",), "GDPR 17", "officer"), once="erase")
            differing("the size after a call that was made before", ledger.size, again.size)
            other.record(announced(ev.InstitutionOpened("annex"), when="2018", sources=Source("Made-up Gazette")))
            proof = other.prove_consistency(ledger.size)
            proof.verify(root_old=ledger.root, root=other.root, size_old=ledger.size, size=other.size)

    @clause
    def test_a_bundle_without_words_keeps_every_hash(self, store: Store) -> None:
        """A bundle without sealed texts makes a store of the same leaves and root, in which no word is."""
        ledger, _ = _told(store)
        with _folder() as folder, self.opened() as copy:
            ledger.export(folder / "sealed.bundle", openings=False)
            import_bundle(folder / "sealed.bundle", copy)
            differing("the head", store.head(), copy.head())
            differing("the leaves", [one.leaf for one in read_all(store)], [one.leaf for one in read_all(copy)])
            differing("the openings", [None] * ledger.size, [copy.openings(at) for at in range(ledger.size)])
            differing("the tree", store.hashes(0, ledger.size), copy.hashes(0, ledger.size))

    @clause
    def test_a_damaged_bundle_leaves_nothing(self, store: Store) -> None:
        """A bundle that is damaged in its last line leaves a store empty, and ready for a whole one."""
        ledger, _ = _told(store)
        with _folder() as folder, self.opened() as copy:
            path = folder / "whole.bundle"
            ledger.export(path)
            root = ledger.root.hex().encode()
            data = path.read_bytes()
            must(data.count(root) == 1, "the footer of the bundle does not name the root of the store")
            (folder / "damaged.bundle").write_bytes(data.replace(root, bytes(32).hex().encode()))
            refused(BundleError, lambda: import_bundle(folder / "damaged.bundle", copy))
            differing("the size after a damaged bundle", 0, copy.head().size)
            differing("the labels after a damaged bundle", [], copy.labels())
            import_bundle(path, copy)
            alike("the store that took the whole bundle", held(store), copy)

    @clause
    def test_proofs_hold_at_every_size(self, store: Store) -> None:
        """Proofs that a ledger gives hold against roots that are computed from the leaves, at every size."""
        ledger, _ = _told(store)
        roots, leaves = _roots(store), [one.leaf for one in read_all(store)]
        for size in range(1, len(leaves) + 1):
            for index in range(size):
                ledger.prove(index, size=size).verify(leaf=leaves[index], root=roots[size], size=size)
            for size_old in range(size + 1):
                proof = ledger.prove_consistency(size_old, size)
                proof.verify(root_old=roots[size_old], root=roots[size], size_old=size_old, size=size)
        refused(LeafHashError, lambda: ledger.prove(0).verify(leaf=leaves[1], root=roots[-1]))

    @clause
    def test_proofs_hold_across_tiles(self, store: Store) -> None:
        """Proofs hold where tiles fill up, for leaves before, at and after their edges."""
        store.append([made_up() for _ in range(TILE_WIDTH - 1)])
        for size in (1, 3, TILE_WIDTH):
            store.append([made_up() for _ in range(size)])
        ledger, leaves = _over(store), [one.leaf for one in read_all(store)]
        hashes = [leaf_hash(leaf) for leaf in leaves]
        sizes = (1, TILE_WIDTH - 1, TILE_WIDTH, TILE_WIDTH + 1, TILE_WIDTH + 3, len(leaves))
        for size in sizes:
            root = root_of(hashes[:size])
            for index in {0, TILE_WIDTH - 1, TILE_WIDTH, size - 1}.intersection(range(size)):
                ledger.prove(index, size=size).verify(leaf=leaves[index], root=root, size=size)
            for size_old in (one for one in sizes if one <= size):
                proof = ledger.prove_consistency(size_old, size)
                proof.verify(root_old=root_of(hashes[:size_old]), root=root, size_old=size_old, size=size)

    @clause
    def test_published_files_are_those_of_the_store(self, store: Store) -> None:
        """A published store gives files that agree with themselves and with its root, and grow with it."""
        store.append([made_up() for _ in range(TILE_WIDTH)])
        ledger, _ = _told(store)
        with _folder() as folder:
            for _ in range(2):
                ledger.publish(folder / "public")
                found = read_published(folder / "public")
                differing("what was published", (ledger.size, ledger.root), (found.size, found.root))
                store.append([made_up()])

    @clause
    def test_an_entry_reads_as_it_was_recorded(self, store: Store) -> None:
        """A ledger reads from a store what it recorded, by place, by id, by key and by subject."""
        ledger, ids = _told(store)
        notes = [_said(entry).note for entry in ledger.entries()]
        differing("the notes", list(_WORDS), notes)
        differing("the ids", ids, [entry.id for entry in ledger.entries()])
        differing("an entry by its id", ledger.entry(2), ledger.entry(ids[2]))
        differing("the entries of the call", ids[1:3], [one.id for one in store.once("key")])
        subject = "institution:office-3"
        differing("the entries of a subject", [ids[3]], [one.id for one in ledger.entries(about(subject))])
        differing("the subjects", [f"institution:office-{number}" for number in range(4)], list(ledger.subjects()))
