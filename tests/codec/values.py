"""Strategies for plain values of the profile, and for values outside it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from coop_ledger.codec import MAX_INT

__all__ = ["integers", "keys", "plain_values", "texts"]


def texts() -> st.SearchStrategy[str]:
    """Any text with canonical bytes: every scalar value but U+0000."""
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def keys() -> st.SearchStrategy[str]:
    """Keys, often such that code points and UTF-16 code units order them differently."""
    return st.one_of(texts(), st.text(st.sampled_from("a\ue000\uffff\U00010000\U0010ffff"), max_size=2))


def integers() -> st.SearchStrategy[int]:
    """Integers of the profile."""
    return st.one_of(st.integers(-3, 3), st.integers(-MAX_INT, MAX_INT))


def plain_values() -> st.SearchStrategy[Any]:
    """Values of the profile, a few levels deep."""
    scalars = st.one_of(st.none(), st.booleans(), integers(), texts())
    return st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys(), inner, max_size=4)),
        max_leaves=12,
    )
