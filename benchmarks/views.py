"""
Reading one subject in a long log against a short one, as ratios of one run; then a big subject, and a whole log.
The subjects have equally many entries in both logs, spread evenly; one filling entry in a hundred is an act.
Run: python -m benchmarks.views [entries]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.load import claim, machine, median, timed
from coop_ledger import (
    Claim,
    Correction,
    Ledger,
    Merge,
    Source,
    View,
    When,
    announced,
    occurred,
    of_type,
    published_by,
)
from coop_ledger import events as ev
from coop_ledger.domain import Act
from coop_ledger.projections import INITIATIVE

SHORT, LONG = 2_000, 200_000
OWN = 50
"""Entries of each subject that is read, whatever the size of its log."""
BATCH = 10_000
BIG, WHOLE = 20_000, 100_000
ROUNDS = 15
VISIT = {"visitor": "KR", "host": "MN"}
PUBLISHERS = ("Yonhap", "KazInform", "Korea Times", "24.kg", "Asia-Plus")


def told(number: int, publisher: str | None = None) -> Source:
    """A dated source; the year moves on with the number."""
    day = f"{2016 + number % 9}-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return Source(publisher or PUBLISHERS[number % len(PUBLISHERS)], When(day), title=f"Report {number}")


def own(number: int) -> tuple[Claim, ...]:
    """One more claim about each of the subjects that are read."""
    secretariat, training = ev.InstitutionOpened("kcac-secretariat"), ev.InitiativeDelivered("water", "training")
    return (
        announced(secretariat, when=f"{2017 + number % 9}", parties={"member": "KR KZ"}, sources=told(number)),
        occurred(training, when="2017", parties={"beneficiary": "KZ KG"}, sources=told(number)),
        occurred(ev.VisitPaid(f"tour-{number}"), when="2017-05", parties=VISIT, sources=told(number)),
        announced(ev.WorkPlanAdopted(f"body-{number}", When("2018")), when="2018", sources=told(number)),
        announced(ev.InitiativeStarted(f"line-{number}"), when="2018", sources=told(number, "Rare Gazette")),
    )


def filling(number: int, ids: list[str]) -> Claim | Act:
    """A claim about other subjects; now and then an act on what was recorded before."""
    if ids and number % 1_000 == 0:
        return Merge((f"initiative:old-{number}",), f"initiative:new-{number}", "one programme under two names")
    if ids and number % 100 == 0:
        return Correction(ids[number % len(ids)], claim(number), "the day was misread")
    return claim(number)


def fill(path: Path, size: int) -> None:
    """A log of a size, with 50 entries about each subject that is read."""
    with Ledger.open(path, origin="bench.example/1") as ledger:
        others = size - OWN * len(own(0))
        step, ids, waiting = others // OWN, list[str](), list[Claim | Act]()
        for number in range(others):
            waiting.append(filling(number, ids))
            if number % step == step // 2:
                waiting.extend(own(number // step))
            if len(waiting) >= min(BATCH, size // 4):
                receipt = ledger.record(*waiting)
                ids = [id_ for id_, body in zip(receipt.ids, waiting, strict=True) if isinstance(body, Claim)]
                waiting = []
        if waiting:
            ledger.record(*waiting)


def drain(found: Iterator[object]) -> None:
    """Read all, keep none."""
    for _ in found:
        pass


READS: dict[str, Callable[[Ledger | View], object]] = {
    "institution": lambda view: view.institution("kcac-secretariat"),
    "initiative": lambda view: view.initiative("water"),
    "relationship with a rare country": lambda view: view.relationship("KR", "MN"),
    "entries of a rare type": lambda view: drain(view.entries(of_type(ev.WorkPlanAdopted))),
    "entries of a rare publisher": lambda view: drain(view.entries(published_by("Rare Gazette"))),
    "why": lambda view: view.why("institution:kcac-secretariat", "target"),
}


def compare(short: Ledger, long: Ledger) -> None:
    """Print milliseconds in both logs, and the ratio, for all that is recorded and for what was published by a day."""
    print(f"{'read':<34} {'short ms':>9} {'long ms':>9} {'ratio':>6}")
    pairs: dict[str, tuple[Ledger | View, Ledger | View]] = {
        "": (short, long),
        ", published": (short.at(published="2020-12-31"), long.at(published="2020-12-31")),
    }
    for suffix, pair in pairs.items():
        for name, read in READS.items():
            times: tuple[list[float], list[float]] = ([], [])
            for view in pair:
                read(view)
            for _ in range(ROUNDS):
                for view, found in zip(pair, times, strict=True):
                    found.append(timed(partial(read, view)))
            few, many = median(times[0]), median(times[1])
            print(f"{name + suffix:<34} {few * 1e3:>9.2f} {many * 1e3:>9.2f} {many / few:>6.2f}")


def one_of_many(number: int) -> Claim:
    """A report of one programme of BIG, or of one of many."""
    slug = "big" if number % (WHOLE // BIG) == 0 else f"line-{number % 5_000}"
    event = (ev.InitiativeStarted, ev.InitiativeDelivered, ev.InitiativeClosed)[number % 3](slug)
    return occurred(event, when=f"{2015 + number % 3}", parties={"participant": "KZ KG"}, sources=told(0))


def whole(folder: Path) -> None:
    """Print what a subject of many entries costs, and a fold of all entries."""
    with Ledger.open(folder / "whole.db", origin="bench.example/1") as ledger:
        for start in range(0, WHOLE, BATCH):
            ledger.record(*map(one_of_many, range(start, start + BATCH)))
        reads: dict[str, tuple[int, Callable[[], object]]] = {
            f"a subject of {BIG:,} claims": (BIG, lambda: ledger.initiative("big").status),
            f"a fold of {WHOLE:,} entries": (WHOLE, lambda: ledger.project(INITIATIVE)),
        }
        for name, (count, read) in reads.items():
            seconds = median([timed(read) for _ in range(3)])
            print(f"{name}: {seconds:.2f} s, {seconds / count * 1e6:.1f} µs each")


def main() -> None:
    """Print the ratios of long to short, then the big ones."""
    size = int(sys.argv[1]) if len(sys.argv) == 2 else LONG
    folder = Path(tempfile.mkdtemp(dir="."))
    print(machine())
    try:
        for path, entries in ((folder / "short.db", SHORT), (folder / "long.db", size)):
            print(f"a log of {entries:,} entries: {timed(partial(fill, path, entries)):.1f} s to fill")
        with Ledger.open(folder / "short.db") as short, Ledger.open(folder / "long.db") as long:
            assert (short.size, long.size) == (SHORT, size)
            compare(short, long)
        whole(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
