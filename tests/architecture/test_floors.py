"""The house: floors, doors, what each floor may touch, sizes; each rule with a text that breaks it."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.shared import ROOT

SOURCE = ROOT / "src" / "coop_ledger"

FLOORS = {
    "errors": 0,
    "domain": 0,
    "projections": 1,
    "log": 2,
    "codec": 3,
    "stores": 4,
    "signing": 5,
    "witnessing": 5,
    "ids": 5,
    "reproducible": 5,
    "query": 5,
    "recording": 5,
    "redaction": 5,
    "restoring": 5,
    "reader": 5,
    "scope": 5,
    "view": 5,
    "strictness": 5,
    "analyst": 5,
    "axes": 5,
    "interchange": 5,
    "evidence": 5,
    "static_files": 5,
    "publication": 5,
    "prover": 5,
    "following": 5,
    "aio": 5,
    "ledger": 5,
    "audit": 5,
    "public": 5,
    "": 5,  # the package itself
    "cli": 6,
    "__main__": 6,
    "testing": 7,
}
"""Names directly under the package, lowest floor first (docs/architecture.md); testing stands beside the house."""

BYTES_ONLY = {"log": {"errors"}, "stores": {"errors", "log"}}
"""Floors that know bytes only: all of ours that they may import."""

STDLIB = set(sys.stdlib_module_names)
FOREIGN = {
    "errors": set(),
    "domain": {"attrs"},
    "projections": {"attrs"},
    "codec": {"attrs", "cattrs"},
    "log": set(),
    "stores": {"attrs", "psycopg", "psycopg_pool"},
    "signing": {"cryptography"},
    "cli": {"click", "rich"},
    "testing": {"attrs", "hypothesis", "pytest"},
}
UPPER = {"attrs"}

PURE = ("errors", "domain", "projections", "codec", "log")
FORBIDDEN_MODULES = {
    "io", "logging", "os", "pathlib", "random", "requests", "secrets", "shutil", "socket", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid", "warnings",
}  # fmt: skip
FORBIDDEN_CALLS = {
    "open",
    "print",
    "input",
    "now",
    "today",
    "utcnow",
    "urandom",
    "getenv",
    "eval",
    "exec",
    "__import__",
}

Fault = str


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def part_of(path: Path) -> str:
    """The name directly under the package that a file belongs to."""
    first = path.relative_to(SOURCE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[tuple[int, str, list[str]]]:
    """Line, module and names of every import, wherever it stands; TYPE_CHECKING counts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, []
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.lineno, node.module or "", [alias.name for alias in node.names]


def ours(module: str, names: list[str]) -> Iterator[tuple[str, str]]:
    """(part, door or inner module) of each of our own modules in an import."""
    if module == "coop_ledger":
        for name in names:
            yield (name, name) if name in FLOORS else ("", "")
    elif module.startswith("coop_ledger."):
        inner = module.removeprefix("coop_ledger.")
        yield inner.partition(".")[0], inner


def check_floors(part: str, tree: ast.Module) -> Iterator[Fault]:
    for line, module, names in imports(tree):
        for other, _ in ours(module, names):
            if other == part:
                continue
            if other == "testing" or FLOORS[other] > FLOORS[part]:
                yield f"line {line}: {part} imports {other}, which stands above it"
            elif part in BYTES_ONLY and other not in BYTES_ONLY[part]:
                yield f"line {line}: {part} knows bytes only, and imports {other}"


def check_doors(part: str, tree: ast.Module) -> Iterator[Fault]:
    for line, module, names in imports(tree):
        for other, inner in ours(module, names):
            if other != part and "." in inner and not SOURCE.joinpath(*inner.split("."), "__init__.py").exists():
                yield f"line {line}: imports {module} past its door coop_ledger.{other}"


def check_foreign(part: str, tree: ast.Module) -> Iterator[Fault]:
    allowed = FOREIGN.get(part, UPPER)
    for line, module, _ in imports(tree):
        root = module.partition(".")[0]
        if root != "coop_ledger" and root not in STDLIB and root not in allowed:
            yield f"line {line}: {part or 'the package'} imports {root}"
        if root == "sqlite3" and part not in ("stores", "audit"):  # the examiner has its own way to a file
            yield f"line {line}: sqlite3 belongs to stores"


def check_pure(part: str, tree: ast.Module) -> Iterator[Fault]:
    if part not in PURE:
        return
    for line, module, _ in imports(tree):
        if module.partition(".")[0] in FORBIDDEN_MODULES:
            yield f"line {line}: {part} is pure, and imports {module}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FORBIDDEN_CALLS:
                yield f"line {node.lineno}: {part} is pure, and calls {name}"


def check_print(part: str, tree: ast.Module) -> Iterator[Fault]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print" and part != "cli":
            yield f"line {node.lineno}: print belongs to cli"


def check_sizes(_part: str, tree: ast.Module) -> Iterator[Fault]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > 60:
                yield f"line {node.lineno}: {node.name} has {length} lines"


RULES: dict[Callable[[str, ast.Module], Iterator[Fault]], tuple[str, str]] = {
    check_floors: ("domain", "from coop_ledger.codec import parse"),
    check_doors: ("codec", "from coop_ledger.domain.when import When"),
    check_foreign: ("domain", "import cattrs"),
    check_pure: ("log", "from datetime import datetime\nnow = datetime.now()"),
    check_print: ("ledger", "print(1)"),
    check_sizes: ("ledger", "def long():\n" + "    x = 1\n" * 60),
}
"""Each rule, with a part and a text that break it."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_stands(rule: Callable[[str, ast.Module], Iterator[Fault]]) -> None:
    faults = [
        f"{path.relative_to(ROOT)} {fault}"
        for path in modules()
        for fault in rule(part_of(path), ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert faults == []


@pytest.mark.parametrize(("rule", "breaking"), RULES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_each_rule_bites(rule: Callable[[str, ast.Module], Iterator[Fault]], breaking: tuple[str, str]) -> None:
    part, text = breaking
    assert list(rule(part, ast.parse(text)))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("log", "from coop_ledger.domain import When"),
        ("stores", "from coop_ledger.codec import parse"),
        ("stores", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from coop_ledger.domain import When"),
        ("ledger", "from coop_ledger.testing import claims"),
        ("ledger", "from coop_ledger import cli"),
    ],
)
def test_floors_bite_wherever_the_import_stands(part: str, text: str) -> None:
    assert list(check_floors(part, ast.parse(text)))


@pytest.mark.parametrize("text", ["import os", "import random", "open('x')", "x = os.urandom(1)", "import logging"])
def test_purity_bites(text: str) -> None:
    assert list(check_pure("projections", ast.parse(text)))


@pytest.mark.parametrize(
    "text", ["import sqlite3", "import hypothesis", "import click", "from rich.table import Table"]
)
def test_foreign_modules_bite(text: str) -> None:
    assert list(check_foreign("ledger", ast.parse(text)))


def test_every_part_has_its_floor() -> None:
    assert {part_of(path) for path in modules()} <= set(FLOORS)


def test_modules_are_of_a_size() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in long.items() if lines > 500} == {}


def doors() -> list[str]:
    lazy = SOURCE / "__init__.py"  # its names stand in public.py
    paths = {*SOURCE.rglob("__init__.py"), SOURCE / "public.py"} - {lazy}
    return sorted(
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__") for path in paths
    )


@pytest.mark.parametrize("door", doors())
def test_doors_name_what_is_behind_them_in_order(door: str) -> None:
    module = importlib.import_module(door)
    names = list(module.__all__)

    def order(name: str) -> tuple[int, str]:
        shouted = name.isupper()
        return (0 if shouted else 1 if name[0].isupper() else 2, name)

    assert names == sorted(names, key=order)
    assert len(set(names)) == len(names)
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, type(ast)) and not hasattr(typing, name)
    }
    public |= set(getattr(module, "_LATER", ()))  # loaded when it is asked for
    own = {name for name in names if name != "__version__" and not isinstance(getattr(module, name), type(ast))}
    assert own == public - {"annotations"}


def printed(code: str) -> str:
    """What a program prints in a fresh process."""
    settings = {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=settings).stdout


def test_the_package_itself_loads_its_names_when_the_first_is_asked_for() -> None:
    code = (
        "import sys, coop_ledger; before = [name for name in sys.modules if name.startswith('coop_ledger.')]; "
        "from coop_ledger import *; from coop_ledger import log; "
        "print(before, Ledger.__module__, log.__name__, set(coop_ledger.__all__) <= set(dir(coop_ledger)))"
    )
    assert printed("import coop_ledger.ledger, coop_ledger; print(coop_ledger.stores.PAGE)") == "1000\n"
    assert printed(code) == "[] coop_ledger.ledger coop_ledger.log True\n"
    with pytest.raises(AttributeError, match="module 'coop_ledger' has no attribute 'nothing'"):
        importlib.import_module("coop_ledger").nothing  # noqa: B018
    with pytest.raises(AttributeError, match=r"module 'coop_ledger\.stores' has no attribute 'nothing'"):
        importlib.import_module("coop_ledger.stores").nothing  # noqa: B018


def test_importing_the_package_loads_no_extra() -> None:
    code = (
        "import sys; from coop_ledger import *; "
        "extras = {'click', 'rich', 'hypothesis', 'pytest', 'cryptography', 'babel', 'pycountry'}; "
        "extras |= {'psycopg', 'psycopg_pool', 'coop_ledger.stores.postgres.store', 'logging'}; "
        "print(sorted(extras & set(sys.modules)))"
    )
    assert printed(code).strip() == "[]"


def test_what_pytest_loads_imports_nothing_of_ours_by_itself() -> None:
    tree = ast.parse((SOURCE.parent / "coop_ledger_pytest.py").read_text(encoding="utf-8"))
    at_once = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
    assert {module.partition(".")[0] for _, module, _ in imports(at_once)} <= STDLIB | {"pytest"}
