"""Oddity 21: a plant was completed, then idle, then under contract to restart: it was delivered once and is idle."""

from __future__ import annotations

from coop_ledger import (
    UNDECIDED,
    YES,
    Binding,
    Ledger,
    Source,
    SourceKind,
    Status,
    View,
    When,
    announced,
    denied,
    occurred,
)
from coop_ledger import events as ev

PLANT = "initiative:polymer-plant"
BUILT = ev.InitiativeDelivered("polymer-plant", "plant")
RESTARTED = ev.InitiativeResumed("polymer-plant")
BUILDERS = {"implementing": "institution:made-up-builders", "beneficiary": "TM"}


def gazette(day: str) -> Source:
    return Source("Made-up Gazette", When(day))


def bulletin(day: str) -> Source:
    return Source("Made-up Bulletin", When(day), kind=SourceKind.PRIMARY)


def completed() -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(
        announced(BUILT, when="2018", parties=BUILDERS, sources=bulletin("2014-05-12")),
        occurred(ev.InitiativeStarted("polymer-plant"), when="2014-09", sources=gazette("2014-09-30")),
        occurred(BUILT, when="2018-10-17", parties=BUILDERS, sources=bulletin("2018-10-18")),
    )
    return ledger


def idle() -> Ledger:
    ledger = completed()
    ledger.record(
        occurred(ev.InitiativeSuspended("polymer-plant"), when="2019-11", sources=gazette("2020-01-15")),
    )
    return ledger


def contracted() -> Ledger:
    ledger = idle()
    ledger.record(
        occurred(
            ev.AgreementSigned("polymer-plant-restart", "contract", Binding.YES),
            when="2021-06-04",
            parties={"signatory": "institution:made-up-builders institution:made-up-state-concern"},
            sources=bulletin("2021-06-05"),
        ),
        announced(
            RESTARTED,
            when="2022",
            parties={"implementing": "institution:made-up-builders"},
            sources=bulletin("2021-06-05"),
        ),
    )
    return ledger


def delivered(view: View | Ledger) -> list[tuple[str, str | None]]:
    deliveries = (delivery for state in view.initiatives() for delivery in state.deliveries)
    return [(delivery.output, delivery.beneficiary) for delivery in deliveries if delivery.delivered is YES]


def test_an_idle_plant_is_suspended_and_was_delivered_all_the_same() -> None:
    ledger = idle()
    state = ledger.initiative(PLANT)
    assert (state.status, state.iati_status) == (Status.SUSPENDED, "6")
    assert delivered(ledger) == [("plant", "TM")]
    (promise,) = ledger.commitments()
    assert (promise.met, str(promise.outcome), promise.pending) == (YES, "2018-10-17", ())
    assert [one.code for one in ledger.anomalies(PLANT)] == ["irregular-step"]
    assert (ledger.conflicts(), ledger.overdue(on="2021-01-01")) == ([], [])


def test_before_it_stood_idle_nothing_was_irregular() -> None:
    before, after = completed(), contracted()
    for view in (after.at().on("2019-10-31"), after.at(published="2019-12-31"), after.at(size=3)):
        assert view.initiative(PLANT).status is Status.FINALISATION
        assert view.anomalies(PLANT) == []
        assert delivered(view) == delivered(before) == [("plant", "TM")]


def test_a_contract_to_restart_it_restarts_nothing() -> None:
    ledger = contracted()
    assert ledger.initiative(PLANT).status is Status.SUSPENDED
    assert ledger.agreement("polymer-plant-restart").status is Status.SIGNED
    assert delivered(ledger) == [("plant", "TM")]
    assert len(ledger.initiatives()) == 1
    built, restart = ledger.commitments(subject=PLANT)
    assert (built.event, built.met, restart.event) == (ev.InitiativeDelivered, YES, ev.InitiativeResumed)
    assert (restart.met, str(restart.target), restart.owners) == (UNDECIDED, "2022", ("institution:made-up-builders",))
    assert [late.commitment.event for late in ledger.overdue(on="2023-01-01")] == [ev.InitiativeResumed]
    assert ledger.overdue(on="2022-12-31") == []
    assert [one.code for one in ledger.anomalies()] == ["irregular-step"]


def test_a_restart_takes_it_up_again_and_delivers_it_no_second_time() -> None:
    ledger = contracted()
    ledger.record(occurred(RESTARTED, when="2022-08-30", sources=gazette("2022-09-02")))
    assert ledger.initiative(PLANT).status is Status.IMPLEMENTATION
    assert ledger.at().on("2022-08-01").initiative(PLANT).status is Status.SUSPENDED
    built, restart = ledger.commitments(subject=PLANT)
    assert (str(built.outcome), str(restart.outcome)) == ("2018-10-17", "2022-08-30")
    assert (restart.met, restart.in_time) == (YES, YES)
    assert delivered(ledger) == [("plant", "TM")]
    assert [one.code for one in ledger.anomalies()] == ["irregular-step"]
    assert (ledger.conflicts(), ledger.overdue(on="2023-01-01")) == ([], [])


def test_a_voice_that_says_that_it_never_stood_idle_is_a_conflict_and_no_second_plant() -> None:
    ledger = idle()
    ledger.record(
        denied(ev.InitiativeSuspended("polymer-plant"), when="2019-11/2019-12", sources=bulletin("2020-01-20"))
    )
    (conflict,) = ledger.conflicts()
    assert (conflict.subject, conflict.kind, conflict.field) == (PLANT, "denial", "happened")
    assert delivered(ledger) == [("plant", "TM")]
    # one voice against one: the better kind of source is shown (D6)
    assert ledger.initiative(PLANT).status is Status.FINALISATION
    assert ledger.anomalies(PLANT) == []
