"""Claims out and in again: three spellings, either way of reading, files that others saved."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger import Claim, Correction, Ledger, Retraction, RetractionReason
from coop_ledger.codec import claim_to_plain, sealed_paths
from coop_ledger.domain import EVENT_TYPES, REDACTED, Redaction
from coop_ledger.interchange import BadRow, ClaimFormat, export_claims, import_claims, load_claims, read_claims
from coop_ledger.interchange.claims.cells import guarded, unguarded
from coop_ledger.interchange.claims.columns import EVENT_COLUMNS, check_columns, column_of
from coop_ledger.interchange.claims.quick import Quick
from coop_ledger.testing import claims, erased, events_of
from coop_ledger.testing.values import prose
from tests.interchange.claim_files import HEADER, ROW, rewritten, written
from tests.shared import ROOT

FORMATS = list(ClaimFormat)
RECORD = ROOT / "examples" / "korea-central-asia-2016.json"


@pytest.mark.parametrize("format", FORMATS)
@given(st.lists(claims(), min_size=1, max_size=4))
def test_what_is_written_reads_as_it_was(format: str, given_claims: list[Claim]) -> None:
    assert load_claims(io.BytesIO(written(given_claims, format))) == given_claims


@pytest.mark.parametrize("cls", EVENT_TYPES, ids=lambda cls: cls.__name__)
@settings(max_examples=10)
@given(st.data())
def test_every_event_has_its_columns(cls: Any, data: st.DataObject) -> None:
    one = data.draw(claims(of=events_of(cls)))
    assert load_claims(io.BytesIO(written([one], "csv"))) == [one]


@given(st.lists(claims(), min_size=1, max_size=3), st.sampled_from(",;\t"), st.randoms())
def test_a_table_that_another_program_saved_reads_the_same(kept: list[Claim], delimiter: str, random: Any) -> None:
    table = rewritten(written(kept, "csv"), delimiter, lambda column: random.random())
    assert load_claims(io.BytesIO(table)) == kept


@given(st.lists(claims(), min_size=1, max_size=4))
def test_the_quick_and_the_slow_way_agree(kept: list[Claim]) -> None:
    table = written(kept, "csv")
    quick, Quick.claim = Quick.claim, lambda self, cells: None  # type: ignore[method-assign]
    try:
        slowly = load_claims(io.BytesIO(table))
    finally:
        Quick.claim = quick  # type: ignore[method-assign]
    assert slowly == load_claims(io.BytesIO(table)) == kept


@given(st.text() | prose() | st.text("'=+-@ \t\r\n[redacted]", max_size=8))
def test_a_guarded_cell_is_no_formula_and_reads_as_it_was(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text if text.strip() else True
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("format", FORMATS)
def test_the_record_of_2016_comes_back(format: str) -> None:
    kept = load_claims(RECORD)
    assert len(kept) == 87
    ledger = Ledger.in_memory()
    ledger.record(*kept)
    data = b"".join(export_claims(ledger, format))
    assert data == b"".join(export_claims(ledger.at(), format))
    assert load_claims(io.BytesIO(data), format=format) == kept


def test_the_table_of_the_record_of_2016_says_the_same() -> None:
    by_table, by_document = Ledger.in_memory(), Ledger.in_memory()
    import_claims(by_table, RECORD.with_suffix(".csv"))
    import_claims(by_document, RECORD)
    assert by_table.size == 87
    assert [entry.body for entry in by_table.entries()] == [entry.body for entry in by_document.entries()]


def bodies(ledger: Ledger) -> Iterator[Any]:
    return (entry.body for entry in ledger.entries())


def test_claims_are_exported_as_they_count() -> None:
    first, second, third = load_claims(RECORD)[:3]
    ledger = Ledger.in_memory()
    ids = ledger.record(first, second).ids
    ledger.record(Retraction(ids[0], RetractionReason.WRONG), Correction(ids[1], third, "It was another."))
    data = b"".join(export_claims(ledger))
    assert load_claims(io.BytesIO(data)) == [third]
    assert import_claims(ledger, io.BytesIO(data)).new == 0
    assert import_claims(ledger, io.BytesIO(written([first, second], "csv"))).new == 0


@pytest.mark.parametrize("format", FORMATS)
def test_erased_words_stand_as_erased_and_are_never_read_as_text(format: str) -> None:
    noted = next(one for one in load_claims(RECORD) if one.note is not None)
    ledger = Ledger.in_memory()
    entry = ledger.record(noted).ids[0]
    ledger.record(Redaction(entry, ("/note",), "erasure", "law"))
    data = b"".join(export_claims(ledger, format))
    assert str(noted.note).encode() not in data
    assert b"redacted" in data
    (row,) = read_claims(io.BytesIO(data))
    assert not isinstance(row, BadRow)
    assert row.claim.note is REDACTED
    # neither the file with the words nor the one without brings a second entry, or the words back
    assert import_claims(ledger, io.BytesIO(data)).known == 1
    assert import_claims(ledger, io.BytesIO(written([noted], format))).known == 1
    assert ledger.size == 2


@given(claims(), st.data())
def test_a_text_that_looks_erased_is_a_text(one: Claim, data: st.DataObject) -> None:
    given_claim: Any = one
    odd = attrs.evolve(given_claim, note=data.draw(st.sampled_from(("[redacted]", "'[redacted]", " [redacted] "))))
    for format in FORMATS:
        assert load_claims(io.BytesIO(written([odd], format))) == [odd]


@given(claims(), st.data())
def test_claims_with_erased_words_read_as_they_are(whole: Claim, data: st.DataObject) -> None:
    one = erased(whole, data.draw(st.lists(st.sampled_from(sealed_paths(whole) or ("/note",)))))
    assert isinstance(one, Claim)
    for format in FORMATS:
        assert load_claims(io.BytesIO(written([one], format))) == [one]


def test_json_may_name_sources_once_and_assertions_in_any_case() -> None:
    plain = claim_to_plain(load_claims(io.StringIO(HEADER + ROW))[0])
    source = plain["sources"][0]
    document = {"title": "x", "sources": {"a": source}, "claims": [{**plain, "assertion": "planned", "sources": ["a"]}]}
    assert load_claims(io.StringIO(json.dumps(document, indent=2))) == load_claims(io.StringIO(HEADER + ROW))


def test_columns_have_one_meaning() -> None:
    for name in (*EVENT_COLUMNS, "where_place", "source_kind_2"):
        column = column_of(name.upper().replace("_", " - "))
        assert column is not None
        assert column.name == name
    with pytest.raises(RuntimeError, match="quote"):
        check_columns(("quote",))
    with pytest.raises(RuntimeError, match="level_2"):
        check_columns(("level_2",))
