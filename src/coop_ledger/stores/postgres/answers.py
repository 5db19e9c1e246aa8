"""
The driver of PostgreSQL, loaded when it is first needed; and what the server answers, as errors of ours.

Every error of driver and server leaves this package as one of ours (:func:`translated`). Knows no table, only the names
of constraints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Final

from coop_ledger.errors import (
    AppendConflictError,
    CoopLedgerError,
    InvalidValueError,
    KeyTakenError,
    LeafTooLargeError,
    MissingExtraError,
    StoreAccessError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreMovedError,
    StoreReadOnlyError,
    StoreUnreachableError,
)
from coop_ledger.log import MAX_LEAF
from coop_ledger.stores.base import beyond, erased_meanwhile
from coop_ledger.stores.postgres.functions import CONFLICT, KEY_TAKEN, OPENINGS_CHANGED

if TYPE_CHECKING:
    import psycopg

__all__ = ["driver", "pools", "translated"]

_HINT: Final = "try again, with the same once key"
_REPLICA: Final = "open the primary, or the ledger with readonly=True"
_MOVED: Final = (StoreMovedError, "the ledger was removed or replaced", "open the ledger again")
_REACH: Final = "look whether the server runs and can be reached; then try again, what records with the same once key"
_BY_STATE: Final[dict[str, tuple[type[StoreError], str, str]]] = {
    "25006": (StoreReadOnlyError, "this server, or this user, may only read", _REPLICA),
    "3D000": (StoreAccessError, "there is no such database", "make it first, with createdb"),
    "42501": (
        StoreAccessError,
        "the user may not do this",
        "let an owner grant the role of the ledger that may: …_reader, …_writer or …_redactor",
    ),
    "42P01": _MOVED,
    "42883": _MOVED,
    "3F000": _MOVED,
    "55P03": (StoreBusyError, "another writer holds the ledger", _HINT),
    "57014": (StoreBusyError, "it took longer than the server allows", _HINT),
    "40001": (StoreBusyError, "another writer was quicker", _HINT),
    "40P01": (StoreBusyError, "another writer was quicker", _HINT),
    "53300": (StoreBusyError, "the server takes no more connections", "close some, or allow more; then try again"),
    "P0001": (StoreError, "the ledger refuses it", "entries are never changed or removed"),
}
_BY_CLASS: Final[dict[str, tuple[type[StoreError], str, str]]] = {
    "08": (StoreUnreachableError, "the connection broke", _REACH),
    "57": (StoreUnreachableError, "the server stops, or is not ready yet", _REACH),
    "28": (
        StoreAccessError,
        "the server refuses the user, or has no such database",
        "check user, password and the name of the database, and pg_hba.conf of the server",
    ),
    "53": (StoreFullError, "the server has no room for it", "make room there and record again"),
    "58": (StoreError, "the system of the server could not do it", "look after the server's disk, and at its log"),
    "XX": (StoreDamagedError, "the database is damaged", "restore a backup that verifies"),
    "23": (
        StoreDamagedError,
        "the database holds rows that no writer of ours left there",
        "restore a backup that verifies",
    ),
}
_OTHER: Final = (StoreError, "the database could not do it", "nothing was recorded; see the cause")
_LOST: Final = (StoreUnreachableError, "the server gives no answer", _REACH)
_ONLY_READS: Final = ("session is read-only", "server is in hot standby mode")
_REFUSED: Final = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "role ", "database ")


def driver() -> ModuleType:
    """
    The package ``psycopg``.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError as error:
        raise _missing(error) from error
    return psycopg


def pools() -> ModuleType:
    """
    The package ``psycopg_pool``.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import psycopg_pool
    except ImportError as error:
        raise _missing(error) from error
    import logging

    log = logging.getLogger("psycopg.pool")
    if not log.handlers:  # what it has to say of lost connections we say; who wants its words sets up logging
        log.addHandler(logging.NullHandler())
    return psycopg_pool


def _missing(error: ImportError) -> MissingExtraError:
    return MissingExtraError(
        "a ledger in PostgreSQL needs a package that is not installed", found=str(error),
        hint="in a checkout of coop_ledger, run: pip install '.[postgres]'",
    )  # fmt: skip


@contextmanager
def translated(where: str) -> Iterator[None]:
    """
    Turn errors of driver and server into ours.

    Args:
        where: The ledger, without its password.

    Raises:
        StoreError: The one that fits, chained to the server's; or one that a store is to raise by its contract.
    """
    psycopg = driver()
    try:
        yield
    except psycopg.Error as error:
        raise _ours(error, where) from error
    except UnicodeEncodeError as error:
        raise InvalidValueError(
            "the database holds no such text", where=where, found=ascii(error.object)[:80], hint="take the sign out"
        ) from error


def _ours(error: psycopg.Error, where: str) -> CoopLedgerError:
    state = error.sqlstate or ""
    if state.startswith("CL"):
        return _refused(state, error.diag.message_detail or "")
    if state[:2] == "23":
        known = _constrained(error.diag.constraint_name or "")
        if known is not None:
            return known
    if state[:2] == "22" or (not state and isinstance(error, driver().DataError)):
        return InvalidValueError(
            "the database holds no such text", where=where, found=_words(error), hint="take the sign out"
        )
    if not state and isinstance(error, driver().OperationalError | driver().InterfaceError):
        kind, what, hint = _while_connecting(_words(error))
    else:
        kind, what, hint = _BY_STATE.get(state) or _BY_CLASS.get(state[:2]) or _OTHER
    return kind(what, where=where, found=f"{state} {_words(error)}".strip(), hint=hint)


def _words(error: psycopg.Error) -> str:
    """The first line of what the server said."""
    return (error.diag.message_primary or str(error) or type(error).__name__).splitlines()[0][:200]


def _while_connecting(words: str) -> tuple[type[StoreError], str, str]:
    """What is meant by words without a code: all that the driver tells of a connection that it did not get."""
    if _is_refusal(words):
        return _BY_CLASS["28"]
    if "too many" in words:  # connections, or clients
        return _BY_STATE["53300"]
    if any(one in words for one in _ONLY_READS):
        return _BY_STATE["25006"]
    return _LOST


def _is_refusal(words: str) -> bool:
    """Whether a server that was reached did not let the user in; while connecting the driver tells no more."""
    _, fatal, reason = words.partition("FATAL: ")
    return any(one in (reason or words) for one in _REFUSED[:3]) or bool(fatal and reason.strip().startswith(_REFUSED))


def _refused(state: str, detail: str) -> CoopLedgerError:
    """What one of the functions of the schema refuses."""
    if state == KEY_TAKEN:
        return KeyTakenError(detail)
    if state == OPENINGS_CHANGED:
        return erased_meanwhile(int(detail))
    since, found = json.loads(detail)
    if state == CONFLICT:
        return AppendConflictError(
            "the log has changed", positions=tuple(found), since=since, hint="read again and decide anew"
        )
    return beyond(since, found)


def _constrained(constraint: str) -> CoopLedgerError | None:
    if constraint == "entries_id":
        return InvalidValueError("an entry id stands twice", where="id")
    if constraint == "entries_leaf":
        return LeafTooLargeError(
            "the entry is too large", expected=f"at most {MAX_LEAF} bytes", found="more",
            hint="shorten its texts or split it into several claims",
        )  # fmt: skip
    return None
