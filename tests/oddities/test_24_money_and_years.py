"""Oddity 24: a pledge in one currency, a commitment in another, a start in 1900: nothing is added up, all is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coop_ledger import (
    UNDECIDED,
    YES,
    Claim,
    CoopLedgerError,
    Correction,
    Ledger,
    Source,
    SourceKind,
    Status,
    TransactionType,
    View,
    When,
    announced,
    occurred,
)
from coop_ledger import events as ev

TRAINING = "initiative:smart-water-training"
PLEDGE, COMMITMENT, PAID = (
    TransactionType.OUTGOING_PLEDGE,
    TransactionType.OUTGOING_COMMITMENT,
    TransactionType.DISBURSEMENT,
)
PLAN = announced(
    ev.InitiativeDelivered("smart-water-training", "training"),
    when="2017-10",
    parties={"beneficiary": "UZ"},
    sources=Source("Made-up Bulletin", When("2016-11-18")),
)


def bulletin(day: str) -> Source:
    return Source("Made-up Bulletin", When(day), kind=SourceKind.PRIMARY)


def file_of(day: str) -> Source:
    return Source("Made-up Donor's File", When(day))


def money(kind: TransactionType, amount: str, currency: str, day: str, source: Source | None = None) -> Claim:
    event = ev.FundsReported("smart-water-training", kind, Decimal(amount), currency, When(day))
    parties = {"provider": "KR", "receiver": "UZ"}
    return occurred(event, when=day, parties=parties, sources=source or bulletin(day))


def started(when: str, source: Source) -> Claim:
    return occurred(ev.InitiativeStarted("smart-water-training"), when=when, sources=source)


def funds(view: Ledger | View) -> dict[tuple[TransactionType, str], str]:
    return {(one.transaction, one.currency): str(one.amount) for one in view.initiative(TRAINING).funds}


def test_money_is_summed_by_kind_and_currency_to_the_last_digit_and_never_over_them() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        PLAN,
        money(PLEDGE, "1000000", "USD", "2016-11-15"),
        money(COMMITMENT, "900000.10", "EUR", "2017-03-02"),
        money(COMMITMENT, "0.20", "EUR", "2017-04-03"),
        money(COMMITMENT, "99999999999999999999999999999999.99", "KRW", "2017-03-02"),
        money(COMMITMENT, "0.01", "KRW", "2017-04-03"),
    )
    assert funds(ledger) == {
        (PLEDGE, "USD"): "1000000",
        (COMMITMENT, "EUR"): "900000.30",
        (COMMITMENT, "KRW"): "100000000000000000000000000000000.00",
    }
    assert funds(ledger.at().on("2017-03-31")) == {
        (PLEDGE, "USD"): "1000000",
        (COMMITMENT, "EUR"): "900000.10",
        (COMMITMENT, "KRW"): "99999999999999999999999999999999.99",
    }
    assert funds(ledger.at(published="2016-12-31")) == {(PLEDGE, "USD"): "1000000"}
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])
    assert ledger.initiative(TRAINING).status is Status.PIPELINE


def test_a_transaction_reported_twice_counts_once_and_two_amounts_of_it_conflict() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        PLAN,
        money(COMMITMENT, "900000.10", "EUR", "2017-03-02"),
        money(COMMITMENT, "900000.10", "EUR", "2017-03-02", file_of("2017-06-30")),
    )
    assert (funds(ledger), ledger.conflicts()) == ({(COMMITMENT, "EUR"): "900000.10"}, [])
    ledger.record(money(COMMITMENT, "950000", "EUR", "2017-03-02", Source("Made-up Herald", When("2017-03-03"))))
    (conflict,) = ledger.conflicts()
    assert (conflict.subject, conflict.field, conflict.values) == (
        TRAINING, "amount", (Decimal("900000.10"), Decimal(950000)),
    )  # fmt: skip
    assert funds(ledger) == {(COMMITMENT, "EUR"): "900000.10"}


def test_money_promised_is_met_by_its_own_kind_and_currency_only() -> None:
    promised = ev.FundsReported("smart-water-training", PAID, Decimal(500000), "USD", When("2017-10-05"))
    parties = {"provider": "KR", "receiver": "UZ"}
    ledger = Ledger.in_memory()
    ledger.record(announced(promised, when="2017-10", parties=parties, sources=bulletin("2017-05-10")))
    ledger.record(
        money(PLEDGE, "500000", "USD", "2017-10-05"),
        money(COMMITMENT, "500000", "USD", "2017-10-05"),
        money(PAID, "560000000", "KRW", "2017-10-05"),
    )
    (promise,) = ledger.commitments(subject=TRAINING)
    assert (promise.met, [late.commitment.subject for late in ledger.overdue(on="2017-12-01")]) == (
        UNDECIDED, [TRAINING],
    )  # fmt: skip
    assert (PAID, "USD") not in funds(ledger)
    ledger.record(money(PAID, "480000.50", "USD", "2017-10-05"))
    (promise,) = ledger.commitments(subject=TRAINING)
    assert (promise.met, ledger.overdue(on="2017-12-01"), ledger.conflicts()) == (YES, [], [])
    assert [(one.field, one.planned, one.actual) for one in promise.differences if one.field == "amount"] == [
        ("amount", Decimal(500000), Decimal("480000.50"))
    ]


def test_a_start_in_1900_is_flagged_kept_and_contradicted_by_a_better_source() -> None:
    ledger = Ledger.in_memory()
    adopted = announced(ev.InitiativeStarted("smart-water-training"), when="2017", sources=bulletin("2016-11-18"))
    _, start = ledger.record(adopted, started("1900-01-01", file_of("2018-03-31"))).ids
    state = ledger.initiative(TRAINING)
    assert state.status is Status.IMPLEMENTATION
    assert [one.code for one in ledger.anomalies()] == ["before-proposal"]
    assert (ledger.conflicts(), state.deliveries) == ([], ())
    ledger.record(started("2017-05-10", bulletin("2017-05-11")))
    (conflict,) = ledger.conflicts()
    assert (conflict.field, [str(value) for value in conflict.values]) == ("when", ["2017-05-10", "1900-01-01"])
    shown = ledger.initiative(TRAINING).one(ev.InitiativeStarted)
    assert shown is not None
    assert (str(shown.dating), shown.disputed) == ("2017-05-10", True)
    ledger.record(Correction(start, started("2017-05", file_of("2018-03-31")), "A placeholder.", (file_of("2018-09"),)))
    assert (ledger.conflicts(), ledger.anomalies()) == ([], [])
    assert len(ledger.at(published="2018-08-31").conflicts()) == 1


def test_a_start_after_the_end_or_ahead_of_its_report_is_flagged_and_delivers_nothing_more() -> None:
    ledger = Ledger.in_memory()
    delivered = occurred(
        ev.InitiativeDelivered("smart-water-training", "training"),
        when="2017-10-05",
        parties={"beneficiary": "UZ"},
        sources=bulletin("2017-10-06"),
    )
    closed = occurred(ev.InitiativeClosed("smart-water-training"), when="2018-12-31", sources=bulletin("2019-01-10"))
    ledger.record(PLAN, delivered, closed)
    before = ledger.at()
    assert (before.initiative(TRAINING).status, before.anomalies()) == (Status.CLOSED, [])
    with pytest.raises(CoopLedgerError, match="cannot have happened yet"):
        ledger.record(started("2091-02-01", file_of("2019-03-31")))
    ledger.record(started("2021-02-01", file_of("2019-03-31")))
    assert sorted(one.code for one in ledger.anomalies()) == ["early-report", "irregular-step"]
    view = ledger.at().on("2019-12-31")
    assert view.initiative(TRAINING).status is Status.CLOSED
    for seen in (before, ledger, view):
        assert [one.delivered for one in seen.initiative(TRAINING).deliveries] == [YES]
        (promise,) = seen.commitments(subject=TRAINING)
        assert (promise.met, str(promise.outcome)) == (YES, "2017-10-05")
    assert ledger.conflicts() == []
