"""Parts of a leaf, its limit, and its instants."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import InvalidValueError, LeafTooLargeError
from coop_ledger.log import MAX_LEAF, assemble, format_instant, not_before, parse_instant, placed

zones = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)


@given(instants)
def test_an_instant_is_fixed_width_utc_and_comes_back(instant: datetime) -> None:
    text = format_instant(instant)
    assert len(text) == 27
    assert text.endswith("Z")
    assert parse_instant(text) == instant
    assert parse_instant(text).utcoffset() == timedelta(0)


@given(instants, instants)
def test_texts_order_like_instants(one: datetime, other: datetime) -> None:
    assert (format_instant(one) < format_instant(other)) is (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "2016-11-15T09:00:00Z",
        "2016-11-15T09:00:00.000000+00:00",
        "2016-11-15T09:00:00.000000z",
        "2016-11-15 09:00:00.000000Z",
        "2016-11-31T09:00:00.000000Z",
        "2016-11-15T25:00:00.000000Z",
        "٢٠١٦-11-15T09:00:00.000000Z",
        "2016-11-15T09:00:00.000000Z\n",
        "",
        None,
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse_instant(text)


class Nowhere(tzinfo):
    """A time zone that does not know its offset: Python takes a time with it for naive."""

    def utcoffset(self, _instant: datetime | None) -> None:
        return None

    dst = utcoffset

    def tzname(self, _instant: datetime | None) -> str:
        return "nowhere"


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_a_naive_time_is_no_instant(zone: tzinfo | None) -> None:
    with pytest.raises(InvalidValueError, match="offset"):
        format_instant(datetime(2016, 11, 15, tzinfo=zone))


@pytest.mark.parametrize("wrong", ["2016-11-15T09:00:00.000000Z", None, 1_479_211_200.0])
def test_what_a_clock_may_give_instead_of_an_instant(wrong: Any) -> None:
    with pytest.raises(InvalidValueError, match="offset"):
        format_instant(wrong)


def test_the_zone_of_the_machine_changes_no_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tashkent")
    try:
        time.tzset()
        assert format_instant(datetime(2016, 11, 15, 9, tzinfo=UTC)) == "2016-11-15T09:00:00.000000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(("instant", "hours"), [(datetime.min, 1), (datetime.max, -1)])
def test_an_instant_beyond_the_calendar_is_refused(instant: datetime, hours: int) -> None:
    with pytest.raises(InvalidValueError, match="beyond the calendar"):
        format_instant(instant.replace(tzinfo=timezone(timedelta(hours=hours))))
    assert len(format_instant(instant.replace(tzinfo=UTC))) == 27


@given(instants, instants)
def test_recorded_at_never_goes_back(last: datetime, now: datetime) -> None:
    chosen, clamped = not_before(format_instant(last), format_instant(now))
    assert parse_instant(chosen) == max(last, now)
    assert clamped is (now < last)


def test_the_first_entry_takes_the_clock() -> None:
    now = format_instant(datetime(2016, 11, 15, tzinfo=UTC))
    assert not_before(None, now) == (now, False)


def test_what_the_store_decides_stands_in_canonical_order() -> None:
    assert placed(7, "2016-11-15T09:00:00.000000Z", True) == (
        b'"position":7,"recorded_at":"2016-11-15T09:00:00.000000Z","recorded_clamped":true,'
    )
    assert placed(7, "2016-11-15T09:00:00.000000Z", False) == (
        b'"position":7,"recorded_at":"2016-11-15T09:00:00.000000Z",'
    )


def test_the_limit_of_a_leaf_is_exact() -> None:
    assert len(assemble(b"x" * (MAX_LEAF - 2), b"y", b"z")) == MAX_LEAF
    with pytest.raises(LeafTooLargeError, match="65536"):
        assemble(b"x" * (MAX_LEAF - 1), b"y", b"z")
