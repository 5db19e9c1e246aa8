"""Proofs of a ledger: those of the slow definition, from tiles alone, refused where anything is other than it was."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import ConsistencyProof, Ledger, Proof
from coop_ledger.errors import (
    ConsistencyError,
    EntryNotFoundError,
    InclusionError,
    InvalidValueError,
    LeafHashError,
    NoteError,
    SplitViewError,
    StoreDamagedError,
    WrongOriginError,
)
from coop_ledger.log import EMPTY_ROOT, Checkpoint, leaf_hash, parse_note, parse_proof, verify_note
from coop_ledger.signing import check_ed25519
from coop_ledger.stores import SqliteStore
from tests.ledger.evidence import (
    ORIGIN,
    checkpoint_of,
    damage,
    entry_id,
    file_ledger,
    key_of,
    leaf,
    memory_ledger,
    signed,
)
from tests.reference import tree

SIZE = 600
shared_ledger = cache(lambda: memory_ledger(SIZE))
sizes = st.integers(1, 40) | st.sampled_from([255, 256, 257, 511, 512, 513, SIZE]) | st.integers(1, SIZE)
LARGE = 70_000


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


@given(sizes, st.data())
def test_a_proof_is_the_path_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf(at) for at in range(size)]
    which: int | str = index if data.draw(st.booleans()) else entry_id(index)
    proof = shared_ledger().prove(which, size=size)
    assert proof == Proof(
        ORIGIN, index, size, leaf(index), leaf_hash(leaf(index)), tuple(tree.path(index, leaves)), tree.mth(leaves)
    )
    proof.verify(leaf=leaf(index), root=tree.mth(leaves))
    proof.verify(leaf=leaf(index), root=tree.mth(leaves), size=size)


@given(sizes, st.data())
def test_a_proof_of_growth_is_that_of_the_definition(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    leaves = [leaf(at) for at in range(size)]
    proof = shared_ledger().prove_consistency(old, size)
    hashes = tuple(tree.proof(old, leaves)) if old else ()
    assert proof == ConsistencyProof(ORIGIN, old, size, tree.mth(leaves[:old]), tree.mth(leaves), hashes)
    proof.verify(root_old=tree.mth(leaves[:old]), root=tree.mth(leaves))
    proof.verify(root_old=tree.mth(leaves[:old]), root=tree.mth(leaves), size_old=old, size=size)


def test_without_a_size_a_proof_is_about_all_there_is(any_ledger: Any, ledger: Ledger) -> None:
    from tests.ledger.support import PLAN

    for _ in range(3):
        receipt = any_ledger.record(PLAN)
    proof = any_ledger.prove(receipt.ids[0])
    assert (proof.origin, proof.index, proof.size, proof.root) == (any_ledger.origin, 2, 3, receipt.root)
    assert proof == any_ledger.prove(2) == any_ledger.prove(2, size=3)
    assert any_ledger.prove_consistency(1) == any_ledger.prove_consistency(1, 3)
    assert ledger.prove_consistency(0) == ConsistencyProof(ledger.origin, 0, 0, EMPTY_ROOT, EMPTY_ROOT, ())


@given(st.integers(2, 60) | st.sampled_from([256, 257, SIZE]), st.data())
def test_a_spoiled_proof_never_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = shared_ledger().prove(index, size=size)
    at = data.draw(st.integers(0, len(proof.hashes) - 1))
    hashes = proof.hashes
    other = (index + data.draw(st.integers(1, size - 1))) % size
    spoiled = [
        attrs.evolve(proof, hashes=(*hashes[:at], flipped(hashes[at]), *hashes[at + 1 :])),
        attrs.evolve(proof, hashes=(*hashes[:at], *hashes[at + 1 :])),
        attrs.evolve(proof, hashes=(*hashes, hashes[-1])),
        attrs.evolve(proof, hashes=()),
        attrs.evolve(proof, hashes=(*hashes[:at], hashes[at][:31], *hashes[at + 1 :])),
        attrs.evolve(proof, index=other),
        attrs.evolve(proof, index=size),
        attrs.evolve(proof, index=-1),
        attrs.evolve(proof, size=index),
        attrs.evolve(proof, root=flipped(proof.root)),
    ]
    for one in spoiled:
        with pytest.raises(InclusionError):
            one.verify(leaf=leaf(index), root=proof.root)
    with pytest.raises(InclusionError):
        proof.verify(leaf=leaf(index), root=flipped(proof.root))


@given(st.integers(2, 60) | st.sampled_from([256, 257, SIZE]), st.data())
def test_a_spoiled_proof_of_growth_never_verifies(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof = shared_ledger().prove_consistency(old, size)
    at = data.draw(st.integers(0, len(proof.hashes) - 1))
    hashes, roots = proof.hashes, (proof.root_old, proof.root)
    spoiled = [
        attrs.evolve(proof, hashes=(*hashes[:at], flipped(hashes[at]), *hashes[at + 1 :])),
        attrs.evolve(proof, hashes=(*hashes[:at], *hashes[at + 1 :])),
        attrs.evolve(proof, hashes=(*hashes, hashes[-1])),
        attrs.evolve(proof, hashes=()),
        attrs.evolve(proof, hashes=(b"", *hashes[1:])),
        attrs.evolve(proof, size_old=size, size=old),
        attrs.evolve(proof, size_old=size),
        attrs.evolve(proof, size_old=0),
        attrs.evolve(proof, size_old=-1),
        attrs.evolve(proof, root_old=flipped(roots[0])),
        attrs.evolve(proof, root=flipped(roots[1])),
    ]
    for one in spoiled:
        with pytest.raises(ConsistencyError):
            one.verify(root_old=roots[0], root=roots[1])
    for root_old, root in ((flipped(roots[0]), roots[1]), (roots[0], flipped(roots[1])), roots[::-1]):
        with pytest.raises(ConsistencyError):
            proof.verify(root_old=root_old, root=root)


def test_a_proof_of_another_entry_is_refused_by_the_leaf_that_is_shown() -> None:
    proof = shared_ledger().prove(5)
    for shown in (leaf(6), leaf(5) + b" ", b""):
        with pytest.raises(LeafHashError) as caught:
            proof.verify(leaf=shown, root=proof.root)
        assert caught.value.where == "position 5"
    with pytest.raises(LeafHashError):  # the proof says that it is about the leaf that is shown; it is not
        attrs.evolve(proof, leaf=leaf(6)).verify(leaf=leaf(6), root=proof.root)
    with pytest.raises(InclusionError):
        attrs.evolve(proof, leaf=leaf(6), leaf_hash=leaf_hash(leaf(6))).verify(leaf=leaf(6), root=proof.root)
    with pytest.raises(InvalidValueError):
        proof.verify(leaf="text", root=proof.root)  # type: ignore[arg-type]
    with pytest.raises(InclusionError):
        proof.verify(leaf=leaf(5), root=None)  # type: ignore[arg-type]


def test_a_proof_does_not_show_its_own_size_so_it_is_asked_for() -> None:
    """Entry 0 of 5 and of 6 has as many hashes: with the root of 5, a proof that claims 6 leads there too."""
    proof = shared_ledger().prove(0, size=5)
    forged = attrs.evolve(proof, size=6)
    forged.verify(leaf=leaf(0), root=proof.root)
    with pytest.raises(InclusionError, match="another size"):
        forged.verify(leaf=leaf(0), root=proof.root, size=5)
    growth = shared_ledger().prove_consistency(4, 8)
    for other in ({"size_old": 3, "size": 8}, {"size_old": 4, "size": 7}, {"size": 9}):
        with pytest.raises(ConsistencyError, match="another size"):
            growth.verify(root_old=growth.root_old, root=growth.root, **other)


@pytest.mark.parametrize("which", ["no such id", -1, SIZE, 10**30, "id-1", ""])
def test_entries_that_are_not_there_have_no_proof(which: str | int) -> None:
    with pytest.raises(EntryNotFoundError):
        shared_ledger().prove(which)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda ledger: ledger.prove(None),
        lambda ledger: ledger.prove(True),
        lambda ledger: ledger.prove(1.0),
        lambda ledger: ledger.prove("\ud800"),
        lambda ledger: ledger.prove(0, size=0),
        lambda ledger: ledger.prove(5, size=5),
        lambda ledger: ledger.prove(5, size=SIZE + 1),
        lambda ledger: ledger.prove(0, size=True),
        lambda ledger: ledger.prove(0, size="9"),
        lambda ledger: ledger.prove_consistency(-1),
        lambda ledger: ledger.prove_consistency(SIZE + 1),
        lambda ledger: ledger.prove_consistency(9, 8),
        lambda ledger: ledger.prove_consistency(9, SIZE + 1),
        lambda ledger: ledger.prove_consistency(None),
        lambda ledger: ledger.prove_consistency(True),
        lambda ledger: ledger.prove_consistency(0, 8.0),
    ],
)
def test_places_and_sizes_that_are_none_are_refused(attempt: Callable[[Ledger], object]) -> None:
    with pytest.raises(InvalidValueError):
        attempt(shared_ledger())


def test_an_entry_has_no_proof_at_a_size_before_it() -> None:
    with pytest.raises(InvalidValueError) as caught:
        shared_ledger().prove(entry_id(5), size=5)
    assert (caught.value.where, caught.value.expected) == ("size", f"6 to {SIZE}")


@given(sizes, st.data())
def test_a_proof_text_reads_back_and_holds_without_the_ledger(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, note = shared_ledger().prove(index, size=size), checkpoint_of(shared_ledger(), size)
    text = proof.text(note)
    assert Proof.from_text(text, leaf=leaf(index)) == proof
    found = parse_proof(text)
    assert (found.checkpoint, found.extra) == (note, None)
    (verified,) = verify_note(parse_note(found.checkpoint), [key_of(ORIGIN).vkey], check_ed25519)
    assert verified.key.name == ORIGIN


def test_a_checkpoint_of_something_else_makes_no_text() -> None:
    ledger = shared_ledger()
    proof = ledger.prove(3, size=8)
    with pytest.raises(InvalidValueError) as caught:
        proof.text(checkpoint_of(ledger, 9))
    assert caught.value.hint == "prove the entry with size=9"
    with pytest.raises(WrongOriginError):
        proof.text(signed(Checkpoint("other.example/1", 8, proof.root)))
    with pytest.raises(SplitViewError):
        proof.text(signed(Checkpoint(ORIGIN, 8, flipped(proof.root))))
    for odd in (b"", b"text\n", checkpoint_of(ledger, 8)[:-1], checkpoint_of(ledger, 8).replace(b"\n8\n", b"\n08\n")):
        with pytest.raises(NoteError):
            proof.text(odd)
    with pytest.raises(InvalidValueError):
        proof.text("text")  # type: ignore[arg-type]
    with pytest.raises(InclusionError):
        attrs.evolve(proof, hashes=proof.hashes[:-1]).text(checkpoint_of(ledger, 8))
    with pytest.raises(LeafHashError):
        attrs.evolve(proof, leaf=b"other").text(checkpoint_of(ledger, 8))


def test_a_text_is_read_for_the_leaf_that_is_shown() -> None:
    """T49."""
    text = shared_ledger().prove(3, size=8).text(checkpoint_of(shared_ledger(), 8))
    for shown in (leaf(2), b""):
        with pytest.raises(InclusionError):
            Proof.from_text(text, leaf=shown)
    with pytest.raises(InclusionError):
        Proof.from_text(text.replace(b"index 3", b"index 8"), leaf=leaf(3))
    with pytest.raises(InclusionError):
        Proof.from_text(text.replace(b"\n8\n", b"\n9\n"), leaf=leaf(3))
    with pytest.raises(InvalidValueError):
        Proof.from_text(text, leaf="text")  # type: ignore[arg-type]
    with pytest.raises(NoteError):
        Proof.from_text(text.partition(b"\n\n")[0] + b"\n\na checkpoint\n", leaf=leaf(3))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with file_ledger(tmp_path_factory.mktemp("large") / "x.db", LARGE) as ledger:
        yield ledger


class Reads:
    """What a ledger file is asked while this is entered: columns, statements, and hashes of the tree."""

    def __init__(self, ledger: Ledger) -> None:
        assert isinstance(ledger._store, SqliteStore)
        self.connection = ledger._store._connections.get()
        self.columns: set[tuple[str, str]] = set()
        self.statements: list[str] = []

    def _authorize(self, action: int, table: str | None, column: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ:
            self.columns.add((str(table), str(column)))
        return sqlite3.SQLITE_OK

    def __enter__(self) -> Reads:
        self.connection.set_authorizer(self._authorize)
        self.connection.set_trace_callback(self.statements.append)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.set_authorizer(None)
        self.connection.set_trace_callback(None)

    @property
    def hashes(self) -> int:
        """Hashes that the statements gave: 256 for a tile, and one a row for roots and leaf hashes."""
        total = 0
        for statement in self.statements:
            span = re.search(r"SELECT (?:root|hash) FROM .* >= (\d+) AND .* < (\d+)", statement)
            if span:
                total += int(span[2]) - int(span[1])
            elif "SELECT blob FROM tiles" in statement:
                total += 256
        return total


places = st.integers(0, LARGE - 1) | st.sampled_from([0, 65_535, 65_536, 69_887, 69_888, LARGE - 1])


@settings(max_examples=25)
@given(places, places)
def test_a_proof_of_a_large_file_reads_one_leaf_and_few_hashes(large: Ledger, index: int, place: int) -> None:
    size = max(index, place) + 1
    with Reads(large) as reads:
        proof = large.prove(index, size=size)
    assert proof.leaf == leaf(index)
    (asked,) = [statement for statement in reads.statements if "leaf" in statement]
    assert f"e.position > {index - 1} AND e.position < {index + 1}" in asked
    assert 0 < reads.hashes < 2_000
    assert ("tiles", "root") in reads.columns


@settings(max_examples=25)
@given(places, places)
def test_a_proof_of_growth_of_a_large_file_reads_no_leaf(large: Ledger, one: int, other: int) -> None:
    with Reads(large) as reads:
        proof = large.prove_consistency(min(one, other), max(one, other))
    proof.verify(root_old=proof.root_old, root=proof.root)
    assert ("entries", "leaf") not in reads.columns
    assert reads.hashes < 2_000


def test_the_watch_sees_a_leaf_where_one_is_read(large: Ledger) -> None:
    with Reads(large) as reads:
        large._store.read(((),), limit=1)
    assert ("entries", "leaf") in reads.columns


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET leaf = x'00' WHERE position = 300",
        "UPDATE tiles SET blob = zeroblob(8192) WHERE place = 1",
        "UPDATE tiles SET root = zeroblob(32) WHERE place = 0",
        "UPDATE entries SET hash = zeroblob(32) WHERE position = 514",
        "UPDATE head SET frontier = zeroblob(96)",
        "DELETE FROM tiles WHERE place = 1",
    ],
)
@pytest.mark.parametrize("size", [400, 515])
def test_a_damaged_file_gives_no_proof(tmp_path: Path, statement: str, size: int) -> None:
    path = tmp_path / "x.db"
    file_ledger(path, 515).close()
    damage(path, statement)
    with file_ledger(path, 0) as ledger:
        with pytest.raises(StoreDamagedError):
            ledger.prove(300, size=size)
        if "leaf" not in statement:
            with pytest.raises(StoreDamagedError):
                ledger.prove_consistency(300, size)


def test_a_rewritten_file_is_found_by_the_root_that_was_kept(tmp_path: Path) -> None:
    """Who rewrites all of it gives proofs that agree with themselves; the root kept elsewhere does not."""
    kept = shared_ledger().prove_consistency(10).root_old
    rewritten = memory_ledger(20, other_from=7)
    proof = rewritten.prove_consistency(10)
    proof.verify(root_old=proof.root_old, root=rewritten.root)
    with pytest.raises(ConsistencyError):
        proof.verify(root_old=kept, root=rewritten.root)
    with pytest.raises(InclusionError):
        rewritten.prove(3, size=10).verify(leaf=leaf(3), root=kept)
