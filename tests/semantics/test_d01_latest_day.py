"""D1: everything counts from its latest possible day; marks never widen bounds, and the answer carries them."""

from __future__ import annotations

from datetime import date

from hypothesis import given

from coop_ledger.domain import (
    Source,
    Status,
    When,
    announced,
    occurred,
    order_key,
)
from coop_ledger.projections import (
    Dating,
    known_sources,
)
from coop_ledger.testing import days, points, whens
from tests.ledger.support import History
from tests.projections.support import (
    KOREA_NET,
    LATER,
    MINISTRY,
    OPENED,
    REPRINT,
    UNDATED,
    effective,
    entries,
)


@given(points(), points())
def test_marks_never_widen_but_are_carried(one: When, other: When) -> None:
    found = Dating.of(one).narrow(Dating.of(other))
    if found is not None:
        assert ("?" in found.marks) is (one.uncertain or other.uncertain)
        assert ("~" in found.marks) is (one.approximate or other.approximate)


@given(whens().filter(lambda when: when.latest is not None), days())
def test_a_source_counts_from_its_latest_day(when: When, day: date) -> None:
    source = Source("Korea.net", when)
    assert (known_sources([source], day) == (source,)) is (when.latest is not None and when.latest <= day)
    assert known_sources([UNDATED], day) == ()
    assert known_sources([source, UNDATED], None) == (source, UNDATED)


def test_each_thing_has_its_day() -> None:
    """A claim counts from when it happened, a span from its first day, a plan from when it was said."""
    by_day = {
        date(2016, 11, 30): occurred(OPENED, when="2016-11", sources=LATER),
        date(2016, 11, 14): occurred(OPENED, when="2016-11-14/2016-11-18", sources=LATER),
        date(2016, 12, 31): announced(OPENED, when="2030", stated="2016", sources=LATER),
        date(2016, 11, 18): announced(OPENED, when="2030", sources=KOREA_NET),
        date(2016, 11, 16): occurred(OPENED, sources=[MINISTRY, UNDATED]),
        date.max: occurred(OPENED, sources=UNDATED),
    }
    for day, claim in by_day.items():
        assert order_key(effective(0, claim))[0] == day


def test_a_view_by_publication_waits_for_the_last_day_of_a_month() -> None:
    history = History(entries(occurred(OPENED, when="2016-11-15", sources=[REPRINT, UNDATED])))
    before, after = (history.ledger.at(published=day) for day in ("2016-11-29", "2016-11-30"))
    assert before.institution("kcac").status is Status.UNRECORDED
    assert after.institution("kcac").status is Status.OPEN
    assert after.institution("kcac").sources == (REPRINT,)
