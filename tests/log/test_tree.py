"""Roots and proofs against the recursive twin, and every spoiled proof refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import ConsistencyError, InclusionError, InvalidValueError, VerificationError
from coop_ledger.log import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    reader_over,
    root_of,
    root_over,
    verify_consistency,
    verify_inclusion,
)
from tests.reference import tree

leaves_lists = st.lists(st.binary(max_size=3), max_size=40)
grown = st.lists(st.binary(max_size=3), min_size=1, max_size=40)


def hashes(leaves: list[bytes]) -> list[bytes]:
    return [leaf_hash(leaf) for leaf in leaves]


@given(leaves_lists, st.integers(0, 40))
def test_the_root_is_the_recursive_one_however_it_grew(leaves: list[bytes], cut: int) -> None:
    frontier = Frontier()
    frontier.extend(hashes(leaves[:cut]))
    again = Frontier.from_bytes(frontier.size, frontier.to_bytes())
    copy = again.copy()
    again.extend(hashes(leaves[cut:]))
    assert again.root() == tree.mth(leaves) == root_of(hashes(leaves))
    assert root_over(len(leaves), reader_over(hashes(leaves))) == tree.mth(leaves)
    assert (again.size, copy.size, copy.root()) == (len(leaves), len(leaves[:cut]), tree.mth(leaves[:cut]))
    assert len(again.peaks) == len(leaves).bit_count()


@given(leaves_lists, st.integers(0, 5), leaves_lists)
def test_a_full_subtree_may_come_as_its_hash(before: list[bytes], height: int, behind: list[bytes]) -> None:
    width = 1 << height
    before = before[: len(before) // width * width]
    subtree = [bytes([number]) for number in range(width)]
    frontier = Frontier()
    frontier.extend(hashes(before))
    frontier.extend_full(tree.mth(subtree), height)
    frontier.extend(hashes(behind))
    assert frontier.root() == tree.mth([*before, *subtree, *behind])
    assert frontier.size == len(before) + width + len(behind)


def test_a_full_subtree_stands_at_a_multiple_of_its_leaves() -> None:
    frontier = Frontier()
    frontier.extend(hashes([b"a"]))
    frontier.extend_full(leaf_hash(b"b"), 0)
    with pytest.raises(InvalidValueError, match="no full subtree of that height"):
        frontier.extend_full(EMPTY_ROOT, 2)
    assert (frontier.size, frontier.root()) == (2, tree.mth([b"a", b"b"]))


@given(grown, st.data())
def test_inclusion_is_the_recursive_path_and_verifies(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = prove_inclusion(index, len(leaves), reader_over(hashes(leaves)))
    assert list(proof) == tree.path(index, leaves)
    verify_inclusion(index, len(leaves), leaf_hash(leaves[index]), proof, tree.mth(leaves))


@given(grown, st.data())
def test_consistency_is_the_recursive_proof_and_verifies(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(0, len(leaves)))
    proof = prove_consistency(old, len(leaves), reader_over(hashes(leaves)))
    assert list(proof) == (tree.proof(old, leaves) if old else [])
    verify_consistency(old, len(leaves), tree.mth(leaves[:old]), tree.mth(leaves), proof)


def test_every_proof_of_every_small_log_verifies() -> None:
    """Each shape of the right edge once; examples drawn at random miss some."""
    leaves = hashes([bytes([at]) for at in range(35)])
    roots = [root_of(leaves[:size]) for size in range(len(leaves) + 1)]
    read = reader_over(leaves)
    for size, root in enumerate(roots):
        for at in range(size):
            verify_inclusion(at, size, leaves[at], prove_inclusion(at, size, read), root)
            verify_consistency(at, size, roots[at], root, prove_consistency(at, size, read))


def flipped(value: bytes, bit: int) -> bytes:
    place = bit % (len(value) * 8)
    return bytes(byte ^ (1 << place % 8 if at == place // 8 else 0) for at, byte in enumerate(value))


@given(st.lists(st.binary(max_size=3), min_size=2, max_size=40, unique=True), st.integers(0, 255), st.data())
def test_a_spoiled_inclusion_never_verifies(leaves: list[bytes], bit: int, data: st.DataObject) -> None:
    """T48."""
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = list(prove_inclusion(index, size, reader_over(hashes(leaves))))
    leaf, root = leaf_hash(leaves[index]), tree.mth(leaves)
    at = data.draw(st.integers(0, len(proof) - 1))
    spoiled: list[Callable[[], None]] = [
        lambda: verify_inclusion(index, size, flipped(leaf, bit), proof, root),
        lambda: verify_inclusion(index, size, leaf, proof, flipped(root, bit)),
        lambda: verify_inclusion(index, size, leaf, [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]], root),
        lambda: verify_inclusion(index, size, leaf, proof[:-1], root),
        lambda: verify_inclusion(index, size, leaf, [*proof, root], root),
        lambda: verify_inclusion(index, size, leaf, [leaf, *proof], root),
        lambda: verify_inclusion((index + 1) % size, size, leaf, proof, root),
    ]
    for attempt in spoiled:
        with pytest.raises(InclusionError):
            attempt()


@given(st.lists(st.binary(max_size=3), min_size=2, max_size=40, unique=True), st.integers(0, 255), st.data())
def test_a_spoiled_consistency_never_verifies(leaves: list[bytes], bit: int, data: st.DataObject) -> None:
    """T48."""
    size = len(leaves)
    old = data.draw(st.integers(1, size - 1))
    proof = list(prove_consistency(old, size, reader_over(hashes(leaves))))
    before, after = tree.mth(leaves[:old]), tree.mth(leaves)
    at = data.draw(st.integers(0, len(proof) - 1))
    spoiled: list[Callable[[], None]] = [
        lambda: verify_consistency(old, size, flipped(before, bit), after, proof),
        lambda: verify_consistency(old, size, before, flipped(after, bit), proof),
        lambda: verify_consistency(old, size, before, after, [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]),
        lambda: verify_consistency(old, size, before, after, proof[:-1]),
        lambda: verify_consistency(old, size, before, after, [*proof, after]),
        lambda: verify_consistency(old, size, before, after, []),
        lambda: verify_consistency(old, old, before, after, []),
        lambda: verify_consistency(size, size, before, after, []),
    ]
    for attempt in spoiled:
        with pytest.raises(ConsistencyError):
            attempt()


def test_edges_of_consistency_are_the_documented_rule() -> None:
    root = leaf_hash(b"a")
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(0, 1, EMPTY_ROOT, root, [])
    for sizes, roots, proof in (
        ((0, 1), (EMPTY_ROOT, root), [root]),
        ((0, 1), (root, root), []),
        ((0, 0), (EMPTY_ROOT, root), []),
        ((1, 1), (root, root), [root]),
        ((1, 1), (root, EMPTY_ROOT), []),
    ):
        with pytest.raises(ConsistencyError):
            verify_consistency(*sizes, *roots, proof)
    with pytest.raises(InvalidValueError):  # a rollback
        verify_consistency(2, 1, root, root, [])


@pytest.mark.parametrize("place", [(-1, 3), (3, 3), (0, 0), (True, 3), (0, 3.0), ("0", 3)])
def test_places_outside_the_log_are_refused(place: tuple[int, int]) -> None:
    leaf = leaf_hash(b"a")
    with pytest.raises(InvalidValueError):
        prove_inclusion(*place, reader_over([leaf] * 3))
    with pytest.raises(InvalidValueError):
        verify_inclusion(*place, leaf, [], leaf)


@pytest.mark.parametrize("bad", [b"", b"x" * 31, b"x" * 33, "x" * 32, None, bytearray(32)])
def test_what_is_no_hash_is_refused_everywhere(bad: bytes) -> None:
    good = leaf_hash(b"a")
    uses: list[Callable[[], object]] = [
        lambda: verify_inclusion(0, 1, bad, [], good),
        lambda: verify_inclusion(0, 1, good, [], bad),
        lambda: verify_inclusion(0, 2, good, [bad], good),
        lambda: verify_consistency(1, 2, bad, good, []),
        lambda: verify_consistency(1, 2, good, bad, []),
        lambda: verify_consistency(1, 2, good, good, [bad]),
        lambda: Frontier(1, [bad]),
    ]
    for use in uses:
        with pytest.raises(InvalidValueError):
            use()


def test_peaks_must_fit_the_size() -> None:
    for size, peaks in ((1, []), (3, [leaf_hash(b"")]), (-1, []), (0, [leaf_hash(b"")])):
        with pytest.raises(InvalidValueError):
            Frontier(size, peaks)


def test_a_node_is_no_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    forged = left + right
    root = node_hash(left, right)
    assert leaf_hash(forged) != root
    with pytest.raises(VerificationError):
        verify_inclusion(0, 1, leaf_hash(forged), [], root)
