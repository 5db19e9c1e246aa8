"""Checkpoints and policies that a caller brings: each form that is read, each that is not, and what is said then."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.audit import read_policy
from coop_ledger.audit.anchors import Brought, read_checkpoints, read_note
from coop_ledger.errors import InvalidValueError, NoteError, UnsupportedKeyError
from coop_ledger.log import Checkpoint, format_checkpoint, parse_note
from tests.attacks.signed import policy, policy_text, signed
from tests.attacks.tools import ORIGIN

ROOT = bytes(range(32))
KEPT = Checkpoint(ORIGIN, 12, ROOT)
TEXT = format_checkpoint(KEPT)
NOTE = signed(KEPT)
MOST = 262_144


@pytest.mark.parametrize(
    "given",
    [
        KEPT, tuple(KEPT), TEXT, TEXT.encode(), TEXT.removesuffix("\n"), TEXT.encode().removesuffix(b"\n"),
    ],
)  # fmt: skip
def test_checkpoints_without_signatures(given: Any) -> None:
    assert read_checkpoints(given) == read_checkpoints([given]) == (Brought(KEPT),)


@pytest.mark.parametrize("given", [NOTE, NOTE.decode()])
def test_signed_ones_are_kept_as_they_were_brought(given: Any) -> None:
    assert read_checkpoints(given) == (Brought(KEPT, parse_note(NOTE), NOTE, False),)
    assert read_note(NOTE, own=True) == Brought(KEPT, parse_note(NOTE), NOTE, True)


def test_one_that_came_along_has_signatures() -> None:
    with pytest.raises(NoteError):
        read_note(TEXT.encode(), own=True)


def test_as_many_as_are_compared_at_once() -> None:
    assert read_checkpoints(None) == ()
    assert len(read_checkpoints([KEPT] * 1_000)) == 1_000
    with pytest.raises(InvalidValueError) as caught:
        read_checkpoints([KEPT] * 1_001)
    assert (caught.value.where, caught.value.found) == ("checkpoint", "1001")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((ORIGIN, -1, ROOT), "size: '-1'"),
        ((ORIGIN, 12), "tuple"),
        (dict.fromkeys(KEPT), "dict"),
        ([7], "int"),
        (f"{TEXT}more\n", None),
        (TEXT.replace("\n", " "), None),
        (TEXT.replace("\n", "\x0b\n"), None),
        (f"\x0c{TEXT}", None),
        (TEXT.replace("\n", "\r\n"), "'\\r'"),
        (TEXT.replace("\n", "\t\n"), "'\\t'"),
        (TEXT.replace("\n", "\n    "), None),
        (TEXT.replace("\n", " \n"), None),
        (f"\n{TEXT}", None),
        (f"{TEXT}\n", None),
        (f"\ufeff{TEXT}".replace("\n", "\n\ufeff"), None),
        (b"\xff\n1\n2\n", "'utf-8' codec"),
    ],
)
def test_what_is_no_checkpoint(given: Any, found: str | None) -> None:
    with pytest.raises(InvalidValueError) as caught:
        read_checkpoints(given)
    assert (caught.value.where, caught.value.hint is None) == ("checkpoint", False)
    assert found is None or found in (caught.value.found or "")


def test_policies_in_every_form(tmp_path: Path) -> None:
    text, path = policy_text(), tmp_path / "policy"
    path.write_text(text)
    assert read_policy(None) is None
    for given in (policy(), text, text.encode(), path, str(path)):
        assert read_policy(given) == policy()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (7, {"where": "policy", "found": "int"}),
        ("nowhere", {"where": "policy", "found": "No such file or directory"}),
        ("a\x00b", {"where": "policy", "found": "embedded null byte"}),
        (b"", {"where": "policy"}),
        ("quorum none\nnonsense\n", {"where": "policy, line 2"}),
    ],
)
def test_what_is_no_policy(given: Any, told: Mapping[str, str]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        read_policy(given)
    assert {name: getattr(caught.value, name) for name in told} == told
    assert caught.value.hint or caught.value.expected or caught.value.found


def test_a_key_that_is_not_known_is_no_bad_policy() -> None:
    with pytest.raises(UnsupportedKeyError) as caught:
        read_policy("log example.org/log+29cf2b6e+BwABAgM=\nquorum none\n")
    assert caught.value.where == "policy, line 1"


def test_a_policy_of_the_greatest_length_and_one_beyond(tmp_path: Path) -> None:
    text, path = policy_text(), tmp_path / "policy"
    path.write_text(text + "#" * (MOST - len(text) - 1) + "\n")
    assert read_policy(path) == policy()
    with path.open("r+b") as file:
        file.truncate(MOST + 1)
    with pytest.raises(InvalidValueError):
        read_policy(path)


def test_no_more_is_read_of_a_policy_than_one_may_have(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    with path.open("wb") as file:
        file.truncate(1 << 26)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidValueError):
            read_policy(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()
