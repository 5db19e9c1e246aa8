"""T57 JSON that is not strict; T58 JSON without measure: in leaves that are hashed and placed as they should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from coop_ledger.audit import Verdict, verify
from coop_ledger.codec import parse
from tests.attacks.tools import attacked, codes, convicted, rewrite, settle

Spoil = Callable[[bytes], bytes]


def swap(old: bytes, new: bytes) -> Spoil:
    def spoil(leaf: bytes) -> bytes:
        assert old in leaf
        return leaf.replace(old, new, 1)

    return spoil


def body(text: bytes) -> Spoil:
    """A leaf with another body."""
    return lambda leaf: b'{"body":' + text + leaf[leaf.index(b',"id":') :]


def without(key: str) -> Spoil:
    def spoil(leaf: bytes) -> bytes:
        plain = parse(leaf)
        del plain[key]
        return json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()

    return spoil


STRICT: dict[str, Spoil] = {
    "a key twice": swap(b'"v":1,', b'"v":1,"v":1,'),
    "a key twice within": body(b'{"a":1,"a":1}'),
    "NaN": body(b'{"a":NaN}'),
    "Infinity": body(b'{"a":-Infinity}'),
    "a fraction": body(b'{"a":1.5}'),
    "an exponent": body(b'{"a":1e3}'),
    "minus zero": body(b'{"a":-0}'),
    "a lone surrogate": body(b'{"a":"\\ud800"}'),
    "U+0000": body(b'{"a":"\\u0000"}'),
    "an escape that is not needed": swap(b'"recorder":"desk"', b'"recorder":"\\u0064esk"'),
    "a mark of byte order": lambda leaf: b"\xef\xbb\xbf" + leaf,
    "UTF-16": lambda leaf: leaf.decode().encode("utf-16"),
    "UTF-32": lambda leaf: leaf.decode().encode("utf-32-be"),
    "no UTF-8": body(b'{"a":"\xff"}'),
    "a blank": swap(b'"v":1', b'"v": 1'),
    "a line end behind": lambda leaf: leaf + b"\n",
    "more behind": lambda leaf: leaf + b"{}",
    "another order": lambda leaf: json.dumps(dict(reversed(json.loads(leaf).items())), separators=(",", ":")).encode(),
    "no object": lambda leaf: b"[" + leaf + b"]",
    "nothing": lambda leaf: b"",
    "a key too few": without("recorder"),
    "a key too many": swap(b'"type":', b'"trusted":true,"type":'),
    "a body of another type": body(b'{"assertion":"PLANNED"}'),
    "a body that is none": body(b"[]"),
    "an unknown field": swap(b'{"body":{', b'{"body":{"anything":1,'),
    "a position that is no number": swap(b'"position":5', b'"position":"5"'),
    "a negative version": swap(b'"version":1', b'"version":-1'),
    "a mark that is not true": swap(b'"recorder"', b'"recorded_clamped":false,"recorder"'),
    "a key of a call that is none": swap(b'"origin"', b'"once":["key",1,1],"origin"'),
    "a sealed text in the open": swap(b'"event":{', b'"event":{"name":"A. B.",'),
}
LIMITS: dict[str, Spoil] = {
    "10,000 levels": body(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "17 levels": body(b"[" * 17 + b"]" * 17),
    "5,000 digits": body(b'{"a":' + b"9" * 5_000 + b"}"),
    "2**53": body(b'{"a":9007199254740992}'),
    "65,536 bytes": lambda leaf: leaf[:-1] + b" " * (65_536 - len(leaf)) + b"}",
    "a million keys": body(b"{" + b",".join(b'"%d":0' % key for key in range(1_000_000)) + b"}"),
}


def spoiled(path: Path, spoil: Spoil) -> None:
    with attacked(path) as db:
        (leaf,) = db.execute("SELECT leaf FROM entries WHERE position = 5").fetchone()
        rewrite(db, 5, spoil(leaf))
        settle(db)


@pytest.mark.parametrize("name", STRICT)
def test_t57_a_leaf_that_is_not_strict(ledger: Path, name: str) -> None:
    spoiled(ledger, STRICT[name])
    report = convicted(ledger, "T57")
    assert {finding.position for finding in report.findings} == {5}
    assert verify(ledger, quick=True).exit_code in (10, 40)  # it does not look at spelling, and says so


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("quick", [False, True])
def test_t58_a_leaf_without_measure(ledger: Path, name: str, quick: bool) -> None:
    spoiled(ledger, LIMITS[name])
    report = verify(ledger, quick=quick)
    if not quick:
        assert "T58" in codes(report)
        assert codes(report) <= {"T58", "T31"}  # the column has a check of its length
    assert report.exit_code in ((10, 40) if quick else (40,))


def test_the_same_leaf_as_it_was_is_no_fault(ledger: Path) -> None:
    spoiled(ledger, bytes)
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)
