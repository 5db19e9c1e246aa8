"""
The commands: what they take, what they call. Knows no table layout and no rule.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click
from rich.console import Console

from coop_ledger import __version__
from coop_ledger.cli.dataset import load_dataset
from coop_ledger.cli.tables import demo_tables, log_table, safe, state_table
from coop_ledger.domain import SubjectKind
from coop_ledger.errors import (
    AppendConflictError,
    CoopLedgerError,
    EntryNotFoundError,
    LedgerNotFoundError,
    NotALedgerError,
    SchemaVersionError,
    StoreDamagedError,
)
from coop_ledger.ledger import Ledger
from coop_ledger.projections import Collected
from coop_ledger.recording import AlreadyRecorded

__all__ = ["run"]

DEMO_ORIGIN = "kcac-forum.example/2016"
DEMO_KEY = "the record of November 2016"

_EXIT_CODES: tuple[tuple[type[CoopLedgerError], int], ...] = (
    (AppendConflictError, 3),
    (EntryNotFoundError, 4),
    (LedgerNotFoundError, 4),
    (NotALedgerError, 50),
    (SchemaVersionError, 50),
    (StoreDamagedError, 50),
)

_LEDGER = click.argument("file", type=click.Path(path_type=Path), envvar="COOP_LEDGER")


def _console(color: str) -> Console:
    return Console(
        force_terminal=True if color == "always" else None,
        no_color=True if color == "never" else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, prog_name="coop-ledger")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours; NO_COLOR and FORCE_COLOR are obeyed too.",
)
@click.pass_context
def commands(context: click.Context, color: str) -> None:
    """A tamper-evident record of who promised, agreed and delivered what."""
    context.obj = _console(color)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path), default="forum.db")
@click.pass_obj
def demo(console: Console, file: Path) -> None:
    """
    Record the forum of November 2016 into FILE, and show what follows.

    FILE is made if it is missing (default: forum.db). A second run records
    nothing: it says what is there already.
    """
    title, claims = load_dataset()
    with Ledger.open(file, origin=DEMO_ORIGIN, recorder="demo") as ledger:
        receipt = ledger.record(*claims, once=DEMO_KEY)
        if isinstance(receipt, AlreadyRecorded):
            console.print(f"{len(claims)} claims were recorded in {file} already; nothing was added.", soft_wrap=True)
        else:
            console.print(f"{len(claims)} claims recorded in {file}.", soft_wrap=True)
        console.print(f"\n{title}\n", style="bold", soft_wrap=True)
        for table in demo_tables(ledger):
            console.print(table)
        _print_end(console, ledger)


def _print_end(console: Console, ledger: Ledger) -> None:
    console.print(f"size  {ledger.size}\nroot  {ledger.root.hex()}", soft_wrap=True)


@commands.command()
@_LEDGER
@click.pass_obj
def log(console: Console, file: Path) -> None:
    """List the entries of FILE, oldest first."""
    with Ledger.open(file, readonly=True) as ledger:
        console.print(log_table(ledger.entries()))
        _print_end(console, ledger)


@commands.command()
@_LEDGER
@click.argument("subject")
@click.pass_obj
def show(console: Console, file: Path, subject: str) -> None:
    """
    Show what is known of SUBJECT in FILE, with its sources.

    SUBJECT is a full id like institution:kcac-secretariat, or two countries
    like KR-KZ.
    """
    with Ledger.open(file, readonly=True) as ledger:
        state = _read(ledger, subject)
        for table in state_table(state):
            console.print(table)


def _read(ledger: Ledger, subject: str) -> Collected:
    kind, colon, slug = subject.partition(":")
    if not colon:
        kind, slug = SubjectKind.RELATIONSHIP, subject
    readers = {
        SubjectKind.INITIATIVE: ledger.initiative,
        SubjectKind.AGREEMENT: ledger.agreement,
        SubjectKind.INSTITUTION: ledger.institution,
        SubjectKind.MEETING: ledger.meeting,
        SubjectKind.SERIES: ledger.series,
        SubjectKind.VISIT: ledger.visit,
    }
    if kind == SubjectKind.RELATIONSHIP:
        first, _, second = slug.partition("-")
        return ledger.relationship(first, second)
    reader = readers.get(SubjectKind(kind)) if kind in SubjectKind._value2member_map_ else None
    return ledger.name(subject) if reader is None else reader(slug)


def _report(error: CoopLedgerError) -> int:
    """Say what, why and what to do on three lines, and give the exit code."""
    lines = [f"Error: {error.what}" + (f" ({error.where})" if error.where else "")]
    why = [f"{word} {text}" for word, text in (("expected", error.expected), ("found", error.found)) if text]
    lines.extend([f"  {', '.join(why)}"] if why else [])
    lines.extend([f"  {error.hint}"] if error.hint else [])
    sys.stderr.write("\n".join(safe(line) for line in lines) + "\n")
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 2)


def run() -> int:
    """Run a command and give its exit code."""
    try:
        commands.main(prog_name="coop-ledger", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return 130
    except CoopLedgerError as error:
        return _report(error)
    except BrokenPipeError:  # the reader of our output went away
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.close()
        return 0
    return 0
