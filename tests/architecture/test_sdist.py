"""What is packed for others holds what its Makefile runs."""

from __future__ import annotations

import re
import tomllib

from hatchling.builders.sdist import SdistBuilder

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


def test_the_sdist_holds_what_earlier_versions_wrote() -> None:
    """Also where version control passes over files of that kind."""
    packed = {file.distribution_path for file in SdistBuilder(str(ROOT)).recurse_included_files()}
    fixtures = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "fixtures").glob("v*/**/*") if path.is_file()}
    assert {name.rpartition(".")[2] for name in fixtures} >= {"db", "bundle", "note", "TEST-KEY"}
    assert fixtures <= packed
