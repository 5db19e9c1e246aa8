"""
Verifying a file of 100,000 entries against reading it: ``SELECT`` and two SHA-256 a row, one over the leaf and one over
the openings. Prints ratios of one run, and the peak memory of processes that do nothing else.
Run: python -m benchmarks.verify [ENTRIES]
"""

from __future__ import annotations

import hashlib
import resource
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.load import ceiling, claim, floor, machine, median, timed
from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify

ENTRIES, BATCH, ROUNDS = 100_000, 1_000, 3
MOST = {True: 10.0, False: 30.0}
MOST_MIB = 256
LEAST = 1.5
ROWS = (
    "SELECT e.position, e.hash, e.leaf, o.blob FROM entries e LEFT JOIN openings o ON o.position = e.position "
    "ORDER BY e.position"
)


def write(path: Path, entries: int) -> None:
    """A ledger of so many claims, recorded by the thousand under keys."""
    with Ledger.open(path, origin="bench.example/1", recorder="bench") as ledger:
        for start in range(0, entries, BATCH):
            numbers = range(start, min(entries, start + BATCH))
            ledger.record(*(claim(number) for number in numbers), once=f"batch {start}")


def read(path: Path) -> None:
    """The least that looks at every byte: read it, and hash it twice."""
    connection, sha256 = sqlite3.connect(path), hashlib.sha256
    for _, _, leaf, blob in connection.execute(ROWS):
        sha256(leaf).digest()
        sha256(blob).digest()
    connection.close()


def examined(path: Path, *, quick: bool, executor: Executor | None = None) -> None:
    """Verify, and make sure that it was done to the end."""
    report = verify(path, quick=quick, executor=executor)
    assert report.verdict is Verdict.SELF_CONSISTENT, report.as_text()


def peak_mib(path: Path, *, quick: bool) -> float:
    """The most memory that a process of its own needs to verify a file."""
    call = f"examined(Path({str(path)!r}), quick={quick})"
    code = f"from pathlib import Path; from benchmarks.verify import examined; {call}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(before, after) / (1024 if sys.platform == "linux" else 1024**2)


def shared(path: Path) -> None:
    """How much two processes make of it: each way by turns, so that what else runs slows both."""
    for name, quick in (("quick", True), ("full", False)):
        alone, two = [], []
        with ProcessPoolExecutor(2, get_context("spawn")) as executor:
            examined(path, quick=quick, executor=executor)  # processes that have loaded what they need
            for _ in range(ROUNDS):
                alone.append(timed(partial(examined, path, quick=quick)))
                two.append(timed(partial(examined, path, quick=quick, executor=executor)))
        ratio = floor(median(alone) / median(two), LEAST) if not quick else f"{median(alone) / median(two):.3f}"
        print(f"{name:>6}: one process to two: {ratio}")


def main() -> None:
    """Print microseconds an entry, ratios and memory."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ledger.db")
        write(path, entries)
        print(f"{entries:,} entries, {path.stat().st_size / 2**20:.0f} MiB")
        memory = {quick: peak_mib(path, quick=quick) for quick in (True, False)}
        times: dict[str, list[float]] = {"read": [], "quick": [], "full": []}
        for _ in range(ROUNDS):
            times["read"].append(timed(partial(read, path)))
            times["quick"].append(timed(partial(examined, path, quick=True)))
            times["full"].append(timed(partial(examined, path, quick=False)))
        for name, found in times.items():
            print(f"{name:>6}: {median(found) / entries * 1e6:6.1f} µs an entry")
        for name, quick in (("quick", True), ("full", False)):
            ratio = median(times[name]) / median(times["read"])
            print(f"{name:>6}: {ceiling(ratio, MOST[quick])}; memory: {ceiling(memory[quick], MOST_MIB)} MiB")
        shared(path)


if __name__ == "__main__":
    main()
