"""The grammar of dates: the examples of the EDTF specification, bounds against enumeration, hints."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from coop_ledger.domain import Bounds, When
from coop_ledger.errors import InvalidValueError
from coop_ledger.testing import points, spans
from tests.reference.edtf import days_of

D = date.fromisoformat

POINTS = {
    # level 0
    "1985-04-12": ("1985-04-12", "1985-04-12"),
    "1985-04": ("1985-04-01", "1985-04-30"),
    "1985": ("1985-01-01", "1985-12-31"),
    # level 1
    "2001-21": ("2001-03-01", "2001-11-30"),
    "1984?": ("1984-01-01", "1984-12-31"),
    "2004-06~": ("2004-06-01", "2004-06-30"),
    "2004-06-11%": ("2004-06-11", "2004-06-11"),
    "201X": ("2010-01-01", "2019-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "2004-XX": ("2004-01-01", "2004-12-31"),
    "1985-04-XX": ("1985-04-01", "1985-04-30"),
    "1985-XX-XX": ("1985-01-01", "1985-12-31"),
    # level 2
    "2001-34": ("2001-04-01", "2001-06-30"),
    "2017-41": ("2017-07-01", "2017-12-31"),
    "2017-39": ("2017-09-01", "2017-12-31"),
    "2017-24": ("2017-01-01", "2018-02-28"),
    "156X-12-25": ("1560-12-25", "1569-12-25"),
    "15XX-12-25": ("1500-12-25", "1599-12-25"),
    "XXXX-12-XX": ("0001-12-01", "9999-12-31"),
    "1XXX-XX": ("1000-01-01", "1999-12-31"),
    "1XXX-12": ("1000-12-01", "1999-12-31"),
    "1984-1X": ("1984-10-01", "1984-12-31"),
    "19XX-02-29": ("1904-02-29", "1996-02-29"),
    "2016-XX-31": ("2016-01-31", "2016-12-31"),
    "9999-24": ("9999-01-01", "9999-12-31"),
    "[1667,1668,1670..1672]": ("1667-01-01", "1672-12-31"),
    "[..1760-12-03]": (None, "1760-12-03"),
    "[1760-12..]": ("1760-12-01", None),
    "[1760-01,1760-02,1760-12..]": ("1760-01-01", None),
    "[1667,1760-12]": ("1667-01-01", "1760-12-31"),
    "[..1984]": (None, "1984-12-31"),
}
"""Examples of the specification at the levels read here, and a few edges beside them."""

SPANS = {
    # level 0: first day within, last day within
    "1964/2008": ("1964-01-01", "1964-12-31", "2008-01-01", "2008-12-31"),
    "2004-06/2006-08": ("2004-06-01", "2004-06-30", "2006-08-01", "2006-08-31"),
    "2004-02-01/2005-02-08": ("2004-02-01", "2004-02-01", "2005-02-08", "2005-02-08"),
    "2004-02-01/2005-02": ("2004-02-01", "2004-02-01", "2005-02-01", "2005-02-28"),
    "2004-02-01/2005": ("2004-02-01", "2004-02-01", "2005-01-01", "2005-12-31"),
    "2005/2006-02": ("2005-01-01", "2005-12-31", "2006-02-01", "2006-02-28"),
    # level 1
    "1985-04-12/..": ("1985-04-12", "1985-04-12", "1985-04-12", None),
    "1985/..": ("1985-01-01", "1985-12-31", "1985-01-01", None),
    "../1985-04": (None, "1985-04-30", "1985-04-01", "1985-04-30"),
    "1985-04-12/": ("1985-04-12", "1985-04-12", "1985-04-12", None),
    "/1985": (None, "1985-12-31", "1985-01-01", "1985-12-31"),
    "1984~/2004-06": ("1984-01-01", "1984-12-31", "2004-06-01", "2004-06-30"),
    "1984?/2004%": ("1984-01-01", "1984-12-31", "2004-01-01", "2004-12-31"),
    "1984-06-02?/2004-08-08~": ("1984-06-02", "1984-06-02", "2004-08-08", "2004-08-08"),
    "1984-06-02?/": ("1984-06-02", "1984-06-02", "1984-06-02", None),
    # level 2
    "2004-06-XX/2004-07-03": ("2004-06-01", "2004-06-30", "2004-07-03", "2004-07-03"),
    "{1667,1668,1670..1672}": ("1667-01-01", "1667-12-31", "1670-01-01", "1672-12-31"),
    "{1960,1961-12}": ("1960-01-01", "1960-12-31", "1961-12-01", "1961-12-31"),
    "{..1984}": (None, "1984-12-31", None, "1984-12-31"),
    # neither side can lie beyond the other
    "2016/2016": ("2016-01-01", "2016-12-31", "2016-01-01", "2016-12-31"),
    "2016/2016-03": ("2016-01-01", "2016-03-31", "2016-03-01", "2016-03-31"),
}

REFUSED = {
    # in the specification, beyond what is read here: each has its reason
    "1985-04-12T23:20:30": "without a time of day; .*write 1985-04-12",
    "1985-04-12T23:20:30Z": "without a time of day",
    "1985-04-12T23:20:30+04:30": "without a time of day",
    "Y170000002": "0001 to 9999",
    "Y-170000002": "0001 to 9999",
    "-1985": "0001 to 9999",
    "Y-17E7": "0001 to 9999",
    "0000": "0001 to 9999",
    "1950S2": "with four digits",
    "2004-06~-11": "end of a whole date",
    "?2004-06-11": "end of a whole date",
    "2004-06-~01/2004-06-~20": "end of a whole date",
    # not in it
    "2017-H2": "write 2017-41",
    "H1 2017": "write 2017-40",
    "Q3 2017": "write 2017-35",
    "2017-Q1": "write 2017-33",
    "2016/11/15": "write 2016-11-15",
    "2016.11.15": "write 2016-11-15",
    "2016-1-5": "write 2016-01-05",
    "20161115": "write 2016-11-15",
    "ca. 2014": "write 2014~",
    "2010s": "write 201X",
    "~2014": "write 2014~",
    "2016-13": "months are",
    "2016-00": "months are",
    "2016-42": "months are",
    "2016-11-31": "no such day",
    "2015-02-29": "no such day",
    "2017-41-01": "has no day",
    "2016-11-15/2016-11-14": "ends before",
    "2018/2017": "ends before",
    "../..": "one side",
    "/": "one side",
    "1/2/3": "two sides",
    "[2016": "does not end",
    "{2016]": "does not end",
    "[]": "does not end",
    "[2016,]": "nothing stands",
    "[..]": "one side",
    "[2018..2017]": "ends before",
    "soon": "names no year",
    "yesterday": "names no year",
    "November 2016": "months are numbers; .*write 2016-11$",
    "Nov. 2016": "write 2016-11$",
    "2016 May": "write 2016-05$",
    "15 November 2016": "write 2016-11-15$",
    "1st Sept 2016": "write 2016-09-01$",
    "November 15, 2016": "write 2016-11-15$",
    "15.11.2016": "the year stands first.*write 2016-11-15$",
    "15/11/2016": "the year stands first.*write 2016-11-15$",
    "11-15-2016": "write 2016-11-15$",
    "05/06/2016": "write 2016-06-05 or 2016-05-06$",
    "05/05/2016": "write 2016-05-05$",
    "11/2016": "write 2016-11$",
    "2016/11": "write 2016-11$",
    "2017/18": "a span is two whole dates.*write 2017/2018$",
    "2016–2017": "a span is two whole dates.*write 2016/2017$",
    "2016-2017": "write 2016/2017$",
    "2016-11-10 – 2016-11-12": "write 2016-11-10/2016-11-12$",
    "2016 to 2017": "write 2016/2017$",
    # a hint that would be refused in its turn is not given
    "2016-02-30": "no such day; .*found: '2016-02-30'$",
    "2016/2/30": "the year stands first.*found: '2016/2/30'$",
    "31/11/2016": "the year stands first.*found: '31/11/2016'$",
    "45.45.2016": "the year stands first.*found: '45.45.2016'$",
    "45/45/2016": "two sides",
    "2018-2017": "a span is.*found: '2018-2017'$",
    "2017/19": "with four digits",
    "": "nothing stands",
    "２０１６": "off the grammar",
    "2016\n": "off the grammar",
    "123456": "0001 to 9999",
}


def bounds(earliest: str | None, latest: str | None) -> Bounds:
    return Bounds(earliest and D(earliest), latest and D(latest))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "expected"), POINTS.items())
def test_points(text: str, expected: tuple[str | None, str | None]) -> None:
    when = When(text)
    assert when.first == when.last == bounds(*expected) == Bounds(when.earliest, when.latest)
    assert not when.is_span


@pytest.mark.parametrize(("text", "expected"), SPANS.items())
def test_spans(text: str, expected: tuple[str | None, ...]) -> None:
    when = When(text)
    assert (when.first, when.last) == (bounds(*expected[:2]), bounds(*expected[2:]))
    assert when.is_span
    assert when.continues is text.endswith("..")


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        When(text)


@pytest.mark.parametrize(
    ("text", "uncertain", "approximate"),
    [
        ("2016", False, False),
        ("2016?", True, False),
        ("2016~", False, True),
        ("2016%", True, True),
        ("2015?/2016~", True, True),
        ("[2015,2016?]", True, False),
        ("{2015~,2016}", False, True),
    ],
)
def test_marks_are_kept_and_never_widen(text: str, uncertain: bool, approximate: bool) -> None:
    when = When(text)
    assert (when.uncertain, when.approximate) == (uncertain, approximate)
    bare = When(text.replace("?", "").replace("~", "").replace("%", ""))
    assert (when.first, when.last) == (bare.first, bare.last)


@settings(max_examples=40)
@given(points())
def test_bounds_are_those_of_the_days_that_a_point_can_mean(when: When) -> None:
    days = days_of(when.text)
    assert (when.earliest, when.latest) == (days[0], days[-1])


@settings(max_examples=40)
@given(spans())
def test_bounds_of_a_span_are_in_order(when: When) -> None:
    for one, other in ((when.first.earliest, when.last.earliest), (when.first.latest, when.last.latest)):
        assert one is None or other is None or one <= other
    assert when.text[0] in "{" or "/" in when.text


def test_a_date_has_a_limit() -> None:
    with pytest.raises(InvalidValueError, match="too long"):
        When("[" + ",".join(["2016-11-15"] * 40) + "]")
    with pytest.raises(InvalidValueError, match=r"write When\('2017'\)"):
        When(2017)  # type: ignore[arg-type]
    assert repr(When("2016")) == "When('2016')"
    assert str(When("2016")) == "2016"
