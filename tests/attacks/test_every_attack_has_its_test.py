"""Each attack of the list is committed by some test here, or stands among those left out with the reason."""

from __future__ import annotations

import re
from pathlib import Path

from coop_ledger.audit import CODES

LEFT_OUT = {
    "T46": "retired keys: policies of C2SP have no dates of validity; whoever retires a key takes it out of the policy",
    "T50": "time-stamp tokens: this release reads none",
}
"""Attacks that this release has no answer to, and why."""

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


def test_every_attack_is_committed_or_left_out() -> None:
    tested = named(Path(__file__).parent)
    assert tested | LEFT_OUT.keys() == ALL
    assert tested & LEFT_OUT.keys() == set()


def test_every_code_of_a_finding_is_that_of_an_attack() -> None:
    assert CODES.keys() <= ALL - LEFT_OUT.keys()
