"""
Public vectors of canonical and of hostile JSON, scored by the rules of the strict reader.

The rule, for every file: what RFC 8259 refuses is refused. What it accepts is accepted, unless it holds what
the profile leaves out (``STRICTER``: fractions, exponents, minus zero, integers beyond ±(2**53 - 1), repeated
keys, U+0000, lone surrogates, more than 16 levels); then it is refused in exactly these words. Of the number
files the integers within ±(2**53 - 1) are ours. Nothing crashes, and no error but CodecError escapes.
"""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.codec import MAX_INT, canonical, parse, parse_canonical
from coop_ledger.errors import CodecError, NotCanonicalError
from tests.shared import shared_file, shared_json

FOLDER = "data/vectors/jcs"
STRICTER = {
    "a number has a fraction",
    "a number has an exponent",
    "minus zero is no integer here",
    "the integer is too large",
    "a key stands twice in one object",
    "the text holds U+0000",
    "the text holds a lone surrogate",
    "the value is nested too deep",
}


def outcome(data: bytes) -> str:
    try:
        value = parse(data)
    except CodecError as error:
        return error.what
    assert parse(canonical(value)) == value
    return "accepted"


def test_documents_of_the_reference_implementation() -> None:
    folder = shared_file(f"{FOLDER}/cyberphone")
    names = sorted(path.stem for path in (folder / "input").iterdir())
    assert len(names) == 6
    refused = {}
    for name in names:
        data = (folder / "input" / f"{name}.json").read_bytes()
        wanted = bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text("ascii"))
        assert wanted == (folder / "output" / f"{name}.json").read_bytes()
        try:
            value = parse(data)
        except CodecError as error:
            refused[name] = error.what
        else:
            assert canonical(value) == wanted
            assert parse_canonical(wanted) == value
    assert refused == {"structures": "a number has a fraction", "values": "a number has a fraction"}


def test_the_structures_document_without_its_fraction() -> None:
    folder = shared_file(f"{FOLDER}/cyberphone")
    data = (folder / "input" / "structures.json").read_bytes().replace(b"56.0", b"56")
    assert canonical(parse(data)) == (folder / "output" / "structures.json").read_bytes()


def test_pairs() -> None:
    cases = shared_json(f"{FOLDER}/pairs.json")
    assert len(cases) == 6
    outcomes = []
    for case in cases:
        try:
            value = parse(case["input"].encode())
        except CodecError as error:
            outcomes.append(error.what)
        else:
            assert canonical(value).hex() == case["canonical_hex"]
            outcomes.append("accepted")
    assert outcomes.count("accepted") == 4
    assert set(outcomes) - {"accepted"} == {"a number has a fraction", "the text holds U+0000"}


def test_the_parsing_suite() -> None:
    suite = shared_json(f"{FOLDER}/json-parsing.json")
    assert len(suite["cases"]) == 338
    accepted: dict[str, int] = {"must-accept": 0, "must-reject": 0, "either": 0}
    for case in suite["cases"]:
        found = outcome(base64.b64decode(case["bytes_base64"]))
        accepted[case["class"]] += found == "accepted"
        if case["class"] == "must-accept":
            assert found == "accepted" or found in STRICTER, case["file"]
    assert accepted == {"must-accept": 74, "must-reject": 0, "either": 3}


def test_the_two_big_files_of_the_suite() -> None:
    rules = shared_json(f"{FOLDER}/json-parsing.json")["repeat_rules"]
    assert [rule["class"] for rule in rules] == ["must-reject", "must-reject"]
    for data in (b"[" * 100_000, b'[{"":' * 50_000 + b"\n"):
        assert outcome(data) == "the value is too large"
        with pytest.raises(CodecError, match="nested too deep"):
            parse(data, max_bytes=len(data))


def test_strict_import() -> None:
    """Where the file leaves a policy to us, ours is to refuse."""
    cases = shared_json(f"{FOLDER}/strict-import-derived.json")["cases"]
    assert len(cases) == 50
    for case in cases:
        data = _bytes_of(case)
        wanted = case["expect"].startswith("accept")
        if case["name"] == "100,000 keys":
            assert len(parse(data, max_bytes=len(data))) == 100_000
            assert outcome(data) == "the value is too large"
        else:
            assert (outcome(data) == "accepted") is wanted, case["name"]


def _bytes_of(case: dict[str, Any]) -> bytes:
    if case["bytes_base64"] is not None:
        return base64.b64decode(case["bytes_base64"])
    return ("{" + ",".join(f'"{at}":{at}' for at in range(100_000)) + "}").encode()


def test_true_is_not_one() -> None:
    (case,) = (
        case
        for case in shared_json(f"{FOLDER}/strict-import-derived.json")["cases"]
        if case["name"] == "true as a number lookalike"
    )
    assert canonical(parse(_bytes_of(case))) == b'{"a":true,"b":1}'


def _number(bits: str) -> float:
    (value,) = struct.unpack(">d", bytes.fromhex(bits.zfill(16)))
    return float(value)


def _check_number(bits: str, text: str) -> bool:
    """Whether the line is ours: then it has the published form; if not, it is refused as a float."""
    number = _number(bits)
    with pytest.raises(NotCanonicalError, match="no canonical form"):
        canonical(number)
    if not number.is_integer() or abs(number) > MAX_INT:
        return False
    assert canonical(int(number)) == text.encode()
    return True


def test_numbers_of_the_rfc_in_their_integer_subset() -> None:
    cases = shared_json(f"{FOLDER}/rfc8785-numbers.json")
    assert len(cases) == 26
    ours = [case["expect"] for case in cases if _check_number(case["ieee754_hex"], case["expect"])]
    assert ours == ["0", "0"]


def test_the_published_number_sequence_in_its_integer_subset() -> None:
    lines = Path(shared_file(f"{FOLDER}/es6-numbers-10000.txt")).read_text("ascii").splitlines()
    assert len(lines) == 10_000
    ours = sum(_check_number(*line.split(",")) for line in lines)
    assert ours > 0
    for line in lines:  # every published form that is an integer of ours reads as itself
        text = line.split(",")[1]
        if json.loads(text) == int(float(text)) and abs(float(text)) <= MAX_INT and text.lstrip("-").isdigit():
            assert canonical(parse(text.encode())) == text.encode()
