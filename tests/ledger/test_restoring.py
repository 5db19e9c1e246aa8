"""A backup made before a redaction: what was erased stays erased before anybody can read it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from coop_ledger import Correction, Ledger, Redaction, SealedState, restore_backup
from coop_ledger.errors import (
    InvalidValueError,
    LedgerNotFoundError,
    NotALedgerError,
    StoreDamagedError,
    StoreError,
)
from coop_ledger.testing import ticking
from tests.attacks.tools import attacked
from tests.ledger.support import PLAN, START
from tests.ledger.test_redactions import NOTE, TOLD, redaction, strewn

ORIGIN = "lost.example/1"


@pytest.fixture
def lost(tmp_path: Path) -> tuple[Path, list[Redaction], tuple[str, ...]]:
    """A backup, the redactions of the ledger that went on after it and is gone, and ids: of the backup, and a later."""
    with Ledger.open(tmp_path / "lost.db", origin=ORIGIN, clock=ticking(START)) as ledger:
        first, second, third = ledger.record(TOLD, TOLD, PLAN).ids
        ledger.record(redaction(first, "/sources/0/title"))
        ledger.backup(tmp_path / "backup.db")
        ledger.record(redaction(first))
        (later,) = ledger.record(TOLD).ids
        ledger.record(redaction(later))
        ledger.record(redaction(second, "/note", "/sources/0/quote"))
        return tmp_path / "backup.db", ledger.redactions(), (first, second, third, later)


def test_what_was_erased_since_is_erased_in_what_is_restored(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path
) -> None:
    backup, redactions, (first, second, third, _) = lost
    before, path = backup.read_bytes(), tmp_path / "restored.db"
    kept = json.loads(json.dumps([attrs.asdict(act) for act in redactions]))  # type: ignore[arg-type]
    given = [Redaction(**{**one, "paths": tuple(one["paths"])}) for one in kept]
    done = restore_backup(backup, path, redactions=given, recorder="night-shift", clock=ticking(START))
    assert done == (redactions[1], redactions[3])  # one it holds itself, one is of an entry that it has not
    with Ledger.open(path) as ledger, Ledger.open(backup, readonly=True) as old:
        assert ledger.size == old.size + 2
        assert ledger.at(size=old.size).basis.root == old.root
        assert ledger.sealed(first)["/note"] is ledger.sealed(second)["/sources/0/quote"] is SealedState.REDACTED
        assert ledger.sealed(second)["/sources/0/title"] is ledger.sealed(third)["/note"] is SealedState.OPEN
        assert {entry.recorder for entry in ledger.entries(after=old.size - 1)} == {"night-shift"}
        assert ledger.redactions() == [redactions[0], *done]
    assert NOTE.encode() not in path.read_bytes()
    assert backup.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["backup.db", "lost.db", "restored.db"]


def test_a_backup_with_nothing_erased_since_is_copied_as_it_is(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path
) -> None:
    backup, redactions, _ = lost
    assert restore_backup(backup, tmp_path / "restored.db", redactions=redactions[:1]) == ()
    with Ledger.open(tmp_path / "restored.db") as ledger, Ledger.open(backup, readonly=True) as old:
        assert (ledger.size, ledger.root) == (old.size, old.root)


def test_what_is_restored_twice_is_erased_once(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path
) -> None:
    backup, redactions, _ = lost
    restore_backup(backup, tmp_path / "once.db", redactions=redactions)
    assert restore_backup(tmp_path / "once.db", tmp_path / "twice.db", redactions=[*redactions, *redactions]) == ()


def test_a_redaction_that_was_recorded_and_not_carried_out_is_carried_out(tmp_path: Path) -> None:
    """A file whose openings somebody put back; the restored one has not got them."""
    with Ledger.open(tmp_path / "x.db", origin=ORIGIN, clock=ticking(START)) as ledger:
        (target,) = ledger.record(TOLD).ids
        openings = ledger._store.openings(0)
        ledger.record(redaction(target))
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as connection:
        (trigger,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'openings_shrink'").fetchone()
        connection.execute("DROP TRIGGER openings_shrink")
        connection.execute("UPDATE openings SET blob = ?", (openings,))
        connection.execute(trigger)
    with Ledger.open(tmp_path / "x.db") as ledger:
        assert ledger.sealed(target)["/note"] is SealedState.INCOMPLETE
    assert restore_backup(tmp_path / "x.db", tmp_path / "y.db", redactions=()) == (redaction(target),)
    with Ledger.open(tmp_path / "y.db") as ledger:
        assert ledger.sealed(target)["/note"] is SealedState.REDACTED
    assert NOTE.encode() not in (tmp_path / "y.db").read_bytes()


def test_words_left_in_the_copy_keep_it_from_serving(tmp_path: Path) -> None:
    path, note = tmp_path / "x.db", NOTE * 4
    with Ledger.open(path, origin=ORIGIN, clock=ticking(START)) as ledger:
        told: Any = TOLD
        (target,) = ledger.record(attrs.evolve(told, note=note)).ids
        strewn(path, note)
    with pytest.raises(StoreDamagedError, match="may still stand") as caught:
        restore_backup(path, tmp_path / "y.db", redactions=[redaction(target)])
    assert (caught.value.where, caught.value.found) == (target, "/note")
    assert [file.name for file in tmp_path.iterdir()] == ["x.db"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([redaction("01586548-8000-7000-8000-000000000001")], None),
        (["/note"], "no redaction"),
        ([{"target": "x"}], "no redaction"),
        ([Correction("01586548-8000-7000-8000-000000000001", PLAN, "a slip")], "no redaction"),
    ],
)
def test_only_redactions_are_taken(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path, given: list[Any], why: str | None
) -> None:
    if why is None:
        assert restore_backup(lost[0], tmp_path / "y.db", redactions=given) == ()
        return
    with pytest.raises(InvalidValueError, match=why):
        restore_backup(lost[0], tmp_path / "y.db", redactions=given)
    assert not (tmp_path / "y.db").exists()


def test_redactions_of_another_ledger_leave_no_file(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path
) -> None:
    backup, redactions, (_, _, third, _) = lost
    with pytest.raises(InvalidValueError, match="sealed"):
        restore_backup(backup, tmp_path / "y.db", redactions=[*redactions, redaction(third, "/sources/0/title")])
    assert not (tmp_path / "y.db").exists()
    assert not list(tmp_path.glob(".backup-*"))


def test_a_backup_and_a_place_for_it_are_needed(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path
) -> None:
    backup, redactions, _ = lost
    (tmp_path / "taken.db").write_bytes(b"")
    (tmp_path / "text").write_text("a text " * 30)
    with pytest.raises(InvalidValueError, match="already"):
        restore_backup(backup, tmp_path / "taken.db", redactions=redactions)
    with pytest.raises(LedgerNotFoundError):
        restore_backup(tmp_path / "none.db", tmp_path / "y.db", redactions=redactions)
    with pytest.raises(NotALedgerError):
        restore_backup(tmp_path / "text", tmp_path / "y.db", redactions=redactions)
    with pytest.raises(StoreError):
        restore_backup(backup, tmp_path / "no" / "y.db", redactions=redactions)
    with pytest.raises(InvalidValueError, match="recorder"):
        restore_backup(backup, tmp_path / "y.db", redactions=redactions, recorder="é")
    assert (tmp_path / "taken.db").read_bytes() == b""
    assert not (tmp_path / "y.db").exists()


@pytest.mark.parametrize("openings", [b'"Secret words"', b"junk", b'{"/note":1,"/note":1}', b'{"/note":["x","y"]}'])
def test_a_backup_with_openings_that_nobody_wrote_is_damaged(
    lost: tuple[Path, list[Redaction], tuple[str, ...]], tmp_path: Path, openings: bytes
) -> None:
    backup, redactions, _ = lost
    with attacked(backup) as db:
        db.execute("UPDATE openings SET blob = ? WHERE position = 0", (openings,))
    with pytest.raises(StoreDamagedError) as caught:
        restore_backup(backup, tmp_path / "restored.db", redactions=redactions)
    assert "Secret" not in str(caught.value)
    assert not (tmp_path / "restored.db").exists()
