"""F20: a witness that is killed between storing and signing never cosigns two histories; in the other order it does."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from coop_ledger.log import COSIGNATURE, Note, Reply, Signature, format_note, parse_checkpoint
from coop_ledger.signing import SigningKey
from coop_ledger.witnessing import Witness, answer_requests
from coop_ledger.witnessing.state import Memory
from tests.faults.harness import Verdict
from tests.faults.nest import Line, Nest
from tests.faults.points import die_at, points_of
from tests.faults.system_calls import WRITING, counted, traced
from tests.faults.tally import Tally
from tests.witnessing.support import MadeLog

FORK = 3
SIZE = 5
REQUESTS = ["forked", "true", "true-again", "forked-again"]


class HastyWitness(Witness):
    """Signs, then stores."""

    def _cosigned(self, note: Note, logs: dict[str, Memory]) -> Reply:
        line = self._key.cosign(note.text, self._clock())
        memory = logs[parse_checkpoint(note.text).origin]
        lines = tuple(one for one in note.signatures if one.name == memory.key.name)
        self._write({**logs, memory.key.name: Memory(memory.key, format_note(Note(note.text, lines)), self._clock())})
        return Reply(200, format_note(Note(note.text, (line,))).removeprefix(f"{note.text}\n".encode()))


WITNESSES: dict[str, type[Witness]] = {"ours": Witness, "hasty": HastyWitness}


class HeardKey(SigningKey):
    """A key whose cosignatures are known to the world the moment they are made."""

    line: Line

    def cosign(self, text: str, timestamp: int) -> Signature:
        signature = super().cosign(text, timestamp)
        checkpoint = parse_checkpoint(text)
        self.line.say("cosigned", checkpoint.size, checkpoint.root.hex())
        return signature


def answer(line: Line, folder: str, kind: str, names: list[str], point: str | None) -> None:
    """The work of a witness: answer requests of that name, and be killed at a point; "" says all points instead."""
    place = Path(folder)
    key = HeardKey.load(place / "witness.key")
    assert isinstance(key, HeardKey)
    key.line = line

    def work() -> None:
        witness = WITNESSES[kind](place / "witness", key)
        for name in names:
            answer_requests(witness, place / name, place / "out")

    if point is None:
        line.wait()
        work()
    elif point:
        die_at(work, point)
    else:
        line.say("\t".join(points_of(work, place)))


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A witness that watches a log, and requests of two histories of it."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    witness_key = SigningKey.generate("witness.example/1", kind=COSIGNATURE)
    log_key = SigningKey.generate("log.example/1")
    witness_key.save(folder / "witness.key")
    Witness.create(folder / "witness", witness_key).watch(log_key.vkey)
    for name, log in (("true", MadeLog(log_key)), ("forked", MadeLog(log_key, "forked", FORK))):
        (folder / name).mkdir()
        (folder / name / f"{name}.request").write_bytes(log.request(0, SIZE))
        (folder / f"{name}-again").mkdir()  # as who is told that the witness knows that size already
        (folder / f"{name}-again" / f"{name}-again.request").write_bytes(log.request(SIZE, SIZE))
    (folder / "out").mkdir()
    return folder


def copy_of(prepared: Path) -> Path:
    folder = prepared.parent / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    return Path(shutil.copytree(prepared, folder))


def afterwards(nest: Nest, folder: Path, kind: str, said: list[str]) -> Verdict:
    """What the world knows after a witness was killed, and was asked again: the other history first."""
    said = said + nest.start(answer, str(folder), kind, REQUESTS, "no such point").finished()
    roots = {line.split()[2] for line in said if line.startswith("cosigned")}
    answers = {file.name for file in (folder / "out").iterdir() if not file.name.startswith(".")}
    torn = [] if len(roots) == 1 else [f"{len(roots)} histories were cosigned: {roots}"]
    torn += [] if answers == {f"{name}.answer" for name in REQUESTS} else [f"not answered: {answers}"]
    return Verdict(0, 0, torn=tuple(torn))


def points_on_disk(nest: Nest, prepared: Path, kind: str) -> list[str]:
    """The points that leave something else on disk, and those between storing and signing."""
    *_, points = nest.start(answer, str(copy_of(prepared)), kind, ["true"], "").finished()
    return [name.removeprefix("=") for name in points.split("\t") if not name.startswith("=") or "_cosigned" in name]


def killed_at(nest: Nest, prepared: Path, kind: str, point: str) -> Verdict:
    """What is left of a witness that was killed at a point."""
    folder = copy_of(prepared)
    child = nest.start(answer, str(folder), kind, ["true"], point)
    said = child.rest()
    assert child.wait() == -signal.SIGKILL, f"the witness did not come to {point}"
    return afterwards(nest, folder, kind, said)


BETWEEN = {"ours": "line = self._key.cosign(note.text, now)", "hasty": "self._write({**logs, memory.key.name: Memory("}
"""Where the first of the two is done, and the second is not."""


def test_killed_between_storing_and_signing(nest: Nest, prepared: Path, tally: Tally) -> None:
    tally.take(killed_at(nest, prepared, "ours", BETWEEN["ours"]))
    tally.take(killed_at(nest, prepared, "ours", f">{BETWEEN['ours']}"))


def test_in_the_other_order_two_histories_are_cosigned(nest: Nest, prepared: Path) -> None:
    assert "2 histories" in killed_at(nest, prepared, "hasty", BETWEEN["hasty"]).torn[0]


@pytest.mark.faults
def test_killed_at_each_point(nest: Nest, prepared: Path, tally: Tally) -> None:
    points = points_on_disk(nest, prepared, "ours")
    assert len(points) > 10
    for point in points:
        tally.take(killed_at(nest, prepared, "ours", point))


@pytest.mark.faults
@pytest.mark.parametrize("kind", WITNESSES)
def test_each_system_call(nest: Nest, prepared: Path, tally: Tally, strace: None, kind: str) -> None:
    child = nest.start(answer, str(copy_of(prepared)), kind, ["true"], None)
    with traced(child, WRITING) as told:
        child.finished()
    found = list[str]()
    for call, count in counted(told).items():
        for at in range(1, count + 1):
            folder = copy_of(prepared)
            child = nest.start(answer, str(folder), kind, ["true"], None)
            with traced(child, WRITING, f"{call}:signal=KILL:when={at}"):
                said = child.rest()
            assert child.wait() == -signal.SIGKILL
            verdict = afterwards(nest, folder, kind, said)
            found += verdict.torn
            if kind == "ours":
                tally.take(verdict)
    assert bool(found) is (kind == "hasty")
