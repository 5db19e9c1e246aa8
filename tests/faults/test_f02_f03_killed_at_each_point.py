"""F02, F03: killed at each line and each system call of what writes files; what it was about is whole, or as before."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.acts import ACTS, act_in_child, judged
from tests.faults.harness import Verdict
from tests.faults.nest import Nest
from tests.faults.system_calls import WRITING, counted, traced
from tests.faults.tally import Tally


@pytest.fixture
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder in which the act of a test begins."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    ACTS[request.getfixturevalue("act")].prepare(folder)
    return folder


def copies(prepared: Path) -> Iterator[Path]:
    """A copy after the other; the one before is gone then."""
    while True:
        folder = prepared.parent / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(prepared, folder)
        yield folder


def points_of(nest: Nest, act: str, prepared: Path, how: str = "ours") -> list[str]:
    """The points of an act."""
    *_, points = nest.start(act_in_child, act, str(next(copies(prepared))), how, "").finished()
    return points.split("\t")


def killed_at(nest: Nest, act: str, folder: Path, point: str, how: str = "ours") -> Verdict:
    """What is left of an act that was killed at a point."""
    child = nest.start(act_in_child, act, str(folder), how, point)
    said = child.rest()
    assert child.wait() == -signal.SIGKILL, f"the act did not come to {point}"
    return judged(act, folder, said)


def killed_in_calls(nest: Nest, act: str, prepared: Path, how: str = "ours") -> Iterator[tuple[str, Verdict]]:
    """What is left of an act that was killed in each of its system calls in turn."""
    folders = copies(prepared)
    child = nest.start(act_in_child, act, str(next(folders)), how, None)
    with traced(child, WRITING) as told:
        child.finished()
    for call, count in counted(told).items():
        for at in range(1, count + 1):
            folder = next(folders)
            child = nest.start(act_in_child, act, str(folder), how, None)
            with traced(child, WRITING, f"{call}:signal=KILL:when={at}"):
                said = child.rest()
            assert child.wait() == -signal.SIGKILL, f"the act made no {call} number {at}"
            yield f"{call} number {at}", judged(act, folder, said)


NAMED = {
    "append": [
        "return self._store.append(drafts, parts), ()",
        'execute("BEGIN IMMEDIATE")',
        "hashes = [leaf_hash(leaf) for leaf in leaves]",
        'insert_rows(connection, "entries',
        '>insert_rows(connection, "entries',
        '>insert_rows(connection, "openings',
        "frontier.extend(hashes)",
        "frontier.to_bytes()),",
        'execute("COMMIT")',
        '>execute("COMMIT")',
        "return Receipt(",
        "self._store.close()",
    ],
    "create": ["INSERT INTO head"],
    "redact": ["UPDATE openings SET blob", "if changed != 1:", 'execute("COMMIT")', "return placed, _leftovers("],
    "backup": ["connections.get().backup(copy)", "sync(part)", "os.link(part, target)", ">os.link(part, target)"],
    "export": ["file.write(footer_line(footer))", "os.link(part, target)", ">os.link(part, target)"],
    "import": ["self._keep(connection, page, frontier)", ">self._keep(connection, page, frontier)"],
    "sign": ["data = _signed(self._key, checkpoint)", "os.replace(part, path)", ">os.replace(part, path)"],
    "publish": ["os.replace(part, target)", ">os.replace(part, target)", "static.write(_CHECKPOINT, note)"],
    "restore": ["check(part)", "done.append(act)", "os.link(part, target)", ">os.link(part, target)"],
}
"""Points by what the line says; after ">", the one behind it."""


@pytest.mark.parametrize("act", NAMED)
def test_named_points(nest: Nest, prepared: Path, tally: Tally, act: str) -> None:
    folders = copies(prepared)
    for point in NAMED[act]:
        tally.take(killed_at(nest, act, next(folders), point))


@pytest.mark.faults
@pytest.mark.parametrize("act", [act for act in ACTS if act != "vacuum"])  # which has no line of ours
def test_all_points_that_leave_something_else_on_disk(nest: Nest, prepared: Path, tally: Tally, act: str) -> None:
    points = [point for point in points_of(nest, act, prepared) if not point.startswith("=")]
    assert len(points) > 2
    folders = copies(prepared)
    for point in points:
        tally.take(killed_at(nest, act, next(folders), point))


@pytest.mark.faults
@pytest.mark.parametrize("act", ACTS)
def test_all_system_calls_that_write(nest: Nest, prepared: Path, tally: Tally, act: str, strace: None) -> None:
    rounds = 0
    for name, verdict in killed_in_calls(nest, act, prepared):
        rounds += 1
        assert verdict.faultless, f"{name}: {verdict}"
        tally.take(verdict)
    assert rounds >= 5


@pytest.mark.parametrize(
    ("act", "how", "point"),
    [
        ("append", "piecemeal", '>execute("COMMIT")'),
        ("append", "early", "self._store.close()"),
        ("create", "unmade", "INSERT INTO head"),
        ("redact", "forgetting", "return self.append([draft], conditions)"),
        ("backup", "straight", "connections.get().backup(copy)"),
        ("export", "straight", "file.write(footer_line(footer))"),
        ("sign", "straight", "file.write(data[half:])"),
        ("publish", "straight", "file.write(data[half:])"),
        ("restore", "straight", "leftovers = copy.record(act).leftovers"),
    ],
)
def test_what_is_broken_is_found(nest: Nest, prepared: Path, act: str, how: str, point: str) -> None:
    """The same acts with a store that works piecemeal, or with files that have their names before they are whole."""
    verdict = killed_at(nest, act, next(copies(prepared)), point, how)
    assert not verdict.faultless


@pytest.mark.faults
@pytest.mark.parametrize("act", ["append", "import", "vacuum"])
def test_without_a_journal_system_calls_are_found(nest: Nest, prepared: Path, act: str, strace: None) -> None:
    assert not all(verdict.faultless for _, verdict in killed_in_calls(nest, act, prepared, "unjournalled"))
