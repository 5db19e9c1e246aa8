"""
Appending, as ratios of one run: against raw sqlite3 that writes equal rows with the same settings, and against
the package ``eventsourcing`` that records the same claim as a dict. Run: python -m benchmarks.append
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.load import claim, floor, machine, median, timed
from coop_ledger import Claim, Ledger, claim_to_plain
from coop_ledger.stores.connections import configure

ROUNDS = {1: (200, 5), 100: (10, 3), 10_000: (1, 3)}
"""Claims in a call → calls in a round, and rounds."""
FLOORS = {1: (0.70, None), 100: (None, None), 10_000: (0.25, 0.20)}
"""Claims in a call → the least ratios to raw and to the peer, where there is one."""


class Raw:
    """The rows that our store writes, ready made, written with no more than sqlite3."""

    def __init__(self, path: Path, pattern: Path) -> None:
        self.pattern = sqlite3.connect(pattern)
        self.connection = sqlite3.connect(path, isolation_level=None)
        configure(self.connection, readonly=False, timeout_s=30.0)
        for kind, sql in self.pattern.execute("SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL"):
            if kind in ("table", "index"):
                self.connection.execute(sql)
        self.connection.execute("INSERT INTO head VALUES (1, 'raw', 0, 0, NULL, x'')")

    def rows(self, start: int, count: int) -> list[tuple[str, list[Any]]]:
        """The rows of some entries, table by table."""
        found = []
        for table, marks in (("entries", 4), ("openings", 2), ("labelled", 2), ("tiles", 3), ("labels", 2)):
            if table == "labels":
                first = "SELECT number FROM labelled GROUP BY number HAVING min(position)"
                wanted = f"number IN ({first} BETWEEN {start} AND {start + count - 1})"
            elif table == "tiles":
                wanted = f"place BETWEEN {start // 256} AND {(start + count) // 256 - 1}"
            else:
                wanted = f"position >= {start} AND position < {start + count}"
            rows = self.pattern.execute(f"SELECT * FROM {table} WHERE {wanted}").fetchall()
            found.append((f"INSERT INTO {table} VALUES ({', '.join('?' * marks)})", rows))
        return found

    def write(self, batches: Sequence[list[tuple[str, list[Any]]]]) -> None:
        """Write batches, one transaction each."""
        for tables in batches:
            self.connection.execute("BEGIN IMMEDIATE")
            for sql, rows in tables:
                self.connection.executemany(sql, rows)
            self.connection.execute("UPDATE head SET size = size + 1, recorded_at = '2016', frontier = zeroblob(256)")
            self.connection.execute("COMMIT")


class Record(Aggregate):
    """A claim as a dict, one event of an aggregate."""

    @event("Claimed")
    def claim(self, claim: dict[str, Any]) -> None:
        """Take a claim."""


class Records(Application):
    """The peer: aggregates in its own SQLite recorder."""


def peer(path: Path) -> Records:
    """The peer on a file, with its default settings."""
    return Records(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})


def peer_batch(application: Records, claims: Sequence[dict[str, Any]]) -> None:
    """One transaction that saves all claims, each as an event of one aggregate."""
    record = Record()
    for one in claims:
        record.claim(one)
    application.save(record)


def ours(ledger: Ledger, batches: Sequence[Sequence[Claim]]) -> None:
    """Record batches, one call each."""
    for batch in batches:
        ledger.record(*batch)


def theirs(application: Records, batches: Sequence[Sequence[dict[str, Any]]]) -> None:
    """Save batches, one transaction each."""
    for batch in batches:
        peer_batch(application, batch)


def measure(folder: Path, size: int, calls: int, rounds: int) -> dict[str, list[float]]:
    """Seconds a claim of each contender, round by round; all three grow alike."""
    times: dict[str, list[float]] = {"ours": [], "raw": [], "peer": []}
    ledger = Ledger.open(folder / f"{size}.db", origin="bench.example/1")
    application = peer(folder / f"{size}-peer.db")
    raw = Raw(folder / f"{size}-raw.db", folder / f"{size}.db")
    numbers = iter(range(10**9))
    for _ in range(rounds):
        batches = [[claim(next(numbers)) for _ in range(size)] for _ in range(calls)]
        start = ledger.size
        times["ours"].append(timed(partial(ours, ledger, batches)) / size / calls)
        rows = [raw.rows(start + at * size, size) for at in range(calls)]
        times["raw"].append(timed(partial(raw.write, rows)) / size / calls)
        del rows
        plain = [[claim_to_plain(one) for one in batch] for batch in batches]
        times["peer"].append(timed(partial(theirs, application, plain)) / size / calls)
        del plain, batches
    ledger.close()
    application.close()
    return times


def main() -> None:
    """Print microseconds a claim, and the ratios."""
    folder = Path(tempfile.mkdtemp(dir="."))
    print(machine())
    print(f"{'batch':>6} {'ours µs':>9} {'raw µs':>9} {'peer µs':>9}   of raw, of peer")
    try:
        for size, (calls, rounds) in ROUNDS.items():
            times = measure(folder, size, calls, rounds)
            of_raw = median([raw / own for raw, own in zip(times["raw"], times["ours"], strict=True)])
            of_peer = median([other / own for other, own in zip(times["peer"], times["ours"], strict=True)])
            cells = "".join(f" {median(times[name]) * 1e6:>9.1f}" for name in ("ours", "raw", "peer"))
            ratios = zip((of_raw, of_peer), FLOORS[size], strict=True)
            shown = [f"{ratio:.2f}" if least is None else floor(ratio, least) for ratio, least in ratios]
            print(f"{size:>6}{cells}  {', '.join(shown)}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
