"""T48 a proof with hashes too many, too few, swapped, of another place or size; T49 a valid one for another entry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from coop_ledger import Ledger, Proof
from coop_ledger.audit import Verdict
from coop_ledger.errors import InclusionError, LeafHashError, VerificationError
from coop_ledger.log import ProofText, format_proof, parse_proof
from tests.attacks.signed import NOW, note_of, policy
from tests.attacks.tools import convicted, root_of_file

SPOILED: dict[str, Callable[[ProofText], ProofText]] = {
    "a hash more": lambda proof: proof._replace(hashes=(*proof.hashes, bytes(32))),
    "a hash twice": lambda proof: proof._replace(hashes=(*proof.hashes, proof.hashes[-1])),
    "a hash less": lambda proof: proof._replace(hashes=proof.hashes[:-1]),
    "the first one missing": lambda proof: proof._replace(hashes=proof.hashes[1:]),
    "none": lambda proof: proof._replace(hashes=()),
    "two swapped": lambda proof: proof._replace(hashes=(proof.hashes[1], proof.hashes[0], *proof.hashes[2:])),
    "another place": lambda proof: proof._replace(index=4),
    "the place behind the last": lambda proof: proof._replace(index=12),
    "a place far behind": lambda proof: proof._replace(index=12 + 3),
}


def receipt(ledger: Path, position: int) -> tuple[bytes, bytes]:
    """A receipt for an entry, with a signed checkpoint; and the leaf."""
    with Ledger.open(ledger, readonly=True) as opened:
        proof = opened.prove(position)
    return proof.text(note_of(ledger, "one", "two")), proof.leaf


def test_an_honest_receipt(ledger: Path) -> None:
    data, leaf = receipt(ledger, 3)
    proof = Proof.from_text(data, leaf=leaf)
    assert (proof.origin, proof.size, proof.root) == root_of_file(ledger)
    note = parse_proof(data).checkpoint  # what it rests on is judged like any other
    convicted(ledger, verdict=Verdict.WITNESSED, policy=policy(), checkpoint=note, now=NOW)


@pytest.mark.parametrize("how", SPOILED)
def test_t48_spoiled_hashes(ledger: Path, how: str) -> None:
    data, leaf = receipt(ledger, 3)
    spoiled = format_proof(SPOILED[how](parse_proof(data)))
    with pytest.raises(InclusionError):
        Proof.from_text(spoiled, leaf=leaf)


def test_t48_sizes_exchanged(ledger: Path) -> None:
    with Ledger.open(ledger, readonly=True) as opened:
        proof = opened.prove(3, size=8)
        consistency = opened.prove_consistency(8)
        later = opened.root
    with pytest.raises(InclusionError):
        proof.verify(leaf=proof.leaf, root=later, size=12)
    with pytest.raises(InclusionError):
        attrs.evolve(proof, size=12).verify(leaf=proof.leaf, root=proof.root)
    with pytest.raises(VerificationError):
        consistency.verify(root_old=later, root=proof.root)


def test_t49_a_valid_proof_for_another_entry(ledger: Path) -> None:
    data, leaf = receipt(ledger, 3)
    _, other = receipt(ledger, 4)
    with pytest.raises(InclusionError):
        Proof.from_text(data, leaf=other)
    proof = Proof.from_text(data, leaf=leaf)
    with pytest.raises(LeafHashError):
        proof.verify(leaf=other, root=proof.root, size=proof.size)
