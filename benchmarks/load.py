"""What the benchmarks record, and how they time it."""

from __future__ import annotations

import gc
import platform
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

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


def median(values: list[float]) -> float:
    """The middle of several rounds."""
    return statistics.median(values)


def machine() -> str:
    """Where this runs and with what."""
    names = ("attrs", "cattrs")
    found = ", ".join(f"{name} {version(name)}" for name in names)
    software = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {found}"
    return f"{software}, {sys.platform} {platform.machine()}"
