"""
What the verbs of acts have in common: their options, whose faults are theirs, and what is told. Knows no act.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from coop_ledger.cli.options import Say, given_as, option
from coop_ledger.cli.receipts import tell_receipt
from coop_ledger.domain import Act, Source, When
from coop_ledger.ledger import Ledger

__all__ = ["documents", "named", "needed", "once_option", "record_act"]

_NAMES: Final = {
    "once": "--once",
    "publisher": "--source",
    "url": "--url",
    "reason": "--reason",
    "rationale": "--rationale",
    "note": "--note",
    "chosen": "--choose",
    "of": "--of",
    "basis": "--ground",
    "authority": "--by",
    "paths": "FIELD",
    "claims": "ENTRY",
    "subjects": "SUBJECT",
    "into": "INTO",
    **dict.fromkeys(("target", "Correction", "Retraction", "Duplicate", "Resolution", "Redaction"), "ENTRY"),
}
"""A field of an act → the option or argument that gives it."""

once_option: Final = click.option("--once", metavar="KEY", help="Record it under this key only once.")
"""The option of every act that can be repeated."""


@contextmanager
def named() -> Iterator[None]:
    """What is wrong with a field of an act is said of the option or argument that gave it."""
    with given_as(**_NAMES):
        yield


def documents(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of an act behind which a source itself stands; given as *sources*."""

    @wraps(function)
    def command(*, publisher: str | None, published: str | None, url: str | None, **others: Any) -> None:
        sources: tuple[Source, ...] = ()
        if publisher is not None:
            with option("published"):
                day = None if published is None else When(published)
            with named():
                sources = (Source(publisher, day, url=url),)
        elif (published, url) != (None, None):
            raise click.UsageError("--published and --url tell more of --source, which is missing.")
        function(sources=sources, **others)

    for one in (
        click.option("--url", metavar="TEXT", help="The address of what --source published."),
        click.option("--published", metavar="DATE", help="When --source published it."),
        click.option(
            "--source", "publisher", metavar="TEXT", help="The publisher, where it took its words back itself."
        ),
    ):
        command = one(command)
    return command


def needed(name: str, given: str | None) -> str:
    """The text of an option that must be there; at a terminal it is asked for."""
    if given is None and sys.stdin.isatty():
        given = click.prompt(name.capitalize(), err=True)
    if given is None:
        raise click.UsageError(f"Missing option '--{name}'.")
    return given


def record_act(say: Say, file: Path, ledger: Ledger, act: Act, once: str | None) -> None:
    """Record an act, and tell what reads otherwise since."""
    with named():
        receipt = ledger.record(act, once=once)
    tell_receipt(say, file, ledger, receipt)
