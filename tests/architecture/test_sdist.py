"""What is packed for others holds what its Makefile runs."""

from __future__ import annotations

import re
import tomllib

from tests.shared import ROOT


def test_the_sdist_holds_every_folder_that_the_makefile_names() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    named = {
        folder.name
        for folder in ROOT.iterdir()
        if folder.is_dir() and f"{folder.name}/" not in ignored
        if re.search(rf"(?<![\w.]){re.escape(folder.name)}(?!\w)", makefile)
    }
    assert {".ci", "src", "tests", "docs", "benchmarks", "examples"} <= named
    assert {f"/{name}" for name in named} <= set(packed)
