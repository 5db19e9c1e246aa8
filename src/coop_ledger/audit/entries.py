"""
All entries of a file, one after the other: bytes, places, times, sealed texts, and what they say. Streams.

Every fault is a finding, and the next entry is looked at all the same. A quick pass reads of each leaf what the
envelope says, and leaves aside what the entry says and whether it is spelled in its one form.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from coop_ledger.audit.findings import LISTED, Findings
from coop_ledger.audit.keys import Keys
from coop_ledger.audit.labels import Labels
from coop_ledger.audit.opening import Copy
from coop_ledger.audit.sealed import SealedFields
from coop_ledger.audit.structure import text_of
from coop_ledger.audit.tree import Tree
from coop_ledger.codec import (
    Openings,
    check_origin,
    decode,
    decode_body,
    read_envelope,
    read_leaf,
    read_once,
    wire_name,
)
from coop_ledger.domain import Body, Once, Redaction, UnknownEvent
from coop_ledger.errors import CodecError, CoopLedgerError, InvalidValueError
from coop_ledger.log import MAX_LEAF, leaf_hash, parse_instant
from coop_ledger.query import Named, all_subjects, labels_of, named

__all__ = ["Entries", "Head"]

_ROWS: Final = (
    "SELECT e.position, e.hash, e.id, e.leaf, o.blob FROM entries e NOT INDEXED "
    "LEFT JOIN openings o ON o.position = e.position ORDER BY e.position"
)
_ORPHANS: Final = (
    "SELECT o.position FROM openings o WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.position = o.position)"
)
_REDACTION: Final = wire_name(Redaction)


class Head(NamedTuple):
    """What the head of a file says; None where it says nothing that can be."""

    origin: str | None = None
    size: int | None = None
    recorded_at: str | None = None
    frontier: object = None


class Entries:
    """
    One pass over the entries of a file.

    Args:
        copy: The file.
        findings: Where faults go.
        tree: Takes the hash of each leaf.
        head: What the file says of itself.
        until: The latest time of recording that is believed, as a leaf writes it.
        quick: Whether to leave aside what the entries say.
    """

    def __init__(self, copy: Copy, findings: Findings, tree: Tree, head: Head, *, until: str, quick: bool) -> None:
        self._copy = copy
        self._findings = findings
        self._tree = tree
        self._head = head
        self._until = until
        self._quick = quick
        self._next = 0
        self._recorded_at: str | None = None
        self._moved: list[tuple[int, int]] = []
        self._shift = 0
        self._keys = Keys(copy, findings)
        self._labels = None if quick else Labels(copy, findings)
        self.sealed = SealedFields(copy, findings)
        self.clamped = 0
        """Entries recorded while the clock stood behind."""
        self.whole = True
        """Whether the last leaf could be read."""

    @property
    def size(self) -> int:
        """Places of the log that were looked at."""
        return self._next

    @property
    def recorded_at(self) -> str | None:
        """When the last entry was recorded."""
        return self._recorded_at

    def run(self) -> None:
        """
        Look at every entry.

        Raises:
            RefusalError: A value beyond the limits, or no end in sight.
            DamageError: Pages that contradict each other; what came before was looked at.
        """
        for position, digest, entry_id, leaf, blob in self._copy.rows(_ROWS):
            if self._place(position):
                self._entry(position, digest, entry_id, leaf, blob)
        self._keys.finish()
        self.sealed.finish()
        if self._labels is not None:
            self._labels.finish()
        for (position,) in self._copy.rows(_ORPHANS):
            what = "there are openings of an entry that is not there"
            self._findings.add("T53", what, position=position, field="openings")
        self._tell_moved()
        size = self._head.size
        if size is not None and self._next < size:
            what = "entries are missing at the end"
            self._findings.add(
                "T07", what, field="head.size", expected=f"{size} entries", found=f"{self._next} entries"
            )

    def _place(self, position: int) -> bool:
        """Whether a row stands where an entry can be."""
        size = self._head.size
        if position < 0 or (size is not None and position >= size):
            expected = None if size is None else f"0 to {size - 1}"
            what = "a row stands where no entry can be"
            self._findings.add("T12", what, position=position, field="entries.position", expected=expected)
            return False
        if position != self._next:
            missing = f"positions {self._next} to {position - 1}"
            self._findings.add("T05", "entries are missing", position=self._next, found=f"nothing at {missing}")
        self._next = position + 1
        return True

    def _entry(self, position: int, digest: object, entry_id: object, leaf: object, blob: object) -> None:
        if not isinstance(leaf, bytes) or type(digest) is not bytes:
            column = "leaf" if type(digest) is bytes else "hash"
            self._findings.add("T31", "a leaf and its hash are blobs", position=position, field=f"entries.{column}")
        if not isinstance(leaf, bytes):
            leaf = b""
        hashed = leaf_hash(leaf)
        self._tree.add(hashed)
        if hashed != digest:
            kept = digest.hex() if isinstance(digest, bytes) else repr(digest)
            what = "the leaf is not the one whose hash was kept"
            self._findings.add("T01", what, position=position, field="entries.hash", expected=hashed.hex(), found=kept)
        found = self._read(position, leaf)
        self.whole = found is not None
        if found is None:
            self._keys.skip(position)
            if self._labels is not None:
                self._labels.compare(position, None)
            return
        once = self._envelope(position, found, entry_id)
        self._keys.take(position, found["id"], once)
        openings = self.sealed.opened(position, found, blob)
        if not self._quick:
            self._body(position, found, openings)
        elif found["type"] == _REDACTION:
            self._redaction(position, leaf)

    def _read(self, position: int, leaf: bytes) -> dict[str, Any] | None:
        """The keys of a leaf, if they can be read."""
        if len(leaf) > MAX_LEAF:
            what, size = "the leaf is too large", f"at most {MAX_LEAF} bytes"
            self._findings.add("T58", what, position=position, field="leaf", expected=size, found=f"{len(leaf)} bytes")
            return None
        try:
            return read_envelope(leaf) if self._quick else read_leaf(leaf)
        except CodecError as error:
            self._malformed(position, error)
            return None

    def _malformed(self, position: int, error: CoopLedgerError) -> None:
        """A leaf, or what it says, that the format does not allow, or that a later one may."""
        if error.where == "v":
            code, what = "T24", "the leaf is of a format that this program does not know: use a later version"
        else:
            limits = error.expected is not None and ("at most" in error.expected or "2**53" in error.expected)
            code, what = "T58" if limits else "T57", error.what
        field = "leaf" if error.where is None else f"leaf {error.where}"
        self._findings.add(code, what, position=position, field=field, expected=error.expected, found=error.found)

    def _envelope(self, position: int, found: dict[str, Any], entry_id: object) -> Once | None:
        """Compare what a leaf says of its own place with where it stands; the key of its call."""
        if found["position"] != position:
            self._shift += found["position"] - position
            if len(self._moved) < LISTED:
                self._moved.append((position, found["position"]))
        if found["origin"] != self._head.origin and self._head.origin is not None:
            what = "the entry comes from another ledger"
            self._findings.add(
                "T20", what, position=position, field="origin", expected=self._head.origin, found=found["origin"]
            )
        if text_of(entry_id) != found["id"]:
            what = "the column of ids disagrees with the leaf"
            shown = text_of(entry_id)
            self._findings.add(
                "T30" if shown is not None else "T31", what, position=position, field="entries.id",
                expected=found["id"], found=repr(entry_id) if shown is None else shown,
            )  # fmt: skip
        self._time(position, found["recorded_at"], "recorded_clamped" in found)
        if "once" not in found:
            return None
        try:
            return read_once(found["once"])
        except CodecError as error:
            self._malformed(position, error)
            return None

    def _time(self, position: int, recorded_at: str, clamped: bool) -> None:
        """Times never decrease, are marked where the clock went back, and are not ahead of us."""
        before = self._recorded_at
        self.clamped += clamped
        if clamped and recorded_at != before:
            what = "the entry is marked as recorded with the clock behind, but has another time than the entry before"
            self._findings.add("T17", what, position=position, field="recorded_clamped", expected=before)
        if recorded_at == before:
            return
        try:
            parse_instant(recorded_at)
        except InvalidValueError as error:
            self._findings.add("T57", error.what, position=position, field="recorded_at", found=recorded_at)
            return
        self._recorded_at = recorded_at
        if before is not None and recorded_at < before:
            what = "the entry is dated before the one in front of it"
            self._findings.add(
                "T15", what, position=position, field="recorded_at", expected=f"{before} or later", found=recorded_at
            )
        if recorded_at > self._until:
            what = "the entry is dated in the future, or the clock of this computer is wrong"
            self._findings.add(
                "T16", what, position=position, field="recorded_at", expected=f"up to {self._until}", found=recorded_at
            )

    def _body(self, position: int, found: dict[str, Any], openings: Openings) -> None:
        """What the entry says, and what it is found under."""
        wanted = None
        try:
            body = decode_body(found, openings)
        except CoopLedgerError as error:
            self._malformed(position, error)
        else:
            if isinstance(body, UnknownEvent):
                what = "this program does not know that type or version: use a later version"
                told = f"{body.type} version {body.version}"
                self._findings.add("T24", what, position=position, field="type", found=told)
            else:
                wanted = self._wanted(position, body)
            if isinstance(body, Redaction):
                self.sealed.redact(position, body)
        if self._labels is not None:
            self._labels.compare(position, wanted)

    def _redaction(self, position: int, leaf: bytes) -> None:
        """A redaction must be read in a quick pass, too: it says which texts may be gone."""
        try:
            body = decode(leaf, None).body
        except CoopLedgerError as error:
            self._malformed(position, error)
        else:
            if isinstance(body, Redaction):
                self.sealed.redact(position, body)

    def _wanted(self, position: int, body: Any) -> set[str] | None:
        """The labels of an entry; None where it acts on one that says what this program does not know."""
        unknown = False

        def find(entry_id: str) -> Named | None:
            nonlocal unknown
            one = self._named(position, entry_id)
            unknown = unknown or isinstance(one, UnknownEvent)
            return None if one is None else named(one)

        labels = set(labels_of(body, all_subjects(body, find)))
        return None if unknown else labels

    def _named(self, position: int, entry_id: str) -> Body | None:
        """What the earlier entry of an id says; None where there is none that can be read."""
        row = self._copy.row("SELECT position, leaf FROM entries WHERE id = ?", entry_id)
        if row is None or row[0] >= position or type(row[1]) is not bytes:
            return None
        try:
            return decode(row[1], None).body
        except CoopLedgerError:
            return None

    def _tell_moved(self) -> None:
        """Entries in each other's places add up to no shift; those behind a gap to one, those behind a row too many."""
        if self._shift == 0:
            code, what = "T10", "the entry stands in the place of another"
        elif self._shift > 0:
            code, what = "T06", "the entry was moved up after others were removed"
        else:
            code, what = "T12", "the entry was moved down after a row was pushed in"
        for position, own in self._moved:
            self._findings.add(code, what, position=position, field="position", expected=position, found=own)


def read_head(copy: Copy, findings: Findings) -> Head:
    """
    What the file says of itself; what is wrong with it is a finding.

    Raises:
        RefusalError, DamageError: As :meth:`Copy.rows`.
    """
    kept = list(copy.rows("SELECT origin, size, grows_to, recorded_at, frontier, one FROM head LIMIT 2"))
    if len(kept) != 1 or kept[0][5] != 1:
        findings.add("T30", "the head is one row", field="head", expected="1 row", found=f"{len(kept)} rows")
    if not kept:
        return Head()
    origin, size, grows_to, recorded_at, frontier, _ = kept[0]
    for name, value, fits in (
        ("origin", origin, _is_origin(text_of(origin))),
        ("size", size, isinstance(size, int) and size >= 0),
        ("recorded_at", recorded_at, recorded_at is None or text_of(recorded_at) is not None),
        ("frontier", frontier, type(frontier) is bytes),
    ):
        if not fits:
            findings.add("T31", "the head holds a value that it cannot", field=f"head.{name}", found=repr(value))
    if grows_to != size:
        what = "the head says that a writer is at work, but none is"
        findings.add("T30", what, field="head.grows_to", expected=size, found=grows_to)
    sized = size if isinstance(size, int) and size >= 0 else None
    return Head(text_of(origin) if _is_origin(text_of(origin)) else None, sized, text_of(recorded_at), frontier)


def _is_origin(text: str | None) -> bool:
    try:
        check_origin(text)
    except InvalidValueError:
        return False
    return True
