"""Proofs of ours before a verifier that others wrote: ``scitt_cose.merkle`` takes them, and refuses spoiled ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from scitt_cose import merkle

from coop_ledger import ConsistencyProof, Ledger, Proof
from coop_ledger.stores import MemoryStore, Restored
from coop_ledger.testing import ticking

SMALL = 70
LARGE = (255, 256, 257, 1_000, 4_097)
RECORDED = "2016-11-15T09:00:00.000000Z"


@cache
def ledger_of(size: int) -> Ledger:
    store = MemoryStore("interop.example/1", clock=ticking())
    store.restore(Restored(f"leaf {at}".encode(), f"id-{at}", RECORDED) for at in range(size))
    return Ledger(store)


def included(proof: Proof, **other: object) -> bool:
    """What the other verifier says of an inclusion, with parts of it replaced."""
    parts = {"leaf": proof.leaf, "index": proof.index, "size": proof.size, "hashes": proof.hashes, "root": proof.root}
    leaf, index, size, hashes, root = (parts | other).values()
    path = [one.hex() for one in hashes]  # type: ignore[attr-defined]
    return bool(merkle.verify_inclusion(leaf.hex(), index, size, path, root.hex()))  # type: ignore[attr-defined]


def consistent(proof: ConsistencyProof, **other: object) -> bool:
    """What the other verifier says of a growth, with parts of it replaced."""
    parts = {"root_old": proof.root_old, "root": proof.root, "size_old": proof.size_old, "size": proof.size}
    root_old, root, size_old, size, hashes = (parts | {"hashes": proof.hashes} | other).values()
    path = [one.hex() for one in hashes]  # type: ignore[attr-defined]
    return bool(
        merkle.verify_consistency(root_old.hex(), root.hex(), size_old, size, path)  # type: ignore[attr-defined]
    )


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def spoiled(hashes: Sequence[bytes], root: bytes) -> Iterator[tuple[bytes, ...]]:
    """Proofs that are not this one: each hash changed, left out, repeated; one more; neighbours exchanged."""
    for at, one in enumerate(hashes):
        yield (*hashes[:at], flipped(one), *hashes[at + 1 :])
        yield (*hashes[:at], *hashes[at + 1 :])
        yield (*hashes[: at + 1], *hashes[at:])
        if at:
            yield (*hashes[: at - 1], one, hashes[at - 1], *hashes[at + 1 :])
    yield (*hashes, root)
    yield (root, *hashes)


def test_it_takes_every_inclusion_up_to_seventy() -> None:
    ledger = ledger_of(SMALL)
    proofs = [ledger.prove(index, size=size) for size in range(1, SMALL + 1) for index in range(size)]
    assert len(proofs) == SMALL * (SMALL + 1) // 2
    assert all(map(included, proofs))


def test_it_takes_every_growth_up_to_seventy() -> None:
    ledger = ledger_of(SMALL)
    proofs = [ledger.prove_consistency(old, size) for size in range(SMALL + 1) for old in range(size + 1)]
    assert len(proofs) == (SMALL + 1) * (SMALL + 2) // 2
    assert all(map(consistent, proofs))


@pytest.mark.parametrize("size", LARGE)
def test_it_takes_proofs_of_large_logs(size: int) -> None:
    ledger = ledger_of(max(LARGE))
    for place in (0, 1, size // 3, size // 2, size - 2, size - 1):
        assert included(ledger.prove(place, size=size))
        assert consistent(ledger.prove_consistency(place, size))
        assert consistent(ledger.prove_consistency(size))


def test_it_has_the_same_root_over_the_same_leaves() -> None:
    ledger = ledger_of(SMALL)
    for size in range(SMALL + 1):
        leaves = [f"leaf {at}".encode().hex() for at in range(size)]
        assert merkle.merkle_root(leaves) == ledger.prove_consistency(size).root_old.hex()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 33, SMALL, *LARGE])
def test_it_refuses_spoiled_inclusions(size: int) -> None:
    """T48, by others."""
    ledger = ledger_of(max(LARGE))
    for index in sorted({0, size // 2, size - 1}):
        proof = ledger.prove(index, size=size)
        assert included(proof)
        assert not included(proof, leaf=b"other")
        assert not included(proof, root=flipped(proof.root))
        assert not included(proof, index=size)
        assert not included(proof, index=index + 1 if index + 1 < size else index - 1)
        for hashes in spoiled(proof.hashes, proof.root):
            assert hashes == proof.hashes or not included(proof, hashes=hashes)


@pytest.mark.parametrize("size", [2, 3, 7, 8, 13, 33, SMALL, *LARGE])
def test_it_refuses_spoiled_growth(size: int) -> None:
    ledger = ledger_of(max(LARGE))
    for old in sorted({1, size // 2, size - 1}):
        proof = ledger.prove_consistency(old, size)
        assert consistent(proof)
        assert not consistent(proof, root_old=flipped(proof.root_old))
        assert not consistent(proof, root=flipped(proof.root))
        assert not consistent(proof, size_old=size, size=old)
        for hashes in spoiled(proof.hashes, proof.root):
            assert hashes == proof.hashes or not consistent(proof, hashes=hashes)
