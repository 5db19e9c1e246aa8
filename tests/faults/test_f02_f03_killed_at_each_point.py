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
