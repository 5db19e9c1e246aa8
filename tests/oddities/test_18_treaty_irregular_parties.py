"""Parties leave, sign late, succeed, or apply without ratifying: each moves for itself, the treaty stays in force."""

from __future__ import annotations

from coop_ledger import (
    NO,
    UNDECIDED,
    YES,
    Binding,
    Claim,
    InstrumentKind,
    Ledger,
    SignatureKind,
    Source,
    SourceKind,
    Status,
    When,
    announced,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.projections import AgreementState, PartyStatus

PACT = "made-up-water-convention"
FORCE = ev.EnteredIntoForce(PACT)
EFFECT = ev.WithdrawalTookEffect(PACT)
BEGAN, ENDED = ev.ProvisionalApplicationBegan(PACT), ev.ProvisionalApplicationEnded(PACT)


def depositary(published: str) -> Source:
    return Source("Made-up Depositary", When(published), kind=SourceKind.PRIMARY)


def did(event: ev.Event, when: str, who: str = "") -> Claim:
    parties = {"signatory": who} if who else ()
    return occurred(event, when=when, parties=parties, sources=depositary(when))


def signed(when: str, who: str) -> Claim:
    event = ev.AgreementSigned(PACT, "convention", Binding.YES, SignatureKind.SUBJECT_TO_RATIFICATION)
    return did(event, when, who)


def deposited(when: str, who: str, kind: InstrumentKind = InstrumentKind.RATIFICATION) -> Claim:
    return did(ev.InstrumentDeposited(PACT, kind), when, who)


def in_force_since_2012() -> Ledger:
    """Signed by three, ratified by two, in force for these."""
    ledger = Ledger.in_memory()
    ledger.record(
        signed("2010-03-01", "KZ KG UZ"),
        deposited("2011-06-01", "KZ"),
        deposited("2012-03-01", "UZ"),
        did(FORCE, "2012-09-01"),
    )
    return ledger


def standing(state: AgreementState) -> dict[str, PartyStatus | None]:
    return {party.party: party.status for party in state.parties}


BEFORE = {"KZ": PartyStatus.PARTY, "KG": PartyStatus.SIGNATORY, "UZ": PartyStatus.PARTY}


def test_a_party_that_withdraws_is_bound_until_the_notice_has_run_out_and_the_others_stay() -> None:
    ledger = in_force_since_2012()
    leaving = announced(
        EFFECT, when="2017-01-01", stated="2016-01-01", parties={"signatory": "KZ"}, sources=depositary("2016-01-02")
    )
    ledger.record(did(ev.WithdrawalNotified(PACT), "2016-01-01", "KZ"), leaving)
    # that the notice would run out is a plan, and a plan moves nobody
    assert standing(ledger.agreement(PACT)) == BEFORE | {"KZ": PartyStatus.WITHDRAWING}
    told = ledger.size
    ledger.record(did(EFFECT, "2017-01-01", "KZ"))
    assert standing(ledger.agreement(PACT)) == BEFORE | {"KZ": PartyStatus.FORMER}
    for day, bound in (("2015-12-31", YES), ("2016-12-31", YES), ("2017-01-01", NO)):
        kazakhs = ledger.at().on(day).agreement(PACT).party("KZ")
        assert kazakhs is not None
        assert kazakhs.in_force is bound
    now = ledger.agreement(PACT)
    assert (now.status, now.in_force, now.anomalies, now.conflicts) == (Status.IN_FORCE, YES, (), ())
    (promise,) = ledger.commitments()
    assert (promise.met, promise.late) == (YES, NO)
    assert standing(ledger.at(size=told).agreement(PACT)) == BEFORE | {"KZ": PartyStatus.WITHDRAWING}


def test_a_late_signatory_signs_a_treaty_that_stays_in_force() -> None:
    ledger = in_force_since_2012()
    ledger.record(signed("2015-05-01", "TJ"))
    late = ledger.agreement(PACT)
    assert standing(late) == BEFORE | {"TJ": PartyStatus.SIGNATORY}
    tajiks = late.party("TJ")
    assert tajiks is not None
    # no claim says that it consented, and none that it did not
    assert tajiks.in_force is UNDECIDED
    assert (late.status, late.in_force, late.anomalies) == (Status.IN_FORCE, YES, ())
    ledger.record(deposited("2016-05-01", "TJ"))
    assert standing(ledger.agreement(PACT)) == BEFORE | {"TJ": PartyStatus.PARTY}
    assert ledger.at().on("2014-12-31").agreement(PACT).party("TJ") is None
    assert ledger.anomalies() == []


def test_a_successor_state_is_bound_without_a_signature_of_its_own() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        signed("1968-07-01", "SU KR"),
        deposited("1970-03-05", "SU"),
        deposited("1975-04-23", "KR"),
        did(FORCE, "1970-03-05"),
        deposited("1994-12-08", "TM", InstrumentKind.SUCCESSION),
    )
    now = ledger.agreement(PACT)
    assert standing(now)["TM"] is PartyStatus.PARTY
    assert (now.status, now.anomalies) == (Status.IN_FORCE, ())
    for day, bound in (("1994-12-07", None), ("1994-12-08", YES)):
        turkmen = ledger.at().on(day).agreement(PACT).party("TM")
        assert (None if turkmen is None else turkmen.in_force) is bound
    # what the predecessor did is not rewritten as the successor's
    assert {effective.claim.parties[0].party for effective in now.claims if effective.claim.parties} == {
        "SU",
        "KR",
        "TM",
    }
    (signing,) = (one for one in now.own(ev.AgreementSigned) if one.id.key == ("SU",))
    assert str(signing.dating) == "1968-07-01"


def test_provisional_application_is_neither_consent_nor_force() -> None:
    ledger = Ledger.in_memory()
    ledger.record(signed("2010-03-01", "KZ KG"), did(BEGAN, "2010-06-01", "KG"))
    applied = ledger.agreement(PACT)
    assert (applied.status, applied.in_force, applied.anomalies) == (Status.PROVISIONAL, UNDECIDED, ())
    assert standing(applied) == {"KZ": PartyStatus.SIGNATORY, "KG": PartyStatus.SIGNATORY}
    ledger.record(signed("2010-09-01", "UZ"))
    assert ledger.agreement(PACT).status is Status.PROVISIONAL
    ledger.record(did(ENDED, "2011-06-01", "KG"))
    assert ledger.agreement(PACT).status is Status.SIGNED
    assert ledger.at().on("2010-12-31").agreement(PACT).status is Status.PROVISIONAL
    assert ledger.anomalies() == []


def test_provisional_application_by_one_leaves_a_treaty_in_force_for_others_in_force() -> None:
    ledger = in_force_since_2012()
    ledger.record(did(BEGAN, "2013-01-01", "KG"))
    during = ledger.agreement(PACT)
    assert (during.status, during.in_force, standing(during)) == (Status.IN_FORCE, YES, BEFORE)
    ledger.record(did(ENDED, "2014-01-01", "KG"))
    after = ledger.agreement(PACT)
    assert (after.status, after.in_force, standing(after)) == (Status.IN_FORCE, YES, BEFORE)
    assert ledger.anomalies() == []


def test_a_treaty_that_is_registered_years_later_entered_into_force_when_it_did() -> None:
    ledger = in_force_since_2012()
    register = Source("Made-up Treaty Series", When("2019-08-01"), kind=SourceKind.TERTIARY)
    ledger.record(
        occurred(FORCE, when="2012-09-01", sources=register),
        occurred(
            ev.NameUsed(f"agreement:{PACT}", "Made-up Treaty Series I-55555"), when="2019-08-01/..", sources=register
        ),
    )
    now = ledger.agreement(PACT)
    (entry,) = now.own(ev.EnteredIntoForce)
    assert (str(entry.dating), len(entry.occurred)) == ("2012-09-01", 2)
    assert ledger.subjects(kind="agreement", name="made-up treaty series i-55555") == [f"agreement:{PACT}"]
    assert ledger.at().on("2018-12-31").agreement(PACT).names == ()
    late = max(ledger.latencies(f"agreement:{PACT}"), key=lambda one: one.source.published.order)  # type: ignore[union-attr]
    assert (late.source, str(late.published)) == (register, "2525")
    known_then = ledger.at(published="2018-12-31").agreement(PACT)
    assert (known_then.in_force, len(known_then.own(ev.EnteredIntoForce)[0].occurred)) == (YES, 1)
    assert (ledger.conflicts(), ledger.anomalies(), ledger.duplicates()) == ([], [], [])
