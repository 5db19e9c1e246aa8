"""Ledgers of a test of their own, each in a database of its own; users who may only do this or that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest

from coop_ledger.stores import PostgresStore
from coop_ledger.testing import ticking
from tests.postgres.databases import fresh, give_back, opened

__all__ = ["ORIGIN", "adding", "as_user", "ledger_store", "socket_folder"]

ORIGIN = "test.example/1"


@contextmanager
def ledger_store() -> Iterator[tuple[PostgresStore, str]]:
    """A store, and the address of its database, which serves another test after that."""
    address = fresh(ORIGIN)
    with opened(address, ORIGIN, ticking(), timeout_s=10) as store:
        yield store, address
    give_back(ORIGIN, address)


def socket_folder(address: str) -> str:
    """The folder of the server's socket; without one nothing can be put between, and the test is skipped."""
    folder = urlsplit(address).query.removeprefix("host=")
    if not folder.startswith("/"):
        pytest.skip("needs a server that listens on a socket of the file system")
    return folder


def adding(address: str, parameter: str) -> str:
    """The same address with one parameter more."""
    return f"{address}{'&' if '?' in address else '?'}{parameter}"


def as_user(address: str, user: str) -> str:
    """The same address for another user."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}"))
