"""
The right edge of the growing tree: enough to append and to know the root. Knows no storage.

The frontier of a tree of n leaves is the hashes of its full subtrees, one for each bit of n, largest first.
"""

from __future__ import annotations

from collections.abc import Iterable

from coop_ledger.errors import InvalidValueError, repr_of
from coop_ledger.log.hashing import EMPTY_ROOT, HASH_SIZE, check_hash, node_hash

__all__ = ["Frontier", "root_of"]


class Frontier:
    """
    A tree that only grows, kept as its full subtrees.

    Args:
        size: Leaves so far.
        peaks: Hashes of the full subtrees, largest first: one for each bit of *size*.

    Raises:
        InvalidValueError: The number of peaks does not fit the size, or one is no hash.

    >>> from coop_ledger.log.hashing import leaf_hash
    >>> frontier = Frontier()
    >>> frontier.extend([leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")])
    >>> frontier.size, len(frontier.peaks)
    (3, 2)
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        given = [check_hash("peaks", peak) for peak in peaks]
        if size < 0 or len(given) != size.bit_count():
            expected = f"{max(size, 0).bit_count()} for {repr_of(size)} leaves"
            raise InvalidValueError(
                "the peaks do not fit the size", where="peaks", expected=expected, found=str(len(given))
            )
        self._size = size
        self._peaks = given

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Hashes of the full subtrees, largest first."""
        return tuple(self._peaks)

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """
        Append leaves, given as their hashes (32 bytes each), in order.

        Guarantees: two hashes a leaf, amortised.
        """
        size, peaks = self._size, self._peaks
        for node in leaf_hashes:
            bits = size
            while bits & 1:
                node = node_hash(peaks.pop(), node)
                bits >>= 1
            peaks.append(node)
            size += 1
        self._size = size

    def extend_full(self, subtree: bytes, height: int) -> None:
        """
        Append a full subtree whose hash is known: the same as to append its leaves.

        Args:
            subtree: Its hash, 32 bytes.
            height: It has ``2**height`` leaves.

        Raises:
            InvalidValueError: The leaves so far are no multiple of those, so that no such subtree stands there.
        """
        if self._size & ((1 << height) - 1):
            expected = f"a multiple of {repr_of(1 << height)} leaves in front of it"
            raise InvalidValueError(
                "no full subtree of that height can stand here",
                where="height",
                expected=expected,
                found=str(self._size),
            )
        bits = self._size >> height
        while bits & 1:
            subtree = node_hash(self._peaks.pop(), subtree)
            bits >>= 1
        self._peaks.append(subtree)
        self._size += 1 << height

    def root(self) -> bytes:
        """The RFC 6962 root over all leaves so far, 32 bytes."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> Frontier:
        """A frontier that grows on its own from here."""
        return Frontier(self._size, self._peaks)

    def to_bytes(self) -> bytes:
        """The peaks, one after the other; the size is kept beside them."""
        return b"".join(self._peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """
        The frontier that ``to_bytes`` wrote for a tree of *size* leaves.

        Raises:
            InvalidValueError: The bytes do not fit the size.
        """
        return cls(size, [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)])


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The RFC 6962 root over leaves given as their hashes."""
    frontier = Frontier()
    frontier.extend(leaf_hashes)
    return frontier.root()
