"""
Strategies for proof texts and for names of tiles; the hashes of a proof are any bytes, and lead nowhere.
"""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from coop_ledger.log import HASH_SIZE, MAX_HASHES, MAX_SIZE, TILE_WIDTH, ProofText, TileName, format_note
from coop_ledger.testing.notes import notes

__all__ = ["proof_texts", "tile_names"]


@cache
def proof_texts() -> st.SearchStrategy[ProofText]:
    """Proof texts that read and write; the checkpoint is a note or any bytes."""
    hashes = st.binary(min_size=HASH_SIZE, max_size=HASH_SIZE)
    return st.builds(
        ProofText,
        st.integers(0, 300) | st.integers(0, MAX_SIZE),
        (st.lists(hashes, max_size=8) | st.lists(hashes, max_size=MAX_HASHES)).map(tuple),
        notes().map(format_note) | st.binary(min_size=1, max_size=200),
        st.none() | st.binary(min_size=1, max_size=40),
    )


@cache
def tile_names() -> st.SearchStrategy[TileName]:
    """Names of tiles and of bundles of leaves, full and partial."""
    return st.builds(
        TileName,
        st.none() | st.integers(0, 63),
        st.integers(0, 2_000) | st.integers(0, 10**18 - 1),
        st.just(TILE_WIDTH) | st.integers(1, TILE_WIDTH),
    )
