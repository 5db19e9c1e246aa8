"""A small ledger in small pages, or handed over, and what becomes of it when one byte is another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from coop_ledger import Claim, Ledger, Retraction, RetractionReason, Source, announced, read_published
from coop_ledger import events as ev
from coop_ledger.audit import verify
from coop_ledger.errors import CoopLedgerError
from coop_ledger.log import Checkpoint
from coop_ledger.testing import ticking
from tests.attacks.agreement import agreed
from tests.attacks.signed import signed
from tests.attacks.tools import ORIGIN, plan, raw

__all__ = ["Flips", "HandedFlips", "small_ledger"]


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


class HandedFlips:
    """
    Every byte of a small bundle, or of all files of a small published folder, one at a time, before both verifiers.

    Args:
        folder: Where it is made.
        published: Whether it is a folder, published twice, or a bundle; each has a signed checkpoint.
    """

    def __init__(self, folder: Path, *, published: bool) -> None:
        self.path = folder / ("site" if published else "ledger.bundle")
        with Ledger.in_memory(origin=ORIGIN, recorder="desk", clock=ticking()) as ledger:
            first = ledger.record(_bare(0)).ids[0]
            if published:
                ledger.publish(self.path)
            ledger.record(Retraction(first, RetractionReason.WRONG, note="Withdrawn."), once="alone")
            note = signed(Checkpoint(ledger.origin, ledger.size, ledger.root))
            if published:
                ledger.publish(self.path, checkpoint=note)
            else:
                ledger.export(self.path, checkpoint=note)
        files = (path for path in self.path.rglob("*") if path.is_file()) if published else [self.path]
        self.places = [(path, at) for path in sorted(files) for at in range(path.stat().st_size)]
        self.told = self._told()
        self.entries = self._entries()

    def _told(self) -> tuple[Any, str, bool]:
        """What both say; whether there is a finding."""
        report, said = agreed(self.path)
        return report.as_plain(), said, len(report.findings) > 0

    def _entries(self) -> Any:
        """What is read of it."""
        if self.path.is_dir():
            return read_published(self.path)._replace(checkpoint=None)
        with Ledger.from_bundle(self.path) as ledger:
            return list(ledger.entries())

    def silent(self, places: Iterable[tuple[Path, int]]) -> Iterator[tuple[str, int]]:
        """Yield the places whose other byte is no finding although something is said or read otherwise than before."""
        for path, at in places:
            kept = path.read_bytes()
            path.write_bytes(kept[:at] + bytes((kept[at] ^ (1 << at % 8),)) + kept[at + 1 :])
            told = self._told()
            if not told[2] and (told != self.told or self._entries() != self.entries):
                yield path.name, at
            path.write_bytes(kept)
