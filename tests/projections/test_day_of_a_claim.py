"""On a day of the world, what is dated later does not show: a form, an absence; and a term is no promise."""

from __future__ import annotations

from coop_ledger import Ledger, Source, When, announced, denied, occurred
from coop_ledger import events as ev
from coop_ledger.domain import AgreementEnd, Binding
from coop_ledger.projections import Presence

PRESS = Source("Kabar", When("2016-10-01"))
LATER = Source("Kabar", When("2016-12-01"))


def test_form_and_force_show_from_the_day_of_the_text() -> None:
    ledger = Ledger.in_memory()
    said = ev.TextAdopted("plan", form="Memorandum", binding=Binding.NO)
    ledger.record(
        announced(ev.AgreementSigned("plan"), when="2016-11", parties={"signatory": "KR KZ"}, sources=PRESS),
        occurred(said, when="2016-11-15", sources=LATER),
    )
    before, since = (ledger.at().on(day).agreement("plan") for day in ("2016-11-01", "2016-11-15"))
    assert (before.form, before.is_binding) == (None, Binding.UNKNOWN)
    assert (since.form, since.is_binding) == ("Memorandum", Binding.NO)


def test_an_absence_shows_from_the_day_of_the_meeting() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        announced(ev.DelegationAttended("forum/10", "TJ"), when="2016-11-15", sources=PRESS),
        denied(ev.DelegationAttended("forum/10", "TJ"), when="2016-11-15", sources=LATER),
        announced(ev.DelegationAttended("forum/10", "KZ"), when="2016-11-15", sources=PRESS),
        occurred(ev.DelegationAttended("forum/10", "KZ"), when="2016-11-15", sources=LATER),
        denied(ev.DelegationAttended("forum/10", "UZ"), sources=LATER),
    )
    before, since, last = (
        ledger.at().on(day).meeting("forum/10") for day in ("2016-11-01", "2016-11-15", "2016-12-01")
    )
    assert [before.presence_of(party) for party in ("TJ", "KZ")] == [Presence.EXPECTED, Presence.EXPECTED]
    assert [since.presence_of(party) for party in ("TJ", "KZ")] == [Presence.ABSENT, Presence.ATTENDED]
    assert [one.presence_of("UZ") for one in (before, since, last)] == [
        Presence.UNKNOWN,
        Presence.UNKNOWN,
        Presence.ABSENT,
    ]


def test_the_term_of_an_agreement_is_nobodys_promise() -> None:
    ledger = Ledger.in_memory()
    ledger.record(
        announced(ev.AgreementEnded("loan", AgreementEnd.EXPIRED), when="2017", sources=PRESS),
        announced(ev.AgreementEnded("plan", AgreementEnd.TERMINATED), when="2017", sources=PRESS),
    )
    assert [one.subject for one in ledger.commitments()] == ["agreement:plan"]
    assert [one.commitment.subject for one in ledger.overdue(on="2018-06-01")] == ["agreement:plan"]
