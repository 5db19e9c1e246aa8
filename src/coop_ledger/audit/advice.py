"""
What a verdict means for who reads it, and what to do next, in sentences. Knows no file and decides nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from coop_ledger.audit.findings import Verdict

if TYPE_CHECKING:  # a report asks for advice
    from coop_ledger.audit.report import Report

__all__ = ["BAD_CHECKPOINT", "advice_on"]

BAD_CHECKPOINT: Final = "the checkpoint that you brought does not hold"
"""What INVALID means where nothing but the checkpoint is at fault."""

_NEXT: Final = ("", "What to do next:")


def advice_on(report: Report) -> Iterator[str]:
    """
    What the verdict of a report means for who reads it, and what to do next, line by line.

    Args:
        report: The report.
    """
    if report.verdict is Verdict.SELF_CONSISTENT:
        yield from _UNCONFIRMED if report.findings else _self_consistent(report)
        yield from _keep(report)
    elif report.verdict in _ON_AN_ANCHOR and report.anchor is not None and report.size is not None:
        if report.verdict is Verdict.STALE:
            yield from _stale(report, report.anchor.size, report.size - report.anchor.size)
        else:
            yield from _anchored(report, report.size)
            yield from _keep(report)
    elif report.verdict is Verdict.UNDECIDED:
        yield from _undecided(report)
    elif report.verdict is Verdict.DIVERGED:
        yield from (line.format(_thing(report)) for line in _DIVERGED)
    elif report.verdict is Verdict.INVALID:
        yield from _BROUGHT if report.condemns_the_checkpoint else _INVALID.get(report.kind or "", _INVALID["ledger"])
    elif report.verdict is Verdict.UNREADABLE:
        yield from _unreadable(report)


def _thing(report: Report) -> str:
    return {"bundle": "bundle", "folder": "folder"}.get(report.kind or "", "file")


def _self_consistent(report: Report) -> Iterator[str]:
    thing = _thing(report)
    that = "" if report.accepted else "; that is no fault of it"
    yield f"This is the best that a {thing} can show by itself{that}. Its bytes, hashes and tree agree."
    yield f"But whoever can write the {thing} could have rewritten all of it, hashes included, and it would look just"
    yield "like this. Only what was kept elsewhere can tell the two apart."
    if report.accepted:
        yield "The exit code is 0 and not 10, because you accept that (--accept self-consistent)."
        return
    yield "That is why the exit code is 10 and not 0."
    yield from _NEXT
    yield from _what_else_to_bring(report)
    yield f"  - If nobody but you could write the {thing}, --accept self-consistent makes the exit code 0."


def _what_else_to_bring(report: Report) -> Iterator[str]:
    """What would confirm more than was brought."""
    if not report.size:
        yield "  - It holds no entry yet, and nothing that a checkpoint could confirm: verify again when it does."
    elif report.anchor is not None and not report.anchor.size:
        yield "  - The checkpoint that you brought is that of an empty ledger, and confirms no entry of any:"
        yield "    bring one of more entries, which was kept where nobody who writes the ledger can reach it."
    elif report.policed and report.anchor is not None:
        yield "  - The checkpoint that you brought agrees, but it is not signed, and under your policy only signed ones"
        yield "    count: ask for the signed one, or, if you trust the place where yours was kept, leave out --policy."
    elif report.policed:
        yield "  - If you, or anybody but who gave it to you, kept a signed checkpoint of this ledger, compare it:"
        yield "      python -m coop_ledger verify PATH --policy POLICY --checkpoint CHECKPOINT"
    else:
        yield "  - If you, or somebody whom you trust, kept a checkpoint of this ledger (three lines, as below),"
        yield "    compare it:"
        yield "      python -m coop_ledger verify PATH --checkpoint CHECKPOINT"
        yield "    If it is signed, --policy POLICY says whose signatures count."


def _undecided(report: Report) -> Iterator[str]:
    yield "That is neither a yes nor a no. What is not known is listed above."
    yield from _NEXT
    unknown = [finding for finding in report.findings if finding.verdict is Verdict.UNDECIDED]
    if any(finding.hint for finding in unknown):
        yield "  - Do what stands above behind 'to do', and verify again."
    if any(finding.code == "T39" for finding in unknown):
        yield "  - Compare the log keys of your policy with those that the log gave out; ask for its own checkpoint."
    if report.more or not unknown or not all(finding.hint or finding.code == "T39" for finding in unknown):
        yield "  - Verify it with a later version of this program, which may know it."


def _unreadable(report: Report) -> Iterator[str]:
    yield "Nothing was decided about it: neither that it is genuine nor that it is not."
    yield from _NEXT
    if any(finding.hint for finding in report.findings):
        yield "  - Do what stands above behind 'to do'."
        if report.kind is None:
            return
    yield from _UNREADABLE.get(report.kind or "", _UNREADABLE[""])


_UNREADABLE: Final = {
    "": (
        "  - Check that the path is that of a ledger, a bundle or a published folder; nothing else is examined.",
        "  - If it should be one, ask whom you have it from for another copy, and verify that.",
    ),
    "ledger": (
        "  - Keep the file as it is, and do not record into it.",
        "  - Verify a backup or another copy; if it may be hostile, with --limited.",
    ),
    "bundle": (
        "  - Compare its length with that of the file that was sent: bundles break off where a copy was interrupted.",
        "  - Ask whom you have it from for the bundle as it was exported, every byte of it, and verify that.",
    ),
    "folder": (
        "  - Fetch the folder again, all of it and into an empty place, and verify that.",
        "  - If it is the same again, ask the keeper to publish into a new folder.",
    ),
}

_UNCONFIRMED: Final = (
    "Its bytes, hashes and tree agree, and so does the checkpoint; but not enough of those whom your policy trusts",
    "have seen it. Who holds the log's key could have rewritten all of it. That is why the exit code is not 0.",
    *_NEXT,
    "  - Ask whoever keeps the ledger for the checkpoint with the cosignatures that are missing, and verify again.",
    "  - If fewer witnesses are enough for you, say so in the quorum line of your policy.",
)
_DIVERGED: Final = (
    "Either the checkpoint is wrong, or the ledger was rewritten, cut, or replaced after the checkpoint was made.",
    *_NEXT,
    "  - Keep both, the {} and the checkpoint: together they are the evidence.",
    "  - Ask where the checkpoint came from, and compare with copies and checkpoints that others keep.",
)
_BROUGHT: Final = (
    "The ledger agrees with itself; but this checkpoint was changed, or signed with another key, and confirms nothing.",
    *_NEXT,
    "  - Ask whom you have it from for the checkpoint as it was signed, every byte of it, and verify again.",
    "  - If it is as it was signed, compare the keys of your policy with those that log and witnesses gave out.",
)
_INVALID: Final = {
    "ledger": (
        "No ledger that was only ever written by this program looks like this.",
        *_NEXT,
        "  - Keep the file as it is; do not record into it.",
        "  - Verify a backup or another copy; the findings say which entries to compare.",
    ),
    "bundle": (
        "No bundle that this program exported looks like this.",
        *_NEXT,
        "  - Keep the bundle as it is; do not make a ledger of it.",
        "  - Ask whom you have it from for the bundle as it was exported, and verify that;",
        "    the findings say which lines to compare.",
        "  - If it is the same again, ask them to verify the ledger that it came from.",
    ),
    "folder": (
        "No folder that this program published looks like this.",
        *_NEXT,
        "  - Keep a copy of the folder as it is; rely on no proof that was made from it.",
        "  - Fetch it again into an empty place, and verify that; the findings say which files to compare.",
        "  - If it is the same again, ask the keeper to verify the ledger, and to publish into a new folder.",
    ),
}

_ON_AN_ANCHOR: Final = (Verdict.ANCHORED, Verdict.WITNESSED, Verdict.STALE)


def _anchored(report: Report, size: int) -> Iterator[str]:
    all_of = "Its one entry is the one" if size == 1 else f"All of its {size} entries are those"
    yield f"{all_of} that stood in it when the checkpoint was made."
    if report.verdict is Verdict.WITNESSED:
        yield "This holds unless the log and the witnesses of the quorum lie together."
    else:
        yield "This holds as far as you trust the place where the checkpoint was kept."


def _stale(report: Report, covered: int, later: int) -> Iterator[str]:
    first = "Its first entry is that" if covered == 1 else f"Its first {covered} entries are those"
    yield f"{first} of the checkpoint; no sign of tampering was found."
    if later:
        yield f"The {later} recorded since then rest on the {_thing(report)} alone: {_nobody(report)}."
    if any(finding.code == "T47" for finding in report.findings):
        yield "But the checkpoint is old: entries may have been cut off since, or the ledger may be an old copy."
    yield "That is why the exit code is 11 and not 0."
    yield from _NEXT
    if report.judgement is None:
        yield "  - Ask whoever keeps the ledger, or others who watch it, for a newer checkpoint, and verify with it."
        yield "  - If nobody has one, keep the three lines below: from now on they cover what came until today."
        yield from _keep(report)
        return
    yield "  - Ask whoever keeps the ledger, or a witness, for the newest signed checkpoint, and verify again with it."
    yield "  - If there is none, have one signed and cosigned now; a ledger that is still used needs them regularly."


def _nobody(report: Report) -> str:
    if report.judgement is None:
        return "no checkpoint that you brought speaks of them"
    return "nobody whom your policy trusts has seen them"


def _keep(report: Report) -> Iterator[str]:
    if report.checkpoint is None or not report.size:
        return
    root = base64.b64encode(report.checkpoint.root).decode()
    yield ""
    whom = f"nobody who writes the {_thing(report)}"
    yield f"To recognise this state later, keep these three lines where {whom} can change them:"
    yield from (report.checkpoint.origin, str(report.size), root)  # with no blanks in front: a copy of them is exact
