"""
A log as a folder of static files, written and checked back. Knows bytes and stores; no event, no key, no disk.

Files only come to be: a tile, once written, stays as it is, and a folder whose files are not those of the log is
refused before anything is written. Every tile is computed from the leaf hashes anew, so that a damaged cache of the
tree is never published. Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from coop_ledger.errors import (
    InvalidValueError,
    NoteError,
    PublicationError,
    SplitViewError,
    StoreDamagedError,
    UntrustedNoteError,
    WrongOriginError,
)
from coop_ledger.evidence import check_checkpoint, proved_root, signed_checkpoint
from coop_ledger.log import (
    ED25519,
    HASH_SIZE,
    MAX_ENTRIES,
    MAX_NOTE,
    TILE_BYTES,
    TILE_WIDTH,
    Checkpoint,
    Frontier,
    ReadNode,
    TileName,
    VerifierKey,
    format_entries,
    format_tile_name,
    leaf_hash,
    parse_entries,
    parse_note,
    tiles_over,
    verify_note,
)
from coop_ledger.signing import check_ed25519
from coop_ledger.static_files import StaticFolder
from coop_ledger.stores import Head, Store, check_path, hash_rows, system_errors, tree_reader

__all__ = ["Published", "publish", "read_published"]

_CHECKPOINT: Final = "checkpoint"


class Published(NamedTuple):
    """
    What a published folder holds, checked against itself.

    Attributes:
        size: Leaves of the log.
        root: Root over them, 32 bytes.
        checkpoint: The signed checkpoint over them, verbatim; None where the folder has none. Its origin and its
            signatures were checked as far as ``read_published`` was asked to.
    """

    size: int
    root: bytes
    checkpoint: bytes | None


def publish(store: Store, folder: str | os.PathLike[str], note: bytes | None) -> tuple[str, ...]:
    """What ``Ledger.publish`` does."""
    path = check_path(folder)
    head = store.head()
    read = tree_reader(store, head.size)
    found = None if note is None else signed_checkpoint(note)
    if found is not None:
        _check_own(store, head, read, found)
    with system_errors(path):
        path.mkdir(exist_ok=True)
        static = StaticFolder(path)
        earlier = _checkpoint(static)
        if earlier is not None:
            _check_own(store, head, read, earlier[1])
            if found is not None and found.size < earlier[1].size:
                raise InvalidValueError(
                    "a later checkpoint is published already",
                    where="checkpoint",
                    expected=f"size {earlier[1].size} or more",
                    found=f"size {found.size}",
                )
        _check_published(static, store, head)
        written = list(_write_tiles(static, store, head.size if found is None else found.size))
        static.settle()
        if note is not None and (earlier is None or earlier[0] != note):
            static.write(_CHECKPOINT, note)  # last: whoever reads it finds all that it speaks of
            static.settle()
            written.append(_CHECKPOINT)
    return tuple(written)


def read_published(
    folder: str | os.PathLike[str], *, origin: str | None = None, keys: Iterable[VerifierKey] = ()
) -> Published:
    """
    Check a published folder against itself, and against what the caller knows of the log.

    Args:
        folder: The folder.
        origin: The origin that the checkpoint must state.
        keys: The keys of which one must have signed the checkpoint as the log of its origin; keys of witnesses may be
            among them, and their lines must hold, too. Take them from your own policy, never from the folder.

    Returns:
        Size and root, and the checkpoint where there is one. With a checkpoint its size counts: what a publication
        that is under way, or was interrupted, wrote beyond it is not read. Without one, all that is there.

    Raises:
        PublicationError: There is nothing; a file is missing, cut, too long, of other bytes or no regular file; a
            file that is none of a published log; a checkpoint that is none, of another root, or missing although
            *origin* or *keys* ask for one.
        WrongOriginError: The checkpoint is of another log than *origin*.
        UntrustedNoteError: None of *keys* signed the checkpoint as the log of its origin.
        SignatureError: A line under the name and ID of one of *keys* does not hold.
        UnsupportedKeyError: One of *keys* signed whose kind cannot be checked here.
        MissingExtraError: *keys* are given, and the extra ``sign`` is not installed.
        StoreError: The folder could not be read.
        InvalidValueError: *folder* is no path.

    Checked: every tile and every bundle of leaves up to that size against the other, the root against the checkpoint.
    Not checked: without *origin* and *keys*, whose checkpoint it is; never, how many witnesses are enough, how old it
    is, whether it contradicts one kept elsewhere, and what the leaves say (their form, origin, place and time).
    ``coop_ledger.audit.verify(folder, policy=…, checkpoint=…)`` looks at all of that.

    Guarantees: reads one file at a time. Whoever can write a folder can make it agree with itself.
    Source: C2SP tlog-tiles.
    """
    known = tuple(keys)
    path = check_path(folder)
    with system_errors(path):
        static = StaticFolder(path)
        stated = _checkpoint(static)
        if origin is not None or known:
            _check_whose(stated, origin, known)
        reach = max((name.reach for name in static.tiles()), default=None)
        if stated is not None:
            size = stated[1].size
        elif reach is not None:
            size = reach
        else:
            raise PublicationError("nothing is published there", where=str(path))
        root = _published_root(static, size, None if stated is None else stated[1].root)
    if stated is not None and stated[1].root != root:
        raise PublicationError(
            "the checkpoint states another root than the files have",
            where=_CHECKPOINT,
            expected=root.hex(),
            found=stated[1].root.hex(),
        )
    return Published(size, root, None if stated is None else stated[0])


def _published_root(static: StaticFolder, size: int, stated: bytes | None) -> bytes:
    """The root over published leaves, every tile above them compared; *stated* tells which of two files is wrong."""
    frontier = Frontier()
    for level, index, tile in tiles_over(_published_rows(static, size, frontier, stated)):
        name = TileName(level, index, len(tile) // HASH_SIZE)
        for there in {name} | _there(static, name) if level else ():
            _check_file(static, there, tile)
    return frontier.root()


def _check_whose(stated: tuple[bytes, Checkpoint] | None, origin: str | None, keys: Sequence[VerifierKey]) -> None:
    """Refuse a checkpoint of another origin than the one expected, or one that none of the keys signed as its log's."""
    if stated is None:
        raise PublicationError(
            "no checkpoint says whose log this is", where=_CHECKPOINT, hint="ask for a folder with a signed checkpoint"
        )
    note, checkpoint = stated
    if origin is not None and checkpoint.origin != origin:
        raise WrongOriginError(
            "the published checkpoint is of another log", where=_CHECKPOINT, expected=origin, found=checkpoint.origin
        )
    if not keys:
        return
    signed = verify_note(parse_note(note), keys, check_ed25519)
    if not any((one.key.name, one.key.kind) == (checkpoint.origin, ED25519) for one in signed):
        raise UntrustedNoteError(
            "no key that you gave signed this checkpoint as its log",
            where=_CHECKPOINT,
            expected=f"a key of the name {checkpoint.origin}",
            found=", ".join(one.key.name for one in signed),
        )


def _checkpoint(static: StaticFolder) -> tuple[bytes, Checkpoint] | None:
    """The checkpoint of a folder: its bytes, and what it states."""
    note = static.read(_CHECKPOINT, MAX_NOTE)
    if note is None:
        return None
    try:
        return note, signed_checkpoint(note)
    except NoteError as error:
        raise PublicationError(
            "the published checkpoint is none", where=_CHECKPOINT, expected=error.expected, found=error.what
        ) from error


def _check_own(store: Store, head: Head, read: ReadNode, checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that is not one of this log up to its end."""
    if checkpoint.origin == store.origin and checkpoint.size > head.size:
        raise SplitViewError(
            "the checkpoint speaks of more than the ledger has",
            where=_CHECKPOINT,
            expected=f"size {head.size} or less",
            found=f"size {checkpoint.size}",
            hint="the ledger lost entries, or another one of its origin exists: keep the checkpoint as evidence",
        )
    check_checkpoint(checkpoint, store.origin, proved_root(head, min(checkpoint.size, head.size), read))


def _cut(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]


def _published_rows(static: StaticFolder, size: int, frontier: Frontier, stated: bytes | None) -> Iterator[list[bytes]]:
    """The leaf hashes of published bundles and tiles, by rows; what is given is added to the frontier."""
    for start in range(0, size, TILE_WIDTH):
        bundle = TileName(None, start // TILE_WIDTH, min(TILE_WIDTH, size - start))
        tile = bundle._replace(level=0)
        hashes = _hashes(static, bundle)
        if _hashes(static, tile) != hashes:
            raise _contradiction(static, size, bundle, tile, stated)
        for narrower in (_there(static, bundle) | _there(static, tile)) - {bundle, tile}:
            _check_file(static, narrower, hashes)
        row = _cut(hashes)
        frontier.extend(row)
        yield row


def _contradiction(
    static: StaticFolder, size: int, bundle: TileName, tile: TileName, stated: bytes | None
) -> PublicationError:
    """Leaves that the tile above them contradicts: the side that gives the root of the checkpoint is right."""
    if stated is not None:
        for good, bad in ((bundle, tile), (tile, bundle)):
            if _root_of(static, size, good.level) == stated:
                expected, found = _brief(_hashes(static, good)), _brief(_hashes(static, bad))
                return PublicationError(
                    "a published file was changed: the checkpoint agrees with those beside it",
                    where=format_tile_name(bad), expected=expected, found=found, hint="keep it as evidence",
                )  # fmt: skip
    return PublicationError(
        "leaves and hashes contradict each other",
        where=f"{format_tile_name(bundle)} and {format_tile_name(tile)}",
        hint="one of the two was damaged; keep both",
    )


def _root_of(static: StaticFolder, size: int, level: int | None) -> bytes | None:
    """The root over the bundles (None) or the tiles of level 0; None where they are not all there and whole."""
    frontier = Frontier()
    try:
        for start in range(0, size, TILE_WIDTH):
            name = TileName(level, start // TILE_WIDTH, min(TILE_WIDTH, size - start))
            hashes = _hashes(static, name)
            if len(hashes) != name.width * HASH_SIZE:
                return None
            frontier.extend(_cut(hashes))
    except PublicationError:
        return None
    return frontier.root()


def _there(static: StaticFolder, name: TileName) -> set[TileName]:
    """The file of a tile or bundle, and the narrower ones that earlier publications left, as far as they are there."""
    widths = static.widths(name.level, name.index)
    return {name._replace(width=width) for width in widths if width <= name.width}


def _hashes(static: StaticFolder, name: TileName) -> bytes:
    """The hashes in a published tile, or of the leaves in a published bundle."""
    path = format_tile_name(name)
    data = static.read(path, MAX_ENTRIES if name.level is None else TILE_BYTES)
    if data is None:
        raise PublicationError("a file of the log is missing", where=path)
    if name.level is not None:
        return data
    return b"".join(leaf_hash(leaf) for leaf in parse_entries(data, name.width, where=path))


def _check_file(static: StaticFolder, name: TileName, tile: bytes) -> None:
    """Refuse a published tile or bundle that is not the beginning of *tile*."""
    expected, found = tile[: name.width * HASH_SIZE], _hashes(static, name)
    if found != expected:
        raise PublicationError(
            "a published file holds other bytes than its log",
            where=format_tile_name(name),
            expected=_brief(expected),
            found=_brief(found),
            hint="keep it as evidence: it was damaged, or one log has two histories",
        )


def _brief(hashes: bytes) -> str:
    return f"{len(hashes)} bytes, SHA-256 {sha256(hashes).hexdigest()}"


def _check_published(static: StaticFolder, store: Store, head: Head) -> None:
    """Refuse a folder that holds anything but files of this log, and a ledger whose tiles are not under its root."""
    for name in static.tiles():
        if name.reach > head.size:
            raise PublicationError(
                "the folder holds more than the ledger",
                where=format_tile_name(name),
                expected=f"files of at most {head.size} entries",
                found=f"{name.reach} entries",
                hint="the ledger lost entries, or another one of its origin exists: keep the folder as evidence",
            )
    frontier = Frontier()
    for level, index, tile in tiles_over(hash_rows(store, head.size)):
        if level == 0:
            frontier.extend(_cut(tile))
        for kind in (level,) if level else (level, None):
            for name in _there(static, TileName(kind, index, len(tile) // HASH_SIZE)):
                _check_file(static, name, tile)
    if frontier.root() != head.root:
        raise StoreDamagedError(
            "the tiles of the ledger are not under its root",
            expected=head.root.hex(),
            found=frontier.root().hex(),
            hint="restore a backup that verifies",
        )


def _write_tiles(static: StaticFolder, store: Store, size: int) -> Iterator[str]:
    """Write what is missing of a log of *size* leaves; the names of what was written."""
    for level, index, tile in tiles_over(hash_rows(store, size)):
        width = len(tile) // HASH_SIZE
        if level == 0:
            bundle = format_tile_name(TileName(None, index, width))
            if not static.has(bundle):
                static.write(bundle, _bundle(store, index, tile))
                yield bundle
        path = format_tile_name(TileName(level, index, width))
        if not static.has(path):
            static.write(path, tile)
            yield path


def _bundle(store: Store, index: int, tile: bytes) -> bytes:
    """The leaves under a tile of level 0, as a file."""
    start, width = index * TILE_WIDTH, len(tile) // HASH_SIZE
    leaves = [stored.leaf for stored in store.read(((),), after=start - 1, limit=width, size=start + width)]
    if b"".join(map(leaf_hash, leaves)) != tile:
        raise StoreDamagedError(
            "the leaves of the ledger are not those of its tree",
            where=f"positions {start} to {start + width - 1}",
            hint="restore a backup that verifies",
        )
    return format_entries(leaves)
