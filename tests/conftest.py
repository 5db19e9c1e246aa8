"""Profiles of Hypothesis, and the rule that CI skips nothing; which test goes where: README.md beside this."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faults.tally import Totals

settings.register_profile("dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("nightly", parent=settings.get_profile("dev"), max_examples=2_000)
# which lines run, a few examples of each property tell; measured, they take twice as long
settings.register_profile("coverage", parent=settings.get_profile("ci"), max_examples=10)
# a mutant is found by the first example that fails: nobody reads it, so nothing is made smaller
settings.register_profile("mutants", parent=settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


REPEATS = (
    "docs/how-to/test-your-projection.md",
    "tests/attacks/test_byte_flips.py",
    "tests/audit/test_ranges.py::test_spoiled_ledgers_read_the_same",
    "tests/codec/test_strict.py::test_a_million_keys",
    "tests/examples/test_agreement.py",
    "tests/examples/test_second_verifier.py",
    "tests/interchange/test_hostile.py::test_every_changed_byte",
    "tests/ledger/test_erasure_and_proofs.py",
    "tests/ledger/test_publication.py::test_the_files_are_those_of_the_format[6",
    "tests/stateful/test_machine_bites.py",
    "tests/testing/test_check_projection.py::test_a_planted_fault",
    "tests/testing/test_check_projection.py::test_the_shipped_projections",
    "tests/testing/test_histories.py::test_histories_hold",
    "tests/testing/test_histories.py::test_what_is_found",
)
"""Tests that run again and again what others cover: `make coverage` leaves them aside."""


_PLANTED = "tests/testing/test_check_projection.py::test_a_planted_fault_is_found_with_the_law_that_it_breaks"
LONG = (
    f"{_PLANTED}[drift in text",
    f"{_PLANTED}[drift that is rounded",
    f"{_PLANTED}[exception on a rare code",
    f"{_PLANTED}[gathers otherwise",
    f"{_PLANTED}[unsorted set",
    "tests/codec/test_strict.py::test_a_million_keys",
    "tests/examples/test_second_verifier.py::test_a_byte_that_is_changed_in_a_signed_bundle",
    "tests/interchange/test_claims_importing.py::test_the_rows_are_not_held[json",
    "tests/interchange/test_claims_importing.py::test_the_rows_are_not_held[ndjson",
    "tests/interchange/test_files.py::test_an_import_that_is_killed_leaves_all_entries_or_none[0.0",
    "tests/interchange/test_files.py::test_an_import_that_is_killed_leaves_all_entries_or_none[0.1",
    "tests/interchange/test_files.py::test_an_import_that_is_killed_leaves_all_entries_or_none[0.2",
    "tests/ledger/test_publication.py::test_the_files_are_those_of_the_format[65535",
    "tests/ledger/test_publication.py::test_the_files_are_those_of_the_format[65536",
    "tests/ledger/test_publication.py::test_the_files_are_those_of_the_format[70000",
    "tests/stateful/test_machine_bites.py::test_a_sound_store_passes",
    "tests/stores/test_processes.py::test_processes_record[500",
    "tests/testing/test_check_projection.py::test_a_projection_that_another_process_cannot_find",
    "tests/testing/test_check_projection.py::test_laws_that_a_projection_breaks_on_purpose",
    "tests/testing/test_check_projection.py::test_one_law_is_left_out",
    "tests/testing/test_check_projection.py::test_two_checks_look_at_the_same_histories",
    "tests/testing/test_histories.py::test_a_failure_shows_its_history_as_the_python_that_makes_it[of0",
    "tests/testing/test_histories.py::test_clamped_times",
    "tests/witnessing/test_killed.py",
)
"""Tests that take long and have a shorter one of their kind beside them: they run in `make test-faults`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(LONG):
            item.add_marker("faults")
        if item.nodeid.startswith(REPEATS):
            item.add_marker("repeats")


def pytest_configure(config: pytest.Config) -> None:
    """What the rounds of the fault suite found is printed at the end of the run."""
    config.pluginmanager.register(Totals())


def _forbidden(report: Any) -> Any:
    """Where COOP_LEDGER_FORBID_SKIPS is set, what is skipped has failed."""
    if report.skipped and os.environ.get("COOP_LEDGER_FORBID_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped where nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """No test is skipped in silence."""
    return _forbidden((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """Nor a whole file."""
    return _forbidden((yield))
