"""Paths that lead to no bundle, limits, memory, and writers that are stopped half-way."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import BundleError, InvalidValueError
from coop_ledger.interchange import Limits, import_bundle, read_bundle
from coop_ledger.stores import PAGE, Head, MemoryStore, Restored, SqliteStore, Stored
from coop_ledger.testing import ticking
from tests.interchange.support import ORIGIN, START, as_bundle, small
from tests.shared import ROOT

LATE = ticking(datetime(2031, 1, 1, tzinfo=UTC))


def refused(path: Path, why: str) -> None:
    with pytest.raises(BundleError, match=why) as caught:
        list(read_bundle(path))
    assert str(path)[:200] in str(caught.value)
    with pytest.raises(BundleError, match=why):
        Ledger.from_bundle(path)
    with pytest.raises(BundleError, match=why):
        Ledger.from_bundle(path, path.with_name("copy.ledger"))
    assert not path.with_name("copy.ledger").exists()


def zipped(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.bundle", data)


def database(path: Path, _: bytes) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.close()


OTHERS: dict[str, Callable[[Path, bytes], object]] = {
    "a ZIP archive": zipped,
    "a gzip file": lambda path, data: path.write_bytes(gzip.compress(data)),
    "a database": database,
    "UTF-16": lambda path, data: path.write_bytes(data.decode().encode("utf-16")),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_that_are_often_given_by_mistake_are_named(tmp_path: Path, name: str) -> None:
    data = as_bundle(small(), tmp_path).read_bytes()
    OTHERS[name](tmp_path / "given", data)
    refused(tmp_path / "given", name)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    refused(tmp_path, "no regular file")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "no regular file")
    refused(tmp_path / "missing", "no such file")
    refused(tmp_path / ("x" * 300), "cannot be opened")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refused(tmp_path / "loop", "cannot be opened")
    with pytest.raises(BundleError, match="no regular file"):
        list(read_bundle("/dev/zero"))
    for path in ("", "a\0b", 7, None):
        with pytest.raises(InvalidValueError):
            list(read_bundle(path))  # type: ignore[arg-type]
        with pytest.raises(InvalidValueError):
            small().export(path)  # type: ignore[arg-type]


def test_a_link_to_a_bundle_is_followed(tmp_path: Path) -> None:
    ledger = small()
    (tmp_path / "link").symlink_to(as_bundle(ledger, tmp_path))
    assert Ledger.from_bundle(tmp_path / "link").root == ledger.root


def test_limits_are_those_of_the_caller(tmp_path: Path) -> None:
    path = as_bundle(small(), tmp_path)
    length = path.stat().st_size
    assert len(list(read_bundle(path, limits=Limits(3, length)))) == 5
    for limits, why in ((Limits(2, length), "too large"), (Limits(3, length - 1), "too long")):
        with pytest.raises(BundleError, match=why):
            list(read_bundle(path, limits=limits))
        with pytest.raises(BundleError, match=why):
            import_bundle(path, MemoryStore(ORIGIN, clock=LATE), limits=limits)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = as_bundle(small(), tmp_path)
    data = path.read_bytes()
    lines = read_bundle(path)
    next(lines)
    path.write_bytes(data)
    os.utime(path, (1, 1))
    with pytest.raises(BundleError, match="was changed while it was read"):
        list(lines)


# memory


def many(count: int) -> Ledger:
    ledger = Ledger.in_memory(origin=ORIGIN, clock=ticking(START))
    source = Source("Korea.net", title="A title of an article")
    plans = [
        announced(ev.InstitutionOpened(f"office-{number % 100}"), when="2017", sources=source, note=f"note {number}")
        for number in range(count)
    ]
    for at in range(0, count, 10_000):
        ledger.record(*plans[at : at + 10_000])
    return ledger


def peak_of(act: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Sampled(SqliteStore):
    """A store that counts the interpreter's blocks of memory while entries go in and out."""

    blocks: ClassVar[list[int]] = []

    def restore(self, entries: Iterable[Restored]) -> Head:
        return super().restore(self._sampled(entries))

    def _sampled(self, entries: Iterable[Restored]) -> Iterator[Restored]:
        for at, entry in enumerate(entries):
            if at % PAGE == 0:
                self.blocks.append(sys.getallocatedblocks())
            yield entry

    def read(self, *args: Any, **options: Any) -> list[Stored]:
        self.blocks.append(sys.getallocatedblocks())
        return super().read(*args, **options)


@pytest.mark.faults
def test_memory_does_not_grow_with_the_bundle(tmp_path: Path) -> None:
    path = as_bundle(many(50_000), tmp_path)
    with Sampled.open(tmp_path / "a.ledger", origin=ORIGIN, clock=LATE) as store:
        imports, exports = partial(import_bundle, path, store), partial(Ledger(store).export, tmp_path / "b.bundle")
        for act in (imports, exports):
            Sampled.blocks.clear()
            act()
            _, *early = Sampled.blocks[:8]  # what is remembered for ever is there by now
            assert len(Sampled.blocks) > 49
            assert max(Sampled.blocks) < max(early) + 20_000  # 50,000 entries would hold a million
    assert (tmp_path / "b.bundle").read_bytes() == path.read_bytes()


def test_a_line_without_end_costs_no_more_than_the_longest_line(tmp_path: Path) -> None:
    path = tmp_path / "long"
    with path.open("wb") as file:
        file.write(as_bundle(small(), tmp_path).read_bytes().splitlines(keepends=True)[0])
        file.write(b'{"body":')
        file.truncate(2 * 1024**3)

    def read() -> None:
        with pytest.raises(BundleError, match="line 2"):
            list(read_bundle(path))

    assert peak_of(read) < 80_000_000


# never half a bundle, never half a ledger


WORKER = """
import resource, sys
from coop_ledger import Ledger
from coop_ledger.errors import StoreFullError
from coop_ledger.interchange import import_bundle
source, target, verb, limit = sys.argv[1:]
print("ready", flush=True)
if limit != "none":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
try:
    if verb == "export":
        with Ledger.open(source, readonly=True) as ledger:
            ledger.export(target)
    else:
        import_bundle(source, target)
    print("done", flush=True)
except StoreFullError:
    print("full", flush=True)
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of 2,000 entries and its bundle."""
    folder = tmp_path_factory.mktemp("kept")
    import_bundle(as_bundle(many(2_000), folder), folder / "a.ledger")
    return folder


def work(source: Path, target: Path, verb: str, limit: str = "none") -> subprocess.Popen[str]:
    """A process that exports or imports, once it says that it is about to."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, source, target, verb, limit], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def killed(process: subprocess.Popen[str], after_s: float) -> bool:
    """Whether a process was done before it was killed."""
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0] == "done\n"


MOMENTS = [0.0, 0.05, 0.1, 0.2, 0.3, 0.45]


@pytest.mark.parametrize("after_s", MOMENTS)
def test_an_export_that_is_killed_leaves_a_whole_file_or_none(kept: Path, tmp_path: Path, after_s: float) -> None:
    target = tmp_path / "b.bundle"
    done = killed(work(kept / "a.ledger", target, "export"), after_s)
    if done or target.exists():
        assert target.read_bytes() == (kept / "a.bundle").read_bytes()


@pytest.mark.parametrize("after_s", MOMENTS)
def test_an_import_that_is_killed_leaves_all_entries_or_none(kept: Path, tmp_path: Path, after_s: float) -> None:
    target = tmp_path / "b.ledger"
    done = killed(work(kept / "a.bundle", target, "import"), after_s)
    with Ledger.open(target, origin=ORIGIN) as found:
        assert found.size == 2_000 if done else found.size in (0, 2_000)
        begun = found.size == 0
    if begun:
        import_bundle(kept / "a.bundle", target)
    with Ledger.open(target) as found, Ledger.open(kept / "a.ledger") as ledger:
        assert found.root == ledger.root


@pytest.mark.parametrize(("source", "verb"), [("a.ledger", "export"), ("a.bundle", "import")])
def test_where_there_is_no_room_nothing_is_left(kept: Path, tmp_path: Path, source: str, verb: str) -> None:
    process = work(kept / source, tmp_path / "b", verb, limit="500000")
    assert process.communicate()[0] == "full\n"
    assert list(tmp_path.iterdir()) == []
