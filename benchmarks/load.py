"""What the benchmarks record, and how they time it."""

from __future__ import annotations

import compileall
import gc
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import coop_ledger
from coop_ledger import Claim, Rank, Source, SourceKind, When, Where, occurred
from coop_ledger import events as ev

PARTIES = {"host": "KR", "participant": "KZ KG TJ TM UZ"}


def claim(number: int) -> Claim:
    """A claim as the record of 2016 has them: six parties, one source, five sealed texts."""
    source = Source(
        "Korea.net",
        When("2016-11-18"),
        title="Korea, Central Asia strengthen ties through cooperation forum",
        url="http://www.korea.net/NewsFocus/policies/view?articleId=142192",
        author="Lee Hana",
        language="en",
        quote="The tenth Korea-Central Asia Cooperation Forum was held at the Lotte Hotel in Seoul.",
        kind=SourceKind.PRIMARY,
    )
    delegation = ev.DelegationAttended(
        f"forum-{number % 10_000}/{number % 10_000 % 7 + 1}", "KZ", "p-b5a6", "Alibek Bakayev", (Rank.DIRECTOR_GENERAL,)
    )
    return occurred(
        delegation,
        when="2016-11-15",
        where=Where("KR", "seoul"),
        parties=PARTIES,
        sources=source,
        note=f"Entry {number}.",
    )


def timed(work: Callable[[], Any]) -> float:
    """Seconds that one call takes, without the garbage of what came before."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def process_times(commands: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """
    Seconds that whole processes of this Python take, fifteen of each, by turns.

    Args:
        commands: The arguments of each, by name.
    """
    # an import reads byte code that stands beside its source, also where the environment writes none
    compileall.compile_dir(next(iter(coop_ledger.__path__)), quiet=1)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(15):
        for name, arguments in commands.items():
            run = partial(subprocess.run, [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            times[name].append(timed(run))
    return times


def median(values: list[float]) -> float:
    """The middle of several rounds."""
    return statistics.median(values)


def floor(ratio: float, least: float) -> str:
    """A ratio beside the least that it should be, and whether it is."""
    return f"{ratio:.3f} (floor {least:.2f}: {'holds' if ratio >= least else 'missed'})"


def ceiling(ratio: float, most: float) -> str:
    """A ratio beside the most that it should be, and whether it is."""
    return f"{ratio:.3f} (at most {most:.2f}: {'holds' if ratio <= most else 'missed'})"


def machine() -> str:
    """Where this runs and with what."""
    names = ("attrs", "cattrs")
    found = ", ".join(f"{name} {version(name)}" for name in names)
    software = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {found}"
    return f"{software}, {sys.platform} {platform.machine()}"
