"""
Look for bytes that a reader answers with anything but our errors: ``python -m tests.fuzz TARGET FOLDER [OPTION …]``.

Without arguments it lists the targets. FOLDER keeps what was found worth keeping; options are those of libFuzzer.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["coop_ledger"], enable_loader_override=False):
    from tests.fuzz.targets import TARGETS, allowed

if len(sys.argv) < 3:
    print(*TARGETS)
    sys.exit()

name, folder, *options = sys.argv[1:]
target = TARGETS[name]
corpus = Path(folder) / name
corpus.mkdir(parents=True, exist_ok=True)
for at, seed in enumerate(target.seeds()):
    (corpus / f"seed-{at}").write_bytes(seed)
atheris.Setup(
    [sys.argv[0], str(corpus), f"-artifact_prefix={folder}/{name}-", *options],
    lambda data: allowed(target, data) and None,
)
atheris.Fuzz()
