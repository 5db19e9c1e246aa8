"""Write the generated pages anew: ``python -m docs.generate`` (or ``make docs``); a test compares them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coop_ledger
from coop_ledger import codec, errors
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    LIFECYCLES,
    Claim,
    EventSpec,
    FieldSpec,
    Party,
    Source,
    Where,
    field_specs,
)
from coop_ledger.domain.events import SectorShare

REFERENCE = Path(__file__).parent / "reference"

FAMILIES = {
    "initiatives": "Initiatives",
    "agreements": "Agreements",
    "institutions": "Institutions",
    "meetings": "Meetings",
    "relations": "Relations between states",
    "identity": "Identity",
    "figures": "Figures",
}


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").strip().splitlines()[0]


def _fields(cls: type) -> list[str]:
    lines = ["| field | type | | what it means |", "| --- | --- | --- | --- |"]
    for name, spec in field_specs(cls).items():
        default = next(field.default for field in cls.__attrs_attrs__ if field.name == name)  # type: ignore[attr-defined]
        marks = ["sealed" if spec.sealed else "public"]
        if default is None or default == ():
            marks.append("optional")
        lines.append(f"| `{name}` | {_type(spec)} | {', '.join(marks)} | {spec.means} |")
    return [*lines, ""]


def _type(spec: FieldSpec) -> str:
    return {"label": "label", "text": "text", "party": "party", "yes/no": "yes/no"}.get(spec.type, spec.type)


def _key(spec: EventSpec) -> str:
    return ", ".join(f"`{part}`" for part in spec.key) or "–"


def _event(cls: Any) -> list[str]:
    spec = cls.spec
    roles = ", ".join(spec.roles) or "–"
    promise = "yes" if spec.promise else "no: PLANNED is an expectation"
    return [
        f"### {cls.__name__}",
        "",
        _first_line(cls),
        "",
        f"`{codec.wire_name(cls)}` · milestone of `{spec.subject}` · key {_key(spec)} · roles {roles}"
        f" · promise {promise}",
        "",
        *_fields(cls),
    ]


def events_page() -> str:
    """The catalogue: every event and act, every field."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Events",
        "",
        "Written by `make docs`; never edited by hand.",
        "A claim says of one event how far it got: PROPOSED, PLANNED, OCCURRED, HOLDS or DENIED.",
        "A *milestone* is one happening: the subject, the event, and the key that tells it from others of its kind;",
        "`@role` in a key means one milestone for each party in that role, `@source_day`, `@stated_day` the dates.",
        "",
        "Fields are public, or sealed: kept out of the hashed bytes behind a salted commitment, to be erasable.",
        "A *slug* names a subject whose kind the field says; a *subject id* is full (`country:KP`);",
        "a *party* is a country code (`KZ`) or the full id of a subject of another kind;",
        "a *label* is a short public text.",
        "",
    ]
    for family, title in FAMILIES.items():
        classes = [cls for cls in EVENT_TYPES if cls.__module__.endswith(f".{family}")]
        lines += [f"## {title}", "", *(line for cls in classes for line in _event(cls))]
    lines += ["## Acts", "", "What the keeper of a ledger does about entries; an act is an entry of its own.", ""]
    for act in ACT_TYPES:
        lines += [f"### {act.__name__}", "", _first_line(act), "", f"`{codec.wire_name(act)}`", "", *_fields(act)]
    lines += ["## What claims are made of", ""]
    for cls in (Claim, Party, Source, Where, SectorShare):
        lines += [f"### {cls.__name__}", "", _first_line(cls), ""]
        lines += (
            _fields(cls)
            if field_specs(cls)
            else [f"{', '.join(f'`{f}`' for f in inspect.signature(cls).parameters)}", ""]
        )
    return "\n".join(lines).rstrip() + "\n"


def lifecycles_page() -> str:
    """The lifecycles, drawn from their tables."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Lifecycles",
        "",
        "Written by `make docs` from the tables in `domain/lifecycles.py`; never edited by hand.",
        "An event that has no arrow from the status of the moment still moves the state, and is an anomaly (D9).",
        "",
    ]
    for kind, table in LIFECYCLES.items():
        lines += [f"## {kind.capitalize()}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f"    unrecorded --> {_state(table.planned)}: planned or proposed"]
        lines += [
            f"    {_state(before)} --> {_state(move.after)}: {move.event.__name__}"
            for move in table.moves
            for before in move.before
        ]
        lines += ["```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _state(status: str) -> str:
    return status.replace(" ", "_")


def errors_page() -> str:
    """Every error, its ancestors and what it says."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Errors",
        "",
        "Written by `make docs` from `errors.py`; never edited by hand.",
        "Every message says what is wrong, where, what was expected, what was found and what to do next;",
        "each of these is also an attribute: `what`, `where`, `expected`, `found`, `hint`.",
        "Whatever is raised, the ledger is as it was before the call.",
        "",
        "| error | is a | means |",
        "| --- | --- | --- |",
    ]
    for name in errors.__all__:
        cls = getattr(errors, name)
        if isinstance(cls, type) and issubclass(cls, Exception):
            bases = ", ".join(base.__name__ for base in cls.__bases__)
            lines.append(f"| `{name}` | {bases} | {_first_line(cls)} |")
    return "\n".join(lines) + "\n"


def api_page() -> str:
    """Every public name of the package, with its first line."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Public names",
        "",
        "Written by `make docs` from `coop_ledger.__all__`; never edited by hand.",
        "`help(name)` in Python shows arguments, errors and examples.",
        "",
        "| name | what it is |",
        "| --- | --- |",
    ]
    for name in coop_ledger.__all__:
        value = getattr(coop_ledger, name)
        told = inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)
        lines.append(f"| `{name}` | {_first_line(value) if told else _constant(value)} |")
    ledger = coop_ledger.Ledger
    lines += ["", "## Ledger", "", "| method | what it does |", "| --- | --- |"]
    for name in sorted(name for name in dir(ledger) if not name.startswith("_")):
        lines.append(f"| `{name}` | {_first_line(inspect.getattr_static(ledger, name))} |")
    return "\n".join(lines) + "\n"


def _constant(value: Any) -> str:
    return {"YES": "Answer.YES", "NO": "Answer.NO"}.get(getattr(value, "name", ""), _first_line(type(value)))


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "lifecycles.md": lifecycles_page,
}
"""File name → generator."""


def main() -> None:
    """Write all pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
