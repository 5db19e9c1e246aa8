"""T23 what the domain calls irregular; T24 unknown types, formats; T25 a node as a leaf; T65 a type that names code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger, occurred
from coop_ledger import events as ev
from coop_ledger.audit import Verdict
from coop_ledger.log import leaf_hash, node_hash
from tests.attacks.tools import ORIGIN, SOURCE, attacked, convicted, rewrite, settle


def test_t23_an_irregular_history_is_no_tampered_one(tmp_path: Path) -> None:
    path = tmp_path / "irregular.db"
    with Ledger.open(path, origin=ORIGIN) as ledger:
        ledger.record(occurred(ev.InstitutionResumed("office"), when="2016", sources=SOURCE))
        assert ledger.anomalies()
    convicted(path, verdict=Verdict.SELF_CONSISTENT)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"type": "institution.teleported"}, "institution.teleported version 1"),
        ({"version": 2}, "institution.opened version 2"),
        ({"type": "act.enchantment"}, "act.enchantment version 1"),
    ],
)
def test_t24_a_type_or_version_of_a_newer_writer(ledger: Path, changed: dict[str, Any], told: str) -> None:
    with attacked(ledger) as db:
        rewrite(db, 11, lambda leaf: leaf.update(changed))
        settle(db)
    report = convicted(ledger, "T24", verdict=Verdict.UNDECIDED)
    assert report.findings[0].found == told
    assert "neither a yes nor a no" in report.as_text()


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("form", [0, 2])
def test_t24_another_format_of_leaves(ledger: Path, form: int, quick: bool) -> None:
    with attacked(ledger) as db:
        rewrite(db, 11, lambda leaf: leaf.update(v=form))
        settle(db)
    convicted(ledger, "T24", verdict=Verdict.UNDECIDED, quick=quick)


def test_t24_an_act_on_what_is_not_known_is_not_judged(ledger: Path) -> None:
    """A newer writer labels the act with subjects that only it can read."""
    with attacked(ledger) as db:
        rewrite(db, 0, lambda leaf: leaf.update(version=2))
        settle(db)
        db.execute("INSERT INTO labels VALUES (4711, 'institution:only-known-later')")
        db.execute("INSERT INTO labelled VALUES (4711, 0), (4711, 6)")
    convicted(ledger, "T24", verdict=Verdict.UNDECIDED)


@pytest.mark.parametrize("quick", [False, True])
def test_t25_a_node_offered_as_a_leaf(ledger: Path, quick: bool) -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    for leaf in (left + right, b"\x01" + left + right):
        with attacked(ledger) as db:
            rewrite(db, 5, leaf)
            db.execute("UPDATE entries SET hash = ? WHERE position = 5", (node_hash(left, right),))
        convicted(ledger, "T01", "T02", "T57", quick=quick)


@pytest.mark.parametrize("name", ["os.system", "coop-ledger.testing", "builtins.eval", "domain.claims.claim"])
def test_t65_a_type_that_names_code(ledger: Path, name: str) -> None:
    with attacked(ledger) as db:
        rewrite(db, 11, lambda leaf: leaf.update(type=name))
        settle(db)
    convicted(ledger, "T24", verdict=Verdict.UNDECIDED)


@pytest.mark.parametrize("name", ["os:system", "../../etc", "Claim", "", "x" * 101, 7, None, ["act.merge"]])
def test_t65_a_type_that_is_no_wire_name(ledger: Path, name: Any) -> None:
    with attacked(ledger) as db:
        rewrite(db, 5, lambda leaf: leaf.update(type=name))
        settle(db)
    convicted(ledger, "T57")
