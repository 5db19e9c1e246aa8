"""
What a command answers, in the format that was asked for: tables for people, JSON and CSV for programs.

Data goes to the standard output, every other word to the standard error. What can steer a terminal, reorder a line
or start a formula is spelled out in each format, in its own way of spelling. Knows no verb.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple

import click
from rich.console import Console

from coop_ledger.cli.cells import guarded
from coop_ledger.cli.tables import Sheet, text_of
from coop_ledger.domain import safe
from coop_ledger.view import Basis

__all__ = ["FORMATS", "SCHEMA", "Answer", "basis_plain", "write_answer"]

FORMATS: Final = ("table", "json", "ndjson", "csv")

SCHEMA: Final = 1
"""The version of the JSON; it grows when a name changes its meaning or goes."""


class Answer(NamedTuple):
    """
    What a command has to say.

    Args:
        kind: What each item is, in one word: ``entry``, ``promise``, ``change`` …
        items: The items as plain data, for JSON; read once, and only for JSON.
        sheets: The same for people; the first one is the CSV. Read only where they are written.
        nothing: What to say where there is no item.
        basis: What the answer rests on; None where it asks nothing of a view.
        text: Writes to a terminal or pipe in place of the tables of the sheets, where they do not serve;
            says whether there was no item.
    """

    kind: str
    items: Iterable[Mapping[str, Any]]
    sheets: Iterable[Sheet]
    nothing: str = ""
    basis: Basis | None = None
    text: Callable[[Console], bool | None] | None = None


def write_answer(answer: Answer, form: str, console: Console) -> None:
    """Write an answer to the standard output, in one of ``FORMATS``."""
    match form:
        case "json":
            empty = _write_json(answer)
        case "ndjson":
            empty = _write_lines(answer)
        case "csv":
            empty = _write_csv(answer)
        case _:
            empty = _write_tables(answer, console)
    sys.stdout.flush()
    if empty and answer.nothing:
        click.echo(safe(answer.nothing), err=True)


def _write_tables(answer: Answer, console: Console) -> bool:
    if answer.text is not None:
        return bool(answer.text(console))
    tables = [table for sheet in answer.sheets if (table := sheet.fitted(console.width)) is not None]
    for table in tables:
        console.print(table)
    return not tables


def _spelled(text: str) -> str:
    """JSON in which what can steer a terminal stands as an escape; every other letter as itself."""
    return text if text.isascii() and text.isprintable() else safe(text, lambda char: json.dumps(char)[1:-1])


def _json(value: Any) -> str:
    return _spelled(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": ")))


def _write_json(answer: Answer) -> bool:
    """One document, written as it comes: a long answer is never held."""
    head = {"schema": SCHEMA, "kind": answer.kind, "basis": basis_plain(answer.basis)}
    write = sys.stdout.write
    write(_json(head)[:-1] + ', "items": [')
    empty = True
    for item in answer.items:
        write(("\n" if empty else ",\n") + _json(item))
        empty = False
    write("]}\n" if empty else "\n]}\n")
    return empty


def _write_lines(answer: Answer) -> bool:
    empty = True
    for item in answer.items:
        sys.stdout.write(_json({"schema": SCHEMA, "kind": answer.kind, **item}) + "\n")
        empty = False
    return empty


def basis_plain(basis: Basis | None) -> dict[str, Any] | None:
    """What an answer rests on, as plain data: the root as hex, an instant in UTC with ``Z``."""
    if basis is None:
        return None
    return {
        "origin": basis.origin,
        "size": basis.size,
        "root": basis.root.hex(),
        "recorded": None if basis.recorded is None else text_of(basis.recorded),
        "published": None if basis.published is None else basis.published.isoformat(),
        "on": None if basis.on is None else basis.on.isoformat(),
        "erasures": basis.erasures,
    }


def _write_csv(answer: Answer) -> bool:
    sheet = next(iter(answer.sheets))
    rows: Iterator[Iterable[Any]] = iter(sheet.rows)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column.casefold().replace(" ", "_") for column in sheet.columns])
    first = next(rows, None)
    for row in () if first is None else chain([first], rows):
        writer.writerow([_cell(value) for value in row])
    return first is None


def _cell(value: Any) -> Any:
    return value if value is None or type(value) is int else guarded(text_of(value))
