"""Texts, parties, sources and field specifiers: what is taken and what is refused, with its hint."""

from __future__ import annotations

import traceback
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    REDACTED,
    Party,
    Role,
    SectorVocabulary,
    Source,
    SourceKind,
    TransactionType,
    When,
    check_label,
    check_prose,
    parties_of,
    publisher_key,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import InvalidValueError
from coop_ledger.testing import labels, parties, party_refs, prose, sources


@given(labels(), prose())
def test_generated_texts_are_taken(label: str, text: str) -> None:
    check_label("field", label)
    check_prose("field", text)
    check_prose("field", REDACTED)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        (" x", "blanks"),
        ("a\nb", "control"),
        ("a\x1b[31m", "control"),
        ("a\x7fb", "control"),
        ("\ud800", "surrogate"),
        ("x" * 121, "too long"),
        (7, "is text"),
        (None, "is text"),
        (REDACTED, "is text"),
    ],
)
def test_labels_are_short_clean_lines(value: object, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        check_label("field", value)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "empty"),
        ("\x00", "control"),
        ("a\x0bb", "control"),
        ("\udfff", "surrogate"),
        ("x" * 4001, "long"),
        (1, "text"),
    ],
)
def test_prose_is_bounded(value: object, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        check_prose("field", value)
    assert repr(REDACTED) == "REDACTED"


@pytest.mark.parametrize("value", ["Alibek N1234567\ud800", "Alibek N1234567\x00", " ", "Alibek N1234567" * 300])
def test_prose_that_is_refused_is_not_shown(value: str) -> None:
    """Errors are printed and logged, where nothing can be redacted."""
    with pytest.raises(InvalidValueError) as caught:
        check_prose("note", value)
    assert "Alibek" not in "".join(traceback.format_exception(caught.value, limit=0))
    if "\ud800" in value:
        assert (caught.value.found, caught.value.__cause__) == (r"'\ud800' as character 16 of 16", None)


@given(parties())
def test_parties_are_read_in_either_form(given: tuple[Party, ...]) -> None:
    assert parties_of(given) == given
    for party in given:
        assert parties_of({party.role: party.party}) == (party,)
        assert parties_of({str(party.role): [party.party]}) == (party,)


@given(st.lists(party_refs(), max_size=4))
def test_a_text_of_parties_is_parted_by_blanks(names: list[str]) -> None:
    assert [party.party for party in parties_of({"participant": " ".join(names)})] == names


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"boss": "KR"}, "no such role"),
        ({"host": "kr"}, "write 'KR'"),
        (["KR"], "needs its role"),
        ("KR KZ", r"found: 'KR KZ'; write parties=\{\"participant\": \"KR KZ\"\}"),
        ("", "needs its role"),
        (None, "needs its role"),
        (Party("KR", Role.HOST), "write parties=\\(Party"),
        ({"host": 7}, "the parties of a role are text"),
    ],
)
def test_other_parties_are_refused(given: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        parties_of(given)


def test_a_role_is_of_the_vocabulary() -> None:
    with pytest.raises(InvalidValueError, match=r"Role: ORGANISER, HOST, .*write Role\.HOST"):
        Party("KR", "host")  # type: ignore[arg-type]
    assert Party("KR", Role.HOST).subject == "country:KR"


@given(sources())
def test_a_voice_is_the_relayed_publisher_else_the_publisher(source: Source) -> None:
    assert source.voice == publisher_key(source.relays or source.publisher)
    assert hash(source) == hash(source)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"publisher": ""}, "publisher"),
        ({"published": "2016-11-16"}, "published"),
        ({"quote": "x" * 301}, "quote"),
        ({"kind": SourceKind.REPRINT}, "relays"),
        ({"kind": "press"}, "kind"),
        ({"kind": "unheard"}, "kind"),
        ({"language": "english"}, "language"),
        ({"digest": "A" * 64}, "digest"),
        ({"digest": "a" * 63}, "digest"),
        ({"url": "example.org"}, "url"),
        ({"url": "https://exämple.org"}, "url"),
        ({"title": "x" * 501}, "title"),
    ],
)
def test_sources_are_checked(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Source(**{"publisher": "Yonhap", **fields})
    assert caught.value.where == where


def test_publishers_compare_without_case_width_and_blanks() -> None:
    assert publisher_key(" Ｋorea.NET  News") == publisher_key("korea.net news")
    assert publisher_key("Straße") == publisher_key("STRASSE")


def funds(**fields: Any) -> ev.FundsReported:
    given: dict[str, Any] = {"amount": Decimal("10.50"), "currency": "USD", **fields}
    return ev.FundsReported("water", TransactionType.DISBURSEMENT, given.pop("amount"), given.pop("currency"), **given)


@pytest.mark.parametrize(
    ("fields", "where", "hint"),
    [
        ({"amount": 10.5}, "amount", "write Decimal('10.5')"),
        ({"amount": 10}, "amount", "write Decimal('10')"),
        ({"amount": "10"}, "amount", "write Decimal('10')"),
        ({"amount": None}, "amount", None),
        ({"amount": Decimal("NaN")}, "amount", None),
        ({"amount": Decimal("Infinity")}, "amount", None),
        ({"amount": Decimal("1e99")}, "amount", None),
        ({"amount": Decimal("1" * 39)}, "amount", None),
        ({"currency": "usd"}, "currency", "write 'USD'"),
        ({"currency": "XQX"}, "currency", None),
        ({"value_date": "2017"}, "value_date", "write When('2017')"),
        ({"value_date": date(2017, 1, 1)}, "value_date", "write When(...) with EDTF text"),
    ],
)
def test_money_is_exact(fields: dict[str, Any], where: str, hint: str | None) -> None:
    with pytest.raises(InvalidValueError) as caught:
        funds(**fields)
    assert (caught.value.where, caught.value.hint) == (where, hint)


def shares(*pairs: tuple[str, str | None]) -> tuple[ev.SectorShare, ...]:
    return tuple(ev.SectorShare(code, None if share is None else Decimal(share)) for code, share in pairs)


@pytest.mark.parametrize(
    ("vocabulary", "sectors", "why"),
    [
        ("1", (), "no sector"),
        ("1", shares(("14010", None), ("14010", None)), "twice"),
        ("1", shares(("14010", "40"), ("14010", "60")), "twice"),
        ("1", shares(("14010", "50"), ("33210", None)), "some sectors only"),
        ("1", shares(("14010", "50"), ("33210", "49.9")), "sum to 100"),
        ("1", shares(("1401", None)), "5 digits"),
        ("2", shares(("14010", None)), "3 digits"),
        ("7", shares(("18", None)), "1 to 17"),
        ("7", shares(("01", None)), "1 to 17"),
        ("1", ["14010"], "tuple"),
        ("1", ("14010",), "SectorShare"),
    ],
)
def test_sectors_are_checked(vocabulary: str, sectors: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        ev.SectorsClassified("initiative:water", SectorVocabulary(vocabulary), sectors)


@pytest.mark.parametrize("percentage", [Decimal(0), Decimal(101), Decimal(-1), 50, 0.5])
def test_a_percentage_is_in_range(percentage: Any) -> None:
    with pytest.raises(InvalidValueError):
        ev.SectorShare("14010", percentage)


def test_percentages_may_sum_to_a_hundred() -> None:
    thirds = shares(("14010", "33.3"), ("33210", "33.3"), ("12191", "33.4"))
    assert ev.SectorsClassified("initiative:water", SectorVocabulary.DAC_PURPOSE, thirds).sectors == thirds


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: ev.MeetingHeld(), "neither meeting nor series"),
        (lambda: ev.MeetingHeld("forum/10", ordinal=10), "needs its series"),
        (lambda: ev.MeetingHeld(series="forum", ordinal=10), "needs its series"),
        (lambda: ev.MeetingHeld("forum/10", series="forum", ordinal=9), "disagree"),
        (lambda: ev.MeetingHeld("forum/10", series="forum", ordinal=0), "whole number"),
        (lambda: ev.MeetingHeld("forum/10", level="minister"), "write Rank"),  # type: ignore[arg-type]
        (lambda: ev.DelegationAttended("forum/10", "KZ", ranks=["minister"]), "tuple"),  # type: ignore[arg-type]
        (lambda: ev.DelegationAttended("forum/10", "country:KZ"), "bare country"),
        (lambda: ev.AnniversaryMarked("country:KR", "x", True), "whole number"),
        (lambda: ev.AnniversaryMarked("country:KR", "x", 0), "whole number"),
        (lambda: ev.InitiativeDelivered("water", partial="no"), "True or False"),  # type: ignore[arg-type]
        (lambda: ev.NameUsed("person:p-1", "Kim"), "any kind but person"),
        (lambda: ev.WorkPlanAdopted("kcac", "2017"), "write When"),  # type: ignore[arg-type]
        (lambda: ev.InstitutionOpened("institution:kcac"), "already says"),
    ],
)
def test_events_check_their_fields(make: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        make()


def test_ids_of_sessions_agree_with_their_fields() -> None:
    assert ev.MeetingHeld("forum/10", series="forum", ordinal=10).ordinal == 10
    assert ev.MeetingHeld("forum/minister", series="forum", ordinal=10).ordinal == 10
    assert ev.MeetingHeld("other/9", series="forum", ordinal=10).ordinal == 10


@pytest.mark.parametrize("value", [datetime(2017, 1, 2), date(2017, 1, 2), 2017, None, b"2017"])
def test_a_when_is_made_of_text(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="When"):
        When(value)


FUNDS = {"initiative": "water", "amount": Decimal(1), "currency": "USD"}


@pytest.mark.parametrize(
    ("cls", "fields", "expected", "hint"),
    [
        (ev.MeetingHeld, {"level": "vice-minister"}, "Rank: HEAD_OF_STATE, ", None),
        (ev.MeetingHeld, {"level": "minister"}, "Rank: ", "write Rank.MINISTER"),
        (ev.MeetingHeld, {"level": 7}, "Rank: ", None),
        (ev.MeetingHeld, {"meeting": "meeting:x"}, "small letters", "already says that it is a meeting"),
        (Source, {"publisher": "Yonhap", "kind": "blog"}, "SourceKind: PRIMARY, AGENCY, PRESS, REPRINT, ", None),
        (ev.FundsReported, {**FUNDS, "transaction": "3"}, "TransactionType: ", "write TransactionType.DISBURSEMENT"),
        (ev.FundsReported, {**FUNDS, "transaction": "disbursement"}, ": INCOMING_FUNDS, ", "Type.DISBURSEMENT"),
        (ev.DelegationAttended, {"party": "KZ", "ranks": ["minister"]}, "tuple of Rank", "write tuple(…) around it"),
        (ev.DelegationAttended, {"party": "KZ", "ranks": "minister"}, "tuple of Rank", "write (x,) for one"),
        (ev.InitiativeStarted, {"initiative": "initiative:x"}, "small letters", "says that it is an initiative"),
        (ev.InitiativeProgressed, {"initiative": "water", "share": Decimal(140)}, "0 to 100", None),
        (ev.InitiativeProgressed, {"initiative": "water", "share": Decimal(-1)}, "0 to 100", None),
        (ev.InitiativeProgressed, {"initiative": "water", "share": 50}, "Decimal", "write Decimal('50')"),
    ],
)
def test_an_error_says_what_would_have_been_right(
    cls: Any, fields: dict[str, Any], expected: str, hint: str | None
) -> None:
    given = {"meeting": "talks", **fields} if cls in (ev.MeetingHeld, ev.DelegationAttended) else fields
    with pytest.raises(InvalidValueError) as caught:
        cls(**given)
    assert expected in str(caught.value.expected)
    assert hint in str(caught.value.hint) if hint is not None else caught.value.hint is None


@pytest.mark.parametrize("share", ["0", "62.5", "100"])
def test_a_share_is_from_nothing_to_the_whole(share: str) -> None:
    assert ev.InitiativeProgressed("water", Decimal(share)).share == Decimal(share)
