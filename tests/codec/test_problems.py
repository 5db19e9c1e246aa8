"""How faults are told: what cattrs hangs on an error becomes a place and a sentence."""

from __future__ import annotations

import pytest
from cattrs.errors import AttributeValidationNote, ClassValidationError, IterableValidationNote

from coop_ledger.codec import claim_from_plain, faults_of
from coop_ledger.codec.problems import Fault, problems_of
from coop_ledger.domain import Source
from coop_ledger.errors import InvalidValueError, MalformedEventError, Problem


def test_places_come_from_notes_of_cattrs_and_from_no_other() -> None:
    inner = InvalidValueError("no such code", where="kind")
    inner.add_note("said by somebody else")
    inner.add_note(IterableValidationNote("item", 2, Source))
    missing = KeyError("publisher")
    missing.add_note(AttributeValidationNote("field", "publisher", str))
    strange = TypeError("odd")
    strange.add_note("said by somebody else")
    own = InvalidValueError("no such code", where="kind")
    group = ClassValidationError("while reading", [inner, missing, strange, own], Source)
    assert problems_of(group) == (
        Problem("/2", "no such code; where: kind"),
        Problem("/publisher", "this field is missing"),
        Problem("", "odd"),
        Problem("/kind", "no such code; where: kind"),
    )


def test_a_single_error_is_a_single_problem() -> None:
    assert problems_of(InvalidValueError("no", where="kind")) == (Problem("", "no; where: kind"),)


def test_faults_are_told_in_parts() -> None:
    plain = {
        "assertion": "PLANED",
        "event": {"type": "institution.opened", "institution": "Off", "colour": "blue", "instituton": "k"},
        "sources": [{}],
    }
    with pytest.raises(MalformedEventError) as caught:
        claim_from_plain(plain)
    faults = {fault.path: fault for fault in faults_of(caught.value)}
    assert faults["/assertion"].hint == "write 'PLANNED'"
    assert faults["/assertion"].what == "no such code; expected: PROPOSED, PLANNED, OCCURRED, HOLDS, DENIED"
    assert faults["/event/instituton"].hint == "did you mean 'institution'?"
    assert faults["/event/colour"] == Fault("/event/colour", "there is no such field", None, "there is no such field")
    assert faults["/sources/0/publisher"].what == "this field is missing"
    assert {fault.path: fault.message for fault in faults.values()} == dict(caught.value.problems)


def test_an_error_of_ours_is_a_fault_where_it_says() -> None:
    placed = InvalidValueError("no", where="/when", expected="yes", found="x", hint="write yes")
    assert faults_of(placed) == (Fault("/when", "no; expected: yes", "write yes", str(placed)),)
    for error in (InvalidValueError("no", where="when"), InvalidValueError("no")):
        assert faults_of(error) == (Fault("", "no", None, str(error)),)
    own = MalformedEventError("no", (Problem("/when", "off"),))
    assert [fault.path for fault in faults_of(own)] == [""]
