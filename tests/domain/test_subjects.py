"""Ids of subjects, references to parties, and what is refused with which hint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    MAX_SUBJECT,
    SubjectId,
    SubjectKind,
    check_party,
    check_slug,
    check_subject,
    full_id,
    party_subject,
    relationship_slug,
    subject_kind,
)
from coop_ledger.errors import InvalidValueError
from coop_ledger.testing import countries, party_refs, slugs, subject_ids


@given(subject_ids())
def test_a_generated_id_is_one_and_says_its_kind(subject: str) -> None:
    check_subject("subject", subject)
    kind, _, slug = subject.partition(":")
    assert subject_kind(SubjectId(subject)) == kind
    check_slug("slug", kind, slug)
    assert full_id(SubjectKind(kind), slug) == full_id(SubjectKind(kind), subject) == subject


@given(party_refs())
def test_a_party_is_a_bare_country_or_another_full_id(party: str) -> None:
    check_party("party", party)
    check_subject("subject", party_subject(party))
    assert party_subject(party).startswith("country:") is (len(party) == 2)


@given(countries(), countries())
def test_a_relationship_has_one_slug(a: str, b: str) -> None:
    if a == b:
        with pytest.raises(InvalidValueError):
            relationship_slug(a, b)
    else:
        assert relationship_slug(a, b) == relationship_slug(b, a)
        check_slug("relationship", "relationship", relationship_slug(a, b))


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("initiative:Water", "initiative"),
        ("initiative:water_training", "initiative"),
        ("initiative:water--training", "initiative"),
        ("initiative:-water", "initiative"),
        ("initiative:water/", "initiative"),
        ("initiative:", "initiative"),
        ("country:kr", "country"),
        ("country:KOR", "country"),
        ("relationship:KZ-KR", "relationship"),
        ("relationship:KR-KR", "relationship"),
        ("person:é", "person"),
        ("meeting:١", "meeting"),
        ("place:" + "a" * MAX_SUBJECT, "place"),
    ],
)
def test_off_the_grammar_is_refused(subject: str, kind: str) -> None:
    with pytest.raises(InvalidValueError, match="off the grammar"):
        check_subject("about", subject)
    with pytest.raises(InvalidValueError) as caught:
        check_slug("field", kind, subject.partition(":")[2])
    assert caught.value.where == "field"
    assert caught.value.expected


@pytest.mark.parametrize(
    ("kind", "value", "hint"),
    [
        ("meeting", "KCAC Forum / 10", None),  # a blank at either side of a part
        ("meeting", "KCAC Forum/10", "write 'kcac-forum/10'"),
        ("place", "Seoul", "write 'seoul'"),
        ("place", "서울", None),
        ("place", "A" * MAX_SUBJECT, None),
        ("country", "Korea", None),
        ("person", "Kim Kwang-keun", "write an id that tells nothing"),
        ("agreement", "agreement:x", "write 'x': the field already says that it is an agreement"),
    ],
)
def test_what_to_write_in_place_of_a_slug_that_is_none(kind: str, value: str, hint: str | None) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_slug("field", kind, value)
    found = caught.value.hint
    assert (found is None) if hint is None else (found is not None and found.startswith(hint))
    assert kind != "person" or "kim" not in str(found).casefold()


@pytest.mark.parametrize("subject", ["water", "project:water", "Initiative:water", "", ":x"])
def test_a_kind_must_be_known(subject: str) -> None:
    with pytest.raises(InvalidValueError, match="initiative"):
        check_subject("about", subject)


@given(st.none() | st.integers() | st.binary())
def test_ids_are_text(value: object) -> None:
    for check in (check_subject, check_party):
        with pytest.raises(InvalidValueError, match="is text"):
            check("field", value)
    with pytest.raises(InvalidValueError, match="is text"):
        check_slug("field", "place", value)


def test_hints_show_the_other_spelling() -> None:
    with pytest.raises(InvalidValueError, match="write 'water': the field already says"):
        check_slug("initiative", "initiative", "initiative:water")
    with pytest.raises(InvalidValueError, match="bare country code"):
        check_party("party", "country:KZ")
    with pytest.raises(InvalidValueError, match="write 'KZ'"):
        check_party("party", "kz")
    with pytest.raises(InvalidValueError, match="full id"):
        check_party("party", "KOR")


@given(slugs())
def test_the_id_of_another_kind_is_no_slug(slug: str) -> None:
    with pytest.raises(InvalidValueError):
        full_id(SubjectKind.MEETING, f"initiative:{slug}")
