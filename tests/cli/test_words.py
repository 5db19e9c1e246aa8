"""Dates and plans in words."""

from __future__ import annotations

import pytest

from coop_ledger import Ledger, Source, When, announced
from coop_ledger import events as ev
from coop_ledger.cli.words import date_in_words, plan_in_words, standing
from coop_ledger.projections import Dating, Plan


def plan_of(*targets: tuple[str | None, str]) -> Plan:
    """A plan whose targets were said on given days, by publishers A, B, C …"""
    ledger = Ledger.in_memory()
    for at, (when, stated) in enumerate(targets):
        source = Source(chr(ord("A") + at))
        ledger.record(announced(ev.InstitutionOpened("office"), when=when, stated=stated, sources=source))
    opened = ledger.institution("office").opened
    assert opened is not None
    assert opened.plan is not None
    return opened.plan


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2017-24", "2017-24 (winter of 2017)"),
        ("2017-25", "2017-25 (northern spring of 2017)"),
        ("2017-31", "2017-31 (southern autumn of 2017)"),
        ("2017-36", "2017-36 (fourth quarter of 2017)"),
        ("2017-39~", "2017-39~ (last third of 2017)"),
        ("2017-40", "2017-40 (first half of 2017)"),
        ("2017-12", "2017-12"),
        ("2017-40/2018-41", "2017-40/2018-41"),
    ],
)
def test_parts_of_a_year_are_said_in_words(text: str, words: str) -> None:
    assert date_in_words(Dating.of(When(text))) == words


@pytest.mark.parametrize(
    ("targets", "words", "by"),
    [
        ([(None, "2016")], "planned", "A"),
        ([("2017", "2016-01"), ("2017", "2016-02")], "planned for 2017", "AB"),
        ([("2017", "2016-01"), ("2017-09", "2016-02")], "planned for 2017-09, narrowed from 2017 (A)", "B"),
        ([("2017", "2016-01"), (None, "2016-02")], "planned for 2017", "A"),
        ([("2017", "2016-01"), ("2018", "2016-02")], "planned for 2018, revised from 2017", "B"),
        (
            [("[2017-01..2017-06]", "2016-01"), ("[2017-03..2017-09]", "2016-02")],
            "planned for 2017-03-01..2017-06-30, narrowed from [2017-01..2017-06] (A) and [2017-03..2017-09] (B)",
            "AB",
        ),
    ],
)
def test_a_plan_says_what_stands_and_who_says_just_that(
    targets: list[tuple[str | None, str]], words: str, by: str
) -> None:
    plan = plan_of(*targets)
    assert plan_in_words(plan) == words
    assert "".join(source.publisher for e in standing(plan) for source in e.sources) == by
