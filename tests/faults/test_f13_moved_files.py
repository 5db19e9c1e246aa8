"""F13: the file of an open ledger is removed, moved or replaced; no call is acknowledged that is not at the path."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.errors import CoopLedgerError, LedgerNotFoundError, StoreError, StoreMovedError, StoreUncertainError
from tests.faults.broken import STORES
from tests.faults.harness import ORIGIN, judge, key, opened, seeded, told


def _folder_gone(folder: Path) -> None:
    folder.rename(folder.with_name("away"))


def _file_for_folder(folder: Path) -> None:
    _folder_gone(folder)
    folder.touch()


def _other_folder(folder: Path) -> None:
    _folder_gone(folder)
    folder.mkdir()
    os.replace(folder.with_name("other.db"), folder / "ledger.db")


WAYS: dict[str, Callable[[Path], object]] = {
    "removed": lambda folder: (folder / "ledger.db").unlink(),
    "moved away": lambda folder: (folder / "ledger.db").rename(folder.with_name("away.db")),
    "replaced by a rename": lambda folder: os.replace(folder.with_name("other.db"), folder / "ledger.db"),
    "folder removed": shutil.rmtree,
    "folder moved away": _folder_gone,
    "folder replaced by a file": _file_for_folder,
    "folder replaced": _other_folder,
}
MOMENTS = ("", "BEGIN", "UPDATE head SET grows_to", "INSERT INTO entries", "UPDATE head SET size", "COMMIT")
"""Before the call, and before statements of its transaction."""


def at_statement(ledger: Ledger, beginning: str, act: Callable[[], object]) -> None:
    """Do something once, before the connection of a ledger does a statement that begins like that."""
    store: Any = ledger._store
    left = [act]

    def look(sql: str) -> None:
        if sql.startswith(beginning) and left:
            left.pop()()

    store._connections.get().set_trace_callback(look)


def moved(tmp_path: Path, way: str, moment: str, store: str = "ours") -> BaseException | None:
    """What a call raises whose file is moved at a moment; None where it was acknowledged."""
    folder, other = tmp_path / "folder", tmp_path / "other.db"
    folder.mkdir()
    seeded(folder / "ledger.db", 3)
    shutil.copy(folder / "ledger.db", other)
    before = other.read_bytes()
    raised: BaseException | None = None
    with opened(folder / "ledger.db", store) as ledger:
        ledger.record(*told("w", 0), once=key("w", 0))
        if moment:
            at_statement(ledger, moment, lambda: WAYS[way](folder))
        else:
            WAYS[way](folder)
        try:
            ledger.record(*told("w", 1), once=key("w", 1))
        except CoopLedgerError as error:
            raised = error
        for number in (2, 3) if store == "ours" else ():
            with pytest.raises(StoreMovedError):
                ledger.record(*told("w", number), once=key("w", number))
    if way in ("replaced by a rename", "folder replaced"):
        assert (folder / "ledger.db").read_bytes() == before, "the other file was changed"
        assert judge(folder / "ledger.db", ()).faultless
    else:
        assert not (folder / "ledger.db").exists()
        with pytest.raises(LedgerNotFoundError):
            Ledger.open(folder / "ledger.db")
    return raised


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("way", WAYS)
def test_no_call_is_acknowledged_to_a_ghost(tmp_path: Path, way: str, moment: str) -> None:
    raised = moved(tmp_path, way, moment)
    if moment != "COMMIT":
        kind: type[StoreError] = StoreMovedError
    elif "folder" in way:
        kind = StoreError  # the journal went away, too: who finds both takes the call back
    else:
        kind = StoreUncertainError
    assert type(raised) is kind, raised
    away = next((one for one in (tmp_path / "away.db", tmp_path / "away" / "ledger.db") if one.exists()), None)
    if away is not None:
        verdict = judge(away, (), refused=() if kind is StoreUncertainError else (key("w", 1),))
        assert verdict.faultless, verdict


@pytest.mark.parametrize("write_first", [True, False])
def test_a_thread_that_comes_later_reads_no_other_file(tmp_path: Path, write_first: bool) -> None:
    path, other = tmp_path / "ledger.db", tmp_path / "other.db"
    seeded(path, 3)
    shutil.copy(path, other)
    raised = list[BaseException]()

    def read(ledger: Ledger) -> None:
        try:
            ledger.root  # noqa: B018
        except CoopLedgerError as error:
            raised.append(error)

    with opened(path) as ledger:
        ledger.record(*told("w", 0))
        os.replace(other, path)
        if write_first:
            with pytest.raises(StoreMovedError):
                ledger.record(*told("w", 1))
        thread = threading.Thread(target=read, args=(ledger,))
        thread.start()
        thread.join()
    assert [type(error) for error in raised] == [StoreMovedError]


def test_a_store_that_does_not_look_is_found(tmp_path: Path) -> None:
    """It acknowledges what comes later than the database's own look, which is where it begins its journal."""
    assert moved(tmp_path, "replaced by a rename", "UPDATE head SET size", "blind") is None


def test_a_store_that_looks_only_before_it_commits_is_found(tmp_path: Path) -> None:
    assert moved(tmp_path, "replaced by a rename", "COMMIT", "short-sighted") is None


def test_a_file_that_is_where_it_was_may_have_gone_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with opened(path) as ledger:
        path.rename(tmp_path / "away.db")
        with pytest.raises(StoreMovedError):
            ledger.record(*told("w", 0))
        (tmp_path / "away.db").rename(path)
        assert ledger.record(*told("w", 0)).positions == (0,)
    assert STORES["ours"](path, ORIGIN).head().size == 1
