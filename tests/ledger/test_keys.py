"""Keys and conditions: a call that is repeated records once, and one that decided on an old log records nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from coop_ledger import (
    AlreadyRecorded,
    Claim,
    Duplicate,
    Ledger,
    Merge,
    Source,
    Unchanged,
    When,
    about,
    everything,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.domain import REDACTED, Act
from coop_ledger.errors import (
    AppendConflictError,
    InvalidValueError,
    ReusedKeyError,
    StoreDamagedError,
)
from coop_ledger.recording import differences
from coop_ledger.testing import ticking
from tests.ledger.support import PLAN, SOURCE, START


def test_the_same_call_under_one_key_records_once(any_ledger: Ledger) -> None:
    more = occurred(ev.StatuteAdopted("kcac"), when="2016-11-15", sources=SOURCE)
    first = any_ledger.record(PLAN, more, once="import 1")
    assert not isinstance(first, AlreadyRecorded)
    again = any_ledger.record(PLAN, more, once="import 1")
    assert isinstance(again, AlreadyRecorded)
    assert (again.ids, again.positions, again.recorded_at) == (first.ids, first.positions, first.recorded_at)
    assert again.receipt == first
    assert any_ledger.size == 2
    entry = next(any_ledger.entries())
    assert entry.once is not None
    assert (entry.once.key, entry.once.index, entry.once.count) == ("import 1", 0, 2)


CHANGED: list[tuple[tuple[Claim | Act, ...], str]] = [
    ((attrs.evolve(PLAN, note="said elsewhere"),), "/0/note"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, note=None),), "/0/note"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, when=When("2018")),), "/0/when"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, sources=(SOURCE, Source("Yonhap"))),), "/0/sources"),  # type: ignore[misc]
    ((attrs.evolve(PLAN, sources=(Source("Yonhap", When("2016-11-18")),)),), "/0/sources/0/publisher"),  # type: ignore[misc]
    ((PLAN, PLAN), "the number of entries: 1 then, 2 now"),
    ((Merge(("initiative:a",), "initiative:b", "one"),), "/0/body"),
]


@pytest.mark.parametrize(("bodies", "field"), CHANGED)
def test_a_key_never_covers_other_content(any_ledger: Ledger, bodies: tuple[Claim | Act, ...], field: str) -> None:
    any_ledger.record(PLAN, once="key")
    root = any_ledger.root
    with pytest.raises(ReusedKeyError) as caught:
        any_ledger.record(*bodies, once="key")
    assert any(found.startswith(field) for found in caught.value.fields)
    assert caught.value.key == "key"
    assert any_ledger.root == root


def test_acts_of_equal_fields_are_not_the_same(ledger: Ledger) -> None:
    one, other = ledger.record(PLAN, PLAN).ids
    ledger.record(Duplicate(other, one), once="act")
    assert isinstance(ledger.record(Duplicate(other, one), once="act"), AlreadyRecorded)
    with pytest.raises(ReusedKeyError):
        ledger.record(Duplicate(one, other), once="act")


def test_a_quicker_writer_with_the_same_key(tmp_path: Path) -> None:
    """Both saw no such key; the store tells the second one, and the ledger compares."""
    path = tmp_path / "race.db"
    with Ledger.open(path, origin="race.example/1", clock=ticking(START)) as one, Ledger.open(path) as other:
        drafts = other._drafts

        def late(*arguments: Any) -> Any:
            one.record(PLAN, once="key")
            return drafts(*arguments)

        other._drafts = late  # type: ignore[method-assign, assignment]
        assert isinstance(other.record(PLAN, once="key"), AlreadyRecorded)
        assert one.size == 1


@pytest.mark.parametrize("key", ["", " key", "a\nb", "x" * 201, 7])
def test_keys_are_short_lines(ledger: Ledger, key: Any) -> None:
    with pytest.raises(InvalidValueError):
        ledger.record(PLAN, once=key)
    assert ledger.size == 0


# conditions


def test_a_condition_is_about_what_was_read(any_ledger: Ledger) -> None:
    size = any_ledger.size
    create_once = Unchanged(about("institution:kcac"), since=size)
    any_ledger.record(PLAN, condition=create_once)
    with pytest.raises(AppendConflictError) as caught:
        any_ledger.record(PLAN, condition=create_once)
    assert (caught.value.positions, caught.value.since) == ((0,), 0)
    other = Unchanged(about("initiative:water"), since=0)
    fresh = Unchanged(about("institution:kcac"), since=any_ledger.size)
    assert any_ledger.record(PLAN, condition=other & fresh).size == 2
    with pytest.raises(AppendConflictError):
        any_ledger.record(PLAN, condition=other & fresh)
    with pytest.raises(InvalidValueError, match="do not exist yet"):
        any_ledger.record(PLAN, condition=Unchanged(everything(), since=99))
    assert any_ledger.size == 2


@pytest.mark.parametrize("since", [-1, True, 1.0, None])
def test_since_is_a_size(since: Any) -> None:
    with pytest.raises(InvalidValueError, match="size"):
        Unchanged(everything(), since=since)


def test_conditions_are_made_by_unchanged(ledger: Ledger) -> None:
    with pytest.raises(InvalidValueError, match="Unchanged"):
        ledger.record(PLAN, condition=about("KZ"))  # type: ignore[arg-type]


def test_a_stray_key_is_named_as_damage(tmp_path: Path) -> None:
    """A row that no writer left there: the key leads nowhere, or to what was recorded under none."""
    path = tmp_path / "x.db"
    with Ledger.open(path, origin="x.example/1", clock=ticking(START)) as ledger:
        ledger.record(PLAN)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            connection.execute("UPDATE head SET grows_to = 2")
            connection.execute("INSERT INTO once VALUES ('future', 0, 1)")
            connection.execute("COMMIT")
        with pytest.raises(StoreDamagedError, match="key"):
            ledger.record(PLAN, once="future")
        ledger.record(PLAN)
        with pytest.raises(StoreDamagedError, match="key"):
            ledger.record(PLAN, once="future")
        assert ledger.size == 2


@pytest.mark.parametrize(
    ("recorded", "given", "paths"),
    [
        ({"a": REDACTED}, {"a": "any text"}, []),
        ({"a": REDACTED}, {}, ["/a"]),
        ({"a": REDACTED}, {"a": 1}, ["/a"]),
        ({"a": "text"}, {"a": REDACTED}, ["/a"]),
        ({"a": True}, {"a": 1}, ["/a"]),
        ({"a": [True, 1]}, {"a": [1, 1]}, ["/a/0"]),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": [1]}, {"a": 2, "b": [1, 2]}, ["/a", "/b"]),
        (1, 2, ["/"]),
    ],
)
def test_differences_are_of_value_and_type_and_erased_texts_equal_any(
    recorded: Any, given: Any, paths: list[str]
) -> None:
    assert list(differences(recorded, given)) == paths
