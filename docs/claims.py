"""The pages on files of claims: columns, template and JSON Schema, all from the declarations of events."""

from __future__ import annotations

import enum
import json
from typing import Any, get_args, get_type_hints

import attrs

from coop_ledger.codec import wire_name
from coop_ledger.domain import Assertion, Claim, FieldSpec, Role, Source, When, Where, field_specs
from coop_ledger.domain.events import MeetingHeld
from coop_ledger.interchange import ClaimFormat
from coop_ledger.interchange.claims.cells import MAX_CELL
from coop_ledger.interchange.claims.columns import (
    CLAIM_COLUMNS,
    COLUMNS,
    EVENT_COLUMNS,
    EVENTS,
    REMARK,
    SOURCE_COLUMNS,
    WHERE_COLUMNS,
    numbered_column,
    shown,
)
from coop_ledger.interchange.claims.exporting import written_claims
from coop_ledger.interchange.claims.files import MAX_ROW
from coop_ledger.interchange.claims.rows import MAX_PROBLEMS
from coop_ledger.testing.tour import tour
from docs.telling import told_on_a_page

__all__ = ["claims_page", "schema", "schema_page", "template_page"]

_SHAPES: dict[str, dict[str, Any]] = {
    "label": {"type": "string", "minLength": 1},
    "party": {"type": "string", "pattern": "^([A-Z]{2}|[a-z]+:[a-z0-9/-]+|relationship:[A-Z]{2}-[A-Z]{2})$"},
    "subject id": {"type": "string", "pattern": "^[a-z]+:[A-Za-z0-9/-]+$"},
    "country slug": {"type": "string", "pattern": "^[A-Z]{2}$"},
    "relationship slug": {"type": "string", "pattern": "^[A-Z]{2}-[A-Z]{2}$"},
    "text": {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/redacted"}]},
    "decimal": {"type": "string", "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$"},
    "percent": {"type": "string", "pattern": "^(0|[1-9][0-9]*)(\\.[0-9]+)?$"},
    "whole number": {"type": "integer"},
    "yes/no": {"type": "boolean"},
    "When": {"type": "string", "minLength": 1, "maxLength": 200},
    "Where": {"$ref": "#/$defs/Where"},
    "Party": {"$ref": "#/$defs/Party"},
    "Source": {"$ref": "#/$defs/Source"},
    "SectorShare": {"$ref": "#/$defs/SectorShare"},
}
_SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$"}


def _codes(cls: type, field: str) -> type[enum.StrEnum] | None:
    """The vocabulary of a field, if it has one."""
    hint = get_type_hints(cls)[field]
    kinds = [hint, *get_args(hint), *(inner for one in get_args(hint) for inner in get_args(one))]
    return next((one for one in kinds if isinstance(one, type) and issubclass(one, enum.StrEnum)), None)


def _shape(cls: type, field: str, spec: FieldSpec) -> dict[str, Any]:
    if spec.type.endswith(" …"):
        inner = _shape(cls, field, FieldSpec(spec.type.removesuffix(" …"), ""))
        return {"type": "array", "minItems": 1, "items": inner}
    if spec.type in _SHAPES:
        return _SHAPES[spec.type]
    if spec.type.endswith(" slug"):
        return _SLUG
    codes = _codes(cls, field)
    assert codes is not None, f"{cls.__name__}.{field}"
    return {"enum": [code.value for code in codes]}


def _object(cls: Any, **more: dict[str, Any]) -> dict[str, Any]:
    """The schema of a declared class."""
    properties = {
        name: {**_shape(cls, name, spec), "description": spec.means}
        for name, spec in field_specs(cls).items()
        if name not in more
    }
    needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    return {
        "type": "object",
        "properties": {**more, **properties},
        "required": [*more, *(name for name in needed if name not in more)],
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """The JSON Schema of claims in JSON."""
    events = {
        name: {**_object(cls, type={"const": name}), "title": cls.__name__} for name, cls in EVENTS.items()
    }  # fmt: skip
    # a whole series is denied without a meeting, but no event is of neither
    events[wire_name(MeetingHeld)]["anyOf"] = [{"required": ["meeting"]}, {"required": ["series"]}]
    claim = _object(Claim, event={"oneOf": [{"$ref": f"#/$defs/{name}"} for name in events]})
    claim["properties"]["sources"]["items"] = {"anyOf": [{"$ref": "#/$defs/Source"}, {"type": "string"}]}
    claim["properties"][REMARK] = {"description": "for who keeps the file; not recorded"}
    claim["required"] = ["assertion", "event", "sources"]
    claims = {"type": "array", "items": {"$ref": "#/$defs/Claim"}}
    document = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "about": {"type": "string"},
            "sources": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Source"}},
            "claims": claims,
        },
        "required": ["claims"],
        "additionalProperties": False,
    }
    party = _object_of({"party": _SHAPES["party"], "role": {"enum": [role.value for role in Role]}}, 2)
    share = _object_of({"code": _SHAPES["label"], "percentage": _SHAPES["percent"]}, 1)
    parts = {"Claim": claim, "Where": _object(Where), "Party": party, "Source": _object(Source), "SectorShare": share}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Claims of coop_ledger",
        "description": "A list of claims, a document of them, or one claim, as on a line of JSON Lines.",
        "anyOf": [claims, document, {"$ref": "#/$defs/Claim"}],
        "$defs": {**parts, "redacted": _object_of({"redacted": {"const": True}}, 1), **events},
    }


def _object_of(properties: dict[str, Any], needed: int) -> dict[str, Any]:
    required = list(properties)[:needed]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def schema_page() -> str:
    """The schema as a file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def template_page() -> str:
    """A table with every column, those of a second source too, and no row."""
    second = [numbered_column(field, 2).name for field in SOURCE_COLUMNS]
    return ",".join(shown(name) for name in (*COLUMNS, *second)) + "\n"


def _example(cls: type) -> str:
    """A row of an event with all its fields."""
    full = next(
        entry.body.event
        for history in tour()
        for entry in history
        if isinstance(entry.body, Claim) and type(entry.body.event) is cls and entry.body.where is not None
    )
    claim = Claim(Assertion.OCCURRED, full, When("2016-11-15"), sources=(Source("Korea.net", When("2016-11-18")),))
    return b"".join(written_claims(lambda: iter([claim]), ClaimFormat.CSV)).decode()


def _rows() -> list[str]:
    """The table of columns."""
    lines = ["| column | type | | what it means |", "| --- | --- | --- | --- |"]
    lines.append(f"| `{REMARK}` | text | optional | for who keeps the file; not recorded |")
    for cls, columns in (
        (Claim, {name: name for name in CLAIM_COLUMNS}),
        (Where, WHERE_COLUMNS),
        (Source, SOURCE_COLUMNS),
    ):
        for field, column in columns.items():
            spec = field_specs(cls)[field]
            mark = "" if column in ("assertion", "event", "source") else "optional"
            means = "its wire name, see below" if column == "event" else told_on_a_page(spec.means)
            lines.append(f"| `{shown(column)}` | {spec.type} | {mark} | {means} |")
    return [*lines, ""]


def _event_rows() -> list[str]:
    lines = ["| column | type | events |", "| --- | --- | --- |"]
    for field in EVENT_COLUMNS:
        types: dict[str, list[str]] = {}
        for name, cls in EVENTS.items():
            if field in field_specs(cls):
                types.setdefault(field_specs(cls)[field].type, []).append(f"`{name}`")
        for kind, names in types.items():
            listed = ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
            lines.append(f"| `{shown(field)}` | {kind} | {listed} |")
    return [*lines, ""]


def claims_page() -> str:
    """Columns, spellings, limits and errors of files of claims, and a row for every event."""
    lines = [*_TEXT.format(row=f"{MAX_ROW:,}", cell=f"{MAX_CELL:,}", problems=f"{MAX_PROBLEMS:,}").splitlines(), ""]
    at = lines.index("<columns>")
    lines[at : at + 1] = _rows()
    at = lines.index("<fields>")
    lines[at : at + 1] = _event_rows()
    lines += ["## A row for every event", ""]
    for name, cls in EVENTS.items():
        lines += [f"### {name}", "", "```csv", *_example(cls).splitlines(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


_TEXT = """---
kind: reference
---
# Files of claims

Written by `make docs`; never edited by hand.
A file of claims is what people keep: a table that a spreadsheet saves as CSV, JSON, or JSON Lines.
One row is one claim: one event in one report by one voice.
[How to import a spreadsheet](../how-to/import-a-spreadsheet.md) shows the calls, [the catalogue](events.md) says what events and fields mean.
Such a file is for people and programs; evidence is [the bundle](format.md).

Reading forgives what says nothing: the case of column names, blanks, underscores and hyphens in them; a byte order mark, line ends of either kind, blank lines and blank columns; cells parted by commas, semicolons or tabs; blanks around cells; the order of columns; the case of the assertion.
Nothing that may mean two things is guessed: the message says which spelling may be meant.

- [claims-template.csv](claims-template.csv) is a table with every column and no row.
- [claims.schema.json](claims.schema.json) is a JSON Schema (2020-12) of claims in JSON.

## Tables

The first line names the columns; `assertion`, `event` and `source` must be among them.
The encoding is UTF-8; quoting is that of RFC 4180.
A row has as many cells as the first line.

<columns>
A second source of the same words stands in `source 2`, `published 2` and so on, a third in `source 3`.

The fields of an event stand under their own names; the event that the row names says what they hold.
A cell under a field that the event does not have must be blank.

<fields>
## Cells

| type | spelling |
| --- | --- |
| When | EDTF: `2016-11-15`, `2016-11`, `2017-41` (second half of 2017), `2016-11~`, `2016/..` |
| party, country | a country code like `KZ`, or the full id of a subject of another kind |
| Party … | `KR host; KZ participant`; where [the rules](../explanation/rules.md#keys-and-roles) read one role only of an event, a party without a role has that one |
| codes | as in [the catalogue](events.md#codes); several are parted by semicolons: `minister; deputy-minister` |
| SectorShare … | `14010 60%; 33210 40%`, or without shares `14010; 33210` |
| decimal, percent | digits with a point: `1234.50`; no separators of thousands |
| yes/no | `yes` or `no`; `true` and `false` are read, too |
| text | as it stands; line ends may stand in a quoted cell |

A list whose parts do not fit these spellings is written as JSON, and begins with `[`.
A text that was erased reads `[redacted]`; it can be compared, and never be recorded.

A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a return) has an apostrophe before it, and so has one that begins with a blank, or reads `[redacted]`; one that ends in a blank has an apostrophe behind it.
Reading takes one such apostrophe off; any other apostrophe is text.

## JSON

A claim is an object with `assertion`, `event`, `sources`, and what else it has of `when`, `where`, `stated`, `stated_by`, `parties` and `note`; the event is an object with its `type` and its fields.
A file holds a list of claims, or an object with `claims` and, before them, `sources`: these have keys, which claims may name in place of a source; `title` and `about` are for readers.
JSON Lines have a claim on each line, with its sources in it.
No key stands twice, decimals are text, and nothing is nested deeper than 16 levels.
What was erased reads `{{"redacted": true}}`.

```json
{{"assertion": "PLANNED", "event": {{"type": "institution.opened", "institution": "kcac-secretariat"}},
 "when": "2017", "sources": [{{"publisher": "Korea.net", "published": "2016-11-18", "kind": "primary"}}]}}
```

## Limits

| what | at most |
| --- | --- |
| a row, a line, a claim in JSON | {row} bytes |
| a cell | {cell} characters |
| an entry | 65,535 bytes: what a claim says in public |
| faults that are listed | {problems}; the others are counted |
| rows | none: they are read one by one |

## Importing

An import records all rows or none, in one transaction.
A claim that the ledger holds is not recorded again: the same file twice records nothing new, also after it was saved with other delimiters, another order of columns or rows, or as JSON; of a file that has grown the new rows are recorded.
A claim that stands twice in the file is recorded twice.
What was retracted, corrected or redacted since still counts as held.
While rows are recorded nobody else can write; an import that is interrupted leaves nothing, and is simply made again.

## Errors

`ClaimFileError` has `problems`, one for each fault: `line` where the row begins, `column` (in JSON the JSON Pointer), `value` as far as it may be shown, `what` is wrong, and a `hint`; `count` is the number of all.
A bad row hides no other; words that would be sealed are never shown.
A file that cannot be told into rows is refused as a whole: one that is empty, a folder, of another kind or encoding, whose first line is off, or whose JSON is broken.
"""
