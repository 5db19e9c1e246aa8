"""
What happens when the connection breaks while something is recorded: nobody is told twice, and nothing is lost unsaid.

A server that takes a call may commit it and never get to say so. Ids are drawn anew for every call, so that an id that
is there is the call's own. The call is sent again under the same ids; if it is refused, it is looked for: as a writer,
whose own commit waits for replicas, so that what none had confirmed when it was cut is not told as if one had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from coop_ledger.errors import CoopLedgerError, StoreError, StoreUncertainError, StoreUnreachableError
from coop_ledger.stores.base import Draft, Placed, Restored, Store, root_at
from coop_ledger.stores.postgres.connections import Connections
from coop_ledger.stores.postgres.statements import FOUND, WAIT

if TYPE_CHECKING:
    import psycopg

__all__ = ["Found", "committed_once", "recorded_once"]

T = TypeVar("T")
Kept = TypeVar("Kept", bound=Draft | Restored)


class Found(NamedTuple):
    """The first entry of a call that was recorded although nobody was told."""

    store: Store
    position: int
    leaf: bytes

    def placed(self, drafts: Sequence[Draft]) -> Placed:
        """What the call would have given."""
        first = drafts[0]
        part = self.leaf[len(first.head) : len(self.leaf) - len(first.tail)].decode("ascii")
        end = self.position + len(drafts)
        recorded_at = part.partition('"recorded_at":"')[2].partition('"')[0]
        return Placed(range(self.position, end), recorded_at, "recorded_clamped" in part, end, root_at(self.store, end))


def _uncertain(connections: Connections, first: Draft | Restored) -> StoreUncertainError:
    """What is told of a call of which nobody knows; *first* is the first entry of it."""
    hint = "when the server is there again, make the same call again, with its once key"
    if first.once is None:
        hint = f"when the server is there again, look whether it has entry {first.id}; only if not, make the call again"
    return StoreUncertainError(
        "the server went away before it answered: it may be recorded", where=connections.place.shown, hint=hint
    )


def recorded_once(
    attempt: Callable[[psycopg.Connection[Any]], Placed],
    drafts: Sequence[Draft],
    connections: Connections,
    find: Callable[[str, str], Found | None],
) -> Placed:
    """
    Record drafts; where the connection breaks, record them again, unless they are there by now.

    Args:
        attempt: Records them in one transaction.
        drafts: What is recorded.
        connections: Where.
        find: Looks for the first and the last of them, by id.

    Raises:
        StoreUncertainError: The server does not come back.
        Exception: Whatever *attempt* raises.
    """
    sent = False
    try:
        with connections.taken() as connection:
            sent = True
            return attempt(connection)
    except StoreUnreachableError as error:
        if not sent:
            raise
        broke = error

    try:
        connections.renew()
        try:
            with connections.taken() as connection:
                return attempt(connection)
        except StoreUnreachableError:
            raise
        except CoopLedgerError as error:  # perhaps because of itself: the first try was recorded
            refusal = error
        there = find(drafts[0].id, drafts[-1].id)
        if there is not None:
            return there.placed(drafts)
    except StoreError:  # whatever it is: it does not say that the first try was not recorded
        raise _uncertain(connections, drafts[0]) from broke
    raise refusal


def committed_once(
    work: Callable[[psycopg.Connection[Any], Iterable[Sequence[Kept]]], T],
    pages: Iterator[list[Kept]],
    connections: Connections,
) -> T:
    """
    Do something with pages that come once, in one transaction; where its end is not told, look whether it stands.

    Args:
        work: Writes the pages.
        pages: What is written.
        connections: Where.

    Raises:
        StoreUnreachableError: The connection broke; nothing was recorded.
        StoreUncertainError: It broke at the very end, and the server does not come back.
        Exception: Whatever *work* and *pages* raise; nothing was recorded.
    """
    first: list[Kept] = []
    done: list[T] = []

    def noted() -> Iterator[list[Kept]]:
        for page in pages:
            first[:] = first or page[:1]  # and of no later page: they are more than memory holds
            yield page

    try:
        with connections.taken() as connection, connection.transaction():
            done.append(work(connection, noted()))
        return done[0]
    except StoreUnreachableError as error:
        if not done:
            raise
        if not first:  # there was nothing to record
            return done[0]
        broke = error
    try:
        connections.renew()
        with connections.taken() as connection, connection.transaction():
            connection.execute(WAIT)  # for the end of what was cut
            row = connection.execute(FOUND, (first[0].id,)).fetchone()
    except StoreError:  # a server that is busy, or may only be read by now, says as little as one that is gone
        raise _uncertain(connections, first[0]) from broke
    if row is None:
        raise broke
    return done[0]
