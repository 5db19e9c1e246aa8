"""Numbers of more digits than Python writes are refused as any other number that there is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coop_ledger.errors import InclusionError, InvalidValueError
from coop_ledger.log import (
    AddCheckpoint,
    Checkpoint,
    Frontier,
    ProofText,
    Reply,
    TileName,
    cosigned_message,
    format_add_checkpoint,
    format_checkpoint,
    format_proof,
    format_reply,
    format_tile_name,
    join_cosignature,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)

LONG = 10**5000
HASH = b"h" * 32

WRITTEN: dict[str, Callable[[int], object]] = {
    "checkpoint": lambda number: format_checkpoint(Checkpoint("a", number, HASH)),
    "proof": lambda number: format_proof(ProofText(number, (), b"a checkpoint")),
    "request": lambda number: format_add_checkpoint(AddCheckpoint(number, (), b"a checkpoint")),
    "reply": lambda number: format_reply(Reply(number, b"no\n")),
    "cosigned": lambda number: cosigned_message(number, "a\n"),
    "cosignature": lambda number: join_cosignature(number, bytes(64)),
    "level": lambda number: format_tile_name(TileName(number, 0)),
    "index": lambda number: format_tile_name(TileName(0, number)),
    "width": lambda number: format_tile_name(TileName(0, 0, number)),
}
COUNTED: dict[str, Callable[[int], object]] = {
    "place": lambda number: verify_inclusion(number, 5, HASH, (), HASH),
    "both": lambda number: verify_inclusion(abs(number) + 1, abs(number), HASH, (), HASH),
    "list": lambda number: verify_inclusion([number], 5, HASH, (), HASH),  # type: ignore[arg-type]
    "earlier": lambda number: verify_consistency(number, 5, HASH, HASH, ()),
    "prover": lambda number: prove_inclusion(number, 5, lambda *_: HASH),
    "frontier": lambda number: Frontier(number, ()),
    "height": lambda _: Frontier(1, [HASH]).extend_full(HASH, 20_000),
}


@pytest.mark.parametrize("number", [LONG, -LONG], ids=["long", "below zero"])
@pytest.mark.parametrize("name", [*WRITTEN, *COUNTED])
def test_a_number_that_is_too_long_to_be_written(name: str, number: int) -> None:
    with pytest.raises(InvalidValueError) as caught:
        {**WRITTEN, **COUNTED}[name](number)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("number", [2**63, -1])
@pytest.mark.parametrize("name", ["checkpoint", "proof", "request"])
def test_other_numbers_that_cannot_be_are_shown(name: str, number: int) -> None:
    with pytest.raises(InvalidValueError) as caught:
        WRITTEN[name](number)
    assert caught.value.found == f"'{number}'"


@pytest.mark.parametrize("hashes", [(), (HASH,) * 20_000])
def test_a_proof_for_a_place_that_is_too_far_to_be_written(hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(InclusionError) as caught:
        verify_inclusion(LONG, LONG + 1, HASH, hashes, HASH)
    assert caught.value.where == "position a number of 16610 bits"
