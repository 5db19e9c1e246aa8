"""Imports into ledgers: all rows or none, nothing twice, and never all of them in memory."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Assertion, Claim, Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import LeafTooLargeError, StoreFullError
from coop_ledger.interchange import Imported, Progress, import_claims, load_claims
from coop_ledger.stores import Condition, Draft, MemoryStore, Placed, SqliteStore
from coop_ledger.testing import claims, ticking
from tests.interchange.claim_files import HEADER, ROW, refused, rewritten, written

PLANS = claims(assertions=(Assertion.PROPOSED, Assertion.PLANNED, Assertion.DENIED))  # of these any day can be right
START = datetime(2026, 11, 29, tzinfo=UTC)


def bodies(ledger: Ledger) -> list[Any]:
    return [entry.body for entry in ledger.entries()]


@settings(max_examples=40)
@given(st.lists(PLANS, min_size=1, max_size=3), st.lists(st.integers(0, 2), min_size=1, max_size=6), st.randoms())
def test_each_import_adds_what_the_ledger_lacks(kinds: list[Claim], picked: list[int], random: Any) -> None:
    """Whatever the order and the spelling, an import leaves each claim in the ledger as often as in the file."""
    ledger = Ledger.in_memory()
    file = [kinds[at % len(kinds)] for at in picked]
    first = import_claims(ledger, io.BytesIO(written(file, "csv")))
    assert (first.rows, first.new, first.known) == (len(file), len(file), 0)
    assert bodies(ledger) == file
    random.shuffle(file)
    for data in (written(file, "json"), written(file, "ndjson"), rewritten(written(file, "csv"), ";", len)):
        again = import_claims(ledger, io.BytesIO(data))
        assert (again.new, again.known, again.recorded) == (0, len(file), False)
    grown = [*file, *kinds]
    more = import_claims(ledger, io.BytesIO(written(grown, "csv")))
    assert more.new == len(kinds)
    assert Counter(bodies(ledger)) == Counter(grown)


def test_a_row_that_stands_twice_is_recorded_twice() -> None:
    ledger = Ledger.in_memory()
    assert import_claims(ledger, io.StringIO(HEADER + ROW)).new == 1
    assert import_claims(ledger, io.StringIO(HEADER + ROW * 3)).new == 2
    assert import_claims(ledger, io.StringIO(HEADER + ROW * 3)).known == 3
    assert import_claims(ledger, io.StringIO(HEADER + ROW)).known == 1
    assert ledger.size == 3


def test_a_dry_run_says_what_an_import_then_does(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l.db", origin="x.example/1", clock=ticking(START)) as ledger:
        ledger.record(*load_claims(io.StringIO(HEADER + ROW)))
        other = ROW.replace("kcac", "other")
        data = HEADER + ROW + other * 12
        root = ledger.root
        dry = import_claims(ledger, io.StringIO(data), dry_run=True)
        assert (dry.rows, dry.new, dry.known, dry.recorded, dry.size) == (13, 12, 1, False, 1)
        assert dry.by_event == (("institution.opened", 12),)
        assert len(dry.first) == 10
        assert (ledger.size, ledger.root) == (1, root)
        done = import_claims(ledger, io.StringIO(data))
        assert (done.by_event, done.first, done.new) == (dry.by_event, dry.first, dry.new)
        assert (done.recorded, done.positions, done.size, done.root) == (True, range(1, 13), 13, ledger.root)
        assert {entry.recorded_at for entry in ledger.entries(after=0)} == {ledger.entry(1).recorded_at}
        assert import_claims(ledger, io.StringIO(data)).root == ledger.root
        assert isinstance(done, Imported)


def test_how_far_it_has_come_is_told(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + ROW * 1_200)
    told: list[Progress] = []
    import_claims(Ledger.in_memory(), path, progress=told.append)
    assert [one.rows for one in told] == [500, 1_000, 1_200]
    assert told[-1].bytes_read == told[-1].bytes_total == path.stat().st_size
    assert told[0].bytes_read < told[1].bytes_read


def test_a_bad_row_at_the_end_leaves_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "l.db", origin="x.example/1") as ledger:
        error = refused(io.StringIO(HEADER + ROW * 2_500 + "x" * 9), ledger)
        assert error.count == 1
        assert import_claims(ledger, io.StringIO(HEADER + ROW)).positions == range(1)
    with Ledger.open(tmp_path / "l.db") as ledger:
        assert ledger.size == 1


def test_behind_a_bad_row_nothing_is_written() -> None:
    seen: list[Draft] = []

    class Listening(MemoryStore):
        def extend(self, drafts: Any, conditions: Any = ()) -> Placed:
            def heard() -> Iterator[Draft]:
                for draft in drafts:
                    seen.append(draft)
                    yield draft

            return super().extend(heard(), conditions)

    ledger = Ledger(Listening("x.example/1", clock=ticking(START)))
    refused(io.StringIO(HEADER + ROW + "x" * 9 + "\n" + ROW * 2_000), ledger)
    assert len(seen) <= 1


class Interrupting(MemoryStore):
    """Somebody else records something between the look at the ledger and the import."""

    others: list[Any]

    def extend(self, drafts: Any, conditions: Any = ()) -> Placed:
        if self.others:
            Ledger(self).record(self.others.pop())
        return super().extend(drafts, conditions)


def test_what_another_records_meanwhile_is_not_recorded_twice() -> None:
    store = Interrupting("x.example/1", clock=ticking(START))
    store.others = load_claims(io.StringIO(HEADER + ROW))
    ledger = Ledger(store)
    done = import_claims(ledger, io.StringIO(HEADER + ROW + ROW.replace("kcac", "other")))
    assert (done.new, done.known, ledger.size) == (1, 1, 2)


def test_a_claim_too_large_for_a_leaf_is_told_by_its_line() -> None:
    sources = tuple(Source(f"Publisher {at}", url=f"https://example.org/{'x' * 900}{at}") for at in range(80))
    large = announced(ev.InstitutionOpened("k"), sources=sources)
    with pytest.raises(LeafTooLargeError):
        Ledger.in_memory().record(large)
    small = load_claims(io.StringIO(HEADER + ROW))
    for dry_run in (True, False):
        (one,) = refused(io.BytesIO(written([*small, large], "csv")), dry_run=dry_run).problems
        assert (one.line, one.what.split(";")[0]) == (3, "the entry is too large")


def test_a_store_that_fails_keeps_nothing_and_a_second_try_completes(tmp_path: Path) -> None:
    class Full(SqliteStore):
        fails = True

        def extend(self, drafts: Any, conditions: Any = ()) -> Placed:
            def breaking() -> Iterator[Draft]:
                for at, draft in enumerate(drafts):
                    if at == 1_500 and self.fails:
                        raise StoreFullError("there is no room for the entry")
                    yield draft

            return super().extend(breaking(), conditions)

    with Full.open(tmp_path / "l.db", origin="x.example/1", clock=ticking(START)) as store:
        ledger = Ledger(store)
        with pytest.raises(StoreFullError):
            import_claims(ledger, io.StringIO(HEADER + ROW * 2_000))
        assert ledger.size == 0
        Full.fails = False
        assert import_claims(ledger, io.StringIO(HEADER + ROW * 2_000)).new == 2_000


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + ROW * 600)

    def grow(_: Progress) -> None:
        with path.open("a") as file:
            file.write(ROW)

    assert "changed" in str(refused(path, progress=grow))


def test_the_condition_of_an_import_is_the_whole_ledger() -> None:
    seen: list[tuple[Condition, ...]] = []

    class Watched(MemoryStore):
        def extend(self, drafts: Any, conditions: Any = ()) -> Placed:
            seen.append(tuple(conditions))
            return super().extend(drafts, conditions)

    import_claims(Ledger(Watched("x.example/1", clock=ticking(START))), io.StringIO(HEADER + ROW))
    assert seen == [(Condition(((),), 0),)]


@pytest.mark.parametrize("format", ["csv", "json", "ndjson"])
def test_the_rows_are_not_held(tmp_path: Path, format: str) -> None:
    """More rows take hardly more memory; a row that is held takes 700 bytes and more."""
    one = load_claims(io.StringIO(HEADER + ROW))[0]

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.{format}"
        hundred = [announced(ev.InstitutionOpened(f"k-{at}"), when="2017", sources=one.sources) for at in range(100)]
        path.write_bytes(written(hundred * (count // 100), format))
        with Ledger.open(tmp_path / f"{count}.db", origin="x.example/1") as ledger:
            tracemalloc.start()
            import_claims(ledger, path)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert ledger.size == count
        return found

    few, many = peak(1_000), peak(4_000)
    assert many - few < 3_000 * 500
