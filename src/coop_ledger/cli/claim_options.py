"""
The options that say what a claim says: one for each column, made from the declarations of events. Knows no ledger.

An option has the name of its column in a table of claims: ``--source-kind`` here is ``source kind`` there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial, wraps
from typing import Any, Final, NoReturn

import click
from click.shell_completion import CompletionItem

from coop_ledger.cli.telling import complain_of_rows
from coop_ledger.cli.template import meaning
from coop_ledger.codec import wire_name
from coop_ledger.domain import EVENT_TYPES, Claim, field_specs
from coop_ledger.errors import ClaimFileError, UnknownEventTypeError
from coop_ledger.interchange import BadRow, ClaimColumn, claim_columns, read_typed
from coop_ledger.recording import last_day

__all__ = [
    "EVENTS",
    "ClaimCommand",
    "check_event",
    "claim_of",
    "complete_event",
    "option_name",
    "typed_texts",
    "with_texts",
]

EVENTS: Final = tuple(wire_name(event) for event in EVENT_TYPES)
"""The wire names of all events."""

_SAID: Final = {"announced": "planned", "observed": "holds"}
"""Other words for an assertion, as the makers of the library have them."""
_ASSERTIONS: Final = ("proposed", "planned", "announced", "occurred", "holds", "observed", "denied")
_EVENT: Final = "coop-ledger event"
_COLUMN: Final = "column_"
_METAVARS: Final = {
    "When": "DATE",
    "party": "PARTY",
    "subject id": "KIND:SLUG",
    "decimal": "NUMBER",
    "percent": "NUMBER",
    "whole number": "NUMBER",
    "yes/no": "YES|NO",
    "country slug": "CODE",
}
_HINTS: Final = {
    "say who said so": "name the publisher; --source-of takes the sources of an earlier entry",
}
"""What to do in a file → what to do here."""
_SECTIONS: Final = {
    "event": "What {event} says",
    "claim": "How far it got, when, who",
    "where": "Where it happens",
    "source": "Who says so",
}


class _ColumnOption(click.Option):
    """The option of a column."""

    def __init__(self, name: str, column: ClaimColumn | None, **more: Any) -> None:
        dashed = name.replace("_", "-")
        more.setdefault("metavar", "TEXT")
        super().__init__([f"--{dashed}", *more.pop("also", ()), f"{_COLUMN}{name}"], **more)
        self.column = column


def _option(column: ClaimColumn) -> _ColumnOption:
    needed = " Required." if column.required else ""
    if column.name == "assertion":
        text = "How far it got. announced is another word for planned, observed for holds. Required."
        return _ColumnOption(
            "assertion", column, type=click.Choice(_ASSERTIONS, case_sensitive=False), metavar=None, help=text
        )
    if column.name == "parties":
        text = "Who takes part, and its role: 'KR host'. Again for each party, or parted by semicolons."
        return _ColumnOption("parties", column, multiple=True, metavar="'PARTY ROLE'", help=text)
    metavar = "CODE" if column.codes else _METAVARS.get(column.spec.type)
    metavar = metavar or ("SLUG" if column.spec.type.endswith(" slug") else "TEXT")
    more = {"shell_complete": partial(_starting, column.codes)} if column.codes else {}
    return _ColumnOption(column.name, column, metavar=metavar, help=f"{meaning(column)}{needed}", **more)


def _starting(words: Iterable[str], _: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]


def complete_event(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What may be typed of FILE EVENT: an event behind the ledger, or in its place where something of one stands."""
    given = context.params.get(str(parameter.name)) or ()
    if not given and not _starting(EVENTS, context, parameter, incomplete or " "):
        return [CompletionItem(incomplete, type="file")]
    return list(
        map(CompletionItem, _starting(() if set(given) & set(EVENTS) else EVENTS, context, parameter, incomplete))
    )


class ClaimCommand(click.Command):
    """A command with the options of a claim; those of an event are shown where the arguments name it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for the event before the options are made."""
        ctx.meta[_EVENT] = next((word for word in args if word in EVENTS), None)
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options of the event, those of all claims, and, hidden, those of all other events."""
        event = ctx.meta.get(_EVENT)
        shown = [_option(column) for column in claim_columns(event) if column.name != "event"]
        there = {option.name for option in shown}
        others = dict.fromkeys(name for cls in EVENT_TYPES for name in field_specs(cls))
        hidden = [_ColumnOption(name, None, hidden=True) for name in others if f"{_COLUMN}{name}" not in there]
        return [*shown, *hidden, *super().get_params(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options by what they are about."""
        event, params = ctx.meta.get(_EVENT), self.get_params(ctx)
        for holder, title in _SECTIONS.items():
            columns = (one for one in params if isinstance(one, _ColumnOption) and one.column is not None)
            _write(ctx, formatter, title.format(event=event), (one for one in columns if _holder(one) == holder))
        _write(ctx, formatter, "Options", (one for one in params if type(one) is click.Option))


def _holder(option: _ColumnOption) -> str:
    return "" if option.column is None else option.column.holder


def _write(ctx: click.Context, formatter: click.HelpFormatter, title: str, options: Iterator[click.Parameter]) -> None:
    rows = [row for option in options if (row := option.get_help_record(ctx)) is not None]
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows, col_max=26)


def typed_texts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gather the options of a claim, given as *texts*: column → text."""

    @wraps(function)
    def command(**given: Any) -> None:
        columns = {name.removeprefix(_COLUMN): given.pop(name) for name in list(given) if name.startswith(_COLUMN)}
        texts = {name: "; ".join(text) if isinstance(text, tuple) else text for name, text in columns.items() if text}
        function(texts=texts, **given)

    return command


def with_texts(texts: Mapping[str, str], event: str) -> dict[str, str]:
    """The texts of a claim of an event, its assertion in the one spelling that counts."""
    said = texts.get("assertion", "").strip().casefold()
    assertion = {"assertion": _SAID.get(said, said)} if said else {}
    return {**texts, **assertion, "event": event}


def check_event(event: str) -> None:
    """
    Refuse what is no event.

    Raises:
        UnknownEventTypeError: It names the nearest ones.
    """
    if event in EVENTS:
        return
    word = event.casefold()
    near = [*(name for name in EVENTS if word in name), *get_close_matches(word, EVENTS, 3, 0.5)]
    ends = {name.partition(".")[2]: name for name in EVENTS}
    near += [ends[end] for end in get_close_matches(word.rpartition(".")[2], ends, 3, 0.7)]
    hint = f"did you mean {' or '.join(list(dict.fromkeys(near))[:4])}?" if near else None
    raise UnknownEventTypeError(
        "there is no such event", where="EVENT", found=event[:80],
        hint=hint or "list all events with: coop-ledger record --list",
    )  # fmt: skip


def option_name(column: str) -> str:
    """How the option of a column is written."""
    dashed = column.replace(" ", "-").replace("_", "-")
    return "EVENT" if dashed == "event" else f"--{dashed}"


def claim_of(texts: Mapping[str, str], name: Callable[[str], str] = option_name) -> Claim:
    """
    The claim of its texts; where they are none, all that is wrong with them is told, and the command ends.

    Args:
        texts: Column → text.
        name: How a column is called to the person who typed it.
    """
    try:
        row = read_typed(texts, latest=last_day(datetime.now(UTC)))
    except ClaimFileError as error:
        _refuse(error.problems, texts, name)
    if isinstance(row, BadRow):
        _refuse(row.problems, texts, name)
    return row.claim


def _refuse(problems: Any, texts: Mapping[str, str], name: Callable[[str], str]) -> NoReturn:
    hint = f"see what there is: coop-ledger record --help {texts.get('event', '')}".rstrip()
    told = [
        one._replace(
            hint=hint
            if one.what.endswith(("has no such field", "there is no such column"))
            else _HINTS.get(one.hint or "", one.hint)
        )
        for one in problems
    ]
    complain_of_rows(told, name)
    raise click.exceptions.Exit(2)
