"""
Strategies for signed notes, verifier keys and checkpoints; their signatures are any bytes, and none holds.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    EMPTY_ROOT,
    MAX_SIGNATURES,
    MAX_SIZE,
    ML_DSA_44,
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
)

__all__ = ["checkpoints", "key_names", "note_texts", "notes", "signatures", "verifier_keys"]

_LENGTHS = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}


@cache
def _lines(*, min_size: int = 0) -> st.SearchStrategy[str]:
    """Any text on one line without control characters."""
    return st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=min_size, max_size=30)


@cache
def key_names() -> st.SearchStrategy[str]:
    """Names of keys: like addresses, or any text without white space and plus signs."""
    odd = st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="+"),
        min_size=1,
        max_size=60,
    )
    return st.sampled_from(["example.org/log", "witness.example.org", "a"]) | odd


@cache
def verifier_keys() -> st.SearchStrategy[VerifierKey]:
    """Keys of the three kinds; the public keys are any bytes of the right length."""

    def of(kind: int) -> st.SearchStrategy[VerifierKey]:
        length = _LENGTHS[kind]
        keys = st.binary(min_size=32, max_size=32).map(lambda seed: (seed * (length // 32 + 1))[:length])
        return st.builds(VerifierKey, key_names(), st.just(kind), keys)

    return st.sampled_from(sorted(_LENGTHS)).flatmap(of)


@cache
def signatures() -> st.SearchStrategy[Signature]:
    """Signature lines of any key."""
    return st.builds(Signature, key_names(), st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))


@cache
def note_texts() -> st.SearchStrategy[str]:
    """Texts of notes: one or more lines, of which some may be empty or look like a signature."""
    line = _lines() | st.sampled_from(["", "— example.org/log AAAAAAA=", "cosignature/v1"])
    return st.lists(line, min_size=1, max_size=6).map(lambda lines: "".join(f"{line}\n" for line in lines))


@cache
def notes() -> st.SearchStrategy[Note]:
    """Notes that read and write, with 1 to 32 lines of signature."""
    lines = st.lists(signatures(), min_size=1, max_size=3) | st.lists(signatures(), min_size=1, max_size=MAX_SIGNATURES)
    return st.builds(Note, note_texts(), lines.map(tuple))


@cache
def checkpoints() -> st.SearchStrategy[Checkpoint]:
    """Checkpoints of any log; the root of an empty one is the empty root."""
    origins = st.sampled_from(["example.org/log", "go.sum database tree"]) | _lines(min_size=1)
    sizes = st.integers(1, 1000) | st.integers(1, MAX_SIZE)
    grown = st.builds(Checkpoint, origins, sizes, st.binary(min_size=32, max_size=32))
    return grown | st.builds(Checkpoint, origins, st.just(0), st.just(EMPTY_ROOT))
