"""Writers that race on one file: what each does in a process of its own, and what they were told."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from coop_ledger import Ledger, Unchanged, about, everything
from coop_ledger.errors import AppendConflictError, StoreBusyError
from coop_ledger.recording import AlreadyRecorded, Receipt
from tests.faults.harness import Acknowledged, Verdict, judge, key, opened, told
from tests.faults.nest import Child, Line, Nest

__all__ = ["Told", "contend", "heard", "raced", "wins"]

_AGAIN = 7
"""Each so manieth call is made once more, as by a writer whose answer was lost."""


class Told(NamedTuple):
    """
    What the writers of a race were told.

    Attributes:
        verdict: What is left.
        busy: How often one was told to try again.
        again: How many calls that were made once more got their old receipt.
        disordered: Sentences on calls that do not stand where their receipts say, or not in the order of their writer.
    """

    verdict: Verdict
    busy: int
    again: int
    disordered: tuple[str, ...]


def impatient(ledger: Ledger, patience_s: float) -> None:
    """Have a ledger wait so long for other writers, also after it was told to try again."""
    connections: Any = ledger._store._connections  # type: ignore[attr-defined]
    connections._timeout_s = connections.turns._timeout_s = patience_s
    connections.drop()


def record_in_a_race(line: Line, path: str, name: str, calls: int, patience_s: float, store: str = "ours") -> None:
    """The work of a writer: each call is made until it is acknowledged, with the same key."""
    busy = again = 0
    with opened(path, store, name) as ledger:
        impatient(ledger, patience_s)
        line.wait()
        for number in range(calls):
            receipt, refusals = _recorded(ledger, name, number)
            line.say(*Acknowledged(key(name, number), receipt.size, receipt.root.hex()))
            busy += refusals
            if number % _AGAIN == 0:
                receipt, refusals = _recorded(ledger, name, number)
                again += isinstance(receipt, AlreadyRecorded)
                busy += refusals
    line.say("sums", busy, again)


def _recorded(ledger: Ledger, name: str, number: int) -> tuple[Receipt, int]:
    """The receipt of a call, and how often it had to be made again."""
    for refusals in itertools.count():
        with suppress(StoreBusyError):
            return ledger.record(*told(name, number), once=key(name, number)), refusals
    raise AssertionError


def heard(children: Iterable[Child]) -> list[list[str]]:
    """What children say to their end, each heard by a thread, so that none waits because it is not heard."""
    said = list[list[str]]()
    threads = list[Thread]()
    for child in children:
        lines = list[str]()
        said.append(lines)
        threads.append(Thread(target=lambda child=child, lines=lines: lines.extend(child.rest())))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return said


def raced(nest: Nest, path: Path, writers: int, calls: int, *, patience_s: float = 0.005, store: str = "ours") -> Told:
    """Have writers record on one file at once, to the end of their calls; what they were told, and what is left."""
    opened(path).close()
    names = [f"w{at}" for at in range(writers)]
    children = [nest.start(record_in_a_race, str(path), name, calls, patience_s, store) for name in names]
    for child in children:
        child.say("go")
    said = heard(children)
    assert [child.wait() for child in children] == [0] * writers, [lines[-1:] for lines in said]
    acknowledged = {
        name: [Acknowledged.heard(one) for one in lines[:-1]] for name, lines in zip(names, said, strict=True)
    }
    busy, again = (sum(int(lines[-1].split()[at]) for lines in said) for at in (1, 2))
    verdict = judge(path, [one for calls in acknowledged.values() for one in calls])
    return Told(verdict, busy, again, tuple(_disordered(path, acknowledged)))


def _disordered(path: Path, acknowledged: Mapping[str, Sequence[Acknowledged]]) -> list[str]:
    with opened(path) as ledger:
        ends = {entry.once.key: entry.position + 1 for entry in ledger.entries() if entry.once is not None}
    wrong = list[str]()
    for name, calls in acknowledged.items():
        wrong += [
            f"{one.key} ends at {ends.get(one.key)}, not {one.size}" for one in calls if ends.get(one.key) != one.size
        ]
        if [one.key for one in calls] != [key(name, number) for number in range(len(calls))]:
            wrong.append(f"{name} was not acknowledged in the order of its calls")
        if any(one.size >= next_one.size for one, next_one in itertools.pairwise(calls)):
            wrong.append(f"the calls of {name} stand in another order")
    return wrong


def contend(line: Line, path: str, name: str, rounds: int, wide: bool, store: str = "ours") -> None:
    """The work of a writer that decides on what it read, of all or of one subject, and records only if it stands."""
    with opened(path, store, name) as ledger:
        for number in range(rounds):
            size = ledger.size
            line.say("read", size)
            line.wait()
            (claim, *_) = told("shared", 3 * number)
            query = everything() if wide else about(f"initiative:shared-{3 * number}-0")
            try:
                receipt = ledger.record(claim, once=key(name, number), condition=Unchanged(query, since=size))
            except AppendConflictError as error:
                line.say("lost", key(name, number), *error.positions)
            else:
                line.say("won", *Acknowledged(key(name, number), receipt.size, receipt.root.hex()))
            line.wait()


def wins(
    nest: Nest, path: Path, rounds: int, *, writers: int = 2, wide: bool = True, store: str = "ours"
) -> tuple[list[int], Verdict]:
    """How many writers won in each round of those that decide on the same reading; and what is left."""
    opened(path).close()
    children = [nest.start(contend, str(path), f"c{at}", rounds, wide, store) for at in range(writers)]
    won, acknowledged, refused = list[int](), list[Acknowledged](), set[str]()
    for _ in range(rounds):
        assert len({child.hear() for child in children}) == 1, "they read the same"
        for child in children:
            child.say("go")
        answers = [child.hear().split(maxsplit=1) for child in children]
        won.append(sum(word == "won" for word, _ in answers))
        acknowledged += [Acknowledged.heard(rest) for word, rest in answers if word == "won"]
        refused |= {rest.split()[0] for word, rest in answers if word == "lost"}
        for child in children:
            child.say("go")
    for child in children:
        child.finished()
    return won, judge(path, acknowledged, refused=refused)
