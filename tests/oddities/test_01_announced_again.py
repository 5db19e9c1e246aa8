"""One fair promised for one year, then for the next, each time as news: one promise, put off, and never a new fair."""

from __future__ import annotations

from coop_ledger import NO, UNDECIDED, YES, Claim, Ledger, Source, SourceKind, When, announced, occurred
from coop_ledger import events as ev

FAIR = ev.InitiativeDelivered("medical-and-tourism-fair", "fair")
TRAINING = ev.InitiativeDelivered("smart-water-training", "training")


def gazette(day: str) -> Source:
    return Source("Made-up Gazette", When(day), kind=SourceKind.PRIMARY)


def herald(day: str) -> Source:
    return Source("Made-up Herald", When(day))


FIRST = (
    announced(TRAINING, when="2017", stated="2017-01-20", sources=gazette("2017-01-20")),
    occurred(TRAINING, when="2017-10-05", sources=gazette("2017-10-06")),
    announced(FAIR, when="2017", stated="2017-01-20", sources=gazette("2017-01-20")),
)
AGAIN = (
    announced(FAIR, when="2017", stated="2017-03-15", sources=herald("2017-03-16")),
    announced(FAIR, when="2018", stated="2018-02-01", sources=gazette("2018-02-01")),
    announced(FAIR, when="2018", stated="2018-05-10", sources=gazette("2018-05-10")),
    announced(FAIR, when="2019", stated="2019-01-30", sources=herald("2019-01-31")),
)


def told(*claims: Claim) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*claims)
    return ledger


def delivered(ledger: Ledger) -> list[str]:
    """The outputs that surely arrived, each once for each time that the ledger counts it."""
    return [one.output for state in ledger.initiatives() for one in state.deliveries if one.delivered is YES]


def test_a_second_announcement_adds_no_initiative_and_no_promise() -> None:
    once, again = told(*FIRST), told(*FIRST, *AGAIN)
    for ledger in (once, again):
        assert [state.subject.partition(":")[2] for state in ledger.initiatives()] == [
            "medical-and-tourism-fair", "smart-water-training",
        ]  # fmt: skip
        assert [(one.key, one.met) for one in ledger.commitments()] == [(("fair",), UNDECIDED), (("training",), YES)]
        assert delivered(ledger) == ["training"]
        assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])


def test_each_next_year_is_a_revision_with_its_slip_and_the_old_targets_stay() -> None:
    (promise,) = told(*FIRST, *AGAIN).commitments(subject="initiative:medical-and-tourism-fair")
    assert (promise.revisions, promise.restatements, str(promise.target)) == (2, 2, "2019")
    assert promise.plan is not None
    targets = promise.plan.targets
    assert [(str(one.when), str(one.slip)) for one in targets] == [
        ("2017", "None"), ("2018", "1 to 729"), ("2019", "1 to 729"),
    ]  # fmt: skip
    assert [[e.claim.sources[0].publisher for e in one.claims] for one in targets] == [
        ["Made-up Gazette", "Made-up Herald"], ["Made-up Gazette", "Made-up Gazette"], ["Made-up Herald"],
    ]  # fmt: skip
    assert str(promise.slip) == "366 to 1094"  # from the last day of 2017 to the first of 2019, and the other way


def test_it_is_overdue_only_between_a_missed_year_and_the_next_announcement() -> None:
    ledger = told(*FIRST, *AGAIN)

    def late(day: str) -> list[tuple[str, str]]:
        return [(str(one.target), str(one.days)) for one in ledger.overdue(on=day)]

    assert late("2017-12-31") == []
    assert late("2018-01-15") == [("2017", "15 to 379")]
    assert late("2018-02-01") == []
    assert late("2019-01-15") == [("2018", "15 to 379")]
    assert late("2019-01-30") == []
    assert late("2020-01-01") == [("2019", "1 to 365")]


def test_news_of_later_years_changes_no_view_of_what_was_published_before() -> None:
    ledger = told(*FIRST)
    then = ledger.at(published="2017-12-31")
    before = (then.commitments(), then.initiatives())
    ledger.record(*AGAIN[1:])
    assert (then.commitments(), then.initiatives()) == before
    anew = ledger.at(published="2017-12-31")
    assert (anew.commitments(), ledger.diff(then, anew)) == (before[0], [])
    assert [(str(one.target), one.revisions) for one in anew.commitments(subject="initiative:" + FAIR.initiative)] == [
        ("2017", 0)
    ]


def test_when_it_comes_at_last_it_meets_the_one_promise_once() -> None:
    came = occurred(FAIR, when="2019-10-12", sources=herald("2019-10-13"))
    ledger = told(*FIRST, *AGAIN, came)
    (promise,) = ledger.commitments(subject="initiative:medical-and-tourism-fair")
    assert (promise.met, str(promise.outcome), promise.in_time, promise.late) == (YES, "2019-10-12", YES, UNDECIDED)
    assert sorted(delivered(ledger)) == ["fair", "training"]
    assert ledger.overdue(on="2020-01-01") == []
    assert ledger.conflicts() == []
    assert ledger.at().on("2019-10-11").commitments(subject="initiative:medical-and-tourism-fair")[0].met is NO
