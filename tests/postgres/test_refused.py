"""What cannot be opened says why and what to do, and what nobody may do is not done."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import pytest

from coop_ledger import Ledger
from coop_ledger.errors import (
    CoopLedgerError,
    InvalidValueError,
    LeafTooLargeError,
    LedgerClosedError,
    LedgerNotFoundError,
    MissingExtraError,
    NotALedgerError,
    SchemaVersionError,
    SettingRefusedError,
    StoreAccessError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMovedError,
    StoreReadOnlyError,
    StoreUnreachableError,
    WrongOriginError,
)
from coop_ledger.log import MAX_LEAF
from coop_ledger.stores import Condition, PostgresStore, found_postgres, is_postgres, system_clock
from coop_ledger.stores.postgres.migrations import MIGRATIONS, migrate
from coop_ledger.stores.postgres.opening import check_server
from coop_ledger.stores.postgres.place import place_of
from coop_ledger.stores.postgres.schema import schema_of
from coop_ledger.testing import ticking
from coop_ledger.testing.store_clauses import made_up
from tests.postgres.databases import execute, new_database, opened
from tests.postgres.server import own_server
from tests.postgres.support import ORIGIN, adding, as_user, ledger_store

psycopg = pytest.importorskip("psycopg")

SCHEMA = schema_of(ORIGIN)


@pytest.fixture
def held() -> Iterator[tuple[PostgresStore, str]]:
    with ledger_store() as found:
        yield found


@pytest.fixture
def database() -> str:
    """A database without a ledger, for tests that leave one there."""
    return new_database()


def refuses(kind: type[CoopLedgerError], work: Callable[[], Any], *words: str) -> CoopLedgerError:
    with pytest.raises(kind) as caught:
        work()
    assert type(caught.value) is kind
    assert caught.value.hint
    for word in words:
        assert word in str(caught.value)
    return caught.value


# Addresses.


@pytest.mark.parametrize(
    ("address", "origin", "shown"),
    [
        ("postgresql://me:secret@db.example:5433/forum", None, "postgresql://me@db.example:5433/forum"),
        ("postgres://db.example/forum?origin=a.example/1", "a.example/1", "postgresql://db.example/forum"),
        ("postgresql:///forum?host=/run/pg&origin=a.example/1", "a.example/1", "postgresql:///forum?host=/run/pg"),
        ("postgresql://", None, "postgresql:///"),
        ("PostgreSQL://me:secret@Db.example/Forum", None, "postgresql://me@Db.example/Forum"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, origin: str | None, shown: str) -> None:
    assert is_postgres(address)
    place = place_of(address)
    assert (place.origin, place.shown) == (origin, shown)
    assert "secret" not in repr(place)


@pytest.mark.parametrize("address", ["postgresql://[secret", "postgresql://a/b?secret"])
def test_what_is_no_address_is_refused_without_showing_it(address: str) -> None:
    error = refuses(InvalidValueError, lambda: place_of(address))
    assert "secret" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("address", ["postgresql+psycopg://me:secret@db/x", " postgresql://me:secret@db/x"])
def test_an_address_that_is_none_of_ours_is_no_file_either(address: str) -> None:
    for given in (address, Path(address)):
        error = refuses(InvalidValueError, lambda: Ledger.open(given, origin=ORIGIN))  # noqa: B023
        assert "secret" not in "".join(traceback.format_exception(error))


def test_a_path_is_no_address() -> None:
    assert not any(is_postgres(one) for one in ("postgresql", Path("postgresql:/x"), "x/postgresql://y", 7, None))


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    server = own_server().address  # while there still is a driver
    for missing in ("psycopg", "psycopg_pool"):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, missing, None)
            address = "postgresql://db/x" if missing == "psycopg" else server
            error = refuses(MissingExtraError, lambda: PostgresStore.open(address, origin=ORIGIN))  # noqa: B023
            assert "pip install '.[postgres]'" in (error.hint or "")


# What is not there, or is another.


def test_no_server(tmp_path: Path) -> None:
    error = refuses(StoreUnreachableError, lambda: Ledger.open(f"postgresql:///x?host={tmp_path}", origin=ORIGIN))
    assert "server runs" in (error.hint or "")


def test_no_database_no_user_wrong_password() -> None:
    server = own_server()
    execute(server.address, "DROP ROLE IF EXISTS locked", "CREATE ROLE locked LOGIN PASSWORD 'right'")
    address = as_user(server.address, "locked")
    for wrong in (
        server.address.replace("/postgres?", "/nothing?"),
        as_user(server.address, "nobody_knows"),
        address,
        as_user(server.address, "locked:wrong"),
    ):
        error = refuses(StoreAccessError, lambda: Ledger.open(wrong, origin=ORIGIN))  # noqa: B023
        assert "wrong" not in str(error)


def test_a_server_without_room_and_one_that_only_reads() -> None:
    """What is told while connecting, in words and without a code."""
    server = own_server()
    execute(
        server.address,
        "DROP ROLE IF EXISTS crowded",
        "CREATE ROLE crowded LOGIN CONNECTION LIMIT 0",
        "DROP ROLE IF EXISTS looking",
        "CREATE ROLE looking LOGIN",
        "ALTER ROLE looking SET default_transaction_read_only = on",
    )
    refuses(StoreBusyError, lambda: Ledger.open(as_user(server.address, "crowded"), origin=ORIGIN), "close some")
    address = adding(as_user(server.address, "looking"), "target_session_attrs=read-write")
    refuses(StoreReadOnlyError, lambda: Ledger.open(address, origin=ORIGIN), "open the primary")


def test_no_ledger(database: str) -> None:
    refuses(LedgerNotFoundError, lambda: Ledger.open(database))
    refuses(LedgerNotFoundError, lambda: Ledger.open(adding(database, f"origin={ORIGIN}")), "coop-ledger init")
    refuses(LedgerNotFoundError, lambda: Ledger.open(database, origin=ORIGIN, readonly=True))
    assert execute(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'ledger%'") == [(0,)]


def test_several_ledgers_in_a_database_do_not_meet(database: str) -> None:
    names = ("first.example/1", "second.example/1")
    for number, name in enumerate(names, 1):
        with Ledger.open(database, origin=name) as ledger:
            assert ledger._store.append([made_up() for _ in range(number)]).size == number
    refuses(LedgerNotFoundError, lambda: Ledger.open(database), *names)
    for number, name in enumerate(names, 1):
        with Ledger.open(adding(database, f"origin={name}"), readonly=True) as ledger:
            assert (ledger.origin, ledger.size) == (name, number)
    refuses(InvalidValueError, lambda: Ledger.open(adding(database, f"origin={names[0]}"), origin=names[1]))


def test_a_second_ledger_with_the_same_origin(database: str) -> None:
    assert found_postgres(database, ORIGIN).new
    with opened(database, ORIGIN, ticking()) as store:
        store.append([made_up()])
        refuses(InvalidValueError, lambda: found_postgres(database, ORIGIN), ORIGIN)
        assert store.head().size == 1


def test_a_table_of_that_name_elsewhere_is_no_ledger(held: tuple[PostgresStore, str]) -> None:
    _, address = held
    execute(address, "CREATE TABLE public.coop_ledger (x integer)")
    try:
        Ledger.open(address).close()
    finally:
        execute(address, "DROP TABLE public.coop_ledger")


def test_what_a_client_sets_changes_no_text(held: tuple[PostgresStore, str]) -> None:
    store, address = held
    with PostgresStore.open(adding(address, "options=-c%20client_encoding%3DLATIN1"), clock=system_clock) as other:
        other.append([made_up(once=("ключ", 0, 1))])
        assert other.once("ключ") == store.once("ключ") != []


def test_something_else_in_the_schema(database: str) -> None:
    execute(database, f"CREATE SCHEMA {SCHEMA}")
    refuses(NotALedgerError, lambda: Ledger.open(database, origin=ORIGIN))
    execute(database, f"CREATE TABLE {SCHEMA}.coop_ledger (origin text, version int)")
    refuses(NotALedgerError, lambda: Ledger.open(database, origin=ORIGIN))
    execute(database, f"INSERT INTO {SCHEMA}.coop_ledger VALUES ('other.example/1', 1)")
    refuses(WrongOriginError, lambda: Ledger.open(database, origin=ORIGIN))


@pytest.mark.parametrize("version", [0, 2])
def test_another_version_of_the_schema(database: str, version: int) -> None:
    opened(database, ORIGIN, ticking()).close()
    execute(database, "SET session_replication_role = replica", f"UPDATE {SCHEMA}.coop_ledger SET version = {version}")
    refuses(SchemaVersionError, lambda: Ledger.open(database, origin=ORIGIN), f"schema {version}")
    refuses(SchemaVersionError, lambda: found_postgres(database, ORIGIN))


@pytest.mark.parametrize(("version", "encoding"), [(130_012, "UTF8"), (160_000, "SQL_ASCII")])
def test_a_server_that_cannot_keep_a_ledger(version: int, encoding: str) -> None:
    refuses(SettingRefusedError, lambda: check_server(version, encoding))


def test_a_server_that_acknowledges_too_soon(held: tuple[PostgresStore, str]) -> None:
    _, address = held
    for setting in ("off", "local", "remote_write"):
        error = refuses(
            SettingRefusedError,
            lambda: Ledger.open(adding(address, f"options=-c%20synchronous_commit%3D{setting}"), origin=ORIGIN),  # noqa: B023
        )
        assert error.found == setting
    Ledger.open(adding(address, "options=-c%20synchronous_commit%3Dremote_apply"), origin=ORIGIN).close()


def test_a_connection_of_later_acknowledges_no_less(database: str) -> None:
    """A setting that was changed after the ledger was opened, or that of a server that took the place of another."""
    with opened(database, ORIGIN, ticking()) as store:
        store.append([made_up()])
        name = urlsplit(database).path.removeprefix("/")
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coop_ledger'"
        execute(database, f"ALTER DATABASE {name} SET synchronous_commit = off", f"{end} AND datname = '{name}'")
        store.append([made_up()])
        with store._connections.taken() as connection:
            assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_migration_keeps_every_leaf_or_is_taken_back(database: str) -> None:
    with opened(database, ORIGIN, ticking()) as store:
        before = store.append([made_up() for _ in range(3)])
        path = f"SET search_path = {SCHEMA}"
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(path)
            connection.execute("ALTER TABLE entries DISABLE TRIGGER entries_keep")
            with pytest.raises(StoreDamagedError):
                migrate(connection, 1, {1: ["UPDATE entries SET leaf = '{}' WHERE position = 1"]}, 2)
            assert connection.execute("SELECT version FROM coop_ledger").fetchone() == (1,)
            migrate(connection, 1, {1: ["ALTER TABLE entries ADD seen boolean"], 2: ["CREATE TABLE more ()"]}, 3)
            assert connection.execute("SELECT version FROM coop_ledger").fetchone() == (3,)
        assert (store.head().size, store.head().root) == (3, before.root)
    refuses(SchemaVersionError, lambda: Ledger.open(database, origin=ORIGIN))


def test_an_older_ledger_is_brought_up_to_date(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(database, ORIGIN, ticking()) as store:
        store.append([made_up() for _ in range(3)])
        head = store.head()
    old = f"UPDATE {SCHEMA}.coop_ledger SET version = 0"
    execute(database, "SET session_replication_role = replica", old)
    monkeypatch.setitem(MIGRATIONS, 0, ["ALTER TABLE head ADD seen integer"])
    founded = found_postgres(database, ORIGIN)
    assert (founded.schema, founded.upgraded_from) == (SCHEMA, 0)
    with opened(database, ORIGIN, ticking()) as store:
        assert store.head() == head
        assert store.append([made_up()]).size == 4


# Rights.


def users(address: str, *names: str) -> dict[str, str]:
    for name in names:
        execute(
            address,
            f"DROP ROLE IF EXISTS {name}",
            f"CREATE ROLE {name} LOGIN" + (f" IN ROLE {SCHEMA}_{name[5:]}" if name != "user_nothing" else ""),
        )
    return {name[5:]: as_user(address, name) for name in names}


def test_the_roles_of_a_ledger() -> None:
    address = new_database()
    founded = found_postgres(address, ORIGIN)
    assert founded.roles == tuple(f"{SCHEMA}_{name}" for name in ("reader", "writer", "redactor"))
    known = users(address, "user_reader", "user_writer", "user_redactor", "user_nothing")
    refuses(StoreAccessError, lambda: Ledger.open(known["nothing"], origin=ORIGIN, readonly=True))
    refuses(StoreAccessError, lambda: Ledger.open(known["nothing"], origin="new.example/1"), "coop-ledger init")
    refuses(StoreAccessError, lambda: found_postgres(known["nothing"], "new.example/1"))
    refuses(StoreReadOnlyError, lambda: Ledger.open(known["reader"], origin=ORIGIN), f"{SCHEMA}_writer")
    with opened(known["writer"], ORIGIN, ticking()) as store:
        store.append([made_up("a:1", once=("key", 0, 1))])
        store.append([made_up("b:1") for _ in range(300)])
        error = refuses(StoreAccessError, lambda: store.erase(0, b"{opening}", None, made_up()))
        assert "_redactor" in (error.hint or "")
        assert store.head().size == 301
        assert store.openings(0) == b"{opening}"
    with opened(known["redactor"], ORIGIN, ticking()) as store:
        assert store.erase(0, b"{opening}", b"{}", made_up()).size == 302
        assert store.leftovers([b"opening"]) == [b"opening"]  # it may not look into the files of the server
    with PostgresStore.open(known["reader"], readonly=True, clock=system_clock) as store:
        assert store.head().size == 302
        assert len(store.read((("a:1",),))) == 1
        refuses(StoreReadOnlyError, lambda: store.append([made_up()]))
    assert execute(known["reader"], f"SELECT last_value FROM {SCHEMA}.labels_number_seq")  # as pg_dump does
    for name in ("reader", "writer", "redactor"):
        for table in ("entries", "once", "openings", "labels", "labelled", "tiles", "head", "coop_ledger"):
            for statement in (f"DELETE FROM {SCHEMA}.{table}", f"TRUNCATE {SCHEMA}.{table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    execute(known[name], statement)


def test_roles_that_may_not_do_what_they_are_for_are_completed() -> None:
    address = new_database()
    founded = found_postgres(address, ORIGIN)
    for taken in (f"EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA}", f"UPDATE ON {SCHEMA}.turn"):
        execute(address, *(f"REVOKE {taken} FROM {role}" for role in founded.roles))
        assert not found_postgres(address, ORIGIN).new
        refuses(InvalidValueError, lambda: found_postgres(address, ORIGIN), "another origin")


def test_a_ledger_without_its_roles_gets_them(database: str) -> None:
    origin = "late.example/1"
    with Ledger.open(database, origin=origin) as ledger:
        ledger._store.append([made_up()])
        founded = found_postgres(database, origin)
        assert (founded.upgraded_from, founded.new) == (None, False)
        assert ledger.size == 1
    refuses(InvalidValueError, lambda: found_postgres(database, origin), origin)
    other = new_database()  # roles are the server's, and what they may do a database's
    Ledger.open(other, origin=origin).close()
    assert found_postgres(other, origin) == founded
    for address in (database, other):
        execute(address, "DROP ROLE IF EXISTS late", f"CREATE ROLE late LOGIN IN ROLE {founded.roles[0]}")
        with PostgresStore.open(as_user(address, "late"), origin=origin, readonly=True) as store:
            assert store.head().size == (address == database)


def test_who_may_make_schemas_and_no_roles_makes_nothing(database: str) -> None:
    name = urlsplit(database).path.removeprefix("/")
    execute(
        database,
        "DROP ROLE IF EXISTS user_maker",
        "CREATE ROLE user_maker LOGIN",
        f"GRANT CREATE ON DATABASE {name} TO user_maker",
    )
    maker, origin = as_user(database, "user_maker"), "roleless.example/1"
    refuses(StoreAccessError, lambda: found_postgres(maker, origin), "CREATEROLE")
    assert execute(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'ledger%'") == [(0,)]
    with Ledger.open(maker, origin=origin) as ledger:  # a ledger without roles is one all the same
        assert ledger.size == 0


@pytest.mark.parametrize("lost", [[], ["reader", "writer", "redactor"], ["redactor"]])
def test_a_ledger_that_lacks_roles_or_their_rights_gets_them(lost: list[str]) -> None:
    """Copied, opened or restored without ``init``; the roles may be there, from another database of the server."""
    address, origin = new_database(), f"late.example/{token_hex(4)}"  # roles outlive databases
    Ledger.open(address, origin=origin).close()
    founded = found_postgres(address, origin)
    assert (founded.new, founded.upgraded_from, len(founded.roles)) == (False, None, 3)
    for name in lost:
        role = f"{founded.schema}_{name}"
        execute(address, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    if lost:
        assert found_postgres(address, origin) == founded
    else:
        execute(address, f"REVOKE INSERT ON {founded.schema}.entries FROM {founded.schema}_writer")
        assert found_postgres(address, origin) == founded
    refuses(InvalidValueError, lambda: found_postgres(address, origin), "record into it")
    other = new_database()  # of the same server, which has the roles by now
    Ledger.open(other, origin=origin).close()
    assert found_postgres(other, origin) == founded
    execute(other, "DROP ROLE IF EXISTS user_late", f"CREATE ROLE user_late LOGIN IN ROLE {founded.schema}_writer")
    with opened(as_user(other, "user_late"), origin, ticking()) as store:
        assert store.append([made_up()]).size == 1


def test_who_may_not_grant_roles_that_others_made_makes_nothing(database: str) -> None:
    name, origin = urlsplit(database).path.removeprefix("/"), f"others.example/{token_hex(4)}"
    found_postgres(new_database(), origin)
    execute(
        database,
        "DROP ROLE IF EXISTS user_second",
        "CREATE ROLE user_second LOGIN CREATEROLE",
        f"GRANT CREATE ON DATABASE {name} TO user_second",
    )
    version = int(execute(database, "SHOW server_version_num")[0][0])
    if version < 160000:
        pytest.skip("until PostgreSQL 16 who may make roles may grant all of them")
    refuses(StoreAccessError, lambda: found_postgres(as_user(database, "user_second"), origin), "who made the roles")
    assert execute(database, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'ledger%'") == [(0,)]


def test_who_begins_at_the_same_time_begins_one_ledger(database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: Ledger.open(database, origin=ORIGIN), range(4)))
    for number, ledger in enumerate(found, 1):
        assert ledger._store.append([made_up()]).size == number
        ledger.close()


@pytest.mark.parametrize(
    "statement",
    [
        *(f"DELETE FROM {table}" for table in ("entries", "once", "openings", "labels", "labelled", "tiles", "head")),
        *(f"TRUNCATE {table}" for table in ("entries", "openings", "head", "coop_ledger")),
        "UPDATE entries SET leaf = ''",
        "UPDATE labelled SET position = 9",
        "UPDATE openings SET blob = blob || 'x'",
        "UPDATE openings SET position = 9",
        "UPDATE head SET size = 0",
        "UPDATE head SET recorded_at = '2000', size = 9",
        "UPDATE coop_ledger SET origin = 'x'",
    ],
)
def test_not_even_the_owner_changes_or_removes_by_accident(held: tuple[PostgresStore, str], statement: str) -> None:
    store, address = held
    store.append([made_up(once=("key", 0, 1))])
    with pytest.raises(psycopg.errors.RaiseException, match="a ledger only grows"):
        execute(address, f"SET search_path = {SCHEMA}", statement)


def test_the_hash_of_a_leaf_cannot_be_written(held: tuple[PostgresStore, str]) -> None:
    _, address = held
    with pytest.raises(psycopg.errors.GeneratedAlways):
        execute(address, f"INSERT INTO {SCHEMA}.entries (position, id, leaf, hash) VALUES (0, 'x', 'x', 'x')")


# What a ledger that is open is told.


def test_what_the_database_cannot_hold(held: tuple[PostgresStore, str]) -> None:
    store, _ = held
    for text in ("a\x00b", "a\ud800"):
        for draft in (made_up(text), made_up()._replace(id=text), made_up(once=(text, 0, 1))):
            refuses(InvalidValueError, lambda: store.append([draft]))  # noqa: B023
            with pytest.raises(InvalidValueError):
                store.append([draft, *(made_up() for _ in range(100))])
        assert store.entry(text) is None
        assert store.once(text) == []
        assert store.labels(text) == []
        assert store.read(((text,), ("b", text))) == []
        assert store.append([made_up()], [Condition(((text,),), 0)]).size
    assert store.head().size == 2


def test_a_leaf_that_is_too_large_and_a_key_that_stands_twice(held: tuple[PostgresStore, str]) -> None:
    store, _ = held
    large = made_up()._replace(head=b"x" * (MAX_LEAF - 60))
    for few in (1, 100):
        with pytest.raises(LeafTooLargeError):
            store.append([large, *(made_up() for _ in range(few - 1))])
        with pytest.raises(CoopLedgerError, match="key"):
            store.append([made_up(once=("key", 0, 2)), made_up(once=("key", 0, 2)), *(made_up() for _ in range(few))])
    assert store.head().size == 0


def test_a_writer_who_waits_too_long(held: tuple[PostgresStore, str]) -> None:
    _, address = held
    with psycopg.connect(address) as other, opened(address, ORIGIN, ticking(), timeout_s=0.2) as store:
        other.execute(f"SELECT * FROM {SCHEMA}.head FOR UPDATE")
        for drafts in ([made_up()], [made_up() for _ in range(100)]):
            refuses(StoreBusyError, lambda: store.append(drafts))  # noqa: B023
        other.rollback()
        assert store.append([made_up()]).size == 1


def test_a_ledger_that_was_removed_or_damaged(database: str) -> None:
    with opened(database, ORIGIN, ticking()) as store:
        store.append([made_up()])
        execute(database, "SET session_replication_role = replica", f"UPDATE {SCHEMA}.head SET size = 3")
        refuses(StoreDamagedError, store.head)
        execute(database, "SET session_replication_role = replica", f"DELETE FROM {SCHEMA}.head")
        refuses(StoreDamagedError, store.head)
        with pytest.raises(StoreError):
            store.append([made_up()])
        execute(database, f"DROP SCHEMA {SCHEMA} CASCADE")
        for use in (store.head, lambda: store.append([made_up()])):
            refuses(StoreMovedError, use)


def test_an_address_of_several_servers_that_asks_for_the_primary(held: tuple[PostgresStore, str]) -> None:
    store, address = held
    store.append([made_up()])
    with PostgresStore.open(adding(address, "target_session_attrs=read-write"), readonly=True) as reader:
        assert reader.head() == store.head()


def test_all_connections_in_use(held: tuple[PostgresStore, str]) -> None:
    _, address = held
    with opened(address, ORIGIN, ticking(), timeout_s=0.2) as store:
        taken = [store._connections.taken() for _ in range(8)]
        for one in taken:
            one.__enter__()
        with pytest.raises(StoreBusyError):
            store.append([made_up()])
        for one in taken:
            one.__exit__(None, None, None)
        assert store.append([made_up()]).size == 1


def test_who_waits_for_a_connection_is_told_that_the_ledger_was_closed(held: tuple[PostgresStore, str]) -> None:
    _, address = held
    with opened(address, ORIGIN, ticking()) as store, ThreadPoolExecutor(2) as threads:
        taken = [store._connections.taken() for _ in range(8)]
        for one in taken:
            one.__enter__()
        told: list[Future[Any]] = [threads.submit(store.append, [made_up()]), threads.submit(store.head)]
        while store._connections._pool.get_stats()["requests_waiting"] < 2:
            pass
        store.close()
        for future in told:
            with pytest.raises(LedgerClosedError):
                future.result(10)
        for one in taken:
            one.__exit__(None, None, None)
