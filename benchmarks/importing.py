"""
Importing a table of 100,000 claims, as a ratio of one run: against ``ledger.record`` of the same claims, ready made,
in one call. Run: python -m benchmarks.importing
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.load import claim, floor, machine, median, timed
from coop_ledger import Ledger
from coop_ledger.interchange import export_claims, import_claims

CLAIMS = 100_000
ROUNDS = 3
FLOOR = 0.60


def table(path: Path, count: int) -> None:
    """Write claims as a table."""
    with Ledger.in_memory() as ledger:
        ledger.record(*(claim(number) for number in range(count)))
        path.write_bytes(b"".join(export_claims(ledger, "csv")))


def measure(folder: Path, count: int, at: int) -> tuple[float, float]:
    """Seconds of one import, and of one call of ``record`` on ready claims, each into a new ledger."""
    with Ledger.open(folder / f"{at}-imported.db", origin="bench.example/1") as ledger:
        importing = timed(partial(import_claims, ledger, folder / "claims.csv"))
        assert ledger.size == count
    claims = [claim(number) for number in range(count)]
    with Ledger.open(folder / f"{at}-recorded.db", origin="bench.example/1") as ledger:
        recording = timed(partial(ledger.record, *claims))
    return importing, recording


def main() -> None:
    """Print microseconds a claim, and the ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    folder = Path(tempfile.mkdtemp(dir="."))
    print(machine())
    try:
        table(folder / "claims.csv", count)
        rounds = [measure(folder, count, at) for at in range(ROUNDS)]
    finally:
        shutil.rmtree(folder)
    importing, recording = (median([one[at] for one in rounds]) / count * 1e6 for at in (0, 1))
    ratio = median([recorded / imported for imported, recorded in rounds])
    print(f"{count} claims: import {importing:.1f} µs a claim, record {recording:.1f} µs")
    print(f"speed of record: {floor(ratio, FLOOR)}")


if __name__ == "__main__":
    main()
