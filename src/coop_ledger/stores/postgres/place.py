"""
The address of a ledger in PostgreSQL as people write it, and as the driver takes it. Knows no connection.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final
from urllib.parse import unquote

import attrs

from coop_ledger.errors import InvalidValueError
from coop_ledger.stores.postgres.answers import driver

__all__ = ["Place", "is_postgres", "place_of", "without_password"]

_SCHEMES: Final = ("postgresql://", "postgres://")
_PASSWORD: Final = re.compile(r"(?<=//)([^/?#:@]*):[^/?#]*@|(?<=[?&])password=[^&]*&?")


@attrs.frozen
class Place:
    """
    Where a ledger is.

    Args:
        conninfo: How the driver connects.
        shown: The same for people: no password.
        database: The name of the database; "" where the server chooses.
        origin: The origin that the address names.
    """

    conninfo: str = attrs.field(repr=False)
    shown: str
    database: str
    origin: str | None

    def meant(self, origin: str | None) -> str | None:
        """
        The origin that is meant where the caller gives one, too; None where neither does.

        Raises:
            InvalidValueError: The address names another one.
        """
        if origin is not None and self.origin not in (None, origin):
            raise InvalidValueError(
                "two origins are given", where="origin", expected=origin, found=self.origin,
                hint="leave ?origin=… out of the address, or name the same there",
            )  # fmt: skip
        return self.origin if origin is None else origin


def is_postgres(path: object) -> bool:
    """Whether a path is the address of a PostgreSQL database: ``postgresql://…``."""
    return isinstance(path, str | os.PathLike) and os.fspath(path)[:13].lower().startswith(_SCHEMES)


def without_password(address: str) -> str:
    """
    An address as it may be shown, for somebody to type it again.

    >>> without_password("postgresql://desk:secret@db.example/forum?password=secret&origin=forum.example/1")
    'postgresql://desk@db.example/forum?origin=forum.example/1'
    """
    return _PASSWORD.sub(lambda found: "" if found[1] is None else f"{found[1]}@", address)


def place_of(address: str) -> Place:
    """
    Read an address: what libpq understands, and ``origin=…`` among its parameters.

    Raises:
        InvalidValueError: The driver does not understand it.
        MissingExtraError: There is no driver.
    """
    psycopg = driver()
    scheme, mark, rest = address.partition("://")
    base, _, query = f"{scheme.lower()}{mark}{rest}".partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    origins = [unquote(pair.partition("=")[2]) for pair in pairs if pair.startswith("origin=")]
    rest = "&".join(pair for pair in pairs if not pair.startswith("origin="))
    conninfo = f"{base}?{rest}" if rest else base
    try:
        known: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(conninfo)
    except psycopg.Error:
        raise InvalidValueError(
            "this is no address of a database", where="path",
            expected="postgresql://user@host:5432/database, also with ?origin=…", hint="check the address",
        ) from None  # the driver's own words would show the password in a traceback  # fmt: skip
    user = f"{known['user']}@" if "user" in known else ""
    host, port = str(known.get("host") or ""), f":{known['port']}" if "port" in known else ""
    database, socket = known.get("dbname") or "", host.startswith("/")
    shown = f"postgresql://{user}{'' if socket else host}{port}/{database}" + (f"?host={host}" if socket else "")
    return Place(conninfo, shown, str(database), origins[0] if origins else None)
