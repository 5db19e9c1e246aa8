"""How faults are told: what cattrs hangs on an error becomes a place and a sentence."""

from __future__ import annotations

from cattrs.errors import AttributeValidationNote, ClassValidationError, IterableValidationNote

from coop_ledger.codec.problems import problems_of
from coop_ledger.domain import Source
from coop_ledger.errors import InvalidValueError, Problem


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
