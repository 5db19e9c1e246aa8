"""
Consultations are put off for two reasons by two speakers, then get a firm date, and then no paper tells of them: they
are open without a target, revised once, and in the end overdue, never "not held" (D4, D5).
"""

from __future__ import annotations

from coop_ledger import NO, UNDECIDED, YES, Claim, Ledger, Source, When, Where, announced, denied
from coop_ledger import events as ev

SUBJECT = "meeting:kr-kg-consultations/2020"
TALKS = ev.MeetingHeld("kr-kg-consultations/2020", "consultations")
BULLETIN = Source("Made-up Bulletin", When("2020-02-20"))
HERALD = Source("Made-up Herald", When("2020-02-21"))


def plan(when: str, published: str, where: Where | None = None) -> Claim:
    source = Source("Made-up Gazette", When(published))
    return announced(TALKS, when=when, where=where, parties={"host": "KG", "participant": "KR"}, sources=source)


FIRST = plan("2020-03", "2019-12-10", Where("KG", "bishkek"))
PUT_OFF = (
    denied(TALKS, when="2020-03", stated_by="KR", sources=BULLETIN, note="Because of the health of travellers."),
    denied(TALKS, when="2020-03", stated_by="KG", sources=HERALD, note="Because of the elections."),
)
FIRM = plan("2020-10-15", "2020-07-01")


def told(*claims: Claim) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*claims)
    return ledger


def test_two_reasons_for_one_delay_are_no_conflict_and_both_are_kept() -> None:
    ledger = told(FIRST, *PUT_OFF)
    held = ledger.meeting(SUBJECT).held
    assert held is not None
    assert {(one.claim.stated_by, str(one.claim.note)) for one in held.denied} == {
        ("KR", "Because of the health of travellers."),
        ("KG", "Because of the elections."),
    }
    assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])


def test_put_off_without_a_new_date_it_is_open_and_has_no_target() -> None:
    ledger = told(FIRST, *PUT_OFF)
    (promise,) = ledger.commitments()
    assert (promise.target, promise.revisions, promise.met, promise.called_off) == (None, 0, UNDECIDED, NO)
    assert ledger.overdue(on="2020-06-30") == []
    silent = ledger.silent(since="2020-03-01", on="2020-06-30")
    assert [(str(quiet.last_heard), quiet.answer) for quiet in silent] == [("2020-02-21", YES)]
    then = ledger.at(published="2020-02-19")
    assert [str(one.target) for one in then.commitments()] == ["2020-03"]
    assert [late.answer for late in then.overdue(on="2020-06-30")] == [YES]


def test_a_firm_date_revises_the_plan_once_and_keeps_the_city() -> None:
    ledger = told(FIRST, *PUT_OFF, FIRM)
    (promise,) = ledger.commitments()
    assert promise.plan is not None
    assert [str(target.when) for target in promise.plan.targets] == ["2020-03", "2020-10-15"]
    assert promise.slip is not None
    assert (promise.revisions, promise.slip.least, promise.slip.most) == (1, 198, 228)
    assert (str(promise.target), promise.denied) == ("2020-10-15", NO)
    assert promise.plan.current.values["where.place"] == "bishkek"
    assert (ledger.conflicts(), len(ledger.meetings())) == ([], 1)


def test_silence_after_the_firm_date_is_overdue_and_no_record_of_absence() -> None:
    ledger = told(FIRST, *PUT_OFF, FIRM)
    assert ledger.overdue(on="2020-10-15") == []
    (late,) = ledger.overdue(on="2020-10-16")
    assert (late.commitment.subject, late.answer, late.days.least, late.days.most) == (SUBJECT, YES, 1, 1)
    end = ledger.at().on("2021-12-31")
    (promise,) = end.commitments()
    assert (promise.met, promise.called_off, promise.met_by) == (UNDECIDED, NO, None)
    session = end.meeting(SUBJECT)
    assert session.held is not None
    assert (session.status, session.held.has_happened) == ("scheduled", UNDECIDED)
    assert session.presence_of("UZ") == "unknown"
    assert session.presence_of("KG") == "expected"
    assert [str(quiet.last_heard) for quiet in ledger.silent(since="2020-07-02", on="2021-12-31")] == ["2020-07-01"]


def test_what_was_known_in_june_stays_so_when_the_date_comes_out() -> None:
    ledger = told(FIRST, *PUT_OFF)
    known = ledger.size
    ledger.record(FIRM)
    for june in (ledger.at(size=known), ledger.at(published="2020-06-30"), ledger.at().on("2020-06-30")):
        assert [(one.target, one.revisions) for one in june.commitments()] == [(None, 0)]
