"""Public vectors for trees and proofs, by the rules that the verifiers document."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from coop_ledger.errors import CoopLedgerError
from coop_ledger.log import (
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    reader_over,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.shared import shared_json

VECTORS = "data/vectors/merkle"


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def raws(texts: list[str] | None) -> list[bytes]:
    return [raw(text) for text in texts or []]


def accepted(attempt: Any) -> bool:
    try:
        attempt()
    except CoopLedgerError:
        return False
    return True


def test_inclusion_probes() -> None:
    cases = shared_json(f"{VECTORS}/proofs/inclusion.json")
    assert len(cases) == 98
    for case in cases:
        found = accepted(
            lambda case=case: verify_inclusion(
                case["leafIdx"], case["treeSize"], raw(case["leafHash"]), raws(case["proof"]), raw(case["root"])
            )
        )
        assert found is not case["wantErr"], case["source"]


def test_consistency_probes() -> None:
    cases = shared_json(f"{VECTORS}/proofs/consistency.json")
    assert len(cases) == 98
    for case in cases:
        found = accepted(
            lambda case=case: verify_consistency(
                case["size1"], case["size2"], raw(case["root1"]), raw(case["root2"]), raws(case["proof"])
            )
        )
        # the origin takes any bytes as a root where it need not hash; here a root always has 32
        hashes = all(len(raw(case[name])) == 32 for name in ("root1", "root2"))
        assert found is (hashes and not case["wantErr"]), case["source"]


def test_the_tree_of_eight_leaves() -> None:
    case = shared_json(f"{VECTORS}/proofs/rfc6962-tree.json")
    leaves = [leaf_hash(bytes.fromhex(text)) for text in case["leaf_inputs_hex"]]
    assert [root_of(leaves[:size]).hex() for size in range(9)] == case["roots_hex"]
    read = reader_over(leaves)
    for level, row in enumerate(case["node_hashes_hex"]):
        for index, expected in enumerate(row):
            assert read(level, index).hex() == expected


def test_accumulators_over_a_hundred_and_thirty_leaves() -> None:
    case = shared_json(f"{VECTORS}/proofs/accumulated.json")
    leaves = [leaf_hash(bytes([at])) for at in range(130)]
    read = reader_over(leaves)

    def line(*parts: object, proof: tuple[bytes, ...] = ()) -> bytes:
        return (" ".join([*map(str, parts), *(item.hex() for item in proof)]) + "\n").encode()

    roots, inclusions, consistencies = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    for n in range(131):
        roots.update(line(n, root_of(leaves[:n]).hex()))
        for i in range(n):
            inclusions.update(line(i, n, proof=prove_inclusion(i, n, read)))
        for m in range(1, n + 1):
            consistencies.update(line(m, n, proof=prove_consistency(m, n, read)))
    found = [digest.hexdigest() for digest in (roots, inclusions, consistencies)]
    assert found == [row["sha256"] for row in case["derived_whole_tree"]]
    for row in case["derived_consistency"]:
        proof = prove_consistency(row["size1"], row["size2"], read)
        assert [item.hex() for item in proof] == row["proof_hex"]
        root_old, root = bytes.fromhex(row["root1_hex"]), bytes.fromhex(row["root2_hex"])
        verify_consistency(row["size1"], row["size2"], root_old, root, proof)


def checkpoint_root(note: str) -> tuple[int, bytes]:
    _, size, root = note.split("\n")[:3]
    return int(size), raw(root)


def test_a_log_of_fifteen_entries_at_every_size() -> None:
    case = shared_json(f"{VECTORS}/logs/tessera-testdata.json")
    leaves = [leaf_hash(text.encode()) for text in case["entries_utf8"]]
    assert [leaf.hex() for leaf in leaves] == case["leaf_hashes_hex"]
    found = [checkpoint_root(note) for note in case["checkpoints_by_size"]]
    assert found == [(size, root_of(leaves[:size])) for size in range(16)]


def test_a_log_of_three_hundred_leaves_and_its_tile() -> None:
    case = shared_json(f"{VECTORS}/logs/sunlight-mirror-300.json")
    leaves = [bytes.fromhex(text) for text in case["leaf_hashes_hex"]]
    size, root = checkpoint_root(case["checkpoint"])
    assert (size, root) == (300, root_of(leaves))
    assert case["level1_tile_hex"] == reader_over(leaves)(8, 0).hex()


def test_an_entry_of_a_public_log() -> None:
    case = shared_json(f"{VECTORS}/logs/rekor-v2-entry.json")
    size, root = checkpoint_root(case["checkpoint"])
    leaf = leaf_hash(raw(case["leaf_bytes_base64"]))
    verify_inclusion(case["leaf_index"], size, leaf, raws(case["proof_base64"]), root)
    other = leaf_hash(raw(case["leaf_bytes_base64"]) + b" ")
    with pytest.raises(CoopLedgerError):
        verify_inclusion(case["leaf_index"], size, other, raws(case["proof_base64"]), root)


def test_doubling_the_last_leaf_changes_the_root() -> None:
    leaves = [leaf_hash(json.dumps(at).encode()) for at in range(3)]
    assert root_of(leaves) != root_of([*leaves, leaves[-1]])
    assert node_hash(leaves[0], leaves[1]) != node_hash(leaves[1], leaves[0])
