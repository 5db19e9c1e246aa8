"""The test kit says what to install where hypothesis is missing."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.shared import ROOT


def test_without_hypothesis_the_kit_says_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import coop_ledger.testing"
    settings = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("coop_ledger.errors.MissingExtraError: the test kit needs hypothesis")
    assert "in a checkout of coop_ledger, run: pip install '.[testing]'" in last
