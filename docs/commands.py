"""The page of the command line: every verb of the catalogue with its help, as a terminal of 80 columns shows it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import click

from coop_ledger.cli.app import commands
from coop_ledger.cli.catalogue import ENVIRONMENT, EXIT_CODES, GROUPS, VERBS
from coop_ledger.cli.verify import verify_parser

__all__ = ["commands_page", "help_of"]

_WIDTH = 78
"""What click uses of a terminal of 80 columns."""


def commands_page() -> str:
    """All verbs, exit codes and variables."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Command line",
        "",
        "Written by `make docs` from the commands themselves; never edited by hand.",
        "`coop-ledger VERB --help` shows the same; a [tutorial](../tutorial/first-ledger.md) puts them to work.",
        "Data goes to the standard output, every other word to the standard error.",
        "",
    ]
    for title, names in GROUPS.items():
        lines += [f"**{title}**", "", "| verb | what it is for |", "| --- | --- |"]
        lines += [f"| [`{name}`](#{name}) | {VERBS[name].summary} |" for name in names]
        lines += [""]
    lines += ["## Exit codes", "", "| code | meaning |", "| --- | --- |"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    lines += ["", "## Environment variables", "", "| variable | what for |", "| --- | --- |"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in ENVIRONMENT.items()]
    lines += ["", "## All verbs", "", "```text", help_of(), "```", ""]
    for name in VERBS:
        lines += [f"## {name}", ""]
        for path in _paths(name):
            lines += [*([] if path == name else [f"### {path}", ""]), "```text", help_of(path), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _paths(name: str) -> Iterator[str]:
    """A verb, and the verbs under it."""
    yield name
    command = _command(name)
    if isinstance(command, click.Group):
        yield from (f"{name} {under}" for under in sorted(command.commands))


def _command(path: str) -> click.Command:
    command: click.Command = commands
    for name in path.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


def help_of(path: str = "") -> str:
    """
    What ``coop-ledger PATH --help`` says at 80 columns.

    Args:
        path: A verb, a verb under another like ``witness answer``, or empty for all of them.
    """
    if path == "verify":
        return _help_of_parser(verify_parser())
    command, whole = _command(path), f"coop-ledger {path}".rstrip()
    settings = {**commands.context_settings, **command.context_settings, "terminal_width": _WIDTH}
    context = click.Context(command, info_name=whole, **settings)
    return "\n".join(line.rstrip() for line in command.get_help(context).split("\n"))


def _help_of_parser(parser: argparse.ArgumentParser) -> str:
    """The help of a parser in the same dress, whatever the version of Python."""
    formatter = click.HelpFormatter(width=_WIDTH)
    positional = [action for action in parser._actions if not action.option_strings]
    formatter.write_usage(parser.prog, " ".join(["[OPTIONS]", *(str(action.metavar) for action in positional)]))
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(parser.description or "")
        formatter.write_paragraph()
        formatter.write_text(f"{positional[0].metavar}: {positional[0].help}")
    with formatter.section("Options"):
        formatter.write_dl([(_named(action), action.help or "") for action in parser._actions if action.option_strings])
    return f"{formatter.getvalue()}\n{parser.epilog}".rstrip()


def _named(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    return f"{names} {action.metavar or '[' + '|'.join(action.choices or ()) + ']'}"
