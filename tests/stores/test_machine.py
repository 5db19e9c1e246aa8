"""Memory and SQLite in step: whatever is done, both answer alike."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from coop_ledger.errors import CoopLedgerError
from coop_ledger.stores import Condition, Draft, MemoryStore, SqliteStore
from coop_ledger.testing import ticking

ORIGIN = "machine.example/1"
LABELS = ("a:1", "a:2", "b:1")


class Stores(RuleBasedStateMachine):
    """The model in memory, and a file that is closed and opened again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model = MemoryStore(ORIGIN, clock=ticking(step=timedelta(seconds=7)))
        self.clock = ticking(step=timedelta(seconds=7))
        self.file = self.open()
        self.made = 0

    def open(self) -> SqliteStore:
        return SqliteStore.open(self.folder / "machine.db", origin=ORIGIN, clock=self.clock)

    def draft(self, labels: frozenset[str], once: tuple[str, int, int] | None = None) -> Draft:
        self.made += 1
        return Draft(
            f'{{"n":{self.made},'.encode(), b'"v":1}', f"id-{self.made}", tuple(sorted(labels)), once, b"{opening}"
        )

    def both(self, act: str, *arguments: Any) -> None:
        """One act on both: equal answers, or errors of one kind, and the clocks stay in step."""
        answers = []
        for store in (self.model, self.file):
            try:
                answers.append(getattr(store, act)(*arguments))
            except CoopLedgerError as error:
                answers.append((type(error), getattr(error, "positions", None)))
        assert answers[0] == answers[1]

    @rule(labels=st.lists(st.frozensets(st.sampled_from(LABELS)), min_size=1, max_size=3))
    def append(self, labels: list[frozenset[str]]) -> None:
        self.both("append", [self.draft(one) for one in labels])

    @rule(label=st.sampled_from(LABELS), since=st.integers(0, 6))
    def append_if_unchanged(self, label: str, since: int) -> None:
        self.both("append", [self.draft(frozenset((label,)))], [Condition(((label,),), since)])

    @rule(key=st.sampled_from(("k", "l")), count=st.integers(1, 2))
    def append_once(self, key: str, count: int) -> None:
        self.both("append", [self.draft(frozenset(), (key, at, count)) for at in range(count)])
        self.both("once", key)

    @rule(position=st.integers(0, 4), remaining=st.none() | st.just(b"{}"))
    def erase(self, position: int, remaining: bytes | None) -> None:
        self.both("erase", position, b"{opening}", remaining, self.draft(frozenset(("act:1",))))

    @rule()
    def reopen(self) -> None:
        self.file.close()
        self.file = self.open()

    @rule(first=st.sampled_from(LABELS), second=st.sampled_from(LABELS), after=st.integers(-1, 3))
    def read(self, first: str, second: str, after: int) -> None:
        for query in (((first, second),), ((first,), (second,)), ((),), ()):
            assert self.model.read(query, after=after) == self.file.read(query, after=after)

    @invariant()
    def agree(self) -> None:
        assert self.model.head() == self.file.head()
        assert self.model.labels() == self.file.labels()

    def teardown(self) -> None:
        self.file.close()
        shutil.rmtree(self.folder)


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
