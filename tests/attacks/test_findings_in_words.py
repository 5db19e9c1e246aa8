"""Whatever stands in whatever column of a hostile file, and whatever in a leaf: each finding is in words."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coop_ledger.audit import verify
from coop_ledger.audit.opening import Text
from coop_ledger.audit.structure import told
from tests.attacks.tools import attacked, loosened, readable, rewrite, settle

COLUMNS = {
    "entries": ("hash", "id", "leaf"),
    "head": ("origin", "size", "grows_to", "recorded_at", "frontier"),
    "labels": ("text", "number"),
    "labelled": ("position", "number"),
    "once": ("key", "place", "position"),
    "openings": ("blob",),
}
VALUES = ("NULL", "7", "1.5", "9e999", "'zz'", "x'7a7a'", "CAST(x'ff' AS TEXT)")


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_every_column_with_every_kind_of_value(ledger: Path, table: str) -> None:
    whole = ledger.read_bytes()
    for column in COLUMNS[table]:
        for value in VALUES:
            ledger.write_bytes(whole)
            with loosened(ledger) as db, suppress(sqlite3.IntegrityError):  # what no row can hold under its key
                db.execute(f"UPDATE OR IGNORE {table} SET {column} = {value}")
            for finding in verify(ledger).findings:
                readable(finding)


def test_a_key_that_is_no_text_is_told_as_what_it_is(ledger: Path) -> None:
    with loosened(ledger) as db:
        db.execute("UPDATE once SET key = x'7a7a' WHERE key = 'alone'")
    found = [finding.found for finding in verify(ledger).findings if finding.code == "T30"]
    assert found == ["key: the blob 7a7a (2 bytes), place: the number 0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (-7, "the number -7"),
        (1.5, "the number 1.5"),
        (Text(b"zz"), "the text zz"),
        (Text(b"\xff"), "the text \N{REPLACEMENT CHARACTER}"),
        (b"", "the blob  (0 bytes)"),
        (b"z" * 100, f"the blob {'7a' * 64}… (100 bytes)"),
    ],
)
def test_values_are_told_by_what_they_are(value: object, text: str) -> None:
    assert told(value) == text


ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -5, 2**53 - 1, "", "zz", [], [None], ["a", 1], {}, {"a": None}, [[{}]]]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(data=st.data())
@example(data=None)
def test_every_key_of_a_leaf_with_every_kind_of_value(ledger: Path, template: Path, data: Any) -> None:
    """At any depth of the leaf, found by Hypothesis; the attacker makes hashes and head anew."""
    ledger.write_bytes(template.read_bytes())
    position = 6 if data is None else data.draw(st.integers(0, 11))

    def change(leaf: dict[str, Any]) -> None:
        place: Any = leaf
        if data is None:
            leaf["body"]["target"] = ["a", None]
            return
        while True:
            key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
                place = place[key]
                continue
            place[key] = data.draw(ODD)
            return

    with attacked(ledger) as db:
        rewrite(db, position, change)
        settle(db)
    report = verify(ledger)
    for finding in report.findings:
        readable(finding)
    again = json.loads(report.as_json())
    assert [one["found"] for one in again["findings"]] == [finding.found for finding in report.findings]


def test_the_words_are_looked_at(ledger: Path) -> None:
    """The rule of these tests bites: Python's spelling of values is none of ours."""
    (finding, *_) = verify(ledger.with_name("none")).findings
    readable(finding)
    for spoiled in ("[(b'zz', 0)]", "b'zz'", "('a',)", "['a']", "None", "{'a': 1}", "x=True", '["a", None]'):
        with pytest.raises(AssertionError, match=re.escape("Finding(")):
            readable(attrs.evolve(finding, found=spoiled))
    for fine in ('["a", null]', '{"a": 1}', "position 7 (line 3)", "head.size", "key: the text b, place: NULL"):
        readable(attrs.evolve(finding, found=fine))
