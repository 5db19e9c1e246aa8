"""Numbers of more digits than Python writes are refused as any other number that there is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger, SectorVocabulary, Source, Unchanged, When, announced, everything, of_type
from coop_ledger import events as ev
from coop_ledger.audit import verify
from coop_ledger.errors import (
    ConsistencyError,
    EntryNotFoundError,
    InclusionError,
    InvalidValueError,
    UnknownEventTypeError,
)
from coop_ledger.testing import ticking
from tests.ledger.evidence import ORIGIN

LONG = 10**5000
SIZES = pytest.mark.parametrize("number", [LONG, -LONG], ids=["long", "below zero"])
SOURCE = Source("Korea.net")
CLAIM = announced(ev.InstitutionOpened("kcac"), when="2017", sources=SOURCE)

ASKED: dict[str, Callable[[Ledger, Any], object]] = {
    "proof at a size": lambda ledger, number: ledger.prove(0, size=number),
    "proof of a list": lambda ledger, number: ledger.prove([number]),  # type: ignore[arg-type]
    "consistency from": lambda ledger, number: ledger.prove_consistency(number),
    "consistency to": lambda ledger, number: ledger.prove_consistency(0, number),
    "view": lambda ledger, number: ledger.at(size=number),
    "follower": lambda ledger, number: ledger.follow(after=number),
    "after a list": lambda ledger, number: list(ledger.entries(after=[number])),  # type: ignore[arg-type]
    "condition": lambda ledger, number: ledger.record(CLAIM, condition=Unchanged(everything(), since=number)),
    "no condition": lambda ledger, number: ledger.record(CLAIM, condition=number),
    "export": lambda ledger, number: ledger.export("never made", size=number),
    "whole number": lambda _, number: ev.MeetingHeld("forum-3", series="forum", ordinal=number),
    "code": lambda _, number: ev.MeetingHeld("forum-3", level=number),
    "role": lambda _, number: announced(ev.InstitutionOpened("a"), when="2017", sources=SOURCE, parties={number: "KR"}),
    "date": lambda _, number: When(number),
    "day": lambda ledger, number: ledger.at(published=number),
    "instant": lambda ledger, number: ledger.at(recorded=number),
    "decimal": lambda _, number: ev.FigureReported("institution:kcac", "visitors", number),
    "yes or no": lambda _, number: ev.InitiativeDelivered("a", partial=number),
    "share": lambda _, number: ev.SectorsClassified("initiative:a", SectorVocabulary.SDG_GOAL, (number,)),
    "kind": lambda ledger, number: ledger.subjects(kind=number),
    "query": lambda _, number: Unchanged(number, since=0),
    "path": lambda _, number: Ledger.open(number),
    "origin": lambda _, number: Ledger.in_memory(origin=number),
    "recorder": lambda _, number: Ledger.in_memory(recorder=number),
    "now": lambda _, number: verify("no file", now=number),
    "checkpoint": lambda ledger, number: verify("no file", checkpoint=(ledger.origin, number, ledger.root)),
}


@pytest.fixture(params=["memory", "file"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    path = None if request.param == "memory" else tmp_path / "ledger.db"
    made = Ledger.in_memory(origin=ORIGIN) if path is None else Ledger.open(path, origin=ORIGIN, clock=ticking())
    with made as opened:
        opened.record(CLAIM)
        yield opened


@SIZES
@pytest.mark.parametrize("name", ASKED)
def test_a_number_that_is_too_long_to_be_written(ledger: Ledger, name: str, number: int) -> None:
    with pytest.raises(InvalidValueError) as caught:
        ASKED[name](ledger, number)
    assert len(str(caught.value)) < 400
    assert ledger.size == 1


def test_no_event_is_a_number() -> None:
    with pytest.raises(UnknownEventTypeError, match="16610 bits"):
        of_type(LONG)  # type: ignore[arg-type]


@SIZES
def test_no_entry_stands_so_far_out(ledger: Ledger, number: int) -> None:
    for find in (ledger.entry, ledger.prove, ledger.at(size=1).entry):
        with pytest.raises(EntryNotFoundError) as caught:
            find(number)
        assert caught.value.found == "a number of 16610 bits"
    assert list(ledger.entries(after=number)) == ([] if number > 0 else [ledger.entry(0)])


@SIZES
def test_evidence_is_of_no_such_size(ledger: Ledger, number: int) -> None:
    proof, grown = ledger.prove(0), ledger.prove_consistency(0)
    with pytest.raises(InclusionError, match="16610 bits"):
        proof.verify(leaf=proof.leaf, root=proof.root, size=number)
    with pytest.raises(ConsistencyError, match="16610 bits"):
        grown.verify(root_old=grown.root_old, root=grown.root, size=number)
