"""Each attack of the list is committed by some test here, or stands among those still to come with the reason."""

from __future__ import annotations

import re
from pathlib import Path

from coop_ledger.audit import CODES

TO_COME = {
    "T03": "signed checkpoints: forged without the key",
    "T40": "keys inside the file",
    "T43": "malformed notes",
    "T46": "retired keys: not in this release",
    "T48": "proofs with hashes too many, too few, swapped",
    "T49": "a valid proof for another entry",
    "T50": "time-stamp tokens: not in this release",
    "T56": "sealed values guessed from an export",
    "T61": "names inside bundles",
    "T62": "manifest and content of a bundle",
}
"""Attacks on notes, keys, proofs, witnesses and bundles: their tests come with these."""

ALL = {f"T{number:02d}" for number in range(1, 67)}


def named(folder: Path) -> set[str]:
    """The numbers in the names of the tests, which are those of their first lines."""
    found: set[str] = set()
    for path in folder.glob("test_t[0-9]*.py"):
        numbers = {number.upper() for number in re.findall(r"t\d\d(?=_)", path.name)}
        text = path.read_text(encoding="utf-8")
        assert numbers <= set(re.findall(r"T\d\d", text.splitlines()[0])), path.name
        for number in numbers:
            assert re.search(rf"^def test_(?:\w+_)?{number.lower()}_", text, re.MULTILINE), (path.name, number)
        found |= numbers
    return found


def test_every_attack_is_committed_or_still_to_come() -> None:
    tested = named(Path(__file__).parent)
    assert tested | TO_COME.keys() == ALL
    assert tested & TO_COME.keys() == set()


def test_every_code_of_a_finding_is_that_of_an_attack() -> None:
    assert CODES.keys() <= (ALL - TO_COME.keys()) | {"T03", "T40", "T43", "T61", "T62"}
