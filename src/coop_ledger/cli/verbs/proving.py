"""
``verify``, handed over to the module that works without click; here is what shells complete of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from click.shell_completion import CompletionItem

from coop_ledger.cli.verify import SUMMARY, run_verify, verify_parser

__all__ = ["verify"]


class _Handed(click.Command):
    """A command whose options are another parser's."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Its options."""
        return [CompletionItem(name) for name in _options() if name.startswith(incomplete)]


def _options() -> Iterator[str]:
    actions: Any = verify_parser()._actions  # argparse has no public list of them
    return (name for action in actions for name in action.option_strings if name.startswith("--"))


@click.command(
    cls=_Handed, add_help_option=False, context_settings={"ignore_unknown_options": True}, short_help=SUMMARY
)
@click.argument("arguments", nargs=-1, type=click.Path())
@click.pass_context
def verify(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Hand over to the verb that works without this module, too."""
    context.exit(run_verify(arguments))
