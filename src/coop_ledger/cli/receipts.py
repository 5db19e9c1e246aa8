"""
What is told once something was recorded: where it stands, and what reads otherwise now. Knows no verb.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from coop_ledger.cli.changes import ChangedField, changed_fields
from coop_ledger.cli.items import entry_item
from coop_ledger.cli.options import Say, retyped
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet, claim_cells, log_sheet
from coop_ledger.cli.telling import beside
from coop_ledger.codec import claim_to_plain
from coop_ledger.domain import Claim, Entry, Redaction, SubjectId, UnknownEvent, subjects_of, targets_of
from coop_ledger.errors import EntryNotFoundError
from coop_ledger.ledger import Ledger
from coop_ledger.projections import Change, as_plain
from coop_ledger.recording import AlreadyRecorded, Receipt

__all__ = ["tell_claims", "tell_receipt"]

_SHOWN: Final = 12
"""So many changes are shown; the rest is counted."""


def tell_receipt(say: Say, file: Path, ledger: Ledger, receipt: Receipt) -> None:
    """
    Tell what a call recorded, and which fields read otherwise since.

    Args:
        say: Says the answer.
        file: The ledger's path, for what to do next.
        ledger: The ledger.
        receipt: What the call gave.
    """
    entries = [ledger.entry(position) for position in receipt.positions]
    already = isinstance(receipt, AlreadyRecorded)
    before = receipt.size if already else receipt.size - len(entries)
    changes = [one for one in _changes(ledger, entries, before, receipt.size) if not one.field.endswith("positions")]
    item = {
        "recorded": not already,
        "entries": list(map(entry_item, entries)),
        "size": receipt.size,
        "root": receipt.root.hex(),
        "changes": as_plain(changes),
        "leftovers": list(receipt.leftovers),
    }
    fields = list(changed_fields(ledger.at(size=before), ledger.at(size=receipt.size), changes))
    sheets = [_recorded(ledger, entries, "Recorded before" if already else "Recorded"), _changed(fields[:_SHOWN])]
    say(Answer("receipt", [item], sheets))
    if already:
        beside("This was recorded before under the same key; nothing was added.")
    elif say.form == "table" and not any(isinstance(entry.body, Redaction) for entry in entries):
        _tell_rest(file, len(fields), before, receipt.size)


def _tell_rest(file: Path, fields: int, before: int, after: int) -> None:
    if not fields:
        beside("No field of a subject reads otherwise.")
    elif fields > _SHOWN:
        command = f"coop-ledger diff {retyped(file)} --size {before} {after}"
        beside(f"{fields - _SHOWN} more fields read otherwise: {command}")


def _recorded(ledger: Ledger, entries: list[Entry], title: str) -> Sheet:
    sheet = log_sheet(ledger, entries, title)
    rows = ((position, entry.id, *rest) for entry, (position, *rest) in zip(entries, sheet.rows, strict=True))
    return Sheet(title, (sheet.columns[0], "Id", *sheet.columns[1:]), rows)


def _changed(fields: list[ChangedField]) -> Sheet:
    rows = (field[:-1] for field in fields)
    return Sheet("What reads otherwise now", ("Subject", "Field", "Before", "After"), rows)


def _changes(ledger: Ledger, entries: list[Entry], before: int, after: int) -> Iterator[Change]:
    if before == after:
        return
    one, other = ledger.at(size=before), ledger.at(size=after)
    subjects = dict.fromkeys(subject for entry in entries for subject in _concerned(ledger, entry))
    for subject in subjects:
        try:
            yield from ledger.diff(one, other, subject)
        except EntryNotFoundError:  # nothing but an act names it
            continue


def _concerned(ledger: Ledger, entry: Entry) -> Iterator[SubjectId]:
    """What an entry is about; an act also what its entries are about."""
    yield from subjects_of(entry.body)
    if not isinstance(entry.body, UnknownEvent):
        for target in targets_of(entry.body):
            yield from _concerned(ledger, ledger.entry(target))


def tell_claims(say: Say, claims: list[Claim]) -> None:
    """Tell which claims would be recorded."""
    columns = ("Says", "About", "When", "Publishers")
    sheet = Sheet("Would be recorded", columns, map(claim_cells, claims))
    items = ({"recorded": False, "says": as_plain(claim_to_plain(claim))} for claim in claims)
    say(Answer("claim", items, [sheet]))
    beside("Nothing was recorded: this was a dry run.")
