"""Write the generated pages anew: ``python -m docs.generate`` (or ``make docs``); a test compares them."""

from __future__ import annotations

import ast
import enum
import inspect
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import attrs

import coop_ledger
from coop_ledger import aio, codec, domain, errors, testing
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    LIFECYCLES,
    Claim,
    EventSpec,
    FieldSpec,
    Party,
    Role,
    Source,
    Where,
    field_specs,
)
from coop_ledger.domain.events import SectorShare
from docs.claims import claims_page, schema_page, template_page
from docs.commands import commands_page
from docs.states import states_page
from docs.telling import RULES, arguments_of, first_line, told_on_a_page

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


def _fields(cls: type) -> list[str]:
    lines = ["| field | type | | what it means |", "| --- | --- | --- | --- |"]
    specs, meanings = field_specs(cls), arguments_of(cls)
    for field in attrs.fields(cls):
        spec = specs.get(field.name) or FieldSpec(_word(cls, field), meanings[field.name])
        marks = ["sealed" if spec.sealed else "public", *_left_out(cls, field)]
        lines.append(f"| `{field.name}` | {spec.type} | {', '.join(marks)} | {told_on_a_page(spec.means)} |")
    return [*lines, ""]


def _left_out(cls: type, field: attrs.Attribute[Any]) -> list[str]:
    """What a field is where a caller leaves it out, if it may be."""
    if field.default is attrs.NOTHING or (cls, field.name) == (Claim, "sources"):  # optional in order only
        return []
    return ["optional"] if field.default in (None, ()) else [f"else `{field.default}`"]


def _word(cls: type, field: attrs.Attribute[Any]) -> str:
    """The page's word for the type of a field without a specification."""
    first = next(iter(get_args(field.type)), field.type)  # text, or types once a codec has resolved the annotations
    bare = getattr(first, "__name__", str(first)).removesuffix(" | None")
    return "party" if (cls, field.name) == (Party, "party") else {"str": "label", "Decimal": "decimal"}.get(bare, bare)


def _key(spec: EventSpec) -> str:
    return ", ".join(f"`{part}`" for part in spec.key) or "–"


def _event(cls: Any) -> list[str]:
    spec = cls.spec
    roles = ", ".join(spec.roles) or "–"
    promise = "yes" if spec.promise else "no: PLANNED is an expectation"
    return [
        f"### {cls.__name__}",
        "",
        first_line(cls),
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
        f"*Roles* are those that [rules]({RULES}#keys-and-roles) read; any other role of a party is kept and shown.",
        "Codes of sectors are checked for their shape, not against a list: lists change over the years.",
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
        lines += [f"### {act.__name__}", "", first_line(act), "", f"`{codec.wire_name(act)}`", "", *_fields(act)]
    lines += ["## What claims are made of", ""]
    for cls in (Claim, Party, Source, Where, SectorShare):
        lines += [f"### {cls.__name__}", "", first_line(cls), ""]
        lines += _fields(cls)
    lines += [
        "## Codes",
        "",
        "What stands in the bytes; where the name in Python is another, it follows.",
        "",
    ]
    for vocabulary in _vocabularies():
        codes = ", ".join(_code(code) for code in vocabulary)
        lines += [f"### {vocabulary.__name__}", "", first_line(vocabulary), "", codes, ""]
    return "\n".join(lines).rstrip() + "\n"


def _code(code: enum.StrEnum) -> str:
    same = code.value.upper().replace("-", "_") == code.name
    return f"`{code.value}`" if same else f"`{code.value}` {code.name}"


def _vocabularies() -> list[type[enum.StrEnum]]:
    """The vocabularies that fields of claims and acts use, by name."""
    used = {
        spec.type.removesuffix(" …")
        for cls in (*EVENT_TYPES, *ACT_TYPES, Claim, Source)
        for spec in field_specs(cls).values()
    } | {Role.__name__}
    known = [*vars(domain).values(), *vars(domain.events).values()]
    found = {one for one in known if isinstance(one, type) and issubclass(one, enum.StrEnum) and one.__name__ in used}
    return sorted(found, key=lambda one: one.__name__)


def lifecycles_page() -> str:
    """The lifecycles, drawn from their tables."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Lifecycles",
        "",
        "Written by `make docs` from the tables in `domain/lifecycles.py`; never edited by hand.",
        "An event that has no arrow from the status of the moment still moves the state, and is an anomaly"
        f" ([D9]({RULES}#d9)).",
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
        lines += ["```", "", "| from | event that occurred | to |", "| --- | --- | --- |"]
        lines += [f"| {', '.join(move.before)} | {move.event.__name__} | {move.after} |" for move in table.moves]
        lines += [""]
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
            lines.append(f"| `{name}` | {bases} | {first_line(cls)} |")
    return "\n".join(lines) + "\n"


def api_page() -> str:
    """Every public name of the package and of its test kit, with its first line."""
    lines = [
        "---",
        "kind: reference",
        "---",
        "# Public names",
        "",
        "Written by `make docs` from `coop_ledger.__all__` and `coop_ledger.testing.__all__`; never edited by hand.",
        "`help(name)` in Python shows arguments, errors and examples.",
        "",
        "| name | what it is |",
        "| --- | --- |",
    ]
    for name in coop_ledger.__all__:
        lines.append(f"| `{name}` | {_public(coop_ledger, name)} |")
    ledger = coop_ledger.Ledger
    lines += ["", "## Ledger", "", "| method | what it does |", "| --- | --- |"]
    for name in sorted(name for name in dir(ledger) if not name.startswith("_")):
        lines.append(f"| `{name}` | {first_line(_told_first(ledger, name))} |")
    return "\n".join([*lines, *_in_event_loops(), *_testing()]) + "\n"


def _in_event_loops() -> list[str]:
    """What a program with an event loop calls."""
    lines = [
        "",
        "## In event loops",
        "",
        "`coop_ledger.aio`; [how to](../how-to/follow.md#in-a-program-with-an-event-loop).",
        "",
    ]
    lines += ["| name | what it is |", "| --- | --- |"]
    for name in aio.__all__:
        cls = getattr(aio, name)
        lines.append(f"| `{name}` | {first_line(cls)} |")
        methods = sorted(method for method in vars(cls) if not method.startswith("_"))
        lines += [f"| `{name}.{method}` | {first_line(getattr(cls, method))} |" for method in methods]
    return lines


def _testing() -> list[str]:
    """The names of the test kit: what a suite calls, and what it draws from."""
    strategies = [name for name in testing.__all__ if _is_strategy(getattr(testing, name))]
    lines = [
        "",
        "## The test kit",
        "",
        "`coop_ledger.testing`, for suites of others; needs the extra `testing`.",
        "[Test your projection](../how-to/test-your-projection.md) and [write a store](../how-to/write-a-store.md)",
        "show how they are used; the fixtures of pytest are in the first.",
        "",
    ]
    others = [name for name in testing.__all__ if name not in strategies]
    for title, names in (("name | what it is", others), ("strategy of Hypothesis | what it draws", strategies)):
        lines += [f"| {title} |", "| --- | --- |", *(f"| `{name}` | {_public(testing, name)} |" for name in names), ""]
    return lines[:-1]


def _is_strategy(value: Any) -> bool:
    """Whether a name of the test kit is a function that gives a strategy."""
    return not inspect.isclass(value) and "SearchStrategy" in str(getattr(value, "__annotations__", {}).get("return"))


def _told_first(cls: type, name: str) -> Any:
    """A method where its docstring tells what it does: an override that only refers to it says less."""
    found = [vars(base)[name] for base in cls.__mro__ if name in vars(base)]
    return next(method for method in found if not (inspect.getdoc(method) or "See ").startswith("See "))


def _public(module: ModuleType, name: str) -> str:
    """What a public name is: the first line of its docstring, of a constant too, where it is assigned."""
    value = getattr(module, name)
    if inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value)) or inspect.ismodule(value):
        return first_line(value)
    return told_on_a_page(_constants()[name])


@cache
def _constants() -> dict[str, str]:
    """The first lines of the texts that stand below assignments in the package, by the name assigned."""
    found = {}
    for path in sorted(Path(coop_ledger.__file__).parent.rglob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for assigned, told in pairwise(body):
            match assigned, told:
                case (
                    (ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name))),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[name] = text.strip().splitlines()[0]
    return found


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "claims-template.csv": template_page,
    "claims.md": claims_page,
    "claims.schema.json": schema_page,
    "cli.md": commands_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "lifecycles.md": lifecycles_page,
    "states.md": states_page,
}
"""File name → generator."""


def main() -> None:
    """Write all pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
