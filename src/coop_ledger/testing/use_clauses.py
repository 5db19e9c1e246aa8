"""
The clauses about who may use a store: threads together, nobody after it was closed, no process that was forked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Thread
from typing import Final

from coop_ledger.errors import ForkedProcessError, LedgerClosedError
from coop_ledger.stores import Store, Watch
from coop_ledger.testing.clauses import clause, differing, refused
from coop_ledger.testing.store_clauses import StoreClauses, alike, held, in_a_fork, made_up, uses
from coop_ledger.testing.twins import read_all

__all__ = ["UseClauses"]

_SOON_S: Final = 3.0
"""How long a wait may take to hear that it is over."""


def _waiting(watch: Watch, size: int) -> tuple[Thread, list[bool]]:
    """A thread that waits, and what its wait gave, once it did."""
    given = list[bool]()
    thread = Thread(target=lambda: given.append(watch.wait(size)), daemon=True)
    thread.start()
    return thread, given


def _is_forked(use: Callable[[], object]) -> bool:
    """Whether a use is refused because of a fork."""
    try:
        use()
    except ForkedProcessError:
        return True
    except Exception:
        return False
    return False


class UseClauses(StoreClauses):
    """Threads, closing, forks."""

    @clause
    def test_threads_share_a_store(self, store: Store) -> None:
        """Threads share a store: every entry that one of them was told of is there, at its own position."""
        told: list[tuple[int, str]] = []

        def write() -> None:
            for _ in range(10):
                drafts = [made_up(), made_up()]
                told.extend(zip(store.append(drafts).positions, (draft.id for draft in drafts), strict=True))

        threads = [Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        differing("the entries", sorted(told), [(stored.position, stored.id) for stored in read_all(store)])
        differing("the size", 60, store.head().size)

    @clause
    def test_a_wait_ends_when_the_log_grows(self, store: Store) -> None:
        """A watch waits until the log has more entries than it was told, and does not wait where it has."""
        store.append([made_up(), made_up()])
        watch = store.watch()
        differing("a wait for what is there", True, watch.wait(1))
        thread, given = _waiting(watch, 2)
        thread.join(0.1)
        differing("what a wait gave before the log grew", [], given)
        store.append([made_up()])
        thread.join(_SOON_S)
        differing("what a wait gave soon after the log grew", [True], given)
        differing("a wait for what was there before", True, watch.wait(0))
        watch.close()
        watch.close()

    @clause
    def test_a_wait_can_be_stopped(self, store: Store) -> None:
        """A wait ends when another thread stops it, and so do all that come after."""
        store.append([made_up()])
        watch = store.watch()
        thread, given = _waiting(watch, 1)
        watch.stop()
        thread.join(_SOON_S)
        differing("what a wait gave soon after it was stopped", [False], given)
        differing("a wait after that", False, watch.wait(1))
        watch.close()

    @clause
    def test_closed_is_closed(self, store: Store) -> None:
        """A store that was closed says so at every use, and may be closed again."""
        store.append([made_up()])
        store.close()
        store.close()
        for use in uses(store).values():
            refused(LedgerClosedError, use)

    @clause
    def test_a_fork_may_not_use_the_store(self, store: Store) -> None:
        """A store that was opened before a fork refuses every use in it, and stays what it was for its opener."""
        store.append([made_up()])
        before = held(store)
        if hasattr(os, "fork"):
            used = in_a_fork(lambda: [what for what, use in uses(store).items() if not _is_forked(use)])
            differing("what a fork may do", [], used)
        alike("the store after a fork", before, store)
        differing("the size", 2, store.append([made_up()]).size)
