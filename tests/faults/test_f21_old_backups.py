"""F21: a backup made before a redaction; what was erased stays erased before anybody reads what is restored."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from coop_ledger import Ledger, SealedState, restore_backup
from tests.faults.acts import ACTS, WORDS, redaction_in
from tests.faults.harness import judge, opened
from tests.faults.tally import Tally


@pytest.fixture
def act() -> str:
    """A backup with the words, and the ledger that has erased them since."""
    return "restore"


def watch_names(monkeypatch: pytest.MonkeyPatch, target: Path) -> list[bool]:
    """Of each time that something gets the name *target*: whether the words stand in it."""
    seen, link = list[bool](), os.link

    def noted(source: Path, name: Path) -> None:
        if Path(name) == target:
            seen.append(WORDS.encode() in Path(source).read_bytes())
        link(source, name)

    monkeypatch.setattr(os, "link", noted)
    return seen


def test_the_words_are_gone_before_the_name_is_there(
    prepared: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = prepared / "restored.db"
    seen = watch_names(monkeypatch, target)
    with opened(prepared / "ledger.db") as ledger:
        redactions = ledger.redactions()
    assert WORDS.encode() in (prepared / "backup.db").read_bytes()
    restore_backup(prepared / "backup.db", target, redactions=redactions)
    assert seen == [False]
    assert WORDS.encode() not in target.read_bytes()
    with Ledger.open(target) as restored:
        assert restored.sealed(redaction_in(restored).target) == {"/note": SealedState.REDACTED}
        assert restored.redactions() == redactions
    tally.take(judge(target, ()))


def test_a_backup_that_is_only_copied_is_found(prepared: Path) -> None:
    shutil.copy(prepared / "backup.db", prepared / "restored.db")
    assert list(ACTS["restore"].check(prepared, True)) == ["erased words are back"]
