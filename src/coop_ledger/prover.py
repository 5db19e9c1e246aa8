"""
What a ledger gives to people who do not trust it: proofs, and itself as a folder of files.

Reads tiles, and of leaves the one that is proved. What does not verify is never given away.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from coop_ledger import publication
from coop_ledger.domain import check_text
from coop_ledger.errors import EntryNotFoundError, InvalidValueError, repr_of
from coop_ledger.evidence import ConsistencyProof, Proof, contradictions_are_damage, proved_root
from coop_ledger.log import Checkpoint, leaf_hash, prove_consistency, prove_inclusion
from coop_ledger.stores import Store, Stored, tree_reader

if TYPE_CHECKING:
    from coop_ledger.signing import LogSigner

__all__ = ["Prover"]


class Prover:
    """Proves and publishes what a store keeps."""

    _store: Store

    def prove(self, which: str | int, *, size: int | None = None) -> Proof:
        """
        Show that an entry is in the log.

        Args:
            which: Its id, or its position.
            size: Entries of the log that the proof is about; None for all. Give that of the checkpoint that the
                proof is to go with.

        Raises:
            EntryNotFoundError: No such entry.
            InvalidValueError: Neither an id nor a position, a size that the log never had, or one at which the entry
                was not in it.
            StoreDamagedError: Leaf, tiles and head contradict each other; no proof is given that would not verify.

        Guarantees: reads one leaf, and at most three tiles a level: less than 2,000 hashes at a million entries.
        Source: RFC 9162, 2.1.3.

        >>> from coop_ledger import Ledger, Source, announced, events as ev
        >>> ledger = Ledger.in_memory()
        >>> receipt = ledger.record(announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net")))
        >>> proof = ledger.prove(receipt.ids[0])
        >>> proof.verify(leaf=proof.leaf, root=receipt.root, size=receipt.size)
        """
        stored = _stored(self._store, which)
        head = self._store.head()
        end = head.size if size is None else _size("size", size, head.size)
        if stored.position >= end:
            raise InvalidValueError(
                "the entry is not in a log of that size",
                where="size",
                expected=f"{stored.position + 1} to {head.size}",
                found=str(end),
            )
        read = tree_reader(self._store, head.size)
        hashes, root = prove_inclusion(stored.position, end, read), proved_root(head, end, read)
        proof = Proof(self._store.origin, stored.position, end, stored.leaf, leaf_hash(stored.leaf), hashes, root)
        with contradictions_are_damage():
            proof.verify(leaf=stored.leaf, root=root)
        return proof

    def prove_consistency(self, size_old: int, size: int | None = None) -> ConsistencyProof:
        """
        Show that the log only grew: that its first entries are still what they were.

        Args:
            size_old: Entries of the earlier log, that of a checkpoint which somebody kept.
            size: Entries of the later log; None for all.

        Raises:
            InvalidValueError: Sizes that the log never had, or the earlier one is larger.
            StoreDamagedError: Tiles and head contradict each other; no proof is given that would not verify.

        Guarantees: reads no leaf, and at most three tiles a level: less than 2,000 hashes at a million entries.
        Source: RFC 9162, 2.1.4.
        """
        head = self._store.head()
        end = head.size if size is None else _size("size", size, head.size)
        start = _size("size_old", size_old, end)
        read = tree_reader(self._store, head.size)
        root_old, root = (proved_root(head, at, read) for at in (start, end))
        hashes = prove_consistency(start, end, read)
        return ConsistencyProof(self._store.origin, start, end, root_old, root, hashes)

    def checkpoint(self, signer: LogSigner) -> bytes:
        """
        Have the log as it is now signed: its origin, size and root.

        Args:
            signer: The signer of this log (extra ``sign``); it refuses a log that has not only grown.

        Returns:
            The signed note, UTF-8, on disk with the signer. Give it to those who shall be able to hold you to it.

        Raises:
            InvalidValueError: The signer is that of another log.
            SplitViewError: The log is shorter than when it was signed last, or has another root at the same size.
            ConsistencyError: The log was rewritten since it was signed last.
            StoreDamagedError: Tiles and head contradict each other; nothing was signed.
            KeyFileError: The signer cannot read or write what it remembers.

        Guarantees: size and root are of one moment, whatever is recorded meanwhile. No leaf is read.
        Source: C2SP tlog-checkpoint.
        """
        head = self._store.head()
        root = proved_root(head, head.size, tree_reader(self._store, head.size))
        now = Checkpoint(self._store.origin, head.size, root)
        return signer.sign(now, lambda size_old, size: self.prove_consistency(size_old, size).hashes)

    def publish(self, folder: str | os.PathLike[str], *, checkpoint: bytes | None = None) -> tuple[str, ...]:
        """
        Write the log into a folder of static files, which any web server can serve; write only what is new.

        Args:
            folder: The folder; it is made if it is missing, the one that it is in is not.
            checkpoint: A signed checkpoint of this ledger; the files then go up to its size. Without one they go up
                to the present size, and a checkpoint that was published before stays.

        Returns:
            The names of the files that were written, in their order; ``checkpoint`` is the last.

        Raises:
            PublicationError: The folder holds other bytes than this ledger, more than it, or what is no file of a
                published log; nothing was written.
            SplitViewError: The checkpoint, or the one that is published, states another root than the ledger has at
                its size, or a size beyond the ledger; nothing was written.
            NoteError, WrongOriginError: The checkpoint is none, or of another log; nothing was written.
            InvalidValueError: A later checkpoint is published already, or *folder* is no path; nothing was written.
            StoreDamagedError: Leaves, tiles and head contradict each other; no checkpoint was written.
            StoreError: The folder could not be written.

        Guarantees: reads and compares every file that is there before it writes one; never changes a tile; a file
        gets its name when it is whole and on the disk, the checkpoint last. Leaves are public with this: sealed texts
        are not in them, and openings are never published. Signatures are not checked.
        Source: C2SP tlog-tiles.
        """
        return publication.publish(self._store, folder, checkpoint)


def _stored(store: Store, which: str | int) -> Stored:
    """The entry of an id, or at a position, as bytes."""
    if isinstance(which, str):
        check_text("id", which)
        where, found = "id", store.entry(which)
    elif isinstance(which, int) and not isinstance(which, bool):
        inside = 0 <= which < store.head().size
        page = store.read(((),), after=which - 1, limit=1, size=which + 1) if inside else []
        where, found = "position", page[0] if page else None
    else:
        raise InvalidValueError(
            "an entry is named by its id or its position",
            where="which",
            expected="str or int",
            found=repr_of(which)[:80],
        )
    if found is None:
        raise EntryNotFoundError("there is no such entry", where=where, found=repr_of(which)[:80])
    return found


def _size(name: str, given: int, most: int) -> int:
    """A size of the log as a caller writes it."""
    if not isinstance(given, int) or not 0 <= given <= most:
        raise InvalidValueError(
            "the log has no such size", where=name, expected=f"0 to {most}", found=repr_of(given)[:80]
        )
    return given
