"""
What the ledger holds: bodies with their place, id and time of recording. Knows no bytes.

An :class:`Entry` is what was recorded; an :class:`Effective` entry is what projections see: a claim as
corrected, shaped by acts (D2). Acts themselves never reach a projection's ``evolve``.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from coop_ledger.domain.acts import Act
from coop_ledger.domain.claims import Claim
from coop_ledger.domain.events import UnknownEvent
from coop_ledger.domain.prose import Prose
from coop_ledger.domain.sources import Source

__all__ = ["Body", "Effective", "Entry", "Once", "Ruling"]

Body = Claim | Act | UnknownEvent
"""What an entry says."""


@attrs.frozen
class Once:
    """
    The key under which a call of ``record`` was made, and the entry's place in that call.

    Args:
        key: The caller's key.
        index: 0-based place in the call.
        count: Entries of the call.
    """

    key: str
    index: int
    count: int


@attrs.frozen(hash=False)
class Entry:
    """
    One entry of a ledger.

    Args:
        position: 0-based place in the log, without gaps.
        id: UUIDv7 in small letters.
        recorded_at: When the ledger learnt it: an instant in UTC, never decreasing along positions.
        clamped: Whether the clock stood behind the entry before, so that its time was taken.
        recorder: Pseudonym of who recorded it, at most 64 ASCII characters.
        body: What it says.
        once: The call's key and the entry's place in it, where the caller gave one.
    """

    position: int
    id: str
    recorded_at: datetime
    clamped: bool
    recorder: str
    body: Body
    once: Once | None = None


@attrs.frozen
class Ruling:
    """
    A Resolution as projections see it: what the keeper decided about claims that disagree (D6).

    Args:
        position: The Resolution's place in the log.
        id: Its id.
        claims: Ids of the entries that disagree.
        chosen: Id of the entry that stands; None where the conflict is recorded as open.
        rationale: Why; it can be erased.
    """

    position: int
    id: str
    claims: tuple[str, ...]
    chosen: str | None
    rationale: Prose


@attrs.frozen(hash=False)
class Effective:
    """
    A claim as it counts: at its entry's position, as corrected, with the acts that shaped it.

    Args:
        position: The entry's place in the log.
        id: The entry's id.
        recorded_at: The entry's time of recording.
        claim: The claim as it counts.
        shaped_by: Ids of the acts on it or on acts on it, oldest first, also of those taken back.
        echoes: Sources of the entries marked as its duplicates: shown, and no voice (D13).
        rulings: The Resolutions that name it, oldest first.
    """

    position: int
    id: str
    recorded_at: datetime
    claim: Claim
    shaped_by: tuple[str, ...] = ()
    echoes: tuple[Source, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The claim's sources, then those of its duplicates, each once."""
        return tuple(dict.fromkeys((*self.claim.sources, *self.echoes)))
