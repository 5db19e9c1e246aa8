"""
Evidence about one log: that an entry is in it, and that it only grew. Knows bytes and stores; no event, no signature.

A proof is worth what its root is worth: take root and size from a checkpoint whose signatures were checked, never
from the proof itself. Proofs are made from the tiles that a store keeps; the only leaf that is read is the one that
is proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from coop_ledger import log
from coop_ledger.domain import Value
from coop_ledger.errors import (
    ConsistencyError,
    InclusionError,
    InvalidValueError,
    LeafHashError,
    SplitViewError,
    StoreDamagedError,
    VerificationError,
    WrongOriginError,
    repr_of,
)
from coop_ledger.log import (
    Checkpoint,
    ProofText,
    ReadNode,
    format_proof,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_proof,
    root_over,
)
from coop_ledger.stores import Head

__all__ = [
    "ConsistencyProof",
    "Proof",
    "check_checkpoint",
    "contradictions_are_damage",
    "proved_root",
    "signed_checkpoint",
]


@attrs.frozen(eq=False, repr=False)
class Proof(Value):
    """
    That one leaf is in a log; made by ``Ledger.prove``, or read from a ``.tlog-proof`` file.

    Args:
        origin: The log.
        index: 0-based place of the leaf.
        size: Leaves of the log.
        leaf: The leaf, as hashed.
        leaf_hash: Its hash, 32 bytes.
        hashes: Sibling hashes, lowest level first, 32 bytes each.
        root: Root of the log at that size, 32 bytes.
    """

    origin: str
    index: int
    size: int
    leaf: bytes
    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    root: bytes

    def verify(self, *, leaf: bytes, root: bytes, size: int | None = None) -> None:
        """
        Check that a leaf is in the log of a root.

        Args:
            leaf: The leaf that is shown, byte for byte.
            root: The root that is trusted, from a checkpoint.
            size: The size beside that root. A proof does not show its own size, so give it wherever it is known.

        Raises:
            LeafHashError: The proof is about another leaf.
            InclusionError: Another root or size, a place beyond the log, more or fewer hashes than there must be,
                or hashes that lead to another root.
            InvalidValueError: *leaf* is not bytes.

        Guarantees: hashes the leaf that is shown; nothing that the proof says of itself is taken on trust.
        Source: RFC 9162, 2.1.3.2.
        """
        if not isinstance(leaf, bytes):
            raise InvalidValueError("a leaf is bytes", where="leaf", found=type(leaf).__name__)
        found = leaf_hash(leaf)
        if found != self.leaf_hash:
            raise LeafHashError(
                "the proof is about another leaf",
                where=f"position {repr_of(self.index)}",
                expected=_hex(self.leaf_hash),
                found=found.hex(),
            )
        if root != self.root:
            raise InclusionError("the proof is about another root", expected=_hex(root), found=_hex(self.root))
        if size is not None and size != self.size:
            raise InclusionError("the proof is about another size", expected=repr_of(size), found=repr_of(self.size))
        with _malformed(InclusionError):
            log.verify_inclusion(self.index, self.size, found, self.hashes, root)

    def text(self, note: bytes) -> bytes:
        """
        This proof with a signed checkpoint, as a ``.tlog-proof`` file: a receipt that needs no ledger.

        Args:
            note: The signed checkpoint of the proof's size, verbatim; its signatures are not checked here.

        Raises:
            NoteError: *note* is no signed checkpoint.
            WrongOriginError: It is of another log.
            InvalidValueError: It is of another size.
            SplitViewError: It states another root at the same size.
            LeafHashError, InclusionError: The proof itself does not hold.

        Source: C2SP tlog-proof.
        """
        found = signed_checkpoint(note)
        if found.size != self.size:
            raise InvalidValueError(
                "the checkpoint is of another size", where="note", expected=repr_of(self.size), found=str(found.size),
                hint=f"prove the entry with size={found.size}",
            )  # fmt: skip
        check_checkpoint(found, self.origin, self.root)
        self.verify(leaf=self.leaf, root=found.root, size=found.size)
        return format_proof(ProofText(self.index, self.hashes, note))

    @classmethod
    def from_text(cls, data: bytes, *, leaf: bytes) -> Proof:
        """
        Read a ``.tlog-proof`` file, and check that it places a leaf under the checkpoint in it.

        Args:
            data: The file.
            leaf: The leaf that it is shown for.

        Returns:
            The proof, with origin, size and root of the checkpoint. Whether anybody signed that checkpoint is not
            checked: ask ``coop_ledger.log.verify_note`` before the proof is believed.

        Raises:
            NoteError: No proof, or no signed checkpoint in it.
            InclusionError: The leaf is not at that place under that root.
            InvalidValueError: *leaf* is not bytes.

        Source: C2SP tlog-proof.
        """
        if not isinstance(leaf, bytes):
            raise InvalidValueError("a leaf is bytes", where="leaf", found=type(leaf).__name__)
        found = parse_proof(data)
        origin, size, root = signed_checkpoint(found.checkpoint)
        proof = cls(origin, found.index, size, leaf, leaf_hash(leaf), found.hashes, root)
        proof.verify(leaf=leaf, root=root, size=size)
        return proof


@attrs.frozen(eq=False, repr=False)
class ConsistencyProof(Value):
    """
    That a log only grew from one size to another; made by ``Ledger.prove_consistency``.

    Args:
        origin: The log.
        size_old: Leaves of the earlier log. From the empty log nothing is proved: it is a prefix of every log.
        size: Leaves of the later log.
        root_old: Root of the earlier log, 32 bytes.
        root: Root of the later log, 32 bytes.
        hashes: Lowest level first, 32 bytes each.
    """

    origin: str
    size_old: int
    size: int
    root_old: bytes
    root: bytes
    hashes: tuple[bytes, ...]

    def verify(self, *, root_old: bytes, root: bytes, size_old: int | None = None, size: int | None = None) -> None:
        """
        Check that the log of one root is a prefix of the log of another.

        Args:
            root_old: The earlier root that is trusted, from a checkpoint.
            root: The later root, from a checkpoint.
            size_old: The size beside the earlier root; give it wherever it is known.
            size: The size beside the later root; the same.

        Raises:
            ConsistencyError: Another root or size, a later log that is smaller, more or fewer hashes than there must
                be, or hashes that lead to other roots.

        Source: RFC 9162, 2.1.4.2.
        """
        for name, expected, found in (("root_old", root_old, self.root_old), ("root", root, self.root)):
            if expected != found:
                raise ConsistencyError(
                    "the proof is about another root", where=name, expected=_hex(expected), found=_hex(found)
                )
        for name, known, stated in (("size_old", size_old, self.size_old), ("size", size, self.size)):
            if known is not None and known != stated:
                raise ConsistencyError(
                    "the proof is about another size", where=name, expected=repr_of(known), found=repr_of(stated)
                )
        with _malformed(ConsistencyError):
            log.verify_consistency(self.size_old, self.size, root_old, root, self.hashes)


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else type(value).__name__


@contextmanager
def _malformed(kind: type[VerificationError]) -> Iterator[None]:
    """What is wrong in the shape of evidence is a failure of the evidence, not of who checks it."""
    try:
        yield
    except InvalidValueError as error:
        raise kind("the proof is malformed", where=error.where, expected=error.expected, found=error.found) from error


def signed_checkpoint(note: bytes) -> Checkpoint:
    """
    What a signed checkpoint states; its signatures are not checked.

    Raises:
        NoteError: No signed note, or its text is no checkpoint.
    """
    if not isinstance(note, bytes):
        raise InvalidValueError("a signed checkpoint is bytes", where="checkpoint", found=type(note).__name__)
    return parse_checkpoint(parse_note(note).text)


def check_checkpoint(checkpoint: Checkpoint, origin: str, root: bytes) -> None:
    """
    Refuse a checkpoint that is not of a log, given the log's root at the checkpoint's size.

    Raises:
        WrongOriginError: It names another log.
        SplitViewError: It states another root.
    """
    if checkpoint.origin != origin:
        raise WrongOriginError(
            "the checkpoint is of another log", where="checkpoint", expected=origin, found=checkpoint.origin
        )
    if checkpoint.root != root:
        raise SplitViewError(
            "the checkpoint states another root at the same size",
            where=f"size {checkpoint.size}",
            expected=root.hex(),
            found=checkpoint.root.hex(),
            hint="keep both: one origin has two histories",
        )


def proved_root(head: Head, size: int, read: ReadNode) -> bytes:
    """
    The root of a log at an earlier size, shown to be a prefix of the one that the head of the log states.

    Args:
        head: The end of the log.
        size: At most that of the head.
        read: Reader of full subtrees at the size of the head.

    Raises:
        StoreDamagedError: It is no prefix: the tiles contradict the head.
    """
    root = root_over(size, read)
    with contradictions_are_damage():
        log.verify_consistency(size, head.size, root, head.root, log.prove_consistency(size, head.size, read))
    return root


@contextmanager
def contradictions_are_damage() -> Iterator[None]:
    """
    What a store gives and does not verify is damage of the store.

    Raises:
        StoreDamagedError: For any failed verification.
    """
    try:
        yield
    except VerificationError as error:
        raise StoreDamagedError(
            "leaf, tiles and head of the ledger contradict each other",
            where=error.where,
            expected=error.expected,
            found=error.found,
            hint="restore a backup that verifies",
        ) from error
