"""Several real processes on one file: nothing lost, doubled or torn. Those that are killed: ``tests/faults``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from coop_ledger import Ledger
from tests.shared import ROOT

WRITER = """
import sys
from coop_ledger import Ledger, Source, Unchanged, When, about, occurred, events as ev
from coop_ledger.errors import AppendConflictError
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = Source("Korea.net", When("2016-11-18"))
with Ledger.open(path, recorder=name) as ledger:
    conflicts = 0
    for number in range(count):
        claim = occurred(ev.InitiativeStarted(f"{name}-{number}"), when="2016", sources=source, note="x" * 50)
        ledger.record(claim, once=f"{name}/{number}")
        if number % 10 == 0:
            # all contend for one subject: who comes second is told
            shared = occurred(ev.InitiativeStarted(f"shared-{number}"), when="2016", sources=source)
            try:
                ledger.record(shared, condition=Unchanged(about(f"initiative:shared-{number}"), since=0))
            except AppendConflictError as error:
                conflicts += 1
                assert error.positions
    print("conflicts", conflicts, flush=True)
"""

ORIGIN = "processes.example/1"


def start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("count", [100, 500])
def test_processes_record(tmp_path: Path, count: int) -> None:
    path = tmp_path / "busy.db"
    Ledger.open(path, origin=ORIGIN).close()
    writers = [start(path, f"w{at}", count) for at in range(4)]
    conflicts, total = 0, 4 * count + count // 10
    for writer in writers:
        out, _ = writer.communicate(timeout=300)
        assert writer.returncode == 0
        conflicts += int(out.split()[-1])
    with Ledger.open(path, readonly=True) as ledger:
        entries = list(ledger.entries())
        assert [entry.position for entry in entries] == list(range(total))
        assert len({entry.id for entry in entries}) == total
        counted = Counter(entry.body.event.initiative for entry in entries)  # type: ignore[union-attr]
        assert set(counted.values()) == {1}
        assert conflicts == 3 * count // 10
        times = [entry.recorded_at for entry in entries]
        assert times == sorted(times)
