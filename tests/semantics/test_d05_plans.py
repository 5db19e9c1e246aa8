"""D5: an overlapping plan restates and narrows, a later disjoint one revises, one of the same day is a conflict."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

from coop_ledger.domain import (
    UNDECIDED,
    Claim,
    Days,
    MeetingMode,
    Rank,
    Source,
    Status,
    When,
    Where,
    announced,
    occurred,
    order_key,
)
from coop_ledger.domain import events as ev
from coop_ledger.domain.entries import Ruling
from coop_ledger.projections import Dating, Difference, Milestone
from coop_ledger.projections.collecting import collect
from coop_ledger.projections.conflicts import milestone_conflicts
from tests.projections.support import (
    FORUM,
    KOREA_NET,
    MINISTRY,
    OPENED,
    PRESS,
    REPRINT,
    START_DAY,
    TRAINING,
    YONHAP,
    all_promises,
    came,
    day,
    effective,
    meeting,
    milestone,
    plan,
    point,
    promise,
    small,
)


def test_an_overlapping_plan_restates_and_narrows() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2017-41", stated="2016-11-16", sources=REPRINT),
        announced(OPENED, when="2017", stated="2016-11-20", sources=KOREA_NET),
    ).plan
    assert plan is not None
    assert str(plan.current.when) == "2017-41"
    assert (plan.revisions, plan.restatements, plan.conflicting) == (0, 2, ())


def test_a_later_disjoint_plan_revises_with_its_slip() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2017-12-01", sources=KOREA_NET),
        announced(OPENED, stated="2018-01-01", sources=KOREA_NET),
    ).plan
    assert plan is not None
    assert [str(target.when) for target in plan.targets] == ["2017", "2018"]
    assert plan.current.slip == Days(1, 729)
    assert (plan.revisions, plan.restatements) == (1, 1)


def test_two_disjoint_plans_of_one_day_conflict() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2016-11-15", sources=PRESS),
        announced(OPENED, when="2019", stated="2016-11", sources=PRESS),
    ).plan
    assert plan is not None
    assert (str(plan.current.when), len(plan.conflicting), plan.revisions) == ("2017", 2, 0)


def one_day(when: str, source: Source, stated: str = "2016-11-15") -> Claim:
    return announced(OPENED, when=when, stated=stated, sources=source)


def test_of_plans_that_conflict_most_voices_are_shown_and_a_resolution_decides() -> None:
    claims = (one_day("2018", PRESS), one_day("2019", KOREA_NET), one_day("2019", MINISTRY), one_day("2020", YONHAP))
    found = milestone(*claims)
    assert found.plan is not None
    assert (str(found.plan.current.when), found.plan.revisions) == ("2019", 0)
    assert [e.position for e in found.plan.current.claims] == [1, 2]
    assert [e.position for e in found.plan.conflicting] == [0, 3]
    (conflict,) = milestone_conflicts([found])
    assert (conflict.field, [str(value) for value in conflict.values]) == ("target", ["2019", "2018", "2020"])
    fed = [effective(position, claim) for position, claim in enumerate(claims)]
    ruling = Ruling(4, "r", tuple(one.id for one in fed), fed[0].id, "the statute says so")
    (decided,) = collect(attrs.evolve(one, rulings=(ruling,)) for one in fed)
    assert decided.plan is not None
    assert str(decided.plan.current.when) == "2018"
    assert [(one.resolved, one.ruling) for one in milestone_conflicts([decided])] == [(True, ruling)]


def test_a_conflict_among_plans_stays_with_the_target_of_its_day() -> None:
    told = (one_day("2018", PRESS), one_day("2019", KOREA_NET))
    for later, target in (("2019", "2020"), ("2020", "2021")):
        found = milestone(*told, one_day(target, MINISTRY, "2017-06-01"), one_day(later, YONHAP, "2017-06-01"))
        assert found.plan is not None
        assert [[e.position for e in one.against] for one in found.plan.targets] == [[0], [3]]
        assert (str(found.plan.current.when), found.plan.revisions) == (target, 1)
        assert found.plan.current.slip is not None
        changes = [(c.field, str(c.before), str(c.after), c.entry) for c in found.plan.changes]
        assert changes == [("when", "2019", target, 2)]


def test_a_plan_that_comes_back_is_no_other_plan() -> None:
    back = one_day("2017", MINISTRY, "2017-12-01")
    first, against = one_day("2017-04", KOREA_NET), one_day("2019", PRESS)
    found = milestone(first, against, one_day("2018", PRESS, "2017-12-01"), back)
    assert found.plan is not None
    assert [[str(one.when), [e.position for e in one.claims]] for one in found.plan.targets] == [["2017-04", [0, 3]]]
    assert (found.plan.revisions, found.plan.restatements, found.plan.slip) == (0, 1, None)
    assert ([e.position for e in found.plan.conflicting], found.plan.changes) == ([1, 2], ())


def test_a_plan_without_a_time_waits_for_one() -> None:
    plan = milestone(
        announced(OPENED, sources=KOREA_NET), announced(OPENED, when="2018", stated="2017", sources=KOREA_NET)
    ).plan
    assert plan is not None
    assert (str(plan.current.when), plan.revisions) == ("2018", 0)
    assert milestone(occurred(OPENED, sources=KOREA_NET)).plan is None


@given(st.lists(st.tuples(small, st.integers(0, 9)), min_size=1, max_size=5))
@example([((0, 0), 0), ((0, 1), 2), ((0, 0), 2), ((1, 1), 1)])
def test_every_plan_is_somewhere_and_targets_move(said: list[tuple[tuple[int, int], int]]) -> None:
    claims = [
        announced(OPENED, when=point(ends), stated=str(START_DAY + timedelta(days=day)), sources=PRESS)
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
    (found,) = collect(sorted((effective(at, claim) for at, claim in enumerate(claims)), key=order_key))
    return found


def test_a_plan_keeps_every_field_that_it_changed() -> None:
    first = ev.MeetingHeld("forum/11", kind="forum", level=Rank.MINISTER)
    lower = ev.MeetingHeld("forum/11", level=Rank.DEPUTY_MINISTER)
    found = promise(
        plan(first, "2017-10", "2016-11-18", where=Where("KG", "bishkek"), parties={"host": "KG"}),
        plan(FORUM, "2017-10-05", "2017-03-01", where=Where("KG", "osh")),
        plan(FORUM, "2017-10", "2017-03-02"),
        plan(lower, "2017-12", "2017-09-01", where=Where("KZ"), parties={"host": "KZ KR"}),
    )
    assert found.plan is not None
    assert [str(target.when) for target in found.plan.targets] == ["2017-10-05", "2017-12"]
    assert found.plan.current.values == {
        "level": Rank.DEPUTY_MINISTER,
        "where.country": "KZ",
        "where.place": "osh",
        "host": ("KR", "KZ"),
    }
    before, after = (target.when for target in found.plan.targets)
    assert [attrs.astuple(change, recurse=False) for change in found.changes] == [
        ("where.place", "bishkek", "osh", 1),
        ("when", before, after, 3),
        ("level", Rank.MINISTER, Rank.DEPUTY_MINISTER, 3),
        ("where.country", "KG", "KZ", 3),
        ("host", ("KG",), ("KR", "KZ"), 3),
    ]
    assert (found.revisions, found.restatements, found.slip) == (1, 2, Days(57, 87))
    assert (found.subject, found.event, found.key) == ("meeting:forum/11", ev.MeetingHeld, ())


@given(st.lists(small, min_size=1, max_size=4))
@example([(0, 0), (1, 2), (0, 1)])
def test_slips_hold_every_possible_difference_of_days(ends: list[tuple[int, int]]) -> None:
    claims = [plan(when=point((a, b)).text, stated=f"2016-10-0{at + 1}") for at, (a, b) in enumerate(ends)]
    found = promise(*claims).plan
    assert found is not None
    windows: list[tuple[int, int]] = []  # the twin: a target is the days that all its restatements allow
    for a, b in ends:
        if windows and a <= windows[-1][1] and windows[-1][0] <= b:
            windows[-1] = (max(a, windows[-1][0]), min(b, windows[-1][1]))
        else:
            windows.append((a, b))
    steps = [(old, new, target.slip) for (old, new), target in zip(pairwise(windows), found.targets[1:], strict=True)]
    whole = [(windows[0], windows[-1], found.slip)] if len(windows) > 1 else []
    for old, new, slip in steps + whole:
        possible = {y - x for x in range(old[0], old[1] + 1) for y in range(new[0], new[1] + 1)}
        assert slip == Days(min(possible), max(possible))
    assert (found.slip is None) is (len(windows) == 1)


def test_a_plan_with_no_time_yet_has_no_slip() -> None:
    found = promise(plan(when=None), plan(when=None, stated="2017"))
    assert (found.slip, found.target, found.late, found.days, found.restatements) == (None, None, UNDECIDED, None, 1)


def test_the_outcome_differs_from_the_plan_and_conflicts_with_nothing() -> None:
    found = all_promises(
        plan(ev.MeetingHeld("forum/11", level=Rank.MINISTER), where=Where("KG", "bishkek"), parties={"host": "KG"}),
        came(ev.MeetingHeld("forum/11", level=Rank.MINISTER), where=Where(place="osh"), parties={"host": "KZ"}),
        came(ev.MeetingHeld("forum/11", level=Rank.DEPUTY_MINISTER), sources=PRESS),
        came(FORUM, where=Where(place="osh"), parties={"host": "KZ"}, sources=Source("Other", When("2017-07"))),
    )
    (one,) = found.commitments
    assert {difference.field for difference in one.differences} == {"when", "where.place", "host"}
    assert Difference("host", ("KG",), ("KZ",)) in one.differences
    assert all(conflict.field == "level" for conflict in found.conflicts)
    assert promise(plan(), came(when="2017-01-09")).differences == ()
    assert [one.field for one in promise(plan(), came(TRAINING, "2016-12-05")).differences] == ["when"]
    assert promise(plan(), came(TRAINING)).differences == ()
    assert promise(plan(when=None), came()).differences == ()


def test_of_every_other_field_the_newest_plan_that_says_anything_stands() -> None:
    forum = ev.MeetingHeld("forum/11", level=Rank.MINISTER, mode=MeetingMode.IN_PERSON)
    planned = [
        plan(forum, stated="2016-11-18", sources=MINISTRY),
        plan(forum, stated="2016-11-19", sources=KOREA_NET),
        plan(ev.MeetingHeld("forum/11", level=Rank.DEPUTY_MINISTER), stated="2016-12-01", sources=PRESS),
        plan(FORUM, stated="2016-12-02", sources=YONHAP),
    ]
    found = milestone(*planned)
    level, mode = found.reading("level", planned=True), found.reading("mode", planned=True)
    assert level is not None
    assert (level.value, level.against, [e.position for e in level.claims]) == (Rank.DEPUTY_MINISTER, (), [2])
    assert mode is not None
    assert (mode.value, [e.position for e in mode.claims]) == (MeetingMode.IN_PERSON, [0, 1])
    assert found.plan is not None
    assert found.plan.current.values["level"] is level.value
    assert milestone(*planned[2:]).reading("mode", planned=True) is None


def test_planned_level_and_level_as_held_stand_side_by_side() -> None:
    planned = ev.MeetingHeld("forum/10", level=Rank.MINISTER, mode=MeetingMode.VIDEO)
    held = ev.MeetingHeld("forum/10", level=Rank.DEPUTY_MINISTER, mode=MeetingMode.IN_PERSON)
    found = meeting(plan(planned, "2016-11-15", "2016-10-01"), came(held, "2016-11-15"))
    assert (found.level.value, found.planned_level.value) == (Rank.DEPUTY_MINISTER, Rank.MINISTER)
    assert (found.mode.value, found.planned_mode.value) == (MeetingMode.IN_PERSON, MeetingMode.VIDEO)
    assert found.conflicts == ()
    before = found.on(day("2016-10-31"))
    assert before.place is None
    assert (before.status, before.level.value, str(before.when)) == (Status.SCHEDULED, Rank.MINISTER, "2016-11-15")
    assert (found.on(day("2016-09-01")).level, found.on(day("2016-09-01")).when) == (None, None)
