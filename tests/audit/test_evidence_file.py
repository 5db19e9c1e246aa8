"""The file with both sides of a contradiction: what it holds, what it is called, when there is none."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from coop_ledger.audit import Report, Verdict, verify
from coop_ledger.audit.evidence_file import write_evidence
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import Checkpoint, format_checkpoint
from tests.attacks.signed import NOW, note_of
from tests.attacks.tools import ORIGIN, honest, root_of_file

OTHER = Checkpoint(ORIGIN, 12, bytes(32))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest(tmp_path_factory.mktemp("evidence") / "ledger.db")


def test_both_sides_are_kept(path: Path, tmp_path: Path) -> None:
    folder, note = tmp_path / "some" / "where", note_of(path, "one")
    report = verify(path, checkpoint=[OTHER, note], evidence=folder, now=NOW)
    assert report.verdict is Verdict.DIVERGED
    (file,) = folder.iterdir()
    data = file.read_bytes()
    assert report.evidence == str(file)
    assert file.name == f"diverged-{hashlib.sha256(data).hexdigest()[:16]}.json"
    assert data.isascii()
    assert data.endswith(b"}\n")
    kept = json.loads(data)
    assert kept == {
        "schema": 1,
        "checkpoints": [format_checkpoint(OTHER), note.decode()],
        "ledger": format_checkpoint(Checkpoint(*root_of_file(path))),
        "report": {**report.as_plain(), "evidence": None},
    }
    assert data == (json.dumps(kept, indent=2) + "\n").encode()


def test_the_same_contradiction_is_kept_once(path: Path, tmp_path: Path) -> None:
    first = verify(path, checkpoint=OTHER, evidence=tmp_path, now=NOW)
    file = Path(first.evidence or "")
    before = file.stat()
    again = verify(path, checkpoint=OTHER, evidence=tmp_path, now=NOW)
    assert again == first
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_written_where_nothing_is_contradicted(path: Path, tmp_path: Path) -> None:
    report = verify(path, checkpoint=root_of_file(path), evidence=tmp_path, now=NOW)
    assert (report.evidence, list(tmp_path.iterdir())) == (None, [])
    assert verify(path, checkpoint=OTHER, now=NOW).evidence is None


def test_what_is_no_folder_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for bad in (tmp_path / "file", tmp_path / "file" / "below", "a\x00b"):
        with pytest.raises(InvalidValueError):
            verify(path, evidence=bad)


def test_why_there_is_none(path: Path, tmp_path: Path) -> None:
    where, why = write_evidence(tmp_path / "nowhere", Report("some.db", Verdict.DIVERGED, False), ())
    assert (where, bool(why), why != "None") == (None, True, True)


def test_a_ledger_of_which_nothing_is_known(tmp_path: Path) -> None:
    where, _ = write_evidence(tmp_path, Report("some.db", Verdict.DIVERGED, False), ())
    assert json.loads(Path(where or "").read_bytes())["ledger"] is None


def test_evidence_that_could_not_be_kept_is_told(path: Path, tmp_path: Path) -> None:
    """Something else has its name: nothing is written over, and the report says that it is not kept."""
    kept = verify(path, checkpoint=OTHER, evidence=tmp_path, now=NOW)
    file = Path(kept.evidence or "")
    file.unlink()
    file.symlink_to(tmp_path / "nowhere")
    report = verify(path, checkpoint=OTHER, evidence=tmp_path, now=NOW)
    assert (report.verdict, report.evidence) == (Verdict.DIVERGED, None)
    assert report.notes[:-1] == kept.notes
    assert report.notes[-1].startswith("the evidence could not be written: ")
