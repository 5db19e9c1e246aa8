"""Real keys of a log and of three witnesses, the policy of an auditor, and signed checkpoints of a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from coop_ledger import Ledger
from coop_ledger.log import (
    COSIGNATURE,
    Checkpoint,
    Limits,
    Note,
    Policy,
    Signature,
    format_checkpoint,
    format_note,
    format_vkey,
    parse_note,
    parse_policy,
)
from coop_ledger.signing import SigningKey
from tests.attacks.tools import ORIGIN, plan, root_of_file

__all__ = [
    "DAY",
    "LOG",
    "NOON",
    "NOW",
    "WITNESSES",
    "cosigned",
    "grow",
    "note_of",
    "policy",
    "policy_text",
    "respelled",
    "signed",
]

DAY = 86_400
NOW = datetime(2016, 11, 20, 9, tzinfo=UTC)
NOON = int(NOW.timestamp())
LOG = SigningKey.generate(ORIGIN)
WITNESSES = {name: SigningKey.generate(f"{name}.example/w", kind=COSIGNATURE) for name in ("one", "two", "three")}


def policy_text(log: SigningKey = LOG, *, needed: int | str = 2, quorum: str = "most") -> str:
    """Two of three witnesses, or so many."""
    lines = [f"log {format_vkey(log.vkey)}"]
    lines += [f"witness {name} {format_vkey(key.vkey)}" for name, key in WITNESSES.items()]
    return "\n".join([*lines, f"group most {needed} one two three", f"quorum {quorum}", ""])


def policy(limits: Limits = Limits(), *, quorum: str = "most") -> Policy:  # noqa: B008  (a tuple: cannot change)
    return parse_policy(policy_text(quorum=quorum), limits)


def signed(checkpoint: Checkpoint, key: SigningKey = LOG) -> bytes:
    """A checkpoint under the log's key alone."""
    text = format_checkpoint(checkpoint)
    return format_note(Note(text, (key.sign_note(text),)))


def cosigned(note: bytes, times: Mapping[str, int]) -> bytes:
    """A note with the lines of witnesses, each with its time."""
    found = parse_note(note)
    lines = tuple(WITNESSES[name].cosign(found.text, at) for name, at in times.items())
    return format_note(Note(found.text, (*found.signatures, *lines)))


def note_of(path: Path, *names: str, at: int = NOON) -> bytes:
    """The signed checkpoint of a ledger file as it is now, cosigned by some."""
    return cosigned(signed(Checkpoint(*root_of_file(path))), dict.fromkeys(names, at))


def grow(path: Path, *numbers: int, at: int = NOON - 600) -> None:
    """Record claims in one call, at that time."""
    with Ledger.open(path, clock=lambda: datetime.fromtimestamp(at, UTC)) as ledger:
        ledger.record(*map(plan, numbers))


def respelled(note: bytes, index: int, **changes: object) -> bytes:
    """A note in which one signature line is another."""
    found = parse_note(note)
    lines = list(found.signatures)
    lines[index] = Signature(**{**lines[index]._asdict(), **changes})
    return format_note(Note(found.text, tuple(lines)))
