"""
``doctor`` and ``completion``: for when something does not work, and for when it should be typed faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class

from coop_ledger.cli.catalogue import LEDGER_VARIABLE
from coop_ledger.cli.checkup import Line, of_file, of_installation
from coop_ledger.cli.options import LEDGER_PATH, Say, answers
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet

__all__ = ["completion", "doctor"]

_ATTENTION: Final = 10
"""Exit code where something calls for attention."""


@click.command()
@click.argument("file", type=LEDGER_PATH, required=False, envvar=LEDGER_VARIABLE)
@answers
def doctor(file: Path | None, say: Say) -> None:
    """
    Look at what is installed, and how FILE stands.

    Each line is ok, or calls for attention and says what to do. Nothing is
    changed. What FILE says, and whether somebody altered it, is for verify.

    Exit codes: 0 all is ok, 10 something calls for attention, 4 there is no
    FILE, 50 it is no ledger.
    """
    lines = list(chain(of_installation(), () if file is None else of_file(file)))
    say(Answer("check", map(_item, lines), [Sheet("Doctor", ("About", "State", "Found", "What to do"), _rows(lines))]))
    if any(line.attention for line in lines):
        click.get_current_context().exit(_ATTENTION)


def _state(line: Line) -> str:
    return "attention" if line.attention else "ok"


def _item(line: Line) -> dict[str, str]:
    return {"about": line.about, "state": _state(line), "found": line.found, "step": line.step}


def _rows(lines: list[Line]) -> Iterator[tuple[str, ...]]:
    return ((line.about, _state(line), line.found, line.step) for line in lines)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """
    Print what makes SHELL complete commands.

    \b
    bash  eval "$(coop-ledger completion bash)"         in ~/.bashrc
    zsh   eval "$(coop-ledger completion zsh)"          in ~/.zshrc
    fish  coop-ledger completion fish | source          in config.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root()
    click.echo(kind(root.command, {}, "coop-ledger", "_COOP_LEDGER_COMPLETE").source())
