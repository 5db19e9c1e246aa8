"""Pages that can go stale, and files that must name no address."""

from __future__ import annotations

import doctest
import re
import subprocess
from functools import cached_property
from pathlib import Path

import attrs
import pytest
from docs.generate import PAGES, REFERENCE
from docs.telling import told_on_a_page

import coop_ledger
import coop_ledger.testing
from coop_ledger import errors, projections
from coop_ledger.codec import wire_name
from coop_ledger.domain import ACT_TYPES, EVENT_TYPES, Status, SubjectKind, field_specs
from tests.shared import ROOT

KINDS = {
    "decisions": "decision",
    "reference": "reference",
    "how-to": "how-to",
    "explanation": "explanation",
    "tutorial": "tutorial",
}
"""Folder of docs → the kind that its pages state."""


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_fresh(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name](), "run make docs"


def test_the_page_of_events_names_everything() -> None:
    page = (REFERENCE / "events.md").read_text(encoding="utf-8")
    for cls in (*EVENT_TYPES, *ACT_TYPES):
        section = page[page.index(f"### {cls.__name__}\n") :]
        section = section[: section.find("\n### ") if "\n### " in section else None]
        assert f"`{wire_name(cls)}`" in section
        for field, spec in field_specs(cls).items():
            row = next(line for line in section.splitlines() if line.startswith(f"| `{field}` |"))
            assert told_on_a_page(spec.means) in row
            assert ("| sealed" in row) is spec.sealed


@pytest.mark.parametrize("path", sorted(ROOT.joinpath("docs").rglob("*.md")), ids=lambda path: path.name)
def test_pages_state_their_kind(path: Path) -> None:
    kind = re.match(r"---\nkind: ([a-z-]+)\n---\n# ", path.read_text(encoding="utf-8"))
    assert kind is not None
    folder = path.parent.name
    if folder != "docs":
        assert KINDS[folder] == kind[1]


def test_every_error_and_public_name_has_its_line() -> None:
    for name in errors.__all__:
        if name not in ("Problem", "RowProblem"):  # what errors hold
            assert f"| `{name}` |" in (REFERENCE / "errors.md").read_text(encoding="utf-8")
    for name in (*coop_ledger.__all__, *coop_ledger.testing.__all__):
        assert f"| `{name}` |" in (REFERENCE / "api.md").read_text(encoding="utf-8")


def test_the_glossary_is_in_order_and_holds_the_words_of_the_house() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)[2:]
    assert words == sorted(words, key=str.casefold)
    assert {"claim", "milestone", "leaf", "sealed", "voice", "projection"} <= set(words)
    assert {*SubjectKind, *Status}  # what the words are used for


def anchors_of(page: str) -> set[str]:
    """What a link into a page can name: marks of its own, and its headings as they are usually numbered."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    slugs = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"></a>', page))


def test_links_between_pages_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *ROOT.joinpath("docs").rglob("*.md")]:
        for link, anchor in re.findall(r"\]\(([^)#:]+)(?:#([^)]*))?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
            if anchor:
                page = (path.parent / link).read_text(encoding="utf-8")
                assert anchor in anchors_of(page), f"{path.name}: {link}#{anchor}"


def test_each_rule_has_its_section() -> None:
    page = (ROOT / "docs" / "explanation" / "rules.md").read_text(encoding="utf-8")
    rules = [*(f"P{at}" for at in range(1, 11)), *(f"D{at}" for at in range(1, 15))]
    assert re.findall(r'^<a id="([pd]\d+)"></a>\n### [PD]', page, re.MULTILINE) == [rule.lower() for rule in rules]
    assert re.findall(r"^### ([PD]\d+) ", page, re.MULTILINE) == rules


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.joinpath("docs").rglob("*.md"))],
    ids=lambda path: path.name,
)  # fmt: skip
def test_pages_cite_nothing_that_is_not_here(path: Path) -> None:
    """The design that the project began with is elsewhere; rules are cited by links to their page."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\bDESIGN\b|\b(semantics|domain|audit|style)\.md\b", text)
    if path.name != "rules.md":
        bare = re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)
        assert not re.search(r"\b(D[1-9]\d?|P[1-9]0?)\b", bare)


@pytest.mark.parametrize("name", PAGES)
def test_generated_tables_are_whole_and_free_of_docstring_marks(name: str) -> None:
    page = PAGES[name]()
    assert not re.search(r":\w+:`|``[^`]", page.replace("```", ""))
    width = 0
    for line in page.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not width or not cells or cells == width, line
        width = cells


def test_the_page_of_states_names_every_field_and_says_what_it_is() -> None:
    page = (REFERENCE / "states.md").read_text(encoding="utf-8")
    for name in projections.__all__:
        cls = getattr(projections, name)
        if not isinstance(cls, type) or not attrs.has(cls) or cls in (projections.Projection, projections.Collected):
            continue
        section = page[page.index(f"### {name}\n") :].partition("\n###")[0]
        derived = [name for name, member in vars(cls).items() if isinstance(member, property | cached_property)]
        inherited = attrs.fields_dict(projections.Collected) if issubclass(cls, projections.Collected) else {}
        for field in {*attrs.fields_dict(cls), *derived} - set(inherited):
            assert field.startswith("_") or f"| `{field}` |" in section, f"{name}.{field}"
    assert re.findall(r"^\|.*\|  \|$", page, re.MULTILINE) == []


def test_public_names_tell_what_they_are() -> None:
    page = PAGES["api.md"]()
    for junk in ("NewType creates", "str(object=", "See ", "| Answer.YES |"):
        assert junk not in page
    assert "| `SubjectId` | A full subject id" in page
    assert "| `entries` | Iterate over entries" in page
    checks, strategies = page.partition("## The test kit\n")[2].split("| strategy of Hypothesis |")
    for name in ("check_projection", "scenario", "StoreContract", "StoreOpener", "id_of"):
        assert f"| `{name}` |" in checks
    for name in ("histories", "ledgers", "whens", "courses", "stories"):
        assert f"| `{name}` |" in strategies


def test_examples_in_pages_are_run() -> None:
    parser = doctest.DocTestParser()
    counts = {
        name: len(parser.get_examples((ROOT / name).read_text(encoding="utf-8")))
        for name in (
            "README.md",
            "docs/how-to/record-a-report.md",
            "docs/how-to/correct-a-mistake.md",
            "docs/how-to/erase-personal-data.md",
            "docs/how-to/ask.md",
            "docs/how-to/sign-a-checkpoint.md",
            "docs/how-to/witness-a-ledger.md",
        )
    }
    assert counts["README.md"] >= 8
    assert counts["docs/how-to/record-a-report.md"] >= 8
    assert counts["docs/how-to/correct-a-mistake.md"] >= 15
    assert counts["docs/how-to/sign-a-checkpoint.md"] >= 30
    assert counts["docs/how-to/witness-a-ledger.md"] >= 30
    assert counts["docs/how-to/erase-personal-data.md"] >= 15


def test_each_of_the_25_questions_has_its_answer() -> None:
    page = (ROOT / "docs" / "how-to" / "ask.md").read_text(encoding="utf-8")
    sections = re.split(r"^## (?=\d)", page, flags=re.MULTILINE)[1:]
    assert [int(section.split()[0]) for section in sections] == list(range(1, 26))
    assert all(doctest.DocTestParser().get_examples(section) for section in sections)


def test_no_file_names_where_packages_come_from() -> None:
    odd = re.compile(r"(simple|index-url|find-links|file:)[^\n]*://|://[^\n]*(simple|index-url|find-links)")
    for name in tracked():
        text = (ROOT / name).read_bytes().decode(errors="replace")
        assert not odd.search(text) or name.endswith(("README.md", "test_docs.py")), name
        assert "/root/" not in text or name.endswith("test_docs.py"), name
        assert "/work/" not in text or name.endswith("test_docs.py"), name
    assert "uv.lock" not in tracked()


def _lock(folder: str) -> str:
    return (ROOT / folder / "requirements.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["tests/requirements.txt", "examples/requirements.txt", "benchmarks/requirements.txt"])
def test_requirements_are_pinned_by_hashes_without_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert len(entries) > 5
    for entry in entries:
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9-]+\])?==[^ ]+ ", entry)
        assert entry.count("--hash=sha256:") >= 2, entry.splitlines()[0]


def test_a_requirement_that_others_want_with_an_extra_is_pinned_with_it() -> None:
    """An installer that takes hashes only refuses the newest release for the extra, even where it brings nothing."""
    from importlib.metadata import distributions

    text = _lock("tests")
    wanted = {
        found[0].lower()
        for installed in distributions()
        for requirement in (installed.metadata["Name"] != "coop-ledger" and installed.requires) or ()
        if "extra ==" not in requirement and (found := re.match(r"[A-Za-z0-9._-]+\[[a-z0-9-]+\]", requirement))
    }
    assert "coverage[toml]" in wanted
    assert wanted <= set(re.findall(r"^([a-z0-9-]+\[[a-z0-9-]+\])==", text, flags=re.MULTILINE))


def test_every_requirement_has_a_floor() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {**project["project"]["optional-dependencies"], **project["dependency-groups"]}
    listed = [*project["project"]["dependencies"], *(entry for group in groups.values() for entry in group)]
    assert all(">=" in entry for entry in listed)
    assert {re.split("[>=]", entry)[0] for entry in project["project"]["dependencies"]} == {"attrs", "cattrs"}
