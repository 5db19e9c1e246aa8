"""
What an examination finds, and what follows from it: codes, findings, verdicts. Knows neither files nor entries.

A finding carries the number of the attack or fault that it shows (T01 to T66 of ``audit.md`` §6). A fault that several
attacks lead to has the number of the plainest; which others it may be, its sentence says.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import attrs

from coop_ledger.domain import safe
from coop_ledger.errors import InvalidValueError

__all__ = ["CODES", "LISTED", "Code", "Finding", "Findings", "RefusalError", "Verdict"]

LISTED: Final = 100
"""Findings that a report lists; the rest is counted."""

_SHOWN: Final = 200


class Verdict(enum.Enum):
    """
    What a report says, as one word.

    Source: audit.md §3.6.
    """

    WITNESSED = "WITNESSED"
    ANCHORED = "ANCHORED"
    SELF_CONSISTENT = "SELF-CONSISTENT"
    STALE = "STALE"
    UNDECIDED = "UNDECIDED"
    DIVERGED = "DIVERGED"
    INVALID = "INVALID"
    UNREADABLE = "UNREADABLE"

    @property
    def exit_code(self) -> int:
        """The exit code of a program that ends with this verdict; 0 only where something from outside agrees."""
        return _EXIT_CODES[self]


_EXIT_CODES: Final = {
    Verdict.WITNESSED: 0,
    Verdict.ANCHORED: 0,
    Verdict.SELF_CONSISTENT: 10,
    Verdict.STALE: 11,
    Verdict.UNDECIDED: 20,
    Verdict.DIVERGED: 30,
    Verdict.INVALID: 40,
    Verdict.UNREADABLE: 50,
}


class Code(NamedTuple):
    """The fault that a code stands for, and the verdict that one such finding leads to at least."""

    what: str
    verdict: Verdict


_INVALID: Final = {
    "T01": "a leaf is not the one whose hash was kept",
    "T02": "leaves and their hashes agree, but not with the tree that was kept",
    "T03": "the checkpoint that came with the entries was not signed by the key of its log",
    "T05": "entries are missing between others",
    "T06": "entries are missing and those behind them were renumbered",
    "T07": "entries are missing at the end",
    "T10": "entries stand in each other's places",
    "T12": "a row stands where no entry can be",
    "T15": "an entry is dated before the one in front of it",
    "T16": "an entry is dated in the future",
    "T17": "the mark of a clock that went back is not where it belongs",
    "T20": "an entry comes from another ledger",
    "T21": "an id or a key stands twice",
    "T22": "the index of labels is not that of the entries",
    "T26": "tables, triggers or views were altered or removed",
    "T27": "the file holds objects that no ledger has",
    "T29": "an index disagrees with its table",
    "T30": "a column disagrees with the leaf",
    "T31": "a value is of another type than its column",
    "T36": "the file is damaged",
    "T38": "a kept tile of the tree is not that of the leaves",
    "T40": "the checkpoint that came with the entries is signed with a key that the policy does not have for its log",
    "T41": "a signature has the name or the ID of a known key, but not both",
    "T42": "a signature under a known key does not hold",
    "T43": "the checkpoint that came with the entries is none",
    "T44": "the cosignature of a witness does not hold",
    "T51": "a sealed text is gone, and no redaction says so",
    "T52": "a sealed text is not the one that was committed to",
    "T53": "a sealed text stands where another belongs",
    "T54": "a redaction names what cannot be redacted",
    "T55": "a sealed text is still there, though a redaction says that it was erased",
    "T57": "a leaf, or what stands beside it, is not in the one form that the format allows",
    "T58": "a leaf, or what stands beside it, goes beyond the limits of the format",
    "T62": "what a bundle or a folder says of its content is not so",
}
_DIVERGED: Final = {
    "T04": "the ledger is another one than that of the checkpoint, from some entry on",
    "T08": "the ledger is shorter than it was at the checkpoint",
    "T19": "two checkpoints of one size state two roots",
    "T33": "the checkpoint is that of another ledger",
}
_UNDECIDED: Final = {
    "T24": "a format, type, version or key that this program does not know",
    "T39": "no log of the policy signed the checkpoint",
}
_UNCONFIRMED: Final = {"T45": "too few witnesses of the policy cosigned the checkpoint"}
_STALE: Final = {"T47": "the newest checkpoint is older than the policy allows"}
_UNREADABLE: Final = {
    "T28": "the file keeps a reader busy without end",
    "T32": "the file is no ledger",
    "T34": "other files lie beside it that change what is read",
    "T35": "the path does not lead to a regular file that can be read",
    "T59": "a value is larger than anything that a ledger holds",
    "T60": "the file is an archive",
    "T61": "a published folder holds links, or names that no published log has",
    "T66": "the file did not hold still while it was read",
}

CODES: Final[dict[str, Code]] = dict(
    sorted(
        (code, Code(what, verdict))
        for verdict, codes in (
            (Verdict.INVALID, _INVALID),
            (Verdict.DIVERGED, _DIVERGED),
            (Verdict.SELF_CONSISTENT, _UNCONFIRMED),
            (Verdict.STALE, _STALE),
            (Verdict.UNDECIDED, _UNDECIDED),
            (Verdict.UNREADABLE, _UNREADABLE),
        )
        for code, what in codes.items()
    )
)
"""Every code that a finding of this version can carry. Source: audit.md §6."""


def _shown(text: str | None) -> str | None:
    """A text from a hostile file on one line, cut, without anything that steers a terminal."""
    if text is None:
        return None
    line = safe(text[:_SHOWN]).replace("\n", "\\n")
    return line if max(len(text), len(line)) <= _SHOWN else f"{line[:_SHOWN]}…"


def _line(text: str) -> str:
    return _shown(text) or ""


@attrs.frozen
class Finding:
    """
    One fault: what is wrong, where, what was expected, what was found.

    Args:
        code: The number of the attack or fault, a key of :data:`CODES`.
        message: One sentence without its full stop.
        position: The entry's place in the log; None where it is none's.
        field: The column, key of the leaf, or JSON Pointer concerned.
        expected: What would have been right.
        found: What was there; never a sealed text.
        verdict: The verdict that it leads to at least; without one, that of the code.
        where: Where the entry stands in a bundle or a published folder: the line, or the file.
        hint: What who verifies can do about it, where that is not plain.

    Guarantees: each text is one line of at most 200 characters, and an ellipsis where it was cut; it cannot steer a
    terminal.
    """

    code: str
    message: str = attrs.field(converter=_line)
    position: int | None = None
    field: str | None = attrs.field(default=None, converter=_shown)
    expected: str | None = attrs.field(default=None, converter=_shown)
    found: str | None = attrs.field(default=None, converter=_shown)
    verdict: Verdict = attrs.field()
    where: str | None = attrs.field(default=None, converter=_shown, kw_only=True)
    hint: str | None = attrs.field(default=None, converter=_shown, kw_only=True)

    @verdict.default
    def _of_code(self) -> Verdict:
        if self.code not in CODES:
            raise InvalidValueError("no such code of a finding", where="code", found=repr(self.code)[:80])
        return CODES[self.code].verdict


class RefusalError(Exception):
    """Why a file was not examined any further; never leaves the examiner, which makes it a finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message)


class Findings:
    """
    The findings of one examination, in the order in which they came: the first ones kept, the rest counted.

    Args:
        listed: How many are kept.
    """

    def __init__(self, listed: int = LISTED) -> None:
        self._listed = listed
        self._kept: list[Finding] = []
        self._verdicts: set[Verdict] = set()
        self.locate: Callable[[int], str] | None = None
        """Where the entry of a position stands, in a bundle or a published folder."""
        self.more = 0
        """Findings that were only counted."""

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept) + self.more

    @property
    def full(self) -> bool:
        """Whether a further finding would only be counted: what it says need not be worked out."""
        return len(self._kept) >= self._listed

    def keep(self, finding: Finding) -> None:
        """Take a finding."""
        self._verdicts.add(finding.verdict)
        if self.full:
            self.more += 1
        else:
            self._kept.append(finding)

    def add(
        self,
        code: str,
        message: str,
        *,
        position: int | None = None,
        field: str | None = None,
        expected: object = None,
        found: object = None,
        hint: str | None = None,
    ) -> None:
        """Take a finding in parts; what is expected and found may be any value."""
        wanted, seen = (None if value is None else str(value) for value in (expected, found))
        where = None if position is None or self.locate is None else self.locate(position)
        self.keep(Finding(code, message, position, field, wanted, seen, where=where, hint=hint))

    def worst(self, without: Verdict) -> Verdict:
        """The gravest verdict that a finding leads to; *without* any, that one."""
        return max(self._verdicts, key=lambda verdict: verdict.exit_code, default=without)
