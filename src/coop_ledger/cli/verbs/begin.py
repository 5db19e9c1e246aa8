"""
``init`` and ``demo``: a new ledger, and the first minute with one that holds something.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from coop_ledger.cli.dataset import load_dataset
from coop_ledger.cli.demo import demo_sheets
from coop_ledger.cli.options import LEDGER, LEDGER_PATH, LedgerCommand, Say, answers, option, retyped
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet
from coop_ledger.cli.telling import beside
from coop_ledger.codec import check_origin
from coop_ledger.errors import CoopLedgerError, InvalidValueError, LedgerNotFoundError, NotALedgerError
from coop_ledger.ledger import Ledger
from coop_ledger.recording import AlreadyRecorded
from coop_ledger.stores import found_postgres, is_postgres, place_of

__all__ = ["demo", "init"]

_ORIGIN: Final = "kcac-forum.example/2016"
_KEY: Final = "the record of November 2016"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for each other when an origin is read aloud."""
_NEXT: Final = """
What to do next:
  what can be recorded:    coop-ledger record --list
  record a claim:          coop-ledger record {file} EVENT --edit
  take in a whole table:   coop-ledger import {file} SOURCE"""

_GRANT: Final = """
What to do next, in psql:
  let a service record:    CREATE ROLE desk LOGIN PASSWORD '...' IN ROLE {role};"""


@click.command(cls=LedgerCommand)
@LEDGER
@click.option("--origin", metavar="NAME", help="Its origin, like forum.example.org/2026-k3f9; proposed if left out.")
@answers
def init(file: Path, origin: str | None, say: Say) -> None:
    """
    Begin a ledger in FILE, which must not be there yet.

    Its origin tells it from every other ledger, for ever. Without --origin one
    is made of the name of the file and a few random letters; on a terminal you
    are asked whether it will do.

    FILE may be postgresql://owner@host/database. The ledger is made there with
    its roles, for those who read, write and erase: grant them to users. One
    that is there and lacks its roles, like a copy, gets them; one of an older
    version of coop-ledger is brought up to date.
    """
    with option("origin"):
        if origin is not None:
            check_origin(origin)
    if is_postgres(file):
        _found(str(file), origin, say)
        return
    _check_free(file)
    origin = _proposed(file.stem) if origin is None else origin
    with Ledger.open(file, origin=origin) as ledger:
        item = {"file": str(file), "origin": ledger.origin, "size": ledger.size, "root": ledger.root.hex()}
    say(Answer("ledger", [item], [Sheet("Begun", ("File", "Origin", "Entries"), [(str(file), origin, 0)])]))
    beside(_NEXT.format(file=shlex.quote(str(file))))


def _found(address: str, origin: str | None, say: Say) -> None:
    """Begin a ledger in a database, or give one that is there what it lacks."""
    place = place_of(address)
    with option("origin"):
        name = place.meant(origin) or _proposed(place.database)
    made = found_postgres(address, name)
    item = {"origin": name, "schema": made.schema, "roles": list(made.roles), "upgraded_from": made.upgraded_from}
    title = "Begun" if made.new else "Brought up to date" if made.upgraded_from is not None else "Roles made"
    heads = ("Origin", "Schema", *(f"Role: {role.rpartition('_')[2]}" for role in made.roles))
    say(Answer("ledger", [item], [Sheet(title, heads, [(name, made.schema, *made.roles)])]))
    beside(_GRANT.format(role=made.roles[1]))


def _check_free(file: Path) -> None:
    """Refuse a name under which something stands, and say what."""
    if not os.path.lexists(file):
        return
    hint = "name another file"
    try:
        with Ledger.open(file, readonly=True) as ledger:
            found = f"the ledger {ledger.origin} with {ledger.size:,} entries"
            hint = f"record into it with: coop-ledger record {shlex.quote(str(file))} EVENT"
    except LedgerNotFoundError:
        found = "a link that leads nowhere"
    except NotALedgerError:
        found = "a folder" if file.is_dir() else "a file that is no ledger"
    except CoopLedgerError as error:
        found = f"a ledger that cannot be read: {error.what}"
    what, expected = "something is there already; nothing was changed", "a name that is free"
    raise InvalidValueError(what, where=str(file), expected=expected, found=found, hint=hint)


def _proposed(name: str) -> str:
    """An origin that no other ledger has, as the person at the terminal wants it."""
    name = re.sub(r"[^a-z0-9]+", "-", name.casefold(), flags=re.ASCII).strip("-")[:40] or "ledger"
    part = "".join(secrets.choice(_LETTERS) for _ in range(6))
    proposal = f"{name}/{datetime.now(UTC).year}-{part}"
    if not sys.stdin.isatty():
        beside(f"The origin is {proposal}; to choose another one, give --origin.")
        return proposal
    beside("The origin tells this ledger from every other one, for ever. Enter takes the one that is proposed.")
    answer: str = click.prompt("Origin of the ledger", default=proposal, value_proc=_origin, err=True)
    return answer


def _origin(given: str) -> str:
    """What was typed, if it is an origin; else click says what is wrong, and asks again."""
    try:
        check_origin(given)
    except InvalidValueError as error:
        raise click.UsageError(error.what) from error
    return given


@click.command()
@click.argument("file", type=LEDGER_PATH, default="forum.db")
@click.pass_obj
def demo(console: Console, file: Path) -> None:
    """
    Record the forum of November 2016 and show what follows.

    FILE is made if it is missing (default: forum.db). A second run records
    nothing: it says what is there already.
    """
    title, claims = load_dataset()
    named = retyped(file)
    with Ledger.open(file, origin=_ORIGIN, recorder="demo") as ledger:
        receipt = ledger.record(*claims, once=_KEY)
        if isinstance(receipt, AlreadyRecorded):
            console.print(
                f"{len(claims)} claims were recorded in {retyped(file)} already; nothing was added.", soft_wrap=True
            )
        else:
            console.print(f"{len(claims)} claims recorded in {named}.", soft_wrap=True)
        console.print(f"\n{title}\n", style="bold", soft_wrap=True)
        for sheet in demo_sheets(ledger):
            console.print(sheet.fitted(console.width))
        console.print(f"size  {ledger.size}\nroot  {ledger.root.hex()}", soft_wrap=True)
