"""Signed checkpoints with inclusions before a verifier that others wrote: npm's ``@sigstore/verify``, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from coop_ledger import Ledger, Proof
from coop_ledger.log import COSIGNATURE, Note, Signature, VerifierKey, format_note, parse_note
from coop_ledger.signing import SigningKey
from tests.ledger.evidence import ORIGIN, checkpoint_of, key_of, memory_ledger
from tests.shared import ROOT

NPM = ROOT / "tests" / "interop" / "npm"
MODULES = ROOT / ".venv" / "npm" / "node_modules"

SMALL = 33
LARGE = (255, 256, 257, 1_000)

WITNESS = SigningKey.generate("witness.example/1", kind=COSIGNATURE)

Case = dict[str, Any]


def asked(cases: list[Case]) -> list[str | None]:
    """Of each case why it was refused, or None."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node, for a verifier that others wrote")
    if not (MODULES.parent / "installed").exists():
        pytest.skip("needs what tests/interop/npm names; `make test` installs it")
    done = subprocess.run(
        [node, str(NPM / "verify.js"), str(MODULES)],
        input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    answers: list[str | None] = json.loads(done.stdout)
    assert len(answers) == len(cases)
    return answers


@cache
def ledger() -> Ledger:
    return memory_ledger(max(LARGE))


def trusted(*keys: VerifierKey) -> list[dict[str, str]]:
    return [{"name": key.name, "id": key.key_id.hex(), "key": key.key.hex()} for key in keys]


def case(proof: Proof, note: bytes) -> Case:
    return {
        "note": note.decode(),
        "keys": trusted(key_of(ORIGIN).vkey),
        "index": str(proof.index),
        "hashes": [one.hex() for one in proof.hashes],
        "leaf": proof.leaf.hex(),
    }


@cache
def note_of(size: int) -> bytes:
    return checkpoint_of(ledger(), size)


def good(index: int, size: int) -> Case:
    return case(ledger().prove(index, size=size), note_of(size))


def test_it_takes_every_inclusion_up_to_thirty_three() -> None:
    cases = [good(index, size) for size in range(1, SMALL + 1) for index in range(size)]
    assert asked(cases) == [None] * len(cases)


def test_it_takes_inclusions_of_larger_logs() -> None:
    cases = [good(at, size) for size in LARGE for at in sorted({0, 1, size // 3, size // 2, size - 2, size - 1})]
    assert asked(cases) == [None] * len(cases)


def test_it_takes_a_checkpoint_that_was_cosigned() -> None:
    note = parse_note(note_of(8))
    line = WITNESS.cosign(note.text, 1_700_000_000)
    cases = [
        case(ledger().prove(3, size=8), format_note(Note(note.text, lines)))
        for lines in ((*note.signatures, line), (line, *note.signatures))
    ]
    assert asked(cases) == [None, None]


def flipped(text: str) -> str:
    """A hash in hexadecimal with its first bit changed."""
    return f"{int(text[0], 16) ^ 8:x}{text[1:]}"


def notes_spoiled(data: bytes) -> Iterator[bytes]:
    """The note with each character of its text changed, and each byte of its key ID and signature."""
    text, (line,) = parse_note(data)
    for at, character in enumerate(text[:-1]):
        yield data.replace(text.encode(), f"{text[:at]}{chr(ord(character) ^ 1)}{text[at + 1 :]}".encode(), 1)
    for at in range(4):
        key_id = bytes(byte ^ (at == place) for place, byte in enumerate(line.key_id))
        yield format_note(Note(text, (line._replace(key_id=key_id),)))
    for at in range(len(line.blob)):
        blob = bytes(byte ^ (at == place) for place, byte in enumerate(line.blob))
        yield format_note(Note(text, (Signature(line.name, line.key_id, blob),)))
    yield format_note(Note(text, (line._replace(name="other.example/1"),)))


def test_it_refuses_spoiled_notes() -> None:
    """T03, by others."""
    whole = good(5, 13)
    cases = [{**whole, "note": note.decode()} for note in notes_spoiled(whole["note"].encode())]
    assert len(cases) > 130
    answers = asked([whole, *cases])
    assert answers[0] is None
    assert [at for at, answer in enumerate(answers[1:]) if answer is None] == []
    assert set(answers[1:]) <= {
        "invalid checkpoint signature",
        "missing checkpoint separator",
        "too few lines in checkpoint header",
    }


def test_it_refuses_notes_of_strangers() -> None:
    """T39 and T40, by others: a stranger under the log's name, another log, a witness alone, and nobody known."""
    whole = good(5, 13)
    text = parse_note(whole["note"].encode()).text
    stranger, other = SigningKey.generate(ORIGIN), SigningKey.generate("other.example/1")
    notes = [format_note(Note(text, (key.sign_note(text),))) for key in (stranger, other)]
    notes.append(format_note(Note(text, (WITNESS.cosign(text, 1_700_000_000),))))
    cases = [{**whole, "note": note.decode()} for note in notes]
    cases += [{**whole, "keys": keys} for keys in ([], trusted(stranger.vkey), trusted(other.vkey, WITNESS.vkey))]
    assert asked(cases) == ["invalid checkpoint signature"] * len(cases)


def proofs_spoiled(whole: Case, size: int) -> Iterator[Case]:
    """Each hash changed, left out, repeated, exchanged with the next; one more; another leaf or place; another size."""
    hashes, index = whole["hashes"], int(whole["index"])
    for at, one in enumerate(hashes):
        yield {**whole, "hashes": [*hashes[:at], flipped(one), *hashes[at + 1 :]]}
        yield {**whole, "hashes": [*hashes[:at], one[:-2], *hashes[at + 1 :]]}
        yield {**whole, "hashes": [*hashes[:at], *hashes[at + 1 :]]}
        yield {**whole, "hashes": [*hashes[:at], one, *hashes[at:]]}
        if at:
            yield {**whole, "hashes": [*hashes[: at - 1], one, hashes[at - 1], *hashes[at + 1 :]]}
    yield {**whole, "hashes": [*hashes, "00" * 32]}
    yield {**whole, "leaf": b"other".hex()}
    for other in (index - 1, index + 1, size, -1, 2**63):
        if other != index:
            yield {**whole, "index": str(other)}
    yield {**whole, "note": note_of(size + 1).decode()}


def test_it_refuses_spoiled_inclusions() -> None:
    """T48 and T49, by others."""
    sizes = (2, 3, 8, 13, 257, 999)
    wholes = [(good(index, size), size) for size in sizes for index in sorted({1, size // 2, size - 1})]
    cases = [spoiled for whole, size in wholes for spoiled in proofs_spoiled(whole, size)]
    answers = asked([*(whole for whole, _ in wholes), *cases])
    assert answers[: len(wholes)] == [None] * len(wholes)
    assert [at for at, answer in enumerate(answers[len(wholes) :]) if answer is None] == []


def test_the_lock_pins_all_by_hashes_without_addresses() -> None:
    text = (NPM / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert "resolved" not in text
    lock = json.loads(text)["packages"]
    wanted = json.loads((NPM / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock.pop("")["dependencies"] == wanted == {"@sigstore/verify": "3.1.0"}
    assert lock.keys() >= {f"node_modules/{name}" for name in wanted}
    for name, package in lock.items():
        assert package["version"][0].isdigit(), name
        assert package["integrity"].startswith("sha512-"), name
