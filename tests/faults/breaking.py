"""Acts that are broken off, by a kill or because the system refuses; and what is left of them."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.acts import act_in_child, judged
from tests.faults.harness import Verdict
from tests.faults.nest import Nest
from tests.faults.system_calls import counted, traced

__all__ = ["copies", "in_calls", "killed_at", "points_of"]


def copies(prepared: Path) -> Iterator[Path]:
    """A copy after the other; the one before is gone then."""
    while True:
        folder = prepared.parent / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(prepared, folder)
        yield folder


def points_of(nest: Nest, act: str, prepared: Path, how: str = "ours") -> list[str]:
    """The points of an act, as :func:`tests.faults.points.points_of` gives them."""
    *_, points = nest.start(act_in_child, act, str(next(copies(prepared))), how, "").finished()
    return points.split("\t")


def killed_at(nest: Nest, act: str, folder: Path, point: str, how: str = "ours") -> Verdict:
    """What is left of an act that was killed at a point."""
    child = nest.start(act_in_child, act, str(folder), how, point)
    said = child.rest()
    assert child.wait() == -signal.SIGKILL, f"the act did not come to {point}"
    return judged(act, folder, said)


def in_calls(
    nest: Nest, act: str, prepared: Path, calls: Sequence[str], effect: str, how: str = "ours"
) -> Iterator[tuple[str, Verdict]]:
    """
    What is left of an act, each of its system calls having gone wrong in turn.

    Args:
        nest: Where the children come from.
        act: The act.
        prepared: The folder in which it begins; copied for each call.
        calls: The names of the system calls.
        effect: What happens at them, as strace writes it: ``signal=KILL``, ``error=EIO``.
        how: ``ours``, or what is broken in it.
    """
    folders = copies(prepared)
    child = nest.start(act_in_child, act, str(next(folders)), how, None)
    with traced(child, calls) as told:
        child.finished()
    for call, count in counted(told).items():
        for at in range(1, count + 1):
            folder = next(folders)
            child = nest.start(act_in_child, act, str(folder), how, None)
            with traced(child, calls, f"{call}:{effect}:when={at}") as told:
                said = child.rest()
            killed = effect == "signal=KILL"
            assert child.wait() == (-signal.SIGKILL if killed else 0), f"{call} number {at}: {said}"
            assert killed or any("(INJECTED)" in line for line in told), f"the act made no {call} number {at}"
            yield f"{call} number {at}", judged(act, folder, said)
