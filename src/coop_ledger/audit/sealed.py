"""
The states of sealed fields: open, redacted, gone without a redaction, still there despite one. Knows no claim.

Of each sealed text the leaf holds a commitment; beside it stands an opening, or a redaction says that it was erased.
Never tells what a sealed text says. Source: audit.md §4.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection
from typing import Any, Final, NamedTuple

from coop_ledger.audit.findings import Findings
from coop_ledger.audit.opening import Copy
from coop_ledger.codec import (
    Openings,
    commitment,
    commitments,
    open_paths,
    open_sealed,
    parse_openings,
    read_envelope,
    read_leaf,
)
from coop_ledger.domain import Redaction
from coop_ledger.errors import CodecError, VerificationError

__all__ = ["SealedFields"]

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_SUSPECTS: Final = 64
"""Entries with a wrong or missing text among which the rightful place of a moved one is looked for."""

_KEPT: Final = 1 << 20
"""Characters of wrong texts that are kept for that; of one beyond it is said that it is wrong, not whose it is."""

_HASHED: Final = 32 << 20
"""Characters that are hashed for that, all in all; beyond it, likewise."""

_AROUND: Final = 256
"""What is hashed around a text, roughly."""

_LARGE: Final = 1 << 16
"""Bytes of openings of which the paths are remembered: any number of redactions may name the same entry."""

_TARGETS: Final = 128
"""Entries that redactions name of which the paths are remembered, each no more than a leaf has room for."""


_UNREAD: Final = ("", "")
"""In place of a salt and a text that were not read."""


class _Target(NamedTuple):
    """
    An entry that a redaction names.

    Attributes:
        position: Its place.
        sealed: The paths of its sealed texts; None where it cannot be read.
        opened: Those of which the text stands beside it; None where that cannot be read.
    """

    position: int
    sealed: frozenset[str] | None
    opened: Collection[str] | None


class SealedFields:
    """
    What became of every sealed text of a file.

    Args:
        copy: The file.
        findings: Where faults go.
        texts: Whether what the texts say is wanted, or only that they fit.
        came: Whether openings came along at all; if not, none is missed.
    """

    def __init__(self, copy: Copy, findings: Findings, *, texts: bool, came: bool) -> None:
        self._came = came
        self._texts = texts
        self._copy = copy
        self._findings = findings
        # a text is known by the hash of its entry's id and its path: a million texts that are gone need 16 MiB
        self._gone = array("q")
        self._gone_from = array("q")
        self._erased: set[int] = set()
        self._wrong: list[tuple[int, str, str, str]] = []
        self._kept = 0
        self._hashed = 0
        self._suspects: list[dict[str, Any]] = []
        self._large: dict[int, frozenset[str]] = {}
        self._targets: dict[str, _Target] = {}
        self.later: int | None = None
        """Where the first leaf of a later format stands."""
        self.open = 0
        """Entries of which a sealed text stands in the file."""
        self.redacted = 0
        """Sealed texts that were erased lawfully; counted by :meth:`finish`."""
        self.missing = 0
        """Those that are gone without a redaction; counted there, too."""
        self.withheld = 0
        """Sealed texts without an opening, where none came along."""
        self._redactions = 0

    @property
    def unusual(self) -> tuple[int, ...]:
        """Changes with every entry of which more is remembered than that its texts fit."""
        return (
            self._redactions, len(self._gone), len(self._wrong), len(self._suspects), len(self._large),
            self.later is not None,
        )  # fmt: skip

    def opened(self, position: int, leaf: dict[str, Any], blob: object) -> Openings:
        """
        The openings of an entry that fit their commitments, perhaps without their texts; all others are findings.

        Args:
            position: The entry's place.
            leaf: Its keys, as ``read_leaf`` gives them.
            blob: What stands beside it.
        """
        sealed = leaf["sealed"]
        try:
            openings = fitting = self._open(leaf, self._stored(blob))
        except (CodecError, VerificationError):
            try:
                # before the texts are made, which may take four times the bytes
                digests = commitments(self._stored(blob), origin=leaf["origin"], entry_id=leaf["id"])
                openings = parse_openings(self._stored(blob))
            except CodecError as error:
                self._tell_unreadable(position, blob, error)
                return {}
            self._suspect(leaf)
            fitting = self._fitting(position, leaf, openings, digests)
        if isinstance(blob, bytes) and len(blob) > _LARGE:
            self._large[position] = frozenset(openings)
        if not self._came:
            self.withheld += len(sealed) - len(fitting)
        elif len(openings) != len(sealed):
            for path in sorted(sealed.keys() - openings.keys()):
                self._gone.append(hash((leaf["id"], path)))
                self._gone_from.append(position)
            self._suspect(leaf)
        self.open += bool(openings)
        return fitting

    def _open(self, leaf: dict[str, Any], blob: bytes | None) -> Openings:
        """Openings that fit all; without their texts, if these are not wanted."""
        if self._texts:
            return open_sealed(leaf["sealed"], blob, origin=leaf["origin"], entry_id=leaf["id"])
        return dict.fromkeys(open_paths(leaf["sealed"], blob, origin=leaf["origin"], entry_id=leaf["id"]), _UNREAD)

    def _stored(self, blob: object) -> bytes | None:
        """What stands beside a leaf; a ledger file keeps a row of no bytes where the last opening was erased."""
        if blob is not None and type(blob) is not bytes:
            raise CodecError("they are no blob")
        return None if blob == b"" and not self._copy.bare else blob

    def _tell_unreadable(self, position: int, blob: object, error: CodecError) -> None:
        """Say what is wrong with openings, and nothing of what they hold."""
        form = "T57" if error.expected is None else "T58"  # what is expected is a limit
        code = form if blob is None or type(blob) is bytes else "T31"
        what = f"the openings cannot be read: {error.what}"
        self._findings.add(code, what, position=position, field="openings.blob", expected=error.expected)

    def _suspect(self, leaf: dict[str, Any]) -> None:
        if len(self._suspects) < _SUSPECTS:
            self._suspects.append({key: leaf[key] for key in ("position", "id", "origin", "sealed")})

    def _fitting(self, position: int, leaf: dict[str, Any], openings: Openings, digests: dict[str, str]) -> Openings:
        """The openings that fit; of the others it is kept what is needed to say later what they are."""
        fitting: Openings = {}
        for path, digest in leaf["sealed"].items():
            if type(digest) is not str or not _DIGEST.fullmatch(digest):
                self._findings.add("T57", "a commitment is 64 hex digits", position=position, field=f"sealed {path}")
        for path, (salt, value) in openings.items():
            if path not in leaf["sealed"]:  # so it may be words, and is not shown
                what = "an opening belongs to no sealed text"
                self._findings.add("T53", what, position=position, field="openings.blob")
            elif digests[path] == leaf["sealed"][path]:
                fitting[path] = (salt, value)
            elif len(self._wrong) < _SUSPECTS and self._kept + len(value) <= _KEPT:
                self._kept += len(value)
                self._wrong.append((position, path, salt, value))
            else:
                self._tell_wrong(position, path)
        return fitting

    def _tell_wrong(self, position: int, path: str) -> None:
        what = "the sealed text is not the one that was committed to"
        self._findings.add("T52", what, position=position, field=path)

    def redact(self, position: int, act: Redaction) -> None:
        """
        Take a redaction: its target and paths must be there, and the texts must not.

        Args:
            position: The redaction's own place.
            act: What it says.
        """
        self._redactions += 1
        target = self._target(act.target)
        later = self.later is not None and self.later < position
        if later and (target is None or target.position > position):  # what it names is perhaps of a later format
            return
        if target is None or target.position >= position:
            what = "the redaction names no entry in front of it"
            self._findings.add("T54", what, position=position, field="/target", found=act.target)
            return
        if target.sealed is None:  # the entry has findings of its own
            return
        if target.opened is None:  # a reader that is less strict may still find the text
            what = f"the openings hold what nobody wrote there, and the text redacted at position {position} perhaps"
            self._findings.add("T55", what, position=target.position, field="openings")
        for path in act.paths:
            self._erased.add(hash((act.target, path)))
            if path not in target.sealed:
                what = "the redaction names a field that is not sealed"
                self._findings.add("T54", what, position=position, field="/paths", found=path)
            elif path in (target.opened or ()):
                what = f"the text that was redacted at position {position} is still there"
                self._findings.add("T55", what, position=target.position, field=path)

    def _target(self, entry_id: str) -> _Target | None:
        """What a redaction names; the last few are remembered, since any number of redactions may name the same."""
        known = self._targets.pop(entry_id, None)
        if known is None:
            row = self._copy.row("SELECT position, leaf FROM entries WHERE id = ?", entry_id)
            if row is None:
                return None
            known = self._read_target(entry_id, *row)
        self._targets[entry_id] = known
        if len(self._targets) > _TARGETS:
            del self._targets[next(iter(self._targets))]
        return known

    def _read_target(self, entry_id: str, position: int, leaf: object) -> _Target:
        try:
            keys = _keys_of(leaf)
        except CodecError:
            return _Target(position, None, None)
        if keys["id"] != entry_id:
            what = "the index of ids leads to another entry"
            self._findings.add("T29", what, position=position, field="id", expected=entry_id, found=keys["id"])
            return _Target(position, None, None)
        sealed = keys["sealed"].keys()
        try:
            return _Target(position, frozenset(sealed), sealed & {*self._paths(position)})
        except CodecError:
            return _Target(position, frozenset(sealed), None)

    def _paths(self, position: int) -> Collection[str]:
        """The paths of the texts that stand beside an entry."""
        if position in self._large:
            return self._large[position]
        row = self._copy.row("SELECT blob FROM openings WHERE position = ?", position)
        return parse_openings(self._stored(None if row is None else row[0]))

    def finish(self) -> None:
        """Say of every text that is wrong or gone what it is, once all redactions are known."""
        for position, path, salt, value in self._wrong:
            home = self._home(position, path, salt, value)
            if home is None:
                self._tell_wrong(position, path)
            else:
                what = "the sealed text belongs elsewhere"
                self._findings.add("T53", what, position=position, field=path, found=home)
        for key, position in zip(self._gone, self._gone_from, strict=True):
            if key in self._erased:
                self.redacted += 1
            else:
                self.missing += 1
                what = "the sealed text is gone, and no redaction says so"
                field = None if self._findings.full else self._path(position, key)
                self._findings.add("T51", what, position=position, field=field)

    def _home(self, position: int, path: str, salt: str, value: str) -> str | None:
        """Where a text belongs; None where that is not found, or looking further would take too long."""
        cost = len(value) + _AROUND
        for leaf in self._suspects:
            for other, digest in leaf["sealed"].items():
                if (leaf["position"], other) == (position, path):
                    continue
                if self._hashed + cost > _HASHED:
                    return None
                self._hashed += cost
                if _commitment(leaf, other, salt, value) == digest:
                    return f"the text of {other} of position {leaf['position']}"
        return None

    def _path(self, position: int, key: int) -> str | None:
        """The path that a hash stands for; read once more, since only faults need it."""
        row = self._copy.row("SELECT leaf FROM entries WHERE position = ?", position)
        try:
            leaf = {} if row is None else read_envelope(row[0])
        except CodecError:  # its place or time is off its shape, which has a finding of its own
            return None
        return next((path for path in leaf.get("sealed", ()) if hash((leaf["id"], path)) == key), None)


def _keys_of(leaf: object) -> dict[str, Any]:
    if type(leaf) is not bytes:
        raise CodecError("a leaf is a blob")
    return read_leaf(leaf)


def _commitment(leaf: dict[str, Any], path: str, salt: str, value: str) -> str:
    return commitment(leaf["origin"], leaf["id"], path, salt, value)
