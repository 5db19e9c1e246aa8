"""
The command line alone takes in the record of November 2016, from a table, and answers questions 1 to 6 and 10 of
docs/how-to/ask.md on it.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import asked, run
from tests.shared import ROOT

SECRETARIAT = "institution:kcac-secretariat"
TABLE = ROOT / "examples" / "korea-central-asia-2016.csv"


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that two commands made: ``init``, and ``import`` of the table."""
    path = tmp_path_factory.mktemp("typed") / "forum.db"
    begun = run("init", str(path))
    assert begun.returncode == 0, begun.stderr
    taken = run("import", str(path), str(TABLE))
    assert (taken.returncode, taken.stderr) == (0, "87 claims recorded, at 0 to 86.\n")
    return path


def test_the_table_is_the_whole_record(forum: Path) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        assert len({row["fact"] for row in csv.DictReader(file)}) == 30
    again = run("import", str(forum), str(TABLE.with_suffix(".json")))  # what the demo records
    assert (again.returncode, "Nothing new" in again.stderr) == (0, True), again.stderr


def test_1_what_was_announced_and_never_delivered(forum: Path) -> None:
    promises = asked("commitments", str(forum), "--on", "2019-12-31")["items"]
    early = {
        one["subject"]
        for one in promises
        if one["subject"].startswith("initiative:") and one["made"]["latest"] <= "2016-11-15" and one["met"] != "yes"
    }
    assert early == {f"initiative:{name}" for name in (
        "arts-and-culture", "medicine", "tourism", "water-management", "youth-leadership",
    )}  # fmt: skip


def test_2_what_was_known_on_a_day_and_what_is_known_of_it_now(forum: Path) -> None:
    def status(*axes: str) -> Any:
        return asked("show", str(forum), SECRETARIAT, *axes)["items"][0]["state"]["status"]

    day = "2016-11-15"
    assert (status("--published", day, "--on", day), status("--on", day), status()) == (
        "unrecorded", "proclaimed", "proclaimed",
    )  # fmt: skip
    # recorded lately, of what was long published: this ledger itself knew nothing then
    assert run("show", str(forum), SECRETARIAT, "--recorded", day).returncode == 4


def test_3_on_which_sources_a_field_rests(forum: Path) -> None:
    (reason,) = asked("why", str(forum), SECRETARIAT, "host")["items"]
    (source,) = reason["says"]["sources"]
    assert (source["publisher"], source["published"], source["kind"]) == ("Korea.net", "2016-11-18", "primary")
    assert "Korea.net (2016-11-18, primary)" in run("why", str(forum), SECRETARIAT, "host").stdout


def test_4_when_it_was_first_learnt_of(forum: Path) -> None:
    reasons = asked("why", str(forum), SECRETARIAT, "proclaimed")["items"]
    told = [(source["published"], source["publisher"]) for one in reasons for source in one["says"]["sources"]]
    assert min(told) == ("2016-11-16~", "Seoul Economic Daily")
    assert {one["says"]["when"] for one in reasons} == {"2016-11-15"}
    assert all(one["recorded_at"].endswith("Z") for one in reasons)


def test_5_what_is_overdue(forum: Path) -> None:
    late = asked("overdue", str(forum), "--on", "2018-01-15")["items"]
    assert ("institution:kcac-secretariat", {"least": 15, "most": 198}) in [
        (one["commitment"]["subject"], one["days"]) for one in late
    ]
    assert asked("overdue", str(forum), "--on", "2017-12-31")["items"] == []


def test_6_how_often_it_was_announced_again_and_how_far_it_slipped(forum: Path) -> None:
    promises = asked("commitments", str(forum), "--subject", SECRETARIAT)["items"]
    (opening,) = [one for one in promises if one["event"] == "institution.opened"]
    assert (opening["revisions"], opening["restatements"], opening["slip"]) == (0, 2, None)
    assert [target["when"]["text"] for target in opening["targets"]] == ["2017-41"]


def test_10_which_agreements_bind(forum: Path) -> None:
    done = run("show", str(forum), "agreements")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "no agreement is recorded\n")


def test_what_changed_between_two_days_of_the_press(forum: Path) -> None:
    changes = asked("diff", str(forum), "--published", "2016-11-15", "now", "--subject", SECRETARIAT)["items"]
    (status,) = [one for one in changes if one["field"] == "status"]
    assert (status["before"], status["after"], status["entries"]) == ("unrecorded", "proclaimed", [30, 34])
