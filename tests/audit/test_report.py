"""A report with everything in it, and one with nothing: each key of its JSON, each line of its text."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import attrs
import pytest

from coop_ledger.audit import Finding, Report, Verdict
from coop_ledger.audit.advice import advice_on
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import Checkpoint, DatingBound, Judgement, WitnessTime, format_vkey
from tests.attacks.signed import LOG, WITNESSES
from tests.attacks.tools import ORIGIN

ROOT = bytes(range(32))
ANCHOR = Checkpoint(ORIGIN, 1, bytes(32))
ONE, TWO = (WitnessTime(name, WITNESSES[name].vkey, at) for name, at in (("one", 1_479_632_400), ("two", 10**15)))
FULL = Report(
    "some.db",
    Verdict.WITNESSED,
    True,
    ORIGIN,
    12,
    ROOT,
    "2016-11-20T08:00:00.000000Z",
    ANCHOR,
    (
        Finding("T01", "no good", 3, "leaf", "this", "that", Verdict.UNDECIDED, where="line 5", hint="look"),
        Finding("T44", "worse"),
    ),
    7,
    ("a note", "another"),
    ("something",),
    Judgement(ANCHOR, LOG.vkey, (ONE, TWO), (TWO,), True, 1_479_632_400, False),
    3,
    DatingBound(2, 9, 3_600),
    True,
    None,
    "bundle",
    True,
    "kept/diverged.json",
)
PLAIN: dict[str, Any] = {
    "schema": 1,
    "path": "some.db",
    "verdict": "WITNESSED",
    "exit_code": 0,
    "quick": True,
    "origin": ORIGIN,
    "size": 12,
    "root": ROOT.hex(),
    "recorded_at": "2016-11-20T08:00:00.000000Z",
    "own": True,
    "anchor": {"origin": ORIGIN, "size": 1, "root": "00" * 32},
    "inside": None,
    "kind": "bundle",
    "policed": True,
    "findings": [
        {
            "code": "T01",
            "message": "no good",
            "position": 3,
            "field": "leaf",
            "expected": "this",
            "found": "that",
            "verdict": "UNDECIDED",
            "where": "line 5",
            "hint": "look",
        },
        {
            "code": "T44",
            "message": "worse",
            "verdict": "INVALID",
            **dict.fromkeys(("position", "field", "expected", "found", "where", "hint")),
        },
    ],
    "more": 7,
    "notes": ["a note", "another"],
    "unchecked": ["something"],
    "witnesses": 3,
    "signed": {
        "log": format_vkey(LOG.vkey),
        "witnesses": [
            {"name": "one", "key": format_vkey(ONE.key), "timestamp": 1_479_632_400},
            {"name": "two", "key": format_vkey(TWO.key), "timestamp": 10**15},
        ],
        "ahead": [{"name": "two", "key": format_vkey(TWO.key), "timestamp": 10**15}],
        "of": 3,
        "quorum": True,
        "witnessed_at": 1_479_632_400,
        "fresh": False,
    },
    "dating": {"first": 2, "end": 9, "seconds": 3_600},
    "evidence": "kept/diverged.json",
    "accepted": False,
}
FACTS = f"""
  ledger   {ORIGIN}
  entries  12, the last recorded at 2016-11-20T08:00:00.000000Z
  root     {base64.b64encode(ROOT).decode()}
  anchor   the checkpoint that came with it: {ORIGIN} at 1 entry
  signed   by {format_vkey(LOG.vkey)}
  seen by  2 of 3 witnesses: one at 2016-11-20T09:00:00Z, two at 1000000000000000 seconds since 1970
  dating   entries 2 to 8 are dated at most 1:00:00 h wrongly, as far as the witnesses' clocks are right
  evidence kept/diverged.json

9 findings:
  T01 no good
      at       position 3 (line 5) leaf
      expected this
      found    that
      to do    look
  T44 worse
  and 7 more
"""
ENDS = """
Worth knowing:
  - a note
  - another

Not looked at:
  - something"""


def test_each_key_and_each_line_of_a_full_report() -> None:
    assert FULL.as_plain() == PLAIN
    first = "WITNESSED 2/3: some.db: it is what the witnesses of your policy saw.\n"
    assert FULL.as_text() == "\n".join([first + FACTS, *advice_on(FULL), ENDS])
    assert "\n  " in FULL.as_json()
    assert "\n   " not in FULL.as_json().split('"anchor"')[0]


MISSING = ["origin", "size", "root", "recorded_at", "anchor", "inside", "kind", "signed", "dating", "evidence"]


def test_a_report_of_which_nothing_is_known() -> None:
    nothing = Report("some.db", Verdict.WITNESSED, False)
    assert nothing.as_text() == (
        "WITNESSED: some.db: it is what the witnesses of your policy saw.\n\n"
        "  anchor   none: nothing from outside was compared with it"
    )
    missing = [key for key, value in nothing.as_plain().items() if value is None]
    assert missing == MISSING


def test_times_are_told_in_utc_wherever_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "JST-9")
        time.tzset()
        told = FULL.as_text()
    time.tzset()
    assert "one at 2016-11-20T09:00:00Z" in told


LINES: dict[str, dict[str, Any]] = {
    "  entries  12": {"recorded_at": None},
    f"  anchor   the checkpoint that you brought: {ORIGIN} at 1 entry": {"own": False},
    f"  inside   a checkpoint that came with it, and is no anchor: {ORIGIN} at 2 entries": {
        "anchor": None,
        "inside": ANCHOR._replace(size=2),
        "judgement": None,
    },
    "  seen by  0 of 3 witnesses": {"judgement": Judgement(ANCHOR, LOG.vkey, (), (), False, None, None)},
    "  dating   entries 2 on are dated at most 11574074 days, 1:46:40 h wrongly, "
    "as far as the witnesses' clocks are right": {"dating": DatingBound(2, None, 10**13)},
    "1 finding:": {"findings": FULL.findings[:1], "more": 0},
    "      at       position 3": {"findings": (Finding("T01", "no good", 3),)},
    "      at       leaf": {"findings": (Finding("T01", "no good", None, "leaf"),)},
    "WITNESSED 2/3: a\\nb\\x1b: it is what the witnesses of your policy saw.": {"path": "a\nb\x1b"},
}


@pytest.mark.parametrize(("line", "change"), LINES.items())
def test_a_line_says_what_is_known(line: str, change: dict[str, Any]) -> None:
    report = attrs.evolve(FULL, **change)
    assert line in report.as_text().split("\n")
    assert Report.from_json(report.as_json()) == report


def test_what_is_read_is_what_was_written() -> None:
    inside = attrs.evolve(FULL, anchor=None, inside=ANCHOR)
    for report in (FULL, inside, Report("some.db", Verdict.INVALID, False)):
        assert Report.from_json(report.as_json()) == report
        assert Report.from_json(report.as_json().encode()) == report


@pytest.mark.parametrize("key", sorted(PLAIN))
def test_what_lacks_a_key_or_has_a_value_of_another_kind_is_no_report(key: str) -> None:
    for changed in ({one: PLAIN[one] for one in PLAIN if one != key}, {**PLAIN, key: 1.5}):
        with pytest.raises(InvalidValueError) as caught:
            Report.from_json(json.dumps(changed))
        assert caught.value.where == "text"


def test_signatures_without_a_checkpoint_are_no_report() -> None:
    with pytest.raises(InvalidValueError, match="signatures without a checkpoint"):
        Report.from_json(attrs.evolve(FULL, anchor=None).as_json())


FINE = Report("some.db", Verdict.SELF_CONSISTENT, False)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (FINE, 0),
        (attrs.evolve(FINE, findings=FULL.findings), 10),
        (attrs.evolve(FINE, verdict=Verdict.INVALID), 40),
        (attrs.evolve(FINE, verdict=Verdict.INVALID, findings=FULL.findings), 40),
    ],
)
def test_only_what_agrees_with_itself_is_accepted(report: Report, code: int) -> None:
    accepted = report.accepting()
    assert (accepted.exit_code, accepted.accepted) == (code, code == 0)
    assert attrs.evolve(accepted, accepted=False) == report


def of_checkpoint(code: str) -> Finding:
    return Finding(code, "worse", field="checkpoint")


@pytest.mark.parametrize(
    ("findings", "more", "condemned"),
    [
        ((), 0, False),
        *(((of_checkpoint(code),), 0, True) for code in ("T41", "T42", "T44")),
        ((of_checkpoint("T41"), of_checkpoint("T44")), 0, True),
        ((of_checkpoint("T41"),), 1, False),
        ((of_checkpoint("T19"),), 0, False),
        ((of_checkpoint("T41"), of_checkpoint("T19")), 0, False),
        ((of_checkpoint("T41"), Finding("T41", "worse")), 0, False),
        ((Finding("T41", "worse"),), 0, False),
    ],
)
def test_a_checkpoint_alone_is_at_fault(findings: tuple[Finding, ...], more: int, condemned: bool) -> None:
    report = Report("some.db", Verdict.INVALID, False, findings=findings, more=more)
    assert report.condemns_the_checkpoint is condemned
    meaning = "the checkpoint that you brought does not hold" if condemned else "it was altered or damaged"
    assert report.as_text().startswith(f"INVALID: some.db: {meaning}.\n")


def test_headline_and_checkpoint() -> None:
    assert attrs.evolve(FULL, verdict=Verdict.STALE).headline == "STALE"
    assert FULL.checkpoint == Checkpoint(ORIGIN, 12, ROOT)
    assert attrs.evolve(FULL, origin=None).checkpoint is None
    assert attrs.evolve(FULL, size=None).checkpoint is None
    assert attrs.evolve(FULL, root=None).checkpoint is None
