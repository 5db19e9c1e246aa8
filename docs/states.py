"""The page of states, from the docstrings of the projections."""

from __future__ import annotations

import enum
import inspect
from functools import cached_property

import attrs

from coop_ledger import projections
from coop_ledger.projections import Collected
from docs.telling import arguments_of, first_line, told_on_a_page

__all__ = ["states_page"]


def states_page() -> str:
    """Every state, and every value that states are made of, with its fields."""
    public = [getattr(projections, name) for name in projections.__all__]
    classes = [one for one in public if inspect.isclass(one) and one not in (Collected, projections.Projection)]
    lines = [
        "---",
        "kind: reference",
        "---",
        "# States",
        "",
        "Written by `make docs` from the docstrings of `coop_ledger.projections`; never edited by hand.",
        "A state holds the claims of one subject; every other field is derived from their milestones when it is read.",
        "",
        "## What all states have",
        "",
        *_members(Collected),
    ]
    for title, wanted in (
        ("States", lambda one: issubclass(one, Collected)),
        ("What states are made of", lambda one: attrs.has(one) and not issubclass(one, Collected)),
    ):
        lines += [f"## {title}", ""]
        for cls in filter(wanted, classes):
            lines += [f"### {cls.__name__}", "", first_line(cls), "", *_members(cls)]
    lines += ["## Their codes", ""]
    for cls in classes:
        if issubclass(cls, enum.Enum):
            codes = ", ".join(f"`{code.value}`" for code in cls)
            lines += [f"### {cls.__name__}", "", first_line(cls), "", codes, ""]
    return "\n".join(lines).rstrip() + "\n"


def _members(cls: type) -> list[str]:
    """The fields of a class, given, derived and callable, without those that all states have."""
    meanings, rows = arguments_of(cls), []
    names = [name for name in dict.fromkeys([*meanings, *vars(cls)]) if not name.startswith("_")]
    for name in names:
        member = inspect.getattr_static(cls, name, None)
        if name in cls.__annotations__ and (name in meanings or not cls.__annotations__[name].startswith("ClassVar")):
            rows.append((name, cls.__annotations__[name], told_on_a_page(meanings.get(name, ""))))
        elif isinstance(member, property | cached_property):
            getter = member.fget if isinstance(member, property) else member.func
            assert getter is not None
            rows.append((name, inspect.get_annotations(getter)["return"], first_line(member)))
        elif inspect.isfunction(member) or isinstance(member, classmethod):
            of = member.__func__ if isinstance(member, classmethod) else member
            rows.append((f"{name}()", inspect.get_annotations(of)["return"], first_line(of)))
    if not rows:
        return []
    head = ["| field | type | what it is |", "| --- | --- | --- |"]
    table = [f"| `{name}` | `{kind.replace('|', chr(92) + '|')}` | {means} |" for name, kind, means in rows]
    return [*head, *table, ""]
