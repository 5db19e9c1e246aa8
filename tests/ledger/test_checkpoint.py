"""Signed checkpoints of a ledger: what is signed is what is there, and a ledger that lost entries is not signed."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import (
    InvalidValueError,
    SplitViewError,
    StoreDamagedError,
    VerificationError,
)
from coop_ledger.log import Checkpoint, parse_checkpoint, parse_note, verify_consistency, verify_note
from coop_ledger.signing import LogSigner, SigningKey, check_ed25519

ORIGIN = "forum.example.org/2026-k3f9"
KEY = SigningKey.generate(ORIGIN)


def record(ledger: Ledger, count: int, word: str = "kcac") -> None:
    for at in range(ledger.size, ledger.size + count):
        ledger.record(
            announced(ev.InstitutionOpened(f"{word}-{at}"), when="2017", sources=Source("Made-up Gazette")),
        )


def checked(note: bytes) -> Checkpoint:
    parsed = parse_note(note)
    verify_note(parsed, [KEY.vkey], check_ed25519)
    return parse_checkpoint(parsed.text)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 4), max_size=6))
def test_each_checkpoint_is_a_prefix_of_the_next(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    signer = LogSigner.begin(KEY, tmp_path_factory.mktemp("signer") / "state")
    with Ledger.in_memory(origin=ORIGIN) as ledger:
        last = checked(signer.last)
        for step in steps:
            record(ledger, step)
            now = checked(ledger.checkpoint(signer))
            assert now == (ORIGIN, ledger.size, ledger.root)
            proof = ledger.prove_consistency(last.size, now.size)
            verify_consistency(last.size, now.size, last.root, now.root, proof.hashes)
            last = now


def test_an_older_copy_is_not_signed_and_neither_is_another_history(tmp_path: Path) -> None:
    """T08 and T09 of the attacks: the file is put back to an older genuine copy, then goes on otherwise."""
    path, copy = tmp_path / "forum.db", tmp_path / "copy.db"
    signer = LogSigner.begin(KEY, tmp_path / "state")
    with Ledger.open(path, origin=ORIGIN) as ledger:
        record(ledger, 3)
        ledger.checkpoint(signer)
        shutil.copyfile(path, copy)
        record(ledger, 3)
        last = ledger.checkpoint(signer)
    with Ledger.open(copy) as older:
        with pytest.raises(SplitViewError, match="shorter"):
            older.checkpoint(signer)
        record(older, 3, "other")
        with pytest.raises(SplitViewError, match="another root"):
            older.checkpoint(signer)
        record(older, 1)
        with pytest.raises(VerificationError):
            older.checkpoint(signer)
    assert signer.last == last
    with Ledger.open(path) as ledger:
        record(ledger, 1)
        assert checked(ledger.checkpoint(signer)).size == 7


def test_a_ledger_whose_hashes_were_changed_is_not_signed(tmp_path: Path) -> None:
    path = tmp_path / "forum.db"
    signer = LogSigner.begin(KEY, tmp_path / "state")
    with Ledger.open(path, origin=ORIGIN) as ledger:
        record(ledger, 3)
    with sqlite3.connect(path) as connection:
        triggers = [row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]
        for name in names:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE entries SET hash = zeroblob(32) WHERE position = 1")
        for trigger in triggers:
            connection.execute(trigger)
    connection.close()
    with Ledger.open(path) as ledger, pytest.raises(StoreDamagedError):
        ledger.checkpoint(signer)
    assert checked(signer.last).size == 0


def test_a_ledger_is_signed_by_its_own_signer_only(tmp_path: Path) -> None:
    signer = LogSigner.begin(KEY, tmp_path / "state")
    with Ledger.in_memory(origin="forum.example.org/other") as ledger, pytest.raises(InvalidValueError):
        ledger.checkpoint(signer)
