"""
The command line as a whole: which verbs there are, colours, errors, exit codes. Knows what no verb does.

A verb is loaded when it runs; the help of all of them needs click alone.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import click

from coop_ledger import __version__
from coop_ledger.cli.catalogue import GROUPS, VERBS
from coop_ledger.cli.streams import drop_output
from coop_ledger.errors import (
    AnomalyError,
    AppendConflictError,
    BundleError,
    ConsistencyError,
    CoopLedgerError,
    EntryNotFoundError,
    LedgerNotFoundError,
    NotALedgerError,
    NoteError,
    QuorumError,
    ReusedKeyError,
    SchemaVersionError,
    SplitViewError,
    StoreDamagedError,
    StoreUncertainError,
    UnsupportedKeyError,
    UntrustedNoteError,
    VerificationError,
)

__all__ = ["commands", "run"]

_EXIT_CODES: Final[tuple[tuple[type[CoopLedgerError], int], ...]] = (
    (AnomalyError, 3),
    (AppendConflictError, 3),
    (ReusedKeyError, 3),
    (EntryNotFoundError, 4),
    (LedgerNotFoundError, 4),
    (StoreUncertainError, 5),
    (QuorumError, 20),
    (UnsupportedKeyError, 20),
    (UntrustedNoteError, 20),
    (ConsistencyError, 30),
    (SplitViewError, 30),
    (VerificationError, 40),
    (BundleError, 50),
    (NoteError, 50),
    (NotALedgerError, 50),
    (SchemaVersionError, 50),
    (StoreDamagedError, 50),
)


class _Commands(click.Group):
    """Commands by the reader's question; they end quietly when the reader of their output has read enough."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A verb, loaded now."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        found: click.Command = getattr(import_module(f"coop_ledger.cli.verbs.{verb.module}"), verb.name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is meant, or a refusal that names the nearest."""
        if args[0] not in VERBS:
            near = get_close_matches(args[0], VERBS, 1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs by what they are for, without loading one."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, VERBS[name].summary) for name in names], col_max=14)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click itself would exit with 1
            drop_output()
            ctx.exit(0)


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
    """
    A tamper-evident record of who promised, agreed and delivered what.

    FILE is the ledger; it may be left out where COOP_LEDGER names one.
    """
    from coop_ledger.cli.console import console_of

    context.obj = console_of(color)


def _report(error: CoopLedgerError) -> int:
    """Say what, why and what to do on three lines, and give the exit code."""
    from coop_ledger.cli.telling import complain

    complain(error)
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 2)


def run() -> int:
    """Run a command and give its exit code."""
    try:
        code = commands.main(prog_name="coop-ledger", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        from coop_ledger.domain import safe

        vars(error)["message"] = safe(error.message)  # it repeats what was typed
        error.show()
        return error.exit_code
    except click.Abort as error:  # Ctrl-C; the door has its exit code
        raise KeyboardInterrupt from error
    except CoopLedgerError as error:
        return _report(error)
    except BrokenPipeError:
        drop_output()
    except OSError as error:  # a full disk behind the output; errors of ledger files are ours
        drop_output()
        sys.stderr.write(f"Error: the output could not be written\n  {error.strerror}\n")
        return 2
    return 0
