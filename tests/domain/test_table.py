"""
The table of keys and roles, row by row: the design's words, what they mean for each class, and the classes.

The expectation is written by hand; where the design lies beside the checkout, its rows are compared with the
words here, so that neither can change alone.
"""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

import coop_ledger.domain
from coop_ledger.domain import (
    EVENT_TYPES,
    LIFECYCLES,
    Claim,
    Party,
    Role,
    Source,
    When,
    country_parties,
    milestones_of,
    occurred,
    subjects_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.testing import claims, events_of, slugs
from tests.shared import shared_file

WORKERS = "implementing funding accountable extending"
FOUNDERS = f"{WORKERS} signatory participant member"

ROWS: dict[tuple[str, str, str, str], dict[str, tuple[str, str, str]]] = {
    ("MeetingHeld", "meeting", "–", "organiser, host, participant"): {
        "MeetingHeld": ("meeting", "", "organiser host participant"),
    },
    ("DelegationAttended", "meeting", "party", "–"): {
        "DelegationAttended": ("meeting", "party", ""),
    },
    ("VisitPaid", "visit", "–", "visitor, host"): {
        "VisitPaid": ("visit", "", "visitor host"),
    },
    (
        "InitiativeDelivered / Progressed",
        "initiative",
        "output / source day",
        "implementing, funding, accountable, extending (IATI 1–4), beneficiary",
    ): {
        "InitiativeDelivered": ("initiative", "output", f"{WORKERS} beneficiary"),
        "InitiativeProgressed": ("initiative", "@source_day", f"{WORKERS} beneficiary"),
    },
    (
        "other Initiative*, Institution*, Negotiation*, TextAdopted, EnteredIntoForce …",
        "itself",
        "–, or the party where the event is per party",
        "the same; signatory",
    ): {
        "InitiativeAdopted": ("initiative", "", WORKERS),
        "InitiativeStarted": ("initiative", "", WORKERS),
        "InitiativeClosed": ("initiative", "", WORKERS),
        "InitiativeSuspended": ("initiative", "", WORKERS),
        "InitiativeResumed": ("initiative", "", WORKERS),
        "InitiativeCancelled": ("initiative", "", WORKERS),
        "EstablishmentAgreed": ("institution", "", FOUNDERS),
        "InstitutionProclaimed": ("institution", "", FOUNDERS),
        "StatuteAdopted": ("institution", "", FOUNDERS),
        "InstitutionOpened": ("institution", "", FOUNDERS),
        "InstitutionSuspended": ("institution", "", FOUNDERS),
        "InstitutionResumed": ("institution", "", FOUNDERS),
        "InstitutionDissolved": ("institution", "", FOUNDERS),
        "NegotiationOpened": ("agreement", "", "signatory"),
        "NegotiationConcluded": ("agreement", "", "signatory"),
        "TextAdopted": ("agreement", "", "signatory"),
        "EnteredIntoForce": ("agreement", "@signatory", "signatory"),
        "AgreementEnded": ("agreement", "", "signatory"),
    },
    (
        "AgreementSigned, InstrumentDeposited, WithdrawalNotified …",
        "agreement",
        "party (a claim with n signatories feeds n milestones)",
        "signatory",
    ): {
        "AgreementSigned": ("agreement", "@signatory", "signatory"),
        "InstrumentDeposited": ("agreement", "@signatory", "signatory"),
        "WithdrawalNotified": ("agreement", "@signatory", "signatory"),
    },
    ("WorkPlanAdopted · HostDesignated, SeatEstablished", "institution", "period · value", "–"): {
        "WorkPlanAdopted": ("institution", "period", ""),
        "HostDesignated": ("institution", "host", ""),
        "SeatEstablished": ("institution", "place", ""),
    },
    ("MemberAdmitted, MemberWithdrew", "institution", "party", "member"): {
        "MemberAdmitted": ("institution", "party", "member"),
        "MemberWithdrew": ("institution", "party", "member"),
    },
    ("OfficeTaken, OfficeLeft", "institution", "office, person", "–"): {
        "OfficeTaken": ("institution", "office person", ""),
        "OfficeLeft": ("institution", "office person", ""),
    },
    (
        "StateRecognised, RelationsEstablished · MissionOpened/Closed",
        "relationship",
        "– · sender, receiver, kind, place",
        "both · sender, receiver",
    ): {
        "StateRecognised": ("relationship", "", "both"),
        "RelationsEstablished": ("relationship", "", "both"),
        "MissionOpened": ("relationship", "@sender @receiver kind place", "sender receiver"),
        "MissionClosed": ("relationship", "@sender @receiver kind place", "sender receiver"),
    },
    (
        "LevelDeclared",
        "relationship",
        "side, level as worded (a side declares; a joint paper = both sides)",
        "declarer",
    ): {
        "LevelDeclared": ("relationship", "@declarer level", "declarer"),
    },
    ("StatementMade", "`about` and speakers", "topic, stated day", "speaker, addressee"): {
        "StatementMade": ("about", "topic @stated_day", "speaker addressee"),
    },
    ("FigureReported", "any", "measure, unit, scope; a disjoint `when` is another figure", "–"): {
        "FigureReported": ("subject", "measure unit scope", ""),
    },
    ("AnniversaryMarked", "any", "of, count", "participant"): {
        "AnniversaryMarked": ("subject", "of count", "participant"),
    },
    ("NameUsed · SectorsClassified", "any", "name (disjoint spans are two periods of use) · vocabulary", "–"): {
        "NameUsed": ("subject", "name", ""),
        "SectorsClassified": ("subject", "vocabulary", ""),
    },
    ("PersonNamed", "person", "script (the name itself is sealed)", "–"): {
        "PersonNamed": ("person", "script", ""),
    },
    (
        "FundsReported",
        "initiative",
        "transaction type, currency, value date, provider, receiver",
        "provider, receiver",
    ): {
        "FundsReported": ("initiative", "transaction currency value_date @provider @receiver", "provider receiver"),
    },
    ("PartnerJoined, PartnerWithdrew", "initiative", "party", "partner"): {
        "PartnerJoined": ("initiative", "party", "partner"),
        "PartnerWithdrew": ("initiative", "party", "partner"),
    },
    (
        "ReservationMade/Withdrawn, ProvisionalApplication*, OperationSuspended/Resumed, WithdrawalTookEffect",
        "agreement",
        "party",
        "signatory",
    ): {
        "ReservationMade": ("agreement", "@signatory", "signatory"),
        "ReservationWithdrawn": ("agreement", "@signatory", "signatory"),
        "ProvisionalApplicationBegan": ("agreement", "@signatory", "signatory"),
        "ProvisionalApplicationEnded": ("agreement", "@signatory", "signatory"),
        "OperationSuspended": ("agreement", "@signatory", "signatory"),
        "OperationResumed": ("agreement", "@signatory", "signatory"),
        "WithdrawalTookEffect": ("agreement", "@signatory", "signatory"),
    },
    ("AgreementAmended", "agreement", "instrument", "signatory"): {
        "AgreementAmended": ("agreement", "instrument", "signatory"),
    },
    ("TopicDiscussed", "meeting", "topic", "–"): {
        "TopicDiscussed": ("meeting", "topic", ""),
    },
    ("ActivityLinked", "any", "target, relation", "–"): {
        "ActivityLinked": ("subject", "target relation", ""),
    },
    ("RelationsSuspended/Severed/Restored", "relationship", "–", "both"): {
        "RelationsSuspended": ("relationship", "", "both"),
        "RelationsSevered": ("relationship", "", "both"),
        "RelationsRestored": ("relationship", "", "both"),
    },
    ("InstitutionSucceeded", "institution", "successor", "–"): {
        "InstitutionSucceeded": ("institution", "successor", ""),
    },
}
"""The design's row → each class that it speaks of: its subject field, key and roles."""

MEANT = {name: meant for row in ROWS.values() for name, meant in row.items()}
PER_SIGNATORY = [cls for cls in EVENT_TYPES if cls.spec.key == ("@signatory",)]
BETWEEN_TWO = [cls for cls in EVENT_TYPES if cls.spec.subject == "relationship"]
DOMAIN: dict[str, Any] = {
    f"{found.__module__}.{name}": found
    for module in [coop_ledger.domain, *vars(coop_ledger.domain).values()]
    if hasattr(module, "__file__")
    for name, found in vars(module).items()
    if isinstance(found, type) and attrs.has(found)
}
SOURCE = Source("Korea.net", When("2016-11-18"))


def test_the_table_is_total() -> None:
    assert set(MEANT) == {cls.__name__ for cls in EVENT_TYPES}
    assert len(MEANT) == sum(map(len, ROWS.values())) == 61


@pytest.mark.parametrize("cls", EVENT_TYPES)
def test_each_class_says_its_row(cls: Any) -> None:
    assert (cls.spec.subject, " ".join(cls.spec.key), " ".join(cls.spec.roles)) == MEANT[cls.__name__]


def test_the_rows_are_those_of_the_design() -> None:
    text = shared_file("design/semantics.md").read_text(encoding="utf-8")
    table = text[text.index("| event | subject |") : text.index("The table is total")].strip().splitlines()
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table[2:]]
    assert rows == list(ROWS)


def test_expectations_are_those_of_the_design() -> None:
    text = shared_file("design/semantics.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^`promise=False`: ([A-Za-z, ]+): PLANNED is an expectation", text, re.MULTILINE)
    assert {cls.__name__ for cls in EVENT_TYPES if not cls.spec.promise} == set(listed.split(", "))


@pytest.mark.parametrize("cls", DOMAIN.values(), ids=DOMAIN)
def test_no_class_of_the_domain_converts_or_changes(cls: Any) -> None:
    """A second codec builds the same classes: what it gives must be what stands in them."""
    assert [field.name for field in attrs.fields(cls) if field.converter is not None] == []
    assert cls.__setattr__ is not object.__setattr__, "frozen"
    assert "__slots__" in vars(cls)


# what follows from the rows, for every class


@pytest.mark.parametrize("cls", EVENT_TYPES)
def test_every_claim_feeds_milestones_of_what_its_event_is_about(cls: Any) -> None:
    @settings(max_examples=12)
    @given(claims(of=events_of(cls)))
    def check(claim: Claim) -> None:
        subjects, found = subjects_of(claim), milestones_of(claim)
        assert subjects[0] == found[0].subject
        own = getattr(claim.event, cls.spec.subject)
        if own is None:
            assert isinstance(claim.event, ev.MeetingHeld)
            assert subjects[0] == f"series:{claim.event.series}"
        else:
            assert subjects[0] == (own if ":" in own else f"{cls.spec.subject}:{own}")
        assert len(set(found)) == len(found)
        assert {milestone.subject for milestone in found} <= set(subjects)
        for milestone in found:
            assert len(milestone.key) == len(cls.spec.key)
            for part, text in zip(cls.spec.key, milestone.key, strict=True):
                if part.startswith("@") and not part.endswith("_day"):
                    named = {party.party for party in claim.parties if party.role == part[1:]}
                    assert text in (named or {""})
                elif not part.startswith("@"):
                    value = getattr(claim.event, part)
                    assert text == ("" if value is None else str(value))
        assert {party.subject for party in claim.parties} <= set(subjects)
        assert {f"country:{code}" for code in country_parties(claim)} <= set(subjects)

    check()


@pytest.mark.parametrize("cls", PER_SIGNATORY)
def test_n_signatories_feed_n_milestones(cls: Any) -> None:
    @settings(max_examples=8)
    @given(claims(of=events_of(cls)))
    def check(claim: Claim) -> None:
        signatories = {party.party for party in claim.parties if party.role is Role.SIGNATORY}
        assert {milestone.key for milestone in milestones_of(claim)} == {(one,) for one in signatories or {""}}

    check()


@pytest.mark.parametrize("cls", BETWEEN_TWO)
def test_what_is_between_two_countries_is_about_both(cls: Any) -> None:
    @settings(max_examples=8)
    @given(claims(of=events_of(cls)))
    def check(claim: Claim) -> None:
        pair: str = claim.event.relationship  # type: ignore[union-attr]
        first, second = pair.split("-")
        assert subjects_of(claim)[:3] == (f"relationship:{pair}", f"country:{first}", f"country:{second}")
        assert {first, second} <= country_parties(claim)

    check()


def test_the_only_events_between_two_countries_are_those_of_relations() -> None:
    assert len(BETWEEN_TWO) == 8
    assert {cls.__module__.rpartition(".")[2] for cls in BETWEEN_TWO} == {"relations"}


@given(slugs("relationship"))
def test_an_event_of_any_subject_may_be_about_two_countries(pair: str) -> None:
    claim = occurred(ev.AnniversaryMarked(f"relationship:{pair}", "relations", 25), sources=SOURCE)
    assert country_parties(claim) == set(pair.split("-"))
    assert subjects_of(claim) == (f"relationship:{pair}", *(f"country:{code}" for code in pair.split("-")))


def test_a_statement_is_a_milestone_of_each_speaker_and_of_no_addressee() -> None:
    parties = [Party("KR", Role.SPEAKER), Party("KZ", Role.SPEAKER), Party("KP", Role.ADDRESSEE)]
    claim = occurred(ev.StatementMade("country:KP", "nuclear issue"), sources=SOURCE, parties=parties)
    assert [milestone.subject for milestone in milestones_of(claim)] == ["country:KP", "country:KR", "country:KZ"]


# lifecycles


@pytest.mark.parametrize("table", LIFECYCLES.values(), ids=str)
def test_the_rows_of_a_lifecycle_are_events_of_its_kind(table: Any) -> None:
    assert LIFECYCLES[table.kind] is table
    for move in table.moves:
        assert move.event.spec.subject == table.kind
        assert len(set(move.before)) == len(move.before) > 0
    steps = [(status, move.event) for move in table.moves for status in move.before]
    assert len(set(steps)) == len(steps), "one step has two ends"


def test_events_that_move_no_state_are_attributes_or_per_party() -> None:
    """A new event of a subject with a lifecycle is either put into its table or listed here."""
    moving = {move.event for table in LIFECYCLES.values() for move in table.moves}
    kinds = {str(kind) for kind in LIFECYCLES}
    still = {cls.__name__ for cls in EVENT_TYPES if cls.spec.subject in kinds and cls not in moving}
    assert still == {
        "DelegationAttended", "FundsReported", "HostDesignated", "InstrumentDeposited", "LevelDeclared",
        "MemberAdmitted", "MemberWithdrew", "MissionClosed", "MissionOpened", "OfficeLeft", "OfficeTaken",
        "PartnerJoined", "PartnerWithdrew", "ReservationMade", "ReservationWithdrawn", "SeatEstablished",
        "TopicDiscussed", "WithdrawalNotified", "WithdrawalTookEffect", "WorkPlanAdopted",
    }  # fmt: skip
