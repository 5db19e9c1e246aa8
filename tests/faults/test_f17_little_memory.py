"""F17: a process that may have 256 MiB verifies, exports, imports and replays a ledger of a million entries."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coop_ledger import Ledger, Source, occurred
from coop_ledger import events as ev
from coop_ledger.audit import Verdict, verify
from coop_ledger.codec import encode
from coop_ledger.domain import subjects_of
from coop_ledger.log import assemble, placed
from coop_ledger.query import labels_of
from coop_ledger.stores import Restored
from tests.faults.harness import ORIGIN, opened
from tests.faults.nest import Line, Nest

MIB = 1024 * 1024
_INSTANT = "2016-11-15T09:00:00.000000Z"
_ID, _NAME = "01586742-1a00-7000-8000-{:012x}", "i-{:07d}"


def raw_entries(count: int) -> Iterator[Restored]:
    """So many valid entries, each about an initiative of its own: one that was encoded, with other numbers in it."""
    claim = occurred(ev.InitiativeStarted(_NAME.format(0)), when="2016", sources=Source("Korea.net"))
    leaf = encode(claim, origin=ORIGIN, entry_id=_ID.format(0), recorder="raw", once=None, draw=os.urandom)
    labels = labels_of(claim, subjects_of(claim))
    for position in range(count):
        entry_id, name = _ID.format(position), _NAME.format(position)
        head, tail = (
            part.replace(_ID.format(0).encode(), entry_id.encode()).replace(_NAME.format(0).encode(), name.encode())
            for part in (leaf.head, leaf.tail)
        )
        whole = assemble(head, placed(position, _INSTANT, False), tail)
        yield Restored(whole, entry_id, _INSTANT, tuple(label.replace(_NAME.format(0), name) for label in labels))


def _verify(folder: Path) -> int | None:
    report = verify(folder / "x.db")
    assert report.verdict is Verdict.SELF_CONSISTENT, report.as_text()
    return report.size


def _carry(folder: Path) -> int:
    """Into a bundle, which is verified, and out of it into another ledger."""
    with opened(folder / "x.db") as ledger:
        ledger.export(folder / "x.bundle")
    report = verify(folder / "x.bundle")
    assert report.verdict is Verdict.SELF_CONSISTENT, report.as_text()
    (folder / "copy.db").unlink(missing_ok=True)
    with Ledger.from_bundle(folder / "x.bundle", folder / "copy.db") as copy:
        (folder / "x.bundle").unlink()
        return copy.size


def _replay(folder: Path) -> int:
    with opened(folder / "x.db") as ledger:
        return sum(1 for _ in ledger.entries())


def _hoard(folder: Path) -> int:
    """What none of ours may do."""
    with opened(folder / "x.db") as ledger:
        return sum(map(len, [list(ledger.entries()) for _ in range(3)]))


WORK: dict[str, Callable[[Path], int | None]] = {"verify": _verify, "carry": _carry, "replay": _replay, "hoard": _hoard}


def work_with_little(line: Line, name: str, folder: str, mib: int) -> None:
    """The work of a process that may have so much memory."""
    resource.setrlimit(resource.RLIMIT_AS, (mib * MIB, mib * MIB))
    try:
        line.say(WORK[name](Path(folder)))
    except MemoryError:
        line.say("MemoryError")


def made(folder: Path, entries: int) -> Path:
    """A folder with a ledger of so many entries."""
    with opened(folder / "x.db") as ledger:
        ledger._store.restore(raw_entries(entries))
    return folder


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("some"), SOME)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("million"), 1_000_000)


SOME, FEW_MIB = 40_000, 130
"""A smaller ledger, and as much less memory: what a process has before it begins, the database's cache, and little."""


@pytest.mark.faults
@pytest.mark.parametrize("name", ["verify", "carry", "replay"])
def test_fewer_entries_in_less(nest: Nest, some: Path, name: str) -> None:
    assert nest.start(work_with_little, name, str(some), FEW_MIB).finished() == [str(SOME)]


@pytest.mark.faults
def test_who_keeps_all_entries_is_found(nest: Nest, some: Path) -> None:
    assert nest.start(work_with_little, "hoard", str(some), FEW_MIB).finished() == ["MemoryError"]


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["verify", "carry", "replay"])
def test_a_million_entries_in_256_mib(nest: Nest, million: Path, name: str) -> None:
    assert nest.start(work_with_little, name, str(million), 256).finished() == ["1000000"]


@pytest.mark.nightly
def test_who_keeps_a_million_entries_is_found(nest: Nest, million: Path) -> None:
    assert nest.start(work_with_little, "hoard", str(million), 256).finished() == ["MemoryError"]
