"""The pages on files of claims: the schema knows what is written, the template and the rows of the page are read."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from docs.claims import schema
from docs.generate import REFERENCE
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger import Claim
from coop_ledger.codec import claim_to_plain
from coop_ledger.domain import EVENT_TYPES
from coop_ledger.interchange import load_claims
from coop_ledger.interchange.claims.columns import COLUMNS, EVENTS, column_of
from coop_ledger.testing import claims
from tests.interchange.claim_files import written
from tests.shared import ROOT

SCHEMA: dict[str, Any] = json.loads((REFERENCE / "claims.schema.json").read_text(encoding="utf-8"))
KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
KNOWN = {
    "$ref", "$schema", "$defs", "title", "description", "type", "const", "enum", "pattern", "minLength", "maxLength",
    "minItems", "items", "anyOf", "oneOf", "properties", "required", "additionalProperties",
}  # fmt: skip


def fits(value: Any, rule: Any) -> bool:
    """Whether a value fits a schema: of JSON Schema what ours uses, and nothing unknown passed over."""
    if isinstance(rule, bool):
        return rule
    assert rule.keys() <= KNOWN, rule.keys() - KNOWN
    if "$ref" in rule and not fits(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")]):
        return False
    if "type" in rule and type(value) is not KINDS[rule["type"]]:
        return False
    if ("const" in rule and value != rule["const"]) or ("enum" in rule and value not in rule["enum"]):
        return False
    if "anyOf" in rule and not any(fits(value, one) for one in rule["anyOf"]):
        return False
    if "oneOf" in rule and sum(fits(value, one) for one in rule["oneOf"]) != 1:
        return False
    if isinstance(value, str):
        long = rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value))
        return long and re.search(rule.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return len(value) >= rule.get("minItems", 0) and all(fits(one, rule.get("items", True)) for one in value)
    if isinstance(value, dict):
        properties, others = rule.get("properties", {}), rule.get("additionalProperties", True)
        known = all(fits(one, properties.get(key, others)) for key, one in value.items())
        return known and value.keys() >= set(rule.get("required", ()))
    return True


def test_the_shipped_schema_is_the_made_one() -> None:
    assert schema() == SCHEMA
    assert set(SCHEMA["$defs"]) >= set(EVENTS)


@given(st.lists(claims(), min_size=1, max_size=2))
def test_what_is_written_fits_the_schema(kept: list[Claim]) -> None:
    assert fits(json.loads(written(kept, "json")), SCHEMA)
    for line in written(kept, "ndjson").splitlines():
        assert fits(json.loads(line), SCHEMA)


@given(claims(), st.data())
def test_what_lacks_or_has_too_much_does_not_fit(one: Claim, data: st.DataObject) -> None:
    plain = claim_to_plain(one)
    spoiled = data.draw(
        st.sampled_from(
            [
                {**plain, "assertion": "RUMOURED"},
                {**plain, "colour": "blue"},
                {**plain, "sources": []},
                {**plain, "event": {**plain["event"], "type": "summit.dreamt"}},
                {**plain, "event": {**plain["event"], "colour": "blue"}},
                {**plain, "event": {"type": plain["event"]["type"]}},
                {**plain, "when": 2016},
                {**plain, "parties": [{"party": "KR"}]},
                {key: value for key, value in plain.items() if key != "sources"},
            ]
        )
    )
    assert not fits([spoiled], SCHEMA)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_says_nothing_does_not_fit(name: str) -> None:
    plain = {"assertion": "PLANNED", "sources": [{"publisher": "Korea.net", "published": "2016-11-18"}]}
    assert not fits([{**plain, "event": {"type": name}}], SCHEMA)


def test_the_shipped_record_fits_the_schema() -> None:
    assert fits(json.loads((ROOT / "examples" / "korea-central-asia-2016.json").read_text(encoding="utf-8")), SCHEMA)


def test_the_template_has_every_column() -> None:
    names = (REFERENCE / "claims-template.csv").read_text(encoding="utf-8").strip().split(",")
    columns = [column_of(name) for name in names]
    assert None not in columns
    assert {column.name for column in columns if column is not None} >= set(COLUMNS)


@pytest.mark.parametrize("cls", EVENT_TYPES, ids=lambda cls: cls.__name__)
def test_the_page_has_a_row_for_every_event(cls: Any) -> None:
    page = (REFERENCE / "claims.md").read_text(encoding="utf-8")
    name = next(name for name, one in EVENTS.items() if one is cls)
    table = page.partition(f"### {name}\n")[2].partition("```csv\n")[2].partition("```")[0]
    (claim,) = load_claims(io.StringIO(table))
    assert type(claim.event) is cls
