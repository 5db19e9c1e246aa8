"""Times of recording against times of witnesses: a naive twin, and the promise that is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import InvalidValueError
from coop_ledger.log import Anchor, BracketViolation, DatingBound, Limits, check_brackets, dating_bound
from tests.log.test_leaf import Nowhere

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400


def instant(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


anchors = st.lists(st.builds(Anchor, st.integers(0, 12), st.integers(0, 1_000)), max_size=6)
limits = st.builds(Limits, delay_s=st.none() | st.integers(0, 200), skew_s=st.integers(0, 50))
halves = st.integers(0, 2_400).map(lambda halves: halves / 2)


@given(st.lists(halves, max_size=12), anchors, limits, st.none() | st.integers(0, 1_200))
def test_the_same_as_comparing_every_entry_with_every_anchor(
    recorded: list[float], anchors: list[Anchor], limits: Limits, now: int | None
) -> None:
    late, early = {}, {}
    for position, seconds in enumerate(recorded):
        uppers = [at.timestamp for at in anchors if position < at.size] + ([] if now is None else [now])
        if uppers and seconds > min(uppers) + limits.skew_s:
            late[position] = min(uppers) + limits.skew_s
        lowers = [at.timestamp for at in anchors if position >= at.size]
        if limits.delay_s is not None and lowers and seconds < max(lowers) - limits.delay_s - limits.skew_s:
            early[position] = max(lowers) - limits.delay_s - limits.skew_s
    found = list(check_brackets(map(instant, recorded), anchors, limits, now))
    assert {one.position: one.limit for one in found if one.late} == late
    assert {one.position: one.limit for one in found if not one.late} == early
    assert [(one.position, not one.late) for one in found] == sorted((one.position, not one.late) for one in found)
    for one in found:
        assert one.recorded_at == instant(recorded[one.position])
        assert one.anchor in anchors if one.anchor else one.late and now is not None


def test_an_entry_is_held_between_the_checkpoints_around_it() -> None:
    witnessed = [Anchor(2, 10 * DAY), Anchor(4, 20 * DAY)]
    agreed = Limits(delay_s=DAY, skew_s=60)
    honest = [5.0 * DAY, 9.0 * DAY, 12.0 * DAY, 19.0 * DAY, 21.0 * DAY]
    assert list(check_brackets(map(instant, honest), witnessed, agreed, 30 * DAY)) == []
    # T15: written after the first checkpoint, with a time from before it
    back = [*honest[:2], 8.9 * DAY, *honest[3:]]
    (one,) = check_brackets(map(instant, back), witnessed, agreed)
    assert one == BracketViolation(2, instant(back[2]), False, 9 * DAY - 60, witnessed[0])
    # T16: a time after the moment at which a witness had seen the entry, or after the checker's own clock
    ahead = [*honest[:3], 25.0 * DAY, 40.0 * DAY]
    found = list(check_brackets(map(instant, ahead), witnessed, agreed, 30 * DAY))
    assert [(one.position, one.late, one.limit, one.anchor) for one in found] == [
        (3, True, 20 * DAY + 60, witnessed[1]),
        (4, True, 30 * DAY + 60, None),
    ]


def test_without_an_agreed_delay_only_the_upper_half_is_checked() -> None:
    recorded = [instant(0), instant(0)]
    assert list(check_brackets(recorded, [Anchor(1, 1_000)], Limits(skew_s=0))) == []
    assert [one.position for one in check_brackets(recorded, [Anchor(1, 1_000)], Limits(delay_s=0, skew_s=0))] == [1]


def test_limits_hold_to_the_microsecond_in_any_zone() -> None:
    zone = timezone(timedelta(hours=9))
    exact = instant(1_060).astimezone(zone)
    agreed = Limits(delay_s=100, skew_s=60)
    assert list(check_brackets([exact], [Anchor(1, 1_000)], agreed)) == []
    (late,) = check_brackets([exact + timedelta(microseconds=1)], [Anchor(1, 1_000)], agreed)
    assert late.late
    first = instant(1_000 - 160).astimezone(zone)
    assert list(check_brackets([first], [Anchor(0, 1_000)], agreed)) == []
    (early,) = check_brackets([first - timedelta(microseconds=1)], [Anchor(0, 1_000)], agreed)
    assert not early.late


def test_limits_hold_to_the_microsecond_at_the_end_of_the_calendar() -> None:
    """Where a float could no longer tell two microseconds apart."""
    exact = datetime(9999, 1, 1, tzinfo=UTC)
    seen = [Anchor(1, int(exact.timestamp()))]
    assert list(check_brackets([exact], seen, Limits(skew_s=0))) == []
    (late,) = check_brackets([exact + timedelta(microseconds=1)], seen, Limits(skew_s=0))
    assert (late.late, late.anchor) == (True, seen[0])


@pytest.mark.parametrize(
    ("now", "strictest"), [(999, None), (1_000, Anchor(1, 1_000)), (1_010, Anchor(1, 1_000)), (None, Anchor(1, 1_000))]
)
def test_the_strictest_of_a_witness_and_the_clock_is_named(now: int | None, strictest: Anchor | None) -> None:
    """The clock only where it is stricter: an entry that a witness saw is not excused by a clock that is ahead."""
    (one,) = check_brackets([instant(1_061)], [Anchor(1, 1_000)], Limits(skew_s=60), now)
    assert (one.late, one.anchor, one.limit) == (True, strictest, 1_060 if strictest else 1_059)


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_a_time_without_its_offset_is_refused(zone: tzinfo | None) -> None:
    with pytest.raises(InvalidValueError, match="position 1"):
        list(check_brackets([instant(0), datetime(2016, 11, 15, tzinfo=zone)], [], Limits()))


def test_times_of_witnesses_may_be_of_any_size() -> None:
    far = 2**63 - 1
    assert list(check_brackets([instant(0)], [Anchor(1, far)], Limits(delay_s=0))) == []
    (one,) = check_brackets([instant(0)], [Anchor(0, far)], Limits(delay_s=0))
    assert one.limit == far - 300


@st.composite
def true_logs(draw: st.DrawFn) -> tuple[list[int], list[Anchor], Limits, int]:
    """When entries were truly written, checkpoints cut over all of them and cosigned within the delay; the end."""
    agreed = Limits(delay_s=draw(st.integers(0, 50)), skew_s=draw(st.integers(0, 20)))
    written = sorted(draw(st.lists(st.integers(0, 1_000), max_size=10)))
    witnessed = []
    for cut in draw(st.lists(st.integers(0, 1_000), max_size=5)):
        size = sum(moment <= cut for moment in written)
        for _ in range(draw(st.integers(1, 2))):
            witnessed.append(Anchor(size, cut + draw(st.integers(0, agreed.delay_s or 0))))
    return written, draw(st.permutations(witnessed)), agreed, 1_000 + (agreed.delay_s or 0)


@given(true_logs(), st.data())
def test_an_honest_log_breaks_no_bracket(
    made: tuple[list[int], list[Anchor], Limits, int], data: st.DataObject
) -> None:
    written, witnessed, agreed, end = made
    shift = st.integers(-agreed.skew_s, agreed.skew_s)
    recorded = [instant(moment + data.draw(shift)) for moment in written]
    assert list(check_brackets(recorded, witnessed, agreed, end)) == []


@given(true_logs(), st.data(), st.booleans())
def test_no_entry_is_dated_further_away_than_the_bound(
    made: tuple[list[int], list[Anchor], Limits, int], data: st.DataObject, with_clock: bool
) -> None:
    written, witnessed, agreed, end = made
    now = end if with_clock else None
    bound = dating_bound(witnessed, agreed, now)
    recorded = [data.draw(st.integers(-200, 1_300)) for _ in written]
    broken = {one.position for one in check_brackets(map(instant, recorded), witnessed, agreed, now)}
    for position, (true, stated) in enumerate(zip(written, recorded, strict=True)):
        covered = bound and bound.first <= position and (bound.end is None or position < bound.end)
        if bound and covered and position not in broken:
            assert abs(true - stated) <= bound.seconds


def test_the_bound_is_the_longest_gap_with_delay_and_skew() -> None:
    agreed = Limits(delay_s=DAY, skew_s=300)
    weekly = [Anchor(0, 0), Anchor(10, 7 * DAY), Anchor(25, 21 * DAY)]
    assert dating_bound(weekly, agreed) == DatingBound(0, 25, 15 * DAY + 300)
    # a checkpoint without new entries shortens the gap
    assert dating_bound([*weekly, Anchor(10, 14 * DAY)], agreed) == DatingBound(0, 25, 8 * DAY + 300)
    assert dating_bound(weekly, agreed, now=61 * DAY) == DatingBound(0, None, 41 * DAY + 300)
    assert dating_bound(weekly[1:], agreed) == DatingBound(10, 25, 15 * DAY + 300)


@pytest.mark.parametrize(
    ("witnessed", "agreed", "now"),
    [
        ([], Limits(delay_s=0), 5),
        ([Anchor(0, 0), Anchor(9, 9)], Limits(), 10),
        ([Anchor(4, 0), Anchor(4, 9)], Limits(delay_s=0), None),
    ],
)
def test_where_nothing_can_be_promised_there_is_no_bound(
    witnessed: list[Anchor], agreed: Limits, now: int | None
) -> None:
    assert dating_bound(witnessed, agreed, now) is None


def test_a_late_witness_of_an_old_checkpoint_makes_no_negative_gap() -> None:
    assert dating_bound([Anchor(5, 100), Anchor(10, 90)], Limits(delay_s=30, skew_s=0)) == DatingBound(5, 10, 30)
