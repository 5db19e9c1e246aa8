"""
The arguments that many commands take, each written once: the ledger, the axes of a view, the format.

Knows how they are read; no verb.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import click
from rich.console import Console

from coop_ledger.cli.catalogue import LEDGER_VARIABLE, RECORDER_VARIABLE
from coop_ledger.cli.output import FORMATS, Answer, write_answer
from coop_ledger.cli.streams import while_read
from coop_ledger.codec import check_recorder
from coop_ledger.errors import CoopLedgerError, EntryNotFoundError, LedgerNotFoundError
from coop_ledger.ledger import Ledger
from coop_ledger.stores import is_postgres, without_password
from coop_ledger.view import View

__all__ = [
    "LEDGER",
    "LEDGER_PATH",
    "Axes",
    "LedgerCommand",
    "LedgerPath",
    "ManyLedgerCommand",
    "Say",
    "answers",
    "axes",
    "given_as",
    "ledger_path",
    "opened",
    "option",
    "recorder_option",
    "retyped",
    "viewed",
    "writable",
]

_NO_FILE: Final = re.compile(r"[0-9]+|[0-9a-f]{8}(-[0-9a-f]{0,12}){0,4}|[a-z]+:[A-Za-z0-9/-]+", re.ASCII)


class LedgerCommand(click.Command):
    """
    A command whose first argument is a ledger; where ``COOP_LEDGER`` names one, it may be left out.

    The variable is read only where the arguments do not suffice: a path that is given always counts.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, with the ledger of the environment where one is missing."""
        given = os.environ.get(LEDGER_VARIABLE, "")
        try:
            return super().parse_args(ctx, list(args))
        except click.MissingParameter:
            if not given:
                raise
        return super().parse_args(ctx, [given, *args])


class ManyLedgerCommand(LedgerCommand):
    """
    The same for a command that takes any number of entries or subjects, so that its arguments always suffice.

    A first word that is a position, an id or a subject, and no file, is no ledger.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, with the ledger of the environment where the first of them is none."""
        given = os.environ.get(LEDGER_VARIABLE, "")
        if given:
            first = self.make_parser(ctx).parse_args(list(args))[0].get("file")
            if (
                isinstance(first, str)
                and _NO_FILE.fullmatch(first)
                and not (is_postgres(first) or Path(first).exists())
            ):
                args = [given, *args]
        return super().parse_args(ctx, args)


def ledger_path(given: str) -> Path:
    """What names a ledger, as ``Ledger.open`` takes it: the address of a database stays text, a path would spoil it."""
    return cast(Path, given) if is_postgres(given) else Path(given)


def retyped(file: Path) -> str:
    """What names a ledger, as it is typed at a shell to name it again: quoted, and without a password."""
    return shlex.quote(without_password(str(file)) if is_postgres(file) else str(file))


class LedgerPath(click.Path):
    """A path, or the address of a ledger in a database, as :func:`ledger_path` has it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        return ledger_path(value) if is_postgres(value) else super().convert(value, param, ctx)


LEDGER_PATH: Final = LedgerPath(readable=False, path_type=Path)
"""What a ledger is named by."""

LEDGER: Final = click.argument("file", type=LEDGER_PATH)
"""The ledger; FILE in every help text."""


recorder_option: Final = click.option(
    "--recorder", metavar="NAME", default="unnamed", envvar=RECORDER_VARIABLE, show_default=True,
    help="Pseudonym of who records; it stays for ever. Read from COOP_LEDGER_RECORDER too.",
)  # fmt: skip
"""The option of every verb that records."""


class Axes(NamedTuple):
    """What the options of a view say; None where one is not given."""

    published: str | None
    recorded: str | None
    on: str | None


def axes(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that asks a view: known when, by whom, as of which day; given as *known*."""

    @wraps(function)
    def command(*, published: str | None, recorded: str | None, on: str | None, **others: Any) -> None:
        function(known=Axes(published, recorded, on), **others)

    for one in (
        click.option("--on", metavar="DAY", help="Read it as of this day of the world."),
        click.option("--recorded", metavar="TIME", help="Only what was recorded by then: a day, or 2017-06-30T12:00Z."),
        click.option("--published", metavar="DAY", help="Only sources that were surely published by the end of DAY."),
    ):
        command = one(command)
    return command


def answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option of every command that answers: in which format; it says its answer with *say*."""

    @wraps(function)
    def command(*, form: str, **others: Any) -> None:
        function(say=Say(click.get_current_context().obj, form), **others)

    return click.option(
        "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
        help="table for people; json, ndjson or csv for programs.",
    )(command)  # fmt: skip


class Say(NamedTuple):
    """Writes an answer in the format that was asked for."""

    console: Console
    form: str

    def __call__(self, answer: Answer) -> None:
        """Write it, as far as it is read."""
        with while_read():
            write_answer(answer, self.form, self.console)


@contextmanager
def opened(file: Path) -> Iterator[Ledger]:
    """A ledger to read."""
    with _found(file, readonly=True) as ledger:
        yield ledger


@contextmanager
def writable(file: Path, recorder: str) -> Iterator[Ledger]:
    """A ledger to record into, which must be there."""
    with option("recorder"):
        check_recorder(recorder)
    with _found(file, recorder=recorder) as ledger:
        yield ledger


def _found(file: Path, **options: Any) -> Ledger:
    try:
        return Ledger.open(file, **options)
    except LedgerNotFoundError as error:
        if is_postgres(file):  # which knows whether there is none, or several; an address may hold a password
            raise
        hint = f"check the path; to begin one: coop-ledger init {shlex.quote(str(file))}"
        raise LedgerNotFoundError(error.what, where=error.where, hint=hint) from error


@contextmanager
def viewed(file: Path, known: Axes) -> Iterator[View]:
    """
    A ledger as the axes say; without any, as it is now.

    Raises:
        CoopLedgerError: Of the file, or of an axis, named as the option that it is.
    """
    with opened(file) as ledger:
        with option("published"):
            view = ledger.at(published=known.published)
        if known.recorded is not None:
            with option("recorded"):
                view = ledger.at(published=known.published, recorded=known.recorded)
        if known.on is not None:
            with option("on"):
                view = view.on(known.on)
        try:
            yield view
        except EntryNotFoundError as error:
            if known.recorded is not None and not (error.hint or "").startswith("did you mean"):
                error.hint = f"not recorded by {known.recorded}; --published asks what others had published by a day"
            raise


@contextmanager
def option(name: str) -> Iterator[None]:
    """What is wrong with a value is said of the option that gave it."""
    try:
        yield
    except CoopLedgerError as error:
        error.where = f"--{name}"
        raise


@contextmanager
def given_as(**options: str) -> Iterator[None]:
    """What is wrong with an argument of a call is said of the option that gave it, by the name of the argument."""
    try:
        yield
    except CoopLedgerError as error:
        error.where = options.get(error.where or "", error.where)
        raise
