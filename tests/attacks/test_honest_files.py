"""What was only ever written by us has no findings, whatever it is; and a report says what it rests on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coop_ledger import Ledger, Redaction
from coop_ledger.audit import Verdict, verify
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import Checkpoint
from examples import verify_bundle as second
from tests.attacks.signed import signed
from tests.attacks.tools import ORIGIN, convicted, honest, plan, redact, root_of_file


@pytest.mark.parametrize("quick", [False, True])
def test_an_honest_file_is_consistent_in_itself_and_no_more(ledger: Path, quick: bool) -> None:
    report = convicted(ledger, verdict=Verdict.SELF_CONSISTENT, quick=quick)
    assert (report.origin, report.size, report.root) == root_of_file(ledger)
    assert (report.exit_code, report.more, report.anchor) == (10, 0, None)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 513])
def test_ledgers_of_all_sizes(tmp_path: Path, size: int) -> None:
    path = tmp_path / "sized.db"
    with Ledger.open(path, origin=ORIGIN) as ledger:
        if size:
            ledger.record(*(plan(number) for number in range(size)))
        kept = (ledger.origin, ledger.size, ledger.root)
    convicted(path, verdict=Verdict.SELF_CONSISTENT)
    convicted(path, verdict=Verdict.ANCHORED if size else Verdict.SELF_CONSISTENT, checkpoint=kept)


@pytest.mark.parametrize("quick", [False, True])
def test_lawful_redactions_are_told_and_no_fault(ledger: Path, quick: bool) -> None:
    redact(ledger, 0, "/note")
    redact(ledger, 5, "/event/name", "/sources/0/title")
    redact(ledger, 0, "/sources/0/quote", "/note")
    report = convicted(ledger, verdict=Verdict.SELF_CONSISTENT, quick=quick)
    assert any(note.startswith("4 sealed texts were erased") for note in report.notes)


def test_everything_erased_of_an_entry(ledger: Path) -> None:
    redact(ledger, 5, "/event/name", "/sources/0/title", "/sources/0/author", "/sources/0/quote")
    convicted(ledger, verdict=Verdict.SELF_CONSISTENT)


@pytest.mark.parametrize("quick", [False, True])
def test_redactions_by_the_ledger_itself(ledger: Path, quick: bool) -> None:
    with Ledger.open(ledger) as opened:
        first, named = opened.entry(0), opened.entry(5)
        assert first is not None
        assert named is not None
        opened.record(Redaction(first.id, ("/note",), "GDPR 17", "officer"))
        opened.record(Redaction(named.id, ("/event/name", "/sources/0/title"), "GDPR 17", "officer"))
        opened.record(Redaction(first.id, ("/note", "/sources/0/author"), "GDPR 17", "officer"))
    report = convicted(ledger, verdict=Verdict.SELF_CONSISTENT, quick=quick)
    assert any(note.startswith("4 sealed texts were erased") for note in report.notes)


def test_a_ledger_from_a_bundle(ledger: Path, tmp_path: Path) -> None:
    redact(ledger, 5, "/event/name")
    kept, whole, sealed = root_of_file(ledger), tmp_path / "whole.db", tmp_path / "sealed.db"
    with Ledger.open(ledger) as opened:
        opened.export(tmp_path / "whole.jsonl")
        opened.export(tmp_path / "sealed.jsonl", openings=False)
    Ledger.from_bundle(tmp_path / "whole.jsonl", whole).close()
    Ledger.from_bundle(tmp_path / "sealed.jsonl", sealed).close()
    convicted(whole, verdict=Verdict.ANCHORED, checkpoint=kept)
    report = convicted(sealed, "T51", checkpoint=kept)  # the file cannot tell a copy without texts from a loss
    assert any("made from a bundle without them" in note for note in report.notes)
    with Ledger.open(sealed) as opened:
        opened.export(tmp_path / "again.jsonl", openings=False)
    report = convicted(tmp_path / "again.jsonl", verdict=Verdict.ANCHORED, checkpoint=kept)  # as the note says
    assert any("sealed texts: they did not come along" in line for line in report.unchecked)


def test_the_same_file_gives_the_same_report(ledger: Path) -> None:
    assert verify(ledger).as_json() == verify(ledger).as_json()


def test_the_text_explains_why_an_untouched_file_is_not_a_yes(ledger: Path) -> None:
    text = verify(ledger).as_text()
    for words in (
        "SELF-CONSISTENT", "nothing from outside confirms it", "no fault of it", "the exit code is 10 and not 0",
        "What to do next", "--checkpoint", "--accept self-consistent", "keep these three lines", ORIGIN, "signatures",
    ):  # fmt: skip
        assert words in text
    assert "OK" not in text


def test_the_three_lines_that_a_report_gives_anchor_the_ledger(ledger: Path) -> None:
    lines = verify(ledger).as_text().split("keep these three lines")[1].splitlines()[1:4]
    kept = "".join(f"{line.strip()}\n" for line in lines)
    report = convicted(ledger, verdict=Verdict.ANCHORED, checkpoint=kept)
    assert report.exit_code == 0
    assert "the checkpoint that you brought" in report.as_text()


@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_grown_ledger_is_anchored_as_far_as_the_checkpoint_goes(ledger: Path, later: int) -> None:
    kept = root_of_file(ledger)
    if later:
        with Ledger.open(ledger) as opened:
            opened.record(*(plan(50 + number) for number in range(later)))
    report = convicted(ledger, verdict=Verdict.STALE if later else Verdict.ANCHORED, checkpoint=kept)
    assert report.exit_code == (11 if later else 0)
    told = report.as_text()
    assert ("All of its 12 entries" in told) == (later == 0)
    assert ("Its first 12 entries" in told) == (later > 0)
    assert (f"The {later} recorded since then rest on the file alone" in told) == (later > 0)
    assert ("the exit code is 11 and not 0" in told) == (later > 0)
    assert "keep these three lines" in told


def test_the_newest_checkpoint_decides_how_much_is_covered(ledger: Path) -> None:
    """A checkpoint of 1 entry of 12 confirms 1; together with one of 12 it takes nothing away."""
    with Ledger.open(ledger, readonly=True) as opened:
        first = (opened.origin, 1, opened.prove_consistency(1).root_old)
    all_of_it = root_of_file(ledger)
    report = convicted(ledger, verdict=Verdict.STALE, checkpoint=first)
    assert "Its first entry is that of the checkpoint" in report.as_text()
    convicted(ledger, verdict=Verdict.ANCHORED, checkpoint=[first, all_of_it])
    convicted(ledger, verdict=Verdict.ANCHORED, checkpoint=[all_of_it, first])


def test_the_second_verifier_draws_the_same_line(ledger: Path, tmp_path: Path) -> None:
    with Ledger.open(ledger) as opened:
        opened.export(tmp_path / "all.jsonl")
        for size in (1, 11, 12):
            checkpoint = Checkpoint(opened.origin, size, opened.prove_consistency(size).root_old)
            note = tmp_path / f"note-{size}"
            note.write_bytes(signed(checkpoint))
            report = verify(tmp_path / "all.jsonl", checkpoint=note.read_bytes())
            assert report.verdict is (Verdict.ANCHORED if size == 12 else Verdict.STALE)
            assert second.main([str(tmp_path / "all.jsonl"), "--checkpoint", str(note)]) == report.exit_code


def test_the_checkpoint_of_an_empty_ledger_proves_nothing(ledger: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    Ledger.open(empty, origin=ORIGIN).close()
    report = convicted(ledger, verdict=Verdict.SELF_CONSISTENT, checkpoint=root_of_file(empty))
    assert any("empty ledger" in note for note in report.notes)


def test_the_json_form(ledger: Path) -> None:
    report = verify(ledger, checkpoint=root_of_file(ledger))
    plain = json.loads(report.as_json())
    assert plain == report.as_plain()
    assert list(plain) == [
        "schema", "path", "verdict", "exit_code", "quick", "origin", "size", "root", "recorded_at", "own", "anchor",
        "inside", "kind", "policed", "findings", "more", "notes", "unchecked", "witnesses", "signed", "dating",
        "evidence", "accepted",
    ]  # fmt: skip
    assert plain["schema"] == 1
    assert plain["verdict"] == "ANCHORED"
    assert plain["anchor"] == {"origin": ORIGIN, "size": 12, "root": report.root.hex() if report.root else None}


def test_a_policy_is_never_passed_over_in_silence(ledger: Path) -> None:
    report = convicted(ledger, verdict=Verdict.SELF_CONSISTENT, policy="quorum none\n")
    assert any("no signed checkpoint" in line for line in report.unchecked)
    with pytest.raises(InvalidValueError):
        verify(ledger, policy="log example.org/1+abc+def\n")


@pytest.mark.parametrize(
    "bad",
    [
        "", "one line", "a\n1\nAAAA\n", "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", b"\xff\n1\n2\n",
        ("a", 1), ("a", -1, bytes(32)), ("a", 1, b"short"), ("a", "1", bytes(32)), (1, 1, bytes(32)), 7,
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(ledger: Path, bad: object) -> None:
    with pytest.raises(InvalidValueError) as caught:
        verify(ledger, checkpoint=bad)
    assert caught.value.where == "checkpoint"


@pytest.mark.parametrize("bad", ["", "a\x00b", 7, None])
def test_what_is_no_path_is_refused(bad: object) -> None:
    with pytest.raises(InvalidValueError):
        verify(bad)  # type: ignore[arg-type]


def test_more_entries_than_a_tile_with_acts(tmp_path: Path) -> None:
    convicted(honest(tmp_path / "long.db", more=600), verdict=Verdict.SELF_CONSISTENT)
