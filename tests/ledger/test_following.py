"""Following: every entry once, in order, from any position, however it is stopped, while others record."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Entry, Ledger, Source, about, announced, of_type
from coop_ledger import events as ev
from coop_ledger.errors import InvalidValueError, LedgerClosedError, StoreMovedError
from coop_ledger.stores import SqliteStore

ORIGIN = "follow.example/1"
SOURCE = Source("Korea.net")


def record(ledger: Ledger, *numbers: int) -> None:
    ledger.record(*(announced(ev.InstitutionOpened(f"office-{number % 3}"), sources=SOURCE) for number in numbers))


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.in_memory() if request.param == "memory" else Ledger.open(tmp_path / "x.db", origin=ORIGIN) as opened:
        yield opened


def soon(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def positions(entries: Iterator[Entry], count: int) -> list[int]:
    return [entry.position for entry in islice(entries, count)]


@settings(max_examples=25)
@given(
    calls=st.lists(st.integers(1, 4), max_size=8),
    before=st.integers(0, 8),
    after=st.integers(-1, 20),
    few=st.booleans(),
)
def test_what_is_followed_is_what_matches_behind_the_position(
    calls: list[int], before: int, after: int, few: bool
) -> None:
    """Whatever was recorded before, whatever since, and wherever the pages end."""
    query = about("institution:office-1") if few else None
    with pytest.MonkeyPatch.context() as patch, Ledger.in_memory() as ledger:
        patch.setattr("coop_ledger.following._FEW", 2)
        for at, number in enumerate(calls[:before]):
            record(ledger, *range(at, at + number))
        after = min(after, ledger.size - 1)
        with ledger.follow(query, after=after) as followed:
            for at, number in enumerate(calls[before:]):
                record(ledger, *range(at, at + number))
            expected = [entry.position for entry in ledger.entries(query, after=after)]
            assert positions(followed, len(expected)) == expected


def test_what_is_recorded_meanwhile_comes(ledger: Ledger) -> None:
    record(ledger, 0)
    got = list[int]()
    followed = ledger.follow(after=0)
    thread = threading.Thread(target=lambda: got.extend(entry.position for entry in followed))
    thread.start()
    record(ledger, 1, 2)
    soon(lambda: got == [1, 2])
    record(ledger, 3)
    soon(lambda: got == [1, 2, 3])
    followed.stop()
    thread.join(5)
    assert not thread.is_alive()
    followed.close()
    followed.close()


def test_who_goes_on_from_a_position_misses_nothing_and_gets_nothing_twice(ledger: Ledger) -> None:
    record(ledger, *range(5))
    got = list[int]()
    while len(got) < 5:
        with ledger.follow(after=got[-1] if got else -1) as followed:
            got += positions(followed, 2) if len(got) < 4 else positions(followed, 1)
    assert got == [0, 1, 2, 3, 4]


def test_after_a_stop_nothing_comes_that_was_held_already(ledger: Ledger) -> None:
    record(ledger, *range(5))
    with ledger.follow() as followed:
        assert next(followed).position == 0
        followed.stop()
        assert list(followed) == []
        assert followed.page() == []


def test_a_follower_of_few_does_not_read_the_others_again(ledger: Ledger) -> None:
    asked = list[int]()
    store: Any = ledger._store
    read = store.read

    def watched(query: Any, *, after: int, **options: Any) -> Any:
        asked.append(after)
        return read(query, after=after, **options)

    store.read = watched
    with ledger.follow(of_type(ev.InstitutionOpened) & about("institution:office-9")) as followed:
        thread = threading.Thread(target=followed.page)
        thread.start()
        for number in range(3):
            record(ledger, number)
            soon(lambda: ledger.size - 1 == followed._after)
        followed.stop()
        thread.join()
    assert asked == sorted(asked)
    assert max(asked) >= 1


def test_nothing_is_held_while_the_consumer_works(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "x.db", origin=ORIGIN) as ledger:
        record(ledger, *range(300))
        with ledger.follow() as followed:
            for entry in followed:
                if entry.position in (0, 255, 256, 299):  # a writer who does not wait for anybody
                    with Ledger.open(tmp_path / "x.db", timeout_s=0) as other:
                        record(other, 0)
                assert len(followed._held) < 256
                if entry.position == 303:
                    followed.stop()
        assert ledger.size == 304


@pytest.mark.parametrize("after", [-2, 1, 7, True, "1", None])
def test_positions_that_are_none(ledger: Ledger, after: Any) -> None:
    record(ledger, 0)
    with pytest.raises(InvalidValueError) as caught:
        ledger.follow(after=after)
    assert caught.value.where == "after"
    with pytest.raises(InvalidValueError):
        ledger.follow("kcac")  # type: ignore[arg-type]


def test_an_empty_ledger_can_be_followed(ledger: Ledger) -> None:
    with ledger.follow() as followed:
        record(ledger, 0)
        assert next(followed).position == 0


def test_a_ledger_that_is_closed_ends_with_its_name(ledger: Ledger) -> None:
    raised = list[BaseException]()
    followed = ledger.follow()

    def run() -> None:
        try:
            list(followed)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.02)
    ledger.close()
    thread.join(5)
    assert [type(error) for error in raised] == [LedgerClosedError]


def test_a_file_that_was_replaced_is_not_waited_for(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "x.db", origin=ORIGIN) as ledger, ledger.follow() as followed:
        (tmp_path / "x.db").rename(tmp_path / "y.db")
        with pytest.raises(StoreMovedError):
            next(followed)


def test_a_writer_who_keeps_readers_out_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.db"
    with Ledger.open(path, origin=ORIGIN, timeout_s=0) as ledger, ledger.follow() as followed:
        record(ledger, 0)
        got = list[Entry]()
        thread = threading.Thread(target=lambda: got.append(next(followed)))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            thread.start()
            time.sleep(0.1)  # the watch cannot look
            with monkeypatch.context() as patch:
                patch.setattr(followed._watch, "wait", lambda size: True)
                followed._watch.stop()  # so that the wait that has begun ends, and a page is asked for, and refused
                time.sleep(0.1)
                assert thread.is_alive()
        thread.join(5)
        assert [entry.position for entry in got] == [0]


def test_who_waits_hardly_uses_the_processor(ledger: Ledger) -> None:
    followed = ledger.follow()
    thread = threading.Thread(target=followed.page)
    before = time.process_time()
    thread.start()
    time.sleep(0.5)
    used = time.process_time() - before
    followed.stop()
    thread.join()
    assert used < 0.1


def test_who_is_forgotten_gives_back_its_connection(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "x.db", origin=ORIGIN) as ledger:
        assert isinstance(ledger._store, SqliteStore)
        record(ledger, 0)
        for entry in ledger.follow():
            assert entry.position == 0
            break
        assert not ledger._store._connections.watches


def test_what_cannot_be_read_is_not_passed_over(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    record(ledger, 0, 1)
    with ledger.follow() as followed:
        with monkeypatch.context() as patch:
            patch.setattr("coop_ledger.following.read_entry", lambda stored: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                next(followed)
        assert next(followed).position == 0


WRITER = """
import sys
from coop_ledger import Ledger, Source, announced, events as ev
with Ledger.open(sys.argv[1]) as ledger:
    for number in range(int(sys.argv[3])):
        ledger.record(*[announced(ev.InstitutionOpened(f"{sys.argv[2]}-{number}"), sources=Source("x"))] * 2)
"""


def test_followers_in_other_processes_miss_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with Ledger.open(path, origin=ORIGIN) as ledger:
        command = [sys.executable, "-c", WRITER, str(path)]
        writers = [subprocess.Popen([*command, f"w{number}", "40"]) for number in range(2)]
        with ledger.follow() as followed, ledger.follow(after=-1) as second:
            assert positions(followed, 160) == list(range(160))
            assert positions(second, 160) == list(range(160))
        assert [writer.wait() for writer in writers] == [0, 0]
