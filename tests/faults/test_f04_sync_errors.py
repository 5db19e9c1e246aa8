"""F04: a disk that cannot bring bytes to rest; what may not be there is not acknowledged, and the ledger goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from coop_ledger import AlreadyRecorded
from coop_ledger.errors import StoreError, StoreUncertainError
from tests.cli.warm import command
from tests.faults.acts import REFUSABLE
from tests.faults.breaking import in_calls
from tests.faults.harness import Acknowledged, Verdict, judge, key, opened, record_one, seeded, told
from tests.faults.nest import Line, Nest
from tests.faults.system_calls import SYNCS, counted, traced
from tests.faults.tally import Tally

CALLS = 2


def record_some(line: Line, path: str, store: str) -> None:
    """The work of a writer: calls one after the other; it says of each that it was recorded, or refused."""
    with opened(path, store) as ledger:
        line.wait()
        for number in range(CALLS):
            try:
                record_one(line, ledger, "w", number)
            except StoreError as error:
                line.say("refused", key("w", number), type(error).__name__)


def with_failing(nest: Nest, path: Path, store: str, inject: str | None) -> tuple[Verdict, list[str], list[str]]:
    """What is left after calls of which a system call failed; what the writer said of them; what strace did."""
    seeded(path, 3)
    child = nest.start(record_some, str(path), store)
    with traced(child, SYNCS, inject) as calls:
        said = child.finished()
    refused = [line.split() for line in said if line.startswith("refused")]
    acknowledged = [Acknowledged.heard(line) for line in said if not line.startswith("refused")]
    gone = {name for _, name, kind in refused if kind != StoreUncertainError.__name__}
    return judge(path, acknowledged, refused=gone), [kind for _, _, kind in refused], calls


def each_sync(nest: Nest, folder: Path, store: str, error: str) -> Iterator[tuple[str, Verdict, list[str]]]:
    """Let each sync of a writer fail in turn; its number, what is left, and what was refused with which error."""
    _, _, calls = with_failing(nest, folder / "counted.db", store, None)
    for call, count in counted(calls).items():
        for at in range(1, count + 1):
            verdict, refused, calls = with_failing(
                nest, folder / f"{call}-{at}.db", store, f"{call}:error={error}:when={at}"
            )
            assert sum("(INJECTED)" in line for line in calls) == 1
            yield f"{call} {at}", verdict, refused


@pytest.mark.faults
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EDQUOT"])
def test_each_sync_of_a_call(nest: Nest, tmp_path: Path, tally: Tally, strace: None, error: str) -> None:
    kinds = list[tuple[str, ...]]()
    for name, verdict, refused in each_sync(nest, tmp_path, "ours", error):
        assert verdict.faultless, f"{name}: {verdict}"
        tally.take(verdict)
        assert len(refused) <= 1, "a call after the failure was refused, too"
        kinds.append(tuple(refused))
    # of a call: the journal, its name in the folder, the journal's head, the pages, and that the journal is gone;
    # the database does not look at the answer to the second, and asks again when the journal is gone
    assert kinds == [("StoreError",), (), ("StoreError",), ("StoreError",), ("StoreUncertainError",)] * CALLS


@pytest.mark.faults
def test_a_store_that_does_not_look_is_found(nest: Nest, tmp_path: Path, strace: None) -> None:
    found = [name for name, verdict, _ in each_sync(nest, tmp_path, "deaf", "EIO") if verdict.lost]
    assert len(found) == 3 * CALLS


@pytest.mark.faults
@pytest.mark.parametrize("act", REFUSABLE)
def test_each_sync_of_each_act(nest: Nest, prepared: Path, tally: Tally, strace: None, act: str) -> None:
    for _, verdict in in_calls(nest, act, prepared, SYNCS, "error=EIO"):
        tally.take(verdict)


def test_what_is_uncertain_says_so(nest: Nest, tmp_path: Path, strace: None) -> None:
    """The last sync of a call: all is there and none is acknowledged; the same call again finds its entries."""
    path = tmp_path / "x.db"
    verdict, refused, _ = with_failing(nest, path, "ours", f"fdatasync:error=EIO:when={5 * CALLS}")
    assert (verdict.faultless, verdict.acknowledged, refused) == (True, CALLS - 1, ["StoreUncertainError"])
    with opened(path) as ledger:
        again = ledger.record(*told("w", CALLS - 1), once=key("w", CALLS - 1))
    assert isinstance(again, AlreadyRecorded)


def record_as_typed(line: Line, path: str, said: str) -> None:
    """The work of a writer: a command; only what it says beside the data is kept."""
    line.wait()
    claim = ("institution.opened", "--institution", "kcac", "--assertion", "announced", "--source", "Korea.net")
    arguments = ["record", path, *claim, "--once", "typed/1"]
    command(line, arguments, dict(os.environ), str(Path.cwd()), [os.devnull, os.devnull, said])


def test_a_command_whose_end_is_uncertain_has_a_code_of_its_own(nest: Nest, tmp_path: Path, strace: None) -> None:
    """Not that of a refusal, which says that nothing was recorded; given again, it finds what it recorded."""
    path = tmp_path / "x.db"
    seeded(path, 1)
    for inject, code, size, words in (
        ("fdatasync:error=EIO:when=3", 2, 1, "Error: "),
        ("fdatasync:error=EIO:when=5", 5, 2, "with its once key"),
        (None, 0, 2, "recorded before under the same key"),
    ):
        said = tmp_path / f"said-{code}"
        said.touch()
        child = nest.start(record_as_typed, str(path), str(said))
        with traced(child, SYNCS, inject):
            child.rest()
        assert (child.wait(), words in said.read_text()) == (code, True), said.read_text()
        with opened(path) as ledger:
            assert ledger.size == size


def test_who_opens_brings_onto_the_disk_what_was_committed_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could answer "already recorded" for what a killed writer left undone at the very end."""
    path = tmp_path / "x.db"
    seeded(path, 1)
    synced, sync = list[str](), os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    opened(path).close()
    assert synced == [str(tmp_path)]

    def failing(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StoreError, match="onto the disk"):
        opened(path)


def test_a_folder_that_may_not_be_read_is_no_fault_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.db"
    seeded(path, 1)

    def failing(descriptor: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", failing)
    with opened(path) as ledger:
        assert ledger.size == 1
