"""The page of trust: its table has every attack once, and says what the tests and the examiner say."""

from __future__ import annotations

import ast
import re

import pytest

from coop_ledger.audit import CODES, Verdict
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "explanation" / "trust.md").read_text(encoding="utf-8")
NUMBERS = [f"T{number:02d}" for number in range(1, 67)]
NOT_YET = {"T46", "T50"}
ANCHORS = {"none", "key", "checkpoint", "witness"}


def rows() -> list[list[str]]:
    """Number, what, how, anchor, what is said, modules."""
    found = re.findall(r"^\| (T\d\d \| .*) \|$", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in found]


ROWS = {row[0]: row for row in rows()}


def modules(number: str) -> list[str]:
    return re.findall(r"`([^`]+)`", ROWS[number][5])


def asserted() -> dict[str, set[str]]:
    """Code → the verdicts that tests of attacks assert, where they expect nothing else or allow several."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "tests" / "attacks").glob("test_t[0-9]*.py"):
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(test, ast.FunctionDef):
                continue
            number = test.name[5:8].upper()
            for node in ast.walk(test):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "convicted":
                    codes = [ast.unparse(one).strip("'") for one in node.args[1:]]
                    verdict = {one.arg: ast.unparse(one.value) for one in node.keywords}.get("verdict")
                    said = ["INVALID" if verdict is None else verdict.removeprefix("Verdict.")]
                elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
                    codes, said = [number], re.findall(r"Verdict\.([A-Z_]+)", ast.unparse(node.comparators[0]))
                else:
                    continue
                if len(codes) == 1:
                    found.setdefault(codes[0], set()).update(Verdict[one].value for one in said)
    return found


ASSERTED = asserted()


def test_each_attack_has_one_whole_row() -> None:
    assert [row[0] for row in rows()] == NUMBERS
    assert all(len(row) == 6 and all(row) for row in rows())


@pytest.mark.parametrize("number", NUMBERS)
def test_each_anchor_is_one_of_the_four(number: str) -> None:
    assert set(ROWS[number][3].split(" or ")) <= ANCHORS


@pytest.mark.parametrize("number", sorted(set(NUMBERS) - NOT_YET))
def test_each_attack_is_committed_where_the_page_says(number: str) -> None:
    assert modules(number)
    for name in modules(number):
        if name != "attacks/test_byte_flips":  # commits whatever a changed byte is
            text = (ROOT / "tests" / f"{name}.py").read_text(encoding="utf-8")
            assert re.search(rf"\b{number}\b", text), f"{name} does not name {number}"


@pytest.mark.parametrize("number", sorted(NOT_YET))
def test_what_is_not_in_this_release_has_its_reason(number: str) -> None:
    assert ROWS[number][2].startswith("not in this release: ")
    assert ROWS[number][4:] == ["–", "–"]


def test_every_module_of_attacks_stands_at_its_numbers() -> None:
    for path in (ROOT / "tests" / "attacks").glob("test_t[0-9]*.py"):
        for number in re.findall(r"t\d\d(?=_)", path.name):
            assert f"attacks/{path.stem}" in modules(number.upper()), path.name


@pytest.mark.parametrize("number", sorted(set(NUMBERS) - NOT_YET))
def test_what_is_said_is_what_the_examiner_says(number: str) -> None:
    said = ROWS[number][4]
    if number in CODES:
        words = set(re.findall(r"[A-Z]{4,}(?:-[A-Z]+)?", said))
        assert words == {CODES[number].verdict.value, *ASSERTED.get(number, ())}
        return
    assert said not in {verdict.value for verdict in Verdict}
    if said.startswith("as "):
        assert set(re.findall(r"T\d\d", said)) <= CODES.keys()
    else:
        assert re.match(r"(refused|no finding): |not fresh$", said)


def test_the_verdict_of_an_untouched_file_is_explained() -> None:
    assert f"`{Verdict.SELF_CONSISTENT.value}`" in PAGE
    assert f"exit code {Verdict.SELF_CONSISTENT.exit_code}" in PAGE
