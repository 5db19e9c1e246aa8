"""Hold the coverage of branches: all of domain, projections, codec and log, 95 % of the whole."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

COMPLETE = ("domain", "projections", "codec", "log")
WHOLE = 95.0


def main() -> int:
    """Print what is not covered, and fail where something that must be is not."""
    subprocess.run(
        [sys.executable, "-m", "coverage", "combine", "-q", "--append"], check=False, stdout=subprocess.DEVNULL
    )
    subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", "coverage.json"], check=True)
    report = json.loads(Path("coverage.json").read_text(encoding="utf-8"))
    Path("coverage.json").unlink()
    missed: Counter[str] = Counter()
    for name, file in sorted(report["files"].items()):
        package = name.removeprefix("src/coop_ledger/").partition("/")[0]
        lines, branches = file["missing_lines"], file["missing_branches"]
        missed[package] += len(lines) + len(branches)
        if lines or branches:
            print(f"{name}: lines {lines}, branches {branches}")
    total = report["totals"]["percent_covered"]
    print(f"covered: {total:.1f} %")
    short = [package for package in COMPLETE if missed[package]]
    if short:
        print(f"not complete: {', '.join(short)}")
    return 1 if short or total < WHOLE else 0


if __name__ == "__main__":
    sys.exit(main())
