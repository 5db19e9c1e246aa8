"""Files of claims with every fault: each is told with line, column, value and what to do, and nothing is recorded."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger import Ledger
from coop_ledger.domain import REDACTED
from coop_ledger.errors import ClaimFileError, InvalidValueError
from coop_ledger.interchange import BadRow, ClaimRow, load_claims, read_claims
from coop_ledger.interchange.claims.files import MAX_ROW
from tests.interchange.claim_files import HEADER, ROW, problems, refused, written

COLUMNS = [
    "assertion", "event", "when", "stated", "stated by", "country", "where place", "parties", "meeting", "kind",
    "level", "series", "ordinal", "ranks", "party", "initiative", "transaction", "amount", "currency", "partial",
    "share", "subject", "vocabulary", "sectors", "relationship", "language", "note", "source", "published",
    "source kind", "digest", "url", "source 2", "title 2",
]  # fmt: skip
GOOD = {"assertion": "occurred", "event": "meeting.held", "meeting": "m", "source": "Korea.net"}
MONEY = {**GOOD, "event": "initiative.funds-reported", "meeting": "", "initiative": "water", "transaction": "3",
         "amount": "5", "currency": "USD"}  # fmt: skip
THERE = {**GOOD, "event": "meeting.delegation-attended", "party": "KZ"}
SECTORS = {**GOOD, "event": "initiative.sectors-classified", "meeting": "", "subject": "initiative:water",
           "vocabulary": "1", "sectors": "14010"}  # fmt: skip

BAD: list[tuple[dict[str, str], str, str | None]] = [
    ({**GOOD, "assertion": "rumoured"}, "assertion", None),
    ({**GOOD, "assertion": ""}, "assertion", None),
    ({**GOOD, "assertion": "happened"}, "assertion", None),
    ({**GOOD, "event": ""}, "event", None),
    ({**GOOD, "event": "meeting.hold"}, "event", "meeting.held"),
    ({**GOOD, "event": "MeetingHeld"}, "event", None),
    ({**GOOD, "event": "meeting.lunched"}, "event", "of meeting there are held"),
    ({**GOOD, "event": "act.merge"}, "event", None),
    ({**GOOD, "source": ""}, "source", None),
    ({**GOOD, "source": "x" * 121}, "source", None),
    ({**GOOD, "source": "", "published": "2016"}, "source", None),
    ({**GOOD, "title 2": "Second"}, "source 2", None),
    ({**GOOD, "when": "15.11.2016"}, "when", "2016-11-15"),
    ({**GOOD, "when": "November 2016"}, "when", "2016-11"),
    ({**GOOD, "when": "2016-13-01"}, "when", None),
    ({**GOOD, "when": "2016-02-30"}, "when", None),
    ({**GOOD, "when": "soon"}, "when", None),
    ({**GOOD, "when": "9998-01-01"}, "when", "announced"),
    ({**GOOD, "stated": "2016/11/15"}, "stated", "2016-11-15"),
    ({**GOOD, "published": "18 Nov 2016"}, "published", "2016-11-18"),
    ({**GOOD, "country": "South Korea"}, "country", "KR"),
    ({**GOOD, "country": "KOR"}, "country", "KR"),
    ({**GOOD, "country": "kr"}, "country", "KR"),
    ({**GOOD, "country": "XX"}, "country", None),
    ({**GOOD, "country": "UK"}, "country", "GB"),
    ({**GOOD, "where place": "Seoul"}, "where place", "'seoul'"),
    ({**GOOD, "stated by": "Kazakhstan"}, "stated by", "KZ"),
    ({**GOOD, "stated by": "country:KZ"}, "stated by", "KZ"),
    ({**GOOD, "parties": "KR"}, "parties", None),
    ({**GOOD, "parties": "KR host; KZ guest"}, "parties", None),
    ({**GOOD, "parties": "KR host; South Korea participant"}, "parties", "KR"),
    ({**GOOD, "parties": "KR host; KR host"}, "parties", None),
    ({**GOOD, "parties": "KR host, KZ participant"}, "parties", "semicolons"),
    ({**GOOD, "parties": "QQ host"}, "parties", None),
    ({**GOOD, "meeting": ""}, "meeting", "name the meeting"),
    ({**GOOD, "meeting": "The Forum"}, "meeting", "'the-forum'"),
    ({**GOOD, "meeting": "meeting:forum"}, "meeting", "forum"),
    ({**GOOD, "level": "ministerial"}, "level", "minister"),
    ({**GOOD, "series": "s", "ordinal": "tenth"}, "ordinal", None),
    ({**GOOD, "series": "s", "ordinal": "0"}, "ordinal", None),
    ({**GOOD, "ordinal": "10.0"}, "ordinal", None),
    ({**GOOD, "initiative": "water"}, "initiative", None),
    ({**GOOD, "partial": "yes"}, "partial", None),
    ({**GOOD, "source kind": "reprint"}, "relays", None),
    ({**GOOD, "source kind": "newspaper"}, "source kind", None),
    ({**GOOD, "digest": "abc"}, "digest", None),
    ({**GOOD, "url": "korea.net"}, "url", None),
    ({**GOOD, "note": "x" * 4_001}, "note", None),
    ({**MONEY, "amount": "1,000"}, "amount", "thousands"),
    ({**MONEY, "amount": "1e3"}, "amount", None),
    ({**MONEY, "transaction": "payment"}, "transaction", None),
    ({**MONEY, "currency": "Dollar"}, "currency", None),
    ({**THERE, "ranks": "minister; boss"}, "ranks", None),
    ({**THERE, "party": ""}, "party", "meeting.delegation-attended must say it"),
    ({**THERE, "party": "Kazakhstan"}, "party", "KZ"),
    ({**SECTORS, "sectors": "14010 60%; 33210"}, "sectors", None),
    ({**SECTORS, "sectors": '[{"code":'}, "sectors", None),
    ({**SECTORS, "vocabulary": "oecd"}, "vocabulary", None),
    ({**SECTORS, "meeting": "m"}, "meeting", "'subject', as meeting:…; where it happened stands under 'where meeting'"),
    ({**SECTORS, "initiative": "water"}, "initiative", "'subject', as initiative:…"),
]


def cell(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if set(text) & set('",\n') else text


def table(rows: list[dict[str, str]]) -> str:
    return "".join(
        ",".join(cell(row.get(name, "")) for name in COLUMNS) + "\n" for row in [{n: n for n in COLUMNS}, *rows]
    )


def test_every_bad_row_is_told_with_line_column_value_and_hint() -> None:
    rows = [row for bad, _, _ in BAD for row in (GOOD, bad)]
    error = refused(io.StringIO(table(rows)))
    assert len(BAD) >= 50
    assert error.count == len(error.problems)
    for at, (row, column, hint) in enumerate(BAD):
        told = [one for one in error.problems if one.line == 2 * at + 3]
        assert told, row
        (one,) = [one for one in told if one.column == column]
        assert one.what
        value = row.get(column, "")
        if value and column != "note":
            assert one.value == json.dumps(value, ensure_ascii=False)[:80]
        assert value != "x" * 4_001 or one.value == "a text of 4001 characters"
        if hint is not None:
            assert hint in str(one.hint)
            assert hint in str(one)
    assert {one.line for one in error.problems} == {2 * at + 3 for at in range(len(BAD))}


def test_an_unknown_event_hides_nothing_else() -> None:
    told = problems("assertion,event,when,source\nrumoured,meeting.hold,soon,\n")
    assert {one.column for one in told} == {"event", "assertion", "when", "source"}


def test_good_rows_among_bad_ones_are_read() -> None:
    rows = list(read_claims(io.StringIO(table([GOOD, BAD[0][0], GOOD]))))
    assert [type(row) for row in rows] == [ClaimRow, BadRow, ClaimRow]
    assert [row.line for row in rows] == [2, 3, 4]
    assert rows[1].text.startswith("rumoured,meeting.held,")


def test_the_first_thousand_faults_are_listed_and_all_are_counted() -> None:
    error = refused(io.StringIO(HEADER + "planned,institution.opened,Off,2017,x\n" * 1_500))
    assert (len(error.problems), error.count) == (1_000, 1_500)
    assert "1,500 faults in 1,500 rows" in str(error)


@pytest.mark.parametrize(
    ("first", "column", "hint"),
    [
        ("assertion,event,institution,source,whn", "whn", "'when'"),
        ("assertion,event,publisher,source", "publisher", "'source'"),
        ("assertion,event,source,colour of the sky", "colour of the sky", "name it 'note' to record it"),
        ("assertion,event,source,When,when", "when", "keep one"),
        ("assertion,event,source,source 1", "source", "keep one"),
        ("assertion,event", "source", "add it"),
        ("event,source", "assertion", "add it"),
    ],
)
def test_a_first_line_that_is_off_is_told_by_column(first: str, column: str, hint: str) -> None:
    (one,) = problems(f"{first}\nx,y,z\n")
    assert (one.line, one.column) == (1, column)
    assert hint in str(one.hint)


@pytest.mark.parametrize(
    ("data", "said", "hint"),
    [
        (b"", "empty", "first|names the columns"),
        (b" \r\n \n", "empty", "names"),
        (b"\xef\xbb\xbf", "empty", "names"),
        (HEADER.encode(), "no claim in the file", "None"),
        (b"[]", "no claim in the file", "None"),
        (b"PK\x03\x04zip", "no file of claims", "CSV UTF-8"),
        (HEADER.encode("utf-16"), "no file of claims", "UTF-8"),
        (HEADER.encode("utf-16-le"), "no file of claims", "UTF-8"),
        (HEADER.encode("utf-16-be"), "no file of claims", "UTF-8"),
        (b"SQLite format 3\x00", "no file of claims", "opened"),
        (b'{"format":"coop-ledger-bundle","openings"', "no file of claims", "from_bundle"),
        (b"just words", "does not name the columns", "claims.md"),
        (b'"assertion\n', "first line cannot be read", "claims.md"),
        (b"assertion\xff,event\n", "first line cannot be read", "claims.md"),
        (b"[1", "broken", "ends too early"),
        (b'[{"a": 1} {"b": 2}]', "broken", "found"),
        (b'[{"a"', "broken", "None|colon|delimiter"),
        (b"[" * 5_000 + b"]" * 5_000, "deep|broken|longer", ""),
        (b'{"claims": [], "claims": []}', "twice", ""),
        (b'{"claim": []}', "no such key", "claims"),
        (b'{"title": "x"}', "no claims", ""),
        (b'{"claims": [], "sources": {}}', "behind", "before"),
        (b'{"sources": [], "claims": []}', "an object", ""),
        (b'{"sources": {"a": 1.5}, "claims": []}', "cannot be read", ""),
        (b'{"claims": []} x', "something follows", "ndjson"),
        (b"{1: 2}", "a key is text", ""),
        (b'{"\\ud800": 2}', "surrogate", ""),
        (b'{"title": ', "broken", ""),
        (b'{"claims": [1 ', "broken", ""),
        (b'["' + b"x" * 1_500_000 + b'"]', "longer|claim", ""),
        (b'["' + b"x" * 1_500_000, "longer", ""),
        (b'[{"assertion": "\xff"}]', "not UTF-8", "UTF-8"),
    ],
)
def test_a_file_that_is_none_of_claims_is_refused(data: bytes, said: str, hint: str) -> None:
    error = refused(io.BytesIO(data))
    assert any(part in str(error) for part in said.split("|")), str(error)
    assert any(part in str(error.hint) for part in hint.split("|")), str(error.hint)


def test_places_that_hold_no_file_are_refused(tmp_path: Path) -> None:
    assert "folder" in str(refused(tmp_path))
    assert "no such file" in str(refused(tmp_path / "none.csv"))
    stream = io.BytesIO(b"x")
    stream.close()
    assert "cannot be read" in str(refused(stream))
    for given_source in (5, None, b"x"):
        with pytest.raises(InvalidValueError):
            list(read_claims(given_source))  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="'csv'"):
        list(read_claims(io.StringIO(HEADER), format="cvs"))


def test_a_pipe_is_read_once_and_used_twice(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, (HEADER + ROW).encode())
    os.close(write)
    assert len(load_claims(f"/dev/fd/{read}")) == 1
    os.close(read)


@pytest.mark.parametrize(
    ("row", "said", "hint"),
    [
        (b"planned,institution.opened,k,2017,\xe9t\xe9\n", "0xe9", "UTF-8"),
        (b"planned,institution.opened,k\x00,2017,x\n", "U+0000", "take it out"),
        (b"planned,institution.opened,k,2017,x,more\n", "6 cells", "quotation"),
        (b"planned,institution.opened,k,2017\n", "4 cells", "empty cells"),
        (b'planned,institution.opened,k,2017,"x" y\n', "closing quotation", "double"),
        (b"planned,institution.opened,k,2017,x\ry\n", "carriage return", "line ends"),
        (b'planned,institution.opened,k,2017,"' + b"x" * 70_000 + b'"\n', "at most 65,535", "None"),
        (b'planned,institution.opened,k,2017,"' + b"x" * 200_000 + b'"\n', "longer than 65,535", "quotation"),
        (b"planned,institution.opened,k,2017," + b"x" * 10_000_000 + b"\n", "longer than 1,048,576 bytes", "quotation"),
    ],
    ids=lambda one: str(one)[-20:] if isinstance(one, bytes) else one,
)
def test_a_row_that_is_no_row_hides_no_other(row: bytes, said: str, hint: str) -> None:
    told = problems(HEADER.encode() + ROW.encode() + row + b"planned,institution.opened,Off,2017,x\n")
    assert [one.line for one in told] == [3, 4]
    assert said in told[0].what
    assert hint in str(told[0].hint)


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_words_that_were_erased_are_never_recorded(format: str) -> None:
    (one,) = load_claims(io.StringIO(HEADER + ROW))
    erased: Any = attrs.evolve(one, note=REDACTED)  # type: ignore[misc]
    for dry_run in (True, False):
        (told,) = problems(written([erased], format), dry_run=dry_run)
        assert told.what == "a text that was erased cannot be recorded"


def test_a_line_of_json_that_is_no_text_hides_no_other() -> None:
    told = problems(b'{"a": "\xff"}\n\n{"a": 1}\n', format="ndjson")
    assert told[0].line == 1
    assert "0xff" in told[0].what
    assert {one.line for one in told[1:]} == {3}


def test_a_quotation_mark_that_is_not_closed_is_told_where_it_opens() -> None:
    (one,) = problems(HEADER + ROW + 'planned,institution.opened,"k,2017,x\n' + ROW)
    assert (one.line, one.what) == (3, "a quotation mark is not closed")


def test_a_long_row_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(HEADER.encode() + b"x" * 50_000_000 + b"\n")
    tracemalloc.start()
    refused(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * MAX_ROW
    tracemalloc.stop()


def test_what_is_forgiven() -> None:
    table_text = (
        "\ufeff\r\n ASSERTION ;;Event;Institution; When;Source ;source-kind\r\n;;;;;;\r\n\r\n"
        ' Planned ;; institution.opened;" kcac-secretariat";2017 ; Korea.net; \r\n'
    )
    assert load_claims(io.StringIO(table_text)) == load_claims(io.StringIO(HEADER + ROW))


def test_values_never_steer_a_terminal() -> None:
    (one,) = problems(HEADER + "planned,institution.opened,a\x1b[31m\u202eb,2017,x\n")
    assert "\x1b" not in str(one)
    assert "\u202e" not in str(one)
    (row,) = problems("assertion,event,\x1b[31mx,source\na,b,c,d\n")
    assert "\x1b" not in str(row)


def said(event: dict[str, str], source: Any = None) -> str:
    event = {"type": "institution.opened", **event}
    return json.dumps({"assertion": "PLANNED", "event": event, "sources": [source or {"publisher": "x"}]})


@pytest.mark.parametrize(
    ("claim", "column", "told_so"),
    [
        ('{"assertion": "PLANNED", "assertion": "PLANNED"}', "", "twice"),
        ("[1]", "", "an object"),
        ('{"a": 1.5}', "", "a fraction"),
        ("[" * 40 + "]" * 40, "", "deep"),
        (said({"institution": "K"}), "/event/institution", "off the grammar"),
        (said({"institution": "k", "place": "x"}), "/event/place", "no such field"),
        (said({"institution": "k"}, "a"), "/sources/0", "an object"),
    ],
)
def test_claims_in_json_are_told_by_their_place(claim: str, column: str, told_so: str) -> None:
    good = (
        '{"assertion":"PLANNED","event":{"type":"institution.opened","institution":"k"},"sources":[{"publisher":"x"}]}'
    )
    told = [one for one in problems(f"{good}\n{claim}\n{good}\n", format="ndjson") if one.column == column]
    assert [(one.line, one.column) for one in told] == [(2, column)]
    assert told_so in told[0].what
    if not claim.startswith("["):
        assert problems(f"[\n{claim},\n{good}]", format="json")[0].line == 2


def test_a_source_that_the_document_lacks_is_told() -> None:
    event = {"type": "institution.opened", "institution": "k"}
    claim = {"assertion": "PLANNED", "event": event, "sources": ["korea-ne"]}
    (one,) = problems(json.dumps({"sources": {"korea-net": {"publisher": "x"}}, "claims": [claim]}))
    assert (one.column, one.value, one.hint) == ("/sources/0", '"korea-ne"', "did you mean 'korea-net'?")


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for before in (b"", HEADER.encode(), b"[", b'{"claims": ['):
        with suppress(ClaimFileError):
            list(read_claims(io.BytesIO(before + data)))


@given(
    st.lists(
        st.sampled_from(
            ["assertion", "event", "a", '"', ",", ";", "\t", "\n", "\r\n", "'", "[", "=", "KR host", *ROW.split(",")]
        ),
        max_size=40,
    )
)
def test_any_rows_are_read_or_told(parts: list[str]) -> None:
    for row in read_claims(io.StringIO(HEADER + ROW + "".join(parts))):
        assert isinstance(row, ClaimRow) or (row.problems and all(one.line >= 2 for one in row.problems))


def test_nothing_is_recorded_into_a_ledger_with_entries() -> None:
    ledger = Ledger.in_memory()
    ledger.record(*load_claims(io.StringIO(HEADER + ROW)))
    refused(io.StringIO(HEADER + ROW * 3 + "x,y,z,a,b\n"), ledger)
