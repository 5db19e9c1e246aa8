"""
Histories that are written down: bodies by hand, entries as a ledger would make of them, and a ledger that holds them.

Knows ids and times, and no law. Of what is written down the n-th entry has the id ``id_of(n)``, so that an act can
name it before anything is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, cast

import attrs

from coop_ledger.domain import (
    Act,
    Body,
    Claim,
    Correction,
    Duplicate,
    Entry,
    Merge,
    Redaction,
    Resolution,
    Retraction,
    UnknownEvent,
    brief,
)
from coop_ledger.errors import InvalidValueError
from coop_ledger.ids import entry_ids
from coop_ledger.ledger import Ledger
from coop_ledger.reproducible import START, HandClock, SeededBytes

_AS_PYTHON = "a history that is shown is Python: paste it, do not give it as text"

__all__ = ["bodies_of", "entries_of", "id_of", "ledger_of", "time_of"]


def time_of(position: int) -> datetime:
    """When the entry at a position of a written history was recorded: a second after the one before."""
    return START + timedelta(seconds=position)


def id_of(position: int) -> str:
    """
    The id of the entry at a position of a written history.

    Args:
        position: 0 for the first body.

    >>> id_of(0)
    '01c03276-e000-7000-8000-000000000000'
    """
    return next(entry_ids(time_of(position), bytes(10)))


def entries_of(*bodies: Body) -> list[Entry]:
    """The entries of a written history: one a second, each with the id of its place."""
    return [
        Entry(position, id_of(position), time_of(position), False, "recorder", body)
        for position, body in enumerate(bodies)
    ]


def renamed_targets(body: Body, ids: Mapping[str, str]) -> Body:
    """A body that names entries by other ids; those that are not in *ids* stay."""

    def new(old: str) -> str:
        return ids.get(old, old)

    given = cast("Any", body)
    match body:
        case Correction() | Retraction() | Redaction():
            return cast("Body", attrs.evolve(given, target=new(body.target)))
        case Duplicate():
            return cast("Body", attrs.evolve(given, target=new(body.target), of=new(body.of)))
        case Resolution():
            chosen = None if body.chosen is None else new(body.chosen)
            return cast("Body", attrs.evolve(given, claims=tuple(map(new, body.claims)), chosen=chosen))
        case Claim() | Merge() | UnknownEvent():
            return body


def bodies_of(history: Iterable[Entry | Body]) -> list[Body]:
    """
    The bodies of a history, as a written history has them: acts name the entry at a position by ``id_of``.

    Args:
        history: Entries in the order of their positions, or bodies, which stay as they are.

    Raises:
        InvalidValueError: Something else, like an event of which no claim was made.
    """
    as_text = isinstance(cast("object", history), str)
    if as_text or not isinstance(history, Iterable):
        raise InvalidValueError(
            "this is no history", where="history", expected="a list of claims and acts, or of entries",
            found=brief(history), hint=_AS_PYTHON if as_text else "write [claim] for one",
        )  # fmt: skip
    given = list(history)
    for index, one in enumerate(given):
        if not isinstance(one, Entry | Body):
            raise InvalidValueError(
                "this has no place in a history", where=f"history, /{index}", expected="a claim, an act or an entry",
                found=brief(one), hint="make a claim of an event with occurred(…), announced(…) …",
            )  # fmt: skip
    ids = {entry.id: id_of(at) for at, entry in enumerate(given) if isinstance(entry, Entry)}
    return [renamed_targets(one.body, ids) if isinstance(one, Entry) else one for one in given]


def ledger_of(history: Sequence[Entry]) -> Ledger:
    """
    A ledger in memory in which a history was recorded: the same calls, bodies and times, with ids of its own.

    Args:
        history: Entries as :func:`histories` gives them, of known types.

    Raises:
        CoopLedgerError: The ledger refuses one of them.
    """
    clock, salts, seeds = HandClock(), SeededBytes(), list[bytes]()
    ledger = Ledger.in_memory(
        origin="ledgers.example/1", recorder="recorder", clock=clock,
        draw=lambda size: seeds.pop() if seeds else salts(size),
    )  # fmt: skip
    ids: dict[str, str] = {}
    for _, entries in groupby(history, lambda entry: entry.position if entry.once is None else entry.once.key):
        call = list(entries)
        # a clock that stands behind makes a time that is clamped
        clock.set(call[0].recorded_at - timedelta(seconds=call[0].clamped))
        seeds.append(call[0].position.to_bytes(10))
        ids.update(zip((entry.id for entry in call), entry_ids(clock(), seeds[0]), strict=False))
        once = None if call[0].once is None else call[0].once.key
        ledger.record(*(cast("Claim | Act", renamed_targets(entry.body, ids)) for entry in call), once=once)
    return ledger
