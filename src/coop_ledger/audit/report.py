"""
What an examination says: to people in sentences, to programs as JSON. Knows no file.

A report never says that all is well: it says what was compared with what, what was found, and what was not looked at.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs

from coop_ledger.audit.findings import Finding, Verdict
from coop_ledger.domain import safe
from coop_ledger.errors import CoopLedgerError, InvalidValueError
from coop_ledger.log import Checkpoint, DatingBound, Judgement, WitnessTime, format_vkey, parse_vkey

__all__ = ["SCHEMA", "Report"]

SCHEMA: Final = 1
"""The version of the JSON form."""

_MEANING: Final = {
    Verdict.WITNESSED: "it is what the witnesses of your policy saw",
    Verdict.ANCHORED: "it agrees with the checkpoint that you brought",
    Verdict.SELF_CONSISTENT: "nothing in it contradicts itself; nothing from outside confirms it",
    Verdict.STALE: "nothing is wrong with it, but what confirms it is too old, or does not cover all of it",
    Verdict.UNDECIDED: "this program does not know enough to judge it",
    Verdict.DIVERGED: "it is consistent in itself, but it is not the ledger that it was",
    Verdict.INVALID: "it was altered or damaged",
    Verdict.UNREADABLE: "it was not examined to the end",
}


@attrs.frozen
class Report:
    """
    What an examination says.

    Args:
        path: What was examined, as the caller named it.
        verdict: The one word.
        quick: Whether it was a quick examination.
        origin: The ledger's origin; None where it could not be read.
        size: Its entries; None where they could not be counted.
        root: The root over all leaves, computed from their bytes, 32 bytes; None where it could not be.
        recorded_at: When the last entry was recorded, as its leaf says.
        anchor: The checkpoint from outside that it was compared with; None where there was none.
        findings: What is wrong, at most ``LISTED`` findings, in the order in which they were met.
        more: How many findings there are beyond these.
        notes: What is worth knowing and no fault, one sentence each.
        unchecked: What was not looked at, one sentence each.
        judgement: What the policy made of the anchor; None without a policy.
        witnesses: How many witnesses the policy has.
        dating: By how much times of recording can be wrong, as the witnesses' times show; None where they do not.
        own: Whether the anchor came with the ledger.
        evidence: The file that keeps both sides of a contradiction, if one was asked for.
        accepted: Whether SELF-CONSISTENT is enough for who asked; made by :meth:`accepting`.
    """

    path: str
    verdict: Verdict
    quick: bool
    origin: str | None = None
    size: int | None = None
    root: bytes | None = None
    recorded_at: str | None = None
    anchor: Checkpoint | None = None
    findings: tuple[Finding, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    judgement: Judgement | None = None
    witnesses: int = 0
    dating: DatingBound | None = None
    own: bool = False
    evidence: str | None = None
    accepted: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of a program that ends with this report."""
        return 0 if self.accepted else self.verdict.exit_code

    def accepting(self) -> Report:
        """
        This report for somebody to whom a ledger that agrees with itself is enough.

        SELF-CONSISTENT without findings then leads to exit code 0, and the report says so; nothing else changes.
        """
        enough = self.verdict is Verdict.SELF_CONSISTENT and not self.findings
        return attrs.evolve(self, accepted=enough)

    @property
    def headline(self) -> str:
        """The verdict, and, if witnesses confirm it, how many of how many."""
        if self.verdict is not Verdict.WITNESSED or self.judgement is None:
            return self.verdict.value
        return f"{self.verdict.value} {len(self.judgement.witnesses)}/{self.witnesses}"

    @property
    def checkpoint(self) -> Checkpoint | None:
        """What to keep, so that this state of the ledger can be recognised later."""
        if self.origin is None or self.size is None or self.root is None:
            return None
        return Checkpoint(self.origin, self.size, self.root)

    def as_plain(self) -> dict[str, Any]:
        """
        The report as plain data: texts, numbers, booleans, lists, dicts.

        Keys: ``schema`` (1), ``path``, ``verdict``, ``exit_code``, ``quick``, ``origin``, ``size``, ``root`` (hex),
        ``recorded_at``, ``own`` (whether the anchor came with it), ``anchor`` (origin, size, root, or null),
        ``findings`` (code, verdict, position, field, expected, found, message, where, hint), ``more``, ``notes``,
        ``unchecked``, ``witnesses`` (how many the policy has), ``signed`` (log: its verifier key; witnesses: name,
        verifier key, and timestamp, seconds since
        1970, of those that count; ahead: the same of those dated in the future; of: how many the policy has; quorum:
        whether it is met; witnessed_at; fresh; or null), ``dating`` (first, end, seconds, or null), ``evidence`` (a
        path, or null), ``accepted`` (whether SELF-CONSISTENT was accepted, so that ``exit_code`` is 0).

        Guarantees: the same file gives the same data; keys are added and never change their meaning.
        """
        return {
            "schema": SCHEMA,
            "path": self.path,
            "verdict": self.verdict.value,
            "exit_code": self.exit_code,
            "quick": self.quick,
            "origin": self.origin,
            "size": self.size,
            "root": None if self.root is None else self.root.hex(),
            "recorded_at": self.recorded_at,
            "own": self.own,
            "anchor": None if self.anchor is None else {**self.anchor._asdict(), "root": self.anchor.root.hex()},
            "findings": [_plain(finding) for finding in self.findings],
            "more": self.more,
            "notes": list(self.notes),
            "unchecked": list(self.unchecked),
            "witnesses": self.witnesses,
            "signed": self._signed(),
            "dating": None if self.dating is None else self.dating._asdict(),
            "evidence": self.evidence,
            "accepted": self.accepted,
        }

    def _signed(self) -> dict[str, Any] | None:
        judgement = self.judgement
        if judgement is None:
            return None
        return {
            "log": format_vkey(judgement.log),
            "witnesses": [_witness(one) for one in judgement.witnesses],
            "ahead": [_witness(one) for one in judgement.ahead],
            "of": self.witnesses,
            "quorum": judgement.met,
            "witnessed_at": judgement.witnessed_at,
            "fresh": judgement.fresh,
        }

    def as_json(self) -> str:
        """The report as JSON: :meth:`as_plain`, indented, ASCII only."""
        return json.dumps(self.as_plain(), indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Report:
        """
        The report that :meth:`as_json` wrote.

        Args:
            text: The JSON of this version.

        Raises:
            InvalidValueError: Something else.

        Guarantees: what is read gives the same data again.
        """
        try:
            plain = json.loads(text)
            report = _read(plain)
            if report.as_plain() == plain and report.as_text():  # of types that can be told, too
                return report
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError, CoopLedgerError) as error:
            raise InvalidValueError("this is no report", where="text", found=str(error)[:80]) from error
        raise InvalidValueError("this is no report of this version", where="text")

    def as_text(self) -> str:
        """The report for people, without the last newline; safe to print whatever the file held."""
        meaning = _BAD_CHECKPOINT if self._condemns_the_checkpoint else _MEANING[self.verdict]
        lines = [f"{self.headline}: {self.path}: {meaning}."]
        lines.extend(("", *self._facts()))
        if self.findings:
            lines.extend(("", *self._told_findings()))
        advice = list(_advice(self))
        if advice:
            lines.extend(("", *advice))
        for title, sentences in (("Worth knowing", self.notes), ("Not looked at", self.unchecked)):
            if sentences:
                lines.extend(("", f"{title}:", *(f"  - {sentence}" for sentence in sentences)))
        return "\n".join(safe(line).replace("\n", "\\n") for line in lines)

    @property
    def _condemns_the_checkpoint(self) -> bool:
        """Whether all that is wrong is with the signatures of checkpoints that the caller brought."""
        codes = {finding.code for finding in self.findings if finding.field == "checkpoint"}
        return (
            codes <= {"T41", "T42", "T44"}
            and len(codes) > 0
            and not (self.more or any(finding.field != "checkpoint" for finding in self.findings))
        )

    def _facts(self) -> Iterator[str]:
        if self.origin is not None:
            yield f"  ledger   {self.origin}"
        if self.size is not None:
            last = "" if self.recorded_at is None else f", the last recorded at {self.recorded_at}"
            yield f"  entries  {self.size}{last}"
        if self.root is not None:
            yield f"  root     {base64.b64encode(self.root).decode()}"
        if self.anchor is None:
            yield "  anchor   none: nothing from outside was compared with it"
        else:
            whose = "that came with it" if self.own else "that you brought"
            count = "1 entry" if self.anchor.size == 1 else f"{self.anchor.size} entries"
            yield f"  anchor   the checkpoint {whose}: {self.anchor.origin} at {count}"
        if self.judgement is not None:
            yield f"  signed   by {format_vkey(self.judgement.log)}"
            seen = ", ".join(f"{one.name} at {_instant(one.timestamp)}" for one in self.judgement.witnesses)
            yield f"  seen by  {len(self.judgement.witnesses)} of {self.witnesses} witnesses" + (seen and f": {seen}")
        if self.dating is not None:
            yield f"  dating   {_dating(self.dating)}"
        if self.evidence is not None:
            yield f"  evidence {self.evidence}"

    def _told_findings(self) -> Iterator[str]:
        count = len(self.findings) + self.more
        yield f"{count} finding{'' if count == 1 else 's'}:"
        for finding in self.findings:
            place = "" if finding.position is None else f" position {finding.position}"
            field = "" if finding.field is None else f" {finding.field}"
            stands = "" if finding.where is None else f" ({finding.where})"
            where = f" at{place}{stands}{field}" if place or field else ""
            yield f"  {finding.code} {finding.message}{where}"
            for word, text in (("expected", finding.expected), ("found", finding.found), ("to do", finding.hint)):
                if text is not None:
                    yield f"      {word:8} {text}"
        if self.more:
            yield f"  and {self.more} more"


def _witness(one: WitnessTime) -> dict[str, Any]:
    return {"name": one.name, "key": format_vkey(one.key), "timestamp": one.timestamp}


def _read(plain: dict[str, Any]) -> Report:
    """The report of plain data; what is missing or of another type is an error of Python's."""
    own: dict[str, Any] = {key: _one(plain, key) for key in _AS_THEY_ARE}
    anchor = None if plain["anchor"] is None else _checkpoint(plain["anchor"])
    signed = plain["signed"]
    return Report(
        **own,
        verdict=Verdict(plain["verdict"]),
        root=None if plain["root"] is None else bytes.fromhex(plain["root"]),
        anchor=anchor,
        findings=tuple(Finding(**{**one, "verdict": Verdict(one["verdict"])}) for one in plain["findings"]),
        notes=tuple(plain["notes"]),
        unchecked=tuple(plain["unchecked"]),
        judgement=None if signed is None or anchor is None else _judgement(anchor, signed),
        dating=None if plain["dating"] is None else DatingBound(**plain["dating"]),
    )


_AS_THEY_ARE: Final = {
    "path": str,
    "quick": bool,
    "origin": str | None,
    "size": int | None,
    "recorded_at": str | None,
    "more": int,
    "own": bool,
    "witnesses": int,
    "evidence": str | None,
    "accepted": bool,
}


def _one(plain: dict[str, Any], key: str) -> Any:
    if not isinstance(plain[key], _AS_THEY_ARE[key]):
        raise TypeError(f"{key} is of another type")
    return plain[key]


def _checkpoint(plain: dict[str, Any]) -> Checkpoint:
    return Checkpoint(plain["origin"], plain["size"], bytes.fromhex(plain["root"]))


def _judgement(anchor: Checkpoint, signed: dict[str, Any]) -> Judgement:
    counted, ahead = (
        tuple(WitnessTime(one["name"], parse_vkey(one["key"]), one["timestamp"]) for one in signed[which])
        for which in ("witnesses", "ahead")
    )
    log = parse_vkey(signed["log"])
    return Judgement(anchor, log, counted, ahead, signed["quorum"], signed["witnessed_at"], signed["fresh"])


def _plain(finding: Finding) -> dict[str, Any]:
    plain = attrs.asdict(finding)
    return {**plain, "verdict": finding.verdict.value}


def _advice(report: Report) -> Iterator[str]:
    """What the verdict means for who reads it, and what to do next."""
    if report.verdict is Verdict.SELF_CONSISTENT:
        yield from _ACCEPTED if report.accepted else _UNCONFIRMED if report.findings else _SELF_CONSISTENT
        yield from _keep(report)
    elif report.verdict in _ON_AN_ANCHOR and report.anchor is not None and report.size is not None:
        if report.verdict is Verdict.STALE:
            yield from _stale(report, report.anchor.size, report.size - report.anchor.size)
        else:
            yield from _anchored(report, report.size)
            yield from _keep(report)
    elif report.verdict is Verdict.UNDECIDED:
        yield "That is neither a yes nor a no. What is not known is listed above; a later version may know it."
    elif report.verdict is Verdict.DIVERGED:
        yield from _DIVERGED
    elif report.verdict is Verdict.INVALID:
        yield from _BROUGHT if report._condemns_the_checkpoint else _INVALID
    elif report.verdict is Verdict.UNREADABLE:
        yield "Nothing was decided about it: neither that it is genuine nor that it is not."


_SELF_CONSISTENT: Final = (
    "This is the best that a file can show by itself; that is no fault of it. Its bytes, hashes and tree agree.",
    "But whoever can write the file could have rewritten all of it, hashes included, and it would look just like this.",
    "Only what was kept elsewhere can tell the two apart. That is why the exit code is 10 and not 0.",
    "",
    "What to do next:",
    "  - If you, or somebody whom you trust, kept a checkpoint of this ledger (three lines, as below), compare it:",
    "      python -m coop_ledger verify FILE --checkpoint CHECKPOINT",
    "    If it is signed, --policy POLICY says whose signatures count.",
    "  - If nobody but you could write the file, --accept self-consistent makes the exit code 0.",
)
_ACCEPTED: Final = (
    "This is the best that a file can show by itself. Its bytes, hashes and tree agree.",
    "But whoever can write the file could have rewritten all of it, hashes included, and it would look just like this.",
    "The exit code is 0 and not 10, because you accept that (--accept self-consistent).",
)
_UNCONFIRMED: Final = (
    "Its bytes, hashes and tree agree, and so does the checkpoint; but not enough of those whom your policy trusts",
    "have seen it. Who holds the log's key could have rewritten all of it. That is why the exit code is not 0.",
    "",
    "What to do next:",
    "  - Ask whoever keeps the ledger for the checkpoint with the cosignatures that are missing, and verify again.",
    "  - If fewer witnesses are enough for you, say so in the quorum line of your policy.",
)
_DIVERGED: Final = (
    "Either the checkpoint is wrong, or the ledger was rewritten, cut, or replaced after the checkpoint was made.",
    "",
    "What to do next:",
    "  - Keep both, the file and the checkpoint: together they are the evidence.",
    "  - Ask where the checkpoint came from, and compare with copies and checkpoints that others keep.",
)
_BAD_CHECKPOINT: Final = "the checkpoint that you brought does not hold"
_BROUGHT: Final = (
    "The ledger agrees with itself; but this checkpoint was changed, or signed with another key, and confirms nothing.",
    "",
    "What to do next:",
    "  - Ask whom you have it from for the checkpoint as it was signed, every byte of it, and verify again.",
    "  - If it is as it was signed, compare the keys of your policy with those that log and witnesses gave out.",
)
_INVALID: Final = (
    "No ledger that was only ever written by this program looks like this.",
    "",
    "What to do next:",
    "  - Keep the file as it is; do not record into it.",
    "  - Verify a backup or another copy; the findings say which entries to compare.",
)


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
        yield f"The {later} recorded since then rest on the file alone: {_nobody(report)}."
    if any(finding.code == "T47" for finding in report.findings):
        yield "But the checkpoint is old: entries may have been cut off since, or the ledger may be an old copy."
    yield "That is why the exit code is 11 and not 0."
    yield ""
    yield "What to do next:"
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


def _dating(bound: DatingBound) -> str:
    last = "on" if bound.end is None else f"to {bound.end - 1}"
    within = timedelta(seconds=min(bound.seconds, 10**12))
    return (
        f"entries {bound.first} {last} are dated at most {within} h wrongly, as far as the witnesses' clocks are right"
    )


def _instant(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} seconds since 1970"


def _keep(report: Report) -> Iterator[str]:
    if report.checkpoint is None or not report.size:
        return
    root = base64.b64encode(report.checkpoint.root).decode()
    yield ""
    yield "To recognise this state later, keep these three lines where nobody who writes the file can change them:"
    yield from (f"    {line}" for line in (report.checkpoint.origin, str(report.size), root))
