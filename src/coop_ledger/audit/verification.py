"""
The examination of a ledger: opens, looks at everything, and says what was found. The one room that knows all others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import attrs

from coop_ledger.audit.anchors import Brought, read_checkpoints, read_policy
from coop_ledger.audit.entries import Entries, Head, Piece, read_head
from coop_ledger.audit.evidence_file import evidence_folder, write_evidence
from coop_ledger.audit.findings import Findings, RefusalError, Verdict
from coop_ledger.audit.judging import Anchors, Outcome
from coop_ledger.audit.limited import examine_limited
from coop_ledger.audit.opening import Copy, DamageError, LinesError, opened
from coop_ledger.audit.ranges import Request, pieces_of
from coop_ledger.audit.report import Report
from coop_ledger.audit.scratch import bundle_lines, handed_over, is_folder, published_files
from coop_ledger.audit.structure import check_pages, check_schema
from coop_ledger.audit.tree import Tree
from coop_ledger.errors import InvalidValueError, UnsupportedKeyError, repr_of
from coop_ledger.log import Policy, format_instant
from coop_ledger.stores import check_path

__all__ = ["verify"]

_LONGEST_SKEW: Final = 86_400
"""Seconds by which the clock of who recorded may be ahead of that of who verifies; a policy may say less."""

_QUICK: Final = (
    "what the entries say, how they are spelled, the index of labels, and whether the database's own indexes, of ids "
    "and keys, fit their tables: leave out quick for these"
)
_UNSIGNED: Final = "signatures: the ledger was verified without keys"
_CALLERS_NOTE: Final = "who signed the checkpoint that you brought: it was taken as it is; with a policy it is judged"
_OWN_NOTE: Final = "who signed the checkpoint that came along: with a policy it is judged"
_NOTHING_SIGNED: Final = "signatures: you gave a policy, but no signed checkpoint of this ledger for it to judge"
_PLAIN: Final = "a checkpoint without signatures was compared, but it does not count under your policy"
_EMPTY: Final = "the checkpoint that you brought is that of an empty ledger: every ledger agrees with it"
_NO_TEXTS: Final = (
    "not one sealed text is in the file: a ledger made from a bundle without them looks like this, and so does one "
    "from which they were taken; no mark in a file could tell the two apart, so each is missing; if it was made so, "
    "verify a bundle that it exports with openings=False, or make it anew from a bundle with the texts"
)
_NO_DATING: Final = (
    "by how much times of recording can be wrong: that needs cosignatures on two sizes, and an agreed delay"
)


def verify(
    path: str | os.PathLike[str],
    policy: object = None,
    checkpoint: object = None,
    quick: bool = False,
    *,
    evidence: str | os.PathLike[str] | None = None,
    now: datetime | None = None,
    limited: bool = False,
    executor: Executor | None = None,
) -> Report:
    """
    Examine a ledger without trusting it: hashes, tree, sealed texts, entries, index, schema, signatures, times.

    Args:
        path: A ledger file, a bundle of one, or a published folder. It is copied to a private place first, a ledger
            file as it is at one moment; writers go on meanwhile, and nothing beside it is made or changed.
        policy: Whose keys count, how many witnesses, how old a checkpoint may be: a path, the text (a ``str`` with a
            line feed, or ``bytes``), or a ``Policy``. Only a ``Policy`` says anything of times.
        checkpoint: What the ledger was known to be: ``(origin, size, root)``, the text of a checkpoint, a signed
            checkpoint; or a list of these, which are compared with each other, too. Under a policy only signed ones
            confirm anything.
        quick: Leave aside what the entries say, how they are spelled, the index of labels, and whether the database's
            own indexes fit their tables.
        evidence: A folder for a file with both sides, where the ledger contradicts a checkpoint.
        now: The checker's clock, aware; that of the system without.
        limited: Whether to examine it in a process of its own, with limits of memory and time (POSIX only): a fault in
            SQLite or Python that a hostile file finds then ends that process, and not this one.
        executor: Any ``concurrent.futures.Executor`` whose workers examine entries side by side: processes on all
            cores, or a cluster that reads the same folder of temporary files. The report is the same without it.

    Returns:
        The report. Whatever the file is, hostile or damaged, there is one: its faults are findings in it.

    Raises:
        InvalidValueError: *path*, *policy*, *checkpoint*, *evidence*, *now* or *executor* is none, or *limited* cannot
            be had here, or not together with *executor*.

    Guarantees: streams; 256 MiB are enough for a million entries. The same file gives the same report, under a policy
    at the same *now*. Without the extra ``sign`` a signed checkpoint under a policy is UNDECIDED.
    Source: DESIGN §7, audit.md §3.5, §3.6, §6, §7.
    """
    target = check_path(path)
    folder = evidence_folder(evidence)
    brought = read_checkpoints(checkpoint)
    findings = Findings()
    try:
        rules = read_policy(policy)
    except UnsupportedKeyError as error:
        rules = None
        findings.add("T24", error.what, field=error.where, expected=error.expected, found=error.found)
    clock = _clock(now)
    _check_executor(executor, limited=limited)
    if limited:
        given = rules if rules is not None else _as_given(policy)
        known = [one.data if one.note is not None else tuple(one.checkpoint) for one in brought]
        return examine_limited(target, policy=given, checkpoint=known, quick=quick, evidence=folder, now=clock)
    examination = _Examination(brought, rules, clock, findings, quick=quick, executor=executor)
    report = _examined(target, examination)
    return report if folder is None else _with_evidence(report, folder, examination.brought)


def _with_evidence(report: Report, folder: Path, brought: Sequence[Brought]) -> Report:
    """A report of a ledger that has diverged, whose both sides were kept in a file; any other as it is."""
    if report.verdict is not Verdict.DIVERGED:
        return report
    kept, failed = write_evidence(folder, report, brought)
    notes = report.notes if failed is None else (*report.notes, f"the evidence could not be written: {failed}")
    return attrs.evolve(report, evidence=kept, notes=notes)


def _as_given(policy: object) -> object:
    """A policy that could not be read here, as it can be handed to another process."""
    return os.fspath(policy) if isinstance(policy, os.PathLike) else policy


def _examined(target: Path, examination: _Examination) -> Report:
    try:
        if is_folder(target):
            examination.run_handed_over(target, published_files)
        else:
            with opened(target) as copy:
                examination.run(copy)
    except LinesError:
        examination.run_handed_over(target, bundle_lines)
    except RefusalError as refusal:
        examination.refuse(refusal)
    return examination.report(str(target))


def _check_executor(executor: object, *, limited: bool) -> None:
    if executor is None:
        return
    if not isinstance(executor, Executor):
        raise InvalidValueError(
            "this is no executor",
            where="executor",
            expected="a concurrent.futures.Executor",
            found=repr_of(executor)[:80],
        )
    if limited:
        raise InvalidValueError(
            "an examination in one process has no workers", where="executor", hint="leave out limited, or executor"
        )


def _clock(now: object) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if not isinstance(now, datetime) or now.utcoffset() is None:
        raise InvalidValueError(
            "this is no instant", where="now", expected="an aware datetime", found=repr_of(now)[:80]
        )
    try:
        return now.astimezone(UTC)
    except OverflowError as error:
        raise InvalidValueError(
            "this instant is none in UTC", where="now", expected="the years 1 to 9999", found=repr_of(now)[:80]
        ) from error


class _Examination:
    """One examination: what was seen so far."""

    def __init__(
        self,
        brought: tuple[Brought, ...],
        policy: Policy | None,
        now: datetime,
        findings: Findings,
        *,
        quick: bool,
        executor: Executor | None,
    ) -> None:
        self.findings = findings
        self.brought = brought
        self._policy = policy
        self._now = now
        self._quick = quick
        self._executor = executor
        self._kind: str | None = None
        self._head = Head()
        self._size: int | None = None
        self._root: bytes | None = None
        self._recorded_at: str | None = None
        self._outcome = Outcome(Verdict.UNREADABLE, brought[0].checkpoint if brought else None)
        self._notes: list[str] = []
        self._unchecked: list[str] = []

    def run(self, copy: Copy) -> None:
        """
        Look at everything.

        Raises:
            RefusalError: It has to stop.
        """
        self._kind = "ledger"
        readable = check_schema(copy, self.findings)
        ends = check_pages(copy, self.findings, quick=self._quick)
        if not ends:
            self._unchecked.append("the entries: a page stands in two places, so that its rows may have no end")
            return
        if not readable:
            self._unchecked.append("the entries: the tables that hold them are not those of a ledger")
            return
        try:
            self._entries(copy)
        except DamageError as error:
            self.findings.add("T36", "the pages contradict each other; reading stopped there", found=error)
            self._unchecked.append("what could not be read, and the checkpoint")

    def run_handed_over(self, path: Path, locate: Callable[[int], str]) -> None:
        """
        Look at everything that came in lines or files.

        Args:
            path: The bundle, or the folder.
            locate: Where the entry of a position stands in it.
        """
        self.findings.locate = locate
        self._kind = "folder" if is_folder(path) else "bundle"
        try:
            with handed_over(path, self.findings) as handed:
                self.brought += handed.checkpoints
                if handed.root is None:
                    self._unchecked.append("the entries and the checkpoint: the files are not as they were published")
                    return
                self._examine(handed.copy, handed.head, came=handed.openings)
                if self._root != handed.root:
                    what = "the root that the bundle states is not that of its leaves"
                    self.findings.add(
                        "T62", what, field="root", expected=handed.root.hex(), found=self._root and self._root.hex()
                    )
        except RefusalError as refusal:
            self.refuse(refusal)

    def _entries(self, copy: Copy) -> None:
        head = read_head(copy, self.findings)
        entries, tree = self._examine(copy, head, came=True)
        tree.finish(head.frontier)
        if entries.whole and head.recorded_at != entries.recorded_at:
            what = "the time of the last entry is not that of its leaf"
            self.findings.add(
                "T30", what, field="head.recorded_at", expected=entries.recorded_at, found=head.recorded_at
            )

    def _examine(self, copy: Copy, head: Head, *, came: bool) -> tuple[Entries, Tree]:
        """All entries, whatever they came in, and the checkpoints."""
        self._head = head
        anchors = Anchors(self.brought, self._policy, int(self._now.timestamp()), self.findings)
        tree = Tree(copy, self.findings, anchors.sizes)
        until = format_instant(_later(self._now, self._policy))
        entries = Entries(
            copy, self.findings, tree, head, until=until, quick=self._quick, timed=anchors.timed, came=came
        )
        entries.run(self._pieces(copy, until, timed=anchors.timed, came=came))
        self._size, self._root, self._recorded_at = tree.size, tree.root(), entries.recorded_at
        self._outcome = anchors.judge(head.origin, tree.size, tree.roots, entries.times)
        self._tell(entries)
        return entries, tree

    def _pieces(self, copy: Copy, until: str, *, timed: bool, came: bool) -> Iterable[Piece]:
        """All entries at once; by pieces where others help, and the pages of the file are sound."""
        whole = (Piece(None, None, None),)
        if self._executor is None or copy.path is None or len(self.findings):
            return whole
        request = Request(str(copy.path), copy.bare, self._head, until, self._quick, timed, came)
        return pieces_of(self._executor, copy, request)

    def _tell(self, entries: Entries) -> None:
        if entries.clamped:
            self._notes.append(
                f"{entries.clamped} entries were recorded while the clock stood behind the entry before; "
                "they have its time and are marked"
            )
        if entries.sealed.redacted:
            self._notes.append(f"{entries.sealed.redacted} sealed texts were erased, and a redaction says so for each")
        if entries.sealed.missing and not entries.sealed.open:
            self._notes.append(_NO_TEXTS)
        if entries.sealed.withheld:
            self._unchecked.append(f"{entries.sealed.withheld} sealed texts: they did not come along")
        anchor, judgement = self._outcome.anchor, self._outcome.judgement
        if anchor is not None and not anchor.size and not self._outcome.own:
            self._notes.append(_EMPTY)
        self._unchecked.extend([_QUICK] if self._quick else [])
        if self._policy is None:
            self._unchecked.append(_UNSIGNED if anchor is None else _OWN_NOTE if self._outcome.own else _CALLERS_NOTE)
            return
        if not any(one.note is not None for one in self.brought):
            self._unchecked.append(_NOTHING_SIGNED)
        if any(one.note is None for one in self.brought):
            self._notes.append(_PLAIN)
        if judgement is not None and self._outcome.dating is None:
            self._unchecked.append(_NO_DATING)

    def refuse(self, refusal: RefusalError) -> None:
        """Take the reason why the examination stopped."""
        self.findings.keep(refusal.finding)
        self._unchecked.append("everything from there on")

    def report(self, path: str) -> Report:
        """What was seen."""
        outcome = self._outcome
        judgement = outcome.judgement
        idle = outcome.own and outcome.verdict is Verdict.SELF_CONSISTENT  # it confirms nothing
        return Report(
            path,
            self.findings.worst(outcome.verdict),
            self._quick,
            self._head.origin,
            self._size,
            self._root,
            self._recorded_at,
            None if idle else outcome.anchor,
            tuple(self.findings),
            self.findings.more,
            tuple(self._notes),
            tuple(self._unchecked),
            judgement=judgement,
            witnesses=0 if self._policy is None else len(self._policy.witnesses),
            dating=outcome.dating,
            own=outcome.own and not idle,
            inside=outcome.anchor if idle else None,
            kind=self._kind,
            policed=self._policy is not None,
        )


def _later(now: datetime, policy: Policy | None) -> datetime:
    """The latest time of recording that is believed."""
    skew = _LONGEST_SKEW if policy is None else max(0, min(policy.limits.skew_s, _LONGEST_SKEW))
    try:
        return now + timedelta(seconds=skew)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
