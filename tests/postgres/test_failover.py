"""Three servers with a quorum commit: the primary is killed under load, a standby takes over, and nothing is lost."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import StoreReadOnlyError, StoreUncertainError, StoreUnreachableError
from coop_ledger.stores import PostgresStore
from tests.postgres.databases import execute
from tests.postgres.server import Server, new_server

ORIGIN = "failover.example/1"
WRITERS, BEFORE_S, AFTER_S, PATIENCE_S = 4, 4.0, 4.0, 60.0
_LOST = (StoreUncertainError, StoreUnreachableError, StoreReadOnlyError)


class Writer(threading.Thread):
    """Records claims one by one, each with its key, and says a call again until it is told what became of it."""

    def __init__(self, number: int, address: str, stop: threading.Event) -> None:
        super().__init__()
        self.number, self.address, self.stop = number, address, stop
        self.told: dict[str, int] = {}
        self.times: list[float] = []
        self.again = 0
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self._record(f"{self.number}/{len(self.told)}")
        except Exception as error:
            self.fault = error

    def _record(self, key: str) -> None:
        claim = announced(
            ev.InstitutionOpened(f"office-{key.replace('/', '-')}"), when="2017", sources=Source("Made-up Gazette")
        )
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                with Ledger.open(self.address, timeout_s=3) as ledger:
                    receipt = ledger.record(claim, once=key)
                    self.told[receipt.ids[0]] = receipt.positions[0]
                    self.times.append(time.monotonic())
                    return
            except _LOST:
                self.again += 1
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


def standby(name: str, primary: Server) -> Server:
    made = new_server(name, ("max_connections=60",))
    made.copy_of(primary)
    made.start()
    return made


def received(server: Server) -> int:
    (row,) = execute(server.address, "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint")
    return int(row[0])


def settled(server: Server, *settings: str) -> None:
    execute(server.address, *(f"ALTER SYSTEM SET {one}" for one in settings), "SELECT pg_reload_conf()")


@pytest.mark.nightly
def test_every_acknowledged_entry_outlives_the_primary() -> None:
    primary = new_server("n1", ("max_connections=60",))
    primary.make()
    primary.start()
    others = [standby(name, primary) for name in ("n2", "n3")]
    settled(primary, "synchronous_standby_names = 'ANY 1 (n2, n3)'")
    hosts = ",".join(str(one.folder) for one in (primary, *others))
    address = f"postgresql://postgres@/postgres?host={hosts}&target_session_attrs=read-write"
    with Ledger.open(address, origin=ORIGIN) as ledger:
        ledger.record(announced(ev.InstitutionOpened("first"), when="2017", sources=Source("Made-up Gazette")))
    stop = threading.Event()
    writers = [Writer(number, address, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(BEFORE_S)
    with Ledger.open(address, readonly=True) as ledger:
        kept = ledger.at().basis
    killed = time.monotonic()
    primary.kill()
    chosen = max(others, key=received)  # what was acknowledged is on one of them at least: on the one that has most
    (other,) = (one for one in others if one is not chosen)
    execute(chosen.address, "SELECT pg_promote()")
    settled(chosen, "synchronous_standby_names = 'ANY 1 (n2, n3)'")
    source = f"user=postgres host={chosen.folder} application_name={other.folder.name}"
    settled(other, f"primary_conninfo = '{source}'")
    time.sleep(AFTER_S)
    stop.set()
    for writer in writers:
        writer.join()
    assert [writer.fault for writer in writers] == [None] * WRITERS
    report(address, writers, killed, kept.size)
    with Ledger.open(address, readonly=True) as ledger:
        entries = list(ledger.entries())
        assert [entry.position for entry in entries] == list(range(ledger.size))
        held = {entry.id: entry.position for entry in entries}
        for writer in writers:
            assert {one: held.get(one) for one in writer.told} == writer.told
            assert max(writer.times) > killed + AFTER_S / 2  # it went on
        assert ledger.size == 1 + sum(len(writer.told) for writer in writers)
        growth = ledger.prove_consistency(kept.size)
        growth.verify(root_old=kept.root, root=ledger.root, size_old=kept.size, size=ledger.size)
    for server in others:
        server.stop()


def report(address: str, writers: list[Writer], killed: float, kept: int) -> None:
    times = sorted(one for writer in writers for one in writer.times)
    gap = max(later - one for one, later in pairwise(times))
    before = sum(one < killed for one in times)
    with PostgresStore.open(address, readonly=True) as store:
        print(
            f"\n{datetime.now(UTC):%Y-%m-%d}: {len(times)} calls acknowledged, {before} of them before the primary was"
            f" killed; checkpoint of size {kept} kept before; longest wait for the next acknowledgement {gap:.1f} s;"
            f" {sum(writer.again for writer in writers)} calls made again; {store.head().size} entries held"
        )
