"""Checkpoints, proofs and tiles before the reference implementation: Go's ``sumdb/note`` and ``sumdb/tlog``."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.log import format_vkey, leaf_hash
from tests.ledger.evidence import ORIGIN, checkpoint_of, key_of, memory_ledger
from tests.shared import ROOT

pytestmark = pytest.mark.nightly

PROGRAM = ROOT / "tests" / "interop" / "go" / "check.go"
PACKAGES = Path("/usr/share/gocode")
"""Where Debian keeps Go's packages; `make nightly` installs them."""

SIZES = (1, 2, 3, 8, 255, 256, 257, 512, 1_000, 65_536, 66_000)

Evidence = dict[str, Any]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small program that asks the reference implementation, compiled."""
    go = shutil.which("go")
    if go is None or not (PACKAGES / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("needs Debian's golang-go and golang-golang-x-mod-dev")
    built = tmp_path_factory.mktemp("go") / "check"
    where = {"GOPATH": str(PACKAGES), "GO111MODULE": "off", "GOCACHE": str(built.parent / "cache"), "GOFLAGS": ""}
    subprocess.run([go, "build", "-o", built, PROGRAM], env=os.environ | where, check=True, timeout=300)
    return built


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return memory_ledger(max(SIZES))


def refusal(program: Path, evidence: Evidence) -> str | None:
    """Why it refuses the evidence, or None."""
    done = subprocess.run(
        [program], input=json.dumps(evidence), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stderr.strip() if done.returncode else None


def text(hashed: bytes) -> str:
    return base64.b64encode(hashed).decode()


def evidence_of(ledger: Ledger, size: int, folder: Path) -> Evidence:
    """A published log of that size, its signed checkpoint, and proofs of some entries and earlier sizes."""
    note = checkpoint_of(ledger, size)
    ledger.publish(folder, checkpoint=note)
    records = [ledger.prove(at, size=size) for at in sorted({0, 1 % size, size // 3, size // 2, size - 1})]
    trees = [ledger.prove_consistency(old, size) for old in sorted({1, size // 3 or 1, size // 2 or 1, size})]
    return {
        "folder": str(folder),
        "vkey": format_vkey(key_of(ORIGIN).vkey),
        "note": note.decode(),
        "records": [
            {"n": one.index, "hash": text(leaf_hash(one.leaf)), "proof": [*map(text, one.hashes)]} for one in records
        ],
        "trees": [{"n": one.size_old, "hash": text(one.root_old), "proof": [*map(text, one.hashes)]} for one in trees],
    }


@pytest.mark.parametrize("size", SIZES)
def test_it_takes_checkpoints_tiles_and_proofs(program: Path, ledger: Ledger, tmp_path: Path, size: int) -> None:
    assert refusal(program, evidence_of(ledger, size, tmp_path / "log")) is None


def flipped(encoded: str) -> str:
    data = base64.b64decode(encoded)
    return text(bytes([data[0] ^ 1]) + data[1:])


def resigned(given: Evidence) -> None:
    """The note with its signature changed."""
    line = given["note"].split()[-1]
    given["note"] = given["note"].replace(line, f"{line[:20]}{'B' if line[20] == 'A' else 'A'}{line[21:]}")


SPOILED: dict[str, Callable[[Evidence], object]] = {
    "size": lambda given: given.update(note=given["note"].replace("\n1000\n", "\n1001\n")),
    "root": lambda given: given.update(note=given["note"].replace(root := given["note"].split("\n")[2], flipped(root))),
    "signature": resigned,
    "key": lambda given: given.update(vkey=format_vkey(key_of("other.example/1").vkey)),
    "leaf": lambda given: given["records"][2].update(hash=flipped(given["records"][2]["hash"])),
    "place": lambda given: given["records"][2].update(n=given["records"][2]["n"] + 1),
    "inclusion": lambda given: given["records"][2]["proof"].insert(0, given["records"][2]["proof"].pop()),
    "inclusion cut": lambda given: given["records"][2]["proof"].pop(),
    "inclusion longer": lambda given: given["records"][2]["proof"].append(given["records"][2]["hash"]),
    "old root": lambda given: given["trees"][1].update(hash=flipped(given["trees"][1]["hash"])),
    "old size": lambda given: given["trees"][1].update(n=given["trees"][1]["n"] + 1),
    "consistency cut": lambda given: given["trees"][1]["proof"].pop(),
    "consistency longer": lambda given: given["trees"][1]["proof"].append(given["trees"][1]["hash"]),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOILED)
def test_it_refuses_what_was_spoiled(program: Path, ledger: Ledger, tmp_path: Path, what: str) -> None:
    evidence = evidence_of(ledger, 1_000, tmp_path / "log")
    whole = json.dumps(evidence)
    SPOILED[what](evidence)
    assert json.dumps(evidence) != whole
    assert refusal(program, evidence)
    assert refusal(program, json.loads(whole)) is None


@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/002", "tile/0/003.p/232", "tile/1/000.p/3"])
def test_it_refuses_tiles_that_were_spoiled(program: Path, ledger: Ledger, tmp_path: Path, name: str) -> None:
    evidence = evidence_of(ledger, 1_000, tmp_path / "log")
    evidence["records"] = [
        {"n": at, "hash": text(leaf_hash(one.leaf)), "proof": [*map(text, one.hashes)]}
        for at in (0, 600, 999)
        for one in [ledger.prove(at, size=1_000)]
    ]
    path = tmp_path / "log" / name
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert refusal(program, evidence)
    path.unlink()
    assert refusal(program, evidence)
    path.write_bytes(data)
    assert refusal(program, evidence) is None
