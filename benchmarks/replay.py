"""
Replaying 100,000 entries into the states of 10,000 meetings, against the repository of ``eventsourcing`` that gets
every aggregate of as many events. Run: python -m benchmarks.replay [entries]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.append import Record, peer
from benchmarks.load import claim, floor, machine, median, timed
from coop_ledger import Ledger, claim_to_plain
from coop_ledger.projections import MEETING

PER_STATE = 10
FLOOR = 0.60


def fill(folder: Path, count: int) -> None:
    """Both stores with the same claims, ten for each state."""
    with Ledger.open(folder / "ours.db", origin="bench.example/1") as ledger:
        for start in range(0, count, 10_000):
            ledger.record(*(claim(number) for number in range(start, min(start + 10_000, count))))
    application = peer(folder / "peer.db")
    for start in range(0, count, PER_STATE):
        record = Record()
        for number in range(start, min(start + PER_STATE, count)):
            record.claim(claim_to_plain(claim(number)))
        application.save(record)
        with (folder / "ids.txt").open("a", encoding="utf-8") as file:
            file.write(f"{record.id}\n")
    application.close()


def ours(folder: Path) -> None:
    """Decode all entries and fold them."""
    with Ledger.open(folder / "ours.db", readonly=True) as ledger:
        assert ledger.project(MEETING)


def theirs(folder: Path) -> None:
    """Get every aggregate from the repository."""
    from uuid import UUID

    application = peer(folder / "peer.db")
    for line in (folder / "ids.txt").read_text(encoding="utf-8").splitlines():
        application.repository.get(UUID(line))
    application.close()


def reading(folder: Path) -> None:
    """Decode all entries and keep none."""
    with Ledger.open(folder / "ours.db", readonly=True) as ledger:
        for _ in ledger.entries():
            pass


WORK = {"ours": ours, "theirs": theirs, "reading": reading}


def child(folder: Path, name: str) -> None:
    """One measurement in a process of its own: seconds and peak MiB."""
    seconds = timed(lambda: WORK[name](folder))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024)


def main() -> None:
    """Print microseconds an entry, memory, and the ratio."""
    if len(sys.argv) == 4:
        child(Path(sys.argv[2]), sys.argv[3])
        return
    count = int(sys.argv[1]) if len(sys.argv) == 2 else 100_000
    folder = Path(tempfile.mkdtemp(dir="."))
    print(machine())
    try:
        fill(folder, count)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in WORK}
        for _ in range(3):
            for name, rows in found.items():
                command = [sys.executable, "-m", "benchmarks.replay", "child", str(folder), name]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
                rows.append((float(out[0]), float(out[1])))
        for name, rows in found.items():
            seconds, memory = median([row[0] for row in rows]), median([row[1] for row in rows])
            print(f"{name:>8}: {seconds / count * 1e6:6.1f} µs an entry, peak {memory:5.0f} MiB")
        ratio = median([b[0] / a[0] for a, b in zip(found["ours"], found["theirs"], strict=True)])
        print(f"decode and fold, of the peer: {floor(ratio, FLOOR)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
