"""Which sentences a verdict leads to: numbers, names of things, and what they depend on."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from coop_ledger.audit import Finding, Report, Verdict
from coop_ledger.log import Checkpoint, Judgement
from tests.attacks.signed import LOG
from tests.attacks.tools import ORIGIN

ROOT = bytes(range(32))
KEEP = "To recognise this state later, keep these three lines where nobody who writes the "
WITNESSED = "the witnesses of the quorum lie together"


def at(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, bytes(32))


def advised(verdict: Verdict, size: int | None = 5, **others: Any) -> str:
    return Report("x", verdict, False, ORIGIN, size, ROOT, **others).as_text()


@pytest.mark.parametrize(("kind", "thing"), [(None, "file"), ("ledger", "file"), ("bundle", "bundle"), ("folder",) * 2])
def test_things_are_called_what_they_are(kind: str | None, thing: str) -> None:
    told = advised(Verdict.SELF_CONSISTENT, kind=kind)
    assert f"This is the best that a {thing} can show by itself; that is no fault of it. Its bytes" in told
    lines = [line.strip() for line in told.split("\n")]
    at_keep = lines.index(f"{KEEP}{thing} can change them:")
    assert lines[at_keep - 1] == ""
    assert lines[at_keep + 1 : at_keep + 4] == [ORIGIN, "5", base64.b64encode(ROOT).decode()]
    assert f"the {thing} and the checkpoint: together" in advised(Verdict.DIVERGED, kind=kind)
    told = Report("x", Verdict.SELF_CONSISTENT, False, kind=kind).accepting().as_text()
    assert f"This is the best that a {thing} can show by itself. Its bytes" in told


def test_what_is_unreadable_and_of_no_kind() -> None:
    assert "Check that the path is that of a ledger" in advised(Verdict.UNREADABLE)
    assert "Check that the path is that of a ledger" in advised(Verdict.UNREADABLE, kind="other")
    assert "Keep the file as it is" in advised(Verdict.UNREADABLE, kind="ledger")


@pytest.mark.parametrize("size", [0, None])
def test_nothing_is_kept_of_no_entries(size: int | None) -> None:
    assert KEEP not in advised(Verdict.SELF_CONSISTENT, size)
    assert KEEP not in Report("x", Verdict.SELF_CONSISTENT, False, size=5).as_text()


@pytest.mark.parametrize(("size", "words"), [(1, "Its one entry is the one"), (2, "All of its 2 entries are those")])
def test_all_entries_are_confirmed(size: int, words: str) -> None:
    for verdict in (Verdict.ANCHORED, Verdict.WITNESSED):
        told = advised(verdict, size, anchor=at(size))
        assert f"\n{words} that stood in it when the checkpoint was made.\n" in told
        assert (WITNESSED in told) == (verdict is Verdict.WITNESSED)


@pytest.mark.parametrize(("covered", "words"), [(1, "Its first entry is that"), (2, "Its first 2 entries are those")])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("old", [False, True])
def test_some_entries_are_confirmed(covered: int, words: str, signed: bool, old: bool) -> None:
    judgement = Judgement(at(covered), LOG.vkey, (), (), True, None, None) if signed else None
    findings = (Finding("T47", "old"),) if old else ()
    told = advised(Verdict.STALE, anchor=at(covered), judgement=judgement, findings=findings)
    assert f"\n{words} of the checkpoint; no sign of tampering" in told
    nobody = (
        "nobody whom your policy trusts has seen them" if signed else "no checkpoint that you brought speaks of them"
    )
    assert f"The {5 - covered} recorded since then rest on the file alone: {nobody}." in told
    assert ("But the checkpoint is old" in told) == old
    assert ("have one signed and cosigned now" in told) == signed
    assert (KEEP in told) == (not signed)
    if not old:
        assert "But the checkpoint is old" not in advised(
            Verdict.STALE, anchor=at(covered), findings=(Finding("T39", "a stranger"),)
        )


def test_a_bad_checkpoint_is_asked_for_again() -> None:
    told = advised(Verdict.INVALID, findings=(Finding("T41", "bad", field="checkpoint"),))
    assert "this checkpoint was changed, or signed with another key" in told
