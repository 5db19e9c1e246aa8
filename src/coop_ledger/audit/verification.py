"""
The examination of a ledger: opens, looks at everything, and says what was found. The one room that knows all others.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Final

from coop_ledger.audit.anchors import judge, read_checkpoint
from coop_ledger.audit.entries import Entries, Head, read_head
from coop_ledger.audit.findings import Findings, RefusalError, Verdict
from coop_ledger.audit.opening import Copy, DamageError, opened
from coop_ledger.audit.report import Report
from coop_ledger.audit.structure import check_pages, check_schema
from coop_ledger.audit.tree import Tree
from coop_ledger.log import Checkpoint, format_instant
from coop_ledger.stores import check_path

__all__ = ["verify"]

_SKEW: Final = timedelta(days=1)
"""How far the clock of who recorded may be ahead of that of who verifies."""

_QUICK: Final = "what the entries say, how they are spelled, and the index of labels: leave out quick for these"
_UNSIGNED: Final = "signatures: the ledger was verified without keys"
_CALLERS_NOTE: Final = "who signed the checkpoint that you brought: it was taken as it is"


def verify(
    path: str | os.PathLike[str], policy: object = None, checkpoint: object = None, quick: bool = False
) -> Report:
    """
    Examine a ledger file without trusting it: hashes, tree, sealed texts, entries, index, schema.

    Args:
        path: The file. It is copied to a private place first, as it is at one moment; writers go on meanwhile, and
            nothing beside it is made or changed.
        policy: Keys and quorum; not judged by this version, which says UNDECIDED where one is given.
        checkpoint: What the ledger was known to be: ``(origin, size, root)``, or the text of a checkpoint.
        quick: Leave aside what the entries say, how they are spelled, and the index of labels.

    Returns:
        The report. Whatever the file is, hostile or damaged, there is one: its faults are findings in it.

    Raises:
        InvalidValueError: *path* is none, or *checkpoint* is none.

    Guarantees: streams; 256 MiB are enough for a million entries. The same file gives the same report.
    Source: DESIGN §7, audit.md §3.6, §6, §7.
    """
    target = check_path(path)
    anchor = None if checkpoint is None else read_checkpoint(checkpoint)
    examination = _Examination(anchor, quick=quick)
    if policy is not None:
        what = "this version does not judge policies yet: leave it out"
        examination.findings.add("T24", what, field="policy")
    try:
        with opened(target) as copy:
            examination.run(copy)
    except RefusalError as refusal:
        examination.refuse(refusal)
    return examination.report(str(target))


class _Examination:
    """One examination: what was seen so far."""

    def __init__(self, anchor: Checkpoint | None, *, quick: bool) -> None:
        self.findings = Findings()
        self._anchor = anchor
        self._quick = quick
        self._head = Head()
        self._size: int | None = None
        self._root: bytes | None = None
        self._recorded_at: str | None = None
        self._best = Verdict.UNREADABLE
        self._notes: list[str] = []
        self._unchecked: list[str] = []

    def run(self, copy: Copy) -> None:
        """
        Look at everything.

        Raises:
            RefusalError: It has to stop.
        """
        readable = check_schema(copy, self.findings)
        check_pages(copy, self.findings, quick=self._quick)
        if not readable:
            self._unchecked.append("the entries: the tables that hold them are not those of a ledger")
            return
        try:
            self._entries(copy)
        except DamageError as error:
            self.findings.add("T36", "the pages contradict each other; reading stopped there", found=error)
            self._unchecked.append("what could not be read, and the checkpoint")

    def _entries(self, copy: Copy) -> None:
        self._head = head = read_head(copy, self.findings)
        anchor = self._anchor
        tree = Tree(copy, self.findings, None if anchor is None else anchor.size)
        until = format_instant(datetime.now(UTC) + _SKEW)
        entries = Entries(copy, self.findings, tree, head, until=until, quick=self._quick)
        entries.run()
        tree.finish(head.frontier)
        if entries.whole and head.recorded_at != entries.recorded_at:
            what = "the time of the last entry is not that of its leaf"
            self.findings.add(
                "T30", what, field="head.recorded_at", expected=entries.recorded_at, found=head.recorded_at
            )
        self._size, self._root, self._recorded_at = tree.size, tree.root(), entries.recorded_at
        self._best = judge(anchor, head.origin, tree.size, tree.root_then, self.findings)
        self._tell(entries)

    def _tell(self, entries: Entries) -> None:
        if entries.clamped:
            self._notes.append(
                f"{entries.clamped} entries were recorded while the clock stood behind the entry before; "
                "they have its time and are marked"
            )
        if entries.sealed.redacted:
            self._notes.append(f"{entries.sealed.redacted} sealed texts were erased, and a redaction says so for each")
        if entries.sealed.missing and not entries.sealed.open:
            self._notes.append(
                "not one sealed text is in the file: a copy that was made without them looks like this, too"
            )
        if self._anchor is not None and not self._anchor.size:
            self._notes.append(
                "the checkpoint that you brought is that of an empty ledger: every ledger agrees with it"
            )
        self._unchecked.extend([_QUICK] if self._quick else [])
        self._unchecked.append(_UNSIGNED if self._anchor is None else _CALLERS_NOTE)

    def refuse(self, refusal: RefusalError) -> None:
        """Take the reason why the examination stopped."""
        self.findings.keep(refusal.finding)
        self._unchecked.append("everything from there on")

    def report(self, path: str) -> Report:
        """What was seen."""
        return Report(
            path,
            self.findings.worst(self._best),
            self._quick,
            self._head.origin,
            self._size,
            self._root,
            self._recorded_at,
            self._anchor,
            tuple(self.findings),
            self.findings.more,
            tuple(self._notes),
            tuple(self._unchecked),
        )
