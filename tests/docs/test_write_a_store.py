"""The store that the page on stores prints is whole: its files are taken from the page, and its tests pass."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

PAGE = ROOT / "docs" / "how-to" / "write-a-store.md"


def files() -> dict[str, str]:
    """The files that the page prints, by the name in their first line."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^```python\n# (\S+\.py)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HYPOTHESIS_PROFILE": "default"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, body in files().items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    return tmp_path


def test_the_store_of_the_page_keeps_the_contract(folder: Path) -> None:
    assert list(files()) == ["json_store.py", "test_json_store.py", "use_it.py"]
    done = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_json_store.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"^(\d+) passed", done.stdout, re.MULTILINE)[0]) > 35


def test_the_store_of_the_page_is_used(folder: Path) -> None:
    for _ in range(2):  # the second time what it kept is there
        done = run(folder, "use_it.py")
        assert (done.returncode, done.stdout) == (0, "planned\n"), done.stderr
    assert (folder / "forum.json").stat().st_size > 1_000


def test_a_fault_in_it_is_told_by_clause_history_and_call(folder: Path) -> None:
    text, line = (folder / "json_store.py").read_text(encoding="utf-8"), "self._keep([*rows, *placed_now])"
    assert text.count(line) == 1
    (folder / "json_store.py").write_text(text.replace(line, "self._rows = [*rows, *placed_now]"), encoding="utf-8")
    done = run(
        folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_json_store.py", "-k", "acknowledged_outlives"
    )
    assert done.returncode == 1
    told = done.stdout[done.stdout.index("BrokenContractError: What was acknowledged is there") :]
    assert re.search(r"^E +found: .+\nE +at the call: .+\nE +history:\nE +1\. append", told, re.MULTILINE), told
