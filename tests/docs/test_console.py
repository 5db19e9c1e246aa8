"""Every command of the tutorials and how-to pages is typed, and prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import commands_of, differences
from tests.shared import ROOT

PAGES = [
    path
    for folder in ("tutorial", "how-to")
    for path in sorted(ROOT.joinpath("docs", folder).glob("*.md"))
    if commands_of(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("page", PAGES, ids=[path.stem for path in PAGES])
def test_what_a_page_says_is_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    assert list(differences(page, tmp_path)) == []


@pytest.mark.parametrize(
    ("block", "faults"),
    [
        ("$ echo one; echo two\none\ntwo", 0),
        ("$ echo one; echo two\none", 1),
        ("$ echo one two three\none … three", 0),
        ("$ printf '1\\n2\\n3\\n'\n1\n…\n3", 0),
        ("$ printf '1\\n2\\n3\\n'\n1\n…\n4", 1),
        ("$ echo one", 0),
        ("$ false", 1),
        ("$ (exit 40)\n$ echo $?\n40", 1),
        ("$ (exit 40) || echo it is $?\nit is 40", 0),
        ("$ cat words.txt\nof the page", 0),
        ("$ echo to stderr >&2\nto stderr", 0),
        ("$ echo \\\n>   two lines\ntwo lines", 0),
        ("$ coop-ledger --version\ncoop-ledger, version …", 0),
        ("$ coop-ledger lgo\n…\nError: No such command 'lgo'. Did you mean 'log'?", 0),
    ],
)
def test_what_a_block_says_is_compared(tmp_path: Path, block: str, faults: int) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Words.\n\n```text words.txt\nof the page\n```\n\n```console\n{block}\n```\n", encoding="utf-8")
    folder = tmp_path / "empty"
    folder.mkdir()
    assert len(list(differences(page, folder))) == faults
