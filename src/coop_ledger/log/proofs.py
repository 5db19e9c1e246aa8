"""
Proofs that a leaf is in a log and that one log is a prefix of another, in pairs of prove and verify.

Knows no storage: a prover reads full subtrees through ``read(level, index)``, the hash over leaves
``index * 2**level`` to ``(index + 1) * 2**level - 1``. Verifiers fail closed: the number of hashes is
exact, each has 32 bytes, and the root is recomputed from the leaf's own hash. Source: RFC 9162, 2.1.3 and
2.1.4 (the same proofs as RFC 6962, 2.1.1 and 2.1.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coop_ledger.errors import ConsistencyError, InclusionError, InvalidValueError, repr_of
from coop_ledger.log.hashing import EMPTY_ROOT, check_hash, node_hash

__all__ = [
    "ReadNode",
    "prove_consistency",
    "prove_inclusion",
    "reader_over",
    "root_over",
    "verify_consistency",
    "verify_inclusion",
]

ReadNode = Callable[[int, int], bytes]
"""``read(level, index)`` gives the hash of a full subtree, 32 bytes."""


def reader_over(leaf_hashes: Sequence[bytes]) -> ReadNode:
    """A reader that computes subtrees from leaf hashes; each call costs the subtree's size."""

    def read(level: int, index: int) -> bytes:
        row = list(leaf_hashes[index << level : (index + 1) << level])
        while len(row) > 1:
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]

    return read


def _check_sizes(smaller: str, low: int, size: int, *, least: int, strict: bool) -> None:
    for name, number in ((smaller, low), ("size", size)):
        if not isinstance(number, int) or isinstance(number, bool):
            raise InvalidValueError("a number of leaves is an int", where=name, found=repr_of(number))
    if low < least or low > size or (strict and low == size):
        raise InvalidValueError(
            "there is no such place in the log",
            where=smaller,
            expected=f"{least} to {repr_of(size - 1 if strict else size)}",
            found=repr_of(low),
        )


def _range_root(start: int, end: int, read: ReadNode) -> bytes:
    """The hash over leaves *start* to *end*, where *start* is a multiple of the largest subtree inside."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(read(level, start >> level))
        start += 1 << level
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def root_over(size: int, read: ReadNode) -> bytes:
    """
    The root over the first *size* leaves, 32 bytes.

    Args:
        size: Leaves, 0 or more.
        read: ``read(level, index)`` gives the hash of a full subtree.

    Source: RFC 6962, 2.1.
    """
    return _range_root(0, size, read) if size else EMPTY_ROOT


def _split(start: int, end: int) -> int:
    """Where RFC 6962 splits a range: its start plus the largest power of two below its length."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def prove_inclusion(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """
    Show that the leaf at *index* is in the log of *size* leaves.

    Args:
        index: 0-based place of the leaf; index < size.
        size: Leaves of the log.
        read: Reader of full subtrees.

    Returns:
        Sibling hashes, lowest level first; empty for a log of one leaf.

    Raises:
        InvalidValueError: *index* is outside the log.

    Guarantees: O(log² size) reads of full subtrees.
    Source: RFC 9162, 2.1.3.1.
    """
    _check_sizes("index", index, size, least=0, strict=True)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(start, middle, read))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """
    Check that a leaf is in a log, from its own hash.

    Args:
        index: 0-based place of the leaf, from the entry shown.
        size: Leaves of the log, from a trusted checkpoint.
        leaf: The leaf's hash, recomputed from the entry shown.
        proof: Sibling hashes, lowest level first.
        root: Root of the log, from the same checkpoint.

    Raises:
        InclusionError: The proof has the wrong length or leads to another root.
        InvalidValueError: A place outside the log, or something that is no hash.

    Source: RFC 9162, 2.1.3.2.
    """
    _check_sizes("index", index, size, least=0, strict=True)
    node = check_hash("leaf", leaf)
    check_hash("root", root)
    hashes = [check_hash("proof", item) for item in proof]
    where, place, last = f"position {repr_of(index)}", index, size - 1
    for sibling in hashes:
        if last == 0:
            raise InclusionError("the proof has too many hashes", where=where, found=str(len(hashes)))
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise InclusionError("the proof has too few hashes", where=where, found=str(len(hashes)))
    if node != root:
        raise InclusionError("the proof leads to another root", where=where, expected=root.hex(), found=node.hex())


def prove_consistency(size_old: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """
    Show that the log at *size_old* is a prefix of the log at *size*.

    Args:
        size_old: Leaves of the earlier log; at most *size*. The empty log is a prefix of every log, and
            its proof is empty and proves nothing.
        size: Leaves of the later log.
        read: Reader of full subtrees.

    Returns:
        Hashes, lowest level first; empty if the sizes are equal or the earlier log is empty.

    Raises:
        InvalidValueError: *size_old* is negative or beyond *size*.

    Source: RFC 9162, 2.1.4.1.
    """
    _check_sizes("size_old", size_old, size, least=0, strict=False)
    if size_old in (0, size):
        return ()
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while size_old != end:
        middle = _split(start, end)
        if size_old <= middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(_range_root(start, end, read))
    return tuple(reversed(path))


def verify_consistency(size_old: int, size: int, root_old: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """
    Check that an earlier log is a prefix of a later one.

    Args:
        size_old: Leaves of the earlier log; at most *size*.
        size: Leaves of the later log.
        root_old: Root of the earlier log.
        root: Root of the later log.
        proof: Hashes, lowest level first; exactly none if the sizes are equal or *size_old* is 0.

    Raises:
        ConsistencyError: The proof has the wrong length or leads to other roots.
        InvalidValueError: *size_old* beyond *size* (a rollback), or something that is no hash.

    Source: RFC 9162, 2.1.4.2; from size 0 only the empty proof is taken (C2SP tlog-witness).
    """
    _check_sizes("size_old", size_old, size, least=0, strict=False)
    check_hash("root_old", root_old)
    check_hash("root", root)
    hashes = [check_hash("proof", item) for item in proof]
    if size_old in (0, size):
        if hashes:
            raise ConsistencyError("the proof has too many hashes", expected="none", found=str(len(hashes)))
        expected = EMPTY_ROOT if size_old == 0 else root
        if root_old != expected:
            raise ConsistencyError("the earlier root is another", expected=expected.hex(), found=root_old.hex())
        if size == 0 and root != EMPTY_ROOT:
            raise ConsistencyError("the root of no leaves is another", expected=EMPTY_ROOT.hex(), found=root.hex())
        return
    _verify_growth(size_old, size, root_old, root, hashes)


def _verify_growth(size_old: int, size: int, root_old: bytes, root: bytes, hashes: list[bytes]) -> None:
    if size_old & (size_old - 1) == 0:
        hashes = [root_old, *hashes]
    if not hashes:
        raise ConsistencyError("the proof has too few hashes", found="none")
    place, last = size_old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for item in hashes[1:]:
        if last == 0:
            raise ConsistencyError("the proof has too many hashes", found=str(len(hashes)))
        if place & 1 or place == last:
            old, new = node_hash(item, old), node_hash(item, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, item)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ConsistencyError("the proof has too few hashes", found=str(len(hashes)))
    if old != root_old:
        raise ConsistencyError("the proof leads to another earlier root", expected=root_old.hex(), found=old.hex())
    if new != root:
        raise ConsistencyError("the proof leads to another later root", expected=root.hex(), found=new.hex())
