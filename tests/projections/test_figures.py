"""Figures about a subject: one for each scope, unit and time, whatever the subject."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from coop_ledger.domain import Claim, SubjectId, announced, occurred
from coop_ledger.domain import events as ev
from coop_ledger.projections import Collected, as_plain, projection_for
from tests.projections.support import PRESS, day, state_of


def figure(subject: str, number: int, when: str, maker: Any = occurred, **more: Any) -> Claim:
    claim: Claim = maker(ev.FigureReported(subject, "trade", Decimal(number), **more), when=when, sources=PRESS)
    return claim


def state(subject: str, *claims: Claim) -> Any:
    return state_of(projection_for(SubjectId(subject)), subject, *claims)


SUBJECTS = (
    "meeting:forum/10", "series:forum", "institution:kcac", "initiative:water", "agreement:memo", "visit:kz-2017",
    "relationship:KR-KZ",
)  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS)
def test_scopes_units_and_times_stand_beside_each_other(subject: str) -> None:
    found = state(
        subject,
        figure(subject, 100, "2015", unit="USD"),
        figure(subject, 120, "2016", unit="USD"),
        figure(subject, 130, "2016", unit="USD"),
        figure(subject, 7, "2016", unit="USD", scope="exports"),
        figure(subject, 9, "2016", unit="KRW", scope="exports"),
        figure(subject, 500, "2018", announced, unit="USD"),
    )
    shown = [(f.scope, f.unit, str(f.when), f.value.value, f.disputed) for f in found.figures["trade"]]
    assert shown == [
        (None, "USD", "2015", 100, False),
        (None, "USD", "2016", 120, True),
        ("exports", "USD", "2016", 7, False),
        ("exports", "KRW", "2016", 9, False),
    ]
    plain = as_plain(found)["figures"]["trade"]
    assert [one["reading"]["value"]["value"] for one in plain] == ["100", "120", "7", "9"]


def test_a_day_knows_no_figure_of_a_later_time() -> None:
    found = state("meeting:forum/10", figure("meeting:forum/10", 1, "2015"), figure("meeting:forum/10", 2, "2016-11"))
    assert isinstance(found, Collected)
    assert [str(f.when) for f in found.on(day("2016-10-31")).figures["trade"]] == ["2015"]
    assert found.on(day("2014-12-31")).figures == {}
