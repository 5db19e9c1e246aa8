"""F09: who verifies, reads, copies and signs while writers record sees one state of the ledger, never parts of two."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import opening, verify
from coop_ledger.log import parse_checkpoint, parse_note
from coop_ledger.signing import LogSigner, SigningKey
from coop_ledger.stores import root_at
from tests.faults.harness import ORIGIN, Acknowledged, judge, opened, record_for_ever, seeded
from tests.faults.nest import Line, Nest

_PAGE = 4096


def _copied_by_pages(path: Path, target: Path) -> None:
    """A copy that takes a while and asks for no lock: its pages are of several moments."""
    with path.open("rb") as source, target.open("wb") as copy:
        while page := source.read(_PAGE):
            copy.write(page)
            time.sleep(0.0005)


def verify_for_ever(line: Line, path: str, note: str, how: str) -> None:
    """The work of an examiner: each verdict is told, with the size and the root that it is about."""
    if how == "by pages":
        opening._copy = _copied_by_pages
    while True:
        report = verify(path, checkpoint=Path(note).read_bytes() or None)
        if report.size is None or report.root is None:
            line.say("nothing", *report.findings)
        else:
            line.say(report.verdict.name, report.size, report.root.hex(), *report.findings)


def read_for_ever(line: Line, path: str, note: str, how: str) -> None:
    """The work of a reader: the end of the log, and that a view of that size, read to its end, has as many entries."""
    with Ledger.open(path, readonly=True) as ledger:
        while True:
            head = ledger._store.head()
            count = sum(1 for _ in ledger.at(size=head.size).entries())
            line.say("SELF_CONSISTENT" if count == head.size else f"{count} entries", head.size, head.root.hex())


def sign_for_ever(line: Line, path: str, note: str, how: str) -> None:
    """The work of a log that signs its checkpoints, and leaves the last one where the examiner looks."""
    key = SigningKey.generate(ORIGIN)
    with opened(path) as ledger:
        signer = LogSigner.begin(key, Path(note).with_name("signed"))
        while True:
            signed = ledger.checkpoint(signer)
            found = parse_checkpoint(parse_note(signed).text)
            part = Path(note).with_name("part")
            part.write_bytes(signed)
            part.replace(note)
            line.say("SELF_CONSISTENT", found.size, found.root.hex())


def copy_for_ever(line: Line, path: str, note: str, how: str) -> None:
    """The work of who makes backups and bundles."""
    with opened(path) as ledger:
        while True:
            for name, copy in (("backup", ledger.backup), ("bundle", ledger.export)):
                target = Path(note).with_name(name)
                copy(target)
                source = Ledger.from_bundle(target) if name == "bundle" else Ledger.open(target, readonly=True)
                with closing(source) as made:
                    line.say("SELF_CONSISTENT", made.size, made.root.hex())
                target.unlink()


def looked_at(
    nest: Nest, path: Path, rounds: int, *workers: Callable[..., None], writers: int = 1, how: str = "ours"
) -> list[str]:
    """
    What was wrong with what workers told, each so often, while writers recorded.

    Whatever else was told is of sizes that rose, and of roots that the ledger had.
    """
    note = path.with_name("note")
    note.touch()
    seeded(path, 100)  # some dozens of pages
    recording = [nest.start(record_for_ever, str(path), f"w{at}", 0) for at in range(writers)]
    others = [nest.start(work, str(path), str(note), how) for work in workers]
    said = [[child.hear() for _ in range(rounds)] for child in others]
    for child in others:
        child.killed()
    acknowledged = [Acknowledged.heard(line) for child in recording for line in child.killed()]
    assert len(acknowledged) > rounds, "hardly anything was recorded meanwhile"
    verdict = judge(path, acknowledged)
    assert verdict.faultless, verdict
    wrong = list[str]()
    with opened(path) as ledger:
        for lines in said:
            last = 0
            for line in lines:
                word, *rest = line.split()
                if word not in ("SELF_CONSISTENT", "ANCHORED", "STALE") or len(rest) != 2 or int(rest[0]) < last:
                    wrong.append(line)
                elif root_at(ledger._store, int(rest[0])).hex() != rest[1]:
                    wrong.append(f"another root: {line}")
                else:
                    last = int(rest[0])
    return wrong


def test_all_look_at_one_state_each(nest: Nest, tmp_path: Path) -> None:
    assert looked_at(nest, tmp_path / "x.db", 2, verify_for_ever, sign_for_ever) == []


@pytest.mark.faults
@pytest.mark.parametrize("batch", range(3))
def test_they_do_so_for_long(nest: Nest, tmp_path: Path, batch: int) -> None:
    everybody = (verify_for_ever, read_for_ever, sign_for_ever, copy_for_ever)
    assert looked_at(nest, tmp_path / "x.db", 30, *everybody, writers=2) == []


def test_a_copy_of_several_moments_is_found(nest: Nest, tmp_path: Path) -> None:
    wrong = looked_at(nest, tmp_path / "x.db", 4, verify_for_ever, how="by pages")
    assert wrong
