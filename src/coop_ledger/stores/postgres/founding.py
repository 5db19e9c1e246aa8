"""
Beginning a ledger in a database as its owner: the schema, and the roles of those who read, write and erase there.

Nobody is given the right to remove a row, or to change one but the head and, by redaction, openings (DESIGN §8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from coop_ledger.errors import InvalidValueError, StoreAccessError, StoreReadOnlyError
from coop_ledger.stores.postgres.answers import driver
from coop_ledger.stores.postgres.connections import connected
from coop_ledger.stores.postgres.migrations import MIGRATIONS, migrate
from coop_ledger.stores.postgres.opening import check_version, find, make
from coop_ledger.stores.postgres.place import Place, place_of
from coop_ledger.stores.postgres.schema import APPEND_ONLY, POSTGRES_SCHEMA_VERSION, schema_of

if TYPE_CHECKING:
    import psycopg

__all__ = ["Founded", "found_postgres"]

_GROWING: Final = ", ".join((*APPEND_ONLY, "openings"))
_RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "reader": (
        "USAGE ON SCHEMA {schema}",
        "SELECT ON ALL TABLES IN SCHEMA {schema}",
        "SELECT ON ALL SEQUENCES IN SCHEMA {schema}",  # pg_dump reads these, too
    ),
    "writer": (
        "{schema}_reader",
        f"INSERT ON {_GROWING}",
        "UPDATE (size, recorded_at, frontier) ON head",
        "UPDATE ON turn",
    ),
    "redactor": ("{schema}_writer", "UPDATE (blob) ON openings"),
}
"""What each role is granted, the one before it included."""


@attrs.frozen
class Founded:
    """
    What was made.

    Args:
        schema: The schema of the ledger.
        roles: The roles, to be granted to users; none of them may log in.
        upgraded_from: The version of the schema that an older ledger had; None for one of this version.
        new: Whether the ledger was made; else it was there, and got what it lacked.
    """

    schema: str
    roles: tuple[str, ...]
    upgraded_from: int | None
    new: bool


def found_postgres(address: str, origin: str, *, timeout_s: float = 30.0) -> Founded:
    """
    Begin a ledger in a database, with its roles; or give one that is there what it lacks.

    One of an older version of the schema is brought up to date. One that was made without roles, by ``Ledger.open``, a
    copy, or a dump that was restored on another server, gets them.

    Args:
        address: ``postgresql://owner@host/database``.
        origin: The origin of the ledger.
        timeout_s: How long to wait for a writer, in seconds.

    Raises:
        InvalidValueError: A ledger of that origin is there already, up to date, with its roles.
        SchemaVersionError: It is of a later version, or of one from which no way leads here.
        StoreAccessError: The user may not make schemas or roles.
        StoreError: As :meth:`PostgresStore.open` says; nothing was made.

    Guarantees: all of it or nothing.
    """
    place = place_of(address)
    schema = schema_of(origin)
    with connected(place, schema, timeout_s=timeout_s) as connection:
        if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            raise StoreReadOnlyError("this server is a replica", where=place.shown, hint="name the primary")
        found = find(connection, place, origin)
        if found is not None:
            return _completed(connection, place, schema, found[2])
        with connection.transaction():
            if not make(connection, place, origin):
                raise _taken(place, origin)
            return Founded(schema, _make_roles(connection, schema), None, new=True)


def _taken(place: Place, origin: str) -> InvalidValueError:
    return InvalidValueError(
        "a ledger of that origin is there already; nothing was changed", where=place.shown, found=origin,
        hint="record into it, or begin another ledger under another origin",
    )  # fmt: skip


def _completed(connection: psycopg.Connection[Any], place: Place, schema: str, version: int) -> Founded:
    """Bring a ledger up to date, or make its roles; refuse one that lacks neither."""
    if version == POSTGRES_SCHEMA_VERSION and _has_roles(connection, schema):
        row = connection.execute("SELECT origin FROM coop_ledger").fetchone()
        raise _taken(place, "" if row is None else row[0])
    older = version < POSTGRES_SCHEMA_VERSION
    if version > POSTGRES_SCHEMA_VERSION or not MIGRATIONS.keys() >= set(range(version, POSTGRES_SCHEMA_VERSION)):
        check_version(version, place.shown)
    with connection.transaction():
        if older:
            migrate(connection, version)
        return Founded(schema, _make_roles(connection, schema), version if older else None, new=False)


def _has_roles(connection: psycopg.Connection[Any], schema: str) -> bool:
    """Whether the roles are there, and may do in this database what they are for; a role may come from another one."""
    roles = [f"{schema}_{name}" for name in _RIGHTS]
    known = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", (roles,)).fetchone()
    if known != (len(roles),):
        return False
    rights = connection.execute(
        "SELECT has_table_privilege(%(reader)s, 'entries', 'SELECT') AND has_table_privilege(%(writer)s, 'turn', "
        "'UPDATE') AND has_table_privilege(%(writer)s, 'entries', 'INSERT') AND has_column_privilege(%(redactor)s, "
        "'openings', 'blob', 'UPDATE') AND bool_and(has_function_privilege(%(reader)s, p.oid, 'EXECUTE')) "
        "FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace",
        dict(zip(_RIGHTS, roles, strict=True)),
    ).fetchone()
    return rights == (True,)


def _make_roles(connection: psycopg.Connection[Any], schema: str) -> tuple[str, ...]:
    """Make the roles, if the server does not have them from another database, and grant them their rights here."""
    connection.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA " + schema + " FROM PUBLIC")
    for name, rights in _RIGHTS.items():
        role = f"{schema}_{name}"
        try:
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                connection.execute(f"CREATE ROLE {role} NOLOGIN")
        except driver().errors.InsufficientPrivilege as error:
            raise StoreAccessError(
                "the user may not make the roles of a ledger", where=role, found=str(error).splitlines()[0],
                hint="let a user with CREATEROLE run: coop-ledger init",
            ) from error  # fmt: skip
        try:
            for right in rights:
                connection.execute(f"GRANT {right.format(schema=schema)} TO {role}")
        except driver().errors.InsufficientPrivilege as error:  # it comes from another database of the server
            raise StoreAccessError(
                "the user may not grant the rights of a role", where=role, found=str(error).splitlines()[0],
                hint="let a superuser, or who made the roles and owns the ledger, run: coop-ledger init",
            ) from error  # fmt: skip
    connection.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {schema}_reader")
    return tuple(f"{schema}_{name}" for name in _RIGHTS)
