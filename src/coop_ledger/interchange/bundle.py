"""
A whole ledger into one file and back: the norm of ``docs/reference/format.md``. Knows neither SQL nor sockets.

An export is never half there, and never one that an import would refuse. An import goes through the file twice:
once for its frame and for what its acts name, and once, inside the store's transaction, for every byte; the store
keeps all of it or nothing. Both hold one page of entries at a time (decision 0012).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from coop_ledger.codec import decode
from coop_ledger.errors import (
    BundleError,
    CodecError,
    CommitmentError,
    InvalidValueError,
    KeyTakenError,
    NoteError,
    WrongOriginError,
    repr_of,
)
from coop_ledger.evidence import check_checkpoint, signed_checkpoint
from coop_ledger.interchange.lines import (
    BundleFooter,
    BundleHeader,
    entry_line,
    footer_line,
    header_line,
)
from coop_ledger.interchange.passing import (
    REDACTIONS,
    check_end,
    check_not_erased_since,
    opened_for,
    read_through,
    take,
)
from coop_ledger.interchange.reading import LIMITS, Limits, OpenBundle, open_bundle
from coop_ledger.interchange.succession import Succession, Survey, survey
from coop_ledger.log import Checkpoint
from coop_ledger.stores import (
    Restored,
    Store,
    check_path,
    new_file,
    root_at,
)

if TYPE_CHECKING:
    from coop_ledger.ledger import Ledger

__all__ = ["export_bundle", "import_bundle"]


def export_bundle(
    ledger: Ledger,
    target: str | os.PathLike[str],
    *,
    openings: bool = True,
    size: int | None = None,
    checkpoint: str | bytes | None = None,
) -> BundleFooter:
    """
    Write a ledger, as it is at one size, into a new file.

    Args:
        ledger: The ledger.
        target: The file, which must not be there yet.
        openings: Whether sealed texts go along, as far as they are there; without them they read ``REDACTED``.
        size: Only the first so many entries; None for all.
        checkpoint: A signed note over this ledger at that size or a smaller one, to go along.

    Returns:
        What the footer says: how many entries, their root.

    Raises:
        InvalidValueError: No such size, one that cuts a call of ``record`` in two, or one below a redaction of what
            stands before it; a checkpoint over more entries; *target* is taken or no path.
        NoteError: *checkpoint* is no signed checkpoint.
        WrongOriginError: It is of another ledger.
        SplitViewError: It states another root.
        StoreDamagedError: The ledger holds what no import would take.
        StoreError: The file could not be written.

    Guarantees: no file, or a whole one that is on the disk; holds one page of entries at a time.
    """
    if not isinstance(openings, bool):
        raise InvalidValueError(
            "openings go along or not", where="openings", expected="bool", found=repr(openings)[:80]
        )
    store = ledger._store  # what the facade has of its own, it shares with its floor
    head = store.head()
    end = _size(size, head.size)
    note = _checked_note(checkpoint, store, end)
    path = check_path(target)
    with new_file(path) as part, part.open("wb") as file:
        file.write(header_line(BundleHeader(store.origin, end, openings)))
        succession = Succession(store.origin, survey(one.leaf for one in read_through(store, REDACTIONS, end)))
        opened = 0
        for stored in read_through(store, ((),), end):
            blob = stored.openings if openings else None
            take(succession, stored, blob)
            opened += blob is not None
            file.write(entry_line(stored.leaf, blob))
        check_end(succession, end, head.root if end == head.size else root_at(store, end))
        if openings:
            check_not_erased_since(store, end, "export again with that size, or with openings=False")
        footer = BundleFooter(end, opened, succession.root, note)
        file.write(footer_line(footer))
    return footer


def _size(size: object, most: int) -> int:
    if size is None:
        return most
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= most:
        raise InvalidValueError(
            "there is no such size", where="size", expected=f"0 to {most}", found=repr_of(size)[:80]
        )
    return size


def _checked_note(given: object, store: Store, size: int) -> str | None:
    """A checkpoint as text, once it is one of this ledger."""
    if given is None:
        return None
    if not isinstance(given, str | bytes):
        found = type(given).__name__
        raise InvalidValueError(
            "a checkpoint is a signed note", where="checkpoint", expected="str or bytes", found=found
        )
    # a lone surrogate has no UTF-8: what stands for it is refused by the reader of notes
    note = given if isinstance(given, bytes) else given.encode(errors="surrogatepass")
    said = signed_checkpoint(note)
    if said.size > size:
        raise InvalidValueError(
            "the checkpoint is over more entries", where="checkpoint", expected=f"at most {size}", found=str(said.size)
        )
    check_checkpoint(said, store.origin, root_at(store, said.size))
    return note.decode()


def import_bundle(
    source: str | os.PathLike[str],
    into: str | os.PathLike[str] | Store,
    *,
    origin: str | None = None,
    limits: Limits = LIMITS,
) -> BundleFooter:
    """
    Read a bundle into an empty ledger.

    Args:
        source: The bundle.
        into: A file, made if it is missing, or a store; without entries, and of the bundle's origin.
        origin: The origin that the bundle must have, if it is known.
        limits: How much of a bundle is read at all.

    Returns:
        What the footer says; size and root are those of the ledger now.

    Raises:
        BundleError: Anything in the file that the format does not allow; it says the line.
        WrongOriginError: The bundle is of another origin than *origin* or the ledger.
        StoreNotEmptyError: The ledger holds entries.
        StoreError: The ledger could not be opened or written.

    Guarantees: all entries or none, and no ledger that was not there; every leaf is decoded and written again, each
    opening compared with its commitment, the root computed, and index and keys are made from the leaves. Holds one
    page of entries, and of those that acts name their subjects. Entries of types unknown here are kept.
    """
    with open_bundle(source, limits=limits) as bundle:
        header, surveyed = bundle.header, Survey()
        footer = bundle.each(lambda entry: surveyed.note(entry.leaf))
        if origin is not None:
            _check_origin(header, origin)
        note = _note_of(bundle, footer)
        succession = Succession(header.origin, surveyed, None if note is None else note.size)
        with opened_for(into, header.origin) as store:
            _check_origin(header, store.origin)
            try:
                store.restore(_checked(bundle, footer, succession, note))
            except (InvalidValueError, KeyTakenError) as error:
                raise _twice(bundle) from error
    return footer


def _check_origin(header: BundleHeader, expected: str) -> None:
    if header.origin != expected:
        raise WrongOriginError(
            "the bundle is of another ledger", where="line 1", expected=expected, found=header.origin,
            hint="name its own origin, and a new ledger to take it",
        )  # fmt: skip


def _note_of(bundle: OpenBundle, footer: BundleFooter) -> Checkpoint | None:
    """What the footer's checkpoint says, if there is one; its root is looked at later."""
    if footer.checkpoint is None:
        return None
    line = footer.entries + 2
    try:
        note = signed_checkpoint(footer.checkpoint.encode())
    except NoteError as error:
        raise bundle.located(error, line) from error
    if note.origin != bundle.header.origin or note.size > footer.entries:
        raise bundle.fault(
            "the checkpoint is not of this ledger",
            line,
            expected=f"{bundle.header.origin}, at most {footer.entries} entries",
            found=f"{note.origin}, {note.size} entries"[:200],
        )
    return note


def _checked(
    bundle: OpenBundle, footer: BundleFooter, succession: Succession, note: Checkpoint | None
) -> Iterator[Restored]:
    """The entries, each checked; after the last of them also the roots, while the store can still go back."""
    for entry in bundle.entries():
        try:
            restored = succession.take(entry.leaf, entry.openings)
        except (CodecError, CommitmentError) as error:
            raise bundle.located(error, entry.line) from error
        yield restored
    line = footer.entries + 2
    try:
        succession.end()
    except CodecError as error:
        raise bundle.located(error, line) from error
    roots = [("the leaves give another root", footer.root, succession.root)]
    if note is not None:
        what = "the leaves give another root than the checkpoint"
        roots.append((what, note.root, succession.watched_root or b""))
    for what, given, found in roots:
        if given != found:
            raise bundle.fault(what, line, expected=given.hex(), found=found.hex())


def _twice(bundle: OpenBundle) -> BundleError:
    """Which line repeats the id or the key of another; asked only when a store has refused one."""
    seen = dict[str, int]()
    for entry in bundle.entries():
        found = decode(entry.leaf, None)
        names = [f"id {found.id}"]
        names += [f"once {found.once.key!r}, {found.once.index}"] if found.once is not None else []
        for name in names:
            if name in seen:
                return bundle.fault(
                    "an entry stands twice", entry.line, expected=f"another than on line {seen[name]}", found=name
                )
            seen[name] = entry.line
    return bundle.fault("an entry stands twice", None)
