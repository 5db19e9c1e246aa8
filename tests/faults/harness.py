"""
What every fault is judged by: whatever happened to a ledger, is all there that was acknowledged, once, and whole?

A writer records calls whose content and key follow from a number, and acknowledges each with the size and the root
that its receipt named. From that, and from the file that is left, :func:`judge` says what was lost, doubled or torn.
Fault tests and their negative controls use the same writer and the same judge; only the store differs.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from coop_ledger import Claim, Ledger, Source, When, occurred
from coop_ledger import events as ev
from coop_ledger.audit import Verdict as AuditVerdict
from coop_ledger.audit import verify
from coop_ledger.codec import decode
from coop_ledger.domain import Entry
from coop_ledger.errors import CoopLedgerError
from coop_ledger.log import Frontier, leaf_hash
from coop_ledger.stores import Stored
from tests.faults.broken import STORES
from tests.faults.nest import Line

__all__ = [
    "NOTE",
    "ORIGIN",
    "Acknowledged",
    "Verdict",
    "judge",
    "key",
    "opened",
    "record_for_ever",
    "record_one",
    "seeded",
    "told",
]

ORIGIN = "faults.example/1"
NOTE = "words that are sealed, of some length: " * 3
SOURCE = Source("Korea.net", When("2016-11-18"))


class Acknowledged(NamedTuple):
    """A call that returned: its key, and the size and root of its receipt."""

    key: str
    size: int
    root: str

    @classmethod
    def heard(cls, line: str) -> Acknowledged:
        """From the line that a writer said."""
        key, size, root = line.split()
        return cls(key, int(size), root)


class Verdict(NamedTuple):
    """
    What is left of a ledger after a fault.

    Attributes:
        size: Its entries.
        acknowledged: How many of them were acknowledged.
        lost: Keys of calls that were acknowledged and are not there.
        doubled: Keys, ids and positions that stand twice.
        torn: Sentences on what is there by half, does not agree with the rest, or stops the next call.
    """

    size: int
    acknowledged: int
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    torn: tuple[str, ...] = ()

    @property
    def faultless(self) -> bool:
        """Whether nothing is lost, doubled or torn."""
        return not (self.lost or self.doubled or self.torn)


def key(name: str, number: int) -> str:
    """The key of a writer's call."""
    return f"{name}/{number}"


def told(name: str, number: int, words: str = NOTE) -> list[Claim]:
    """What a writer records in one call: one to three claims, one of them with sealed words."""
    stem = f"{name}-{number}"
    return [
        occurred(ev.InitiativeStarted(f"{stem}-{at}"), when="2016", sources=SOURCE, note=None if at else words)
        for at in range(1 + number % 3)
    ]


def opened(path: str | Path, store: str = "ours", recorder: str = "writer") -> Ledger:
    """A ledger over a store of that name: ``ours``, or one of the broken ones."""
    return Ledger(STORES[store](path, ORIGIN), recorder=recorder)


def record_for_ever(line: Line, path: str, name: str, first: int, store: str = "ours") -> None:
    """The work of a writer: record call after call, and acknowledge each when it returns."""
    with opened(path, store, name) as ledger:
        for number in itertools.count(first):
            record_one(line, ledger, name, number)


def record_one(line: Line, ledger: Ledger, name: str, number: int) -> None:
    """One call, and its acknowledgement."""
    receipt = ledger.record(*told(name, number), once=key(name, number))
    line.say(*Acknowledged(key(name, number), receipt.size, receipt.root.hex()))


def seeded(path: Path, entries: int) -> None:
    """A new ledger with so many entries, none of which has a key."""
    with opened(path) as ledger:
        claims = itertools.chain.from_iterable(told("seed", at) for at in itertools.count())
        if entries:
            ledger.record(*itertools.islice(claims, entries))


def judge(path: Path, acknowledged: Sequence[Acknowledged], *, refused: Container[str] = ()) -> Verdict:
    """
    Say what is left of a ledger.

    Args:
        path: Its file; whoever wrote to it has ended.
        acknowledged: The calls that returned, each once.
        refused: Keys of calls that raised: they must not be there.

    Guarantees: reads entries and roots from their bytes, has the examiner look at the whole file, and records one
    more claim to see that the ledger goes on.
    """
    try:
        with opened(path, recorder="judge") as ledger:
            return _judged(ledger, path, acknowledged, refused)
    except CoopLedgerError as error:
        return Verdict(0, len(acknowledged), tuple(one.key for one in acknowledged), torn=(f"unreadable: {error}",))


def _judged(ledger: Ledger, path: Path, acknowledged: Sequence[Acknowledged], refused: Container[str]) -> Verdict:
    stored = list(_all(ledger))
    torn, entries = list[str](), list[Entry]()
    for one in stored:
        try:
            entries.append(decode(one.leaf, one.openings))
        except CoopLedgerError as error:
            torn.append(f"position {one.position}: {error}")
    if [one.position for one in stored] != list(range(ledger.size)):
        torn.append(f"positions are not dense: {[one.position for one in stored]}")
    torn += _wrong_roots(ledger, stored, acknowledged)
    calls = _calls(entries)
    lost = [one.key for one in acknowledged if one.key not in calls]
    torn += [f"a call by half: {name}" for name, (places, whole) in calls.items() if set(places) != set(range(whole))]
    torn += [f"refused, and there all the same: {name}" for name in calls if name in refused]
    doubled = [f"{name}[{at}]" for name, (places, _) in calls.items() for at, n in Counter(places).items() if n > 1]
    doubled += [one for one, n in Counter(entry.id for entry in entries).items() if n > 1]
    subjects = Counter(
        str(getattr(entry.body.event, "initiative", "")) for entry in entries if isinstance(entry.body, Claim)
    )
    doubled += [one for one, n in subjects.items() if n > 1 and not one.startswith("next-")]
    report = verify(path)
    if report.verdict is not AuditVerdict.SELF_CONSISTENT:
        torn += [f"{report.verdict.name}: {report.findings}"]
    torn += _next(ledger)
    return Verdict(len(stored), len(acknowledged), tuple(lost), tuple(doubled), tuple(torn))


def _all(ledger: Ledger) -> Iterator[Stored]:
    after = -1
    while page := ledger._store.read(((),), after=after):
        yield from page
        after = page[-1].position


def _calls(entries: Iterable[Entry]) -> dict[str, tuple[list[int], int]]:
    """Of each key: the places in its call that are there, and how many there were."""
    places, counts = defaultdict[str, list[int]](list), dict[str, int]()
    for entry in entries:
        if entry.once is not None:
            places[entry.once.key].append(entry.once.index)
            counts[entry.once.key] = entry.once.count
    return {name: (found, counts[name]) for name, found in places.items()}


def _wrong_roots(ledger: Ledger, stored: Sequence[Stored], acknowledged: Iterable[Acknowledged]) -> Iterator[str]:
    """The sizes at which the leaves give another root than a receipt, or the head, said."""
    frontier, roots = Frontier(), dict[int, str]()
    for size, one in enumerate(stored, 1):
        frontier.extend([leaf_hash(one.leaf)])
        roots[size] = frontier.root().hex()
    for ack in acknowledged:
        if roots.get(ack.size) != ack.root:
            yield f"another root at size {ack.size} than was acknowledged"
    if frontier.root() != ledger.root:
        yield "the head has another root than the leaves"


def _next(ledger: Ledger) -> Iterator[str]:
    """Why the next call does not work, if it does not."""
    size = ledger.size
    try:
        receipt = ledger.record(*told("next", 0))
    except CoopLedgerError as error:
        yield f"the next call does not work: {error}"
        return
    if receipt.positions != (size,):
        yield f"the next entry got {receipt.positions} instead of {size}"
