"""
Finding the ledger in a database, or making it; what is looked at before anybody may rely on it. Knows no entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coop_ledger.errors import (
    LedgerNotFoundError,
    NotALedgerError,
    SchemaVersionError,
    SettingRefusedError,
    StoreAccessError,
    StoreReadOnlyError,
    WrongOriginError,
)
from coop_ledger.stores.postgres.answers import driver
from coop_ledger.stores.postgres.connections import DURABLE, connected
from coop_ledger.stores.postgres.functions import TURN
from coop_ledger.stores.postgres.place import Place, place_of
from coop_ledger.stores.postgres.schema import MARK, POSTGRES_SCHEMA_VERSION, schema_of, statements

if TYPE_CHECKING:
    import psycopg

__all__ = ["check_server", "check_version", "find", "find_or_make", "is_made", "make", "unmake"]

_OLDEST: Final = 140000  # PostgreSQL 14, as server_version_num has it


def check_server(version: int, encoding: str) -> None:
    """
    Refuse a server that cannot keep a ledger.

    Args:
        version: ``server_version_num``.
        encoding: ``server_encoding``.

    Raises:
        SettingRefusedError: Too old, or a database that is not in UTF-8.
    """
    if version < _OLDEST:
        raise SettingRefusedError(
            "the server is too old", where="server_version_num", expected=f"{_OLDEST} or more", found=str(version),
            hint="use PostgreSQL 14 or later",
        )  # fmt: skip
    if encoding != "UTF8":
        raise SettingRefusedError(
            "the database keeps texts otherwise", where="server_encoding", expected="UTF8", found=encoding,
            hint="make the database with ENCODING 'UTF8'",
        )  # fmt: skip


def check_version(found: int, where: str) -> None:
    """
    Refuse a ledger of another version of the schema.

    Raises:
        SchemaVersionError: As said.
    """
    if found != POSTGRES_SCHEMA_VERSION:
        hint = "use the version of coop_ledger that wrote it, or a later one"
        if found < POSTGRES_SCHEMA_VERSION:
            hint = "let its owner bring it up to date: coop-ledger init, with its origin"
        raise SchemaVersionError(
            "this version does not read that ledger", where=where, expected=f"schema {POSTGRES_SCHEMA_VERSION}",
            found=f"schema {found}", hint=hint,
        )  # fmt: skip


def find(connection: psycopg.Connection[Any], place: Place, origin: str | None) -> tuple[str, str, int] | None:
    """
    Schema, origin and version of the ledger that is meant; None where there is no such ledger.

    Raises:
        LedgerNotFoundError: No origin is given, and the database holds no ledger, or several.
        NotALedgerError: Something else stands in the schema.
        WrongOriginError: The schema is of another origin.
    """
    check_server(connection.info.server_version, connection.info.parameter_status("server_encoding") or "")
    schema = _only(connection, place) if origin is None else schema_of(origin)
    there = connection.execute("SELECT to_regnamespace(%s), to_regclass(%s)", (schema, f"{schema}.{MARK}")).fetchone()
    assert there is not None
    if there[0] is None:
        return None
    if there[1] is None:
        raise NotALedgerError(
            "something else stands in the schema of the ledger", where=place.shown, found=schema,
            hint="rename that schema, or let its owner grant you the role of the ledger",
        )  # fmt: skip
    row = connection.execute(f"SELECT origin, version FROM {schema}.{MARK}").fetchone()
    if row is None:
        raise NotALedgerError("the ledger has no name", where=place.shown, found=schema, hint="restore a backup")
    if origin is not None and row[0] != origin:
        raise WrongOriginError(
            "this is another ledger", where=place.shown, expected=origin, found=row[0],
            hint="name its own origin, or restore a backup that verifies",
        )  # fmt: skip
    return schema, row[0], row[1]


def _only(connection: psycopg.Connection[Any], place: Place) -> str:
    """The schema of the only ledger of a database."""
    found = connection.execute(
        "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s "
        "AND c.relkind = 'r' AND n.nspname ~ '^ledger_[a-z0-9_]+$' AND has_schema_privilege(n.oid, 'USAGE') ORDER BY 1",
        (MARK,),
    ).fetchall()
    if not found:
        raise LedgerNotFoundError(
            "there is no ledger in the database", where=place.shown,
            hint="check the address and the rights of the user; to begin one: coop-ledger init, or give origin=…",
        )  # fmt: skip
    if len(found) > 1:
        names = [connection.execute(f"SELECT origin FROM {schema}.{MARK}").fetchone() for (schema,) in found[:5]]
        raise LedgerNotFoundError(
            "the database holds several ledgers", where=place.shown, expected="origin=… of one of them",
            found=", ".join(str(name[0]) for name in names if name is not None),
            hint="give origin=…, or write ?origin=… behind the address",
        )  # fmt: skip
    schema: str = found[0][0]
    return schema


def make(connection: psycopg.Connection[Any], place: Place, origin: str) -> bool:
    """
    Make an empty ledger, in one transaction.

    Returns:
        False where somebody else was quicker.

    Raises:
        StoreAccessError: The user may not make a schema.
    """
    psycopg = driver()
    schema = schema_of(origin)
    try:
        with connection.transaction():
            connection.execute(f"CREATE SCHEMA {schema}")
            connection.execute(f"SET LOCAL search_path = {schema}, pg_temp")
            connection.execute(";\n".join(statements()))
            connection.execute(f"INSERT INTO {MARK} VALUES (1, %s, %s)", (origin, POSTGRES_SCHEMA_VERSION))
    except (psycopg.errors.DuplicateSchema, psycopg.errors.UniqueViolation):
        return False
    except psycopg.errors.InsufficientPrivilege as error:
        raise StoreAccessError(
            "the user may not begin a ledger in this database", where=place.shown, found=str(error).splitlines()[0],
            hint="let its owner run: coop-ledger init",
        ) from error  # fmt: skip
    return True


def is_made(address: str, origin: str, *, timeout_s: float = 30.0) -> bool:
    """
    Whether a database has the ledger of an origin.

    Raises:
        NotALedgerError, WrongOriginError, SettingRefusedError, StoreAccessError, StoreUnreachableError: As
            :meth:`PostgresStore.open` says.
    """
    place = place_of(address)
    with connected(place, timeout_s=timeout_s) as connection:
        return find(connection, place, origin) is not None


def unmake(address: str, origin: str, *, timeout_s: float = 30.0) -> None:
    """
    Remove a ledger that has no entries; one with entries stays.

    Raises:
        StoreError: It is not there, or not the user's; or the server is gone.
    """
    schema = schema_of(origin)
    with connected(place_of(address), schema, timeout_s=timeout_s) as connection, connection.transaction():
        connection.execute(TURN)  # who waits for it holds nothing that a DROP would wait for
        if connection.execute("SELECT size FROM head").fetchone() == (0,):
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


def find_or_make(
    place: Place, origin: str | None, *, readonly: bool, create: bool, timeout_s: float
) -> tuple[str, str]:
    """
    Schema and origin of a ledger that may be relied on; made where *create* says so and nothing is there.

    Raises:
        LedgerNotFoundError, NotALedgerError, WrongOriginError, SchemaVersionError, StoreReadOnlyError,
        SettingRefusedError, StoreAccessError, StoreUnreachableError: As :meth:`PostgresStore.open` says.
    """
    with connected(place, timeout_s=timeout_s) as connection:
        replica = connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        if replica and not readonly:
            raise StoreReadOnlyError(
                "this server is a replica", where=place.shown, expected="the primary",
                hint="name the primary, or all servers and target_session_attrs=read-write; or open with readonly=True",
            )  # fmt: skip
        found = find(connection, place, origin)
        if found is None and create and origin is not None and not readonly:
            make(connection, place, origin)
            found = find(connection, place, origin)
        if found is None:
            raise LedgerNotFoundError(
                "there is no such ledger in the database", where=place.shown, found=origin,
                hint="check the origin; to begin one: coop-ledger init",
            )  # fmt: skip
        schema, name, version = found
        check_version(version, place.shown)
        if not readonly:
            _check_writer(connection, place, schema)
    return schema, name


def _check_writer(connection: psycopg.Connection[Any], place: Place, schema: str) -> None:
    """Refuse who may only read, and a server that acknowledges what is not on its disk."""
    row = connection.execute(
        "SELECT has_table_privilege(%s, 'INSERT') AND has_any_column_privilege(%s, 'UPDATE'), "
        "current_setting('synchronous_commit'), current_user::text",
        (f"{schema}.entries", f"{schema}.head"),
    ).fetchone()
    assert row is not None
    may_write, commit, user = row
    if not may_write:
        raise StoreReadOnlyError(
            "the user may only read this ledger", where=place.shown, found=user,
            hint=f"GRANT {schema}_writer TO the user, or open with readonly=True",
        )  # fmt: skip
    if commit not in DURABLE:
        raise SettingRefusedError(
            "the server would acknowledge what a crash undoes", where="synchronous_commit",
            expected=" or ".join(DURABLE), found=commit, hint="ALTER DATABASE … SET synchronous_commit = on",
        )  # fmt: skip
