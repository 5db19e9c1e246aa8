"""A small ledger in small pages, and what becomes of it when one byte is another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from coop_ledger import Claim, Ledger, Retraction, RetractionReason, Source, announced
from coop_ledger import events as ev
from coop_ledger.audit import verify
from coop_ledger.errors import CoopLedgerError
from coop_ledger.testing import ticking
from tests.attacks.tools import ORIGIN, plan, raw

__all__ = ["Flips", "small_ledger"]


def small_ledger(path: Path, entries: int) -> Path:
    """A ledger of so many entries in pages of 512 bytes: claims, a call under a key, an act, few sealed texts."""
    with Ledger.open(path, origin=ORIGIN, recorder="desk", clock=ticking()) as ledger:
        first = ledger.record(plan(0)).ids[0]
        ledger.record(_bare(1), _bare(2), once="batch")
        ledger.record(Retraction(first, RetractionReason.WRONG, note="Withdrawn."))
        ledger.record(*(_bare(number) for number in range(4, entries)))
    with raw(path) as db:
        db.execute("PRAGMA page_size=512")
        db.execute("VACUUM")
        assert db.execute("PRAGMA page_size").fetchone() == (512,)
    return path


def _bare(number: int) -> Claim:
    """A claim without sealed texts."""
    return announced(ev.InstitutionOpened(f"office-{number}"), when="2017", sources=Source("MOFA"))


class Flips:
    """
    Every byte of a file, one at a time.

    Args:
        path: The file; it is as it was when all is done.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path.read_bytes()
        self.reports = {quick: verify(path, quick=quick).as_plain() for quick in (False, True)}
        self.entries = self._entries()

    def _entries(self) -> list[Any]:
        with Ledger.open(self.path, readonly=True) as ledger:
            return list(ledger.entries())

    def silent(self, places: Iterable[int], *, quick: bool = False) -> Iterator[int]:
        """Yield the places whose other byte is no finding although something is read otherwise than before."""
        with self.path.open("r+b", buffering=0) as file:
            for place in places:
                os.pwrite(file.fileno(), bytes((self.data[place] ^ (1 << place % 8),)), place)
                report = verify(self.path, quick=quick)
                if not report.findings and (report.as_plain() != self.reports[quick] or not self._reads_alike()):
                    yield place
                os.pwrite(file.fileno(), self.data[place : place + 1], place)

    def _reads_alike(self) -> bool:
        try:
            return self._entries() == self.entries
        except CoopLedgerError:  # our writer's own reader refuses more than it must
            return True
