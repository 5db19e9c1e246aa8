"""
A ledger for programs with an event loop: the same ledger, its calls made in threads. Nothing is implemented twice.

Every call of :class:`AsyncLedger` is a call of the ledger in one of a few threads. Who is cancelled stops waiting; a
call that had begun goes on to its end, so that nothing is ever recorded by half.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event, Lock, Thread
from typing import Concatenate, Final, ParamSpec, TypeVar

from coop_ledger.domain import Act, Claim, Entry
from coop_ledger.errors import InvalidValueError, LedgerClosedError, repr_of
from coop_ledger.following import Follower
from coop_ledger.ledger import Ledger
from coop_ledger.query import Condition, Query
from coop_ledger.recording import Receipt

__all__ = ["AsyncFollower", "AsyncLedger"]

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 4


class AsyncLedger:
    """
    A ledger whose calls are awaited.

    Args:
        ledger: The ledger, which is closed with this.
        threads: How many of its calls are made at a time, at most; each thread has its own connection.

    >>> import asyncio
    >>> from coop_ledger import Source, announced, events as ev
    >>> async def main():
    ...     async with AsyncLedger(Ledger.in_memory()) as ledger:
    ...         claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))
    ...         await ledger.record(claim)
    ...         return await ledger.ask(Ledger.institution, "kcac")
    >>> asyncio.run(main()).status
    <Status.PLANNED: 'planned'>
    """

    def __init__(self, ledger: Ledger, *, threads: int = _THREADS) -> None:
        _check_threads(threads)
        self._ledger = ledger
        self._threads = ThreadPoolExecutor(threads, "coop-ledger")
        self._followers: weakref.WeakSet[AsyncFollower] = weakref.WeakSet()
        self._closed = False

    @classmethod
    async def open(
        cls,
        path: str | os.PathLike[str],
        *,
        origin: str | None = None,
        readonly: bool = False,
        recorder: str = "unnamed",
        timeout_s: float = 30.0,
        threads: int = _THREADS,
    ) -> AsyncLedger:
        """
        Open a ledger at a path or address; arguments and errors of :meth:`Ledger.open`, and *threads* as above.

        Who is cancelled meanwhile leaves nothing open.
        """
        _check_threads(threads)
        opening = partial(
            Ledger.open, path, origin=origin, readonly=readonly, recorder=recorder, timeout_s=timeout_s
        )  # fmt: skip
        opened = asyncio.get_running_loop().run_in_executor(None, opening)
        try:
            return cls(await asyncio.shield(opened), threads=threads)
        except asyncio.CancelledError:
            opened.add_done_callback(_close_what_nobody_has)
            raise

    async def record(
        self,
        *bodies: Claim | Act,
        once: str | None = None,
        condition: Condition | None = None,
        strict: bool = False,
    ) -> Receipt:
        """
        Record claims and acts; arguments and errors of :meth:`Ledger.record`.

        Who is cancelled meanwhile does not know whether it was recorded: the same call with the same *once* tells.
        """
        return await self.ask(Ledger.record, *bodies, once=once, condition=condition, strict=strict)

    async def ask(self, question: Callable[Concatenate[Ledger, P], T], /, *arguments: P.args, **options: P.kwargs) -> T:
        """
        Anything else that a ledger can do: ``await ledger.ask(Ledger.institution, "kcac-secretariat")``.

        Args:
            question: A method of ``Ledger``, or any function of a ledger; it is called in a thread. What it gives
                should be whole: for entries, ``lambda ledger: list(ledger.entries())``.
            arguments: What it is given behind the ledger.
            options: What it is given by name.

        Raises:
            InvalidValueError: *question* cannot be called, like a property: ``lambda ledger: ledger.size`` can.
            LedgerClosedError: This was closed.
        """
        self._check_open()
        if not callable(question):
            raise InvalidValueError(
                "this is no question to a ledger", where="question", expected="a method of Ledger, or a function",
                found=repr_of(question)[:80], hint="ask for what is no method like this: lambda ledger: ledger.size",
            )  # fmt: skip
        call = partial(question, self._ledger, *arguments, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def follow(self, query: Query | None = None, *, after: int = -1) -> AsyncFollower:
        """
        Entries, and those that are still to come, for ``async for``; arguments of :meth:`Ledger.follow`.

        What is wrong with the arguments is raised by the first step, or by ``begin``.
        """
        self._check_open()
        follower = AsyncFollower(partial(self._ledger.follow, query, after=after))
        self._followers.add(follower)
        return follower

    def _check_open(self) -> None:
        if self._closed:
            raise LedgerClosedError("the ledger is closed", hint="open it again")

    async def close(self) -> None:
        """End all that is followed, wait for calls that have begun, and close the ledger."""
        self._closed = True
        for follower in list(self._followers):
            await follower.close()
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._ledger.close)

    async def __aenter__(self) -> AsyncLedger:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _check_threads(threads: object) -> None:
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise InvalidValueError(
            "so many threads there cannot be", where="threads", expected="1 or more", found=repr_of(threads)[:80]
        )


def _close_what_nobody_has(opened: asyncio.Future[Ledger]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result().close()


class _Feed:
    """What the threads of a follower work on; it does not know the follower, who may be forgotten."""

    def __init__(self, begin: Callable[[], Follower]) -> None:
        self._begin = begin
        self._follower: Follower | None = None
        self._lock = Lock()
        self.stopped = Event()

    def called(self, work: Callable[[], T]) -> Future[T]:
        """Have something done in a thread, one thing at a time; a program that ends does not wait for it."""
        future = Future[T]()
        Thread(target=self._call, args=(work, future), name="coop-ledger-follow", daemon=True).start()
        return future

    def _call(self, work: Callable[[], T], future: Future[T]) -> None:
        with self._lock:
            if not future.set_running_or_notify_cancel():
                return  # nobody waits for it any more
            try:
                future.set_result(work())
            except BaseException as error:  # raised by whoever asks for the result
                future.set_exception(error)

    def begin(self) -> Follower:
        """In a thread: what gives the entries."""
        if self._follower is None:
            if self.stopped.is_set():
                raise LedgerClosedError("it was stopped before it began", hint="follow the ledger anew")
            self._follower = self._begin()
        return self._follower

    def page(self) -> list[Entry]:
        """In a thread: the next entries, waited for."""
        if self.stopped.is_set():
            return []
        follower = self.begin()
        return [] if self.stopped.is_set() else follower.page()

    def stop(self) -> None:
        self.stopped.set()
        if self._follower is not None:
            self._follower.stop()

    def close(self) -> None:
        """Give back what it waits with, when the thread is done."""
        with self._lock:
            if self._follower is not None:
                self._follower.close()


class AsyncFollower(AsyncIterator[Entry]):
    """
    Entries as they are recorded, for one task at a time; made by :meth:`AsyncLedger.follow`.

    A step that is cancelled loses nothing: the next one gives what it would have given. ``async with`` ends it.
    """

    def __init__(self, begin: Callable[[], Follower]) -> None:
        self._feed = _Feed(begin)
        self._held: deque[Entry] = deque()
        self._page: Future[list[Entry]] | None = None
        self._awaited: asyncio.Future[list[Entry]] | None = None
        weakref.finalize(self, self._feed.stop)  # whoever forgets it does not keep its thread

    async def begin(self) -> AsyncFollower:
        """Begin before the first step; errors of :meth:`Ledger.follow`, and ``LedgerClosedError`` once it ended."""
        await asyncio.wrap_future(self._feed.called(self._feed.begin))
        return self

    async def __anext__(self) -> Entry:
        """The next entry; waits for it."""
        while not self._held and not self._feed.stopped.is_set():
            if self._page is None:
                self._page = self._feed.called(self._feed.page)
            if self._awaited is None or self._awaited.get_loop() is not asyncio.get_running_loop():
                self._awaited = asyncio.wrap_future(self._page)  # which may outlive an event loop
                self._awaited.add_done_callback(_looked_at)
            await asyncio.wait([self._awaited])  # which, unlike the page itself, can be cancelled and loses nothing
            page, self._page, self._awaited = self._awaited, None, None
            self._held.extend(page.result())
        if self._feed.stopped.is_set():
            raise StopAsyncIteration
        return self._held.popleft()

    def stop(self) -> None:
        """End it: who waits stops waiting, and no entry is given any more."""
        self._feed.stop()

    async def close(self) -> None:
        """Stop, and give back what it waits with; a second call does nothing."""
        self._feed.stop()
        await asyncio.to_thread(self._feed.close)

    async def __aenter__(self) -> AsyncFollower:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _looked_at(page: asyncio.Future[list[Entry]]) -> None:
    """An error that comes when nobody waits any more is raised by the next step."""
    if not page.cancelled():
        page.exception()
