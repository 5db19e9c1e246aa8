"""
What a policy makes of a signed checkpoint: who signed, who witnessed it and when, whether that is enough.

Knows no proof and reads no clock. A signature is looked at only under a key that the policy names; a public key
counts once, whatever names it has; the key of a log is never a witness. Source: C2SP tlog-policy, signed-note.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from coop_ledger.errors import QuorumError, UntrustedNoteError
from coop_ledger.log.bracket import Anchor
from coop_ledger.log.checkpoint import Checkpoint, parse_checkpoint
from coop_ledger.log.note import CheckSignature, Note, verify_note
from coop_ledger.log.policy import Policy
from coop_ledger.log.strict import shown
from coop_ledger.log.vkey import VerifierKey

__all__ = ["Judgement", "WitnessTime", "examine", "judge"]


class WitnessTime(NamedTuple):
    """
    A witness that cosigned.

    Attributes:
        name: What the policy calls it.
        key: Its key.
        timestamp: When it cosigned, seconds since 1970, as it says.
    """

    name: str
    key: VerifierKey
    timestamp: int


class Judgement(NamedTuple):
    """
    A checkpoint that a log of the policy signed, and what the witnesses add to it.

    Attributes:
        checkpoint: What was signed.
        log: The key of the log that signed it.
        witnesses: Those that count, in the order of the policy.
        ahead: Those that do not, since their time lies ahead of the checker's clock.
        met: Whether the witnesses that count meet the quorum.
        witnessed_at: The latest time from which on the witnesses still meet the quorum, seconds since 1970: as
            fresh as the whole quorum vouches for, not its youngest member alone. None: not met, or no witness.
        fresh: Whether that is no longer ago than the policy allows; None where it sets no age, or without a clock.
    """

    checkpoint: Checkpoint
    log: VerifierKey
    witnesses: tuple[WitnessTime, ...]
    ahead: tuple[WitnessTime, ...]
    met: bool
    witnessed_at: int | None
    fresh: bool | None

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Size and time of each cosignature that counts, for ``check_brackets``."""
        return tuple(Anchor(self.checkpoint.size, witness.timestamp) for witness in self.witnesses)


def judge(note: Note, policy: Policy, check: CheckSignature, now: int | None = None) -> Judgement:
    """
    Take a signed checkpoint by a policy, or refuse it.

    Args:
        note: The signed checkpoint.
        policy: The auditor's own policy.
        check: How an Ed25519 signature is checked, ``coop_ledger.signing.check_ed25519`` for one.
        now: The checker's clock, seconds since 1970. Cosignatures dated after it, skew included, do not count,
            and freshness is decided. Without it neither is looked at.

    Returns:
        The judgement, quorum met. Whether it is *fresh* is for the caller to ask: an old receipt is still one.

    Raises:
        QuorumError: Genuine, but too few witnesses.
        UntrustedNoteError, SignatureError, UnsupportedKeyError, NoteError: As ``examine`` says.
    """
    judgement = examine(note, policy, check, now)
    if not judgement.met:
        names = ", ".join(shown(witness.name) for witness in judgement.witnesses) or "none"
        raise QuorumError(
            "too few witnesses have cosigned this checkpoint",
            where=f"checkpoint of size {judgement.checkpoint.size}",
            expected=f"quorum {shown(policy.quorum)}",
            found=f"{len(judgement.witnesses)} of {len(policy.witnesses)} witnesses: {names}"
            + (f", and {len(judgement.ahead)} dated in the future" if judgement.ahead else ""),
            hint="ask the missing witnesses for their cosignatures",
        )
    return judgement


def examine(note: Note, policy: Policy, check: CheckSignature, now: int | None = None) -> Judgement:
    """
    As ``judge``, but a quorum that is not met is an answer, not an error.

    Raises:
        UntrustedNoteError: No log of the policy signed under its own origin.
        SignatureError: A line under name and ID of a key of the policy is bad, or two keys of a policy made by hand
            share both.
        UnsupportedKeyError: A key of the policy signed whose kind cannot be checked here.
        NoteError: What a log of the policy signed is no checkpoint.
    """
    keys = [*(log.key for log in policy.logs), *(witness.key for witness in policy.witnesses)]
    times = {verified.key: verified.timestamp for verified in verify_note(note, keys, check)}
    checkpoint = parse_checkpoint(note.text)
    signers = {key for key, timestamp in times.items() if timestamp is None and key.name == checkpoint.origin}
    log = next((log.key for log in policy.logs if log.key in signers), None)
    if log is None:
        raise UntrustedNoteError(
            "no log of the policy signed this checkpoint as its own",
            where=f"origin {shown(checkpoint.origin)}",
            expected=", ".join(shown(log.key.name) for log in policy.logs) or "a log line in the policy",
            found="only witnesses or logs of other origins signed",
            hint="compare the origin with the log lines of your policy",
        )
    counted, ahead = _cosigners(policy, times, now)
    met = _meets(policy, counted)
    instants = {witness.timestamp for witness in counted}
    enough = (at for at in instants if _meets(policy, (one for one in counted if one.timestamp >= at)))
    witnessed_at = max(enough, default=None)
    age = policy.limits.max_age_s
    fresh = None if age is None or now is None else witnessed_at is not None and now - witnessed_at <= age
    return Judgement(checkpoint, log, counted, ahead, met, witnessed_at, fresh)


def _cosigners(
    policy: Policy, times: dict[VerifierKey, int | None], now: int | None
) -> tuple[tuple[WitnessTime, ...], tuple[WitnessTime, ...]]:
    """The witnesses that count, and those whose time lies ahead; each public key once, no key of a log."""
    used = {log.key.key for log in policy.logs}
    counted: list[WitnessTime] = []
    ahead: list[WitnessTime] = []
    for name, key, _ in policy.witnesses:
        timestamp = times.get(key)
        if timestamp is None or key.key in used:
            continue
        used.add(key.key)
        early = now is not None and timestamp > now + policy.limits.skew_s
        (ahead if early else counted).append(WitnessTime(name, key, timestamp))
    return tuple(counted), tuple(ahead)


def _meets(policy: Policy, witnesses: Iterable[WitnessTime]) -> bool:
    """Whether they meet the quorum; a name that no earlier line defines is never met."""
    met = {witness.name for witness in witnesses}
    for group in policy.groups:
        if len(met.intersection(group.members)) >= group.needed:
            met.add(group.name)
    return policy.quorum is None or policy.quorum in met
