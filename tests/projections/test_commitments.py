"""Rules D4 and D5 for readers: what was promised, what became of it, what is overdue, and what went quiet."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coop_ledger.domain import (
    EVENT_TYPES,
    LIFECYCLES,
    NO,
    UNDECIDED,
    YES,
    Answer,
    Bounds,
    Claim,
    Days,
    Entry,
    InstrumentKind,
    Rank,
    Source,
    SourceKind,
    SubjectId,
    When,
    Where,
    announced,
    denied,
    observed,
    occurred,
    proposed,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    COMMITMENTS,
    LATER_STEPS,
    Commitment,
    CommitmentsState,
    Difference,
    Overdue,
    Silence,
    as_plain,
    commitments_of,
    overdue,
    project,
    proposals_of,
    silent,
)
from coop_ledger.testing import days, histories, promises
from tests.projections.support import KOREA_NET, PRESS, UNDATED, entries

OPENED = ev.InstitutionOpened("kcac")
STARTED = ev.InitiativeStarted("water")
TRAINING = ev.InitiativeDelivered("water", "training")
FORUM = ev.MeetingHeld("forum/11")
SIGNED = ev.AgreementSigned("memo")
NEWS = Source("Korea.net", When("2016-11-18"), kind=SourceKind.PRIMARY)
START = date(2016, 11, 1)
small = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda pair: (min(pair), max(pair)))


def point(ends: tuple[int, int], start: date = START) -> When:
    low, high = (start + timedelta(days=end) for end in ends)
    return When(f"[{low}..{high}]")


def state(*claims: Claim) -> CommitmentsState:
    found = project(COMMITMENTS, entries(*claims))
    return found[next(one.subject for one in found.values() if one.commitments or one.proposals)]


def promise(*claims: Claim) -> Commitment:
    (found,) = state(*claims).commitments
    return found


def plan(event: Any = STARTED, when: str | None = "2017-01", stated: str = "2016-11-18", **more: Any) -> Claim:
    return announced(event, when=when, stated=stated, sources=more.pop("sources", NEWS), **more)


def came(event: Any = STARTED, when: str | None = "2017-06-10", **more: Any) -> Claim:
    return occurred(event, when=when, sources=more.pop("sources", KOREA_NET), **more)


def listed(*claims: Claim, on: str) -> Answer:
    """Whether the promise of some claims is overdue on a day."""
    found = overdue(state(*claims).commitments, on=date.fromisoformat(on))
    return found[0].answer if found else NO


# what was promised


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


@pytest.mark.parametrize(
    ("event", "parties", "owners"),
    [
        (FORUM, {"participant": "KZ KG", "organiser": "institution:korea-foundation", "host": "KR"}, None),
        (ev.VisitPaid("tour"), {"visitor": "KR", "host": "KZ"}, ("KR", "KZ")),
        (TRAINING, {"implementing": "institution:koica", "beneficiary": "KZ KG"}, ("institution:koica",)),
        (TRAINING, {"beneficiary": "KZ KG"}, ("KZ", "KG")),
        (ev.DelegationAttended("forum/11", "KZ"), (), ("KZ",)),
        (ev.HostDesignated("kcac", "institution:korea-foundation"), (), ("institution:korea-foundation",)),
        (ev.RelationsEstablished("KR-KZ"), (), ("KR", "KZ")),
        (OPENED, (), ()),
    ],
)
def test_owners(event: Any, parties: Any, owners: tuple[str, ...] | None) -> None:
    expected = owners if owners is not None else ("institution:korea-foundation", "KR")
    assert promise(plan(event, parties=parties)).owners == expected


def test_a_signature_is_owed_by_its_signatory() -> None:
    found = state(plan(SIGNED, parties={"signatory": "KR KZ"}))
    assert [(one.key, one.owners) for one in found.commitments] == [(("KR",), ("KR",)), (("KZ",), ("KZ",))]
    assert [one.key for one in found.owned_by("KZ")] == [("KZ",)]
    assert found.owned_by("KG") == ()


def test_proposals_are_kept_apart_and_expectations_are_neither() -> None:
    found = state(
        proposed(OPENED, when="2015", sources=NEWS, parties={"participant": "KR"}),
        plan(ev.StatuteAdopted("kcac")),
        plan(ev.NameUsed("institution:kcac", "Secretariat")),
    )
    assert [one.event for one in found.commitments] == [ev.StatuteAdopted]
    (wish,) = found.proposals
    assert (wish.event, wish.plan, wish.owners) == (ev.InstitutionOpened, None, ("KR",))
    assert (wish.revisions, wish.restatements, wish.slip, wish.changes, wish.differences) == (0, 0, None, (), ())
    assert overdue((*found.commitments, *found.proposals), on=date(2020, 1, 1))[0].commitment.event is ev.StatuteAdopted
    both = state(proposed(OPENED, sources=NEWS), plan(OPENED))
    assert (len(both.commitments), both.proposals) == (1, ())
    as_known = both.on(date(2016, 11, 17))
    assert (as_known.commitments, as_known.proposals) == ((), ())


def test_promising_subjects_have_states_and_others_have_none() -> None:
    found = project(COMMITMENTS, entries(plan(FORUM, parties={"host": "institution:kcac", "participant": "KR"})))
    assert set(found) == {"meeting:forum/11", "institution:kcac"}
    assert found[SubjectId("institution:kcac")].commitments == ()


# D4: met


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
def test_d4_met_by_its_milestone_or_by_a_later_step(promised: Any, happened: Any, met: Answer, late: Answer) -> None:
    found = promise(plan(promised), came(happened))
    assert (found.met, found.late) == (met, late)
    assert (found.met_by is None) is (found.outcome is None)


@pytest.mark.parametrize(
    ("promised", "signed", "met"),
    [("KR", "KR", YES), ("KR", "KZ", UNDECIDED), ("KR", "", UNDECIDED), ("", "KZ", YES), ("", "", YES)],
)
@pytest.mark.parametrize("event", [SIGNED, ev.InstrumentDeposited("memo", InstrumentKind.ACCESSION)])
def test_d4_steps_of_agreements_are_per_party(promised: str, signed: str, met: Answer, event: Any) -> None:
    found = promise(
        plan(SIGNED, parties={"signatory": promised} if promised else ()),
        came(event, parties={"signatory": signed} if signed else ()),
    )
    assert found.met is met
    if (promised, signed) == ("KR", ""):  # the treaty was signed; whether by this party is not said
        assert found.met_by is not None
        assert (found.late, found.milestone.has_happened) == (UNDECIDED, UNDECIDED)
        assert found.in_time is (NO if event is SIGNED else UNDECIDED)


def test_d4_the_same_thing_in_another_cycle_is_another_happening() -> None:
    joined = ev.MemberAdmitted("kcac", "TM")
    left = came(ev.MemberWithdrew("kcac", "TM"), "2018")
    found = promise(plan(joined), came(joined), left, came(joined, "2019"))
    assert (str(found.outcome), found.steps) == ("2017-06-10", ())


def test_d4_a_treaty_is_signed_by_the_first_of_its_signatories_at_the_earliest() -> None:
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


def test_d4_what_surely_meets_a_promise_dates_it_before_what_only_might() -> None:
    bound = came(ev.InstrumentDeposited("memo", InstrumentKind.ACCESSION), parties={"signatory": "KR"})
    found = promise(plan(SIGNED, parties={"signatory": "KR"}), came(SIGNED, "2017-03-01"), bound)
    assert (found.met, str(found.outcome)) == (YES, "..2017-06-10")


def test_d4_the_lines_stand_in_the_lifecycles() -> None:
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
def test_d4_late(target: str, when: str | None, late: Answer, in_time: Answer, difference: Days) -> None:
    source = Source("Gazette", When("2018-11-14"))
    found = promise(plan(when=target), came(when=when, sources=source))
    assert (found.late, found.in_time, found.days) == (late, in_time, difference)


def test_d4_a_sighting_shows_that_it_came() -> None:
    found = promise(plan(OPENED), observed(OPENED, when="2017-06", sources=KOREA_NET))
    assert (found.met, found.late, str(found.outcome)) == (YES, UNDECIDED, "..2017-06-30")


def test_the_outcome_differs_from_the_plan_and_conflicts_with_nothing() -> None:
    found = state(
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


# D4: denials


def test_put_off_without_a_new_time_leaves_the_promise_open() -> None:
    claims = (plan(), denied(STARTED, when="2017-01", stated="2016-12-20", sources=NEWS))
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
    denial = denied(STARTED, when=when, stated="2016-12", sources=NEWS)
    assert promise(plan(), denial).denied is Answer.of(covers)
    assert promise(plan(when=None), denial).denied is NO
    assert promise(plan(when="../2017-01"), denial).denied is Answer.of(when == "../2017")
    assert promise(plan(when="2017/.."), denial).denied is NO


def test_called_off_and_announced_again() -> None:
    claims = (plan(), denied(STARTED, stated="2017-03-01", sources=NEWS))
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


def test_what_came_against_a_denial_is_a_conflict_and_d6_decides() -> None:
    contested = (plan(), came(sources=PRESS), denied(STARTED, when="2017", sources=KOREA_NET))
    found = promise(*contested)
    assert (found.met, found.milestone.disputed, found.met_by) == (NO, True, None)
    assert promise(plan(), came(), denied(STARTED, when="2017-01", sources=PRESS)).met is YES


# D4: met in part


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


# overdue


def test_overdue_asks_of_the_world_as_of_the_day() -> None:
    claims = (plan(), came())
    answers = {day: listed(*claims, on=day) for day in ("2017-01-31", "2017-02-01", "2017-06-09", "2017-06-10")}
    assert answers == {"2017-01-31": NO, "2017-02-01": YES, "2017-06-09": YES, "2017-06-10": NO}
    (found,) = overdue(state(*claims).commitments, on=date(2017, 2, 1))
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


# silent


SINCE, ON = date(2018, 1, 1), date(2018, 12, 31)


def test_silent_promises_and_proposals() -> None:
    found = state(plan(when=None), proposed(TRAINING, sources=UNDATED), came(ev.NameUsed("initiative:water", "W")))
    both = silent((*found.commitments, *found.proposals), since=SINCE, on=ON)
    assert [(one.commitment.event, one.last_heard, one.answer) for one in both] == [
        (ev.InitiativeStarted, date(2016, 11, 18), YES),
        (ev.InitiativeDelivered, date(2016, 11, 18), YES),
    ]
    alone = state(proposed(TRAINING, sources=UNDATED))
    assert [one.last_heard for one in silent(alone.proposals, since=SINCE, on=ON)] == [None]


@pytest.mark.parametrize(
    ("heard", "quiet"),
    [
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2018-06"))), False),
        (came(ev.NameUsed("initiative:water", "W"), stated="2018-12-31", sources=UNDATED), False),
        (came(FORUM, parties={"organiser": "initiative:water"}, sources=Source("News", When("2018-01-01"))), False),
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2018/2019"))), True),
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2019"))), True),
        (came(ev.NameUsed("initiative:water", "W"), sources=Source("News", When("2017-12-31"))), True),
        (came(ev.NameUsed("initiative:other", "W"), sources=Source("News", When("2018-06"))), True),
    ],
)
def test_heard_is_what_was_surely_said_of_the_subject_in_that_time(heard: Claim, quiet: bool) -> None:
    found = project(COMMITMENTS, entries(plan(), heard))[SubjectId("initiative:water")]
    assert [one.answer for one in silent(found.commitments, since=SINCE, on=ON)] == ([YES] if quiet else [])


@pytest.mark.parametrize(
    ("claim", "answers"),
    [
        (came(), []),
        (came(when="2019-02", sources=Source("News", When("2019-03"))), [YES]),
        (came(when="[2018..2019]", sources=Source("News", When("2019-12-31"))), [UNDECIDED]),
        (denied(STARTED, stated="2019-02-01", sources=UNDATED), [YES]),
        (denied(STARTED, stated="2017-02-01", sources=UNDATED), []),
        (denied(STARTED, sources=UNDATED), [UNDECIDED]),
    ],
)
def test_what_is_met_or_called_off_is_not_silent(claim: Claim, answers: list[Answer]) -> None:
    found = state(plan(), claim).commitments
    assert [one.answer for one in silent(found, since=SINCE, on=ON)] == answers


def test_nothing_is_silent_before_it_is_promised() -> None:
    assert silent(state(plan(stated="2019-01-01")).commitments, since=SINCE, on=ON) == ()
    assert len(silent(state(plan(sources=UNDATED, stated="2018/..")).commitments, since=SINCE, on=ON)) == 1


# for every history


def shown(commitment: Commitment) -> Any:
    return as_plain(commitment), commitment.in_time, commitment.met_by, commitment.pending, commitment.denied


@given(histories(), st.none() | days(), days(), days())
def test_it_never_raises(history: list[Entry], day: date | None, since: date, on: date) -> None:
    for found in project(COMMITMENTS, history).values():
        then = found.on(day)
        both = (*then.commitments, *then.proposals)
        assert (commitments_of(then), proposals_of(then)) == (then.commitments, then.proposals)
        assert as_plain(then)
        for commitment in both:
            assert shown(commitment)
            assert commitment.event.spec.promise
        listings: list[Overdue | Silence] = [*overdue(both, on=on), *silent(both, since=since, on=on)]
        for item in listings:
            assert shown(item.commitment)
            assert item.answer is not NO
            assert as_plain(item)
        assert not any(item.commitment.plan is None for item in overdue(both, on=on))


def evolve(claim: Any, **changes: Any) -> Claim:
    changed: Claim = attrs.evolve(claim, **changes)
    return changed


def delivered(history: list[Claim]) -> int:
    states = project(COMMITMENTS, entries(*history)).values()
    return sum(
        milestone.id.subject == one.subject and milestone.has_happened is YES
        for one in states
        for milestone in one.of(*EVENT_TYPES)
    )


def kept(history: list[Claim]) -> int:
    states = project(COMMITMENTS, entries(*history)).values()
    return sum(commitment.met is YES for one in states for commitment in one.commitments)


@given(promises(), days(), days())
def test_saying_it_again_delivers_nothing(story: list[Claim], target: date, stated: date) -> None:
    again = [
        announced(claim.event, when=str(target), stated=str(stated), parties=claim.parties, sources=PRESS)
        for claim in story
    ]
    reprint = Source("Copy", When(str(stated)), kind=SourceKind.REPRINT, relays="Yonhap")
    copies = [evolve(claim, sources=(reprint,), stated_by="KR") for claim in story]
    said = [evolve(claim, stated_by="KR") for claim in story]  # one voice, so that a copy outvotes nobody
    assert delivered([*said, *copies, *again]) == delivered(said)
    assert kept([*said, *copies, *again]) == kept([*said, *again])
    assert kept([*said, *copies]) == kept(said)


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
        listing = overdue([found], on=START + timedelta(days=on % 15))
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
        listing = overdue([found], on=START + timedelta(days=day))
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
