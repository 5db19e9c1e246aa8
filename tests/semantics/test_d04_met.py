"""D4: a promise is met by its milestone or a later step; overdue once its last target passed unmet and undenied."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    LIFECYCLES,
    NO,
    UNDECIDED,
    YES,
    Answer,
    Bounds,
    Claim,
    Days,
    InstrumentKind,
    Party,
    Role,
    Source,
    Status,
    When,
    denied,
    observed,
    proposed,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import COMMITMENTS, INITIATIVE, LATER_STEPS, Overdue, overdue, project, silent
from coop_ledger.testing import days, promises
from tests.projections.support import (
    KOREA_NET,
    OPENED,
    PRESS,
    SIGNED,
    START_DAY,
    STARTED,
    TRAINING,
    UNDATED,
    all_promises,
    came,
    entries,
    listed,
    meeting,
    plan,
    point,
    promise,
    small,
    state_of,
)


def test_proposals_are_kept_apart_and_expectations_are_neither() -> None:
    found = all_promises(
        proposed(OPENED, when="2015", sources=KOREA_NET, parties={"participant": "KR"}),
        plan(ev.StatuteAdopted("kcac")),
        plan(ev.NameUsed("institution:kcac", "Secretariat")),
    )
    assert [one.event for one in found.commitments] == [ev.StatuteAdopted]
    (wish,) = found.proposals
    assert (wish.event, wish.plan, wish.owners) == (ev.InstitutionOpened, None, ("KR",))
    assert (wish.revisions, wish.restatements, wish.slip, wish.changes, wish.differences) == (0, 0, None, (), ())
    assert overdue((*found.commitments, *found.proposals), on=date(2020, 1, 1))[0].commitment.event is ev.StatuteAdopted
    both = all_promises(proposed(OPENED, sources=KOREA_NET), plan(OPENED))
    assert (len(both.commitments), both.proposals) == (1, ())
    as_known = both.on(date(2016, 11, 17))
    assert (as_known.commitments, as_known.proposals) == ((), ())


@pytest.mark.parametrize(
    ("promised", "happened", "met", "late"),
    [
        (STARTED, STARTED, YES, YES),
        (STARTED, TRAINING, YES, UNDECIDED),
        (STARTED, ev.InitiativeClosed("water"), YES, UNDECIDED),
        (TRAINING, ev.InitiativeClosed("water"), UNDECIDED, UNDECIDED),
        (TRAINING, STARTED, UNDECIDED, UNDECIDED),
        (TRAINING, ev.InitiativeDelivered("water"), YES, YES),
        (TRAINING, ev.InitiativeDelivered("water", partial=True), UNDECIDED, UNDECIDED),
        (TRAINING, ev.InitiativeDelivered("water", "fair"), UNDECIDED, UNDECIDED),
        (STARTED, ev.InitiativeSuspended("water"), UNDECIDED, UNDECIDED),
        (STARTED, ev.InitiativeCancelled("water"), NO, UNDECIDED),
        (OPENED, ev.InstitutionProclaimed("kcac"), UNDECIDED, UNDECIDED),
        (ev.InstitutionProclaimed("kcac"), OPENED, YES, UNDECIDED),
        (ev.StatuteAdopted("kcac"), OPENED, UNDECIDED, UNDECIDED),
        (ev.MemberAdmitted("kcac", "TM"), ev.MemberAdmitted("kcac", "KZ"), UNDECIDED, UNDECIDED),
    ],
)
def test_met_by_its_milestone_or_by_a_later_step(promised: Any, happened: Any, met: Answer, late: Answer) -> None:
    found = promise(plan(promised), came(happened))
    assert (found.met, found.late) == (met, late)
    assert (found.met_by is None) is (found.outcome is None)


@pytest.mark.parametrize(
    ("promised", "signed", "met"),
    [("KR", "KR", YES), ("KR", "KZ", UNDECIDED), ("KR", "", UNDECIDED), ("", "KZ", YES), ("", "", YES)],
)
@pytest.mark.parametrize("event", [SIGNED, ev.InstrumentDeposited("memo", InstrumentKind.ACCESSION)])
def test_steps_of_agreements_are_per_party(promised: str, signed: str, met: Answer, event: Any) -> None:
    found = promise(
        plan(SIGNED, parties={"signatory": promised} if promised else ()),
        came(event, parties={"signatory": signed} if signed else ()),
    )
    assert found.met is met
    if (promised, signed) == ("KR", ""):  # the treaty was signed; whether by this party is not said
        assert found.met_by is not None
        assert (found.late, found.milestone.has_happened) == (UNDECIDED, UNDECIDED)
        assert found.in_time is (NO if event is SIGNED else UNDECIDED)


def test_the_same_thing_in_another_cycle_is_another_happening() -> None:
    joined = ev.MemberAdmitted("kcac", "TM")
    left = came(ev.MemberWithdrew("kcac", "TM"), "2018")
    found = promise(plan(joined), came(joined), left, came(joined, "2019"))
    assert (str(found.outcome), found.steps) == ("2017-06-10", ())


def test_a_treaty_is_signed_by_the_first_of_its_signatories_at_the_earliest() -> None:
    whole = plan(SIGNED, "2017")
    kr = came(SIGNED, "2017-03", parties={"signatory": "KR"})
    kz = came(SIGNED, "2017-02-05/2017-06", parties={"signatory": "KZ"})
    late = came(ev.EnteredIntoForce("memo"), "2018")
    found = promise(whole, late, kr, kz)
    assert found.outcome is not None
    assert found.outcome.first == Bounds(date(2017, 2, 5), date(2017, 2, 5))
    assert found.met_by is not None
    assert found.met_by.id.key == ("KZ",)
    undated = promise(whole, came(SIGNED, "/2017-06", parties={"signatory": "KZ"}), kr)
    assert undated.outcome is not None
    assert undated.outcome.first == Bounds(None, date(2017, 3, 31))
    # in force before anybody signed: irregular, and only the later bound is kept
    odd = promise(whole, kr, came(ev.EnteredIntoForce("memo"), "2017-01-05"))
    assert odd.outcome is not None
    assert odd.met_by is not None
    assert odd.met_by.id.event is ev.AgreementSigned
    assert odd.outcome.first == Bounds(None, date(2017, 1, 5))


def test_what_surely_meets_a_promise_dates_it_before_what_only_might() -> None:
    bound = came(ev.InstrumentDeposited("memo", InstrumentKind.ACCESSION), parties={"signatory": "KR"})
    found = promise(plan(SIGNED, parties={"signatory": "KR"}), came(SIGNED, "2017-03-01"), bound)
    assert (found.met, str(found.outcome)) == (YES, "..2017-06-10")


def test_the_lines_stand_in_the_lifecycles() -> None:
    tables = {move.event: table for table in LIFECYCLES.values() for move in table.moves}
    for event, later in LATER_STEPS.items():
        assert event not in later
        assert not any(event in LATER_STEPS.get(step, ()) for step in later), "no two steps are later than each other"
        for step in later:
            if event not in tables or step not in tables:
                assert step.spec.key == ("@signatory",) or event.spec.key == ("@signatory",)
                continue
            reached = {move.after for move in tables[event].moves if move.event is event}
            while True:  # all that can follow, whatever comes between
                more = {move.after for move in tables[event].moves if not reached.isdisjoint(move.before)}
                if more <= reached:
                    break
                reached |= more
            assert any(move.event is step and not reached.isdisjoint(move.before) for move in tables[step].moves)
    assert ev.InitiativeClosed not in LATER_STEPS.get(ev.InitiativeDelivered, ())


@pytest.mark.parametrize(
    ("target", "when", "late", "in_time", "difference"),
    [
        ("2017-01", "2017-01-31", UNDECIDED, YES, Days(0, 30)),
        ("2017-01", "2017-02-01", YES, NO, Days(1, 31)),
        ("2017-01", "2016-12", NO, YES, Days(-61, -1)),
        ("2017-01-31", "2017-01-31", NO, YES, Days(0, 0)),
        ("2017", "2017-09-05", UNDECIDED, YES, Days(-117, 247)),
        ("2017-01", "2017", UNDECIDED, UNDECIDED, Days(-30, 364)),
        ("2017-03/2017-05", "2017-05-20", UNDECIDED, YES, Days(-11, 19)),
        ("2017-03/2017-05", "2017-06", YES, NO, Days(1, 60)),
        ("2017/..", "2018", UNDECIDED, UNDECIDED, Days(None, 729)),
        ("2017", None, UNDECIDED, UNDECIDED, Days(None, 682)),
    ],
)
def test_late(target: str, when: str | None, late: Answer, in_time: Answer, difference: Days) -> None:
    source = Source("Gazette", When("2018-11-14"))
    found = promise(plan(when=target), came(when=when, sources=source))
    assert (found.late, found.in_time, found.days) == (late, in_time, difference)


def test_a_sighting_shows_that_it_came() -> None:
    found = promise(plan(OPENED), observed(OPENED, when="2017-06", sources=KOREA_NET))
    assert (found.met, found.late, str(found.outcome)) == (YES, UNDECIDED, "..2017-06-30")


def test_put_off_without_a_new_time_leaves_the_promise_open() -> None:
    claims = (plan(), denied(STARTED, when="2017-01", stated="2016-12-20", sources=KOREA_NET))
    found = promise(*claims)
    assert (found.met, found.denied, found.called_off, found.target) == (UNDECIDED, YES, NO, None)
    assert [denial.position for denial in found.denials] == [1]
    assert listed(*claims, on="2018-01-01") is NO
    assert [one.answer for one in silent([found], since=date(2018, 1, 1), on=date(2019, 1, 1))] == [YES]
    moved = promise(*claims, plan(when="2018", stated="2017-12-01"))
    assert (str(moved.target), moved.denials, moved.revisions) == ("2018", (), 1)
    assert listed(*claims, plan(when="2018", stated="2017-12-01"), on="2019-01-01") is YES


@pytest.mark.parametrize(
    ("when", "covers"),
    [("2017", True), ("2017-01-05", False), ("2016", False), ("../2017", True), ("2017-01-31/..", False)],
)
def test_a_denial_covers_a_target_if_it_denies_all_its_days(when: str, covers: bool) -> None:
    denial = denied(STARTED, when=when, stated="2016-12", sources=KOREA_NET)
    assert promise(plan(), denial).denied is Answer.of(covers)
    assert promise(plan(when=None), denial).denied is NO
    assert promise(plan(when="../2017-01"), denial).denied is Answer.of(when == "../2017")
    assert promise(plan(when="2017/.."), denial).denied is NO


def test_called_off_and_announced_again() -> None:
    claims = (plan(), denied(STARTED, stated="2017-03-01", sources=KOREA_NET))
    found = promise(*claims)
    assert (found.met, found.called_off, found.target) == (NO, YES, None)
    assert [listed(*claims, on=day) for day in ("2017-02-15", "2017-03-01")] == [YES, NO]
    assert silent([found], since=date(2018, 1, 1), on=date(2019, 1, 1)) == ()
    anew = (*claims, plan(when="2018", stated="2017-06-01"))
    assert (promise(*anew).met, promise(*anew).called_off) == (UNDECIDED, NO)
    assert listed(*anew, on="2019-01-01") is YES
    # nobody knows when the blog called it off: perhaps before the day, and surely not before the new plan
    blog = denied(STARTED, sources=UNDATED)
    assert listed(plan(), blog, on="2017-03-01") is UNDECIDED
    assert promise(plan(), blog, plan(when="2018", stated="2017-06-01")).called_off is YES


def test_a_denied_time_that_is_promised_again_is_a_target_again() -> None:
    claims = (plan(), denied(STARTED, when="2017-01", stated="2016-12-20", sources=KOREA_NET))
    anew = (*claims, plan(stated="2016-12-28"))
    found = promise(*anew)
    assert (str(found.target), found.denied, found.revisions, found.restatements) == ("2017-01", NO, 0, 1)
    assert (listed(*claims, on="2017-02-01"), listed(*anew, on="2017-02-01")) == (NO, YES)
    assert promise(*anew).on(date(2016, 12, 24)).denied is YES
    vague = (*claims, plan(when=None, stated="2016-12-28"))  # names no time, so it brings none back
    assert (promise(*vague).denied, promise(*vague).target) == (YES, None)
    assert promise(*claims, plan(stated="2016-12-20")).denied is YES


def test_what_came_against_a_denial_is_a_conflict_and_d6_decides() -> None:
    contested = (plan(), came(sources=PRESS), denied(STARTED, when="2017", sources=KOREA_NET))
    found = promise(*contested)
    assert (found.met, found.milestone.disputed, found.met_by) == (NO, True, None)
    assert promise(plan(), came(), denied(STARTED, when="2017-01", sources=PRESS)).met is YES


def test_beneficiaries_promised_and_not_delivered_stay_pending() -> None:
    claims = (
        plan(TRAINING, parties={"beneficiary": "KZ KG UZ"}),
        came(TRAINING, parties={"beneficiary": "KZ KG TM"}),
    )
    found = promise(*claims)
    assert [(d.output, d.beneficiary, d.promised, d.delivered) for d in found.deliveries] == [
        ("training", "KG", True, YES),
        ("training", "KZ", True, YES),
        ("training", "TM", False, YES),
        ("training", "UZ", True, UNDECIDED),
    ]
    assert (found.met, found.in_part, found.pending) == (YES, YES, ("UZ",))
    assert listed(*claims, on="2018-01-01") is NO
    assert listed(*claims, on="2017-05-01") is YES
    assert found.on(date(2017, 5, 1)).pending == ("KG", "KZ", "UZ")


def test_a_delivery_that_names_nobody_or_is_partial() -> None:
    promised = plan(TRAINING, parties={"beneficiary": "KZ"})
    assert promise(promised, came(TRAINING)).in_part is UNDECIDED
    assert promise(promised, came(TRAINING, parties={"beneficiary": "KZ"})).in_part is NO
    assert promise(plan(TRAINING), came(TRAINING)).in_part is NO
    assert promise(plan(TRAINING), came(ev.InitiativeDelivered("water", "training", partial=True))).in_part is YES
    assert promise(plan(TRAINING), came(ev.InitiativeDelivered("water", "training", partial=False))).in_part is NO
    whole = promise(promised, came(ev.InitiativeDelivered("water"), parties={"beneficiary": "KZ"}))
    assert (whole.in_part, whole.pending) == (NO, ())
    begun = promise(
        plan(STARTED, parties={"beneficiary": "KZ"}), came(ev.InitiativeDelivered("water", "fair", partial=True))
    )
    assert (begun.met, begun.in_part, begun.deliveries) == (YES, NO, ())  # what is delivered in part has surely begun


def test_overdue_asks_of_the_world_as_of_the_day() -> None:
    claims = (plan(), came())
    answers = {day: listed(*claims, on=day) for day in ("2017-01-31", "2017-02-01", "2017-06-09", "2017-06-10")}
    assert answers == {"2017-01-31": NO, "2017-02-01": YES, "2017-06-09": YES, "2017-06-10": NO}
    (found,) = overdue(all_promises(*claims).commitments, on=date(2017, 2, 1))
    assert (str(found.target), found.days, found.commitment.met) == ("2017-01", Days(1, 31), NO)
    assert isinstance(found, Overdue)


def test_overdue_is_undecided_where_dates_do_not_say() -> None:
    assert listed(plan(), came(when="2017"), on="2017-06-01") is UNDECIDED
    assert listed(plan(), came(when=None, sources=Source("News", When("2018"))), on="2017-06-01") is UNDECIDED
    assert listed(plan(), came(when=None, sources=UNDATED), on="2017-06-01") is UNDECIDED
    assert listed(plan(), came(TRAINING), on="2017-06-01") is UNDECIDED  # started before it was delivered: when?
    assert listed(plan(), came(TRAINING), on="2017-06-10") is NO


def test_a_later_plan_counts_from_when_it_had_surely_been_said() -> None:
    claims = (plan(), plan(when="2018", stated="2017-04"))
    assert [listed(*claims, on=day) for day in ("2017-04-29", "2017-04-30", "2019-01-01")] == [YES, NO, YES]
    assert listed(plan(when=None), on="2020-01-01") is NO
    assert listed(plan(when="2017/.."), on="2020-01-01") is NO
    assert listed(plan(), on="2016-11-17") is NO


@given(promises(), days())
def test_what_is_overdue_is_a_promise_that_was_not_met_then(story: list[Claim], day: date) -> None:
    for one in project(COMMITMENTS, entries(*story)).values():
        for item in overdue(one.commitments, on=day):
            assert item.target.latest is not None
            assert item.target.latest < day
            assert item.days.least == (day - item.target.latest).days
            assert item.commitment.met is not YES


def widened(ends: tuple[int, int], by: tuple[int, int]) -> tuple[int, int]:
    return ends[0] - by[0], ends[1] + by[1]


extra = st.tuples(st.integers(0, 5), st.integers(0, 5))


@given(small, st.lists(st.tuples(small, extra, st.sampled_from((STARTED, TRAINING))), max_size=2), extra, st.integers())
def test_widening_a_date_decides_nothing(target: Any, reports: Any, by: Any, on: int) -> None:
    def read(target: Any, reports: Any) -> tuple[Answer, Answer, Answer]:
        said = plan(when=point(target).text, stated="2016-10-01")
        found = promise(said, *(came(event, point(ends).text) for ends, event in reports))
        listing = overdue([found], on=START_DAY + timedelta(days=on % 15))
        return found.met, found.late, listing[0].answer if listing else NO

    wide = [(widened(ends, more), event) for ends, more, event in reports]
    narrow = [(ends, event) for ends, _, event in reports]
    if len({event for _, event in narrow}) < len(narrow):
        narrow, wide = narrow[:1], wide[:1]  # two reports of one happening might conflict
    before, after = read(target, narrow), read(target, wide)
    for undecided, then in zip(before, after, strict=True):
        assert undecided is not UNDECIDED or then is UNDECIDED
    assert not (before[1] is UNDECIDED and read(widened(target, by), narrow)[1] is not UNDECIDED)
    assert before[0] is read(widened(target, by), narrow)[0]


@given(small, small)
def test_late_and_overdue_against_all_days_that_the_dates_allow(target: Any, ends: Any) -> None:
    said = plan(when=point(target).text, stated="2016-10-01")
    found = promise(said, came(when=point(ends).text))
    possible = {d - t for d in range(ends[0], ends[1] + 1) for t in range(target[0], target[1] + 1)}
    assert found.days == Days(min(possible), max(possible))
    assert found.late is (YES if min(possible) > 0 else NO if max(possible) <= 0 else UNDECIDED)
    for day in range(-1, 9):
        came_by = {d <= day for d in range(ends[0], ends[1] + 1)}
        expected = NO if target[1] >= day or came_by == {True} else YES if came_by == {False} else UNDECIDED
        listing = overdue([found], on=START_DAY + timedelta(days=day))
        assert (listing[0].answer if listing else NO) is expected


@pytest.mark.parametrize(
    ("when", "met"),
    [("2017-06-10", YES), ("2016-01-05", UNDECIDED), ("2016", UNDECIDED)],
)
def test_progress_is_met_by_any_report_of_progress_since_it_was_promised(when: str, met: Answer) -> None:
    work, later = ev.InitiativeProgressed("water"), Source("Gazette", When("2017-07-01"))
    found = promise(plan(work), came(work, when, sources=later))
    assert found.met is met
    assert (found.met_by is None) is (when == "2016-01-05")


def test_a_later_call_off_says_nothing_of_an_earlier_day() -> None:
    off = denied(ev.MeetingHeld("forum/10"), stated="2018-04-20", sources=KOREA_NET)
    found = meeting(plan(ev.MeetingHeld("forum/10"), when="2018-05", stated="2017-12-01"), off)
    early = found.on(date(2018, 1, 1))
    assert (early.status, early.held.called_off, str(early.when)) == (Status.SCHEDULED, False, "2018-05")
    assert (found.status, found.held.called_off) == (Status.UNRECORDED, True)
    for stated, off_still in (("2018-04-20", True), ("2018-04-21", False)):  # who said it last is not known of one day
        anew = plan(ev.MeetingHeld("forum/10"), when="2018-09", stated=stated)
        assert meeting(plan(ev.MeetingHeld("forum/10"), stated="2017-12-01"), off, anew).held.called_off is off_still


def test_what_is_denied_to_one_beneficiary_is_not_denied_to_the_others() -> None:
    def to(claim: Any, who: str) -> Any:
        return attrs.evolve(claim, parties=tuple(Party(one, Role.BENEFICIARY) for one in who.split()))

    promised, reached = to(plan(TRAINING), "KZ UZ"), to(came(TRAINING), "KZ")
    refused = to(denied(TRAINING, stated="2017-07-01", sources=KOREA_NET), "UZ")
    found = promise(promised, reached, refused)
    assert (found.met, found.called_off, found.in_part, found.denied) == (YES, NO, YES, NO)
    assert [(one.beneficiary, one.delivered) for one in found.deliveries] == [("KZ", YES), ("UZ", NO)]
    state = state_of(INITIATIVE, "initiative:water", promised, reached, refused)
    assert state.conflicts == ()
    assert [(one.beneficiary, one.delivered) for one in state.deliveries] == [("KZ", YES), ("UZ", NO)]
    alone = promise(promised, refused)
    assert (alone.called_off, str(alone.target)) == (NO, "2017-01")
    against = state_of(INITIATIVE, "initiative:water", reached, to(denied(TRAINING, sources=KOREA_NET), "KZ"))
    assert [conflict.field for conflict in against.conflicts] == ["happened"]
    nobody = promise(promised, to(denied(TRAINING, stated="2017-07-01", sources=KOREA_NET), "KZ UZ"))
    assert nobody.called_off is YES
