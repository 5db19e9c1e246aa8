"""Several real processes on one file, and writers that are killed: nothing lost, doubled or torn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from coop_ledger import Ledger, SealedState, Source, occurred
from coop_ledger import events as ev
from coop_ledger.codec import decode
from coop_ledger.log import leaf_hash, root_of
from coop_ledger.stores import SqliteStore, Stored
from coop_ledger.testing import ticking
from tests.shared import ROOT

WRITER = """
import sys
from coop_ledger import Ledger, Source, Unchanged, When, about, occurred, events as ev
from coop_ledger.errors import AppendConflictError
path, name, count, contend = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "contend"
source = Source("Korea.net", When("2016-11-18"))
with Ledger.open(path, recorder=name) as ledger:
    conflicts = 0
    for number in range(count):
        claim = occurred(ev.InitiativeStarted(f"{name}-{number}"), when="2016", sources=source, note="x" * 50)
        ledger.record(claim, once=f"{name}/{number}")
        if contend and number % 10 == 0:
            # all contend for one subject: who comes second is told
            shared = occurred(ev.InitiativeStarted(f"shared-{number}"), when="2016", sources=source)
            try:
                ledger.record(shared, condition=Unchanged(about(f"initiative:shared-{number}"), since=0))
            except AppendConflictError as error:
                conflicts += 1
                assert error.positions
        if not contend:
            print(number, flush=True)
    print("conflicts", conflicts, flush=True)
"""

ERASER = """
import sys
from coop_ledger import Ledger, Redaction
with Ledger.open(sys.argv[1], recorder="eraser") as ledger:
    done = {act.target for act in ledger.redactions()}
    for entry in list(ledger.entries(size=200)):
        if entry.id not in done:
            assert ledger.record(Redaction(entry.id, ("/note",), "law", "office")).leftovers == ()
            print(entry.id, flush=True)
"""

ORIGIN = "processes.example/1"


SOURCE = Source("Korea.net")


def start(path: Path, name: str, count: int, mode: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", WRITER, str(path), name, str(count), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_four_processes_record_five_hundred_claims_each(tmp_path: Path) -> None:
    path = tmp_path / "busy.db"
    Ledger.open(path, origin=ORIGIN).close()
    writers = [start(path, f"w{at}", 500, "contend") for at in range(4)]
    conflicts = 0
    for writer in writers:
        out, _ = writer.communicate(timeout=300)
        assert writer.returncode == 0
        conflicts += int(out.split()[-1])
    with Ledger.open(path, readonly=True) as ledger:
        entries = list(ledger.entries())
        assert [entry.position for entry in entries] == list(range(2050))
        assert len({entry.id for entry in entries}) == 2050
        counted = Counter(entry.body.event.initiative for entry in entries)  # type: ignore[union-attr]
        assert set(counted.values()) == {1}
        assert conflicts == 3 * 50
        times = [entry.recorded_at for entry in entries]
        assert times == sorted(times)


def whole(path: Path) -> int:
    """The size of a ledger whose bytes, hashes, root, labels and openings agree."""
    with SqliteStore.open(path, origin=ORIGIN, clock=ticking()) as store:
        head = store.head()
        stored: list[Stored] = []
        while page := store.read(((),), after=len(stored) - 1, size=head.size):
            stored.extend(page)
        assert [one.position for one in stored] == list(range(head.size))
        assert root_of(leaf_hash(one.leaf) for one in stored) == head.root
        for one in stored:
            entry = decode(one.leaf, one.openings)
            assert entry.position == one.position
            subject = f"initiative:{entry.body.event.initiative}"  # type: ignore[union-attr]
            assert [found.position for found in store.read(((subject,),))] == [one.position]
        return head.size


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    Ledger.open(path, origin=ORIGIN).close()
    acknowledged = 0
    for number in range(20):
        writer = start(path, f"k{number}", 10_000, "alone")
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.002 * number)
        writer.send_signal(signal.SIGKILL)
        lines = writer.stdout.read().splitlines()
        writer.wait()
        writer.stdout.close()
        acknowledged += 1 + len(lines)
        assert acknowledged <= whole(path) <= acknowledged + number + 1
    assert acknowledged > 20


def test_a_killed_redaction_erased_and_said_so_or_neither(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    note = "words that are to go, of some length: " * 3
    told = [occurred(ev.InitiativeStarted(f"i-{at}"), when="2016", sources=SOURCE, note=note) for at in range(200)]
    with Ledger.open(path, origin=ORIGIN) as ledger:
        ids = ledger.record(*told).ids
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    acknowledged: set[str] = set()
    for number in range(12):
        eraser = subprocess.Popen(
            [sys.executable, "-c", ERASER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert eraser.stdout is not None
        acknowledged.add(eraser.stdout.readline().strip())
        time.sleep(0.002 * number)
        eraser.send_signal(signal.SIGKILL)
        lines = eraser.stdout.read().split()  # the last may be torn
        acknowledged.update(line for line in lines if line in ids)
        eraser.wait()
        eraser.stdout.close()
        with Ledger.open(path) as ledger:
            erased = [act.target for act in ledger.redactions()]
            assert len(set(erased)) == len(erased)
            assert acknowledged <= set(erased)
            for entry_id in ids:
                expected = SealedState.REDACTED if entry_id in erased else SealedState.OPEN
                assert ledger.sealed(entry_id) == {"/note": expected}
    assert 12 <= len(acknowledged) < 200
