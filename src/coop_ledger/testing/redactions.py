"""
Redactions that a ledger would carry out, and what a history reads like once it has.

Knows which texts of a body are sealed, and no bytes: what is erased here is erased in values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from coop_ledger.codec import (
    VERSIONS,
    act_from_plain,
    body_to_plain,
    claim_from_plain,
    sealed_paths,
    wire_name,
)
from coop_ledger.domain import REDACTED, Body, Claim, Entry, Prose, Redaction, UnknownEvent
from coop_ledger.testing.values import labels

__all__ = ["erased", "redactions", "with_redactions_carried_out"]


def sealed_in(body: Body) -> tuple[str, ...]:
    """The paths of the sealed texts of a body; none where the type is unknown here."""
    return () if isinstance(body, UnknownEvent) else sealed_paths(body)


def redactions(entries: Iterable[Entry]) -> st.SearchStrategy[Redaction]:
    """
    Redactions of some or all sealed texts of one entry; of texts that were erased before, too.

    Args:
        entries: The entries to choose from; those without sealed texts are passed over. Nothing is drawn if none has.
    """
    sealed = [(entry.id, paths) for entry in entries if (paths := sealed_in(entry.body))]
    if not sealed:
        return st.nothing()
    return st.sampled_from(sealed).flatmap(
        lambda one: st.builds(
            Redaction,
            st.just(one[0]),
            st.lists(st.sampled_from(one[1]), min_size=1, unique=True).map(tuple),
            labels(),
            labels(),
        )
    )


def with_texts(body: Body, texts: Mapping[str, Prose]) -> Body:
    """
    A body with other sealed texts.

    Args:
        body: A claim or an act.
        texts: Path of a sealed text that the body has → what is to stand there.
    """
    if not texts or isinstance(body, UnknownEvent):
        return body
    plain = body_to_plain(body)
    for path, text in texts.items():
        holder: Any = plain
        *parents, name = path.split("/")[1:]
        for part in parents:
            holder = holder[int(part) if isinstance(holder, list) else part]
        holder[name] = text
    if isinstance(body, Claim):
        return claim_from_plain(plain)
    kind = wire_name(type(body))
    return act_from_plain(kind, VERSIONS[kind], plain)


def erased(body: Body, paths: Iterable[str]) -> Body:
    """
    A body as it reads once some of its sealed texts are erased.

    Args:
        body: A claim or an act.
        paths: JSON Pointers of sealed texts that it has; others are passed over.
    """
    return with_texts(body, dict.fromkeys({*paths}.intersection(sealed_in(body)), REDACTED))


def with_redactions_carried_out(history: Sequence[Entry]) -> list[Entry]:
    """
    The entries of a history as a ledger shows them after its redactions.

    Args:
        history: Entries as they were recorded; a redaction of what is not there erases nothing.
    """
    gone: dict[str, set[str]] = {}
    for entry in history:
        if isinstance(entry.body, Redaction):
            gone.setdefault(entry.body.target, set()).update(entry.body.paths)
    return [attrs.evolve(entry, body=erased(entry.body, gone.get(entry.id, ()))) for entry in history]
