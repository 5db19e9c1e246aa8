"""
What checkpoints say of a ledger: whose they are, whether it agrees with them, how old they are. Knows no file.

A signature is looked at only under the keys of the policy, never under one that came with the ledger. What a checkpoint
states counts only once its log is known to have signed it; without a policy, the caller answers for what he brings.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from coop_ledger.audit.anchors import Brought
from coop_ledger.audit.findings import Findings, Verdict
from coop_ledger.errors import (
    MissingExtraError,
    SignatureError,
    UnsupportedKeyError,
    UntrustedNoteError,
)
from coop_ledger.log import (
    Anchor,
    Checkpoint,
    DatingBound,
    Judgement,
    Note,
    Policy,
    check_brackets,
    dating_bound,
    examine,
    format_instant,
    verify_note,
)
from coop_ledger.signing import check_ed25519

__all__ = ["Anchors", "Outcome"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_NAMED: Final = 3
"""Logs of a policy that are named where a ledger is of none."""


class Outcome(NamedTuple):
    """
    What the checkpoints say of a ledger.

    Attributes:
        verdict: The verdict if nothing is wrong.
        anchor: The newest checkpoint that it agrees with, or the first one brought; None without any.
        own: Whether that one came with the ledger.
        judgement: What the policy makes of it; None without a policy, or for one that is not signed.
        dating: By how much times of recording can be wrong; None where nothing can be said.
    """

    verdict: Verdict
    anchor: Checkpoint | None = None
    own: bool = False
    judgement: Judgement | None = None
    dating: DatingBound | None = None


class _Taken(NamedTuple):
    """A checkpoint that counts, and what the policy makes of it."""

    one: Brought
    judgement: Judgement | None


class Anchors:
    """
    The checkpoints of one examination.

    Args:
        brought: The checkpoints, also such as came with the ledger.
        policy: Whose signatures count; None to take what is brought as it is.
        now: The checker's clock, seconds since 1970.
        findings: Where faults go.
    """

    def __init__(self, brought: Iterable[Brought], policy: Policy | None, now: int, findings: Findings) -> None:
        self._policy = policy
        self._now = now
        self._findings = findings
        self._brought = tuple(brought)
        self._taken = [taken for one in self._brought if (taken := self._take(one)) is not None]
        self._compare_with_each_other()

    @property
    def sizes(self) -> frozenset[int]:
        """Sizes at which the root of the ledger is wanted."""
        return frozenset(taken.one.checkpoint.size for taken in self._taken)

    @property
    def timed(self) -> bool:
        """Whether a witness's time is to be held against those of recording."""
        return any(taken.judgement is not None and taken.judgement.anchors for taken in self._taken)

    def _take(self, one: Brought) -> _Taken | None:
        """A checkpoint that counts: genuine under the policy, or brought by a caller who has none."""
        if self._policy is None or one.note is None:
            return _Taken(one, None)
        judgement = self._judged(self._policy, one, one.note)
        return None if judgement is None else _Taken(one, judgement)

    def _judged(self, policy: Policy, one: Brought, note: Note) -> Judgement | None:
        field = "the checkpoint that came with it" if one.own else "checkpoint"
        size = f"size {one.checkpoint.size}"
        try:
            try:
                verify_note(note, [log.key for log in policy.logs], check_ed25519)
            except SignatureError as error:
                what = "the signature under the log's key does not hold: the checkpoint was changed, or made without it"
                code = "T03" if one.own else "T42"
                self._findings.add(code, what, field=field, expected=error.expected, found=error.found or size)
                return None
            return examine(note, policy, check_ed25519, self._now)
        except SignatureError as error:
            what = "the cosignature of a witness does not hold: it was moved here from elsewhere, or dated anew"
            self._findings.add("T44", what, field=field, expected=error.expected, found=error.where)
        except UntrustedNoteError:
            code, what = _stranger(policy, one, note)
            wanted = _named((log.key.name, log.key.key_id) for log in policy.logs)
            found = _named((line.name, line.key_id) for line in note.signatures)
            self._findings.add(code, what, field=field, expected=f"one of {wanted}", found=found)
        except UnsupportedKeyError as error:
            self._findings.add("T24", error.what, field=field, found=error.where)
        except MissingExtraError as error:
            what = "signatures cannot be checked: the extra sign is not installed"
            self._findings.add("T24", what, field=field, found=error.what, hint=error.hint)
        return None

    def _compare_with_each_other(self) -> None:
        """Two genuine checkpoints of one size and two roots show by themselves that the log has two histories."""
        seen: dict[tuple[str, int], Checkpoint] = {}
        for one, _ in self._taken:
            checkpoint = one.checkpoint
            first = seen.setdefault((checkpoint.origin, checkpoint.size), checkpoint)
            if first.root != checkpoint.root:
                what = f"two checkpoints of {checkpoint.size} entries state two roots: the ledger has two histories"
                self._findings.add("T19", what, field="root", expected=first.root.hex(), found=checkpoint.root.hex())

    def judge(
        self, origin: str | None, size: int, roots: Mapping[int, bytes], recorded: Sequence[int] | array[int]
    ) -> Outcome:
        """
        Compare the ledger with every checkpoint that counts.

        Args:
            origin: Its origin.
            size: Its entries.
            roots: Its root at each of :attr:`sizes` that it has, computed from its leaves.
            recorded: When each entry was recorded, microseconds since 1970; asked for where :attr:`timed`.
        """
        self._compare_with_policy(origin)
        agreeing = [taken for taken in self._taken if self._agrees(taken, origin, size, roots)]
        dating = self._date(agreeing, recorded)
        # what somebody brought confirms the ledger; what came with it could be made anew with it
        newest = max(agreeing, key=lambda taken: (not taken.one.own, *_newer(taken)), default=None)
        chosen = newest or (self._taken[0] if self._taken else None)
        verdict = Verdict.SELF_CONSISTENT
        if self._policy is None:
            # the tree without leaves is every ledger's: a checkpoint of it agrees with all, and covers nothing
            covered = max((one.checkpoint.size for one, _ in agreeing if not one.own), default=0)
            if covered:
                verdict = Verdict.ANCHORED if covered == size else Verdict.STALE
        else:
            verdict, enough = self._by_policy(self._policy, agreeing, size)
            chosen = enough or chosen
        if chosen is None:
            return Outcome(verdict)
        return Outcome(verdict, chosen.one.checkpoint, chosen.one.own, chosen.judgement, dating)

    def _compare_with_policy(self, origin: str | None) -> None:
        """A ledger of none of the policy's logs was put in the place of one; one that is signed says so by itself."""
        logs = () if self._policy is None else self._policy.logs
        silent = all(one.note is None and one.checkpoint.origin == origin for one in self._brought)
        if logs and silent and origin is not None and all(log.key.name != origin for log in logs):
            what = "the ledger is none of those that the policy is for"
            wanted = " or ".join(log.key.name for log in logs[:_NAMED])
            self._findings.add("T33", what, field="origin", expected=wanted, found=origin)

    def _agrees(self, taken: _Taken, origin: str | None, size: int, roots: Mapping[int, bytes]) -> bool:
        """Whether a ledger is the one of a checkpoint; if not, that is a finding."""
        checkpoint, root = taken.one.checkpoint, roots.get(taken.one.checkpoint.size)
        if checkpoint.origin != origin:
            code, what = "T33", "the checkpoint is that of another ledger"
            field, expected, found = "origin", checkpoint.origin, origin
        elif checkpoint.size > size:
            code = "T08"
            what = (
                "the ledger is shorter than it was at the checkpoint: entries were removed, or an old copy was put here"
            )
            field, expected, found = "size", f"{checkpoint.size} or more", str(size)
        elif root != checkpoint.root:
            code, what = (
                "T04",
                f"the first {checkpoint.size} entries are not those of the checkpoint: they were rewritten",
            )
            field, expected, found = "root", checkpoint.root.hex(), None if root is None else root.hex()
        else:
            return True
        if taken.one.own and taken.judgement is None:
            code, what = "T62", "the checkpoint that came with the entries is not theirs"
        self._findings.add(code, what, field=field, expected=expected, found=found)
        return False

    def _by_policy(self, policy: Policy, agreeing: Sequence[_Taken], size: int) -> tuple[Verdict, _Taken | None]:
        """The verdict by the newest checkpoint that is enough for the policy, if there is one."""
        signed = [taken for taken in agreeing if taken.judgement is not None and taken.one.checkpoint.size]
        enough = [taken for taken in signed if taken.judgement and taken.judgement.met]
        if not enough:
            if signed:
                self._tell_quorum(policy, max(signed, key=_newer))
            return Verdict.SELF_CONSISTENT, None
        if policy.quorum is None and all(taken.one.own for taken in enough):
            return Verdict.SELF_CONSISTENT, max(enough, key=_newer)  # nobody else has seen it
        newest = max(
            enough if policy.quorum is not None else [taken for taken in enough if not taken.one.own], key=_newer
        )
        if newest.judgement is not None and newest.judgement.fresh is False:
            self._tell_age(policy, newest.judgement)
            return Verdict.STALE, newest
        if newest.one.checkpoint.size < size:
            return Verdict.STALE, newest
        return (Verdict.ANCHORED if policy.quorum is None else Verdict.WITNESSED), newest

    def _tell_quorum(self, policy: Policy, taken: _Taken) -> None:
        judgement = taken.judgement
        if judgement is None:
            return
        what = "the log signed this checkpoint, but too few witnesses of the policy did"
        names = ", ".join(witness.name for witness in judgement.witnesses) or "none"
        late = f", and {len(judgement.ahead)} dated in the future" if judgement.ahead else ""
        found = f"{len(judgement.witnesses)} of {len(policy.witnesses)} witnesses: {names}{late}"
        self._findings.add("T45", what, field="checkpoint", expected=f"quorum {policy.quorum}", found=found)

    def _tell_age(self, policy: Policy, judgement: Judgement) -> None:
        at = judgement.witnessed_at
        what = "the newest checkpoint is older than the policy allows, or nobody says when it was made"
        found = None if at is None else f"witnessed at {_instant(at)}"
        allowed = self._now - (policy.limits.max_age_s or 0)
        self._findings.add("T47", what, field="checkpoint", expected=f"{_instant(allowed)} or later", found=found)

    def _date(self, agreeing: Iterable[_Taken], recorded: Sequence[int] | array[int]) -> DatingBound | None:
        """Hold the times of recording against those of the witnesses; by how much the rest can be wrong."""
        anchors = [anchor for _, judgement in agreeing if judgement is not None for anchor in judgement.anchors]
        if self._policy is None or not anchors:
            return None
        held = True
        for violation in check_brackets(_instants(recorded), anchors, self._policy.limits):
            held = False
            anchor = violation.anchor or Anchor(0, 0)
            limit = _instant(violation.limit)
            if violation.late:
                code, expected = "T16", f"up to {limit}"
                what = f"the entry is dated after {_instant(anchor.timestamp)}, when a witness had already seen it"
            else:
                code, expected = "T15", f"{limit} or later"
                what = (
                    f"the entry is dated back: the checkpoint of {anchor.size} entries, which a witness saw "
                    f"at {_instant(anchor.timestamp)}, did not have it"
                )
            found = format_instant(violation.recorded_at)
            self._findings.add(
                code, what, position=violation.position, field="recorded_at", expected=expected, found=found
            )
        return dating_bound(anchors, self._policy.limits) if held else None


def _stranger(policy: Policy, one: Brought, note: Note) -> tuple[str, str]:
    """Which of the ways in which no key of the policy can have signed this is."""
    names = {log.key.name for log in policy.logs}
    ids = {log.key.key_id for log in policy.logs}
    if any(line.key_id in ids and line.name not in names for line in note.signatures):
        return "T41", "a signature has the ID of a log of the policy under another name"
    if any(line.name in names and line.key_id not in ids for line in note.signatures):
        if one.own:
            return "T40", "the checkpoint that came with it is signed with another key than the policy has for this log"
        return "T41", "a signature has the name of a log of the policy, but is of another key"
    return "T39", "no log of the policy signed this checkpoint: it is forged, or your policy does not know its log"


def _named(keys: Iterable[tuple[str, bytes]]) -> str:
    """Keys by name and ID, as verifier keys begin."""
    return ", ".join(f"{name}+{key_id.hex()}" for name, key_id in keys) or "none"


def _newer(taken: _Taken) -> tuple[int, int]:
    at = None if taken.judgement is None else taken.judgement.witnessed_at
    return taken.one.checkpoint.size, -1 if at is None else at


def _instants(recorded: Iterable[int]) -> Iterator[datetime]:
    return (_EPOCH + timedelta(microseconds=at) for at in recorded)


def _instant(seconds: int) -> str:
    """An instant for people; a witness may state any number of seconds."""
    try:
        return format_instant(_EPOCH + timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        return f"{seconds} seconds since 1970"
