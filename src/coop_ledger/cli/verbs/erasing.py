"""
``redact``: words that are erased for good, after a person has been told what goes and what stays.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from coop_ledger.cli.acts import named, needed
from coop_ledger.cli.options import LEDGER, ManyLedgerCommand, Say, answers, recorder_option, writable
from coop_ledger.cli.receipts import tell_receipt
from coop_ledger.cli.subject import read_entry
from coop_ledger.cli.telling import beside
from coop_ledger.codec import body_to_plain
from coop_ledger.domain import REDACTED, Entry, Redaction, UnknownEvent
from coop_ledger.errors import InvalidValueError
from coop_ledger.ledger import Ledger
from coop_ledger.stores import is_postgres, schema_of

__all__ = ["redact"]


@click.command(cls=ManyLedgerCommand)
@LEDGER
@click.argument("entry")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD...")
@click.option("--ground", metavar="TEXT", help="The legal ground, like 'GDPR article 17'; public, and stays for ever.")
@click.option("--by", metavar="NAME", help="Pseudonym of who ordered it; public, and stays for ever.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@recorder_option
@answers
def redact(
    file: Path, entry: str, fields: tuple[str, ...], ground: str | None, by: str | None, yes: bool, recorder: str,
    say: Say,
) -> None:  # fmt: skip
    """
    Erase sealed texts of an ENTRY for good.

    ENTRY is a position or an id. FIELD names one of its sealed texts: note,
    event/name, sources/0/title; all stands for all of them. This cannot be
    undone. The entry stays, the field reads redacted in every view, and every
    earlier proof holds. Other entries with the same words are named, and keep
    them; backups and exports too.
    """
    with writable(file, recorder) as ledger:
        target = read_entry(ledger, entry)
        paths = _paths(ledger, target, fields)
        basis, authority = needed("ground", ground), needed("by", by)
        with named():
            act = Redaction(target.id, paths, basis, authority)
        if not yes:
            _ask(target, paths)
        copies = list(_copies(ledger, target, paths))
        with named():
            receipt = ledger.record(act)
        tell_receipt(say, file, ledger, receipt)
        _tell_what_remains(file, ledger.origin, copies, receipt.leftovers)


def _paths(ledger: Ledger, entry: Entry, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The paths of the sealed texts that somebody means."""
    sealed = list(ledger.sealed(entry.id))
    if "all" in fields and sealed:
        return tuple(sealed)
    found = []
    for field in fields:
        wanted = "/" + field.strip().replace(".", "/").lstrip("/")
        near = [path for path in sealed if path == wanted] or [path for path in sealed if path.endswith(wanted)]
        if len(near) != 1:
            what = "several sealed texts have this name" if near else "the entry has no sealed text of this name"
            expected = ", ".join(path.lstrip("/") for path in near or sealed) or "an entry with sealed texts"
            hint = "what is not sealed stays for ever" if not near else "write more of it"
            raise InvalidValueError(what, where="FIELD", expected=expected, found=field[:80], hint=hint)
        found.append(near[0])
    return tuple(dict.fromkeys(found))


def _ask(entry: Entry, paths: tuple[str, ...]) -> None:
    """Say that it is for good, and go on only if the person at the terminal says so."""
    beside(
        f"For good: the words of {', '.join(path.lstrip('/') for path in paths)} of entry {entry.position} "
        f"({entry.id}) go, and nothing brings them back.\n"
        "What stays: the entry with its ids, codes, dates, publishers and addresses; that there was a text; "
        "this act, with its ground and who ordered it; backups and exports made before."
    )
    if not sys.stdin.isatty():
        raise click.UsageError("Nothing was erased: where nobody can be asked, --yes must say that it is meant.")
    if not click.confirm("Erase them?", default=False, err=True):
        beside("Nothing was erased.")
        raise click.exceptions.Exit(2)


def _texts(value: Any) -> Iterator[str]:
    """All texts in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _at(value: Any, path: str) -> Any:
    for part in path.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value.get(part)
    return value


def _copies(ledger: Ledger, entry: Entry, paths: tuple[str, ...]) -> Iterator[int]:
    """Positions of other entries in which words that are erased stand too."""
    if isinstance(entry.body, UnknownEvent):
        return
    plain = body_to_plain(entry.body)
    words = [text for path in paths if (text := _at(plain, path)) is not REDACTED and text]
    for other in ledger.entries():
        if other.id != entry.id and not isinstance(other.body, UnknownEvent):
            texts = list(_texts(body_to_plain(other.body)))
            if any(word in text for word in words for text in texts):
                yield other.position


def _tell_what_remains(file: Path, origin: str, copies: list[int], leftovers: tuple[str, ...]) -> None:
    beside("The words are erased, and read redacted in every view. Destroy the backups and exports that hold them.")
    if copies:
        shown = ", ".join(map(str, copies[:20])) + (" ..." if len(copies) > 20 else "")
        beside(f"Still there: the same words stand in other entries, too, at {shown}. Redact these as well.")
    if leftovers:
        names = ", ".join(path.lstrip("/") for path in leftovers)
        if is_postgres(file):
            where, how = "table", f"as its owner, in psql: VACUUM FULL {schema_of(origin)}.openings;"
        else:
            where, how = "file", f"sqlite3 {shlex.quote(str(file))} VACUUM"
        beside(f"Pieces of {names} may still stand in the {where}. Rewrite it: {how}")
