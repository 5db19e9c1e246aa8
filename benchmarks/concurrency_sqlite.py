"""
Writers of one SQLite file. The median commit is the time from the end of one call to that of the next, whose ever
it is, in the same run: a disk that others use is ten times slower from one second to the next, so rounds are short.
Run: python -m benchmarks.concurrency_sqlite [WRITERS [CALLS [FOLDER]]]
"""

from __future__ import annotations

import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from itertools import islice, pairwise, zip_longest
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from benchmarks.load import ceiling, claim, floor, machine, median
from coop_ledger import Ledger

WRITERS, CALLS, ROUNDS = 8, 800, 7
LEAST, MOST = 0.7, 20.0
FOLLOWED = 20_000


class Run(NamedTuple):
    """
    What some writers did.

    Attributes:
        rate: Calls a second, while all were at work.
        calls: Seconds that each call took.
        commit: The median of the seconds from the end of a call to the end of the next.
        passed: How many calls of others ended during one call, at most.
        amiss: How many entries are lost or stand twice.
    """

    rate: float
    calls: list[float]
    commit: float
    passed: int
    amiss: int


def write(path: Path, name: str, calls: int, start: Barrier, answer: Path) -> None:
    """Record claims one by one; how long each call took goes into a file."""
    claims = [claim(number) for number in range(calls)]
    with Ledger.open(path, recorder=name) as ledger:
        ledger.record(claims[0], once=f"{name}/warm")
        start.wait()
        times = [time.perf_counter()]
        for number, one in enumerate(claims):
            ledger.record(one, once=f"{name}/{number}")
            times.append(time.perf_counter())
    answer.write_text("\n".join(map(repr, times)))


def follow(path: Path, entries: int, answer: Path) -> None:
    """Follow a ledger until so many entries came; their positions go into a file."""
    with Ledger.open(path, readonly=True) as ledger, ledger.follow() as following:
        answer.write_text("\n".join(str(entry.position) for entry in islice(following, entries)))


def missed(path: Path, writers: int, entries: int) -> int:
    """How many of the entries that writers record one by one a follower does not get, or gets twice or in disorder."""
    Ledger.open(path, origin="bench.example/1").close()
    context = get_context("spawn")
    each, start, answer = entries // writers, context.Barrier(writers), path.with_name("followed")
    running = [
        context.Process(target=write, args=(path, f"w{number}", each - 1, start, path.with_name(f"w{number}")))
        for number in range(writers)
    ]
    running.append(context.Process(target=follow, args=(path, each * writers, answer)))
    for process in running:
        process.start()
    for process in running[:-1]:
        process.join()
    running[-1].join(60)
    running[-1].kill()
    got = list(map(int, answer.read_text().split())) if answer.exists() else []
    return sum(one != other for one, other in zip_longest(got, range(each * writers)))


def run(path: Path, writers: int, calls: int) -> Run:
    """Some processes, which share *calls* calls."""
    Ledger.open(path, origin="bench.example/1").close()
    context = get_context("spawn")
    start = context.Barrier(writers)
    answers = [path.with_name(f"{path.name}.{number}") for number in range(writers)]
    each = calls // writers
    running = [
        context.Process(target=write, args=(path, f"w{number}", each, start, answer))
        for number, answer in enumerate(answers)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    times = [[float(line) for line in answer.read_text().splitlines()] for answer in answers]
    ends = sorted(end for one in times for end in one[1:] if end <= min(other[-1] for other in times))
    took = ends[-1] - min(one[0] for one in times)
    with Ledger.open(path, readonly=True) as ledger:
        keys = [entry.once.key for entry in ledger.entries() if entry.once is not None]
    wanted = {f"w{number}/{call}" for number in range(writers) for call in (*range(each), "warm")}
    amiss = len(wanted - set(keys)) + len(keys) - len(set(keys))
    seconds = [end - begin for one in times for begin, end in pairwise(one)]
    commit = median([end - begin for begin, end in pairwise(ends)])
    passed = max(bisect_left(ends, end) - bisect_right(ends, begin) for one in times for begin, end in pairwise(one))
    return Run(len(ends) / took, seconds, commit, passed, amiss)


def main(writers: int = WRITERS, calls: int = CALLS, folder: str = ".") -> None:
    """Print the rates, the slowest calls, and the ratios."""
    shares, slowest, passed, amiss = [], [], 0, 0
    with tempfile.TemporaryDirectory(dir=folder) as name:
        for number in range(ROUNDS):
            alone = run(Path(name, f"{number}-alone.db"), 1, calls)
            many = run(Path(name, f"{number}-many.db"), writers, calls)
            shares.append(many.rate / alone.rate)
            slowest.append(max(many.calls) / writers / many.commit)
            passed = max(passed, many.passed)
            amiss += alone.amiss + many.amiss
            for title, one in (("1 writer", alone), (f"{writers} writers", many)):
                cells = (one.commit, median(one.calls), max(one.calls))
                shown = ", ".join(f"{cell * 1e3:.2f}" for cell in cells)
                print(f"{title:>10}: {one.rate:7.0f} calls/s; commit, median call, slowest call: {shown} ms")
        lost = missed(Path(name, "followed.db"), writers, FOLLOWED)
    print(f"rate of {writers} SQLite writers to that of one: {floor(median(shares), LEAST)}")
    print(f"slowest call of all / writers / median commit of its round: {ceiling(max(slowest), MOST)}")
    print(f"calls of others that ended during one call: {ceiling(passed / writers, MOST)} times the writers")
    print(f"missed by a follower of {FOLLOWED:,} single appends: {lost} (at most 0: {'missed' if lost else 'holds'})")
    print(f"lost or doubled: {amiss} (at most 0: {'holds' if not amiss else 'missed'})")


if __name__ == "__main__":
    print(machine())
    given = dict(zip(("writers", "calls"), map(int, sys.argv[1:3]), strict=False))
    main(**given, folder=sys.argv[3] if len(sys.argv) > 3 else ".")
