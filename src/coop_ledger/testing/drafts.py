"""
A strategy for what stores are given: drafts with the bytes, labels and openings of real claims and acts.

Knows no store. Ids are drawn, so a list of drafts for one store needs ``unique_by=lambda draft: draft.id``.
"""

from __future__ import annotations

import hashlib

from hypothesis import strategies as st

from coop_ledger.codec import encode
from coop_ledger.domain import Act, Claim, Once, subjects_of
from coop_ledger.query import labels_of
from coop_ledger.stores import Draft
from coop_ledger.testing.strategies import bodies
from coop_ledger.testing.values import entry_ids

__all__ = ["drafts"]


@st.composite
def drafts(
    draw: st.DrawFn,
    *,
    origin: str = "drafts.example.org/1",
    of: st.SearchStrategy[Claim | Act] | None = None,
    once: Once | None = None,
) -> Draft:
    """
    Drafts as a ledger makes them, sealed with salts that follow from the entry's id.

    Args:
        draw: Given by Hypothesis.
        origin: The origin that the leaves name.
        of: Strategy for the bodies, claims or acts; any by default.
        once: The call's key and the draft's place in it, if there is one.
    """
    body, entry_id = draw(bodies() if of is None else of), draw(entry_ids())
    leaf = encode(
        body,
        origin=origin,
        entry_id=entry_id,
        recorder="recorder",
        once=once,
        draw=hashlib.shake_256(entry_id.encode()).digest,
    )
    place = None if once is None else (once.key, once.index, once.count)
    return Draft(leaf.head, leaf.tail, entry_id, labels_of(body, subjects_of(body)), place, leaf.openings)
