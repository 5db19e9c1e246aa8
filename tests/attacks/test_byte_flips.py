"""
One byte is another, every byte in turn (T36, F14): report and entries are as before, or there is a finding; never
a crash, a hang or another exception. Eight entries here; fifty in ``make test-faults``. A bundle and a published folder
of two entries are given to both verifiers, which must agree on each byte.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from coop_ledger.audit import Verdict, verify
from tests.attacks.flips import Flips, HandedFlips, small_ledger

PARTS = 16
MEMORY = Path("/dev/shm")
"""Where files cost little, if there is such a place."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(MEMORY) if MEMORY.is_dir() else None)
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)


@pytest.fixture(scope="module")
def of_eight(folder: Path) -> Flips:
    return Flips(small_ledger(folder / "eight.db", 8))


@pytest.fixture(scope="module")
def of_fifty(folder: Path) -> Flips:
    return Flips(small_ledger(folder / "fifty.db", 50))


def part(flips: Flips, number: int) -> range:
    return range(number, len(flips.data), PARTS)


@pytest.mark.parametrize("number", range(PARTS))
def test_every_byte_of_eight_entries(of_eight: Flips, number: int) -> None:
    assert list(of_eight.silent(part(of_eight, number))) == []


def test_a_quick_look_survives_them_too(of_eight: Flips) -> None:
    places = range(0, len(of_eight.data), 31)
    assert list(of_eight.silent(places, quick=True)) == []


@pytest.mark.faults
@pytest.mark.parametrize("number", range(PARTS))
def test_every_byte_of_fifty_entries(of_fifty: Flips, number: int) -> None:
    assert list(of_fifty.silent(part(of_fifty, number))) == []


@pytest.fixture(scope="module", params=[False, True], ids=["bundle", "folder"])
def handed(folder: Path, request: pytest.FixtureRequest) -> HandedFlips:
    return HandedFlips(folder, published=request.param)


@pytest.mark.parametrize("number", range(4))
def test_every_byte_of_what_is_handed_over(handed: HandedFlips, number: int) -> None:
    assert list(handed.silent(handed.places[number::4])) == []


def test_the_handed_flips_bite(handed: HandedFlips, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a signature, which nobody looks at without keys, some flips are no finding: what is told otherwise shows."""
    file = handed.path if handed.path.is_file() else handed.path / "checkpoint"
    begin = file.read_bytes().index(b"\xe2\x80\x94")
    signature = [(file, at) for at in range(begin + 30, begin + 60)]
    assert list(handed.silent(signature)) == []
    monkeypatch.setattr(handed, "told", ({}, "", False))
    assert list(handed.silent(signature))


def test_the_flips_bite(of_eight: Flips, tmp_path: Path) -> None:
    """A flip in a leaf, in an opening, in the name of a trigger: each is found; what is read otherwise is told."""
    for word in (b'"when":"2017"', b"No. 0", b"entries_keep_delete"):
        at = of_eight.data.index(word) + len(word) - 2
        spoiled = bytearray(of_eight.data)
        spoiled[at] ^= 1
        path = tmp_path / "spoiled.db"
        path.write_bytes(spoiled)
        assert verify(path).verdict in (Verdict.INVALID, Verdict.UNREADABLE)
    other = Flips(of_eight.path)
    other.entries = other.entries[1:]
    assert list(other.silent([24])) == [24]  # a byte of the header that changes nothing: only the entries differ
