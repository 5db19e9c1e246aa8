"""Following a ledger in a database: every entry once, in order, from any position, while others record into it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from coop_ledger import Entry, Ledger, Source, about, announced
from coop_ledger import events as ev
from coop_ledger.aio import AsyncLedger
from coop_ledger.following import Follower
from coop_ledger.stores.postgres import watching
from tests.postgres.databases import fresh, give_back
from tests.postgres.support import ORIGIN

SOURCE = Source("Korea.net")
CALLS = (1, 2, 70, 1, 300, 5)
"""Entries of calls: few, more than go one by one (64), more than a follower holds (256)."""


def record(ledger: Ledger, count: int) -> tuple[str, ...]:
    """Record so many claims in one call; their ids."""
    claims = (announced(ev.InstitutionOpened(f"office-{number % 3}"), sources=SOURCE) for number in range(count))
    return ledger.record(*claims).ids


def told(entries: Iterator[Entry], count: int) -> list[tuple[int, str]]:
    """Positions and ids of so many entries."""
    return [(entry.position, entry.id) for entry in islice(entries, count)]


@pytest.fixture
def address() -> Iterator[str]:
    address = fresh(ORIGIN)
    yield address
    give_back(ORIGIN, address)


@pytest.fixture
def writer(address: str) -> Iterator[Ledger]:
    """Who records: with connections of his own, as another process has them."""
    with Ledger.open(address, origin=ORIGIN) as ledger:
        yield ledger


@pytest.fixture
def reader(address: str) -> Iterator[Ledger]:
    """Whose entries are followed."""
    with Ledger.open(address, origin=ORIGIN, readonly=True) as ledger:
        yield ledger


def consumed(followed: Follower) -> tuple[threading.Thread, list[tuple[int, str]]]:
    """A thread that takes what comes until it is stopped, and what came."""
    got: list[tuple[int, str]] = []
    thread = threading.Thread(target=lambda: got.extend((entry.position, entry.id) for entry in followed))
    thread.start()
    return thread, got


def test_what_others_record_comes_once_and_in_order(
    reader: Ledger, writer: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server tells of it, and who waits is stopped: neither is seen by looking again after a while."""
    monkeypatch.setattr(watching, "_TOLD_S", 60.0)
    before = record(writer, 3)
    expected = list(before[2:])
    with reader.follow(after=1) as followed:
        thread, got = consumed(followed)
        for count in CALLS:
            expected += record(writer, count)
            followed_to(got, len(expected))
        followed.stop()
        thread.join(5)
        assert not thread.is_alive()
    assert got == list(enumerate(expected, 2))


def followed_to(got: list[tuple[int, str]], count: int) -> None:
    """Wait until so many entries came; fewer than that are seen by who compares."""
    end = time.monotonic() + 10
    while len(got) < count and time.monotonic() < end:
        time.sleep(0.005)


def test_several_writers_at_once_leave_no_gap(reader: Ledger, writer: Ledger) -> None:
    """Short calls and long ones, whose transactions overlap: what is committed later never stands before."""
    with reader.follow() as followed, ThreadPoolExecutor(4) as pool:
        thread, got = consumed(followed)
        recorded = [pool.submit(record, writer, count) for count in (1, 80, 2, 3) * 5]
        ids = {one for call in recorded for one in call.result(30)}
        followed_to(got, len(ids))
        followed.stop()
        thread.join(5)
    assert [position for position, _ in got] == list(range(86 * 5))
    assert {one for _, one in got} == ids


def test_who_goes_on_from_a_position_misses_nothing_and_gets_nothing_twice(reader: Ledger, writer: Ledger) -> None:
    expected, got = list[str](), list[tuple[int, str]]()
    for count in CALLS:
        expected += record(writer, count)
        with reader.follow(after=got[-1][0] if got else -1) as followed:
            got += told(followed, len(expected) - len(got) - 1)  # one of each call is left to the next
    with reader.follow(after=got[-1][0]) as followed:
        got += told(followed, 1)
    assert got == list(enumerate(expected))


def test_a_question_is_followed(reader: Ledger, writer: Ledger) -> None:
    with reader.follow(about("institution:office-1")) as followed:
        ids = [record(writer, count)[1::3] for count in CALLS if count > 1]
        expected = [one for call in ids for one in call]
        assert [entry.id for entry in islice(followed, len(expected))] == expected


def test_event_loops_follow_it_too(address: str, writer: Ledger) -> None:
    """From the beginning and again from a position, while a thread records; who waits is stopped."""

    async def main() -> None:
        expected = list(record(writer, 2))
        async with await AsyncLedger.open(address, readonly=True) as ledger:
            recording = asyncio.create_task(
                asyncio.to_thread(lambda: [one for count in CALLS for one in record(writer, count)])
            )
            got = list[tuple[int, str]]()
            for end in (50, 2 + sum(CALLS)):
                async with ledger.follow(after=got[-1][0] if got else -1) as entries:
                    async for entry in entries:
                        got.append((entry.position, entry.id))
                        if len(got) == end:
                            entries.stop()
            expected += await recording
            assert got == list(enumerate(expected))
            waiting = ledger.follow(after=got[-1][0])
            step = asyncio.create_task(anext(waiting, None))
            await asyncio.sleep(0.1)
            assert not step.done()
            waiting.stop()
            assert await step is None
            await waiting.close()

    asyncio.run(asyncio.wait_for(main(), 60))
