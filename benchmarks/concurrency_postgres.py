"""
Many writers on one PostgreSQL, as ratios of one run: eight processes that record one claim at a time, against the
package ``eventsourcing`` with its PostgreSQL recorder and the same claim as a dict; and batches of 10,000 against COPY
of equal rows, ready made. Run: python -m benchmarks.concurrency_postgres
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from tests.postgres.server import VARIABLE, new_server

from benchmarks.append import Records, peer_batch
from benchmarks.load import claim, floor, machine, median, timed
from coop_ledger import Ledger, claim_to_plain

WRITERS, APPENDS, ROUNDS = 8, 150, 3
BATCH, BATCHES = 10_000, 3
ORIGIN = "bench.example/1"
TABLES = {
    "entries": "position, id, leaf, hash",
    "openings": "position, blob",
    "labels": "number, text",
    "labelled": "number, position",
    "tiles": "level, place, root, blob",
}
"""What a call writes, and the columns of it."""


@contextmanager
def server() -> Iterator[str]:
    """The address of a server with its own settings, that of the environment or one of our own."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    own = new_server("bench", ("max_connections=100",))
    own.make()
    own.start()
    yield own.address
    own.stop()


def peer(address: str, *, first: bool = False) -> Records:
    """The peer on the same server, with its default settings; the first one makes its tables."""
    parts = urlsplit(address)
    host = parts.hostname or parse_qs(parts.query)["host"][0]
    return Records(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "CREATE_TABLE": "yes" if first else "no",  # its writers get in each other's way there
            "POSTGRES_DBNAME": parts.path.removeprefix("/"),
            "POSTGRES_HOST": host,
            "POSTGRES_PORT": str(parts.port or 5432),
            "POSTGRES_USER": parts.username or "postgres",
            "POSTGRES_PASSWORD": parts.password or "none",
        }
    )


def ours(address: str, number: int, begin: Any, waits: Any) -> None:
    """One of our writers."""
    with Ledger.open(address, origin=ORIGIN) as ledger:
        claims = [claim(number * 10**6 + at) for at in range(APPENDS)]
        waits.put(each(begin, [partial(ledger.record, one) for one in claims]))


def theirs(address: str, number: int, begin: Any, waits: Any) -> None:
    """One of the peer's."""
    application = peer(address)
    plain = [claim_to_plain(claim(number * 10**6 + at)) for at in range(APPENDS)]
    waits.put(each(begin, [partial(peer_batch, application, [one]) for one in plain]))
    application.close()


def each(begin: Any, calls: list[Callable[[], Any]]) -> list[float]:
    """Seconds that each call takes, once all writers are there."""
    calls[0]()
    begin.wait(60)
    taken = []
    for call in calls[1:]:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def writers(work: Callable[..., None], address: str, number: int) -> tuple[float, list[float]]:
    """Seconds that all writers take together, and how long each of their calls took, shortest first."""
    context = multiprocessing.get_context("spawn")
    begin, waits = context.Barrier(WRITERS + 1), context.Queue()
    processes = [
        context.Process(target=work, args=(address, number * WRITERS + at, begin, waits)) for at in range(WRITERS)
    ]
    for process in processes:
        process.start()
    begin.wait(60)
    start = time.perf_counter()
    taken = [one for _ in processes for one in waits.get()]
    seconds = time.perf_counter() - start
    for process in processes:
        process.join()
    return seconds, sorted(taken)


def many_writers(address: str) -> None:
    """Print appends a second of both, and their waits."""
    Ledger.open(address, origin=ORIGIN).close()
    peer(address, first=True).close()
    rates: dict[str, list[float]] = {"ours": [], "peer": []}
    waits: dict[str, list[float]] = {"ours": [], "peer": []}
    for at in range(ROUNDS):
        for name, work in (("ours", ours), ("peer", theirs)):
            seconds, taken = writers(work, address, at)
            rates[name].append(len(taken) / seconds)
            waits[name].extend(taken)
    print(f"\n{WRITERS} writers, one claim at a time; appends/s, then milliseconds of one: median, 99 %, longest")
    for name in rates:
        found = sorted(waits[name])
        shown = [found[len(found) // 2], found[len(found) * 99 // 100], found[-1]]
        print(f"{name:>6} {median(rates[name]):>9,.0f}   " + ", ".join(f"{one * 1e3:.1f}" for one in shown))
    ratio = median([own / other for own, other in zip(rates["ours"], rates["peer"], strict=True)])
    print(f"of peer {floor(ratio, 1.0)}, aim 2")
    with Ledger.open(address, origin=ORIGIN, readonly=True) as ledger:
        held, wanted = ledger.size, ROUNDS * WRITERS * APPENDS
        positions = [entry.position for entry in ledger.entries()]
    whole = held == wanted and positions == list(range(wanted))
    print(f"{held:,} entries of {wanted:,}, without a gap: {'yes' if whole else 'NO'}")


def copied(connection: psycopg.Connection[Any], schema: str, start: int, end: int) -> dict[str, bytes]:
    """The rows of some entries, table by table, as COPY takes them."""
    conditions = {
        "labels": f"number IN (SELECT number FROM {schema}.labelled GROUP BY number HAVING min(position) >= {start})",
        "tiles": f"level = 0 AND place >= {start // 256} AND place < {end // 256}",
    }
    found = {}
    for table, columns in TABLES.items():
        condition = conditions.get(table, f"position >= {start} AND position < {end}")
        rows = f"SELECT {columns} FROM {schema}.{table} WHERE {condition}"
        with connection.cursor().copy(f"COPY ({rows}) TO STDOUT (FORMAT BINARY)") as copy:
            found[table] = b"".join(bytes(part) for part in copy)
    return found


def raw(connection: psycopg.Connection[Any], rows: dict[str, bytes]) -> None:
    """Write ready rows into tables with the same keys, one transaction."""
    with connection.transaction():
        for table, data in rows.items():
            into = f"COPY raw.{table} ({TABLES[table]}) FROM STDIN (FORMAT BINARY)"
            with connection.cursor().copy(into) as copy:
                copy.write(data)


def batches(address: str) -> None:
    """Print microseconds a claim of a batch, and the ratio to COPY of equal rows."""
    times: dict[str, list[float]] = {"ours": [], "raw": []}
    with (
        Ledger.open(address, origin="batches.example/1") as ledger,
        psycopg.connect(address, autocommit=True) as connection,
    ):
        schema = ledger._store.schema  # type: ignore[attr-defined]
        connection.execute("CREATE SCHEMA raw")
        for table in TABLES:
            like = f"LIKE {schema}.{table} INCLUDING INDEXES INCLUDING CONSTRAINTS"
            connection.execute(f"CREATE TABLE raw.{table} ({like})")
        for at in range(BATCHES):
            claims = [claim(at * BATCH + number) for number in range(BATCH)]
            start = ledger.size
            times["ours"].append(timed(partial(ledger.record, *claims)) / BATCH)
            rows = copied(connection, schema, start, start + BATCH)
            times["raw"].append(timed(partial(raw, connection, rows)) / BATCH)
    ratio = median([other / own for own, other in zip(times["ours"], times["raw"], strict=True)])
    print(f"\nbatches of {BATCH:,}: ours {median(times['ours']) * 1e6:.1f} µs a claim,", end=" ")
    print(f"COPY of equal rows {median(times['raw']) * 1e6:.1f} µs; of COPY {floor(ratio, 0.25)}")


def main() -> None:
    """Print both."""
    with server() as address:
        with psycopg.connect(address) as connection:
            version = connection.info.parameter_status("server_version")
            print(f"\nPostgreSQL {version}, psycopg {psycopg.__version__}", flush=True)
        many_writers(address)
        batches(address)
    sys.stdout.flush()


if __name__ == "__main__":
    print(machine())
    main()
