"""
The commands: what they take, what they call. Knows no table layout and no rule.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from coop_ledger import __version__
from coop_ledger.cli.dataset import load_dataset
from coop_ledger.cli.demo import demo_tables
from coop_ledger.cli.subject import Known, known_of
from coop_ledger.cli.tables import log_lines, log_table, state_table
from coop_ledger.cli.verify import SUMMARY, run_verify
from coop_ledger.domain import Entry, safe
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

_WIDE = 120
"""Columns that the table of the log needs; a narrower terminal gets plain lines."""

_LEDGER = click.argument("file", type=click.Path(path_type=Path), envvar="COOP_LEDGER")


class _Console(Console):
    """A console that says when the reader of its output went away, where rich would exit with 1."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError(errno.EPIPE, "the reader of the output went away")


class _Commands(click.Group):
    """Commands that end quietly and well when the reader of their output has read enough (``| head``)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click itself would exit with 1
            _drop_output()
            ctx.exit(0)


def _drop_output() -> None:
    """Let what is not written yet go nowhere, so that the end of the process does not try again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _console(color: str) -> Console:
    return _Console(
        force_terminal=True if color == "always" else None,
        no_color=True if color == "never" else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
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


def _opened(file: Path) -> Ledger:
    try:
        return Ledger.open(file, readonly=True)
    except LedgerNotFoundError as error:
        hint = "check the path; coop-ledger demo FILE makes a ledger"
        raise LedgerNotFoundError(error.what, where=error.where, hint=hint) from error


@commands.command()
@_LEDGER
@click.pass_obj
def log(console: Console, file: Path) -> None:
    """
    List the entries of FILE, oldest first.

    A wide terminal gets a table; a pipe and a narrow terminal get one line
    for each entry, with its cells parted by tabs.
    """
    with _opened(file) as ledger:
        _print_entries(console, ledger.entries(), table=console.is_terminal)
        _print_end(console, ledger)


def _print_entries(console: Console, entries: Iterable[Entry], *, table: bool, title: str = "Entries") -> None:
    if table and console.width >= _WIDE:
        console.print(log_table(entries, title))
    else:
        for line in log_lines(entries):
            click.echo(line)  # a console would write blanks for tabs


@commands.command()
@_LEDGER
@click.argument("subject")
@click.pass_obj
def show(console: Console, file: Path, subject: str) -> None:
    """
    Show what is known of SUBJECT in FILE, with its sources.

    SUBJECT is a full id like institution:kcac-secretariat, two countries like
    KR-KZ, or one country like KR.
    """
    with _opened(file) as ledger:
        _show(console, known_of(ledger, subject))


def _show(console: Console, known: Known) -> None:
    if known.state is None:
        console.print(f"no name is recorded for {safe(known.subject)}", soft_wrap=True)
    else:
        for table in state_table(known.state):
            console.print(table)
    if known.entries:
        _print_entries(console, known.entries, table=True, title="Entries about it")


@commands.command(
    name="verify", add_help_option=False, context_settings={"ignore_unknown_options": True}, short_help=SUMMARY
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def verify_file(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Hand over to the verb that works without this module, too."""
    context.exit(run_verify(arguments))


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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the terminal has not is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    try:
        code = commands.main(prog_name="coop-ledger", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return 130
    except CoopLedgerError as error:
        return _report(error)
    except BrokenPipeError:
        _drop_output()
    except OSError as error:  # a full disk behind the output; errors of ledger files are ours
        _drop_output()
        sys.stderr.write(f"Error: the output could not be written\n  {safe(str(error.strerror))}\n")
        return 2
    return 0
