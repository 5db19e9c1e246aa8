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

from coop_ledger.audit.advice import BAD_CHECKPOINT, advice_on
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
        own: Whether the anchor came with the ledger: one that the policy makes an anchor wherever it comes from.
        inside: A checkpoint that came with it and confirms nothing; None where none came, or where it is the anchor.
        kind: ``ledger`` (a file of one), ``bundle`` or ``folder``; None for what is none of them.
        policed: Whether a policy was given.
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
    inside: Checkpoint | None = None
    kind: str | None = None
    policed: bool = False
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
        ``inside`` (the same of a checkpoint that came with it and is no anchor, or null), ``kind`` (``ledger``,
        ``bundle``, ``folder``, or null), ``policed`` (whether a policy was given),
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
            "anchor": _stated(self.anchor),
            "inside": _stated(self.inside),
            "kind": self.kind,
            "policed": self.policed,
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
        meaning = BAD_CHECKPOINT if self.condemns_the_checkpoint else _MEANING[self.verdict]
        lines = [f"{self.headline}: {self.path}: {meaning}."]
        lines.extend(("", *self._facts()))
        if self.findings:
            lines.extend(("", *self._told_findings()))
        advice = list(advice_on(self))
        if advice:
            lines.extend(("", *advice))
        for title, sentences in (("Worth knowing", self.notes), ("Not looked at", self.unchecked)):
            if sentences:
                lines.extend(("", f"{title}:", *(f"  - {sentence}" for sentence in sentences)))
        return "\n".join(safe(line).replace("\n", "\\n") for line in lines)

    @property
    def condemns_the_checkpoint(self) -> bool:
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
        if self.anchor is not None:
            whose = "that came with it" if self.own else "that you brought"
            yield f"  anchor   the checkpoint {whose}: {_at(self.anchor)}"
        elif self.inside is None:
            yield "  anchor   none: nothing from outside was compared with it"
        else:
            yield f"  inside   a checkpoint that came with it, and is no anchor: {_at(self.inside)}"
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
            where = f"{place}{stands}{field}".strip() or None
            yield f"  {finding.code} {finding.message}"
            told = {"at": where, "expected": finding.expected, "found": finding.found, "to do": finding.hint}
            for word, text in told.items():
                if text is not None:
                    yield f"      {word:8} {text}"
        if self.more:
            yield f"  and {self.more} more"


def _at(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.origin} at {'1 entry' if checkpoint.size == 1 else f'{checkpoint.size} entries'}"


def _stated(checkpoint: Checkpoint | None) -> dict[str, Any] | None:
    return None if checkpoint is None else {**checkpoint._asdict(), "root": checkpoint.root.hex()}


def _witness(one: WitnessTime) -> dict[str, Any]:
    return {"name": one.name, "key": format_vkey(one.key), "timestamp": one.timestamp}


def _read(plain: dict[str, Any]) -> Report:
    """The report of plain data; what is missing or of another type is an error of Python's."""
    own: dict[str, Any] = {key: _one(plain, key) for key in _AS_THEY_ARE}
    anchor, inside = _checkpoint(plain["anchor"]), _checkpoint(plain["inside"])
    signed = plain["signed"]
    return Report(
        **own,
        verdict=Verdict(plain["verdict"]),
        root=None if plain["root"] is None else bytes.fromhex(plain["root"]),
        anchor=anchor,
        inside=inside,
        findings=tuple(Finding(**{**one, "verdict": Verdict(one["verdict"])}) for one in plain["findings"]),
        notes=tuple(plain["notes"]),
        unchecked=tuple(plain["unchecked"]),
        judgement=None if signed is None else _judgement(anchor or inside, signed),
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
    "kind": str | None,
    "policed": bool,
    "witnesses": int,
    "evidence": str | None,
    "accepted": bool,
}


def _one(plain: dict[str, Any], key: str) -> Any:
    if not isinstance(plain[key], _AS_THEY_ARE[key]):
        raise TypeError(f"{key} is of another type")
    return plain[key]


def _checkpoint(plain: dict[str, Any] | None) -> Checkpoint | None:
    return None if plain is None else Checkpoint(plain["origin"], plain["size"], bytes.fromhex(plain["root"]))


def _judgement(anchor: Checkpoint | None, signed: dict[str, Any]) -> Judgement:
    if anchor is None:
        raise ValueError("signatures without a checkpoint")
    counted, ahead = (
        tuple(WitnessTime(one["name"], parse_vkey(one["key"]), one["timestamp"]) for one in signed[which])
        for which in ("witnesses", "ahead")
    )
    log = parse_vkey(signed["log"])
    return Judgement(anchor, log, counted, ahead, signed["quorum"], signed["witnessed_at"], signed["fresh"])


def _plain(finding: Finding) -> dict[str, Any]:
    plain = attrs.asdict(finding)
    return {**plain, "verdict": finding.verdict.value}


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
