"""
``retract``, ``duplicate``, ``merge`` and ``resolve``: acts on entries that need no new claim. Nothing deletes.
"""

from __future__ import annotations

from pathlib import Path

import click

from coop_ledger.cli.acts import documents, named, needed, once_option, record_act
from coop_ledger.cli.options import (
    LEDGER,
    LedgerCommand,
    ManyLedgerCommand,
    Say,
    answers,
    recorder_option,
    writable,
)
from coop_ledger.cli.subject import known_subject, read_entry, read_subject
from coop_ledger.domain import Duplicate, Merge, Resolution, Retraction, RetractionReason, Source, check_subject

__all__ = ["duplicate", "merge", "resolve", "retract"]


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("entry")
@click.option(
    "--reason", required=True, type=click.Choice([one.value for one in RetractionReason]), help="Why, as a code."
)
@click.option("--note", metavar="TEXT", help="More on the reason; sealed, so that it can be erased.")
@documents
@once_option
@recorder_option
@answers
def retract(
    file: Path, entry: str, reason: str, note: str | None, sources: tuple[Source, ...], once: str | None,
    recorder: str, say: Say,
) -> None:  # fmt: skip
    """
    Take an ENTRY back, also an act.

    ENTRY is a position or an id. It stays in the log and in all earlier views,
    and counts no longer. To take back a correction restores what it corrected;
    to take back a retraction restores what that took back.
    """
    with writable(file, recorder) as ledger:
        target = read_entry(ledger, entry)
        with named():
            act = Retraction(target.id, RetractionReason(reason), sources, note)
        record_act(say, file, ledger, act, once)


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("entry")
@click.option("--of", "first", required=True, metavar="ENTRY", help="The entry that it repeats.")
@once_option
@recorder_option
@answers
def duplicate(file: Path, entry: str, first: str, once: str | None, recorder: str, say: Say) -> None:
    """
    Mark an ENTRY as one report that was recorded twice.

    ENTRY is a position or an id. The later of the two leaves, and is no voice
    of its own. Two papers that report one event are no duplicates.
    """
    with writable(file, recorder) as ledger:
        target, of = read_entry(ledger, entry), read_entry(ledger, first, "--of")
        with named():
            act = Duplicate(target.id, of.id)
        record_act(say, file, ledger, act, once)


@click.command(cls=ManyLedgerCommand)
@LEDGER
@click.argument("into")
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@click.option("--reason", metavar="TEXT", help="Why they are one; sealed. Asked for at a terminal.")
@click.option("--new", is_flag=True, help="INTO is an id about which nothing is recorded yet.")
@once_option
@recorder_option
@answers
def merge(
    file: Path, into: str, subjects: tuple[str, ...], reason: str | None, new: bool, once: str | None,
    recorder: str, say: Say,
) -> None:  # fmt: skip
    """
    Read one SUBJECT or several as INTO, because they are one.

    All that is recorded of any of them reads under INTO from now on, and every
    id leads there. That a body followed another in the world is no merge, but
    a claim: institution.succeeded.
    """
    with writable(file, recorder) as ledger:
        others = tuple(known_subject(ledger, subject, "SUBJECT") for subject in subjects)
        target = read_subject(ledger, into) if new else known_subject(ledger, into, "INTO")
        check_subject("INTO", target)
        why = needed("reason", reason)
        with named():
            act = Merge(others, target, why)
        record_act(say, file, ledger, act, once)


@click.command(cls=ManyLedgerCommand)
@LEDGER
@click.argument("entries", nargs=-1, required=True, metavar="ENTRY ENTRY...")
@click.option("--choose", metavar="ENTRY", help="The entry that stands.")
@click.option("--open", "stays_open", is_flag=True, help="Record that it is still open.")
@click.option("--rationale", "--reason", "rationale", metavar="TEXT", help="Why; sealed. Asked for at a terminal.")
@once_option
@recorder_option
@answers
def resolve(
    file: Path, entries: tuple[str, ...], choose: str | None, stays_open: bool, rationale: str | None,
    once: str | None, recorder: str, say: Say,
) -> None:  # fmt: skip
    """
    Decide between entries whose sources contradict each other.

    Name all that disagree, as conflicts lists them: one that is left out, or
    comes later, keeps the conflict open. All of them stay, and the one that
    you choose is shown.
    """
    if (choose is None) != stays_open:
        raise click.UsageError("Give one of --choose and --open.")
    with writable(file, recorder) as ledger:
        claims = tuple(read_entry(ledger, entry).id for entry in entries)
        chosen = None if choose is None else read_entry(ledger, choose, "--choose").id
        why = needed("rationale", rationale)
        with named():
            act = Resolution(claims, why, chosen)
        record_act(say, file, ledger, act, once)
