"""The catalogue of events held against the tables of the design, and the lifecycles against the catalogue."""

from __future__ import annotations

import re
from typing import Any, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    IATI_STATUS,
    LIFECYCLES,
    ActivityStatus,
    Claim,
    Party,
    Source,
    Status,
    SubjectKind,
    Where,
    field_specs,
)
from coop_ledger.domain import events as ev
from coop_ledger.domain.events.spec import EventBase, event
from coop_ledger.domain.fields import slug
from coop_ledger.testing import events_of
from tests.shared import shared_file

SEALED = {
    ("PersonNamed", "name"),
    ("DelegationAttended", "head_as_written"),
    ("Source", "title"),
    ("Source", "author"),
    ("Source", "quote"),
    ("StatementMade", "position"),
    ("Claim", "note"),
    ("InitiativeAdopted", "description"),
    ("InitiativeStarted", "description"),
    ("InitiativeProgressed", "description"),
    ("InitiativeDelivered", "description"),
    ("ReservationMade", "text"),
    ("Correction", "reason"),
    ("Retraction", "note"),
    ("Merge", "reason"),
    ("Resolution", "rationale"),
}
"""DESIGN §3a, field by field: names of persons, titles, authors, quotes, positions, notes, descriptions, reasons."""

NO_PROMISE = {
    "StatementMade",
    "FigureReported",
    "TopicDiscussed",
    "AnniversaryMarked",
    "NameUsed",
    "SectorsClassified",
    "ActivityLinked",
}
"""``semantics.md``: PLANNED is an expectation there. PersonNamed, like NameUsed, names and promises nothing."""

KEYS: dict[str, tuple[str, ...]] = {
    "DelegationAttended": ("party",),
    "InitiativeDelivered": ("output",),
    "InitiativeProgressed": ("@source_day",),
    "WorkPlanAdopted": ("period",),
    "HostDesignated": ("host",),
    "SeatEstablished": ("place",),
    "MemberAdmitted": ("party",),
    "MemberWithdrew": ("party",),
    "OfficeTaken": ("office", "person"),
    "OfficeLeft": ("office", "person"),
    "MissionOpened": ("@sender", "@receiver", "kind", "place"),
    "MissionClosed": ("@sender", "@receiver", "kind", "place"),
    "LevelDeclared": ("@declarer", "level"),
    "StatementMade": ("topic", "@stated_day"),
    "FigureReported": ("measure", "unit", "scope"),
    "AnniversaryMarked": ("of", "count"),
    "NameUsed": ("name",),
    "SectorsClassified": ("vocabulary",),
    "PersonNamed": ("script",),
    "FundsReported": ("transaction", "currency", "value_date", "@provider", "@receiver"),
    "PartnerJoined": ("party",),
    "PartnerWithdrew": ("party",),
    "AgreementAmended": ("instrument",),
    "TopicDiscussed": ("topic",),
    "ActivityLinked": ("target", "relation"),
    "InstitutionSucceeded": ("successor",),
    **dict.fromkeys(
        (
            "AgreementSigned",
            "InstrumentDeposited",
            "WithdrawalNotified",
            "ReservationMade",
            "ReservationWithdrawn",
            "ProvisionalApplicationBegan",
            "ProvisionalApplicationEnded",
            "OperationSuspended",
            "OperationResumed",
            "WithdrawalTookEffect",
            "EnteredIntoForce",
        ),
        ("@signatory",),
    ),
}
"""``semantics.md``, keys and roles; an event that is not here has no key."""

ROLES = {
    "MeetingHeld": {"organiser", "host", "participant"},
    "VisitPaid": {"visitor", "host"},
    "InitiativeDelivered": {"implementing", "funding", "accountable", "extending", "beneficiary"},
    "InitiativeProgressed": {"implementing", "funding", "accountable", "extending", "beneficiary"},
    "InitiativeStarted": {"implementing", "funding", "accountable", "extending"},
    "AgreementSigned": {"signatory"},
    "MemberAdmitted": {"member"},
    "StateRecognised": {"both"},
    "RelationsEstablished": {"both"},
    "RelationsSevered": {"both"},
    "MissionOpened": {"sender", "receiver"},
    "LevelDeclared": {"declarer"},
    "StatementMade": {"speaker", "addressee"},
    "AnniversaryMarked": {"participant"},
    "FundsReported": {"provider", "receiver"},
    "PartnerJoined": {"partner"},
    "AgreementAmended": {"signatory"},
    "DelegationAttended": set(),
    "OfficeTaken": set(),
    "FigureReported": set(),
    "NameUsed": set(),
}

SUBJECTS = {
    "initiatives": "initiative",
    "agreements": "agreement",
    "institutions": "institution",
}

RECORDS = (Claim, Source, Party, Where, ev.SectorShare, *ACT_TYPES)


def test_keys_are_those_of_the_table() -> None:
    assert {cls.__name__: cls.spec.key for cls in EVENT_TYPES if cls.spec.key} == KEYS


def test_roles_are_those_of_the_table() -> None:
    found = {cls.__name__: {str(role) for role in cls.spec.roles} for cls in EVENT_TYPES}
    assert {name: found[name] for name in ROLES} == ROLES


def test_promises_are_those_of_the_table() -> None:
    assert {cls.__name__ for cls in EVENT_TYPES if not cls.spec.promise} - {"PersonNamed"} == NO_PROMISE


def test_sealed_fields_are_those_of_the_list() -> None:
    found = {
        (cls.__name__, name)
        for cls in (*EVENT_TYPES, *RECORDS)
        for name, spec in field_specs(cls).items()
        if spec.sealed
    }
    assert found == SEALED


def test_events_of_a_family_are_about_its_subject() -> None:
    for cls in EVENT_TYPES:
        family = cls.__module__.rpartition(".")[2]
        about_any = cls.spec.subject in ("subject", "about")
        assert about_any or SUBJECTS.get(family, cls.spec.subject) == cls.spec.subject


def test_the_design_names_every_event_and_no_other() -> None:
    """The list of DESIGN §3a, where it lies beside the checkout."""
    text = shared_file("design/DESIGN.md").read_text(encoding="utf-8")
    table = text[text.index("### 3a. Events") : text.index("Field semantics, codes and lifecycles")]
    known = {cls.__name__ for cls in EVENT_TYPES}
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", table))
    assert named <= known
    assert len(known) == 61


def test_the_semantics_table_names_only_events_that_exist() -> None:
    text = shared_file("design/semantics.md").read_text(encoding="utf-8")
    table = text[text.index("| event |") : text.index("The table is total")]
    first = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", first))
    known = {cls.__name__ for cls in EVENT_TYPES}
    stems = {"ProvisionalApplication", "Initiative", "Institution"}  # the table writes Began/Ended as a star
    assert named - known - stems == set()
    assert named >= {"MeetingHeld", "FigureReported", "InstitutionSucceeded"}


@pytest.mark.parametrize("cls", [*EVENT_TYPES, *RECORDS])
def test_classes_are_frozen_slotted_and_without_converters(cls: type[Any]) -> None:
    assert "__dict__" not in dir(cls)
    for field in attrs.fields(cls):
        assert field.converter is None
        assert field.validator is not None
    assert cls.__doc__
    assert set(get_type_hints(cls)) >= {field.name for field in attrs.fields(cls)}


@pytest.mark.parametrize("cls", EVENT_TYPES)
def test_every_event_class_has_a_strategy_and_its_fields_a_meaning(cls: Any) -> None:
    assert set(field_specs(cls)) == {field.name for field in attrs.fields(cls)}
    assert all(spec.means for spec in field_specs(cls).values())

    @given(events_of(cls))
    def check(found: Any) -> None:
        assert type(found) is cls
        assert found == attrs.evolve(found)
        assert found != repr(found)
        assert hash(found) == hash(found)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(found, attrs.fields(cls)[0].name, None)

    check()


def test_an_event_must_name_fields_it_has() -> None:
    with pytest.raises(TypeError, match="Odd has no field key"):

        @event(subject="initiative", key=("key",))
        class Odd(EventBase):
            """Names a key that it lacks."""

            initiative: str = slug("initiative", "what")


@pytest.mark.parametrize("table", LIFECYCLES.values(), ids=str)
def test_every_status_of_a_lifecycle_is_reached(table: Any) -> None:
    reached = {Status.UNRECORDED, table.planned}
    while True:
        more = {move.after for move in table.moves if reached & set(move.before)} - reached
        if not more:
            break
        reached |= more
    named = {status for move in table.moves for status in (*move.before, move.after)}
    assert named <= reached


@given(st.sampled_from(sorted(LIFECYCLES)), st.sampled_from(Status), st.sampled_from(EVENT_TYPES))
def test_a_step_is_total(kind: SubjectKind, status: Status, cls: Any) -> None:
    table = LIFECYCLES[kind]
    after, known = table.step(status, cls)
    rows = [move for move in table.moves if move.event is cls]
    assert table.moves_state(cls) is bool(rows)
    assert known is (not rows or any(status in move.before for move in rows))
    assert after == status if not rows else after in {move.after for move in rows}


def test_statuses_of_initiatives_are_iati_codes() -> None:
    used = {status for move in LIFECYCLES[SubjectKind.INITIATIVE].moves for status in (*move.before, move.after)}
    assert used - {Status.UNRECORDED} == set(IATI_STATUS)
    assert sorted(IATI_STATUS.values()) == sorted(ActivityStatus)
