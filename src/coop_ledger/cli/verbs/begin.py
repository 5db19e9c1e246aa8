"""
``demo``: the first minute with the library.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from rich.console import Console

from coop_ledger.cli.dataset import load_dataset
from coop_ledger.cli.demo import demo_sheets
from coop_ledger.ledger import Ledger
from coop_ledger.recording import AlreadyRecorded

__all__ = ["demo"]

_ORIGIN: Final = "kcac-forum.example/2016"
_KEY: Final = "the record of November 2016"


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default="forum.db")
@click.pass_obj
def demo(console: Console, file: Path) -> None:
    """
    Record the forum of November 2016 and show what follows.

    FILE is made if it is missing (default: forum.db). A second run records
    nothing: it says what is there already.
    """
    title, claims = load_dataset()
    with Ledger.open(file, origin=_ORIGIN, recorder="demo") as ledger:
        receipt = ledger.record(*claims, once=_KEY)
        if isinstance(receipt, AlreadyRecorded):
            console.print(f"{len(claims)} claims were recorded in {file} already; nothing was added.", soft_wrap=True)
        else:
            console.print(f"{len(claims)} claims recorded in {file}.", soft_wrap=True)
        console.print(f"\n{title}\n", style="bold", soft_wrap=True)
        for sheet in demo_sheets(ledger):
            console.print(sheet.table())
        console.print(f"size  {ledger.size}\nroot  {ledger.root.hex()}", soft_wrap=True)
