"""
Erasing sealed texts: what remains of openings, what is to be gone, and how each sealed field of an entry stands.

Knows leaves, openings and redactions as they are given; no ledger, no store, and no order of entries.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final, NamedTuple

from coop_ledger.codec.envelope import read_leaf
from coop_ledger.codec.sealing import encode_openings, parse_openings
from coop_ledger.domain import Redaction

__all__ = ["PIECE", "Erasure", "SealedState", "erasure_of", "sealed_states"]

PIECE: Final = 32
"""Bytes of a piece by which an erased opening is looked for."""

_PIECES: Final = 64
"""The most pieces of one opening."""


class SealedState(enum.StrEnum):
    """How a sealed field of an entry stands: whether its opening is there, and whether a redaction names it."""

    OPEN = "open"
    """The words are there, and no redaction names them."""
    REDACTED = "redacted"
    """The words are gone, and a redaction says so."""
    MISSING = "missing"
    """The words are gone, and no redaction says so: they never came along, were removed past the ledger, or lost."""
    INCOMPLETE = "incomplete"
    """A redaction says that the words are gone, and they are there: the erasure did not happen, or was undone."""


def sealed_states(leaf: bytes, openings: bytes | None, redactions: Iterable[Redaction]) -> dict[str, SealedState]:
    """
    How each sealed field of an entry stands.

    Whether an opening fits its commitment is another question, which ``decode`` answers.

    Args:
        leaf: The entry's leaf.
        openings: Its openings; None where there are none.
        redactions: Those recorded so far; what other entries' redactions name does not count.

    Returns:
        Path of each sealed field → its state, in the order of the paths.

    Raises:
        CodecError: Not a leaf, or no openings.

    Guarantees: pure.
    Source: audit.md §4.
    """
    found, there = read_leaf(leaf), parse_openings(openings)
    named = {path for redaction in redactions if redaction.target == found["id"] for path in redaction.paths}
    states = {
        (True, False): SealedState.OPEN,
        (False, True): SealedState.REDACTED,
        (False, False): SealedState.MISSING,
        (True, True): SealedState.INCOMPLETE,
    }
    return {path: states[path in there, path in named] for path in sorted(found["sealed"])}


class Erasure(NamedTuple):
    """
    What becomes of openings.

    Args:
        remaining: What is left of them; None where nothing is.
        pieces: For each path that goes, pieces of its opening as it was stored, ``PIECE`` bytes each.
    """

    remaining: bytes | None
    pieces: dict[str, tuple[bytes, ...]]


def erasure_of(openings: bytes | None, paths: Iterable[str]) -> Erasure:
    """
    Take sealed texts out of openings.

    Args:
        openings: As stored.
        paths: What goes; paths that are not there are passed over.

    Raises:
        CodecError: No openings.

    Guarantees: pure; a path that is given twice goes once.
    """
    there = parse_openings(openings)
    gone = {path: encode_openings({path: there[path]}) or b"" for path in sorted({*paths} & there.keys())}
    remaining = encode_openings({path: opening for path, opening in there.items() if path not in gone})
    return Erasure(remaining, {path: _pieces(stored[len(path) + 5 : -1]) for path, stored in gone.items()})


def _pieces(stored: bytes) -> tuple[bytes, ...]:
    """
    Pieces of an opening, salt first, spread evenly over it, the last at its end.

    A piece is long enough to tell one opening from all others: where a text is short, it reaches into the salt.
    """
    last = len(stored) - PIECE
    step = max(PIECE * 2, -(-last // (_PIECES - 1)))
    return tuple(dict.fromkeys(stored[at : at + PIECE] for at in (*range(0, last, step), last)))
