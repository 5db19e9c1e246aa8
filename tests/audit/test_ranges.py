"""Workers make an examination quicker and never another one: whichever they are, and whoever has which range."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger, Redaction, Source, announced
from coop_ledger import events as ev
from coop_ledger.audit import Report, Verdict, entries, ranges, verify
from coop_ledger.audit.ranges import Request, look_at
from coop_ledger.errors import InvalidValueError
from tests.attacks.tools import attacked, copy_of, honest
from tests.audit.exact import CASES
from tests.audit.spoilt_rows import LONG


class Here(Executor):
    """Does everything at once, and remembers what each range led to."""

    def __init__(self) -> None:
        self.gave: list[Any] = []

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments, **options))
        except BaseException as error:
            future.set_exception(error)
        self.gave.append(future)
        return future

    @property
    def seen(self) -> list[bool]:
        """Piece by piece, whether it was found to be as it should be."""
        return [one is not None for future in self.gave for one in future.result()]


class Handing(Here):
    """Hands everything on to real workers, and remembers what each range led to."""

    def __init__(self, workers: Executor) -> None:
        super().__init__()
        self.workers = workers

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        future = self.workers.submit(work, *arguments, **options)
        self.gave.append(future)
        return future


class Failing(Here):
    """Every second range comes to nothing, in one way or another."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        number = len(self.gave)
        if number % 8 == 7:
            self.gave.append(None)
            raise RuntimeError("cannot schedule new futures after shutdown")
        if number % 2:
            return super().submit(lambda: 1 / 0 if number % 4 == 1 else ["nothing"] * 99)
        return super().submit(work, *arguments, **options)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    folder = tmp_path_factory.mktemp("ranges")
    made = {more: honest(folder / f"{more}.db", more=more) for more in (0, 290, 600)}
    return made.__getitem__


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    def cut(piece: int, tasks: int) -> None:
        for module in (entries, ranges):
            monkeypatch.setattr(module, "PIECE", piece)
        monkeypatch.setattr(ranges, "_TASKS", tasks)

    return cut


@pytest.mark.parametrize("name", list(CASES)[::2])
def test_spoiled_ledgers_read_the_same(
    name: str, templates: Callable[[int], Path], tmp_path: Path, small_pieces: Callable[[int, int], None]
) -> None:
    """Whatever is wrong, wherever: the same findings in the same order, the same words, the same verdict."""
    long, number = name in LONG, list(CASES).index(name)
    small_pieces(64 if long else 2 + number % 3, 3 + number % 5)
    (tmp_path / "ledger").mkdir()
    path, options = CASES[name](copy_of(templates(600 if long else 0), tmp_path / "ledger" / "ledger.db"))
    quick = bool(number % 2)
    executor = Failing() if number % 7 == 0 else Here()
    assert verify(path, quick=quick, executor=executor, **options) == verify(path, quick=quick, **options)


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("kind", ["ledger", "bundle", "folder"])
def test_where_nothing_is_wrong_nothing_is_looked_at_twice(
    tmp_path: Path, kind: str, quick: bool, small_pieces: Callable[[int, int], None]
) -> None:
    small_pieces(4, 3)
    path = tmp_path / kind
    with Ledger.open(tmp_path / "ledger", origin="ranges.example/1") as ledger:
        for number in range(30):
            ledger.record(*(claim(number),) * (1 + number % 3), once=f"k/{number}" if number % 2 else None)
        if kind == "bundle":
            ledger.export(path)
        elif kind == "folder":
            ledger.publish(path)
        root = ledger.root
    executor = Here()
    report = verify(path, quick=quick, executor=executor, checkpoint=[("ranges.example/1", 60, root)])
    assert report == verify(path, quick=quick, checkpoint=[("ranges.example/1", 60, root)])
    assert report.verdict is Verdict.ANCHORED
    assert executor.seen == [True] * 15
    assert len(executor.gave) == 3


def claim(number: int) -> Any:
    return announced(ev.InstitutionOpened(f"office-{number}"), sources=Source("Korea.net"), note="words " * 5)


def test_what_is_unusual_is_looked_at_by_who_asked(tmp_path: Path, small_pieces: Callable[[int, int], None]) -> None:
    """A redaction, and the entry whose words it erased: the pieces of these, and no others."""
    small_pieces(4, 2)
    path = tmp_path / "x.db"
    with Ledger.open(path, origin="ranges.example/1") as ledger:
        ids = [ledger.record(claim(number)).ids[0] for number in range(17)]
        ledger.record(Redaction(ids[5], ("/note",), "law", "office"))
    executor = Here()
    report = verify(path, executor=executor)
    assert report == verify(path)
    assert report.verdict is Verdict.SELF_CONSISTENT
    assert executor.seen == [True, False, True, True, False]


class Exhausted(Here):
    """Can begin no more processes."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        raise BlockingIOError("Resource temporarily unavailable")


def test_an_executor_that_takes_nothing_is_done_without(
    templates: Callable[[int], Path], small_pieces: Callable[[int, int], None]
) -> None:
    small_pieces(2, 3)
    assert verify(templates(0), executor=Exhausted()) == verify(templates(0))


SPOILING = (
    "UPDATE entries SET leaf = zeroblob(9) WHERE position = {}",
    "UPDATE entries SET hash = zeroblob(32) WHERE position = {}",
    "UPDATE entries SET position = 10000 + {0} WHERE position = {0}",
    "DELETE FROM entries WHERE position = {}",
    "DELETE FROM openings WHERE position > {}",
    "UPDATE openings SET blob = x'7b7d' WHERE position = {}",
    "DELETE FROM labelled WHERE position = {}",
    "UPDATE labelled SET position = position + 1 WHERE position = {}",
    "UPDATE labelled SET position = -{} WHERE number = 1",
    "DELETE FROM once WHERE position = {}",
    "DELETE FROM tiles WHERE place * 9 < {}",
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    piece=st.integers(2, 40),
    tasks=st.integers(1, 9),
    workers=st.integers(1, 3),
    quick=st.booleans(),
    spoil=st.lists(st.tuples(st.sampled_from(SPOILING), st.integers(0, 300)), max_size=4),
)
def test_the_report_does_not_depend_on_who_looked_at_what(
    templates: Callable[[int], Path],
    tmp_path_factory: pytest.TempPathFactory,
    piece: int,
    tasks: int,
    workers: int,
    quick: bool,
    spoil: list[tuple[str, int]],
) -> None:
    path = copy_of(templates(290), tmp_path_factory.mktemp("spoilt") / "ledger.db")
    with attacked(path) as db:
        for statement, position in spoil:
            db.execute(statement.format(position).replace("UPDATE ", "UPDATE OR IGNORE ", 1))
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(workers) as executor:
        for module in (entries, ranges):
            patch.setattr(module, "PIECE", piece)
        patch.setattr(ranges, "_TASKS", tasks)
        assert verify(path, quick=quick, executor=executor) == verify(path, quick=quick)


@pytest.mark.parametrize("position", [3, 4, 7, 8])
def test_a_gap_between_pieces_is_found(
    tmp_path: Path, templates: Callable[[int], Path], small_pieces: Callable[[int, int], None], position: int
) -> None:
    """It is told of with the entry behind it, which may stand in a piece that has no fault of its own."""
    small_pieces(4, 3)
    path = copy_of(templates(290), tmp_path / "ledger.db")
    with attacked(path) as db:
        db.execute(f"DELETE FROM entries WHERE position = {position}")
        db.execute(f"DELETE FROM labelled WHERE position IN ({position}, 100)")
    report = verify(path, executor=Here())
    assert report == verify(path)
    assert "T05" in [finding.code for finding in report.findings]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_say_the_same_and_have_done_it(method: str, tmp_path: Path, templates: Callable[[int], Path]) -> None:
    """What a worker fails to do is done by who asked, with the same report: so what came of each range is looked at."""
    path = copy_of(templates(600), tmp_path / "ledger.db")
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as processes:
        assert verify(path, executor=(executor := Handing(processes))) == verify(path)
        assert executor.seen == [True, True]
        with attacked(path) as db:
            db.execute("UPDATE entries SET id = id || 'x' WHERE position = 600")
        spoilt: Report = verify(path, executor=(executor := Handing(processes)))
        assert executor.seen == [True, False]
    assert spoilt == verify(path)
    assert spoilt.verdict is Verdict.INVALID


def test_a_worker_that_finds_no_file_gives_nothing(tmp_path: Path) -> None:
    request = Request(str(tmp_path / "none"), False, entries.Head("x", 2_000), "9", False, False, True, 512, 1536)
    assert look_at(request) == [None, None]


def test_a_head_that_speaks_of_entries_without_end_is_not_gone_by(
    tmp_path: Path, templates: Callable[[int], Path], small_pieces: Callable[[int, int], None]
) -> None:
    small_pieces(4, 3)
    path = copy_of(templates(0), tmp_path / "ledger.db")
    with attacked(path) as db:
        db.execute(f"UPDATE head SET size = {2**60}, grows_to = {2**60}")
        db.execute(f"UPDATE entries SET position = {2**60 - 1} WHERE position = 5")
    executor = Here()
    assert verify(path, executor=executor) == verify(path)
    assert executor.gave == []


def test_what_is_no_executor(tmp_path: Path, templates: Callable[[int], Path]) -> None:
    with pytest.raises(InvalidValueError, match="this is no executor"):
        verify(templates(0), executor=2)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="no workers"):
        verify(templates(0), executor=Here(), limited=True)
