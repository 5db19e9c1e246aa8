"""Rules D3, D5, D6, D8 and D9, each with its number: properties against twins, and examples."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    LIFECYCLES,
    NO,
    UNDECIDED,
    YES,
    Answer,
    Assertion,
    Bounds,
    Claim,
    Days,
    Source,
    SourceKind,
    Status,
    SubjectKind,
    When,
    Where,
    announced,
    denied,
    observed,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import AnomalyCode, Dating, Figure, Milestone
from coop_ledger.projections.figures import figures_agree
from coop_ledger.projections.milestone import collect
from coop_ledger.projections.status import course_of
from coop_ledger.projections.voices import voices_of
from coop_ledger.testing import points, whens
from tests.projections.support import KOREA_NET, MINISTRY, PRESS, REPRINT, UNDATED, YONHAP, effective
from tests.reference.rules import possible_days, statuses

OPENED = ev.InstitutionOpened("kcac")
START = date(2016, 11, 1)
small = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: (min(pair), max(pair)))


def point(ends: tuple[int, int]) -> When:
    low, high = (START + timedelta(days=end) for end in ends)
    return When(f"[{low}..{high}]")


def milestone(*claims: Claim) -> Milestone:
    (found,) = collect(effective(position, claim) for position, claim in enumerate(claims))
    return found


# D3


@given(st.lists(small, min_size=1, max_size=4))
def test_d3_points_that_agree_narrow_to_the_days_all_allow(ends: list[tuple[int, int]]) -> None:
    found: Dating | None = Dating.of(point(ends[0]))
    for more in ends[1:]:
        found = found and found.narrow(Dating.of(point(more)))
    days = possible_days(ends)
    if not days:
        assert found is None
    else:
        assert found is not None
        assert found.first == found.last == Bounds(START + timedelta(min(days)), START + timedelta(max(days)))


@given(whens(), whens())
def test_d3_agreement_does_not_depend_on_who_is_asked(one: When, other: When) -> None:
    a, b = Dating.of(one), Dating.of(other)
    assert a.narrow(b) == b.narrow(a)
    assert a.agrees(b) is b.agrees(a)
    assert a.narrow(a) == a
    if a.surely_before(b):
        assert not a.agrees(b)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2017", "2017-41", "2017-41"),
        ("2017-41", "2017", "2017-41"),
        ("2016-05-05/2016-05-07", "2016-05-05/2016-05-08", None),
        ("2016-05-05/2016-05", "2016-05-05/2016-05-08", "2016-05-05/2016-05-08"),
        ("2016-05-05/2016-05-07", "2016-05", "2016-05-05/2016-05-07"),
        ("2016-05", "2016-05-05/2016-05-07", "2016-05-05/2016-05-07"),
        ("2016-05-05/2016-05-07", "2016-06", None),
        ("2016", "2017", None),
        ("2016-11", "[2016-10-20..2016-11-10]", "2016-11-01..2016-11-10"),
    ],
)
def test_d3_examples(one: str, other: str, expected: str | None) -> None:
    found = Dating.of(When(one)).narrow(Dating.of(When(other)))
    assert (None if found is None else str(found)) == expected


@given(points(), points())
def test_d1_marks_never_widen_but_are_carried(one: When, other: When) -> None:
    found = Dating.of(one).narrow(Dating.of(other))
    if found is not None:
        assert ("?" in found.marks) is (one.uncertain or other.uncertain)
        assert ("~" in found.marks) is (one.approximate or other.approximate)


def test_datings_are_read_like_days() -> None:
    exact = Dating.within(Bounds(date(2016, 11, 15), date(2016, 11, 15)))
    assert str(exact) == "2016-11-15"
    assert str(Dating.within(Bounds(None, date(2016, 11, 15)))) == "..2016-11-15"
    assert [exact.happened_by(date(2016, 11, day)) for day in (14, 15)] == [NO, YES]
    assert Dating.of(When("2016")).happened_by(date(2016, 5, 1)) is UNDECIDED
    assert Dating.of(When("2016")).slip_to(Dating.of(When("2017-01-01"))) == Days(1, 366)
    assert Dating.of(When("../2016")).slip_to(Dating.of(When("2018/.."))) == Days(366, None)
    assert Dating.of(When("2017")).order == (date(2017, 12, 31), date(2017, 1, 1))


# D5


def test_d5_an_overlapping_plan_restates_and_narrows() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2017-41", stated="2016-11-16", sources=REPRINT),
        announced(OPENED, when="2017", stated="2016-11-20", sources=KOREA_NET),
    ).plan
    assert plan is not None
    assert str(plan.current.when) == "2017-41"
    assert (plan.revisions, plan.restatements, plan.conflicting) == (0, 2, ())


def test_d5_a_later_disjoint_plan_revises_with_its_slip() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2017-12-01", sources=KOREA_NET),
        announced(OPENED, stated="2018-01-01", sources=KOREA_NET),
    ).plan
    assert plan is not None
    assert [str(target.when) for target in plan.targets] == ["2017", "2018"]
    assert plan.current.slip == Days(1, 729)
    assert (plan.revisions, plan.restatements) == (1, 1)


def test_d5_two_disjoint_plans_of_one_day_conflict() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2016-11-15", sources=PRESS),
        announced(OPENED, when="2019", stated="2016-11", sources=PRESS),
    ).plan
    assert plan is not None
    assert (str(plan.current.when), len(plan.conflicting), plan.revisions) == ("2017", 2, 0)


def test_d5_a_plan_without_a_time_waits_for_one() -> None:
    plan = milestone(
        announced(OPENED, sources=KOREA_NET), announced(OPENED, when="2018", stated="2017", sources=KOREA_NET)
    ).plan
    assert plan is not None
    assert (str(plan.current.when), plan.revisions) == ("2018", 0)
    assert milestone(occurred(OPENED, sources=KOREA_NET)).plan is None


@given(st.lists(st.tuples(small, st.integers(0, 9)), min_size=1, max_size=5))
def test_d5_every_plan_is_somewhere_and_targets_move(said: list[tuple[tuple[int, int], int]]) -> None:
    claims = [
        announced(OPENED, when=point(ends), stated=str(START + timedelta(days=day)), sources=PRESS)
        for ends, day in said
    ]
    plan = milestone_in_order(claims).plan
    assert plan is not None
    assert len(claims) == sum(len(target.claims) for target in plan.targets) + len(plan.conflicting)
    for old, new in zip(plan.targets, plan.targets[1:], strict=False):
        assert old.when is not None
        assert new.when is not None
        assert not old.when.agrees(Dating.of(new.claims[0].claim.when or When("2016")))


def milestone_in_order(claims: list[Claim]) -> Milestone:
    from coop_ledger.domain import order_key

    (found,) = collect(sorted((effective(at, claim) for at, claim in enumerate(claims)), key=order_key))
    return found


# D6


def held(*sources: Source, when: str | None = "2016-11-15", **fields: Any) -> Claim:
    where = fields.pop("where", None)
    stated_by = fields.pop("stated_by", None)
    return occurred(ev.MeetingHeld("forum/10", **fields), when=when, where=where, stated_by=stated_by, sources=sources)


def test_d6_a_voice_is_who_said_it_else_who_was_relayed() -> None:
    assert voices_of(effective(0, held(REPRINT))) == {"yonhap"}
    assert voices_of(effective(0, held(REPRINT, stated_by="KR"))) == {"KR"}
    assert voices_of(effective(0, held(YONHAP, REPRINT))) == {"yonhap"}
    assert voices_of(effective(0, held(KOREA_NET, PRESS))) == {"korea.net", "asia economy"}


def shown(*claims: Claim) -> tuple[str, bool]:
    found = milestone(*claims).when
    assert found is not None
    return str(found.value), found.disputed


def test_d6_most_voices_are_shown_and_a_reprint_adds_none() -> None:
    early, late = "2016-11-14", "2016-11-15"
    assert shown(held(PRESS, when=early), held(KOREA_NET, when=late), held(MINISTRY, when=late)) == (late, True)
    # two papers with one voice do not outvote one
    reprinted = (held(YONHAP, when=early), held(REPRINT, when=early), held(MINISTRY, when=late))
    assert shown(*reprinted) == (late, True)


def test_d6_then_the_best_kind_then_the_earliest_then_the_lowest_position() -> None:
    early, late = "2016-11-14", "2016-11-15"
    assert shown(held(PRESS, when=early), held(KOREA_NET, when=late)) == (late, True)
    assert shown(held(YONHAP, when=early), held(PRESS, when=late)) == (early, True)
    old, new = (Source(name, When(day)) for name, day in (("Old", "2016-11-16"), ("New", "2016-11-17")))
    assert shown(held(new, when=early), held(old, when=late)) == (late, True)
    assert shown(held(new, when=early), held(Source("Undated"), when=late)) == (early, True)
    first, second = Source("First"), Source("Second")
    assert shown(held(first, when=late), held(second, when=early)) == (late, True)


def test_d6_a_voice_on_both_sides_counts_on_neither() -> None:
    both = Source("Both", When("2016-11-16"), kind=SourceKind.PRIMARY)
    claims = (held(both, when="2016-11-14"), held(both, when="2016-11-15"), held(UNDATED, when="2016-11-15"))
    assert shown(*claims) == ("2016-11-15", True)


def test_d6_agreeing_claims_are_not_disputed_and_their_sources_stand_together() -> None:
    found = milestone(held(KOREA_NET), held(MINISTRY, when="2016-11"), held(PRESS, when=None))
    assert not found.disputed
    assert found.when is not None
    assert str(found.when.value) == "2016-11-15"
    assert found.when.sources == (PRESS, MINISTRY, KOREA_NET) or set(found.when.sources) == {PRESS, MINISTRY, KOREA_NET}
    assert set(found.sources) == {PRESS, MINISTRY, KOREA_NET}
    assert found.positions == (0, 1, 2)


def test_d6_codes_conflict_and_words_never_do() -> None:
    from coop_ledger.domain import Rank

    one = held(KOREA_NET, level=Rank.MINISTER, kind="forum", where=Where("KR", "seoul"))
    other = held(MINISTRY, level=Rank.DEPUTY_MINISTER, kind="session", where=Where("KR", "busan"))
    silent = held(PRESS, where=Where(meeting="forum"))
    disputes = milestone(one, other, silent).disputes
    assert set(disputes) == {"level", "where.place"}
    assert disputes["level"].value is Rank.DEPUTY_MINISTER  # equal kinds; the ministry published first


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (("exact", 150), ("exact", 150), True),
        (("exact", 150), ("exact", 200), False),
        (("about", 150), ("exact", 150), True),
        (("about", 150), ("about", 200), False),
        (("at-least", 150), ("exact", 200), True),
        (("at-least", 200), ("exact", 150), False),
        (("at-least", 150), ("at-most", 150), True),
        (("at-least", 151), ("at-most", 150), False),
        (("at-least", 151), ("at-least", 9), True),
        (("at-most", 151), ("at-most", 9), True),
    ],
)
def test_d6_figures_conflict_only_if_no_number_fits_both(
    one: tuple[str, int], other: tuple[str, int], agree: bool
) -> None:
    figures = [Figure(Decimal(value), ev.Qualifier(qualifier), "persons") for qualifier, value in (one, other)]
    assert figures_agree(*figures) is figures_agree(*reversed(figures)) is agree
    assert (
        str(figures[0])
        == {"exact": "", "about": "about "}.get(one[0], one[0].replace("-", " ") + " ") + f"{one[1]} persons"
    )


def test_d6_a_disputed_figure_shows_all_its_values() -> None:
    def attendance(value: int, *sources: Source, when: str = "2016-11-15") -> Claim:
        event = ev.FigureReported(
            "meeting:forum/10", "attendance", Decimal(value), "persons", qualifier=ev.Qualifier.ABOUT
        )
        return occurred(event, when=when, sources=sources)

    found = milestone(attendance(150, PRESS), attendance(200, KOREA_NET), attendance(200, MINISTRY))
    reading = found.disputes["value"]
    assert [str(value) for value in reading.values] == ["about 200 persons", "about 150 persons"]
    assert [one.claim.sources for one in reading.against] == [(PRESS,)]
    assert str(Figure(Decimal(7), ev.Qualifier.EXACT)) == "7"
    years = collect(effective(at, attendance(at, PRESS, when=f"201{at}")) for at in range(3))
    assert len(years) == 3
    assert not any(year.disputed for year in years)


@pytest.mark.parametrize(
    ("claims", "expected", "disputed"),
    [
        ([occurred(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([observed(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([denied(OPENED, sources=KOREA_NET)], NO, False),
        ([announced(OPENED, when="2017", sources=KOREA_NET)], UNDECIDED, False),
        ([occurred(OPENED, when="2017", sources=KOREA_NET), denied(OPENED, sources=PRESS)], YES, True),
        ([occurred(OPENED, when="2017", sources=PRESS), denied(OPENED, sources=KOREA_NET)], NO, True),
        ([occurred(OPENED, when="2018", sources=PRESS), denied(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([occurred(OPENED, when="2018", sources=PRESS), denied(OPENED, when="2018-05", sources=KOREA_NET)], NO, True),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([observed(OPENED, when="2017", sources=PRESS), denied(OPENED, when="2017", sources=KOREA_NET)], YES, False),
        ([denied(OPENED, when="2017", sources=KOREA_NET)], UNDECIDED, False),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, when="../2018", sources=KOREA_NET)], NO, True),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, when="../2017", sources=KOREA_NET)], YES, False),
        ([observed(OPENED, when="2018", sources=PRESS), denied(OPENED, sources=KOREA_NET)], NO, True),
    ],
)
def test_d6_occurred_against_denied(claims: list[Claim], expected: Answer, disputed: bool) -> None:
    found = milestone(*claims)
    assert (found.has_happened, found.disputed) == (expected, disputed)


def test_a_sighting_bounds_the_beginning_from_above() -> None:
    found = milestone(
        observed(OPENED, when="2018-05-02", sources=PRESS), observed(OPENED, when="2018-04", sources=PRESS)
    )
    assert found.when is None
    assert found.dating == Dating.within(Bounds(None, date(2018, 4, 30)))
    assert milestone(announced(OPENED, when="2017", sources=PRESS)).dating is None
    assert milestone(observed(OPENED, sources=UNDATED)).dating == Dating.within(Bounds(None, None))


def test_assertions_are_kept_apart() -> None:
    found = milestone(*(Claim(assertion, OPENED, sources=(PRESS,)) for assertion in Assertion))
    for name in ("proposed", "planned", "occurred", "held", "denied"):
        assert len(getattr(found, name)) == 1


# happenings


def test_disjoint_beginnings_are_two_only_with_an_end_between() -> None:
    joined, left = ev.MemberAdmitted("kcac", "KZ"), ev.MemberWithdrew("kcac", "KZ")
    claims = [
        occurred(joined, when="2010", sources=PRESS),
        occurred(left, when="2012", sources=PRESS),
        occurred(joined, when="2014", sources=PRESS),
    ]

    def happenings(*given: Claim) -> list[str]:
        found = collect(effective(at, claim) for at, claim in enumerate(given))
        return sorted(one.id.event.__name__ + ("!" if one.disputed else "") for one in found)

    assert happenings(*claims) == ["MemberAdmitted", "MemberAdmitted", "MemberWithdrew"]
    assert happenings(claims[0], claims[2]) == ["MemberAdmitted!"]
    assert happenings(*claims, announced(joined, when="2015", sources=PRESS)).count("MemberAdmitted") == 2


# D8, D9

INSTITUTION_STEPS = (
    ev.EstablishmentAgreed,
    ev.InstitutionProclaimed,
    ev.InstitutionOpened,
    ev.InstitutionSuspended,
    ev.InstitutionResumed,
    ev.InstitutionDissolved,
)


@given(st.lists(st.tuples(st.sampled_from(INSTITUTION_STEPS), small), max_size=4, unique_by=lambda pair: pair[0]))
def test_d8_d9_the_status_is_that_of_every_order_the_dates_allow(given: list[tuple[Any, tuple[int, int]]]) -> None:
    table = LIFECYCLES[SubjectKind.INSTITUTION]
    claims = [occurred(cls("kcac"), when=point(ends), sources=PRESS) for cls, ends in given]
    found = course_of(table, collect(effective(at, claim) for at, claim in enumerate(claims)))
    options, regular = statuses(table, Status.UNRECORDED, given)
    assert set(found.options) == options
    assert found.status == (next(iter(options)) if len(options) == 1 else None)
    assert [anomaly.code for anomaly in found.anomalies] == ([] if regular else [AnomalyCode.IRREGULAR_STEP])


def test_d9_many_milestones_are_taken_in_order() -> None:
    pairs = []
    for year in range(2000, 2014, 2):
        pairs.append(occurred(ev.InitiativeSuspended("x"), when=str(year), sources=PRESS))
        pairs.append(occurred(ev.InitiativeResumed("x"), when=str(year + 1), sources=PRESS))
    claims = [
        occurred(ev.InitiativeStarted("x"), when="1999", sources=PRESS),
        announced(ev.InitiativeStarted("x"), sources=PRESS),
        *pairs,
    ]
    found = course_of(LIFECYCLES[SubjectKind.INITIATIVE], collect(effective(at, c) for at, c in enumerate(claims)))
    assert (found.status, found.anomalies) == (Status.IMPLEMENTATION, ())


def test_p6_plans_lead_to_the_planned_status_and_no_further() -> None:
    table = LIFECYCLES[SubjectKind.INSTITUTION]
    assert course_of(table, [milestone(announced(OPENED, when="2010", sources=PRESS))]).status is Status.PLANNED
    assert course_of(table, []).status is Status.UNRECORDED
    assert course_of(table, [milestone(denied(OPENED, sources=PRESS))]).status is Status.UNRECORDED
