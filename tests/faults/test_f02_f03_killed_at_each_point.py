"""F02, F03: killed at each line and each system call of what writes files; what it was about is whole, or as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.acts import ACTS
from tests.faults.breaking import copies, in_calls, killed_at, points_of
from tests.faults.nest import Nest
from tests.faults.system_calls import WRITING
from tests.faults.tally import Tally

KILLED = "signal=KILL"

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
        "return result",
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
    for _, verdict in in_calls(nest, act, prepared, WRITING, KILLED):
        rounds += 1
        tally.take(verdict)
    assert rounds >= 5


@pytest.mark.parametrize(
    ("act", "how", "point"),
    [
        ("append", "piecemeal", "return result"),
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
    assert not all(verdict.faultless for _, verdict in in_calls(nest, act, prepared, WRITING, KILLED, "unjournalled"))
