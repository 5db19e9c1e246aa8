"""
The rules over the leaves of one ledger in their order, and what is known of entries before they are read.

Knows no file. A :class:`Succession` takes leaf after leaf, from position 0 on, and holds none of them; what acts
name, and what redactions erase, is gathered in a first pass (:class:`Survey`). Norm: ``docs/reference/format.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import attrs

from coop_ledger.codec import decode, parse_openings
from coop_ledger.domain import Entry, Once, Redaction
from coop_ledger.errors import CodecError
from coop_ledger.log import Frontier, format_instant, leaf_hash
from coop_ledger.query import Named, all_subjects, labels_of, named
from coop_ledger.stores import Restored

__all__ = ["Succession", "Survey", "survey"]

_ACT: Final = b'"type":"act.'
_REDACTION: Final = b'"type":"act.redaction"'
_ID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@attrs.frozen
class Survey:
    """
    What a first pass over the leaves finds; it grows with the acts among them, not with the entries.

    Args:
        mentioned: Ids in the leaves of acts: the entries that these name, and perhaps others.
        erased: Id of an entry → path of a text → position of the last redaction that names it.
    """

    mentioned: set[bytes] = attrs.field(factory=set)
    erased: dict[str, dict[str, int]] = attrs.field(factory=dict)

    def note(self, leaf: bytes) -> None:
        """Note what a leaf says; one that cannot be read says nothing here."""
        if _ACT not in leaf:
            return
        self.mentioned.update(_ID.findall(leaf))
        if _REDACTION not in leaf:
            return
        try:
            entry = decode(leaf, None)
        except CodecError:
            return
        if isinstance(entry.body, Redaction):
            paths = self.erased.setdefault(entry.body.target, {})
            paths.update(dict.fromkeys(entry.body.paths, entry.position))


def survey(leaves: Iterable[bytes]) -> Survey:
    """What the acts among some leaves name and erase."""
    found = Survey()
    for leaf in leaves:
        found.note(leaf)
    return found


class Succession:
    """
    Entries from position 0 on, each checked with what came before it.

    Args:
        origin: The ledger's origin, which every leaf must name.
        surveyed: What a first pass over the same leaves found.
        watched: A size of the log whose root is wanted later.
    """

    def __init__(self, origin: str, surveyed: Survey, watched: int | None = None) -> None:
        self._origin = origin
        self._surveyed = surveyed
        self._watched = watched
        self._frontier = Frontier()
        self._known: dict[str, Named] = {}
        self._last: Entry | None = None
        self.watched_root: bytes | None = self._frontier.root() if watched == 0 else None
        """The root at the watched size, once it is reached."""

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._frontier.size

    @property
    def root(self) -> bytes:
        """RFC 6962 root over them, 32 bytes."""
        return self._frontier.root()

    def take(self, leaf: bytes, openings: bytes | None) -> Restored:
        """
        Check the next entry.

        Args:
            leaf: Its leaf.
            openings: Its openings; None where there are none.

        Returns:
            The entry as an empty store takes it, its labels and key made anew from what the leaf says.

        Raises:
            CodecError: Not the leaf or the openings that can stand here.
            CommitmentError: An opening that is not the one committed to.
        """
        entry = decode(leaf, openings, origin=self._origin, position=self.size)
        self._check_time(entry)
        self._check_call(entry.once)
        self._check_erased(entry, openings)
        labels = labels_of(entry.body, all_subjects(entry.body, self._known.get))
        self._note(entry, leaf)
        once = None if entry.once is None else (entry.once.key, entry.once.index, entry.once.count)
        return Restored(leaf, entry.id, format_instant(entry.recorded_at), labels, once, openings)

    def end(self) -> None:
        """
        Check that the log can end here.

        Raises:
            CodecError: A call of which entries are missing.
        """
        self._check_call(None)

    def _check_time(self, entry: Entry) -> None:
        last = self._last
        if last is not None and entry.recorded_at < last.recorded_at:
            raise CodecError(
                "the time of recording goes back",
                where="recorded_at",
                expected=f"{format_instant(last.recorded_at)} or later",
                found=format_instant(entry.recorded_at),
            )
        if entry.clamped and (last is None or entry.recorded_at != last.recorded_at):
            raise CodecError("a clamped time is that of the entry before", where="recorded_clamped")

    def _check_call(self, once: Once | None) -> None:
        """Refuse what does not go on with the call of the entry before, or begins in the middle of one."""
        last = None if self._last is None else self._last.once
        if last is not None and last.index + 1 < last.count:
            fits, expected = once == Once(last.key, last.index + 1, last.count), f"entry {last.index + 1} of the call"
        else:
            fits, expected = once is None or once.index == 0, "no call, or the first entry of one"
        if not fits:
            found = "no call" if once is None else f"entry {once.index} of a call of {once.count}"
            what = "the entries of a call stand one after the other"
            raise CodecError(what, where="once", expected=expected, found=found)

    def _check_erased(self, entry: Entry, openings: bytes | None) -> None:
        """Refuse a text that a later entry has erased: what was erased never comes back."""
        erased = self._surveyed.erased.get(entry.id)
        if erased is None or openings is None:
            return
        for path in parse_openings(openings):
            if erased.get(path, -1) > entry.position:
                raise CodecError(
                    "a text is here that was erased", where=path, found=f"the redaction at position {erased[path]}"
                )

    def _note(self, entry: Entry, leaf: bytes) -> None:
        if entry.id.encode() in self._surveyed.mentioned:
            self._known[entry.id] = named(entry.body)
        self._frontier.extend([leaf_hash(leaf)])
        self._last = entry
        if self.size == self._watched:
            self.watched_root = self.root
