"""Codes held against the lists that they come from, and the order of ranks."""

from __future__ import annotations

import enum
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    DAC_PURPOSES,
    NO,
    UNDECIDED,
    YES,
    ActivityStatus,
    Rank,
    RelatedActivityType,
    Role,
    SectorVocabulary,
    TransactionType,
    check_currency,
    check_sector,
)
from coop_ledger.errors import InvalidValueError
from tests.shared import shared_file


def codes_in(name: str) -> dict[str, str]:
    """Code → English name, from a published code list."""
    text = shared_file(f"data/iati/codelists/{name}.xml").read_text(encoding="utf-8")
    items = re.findall(r"<codelist-item.*?</codelist-item>", text, re.DOTALL)
    pairs = (
        (re.search(r"<code>(.*?)</code>", item), re.search(r"<narrative>(.*?)</narrative>", item)) for item in items
    )
    return {code[1]: name[1] for code, name in pairs if code is not None and name is not None}


@pytest.mark.parametrize(
    ("name", "vocabulary"),
    [
        ("ActivityStatus", ActivityStatus),
        ("TransactionType", TransactionType),
        ("RelatedActivityType", RelatedActivityType),
    ],
)
def test_codes_are_those_of_the_published_lists(name: str, vocabulary: type[enum.StrEnum]) -> None:
    published = codes_in(name)
    assert set(published) == set(vocabulary)
    for code in vocabulary:
        ours, theirs = code.name.lower().replace("_", ""), re.sub(r"[^a-z]", "", published[code].lower())
        assert ours == theirs or theirs.startswith(ours[:8])


def test_roles_in_work_are_the_four_of_iati() -> None:
    published = {text.lower() for text in codes_in("OrganisationRole").values()}
    assert published == {Role.FUNDING, Role.ACCOUNTABLE, Role.EXTENDING, Role.IMPLEMENTING}


def test_sector_groups_exist() -> None:
    published = codes_in("SectorCategory")
    assert {code[:3] for code in DAC_PURPOSES} - {"998"} <= set(published)
    for code in DAC_PURPOSES:
        check_sector(SectorVocabulary.DAC_PURPOSE, code)


@given(st.sampled_from(Rank), st.sampled_from(Rank), st.sampled_from(Rank))
def test_ranks_are_an_order_but_for_envoys(a: Rank, b: Rank, c: Rank) -> None:
    if Rank.SPECIAL_ENVOY in (a, b) and a is not b:
        assert a.outranks(b) is UNDECIDED
    else:
        assert (a.outranks(b) is YES) is not (b.outranks(a) is YES or a is b)
    if a.outranks(b) is YES and b.outranks(c) is YES:
        assert a.outranks(c) is YES
    assert a.outranks(a) is NO


def test_a_minister_outranks_a_director() -> None:
    assert Rank.MINISTER.outranks(Rank.DEPUTY_MINISTER) is YES
    assert Rank.DIRECTOR_GENERAL.outranks(Rank.DEPUTY_MINISTER) is NO


@pytest.mark.parametrize("code", ["KRW", "KZT", "USD", "DEM"])
def test_currencies_current_and_withdrawn(code: str) -> None:
    check_currency("currency", code)


@pytest.mark.parametrize("code", ["won", "", 840, None])
def test_other_currencies_are_refused(code: object) -> None:
    with pytest.raises(InvalidValueError, match="no such currency"):
        check_currency("currency", code)


def test_goals_and_own_codes() -> None:
    check_sector(SectorVocabulary.SDG_GOAL, "17")
    check_sector(SectorVocabulary.OWN, "anything")
