"""Comparisons of imprecise dates: answers against enumeration, and what imprecision may never do."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coop_ledger.domain import NO, UNDECIDED, YES, Answer, Bounds, Days, When
from coop_ledger.errors import InvalidValueError
from coop_ledger.testing import answers, days, points, whens

START = date(2016, 11, 1)
small = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted)


def point(ends: list[int]) -> When:
    low, high = (START + timedelta(days=end) for end in ends)
    return When(f"[{low}..{high}]")


def among(ends: list[int]) -> list[int]:
    return list(range(ends[0], ends[1] + 1))


def judged(verdicts: set[bool]) -> Answer:
    return UNDECIDED if len(verdicts) == 2 else Answer.of(verdicts.pop())


@given(small, small)
def test_points_compare_like_all_days_that_they_can_mean(one: list[int], other: list[int]) -> None:
    pairs = list(product(among(one), among(other)))
    a, b = point(one), point(other)
    assert a.before(b) is judged({x < y for x, y in pairs})
    assert a.after(b) is judged({x > y for x, y in pairs})
    assert a.overlaps(b) is judged({x == y for x, y in pairs})
    assert a.within(b) is judged({b_in(x, other) for x in among(one)})
    assert a.days_until(b) == Days(min(y - x for x, y in pairs), max(y - x for x, y in pairs))


def b_in(day: int, ends: list[int]) -> bool:
    return ends[0] <= day <= ends[1]


@given(small, st.integers(-1, 8))
def test_a_point_is_on_a_day_or_before_it(ends: list[int], at: int) -> None:
    day = START + timedelta(days=at)
    assert point(ends).is_on(day) is judged({x <= at for x in among(ends)})


@given(points(), whens())
def test_widening_never_decides(when: When, other: When) -> None:
    assume(when.earliest is not None and when.latest is not None)
    wide = When(f"[{when.earliest - timedelta(days=40)}..{when.latest + timedelta(days=40)}]")  # type: ignore[operator]
    for narrow_answer, wide_answer in (
        (when.before(other), wide.before(other)),
        (when.after(other), wide.after(other)),
        (when.overlaps(other), wide.overlaps(other)),
        (when.within(other), wide.within(other)),
    ):
        assert wide_answer in (UNDECIDED, narrow_answer)


@given(whens(), whens())
def test_comparisons_mirror_each_other(one: When, other: When) -> None:
    assert one.before(other) is other.after(one)
    assert one.overlaps(other) is other.overlaps(one)
    assert one.overlaps(other) is ~(one.before(other) | one.after(other))
    there, back = one.days_until(other), other.days_until(one)
    assert (there.least, there.most) == (
        None if back.most is None else -back.most,
        None if back.least is None else -back.least,
    )


@given(whens(), days())
def test_what_is_under_way_has_begun(when: When, day: date) -> None:
    if when.under_way(day) is YES:
        assert when.is_on(day) is YES
    if when.is_on(day) is NO:
        assert when.under_way(day) is NO


def test_under_way_lies_between_first_and_last_day() -> None:
    week = When("2016-11-14/2016-11-18")
    found = [week.under_way(date(2016, 11, day)) for day in (13, 14, 16, 18, 19)]
    assert found == [NO, YES, YES, YES, NO]
    assert When("2016-11-14/..").under_way(date(2016, 12, 1)) is UNDECIDED
    assert When("2016").under_way(date(2016, 5, 1)) is UNDECIDED


@given(whens())
def test_the_order_is_by_the_latest_first_day(when: When) -> None:
    first = when.first
    assert when.order == (first.latest or date.max, first.earliest or date.min)


def test_open_sides_are_unknown() -> None:
    ever, never = When("../2016"), When("2018/..")
    assert ever.within(When("2016/2017")) is UNDECIDED
    assert ever.within(When("../2017")) is YES
    assert When("2017").within(never) is NO
    assert never.days_until(ever) == Days(None, -366)
    assert ever.is_on(date(2017, 1, 1)) is YES
    assert When("/2016").is_on(date(2015, 1, 1)) is UNDECIDED


@given(small, small)
def test_narrowing_is_the_intersection(one: list[int], other: list[int]) -> None:
    narrowed = point(one).first.narrow(point(other).first)
    common = sorted(set(among(one)) & set(among(other)))
    if not common:
        assert narrowed is None
    else:
        assert narrowed == Bounds(START + timedelta(days=common[0]), START + timedelta(days=common[-1]))


def test_an_answer_is_no_truth_value() -> None:
    for answer in Answer:
        with pytest.raises(InvalidValueError, match="is YES"):
            bool(answer)
    assert repr(UNDECIDED) == "Answer.UNDECIDED"


@given(answers(), answers(), answers())
def test_answers_are_a_kleene_logic(a: Answer, b: Answer, c: Answer) -> None:
    rank = {NO: 0, UNDECIDED: 1, YES: 2}
    assert rank[a & b] == min(rank[a], rank[b])
    assert rank[a | b] == max(rank[a], rank[b])
    assert rank[~a] == 2 - rank[a]
    assert (a & (b | c)) is ((a & b) | (a & c))
