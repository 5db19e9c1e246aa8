"""The honest ledger that is attacked: made once, copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coop_ledger.audit.findings import Finding, Findings
from tests.attacks.tools import copy_of, honest, readable

_LOOKED_AT = 2_000
"""Findings of one test that are read."""


@pytest.fixture(autouse=True)
def every_finding_is_in_words(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever attack a test here commits, people can read what is found."""
    if request.path.name == "test_byte_flips.py":  # what stands in a file by chance may look like Python's
        yield
        return
    kept: list[Finding] = []
    keep = Findings.keep

    def kept_too(findings: Findings, finding: Finding) -> None:
        if len(kept) < _LOOKED_AT:
            kept.append(finding)
        keep(findings, finding)

    with monkeypatch.context() as patched:
        patched.setattr(Findings, "keep", kept_too)
        yield
    for finding in set(kept):
        readable(finding)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return honest(tmp_path_factory.mktemp("honest") / "ledger.db")


@pytest.fixture
def ledger(template: Path, tmp_path: Path) -> Path:
    return copy_of(template, tmp_path / "ledger.db")
