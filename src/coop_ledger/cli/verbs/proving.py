"""
``verify`` and what else belongs to evidence.
"""

from __future__ import annotations

import click

from coop_ledger.cli.verify import SUMMARY, run_verify

__all__ = ["verify"]


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True}, short_help=SUMMARY)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def verify(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Hand over to the verb that works without this module, too."""
    context.exit(run_verify(arguments))
