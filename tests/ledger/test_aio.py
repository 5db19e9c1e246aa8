"""The ledger for event loops: the same answers, followed without a gap, cancelled without harm."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from coop_ledger import AlreadyRecorded, Claim, Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.aio import AsyncFollower, AsyncLedger
from coop_ledger.errors import InvalidValueError, LedgerClosedError, LedgerNotFoundError

ORIGIN = "aio.example/1"
T = TypeVar("T")


def claim(number: int) -> Claim:
    return announced(ev.InstitutionOpened(f"office-{number}"), when="2017", sources=Source("Korea.net"))


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 20))


def test_calls_are_those_of_the_ledger(tmp_path: Path) -> None:
    async def main() -> None:
        async with await AsyncLedger.open(tmp_path / "x.db", origin=ORIGIN, recorder="desk") as ledger:
            receipts = await asyncio.gather(*(ledger.record(claim(n), once=f"k/{n}") for n in range(20)))
            assert sorted(receipt.size for receipt in receipts) == list(range(1, 21))
            assert isinstance(await ledger.record(claim(3), once="k/3"), AlreadyRecorded)
            state = await ledger.ask(Ledger.institution, "office-7")
            assert str(state.target) == "2017"
            assert await ledger.ask(lambda one: {entry.recorder for entry in one.entries()}) == {"desk"}

    run(main())
    with Ledger.open(tmp_path / "x.db") as ledger:
        assert ledger.size == 20


def test_errors_are_those_of_the_ledger(tmp_path: Path) -> None:
    async def main() -> None:
        with pytest.raises(LedgerNotFoundError):
            await AsyncLedger.open(tmp_path / "none.db")
        with pytest.raises(InvalidValueError):
            AsyncLedger(Ledger.in_memory(), threads=0)
        ledger = AsyncLedger(Ledger.in_memory())
        with pytest.raises(InvalidValueError):
            await ledger.record()
        with pytest.raises(InvalidValueError, match=r"lambda ledger: ledger\.size"):
            await ledger.ask(Ledger.size)  # a property
        with pytest.raises(InvalidValueError):
            await anext(ledger.follow(after=3))
        await ledger.close()
        await ledger.close()
        with pytest.raises(LedgerClosedError):
            await ledger.record(claim(0))
        with pytest.raises(LedgerClosedError):
            ledger.follow()

    run(main())


def test_entries_are_followed(tmp_path: Path) -> None:
    async def main() -> None:
        async with await AsyncLedger.open(tmp_path / "x.db", origin=ORIGIN) as ledger:
            got = list[int]()

            async def consume() -> None:
                async with ledger.follow() as entries:
                    async for entry in entries:
                        got.append(entry.position)
                        if len(got) == 30:
                            entries.stop()

            consumer = asyncio.create_task(consume())
            for number in range(10):
                await ledger.record(*(claim(number * 3 + more) for more in range(3)))
            await consumer
            assert got == list(range(30))

    run(main())


def test_a_step_that_is_cancelled_loses_nothing() -> None:
    async def main() -> None:
        async with AsyncLedger(Ledger.in_memory()) as ledger, ledger.follow() as entries:
            got = list[int]()
            for number in range(5):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(anext(entries), 0.01)
                await ledger.record(claim(number))
                got.append((await anext(entries)).position)
            assert got == [0, 1, 2, 3, 4]

    run(main())


def test_steps_that_are_cancelled_leave_nothing_behind() -> None:
    async def main() -> None:
        async with AsyncLedger(Ledger.in_memory()) as ledger, ledger.follow() as entries:
            held = set[int]()
            for _ in range(5):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(anext(entries), 0.01)
                assert entries._page is not None
                held.add(len(vars(entries._page)["_done_callbacks"]))
            assert held == {1}

    run(main())


def test_a_task_that_is_cancelled_ends_at_once() -> None:
    async def main() -> None:
        async with AsyncLedger(Ledger.in_memory()) as ledger:

            async def consume() -> None:
                async with ledger.follow() as entries:
                    async for _ in entries:
                        pass

            consumer = asyncio.create_task(consume())
            await asyncio.sleep(0.05)
            start = time.monotonic()
            consumer.cancel()
            with pytest.raises(asyncio.CancelledError):
                await consumer
            assert time.monotonic() - start < 2

    run(main())


def test_a_call_that_is_cancelled_is_made_whole_or_not_at_all() -> None:
    """One that had begun goes on to its end, one that waits for a thread never begins; both can be made again."""
    at_work, go_on = threading.Event(), threading.Event()
    inner = Ledger.in_memory()

    def slowly(ledger: Ledger) -> int:
        at_work.set()
        go_on.wait()
        return ledger.record(claim(0), claim(1), once="slow").size

    async def main() -> None:
        async with AsyncLedger(inner, threads=1) as ledger:
            begun = asyncio.create_task(ledger.ask(slowly))
            await asyncio.to_thread(at_work.wait)
            waiting = asyncio.create_task(ledger.record(claim(2), once="late"))
            await asyncio.sleep(0.01)
            for task in (waiting, begun):
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            go_on.set()
            assert isinstance(await ledger.record(claim(0), claim(1), once="slow"), AlreadyRecorded)
            assert (await ledger.record(claim(2), once="late")).positions == (2,)

    run(main())


def test_closing_ends_what_is_followed() -> None:
    async def main() -> None:
        ledger = AsyncLedger(Ledger.in_memory())

        async def consume() -> list[int]:
            return [entry.position async for entry in ledger.follow()]

        consumer = asyncio.create_task(consume())
        await asyncio.sleep(0.05)
        await ledger.close()
        assert await consumer == []

    run(main())


def test_a_follower_that_is_forgotten_keeps_no_thread() -> None:
    async def main() -> None:
        ledger = AsyncLedger(Ledger.in_memory())
        entries: AsyncFollower | None = ledger.follow()
        assert entries is not None
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(entries), 0.05)
        entries = None
        end = time.monotonic() + 5
        while any(thread.name.startswith("coop-ledger-follow") for thread in threading.enumerate()):
            gc.collect()
            assert time.monotonic() < end
            await asyncio.sleep(0.01)
        await ledger.close()

    run(main())


def test_a_follower_that_never_began_can_be_closed() -> None:
    async def main() -> None:
        async with AsyncLedger(Ledger.in_memory()) as ledger:
            async with ledger.follow() as entries:
                pass
            with pytest.raises(StopAsyncIteration):
                await anext(entries)

    run(main())


def test_nothing_begins_once_it_was_stopped() -> None:
    async def main() -> None:
        ledger = AsyncLedger(Ledger.in_memory())
        entries = ledger.follow()
        await entries.close()
        with pytest.raises(LedgerClosedError):
            await entries.begin()
        other = ledger.follow()
        await ledger.close()
        with pytest.raises(LedgerClosedError):
            await other.begin()

    run(main())


def test_a_step_outlives_its_event_loop() -> None:
    inner = Ledger.in_memory()
    entries = AsyncLedger(inner).follow()

    async def step(longest_s: float) -> int:
        try:
            return (await asyncio.wait_for(anext(entries), longest_s)).position
        except TimeoutError:
            return -1

    assert asyncio.run(step(0.05)) == -1
    inner.record(claim(0))
    time.sleep(0.2)  # the page is there before the next loop is
    assert asyncio.run(step(10)) == 0
    asyncio.run(entries.close())


def test_an_opening_that_is_cancelled_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, go_on, openings = threading.Event(), threading.Event(), list[Ledger]()
    really = Ledger.open

    def slowly(*arguments: Any, **options: Any) -> Ledger:
        openings.append(really(*arguments, **options))
        opened.set()
        go_on.wait(10)
        return openings[0]

    monkeypatch.setattr(Ledger, "open", slowly)

    async def main() -> None:
        with pytest.raises(InvalidValueError):
            await AsyncLedger.open(tmp_path / "x.db", origin=ORIGIN, threads=0)
        assert not openings
        opening = asyncio.create_task(AsyncLedger.open(tmp_path / "x.db", origin=ORIGIN))
        await asyncio.to_thread(opened.wait)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        go_on.set()

    run(main())
    with pytest.raises(LedgerClosedError):
        openings[0].record(claim(0))


UNCLOSED = """
import asyncio
from coop_ledger import Ledger
from coop_ledger.aio import AsyncLedger

async def main():
    asyncio.create_task(anext(entries))
    await asyncio.sleep(0.1)

entries = AsyncLedger(Ledger.in_memory()).follow()
asyncio.run(main())
"""


def test_a_program_that_closes_nothing_ends_all_the_same() -> None:
    ended = subprocess.run([sys.executable, "-c", UNCLOSED], capture_output=True, timeout=20, check=True)
    assert ended.stderr == b""
