"""
``publish``, ``export``, ``restore`` and ``copy``: a ledger as files for others, one taken over, and one moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from coop_ledger.cli.handing import FILE, new_file, read_given
from coop_ledger.cli.options import (
    LEDGER,
    LEDGER_PATH,
    Axes,
    LedgerCommand,
    Say,
    answers,
    axes,
    given_as,
    opened,
    viewed,
)
from coop_ledger.cli.output import Answer
from coop_ledger.cli.tables import Sheet
from coop_ledger.errors import StoreNotEmptyError
from coop_ledger.interchange import ClaimFormat, copy_ledger, export_claims
from coop_ledger.ledger import Ledger
from coop_ledger.stores import is_postgres, place_of

__all__ = ["copy", "export", "publish", "restore"]

_STDOUT = Path("-")
_TABLES = (".csv", ".json")
"""How files end that are no bundle: who names one so wants the claims."""


@contextmanager
def _into(target: Path) -> Iterator[None]:
    """Say of a target that holds entries which one it is, and what to name in its place."""
    try:
        yield
    except StoreNotEmptyError as error:
        error.where = place_of(str(target)).shown if is_postgres(target) else str(target)
        error.hint = "name a new file, or a database in which the ledger of this origin is empty or not begun"
        raise


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("folder", type=FILE)
@click.option(
    "--checkpoint", "note", metavar="PATH", type=FILE, help="The signed checkpoint to publish, with its size."
)
@answers
def publish(file: Path, folder: Path, note: Path | None, say: Say) -> None:
    """
    Write FILE into FOLDER, for any web server to serve.

    Only what is new is written, the checkpoint last; what is there is
    compared first and never changed. Leaves are public with this; sealed texts
    are not in them. The layout is that of C2SP tlog-tiles.
    """
    checkpoint = None if note is None else read_given(note)
    with opened(file) as ledger:
        names = ledger.publish(folder, checkpoint=checkpoint)
    rows = [{"name": name} for name in names]
    sheet = Sheet("Written", ("Name",), [(name,) for name in names])
    say(Answer("file", rows, [sheet], "nothing is new: the folder holds all of it"))


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("target", metavar="OUT", type=FILE)
@click.option("--public", "--without-openings", "public", is_flag=True, help="Leave the sealed texts at home.")
@click.option("--size", metavar="SIZE", type=int, help="Only the first SIZE entries. [default: all]")
@click.option("--checkpoint", "note", metavar="PATH", type=FILE, help="A signed checkpoint that goes along.")
@click.option(
    "--as",
    "kind",
    type=click.Choice([kind.value for kind in ClaimFormat]),
    help="Only the claims, as people read them.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@axes
@answers
def export(
    file: Path, target: Path, public: bool, size: int | None, note: Path | None, kind: str | None, force: bool,
    known: Axes, say: Say,
) -> None:  # fmt: skip
    """
    Write FILE into a new file that others can read.

    OUT is a bundle: the whole ledger in lines, which verify checks and restore
    makes a ledger again. With --as it is a file of the claims that count, which
    import reads, of the ledger as --published and --recorded say; OUT may be -
    then, the standard output. It proves nothing.
    """
    if kind is not None:
        if public or size is not None or note is not None:
            raise click.UsageError("--as goes with none of --public, --size and --checkpoint.")
        if target == _STDOUT and say.form != "table":
            raise click.UsageError("--format tells of a file: give its name in place of -.")
        _export_claims(file, target, kind, known, force=force)
        _tell(say, {"file": str(target), "as": kind})
        return
    if any(known):
        raise click.UsageError("--published, --recorded and --on go with --as.")
    if target == _STDOUT:
        raise click.UsageError("A bundle is a file: give its name in place of -.")
    if target.suffix.casefold() in _TABLES:
        table = target.suffix[1:].casefold()
        raise click.UsageError(
            f"A bundle is no {table}: for the claims alone give --as {table}, else name OUT otherwise."
        )
    checkpoint = None if note is None else read_given(note)
    with opened(file) as ledger, given_as(size="--size"), new_file(target, force=force) as part:
        footer = ledger.export(part, openings=not public, size=size, checkpoint=checkpoint)
    click.echo(f"entries {footer.entries}, with sealed texts {footer.opened}, root {footer.root.hex()}", err=True)
    told = {"entries": footer.entries, "opened": footer.opened, "root": footer.root.hex()}
    _tell(say, {"file": str(target), "as": "bundle", **told})


def _tell(say: Say, item: dict[str, Any]) -> None:
    """Tell programs what was written; people were told beside it."""
    columns = tuple(name.capitalize() for name in item)
    say(Answer("export", [item], [Sheet("Exported", columns, [tuple(item.values())])], text=lambda _: None))


def _export_claims(file: Path, target: Path, kind: str, known: Axes, *, force: bool) -> None:
    with viewed(file, known) as view:
        pieces = export_claims(view, kind)
        if target == _STDOUT:
            for piece in pieces:
                click.echo(piece, nl=False)
            return
        with new_file(target, force=force) as part, part.open("xb") as written:
            written.writelines(pieces)


@click.command(cls=LedgerCommand)
@LEDGER
@click.argument("target", type=LEDGER_PATH)
@answers
def copy(file: Path, target: Path, say: Say) -> None:
    """
    Copy FILE, all of it, into another file or database.

    TARGET is a new file, or postgresql://user@host/database. Positions, ids,
    times, sealed texts and keys stay, and so does every checkpoint: the copy
    has the same root, or there is none. Every leaf is checked on its way. What
    is recorded in FILE afterwards is not in TARGET: go on in one of them.
    """
    with opened(file) as ledger, _into(target):
        head = copy_ledger(ledger, target)
        item = {"origin": ledger.origin, "size": head.size, "root": head.root.hex()}
    say(Answer("ledger", [item], [Sheet("Copied", ("Origin", "Size", "Root"), [tuple(item.values())])]))


@click.command()
@click.argument("bundle", type=FILE)
@click.argument("file", type=LEDGER_PATH)
@click.option("--origin", metavar="ORIGIN", help="The origin that the bundle must have, if you know it.")
@answers
def restore(bundle: Path, file: Path, origin: str | None, say: Say) -> None:
    """
    Make FILE, a ledger, of a bundle.

    Every byte of BUNDLE is checked. Compare the root with one that you have
    from elsewhere: whoever can write a bundle can write another root into it.
    A ledger made of a bundle without its sealed texts lacks them, which verify
    finds: hand the bundle on, and not the ledger.
    """
    with _into(file), Ledger.from_bundle(bundle, file, origin=origin) as ledger:
        basis = ledger.at().basis
    item = {"origin": basis.origin, "size": basis.size, "root": basis.root.hex()}
    say(Answer("ledger", [item], [Sheet("Restored", ("Origin", "Size", "Root"), [tuple(item.values())])]))
