"""The record of November 2016: what the seed's article alone yields, and what the whole record shows."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from coop_ledger import ActivityStatus, Assertion, Claim, Ledger, Rank, Status
from coop_ledger.cli.dataset import load_dataset
from coop_ledger.errors import CodecError
from coop_ledger.interchange import load_claims
from coop_ledger.testing import ticking
from tests.shared import ROOT, shared_json

AREAS = {
    "arts-and-culture": "16066",
    "medicine": "12191",
    "tourism": "33210",
    "water-management": "14010",
    "youth-leadership": "11231",
}
FIVE = ("KG", "KZ", "TJ", "TM", "UZ")


def ledger_of(claims: list[Claim]) -> Ledger:
    ledger = Ledger.in_memory(clock=ticking(datetime(2016, 11, 20, tzinfo=UTC)))
    ledger.record(*claims)
    return ledger


DOCUMENT = json.loads((ROOT / "examples" / "korea-central-asia-2016.json").read_text(encoding="utf-8"))
COMPILERS = "compilers"
"""The key of the source of what no report says: codes that the compilers chose for a fact."""


@pytest.fixture(scope="module")
def article() -> Ledger:
    """Only what the seed's article says, with the sector codes of its facts."""
    told = {row["fact"] for row in DOCUMENT["claims"] if row["sources"] == ["korea-net"]}
    rows = zip(DOCUMENT["claims"], load_dataset()[1], strict=True)
    sources = (["korea-net"], [COMPILERS])
    return ledger_of([claim for row, claim in rows if row["sources"] in sources and row["fact"] in told])


@pytest.fixture(scope="module")
def record() -> Ledger:
    return ledger_of(load_dataset()[1])


def test_the_dataset_holds_each_of_the_thirty_facts() -> None:
    """Facts by their ids, with the sources and assertions that the compiled record gives them."""
    facts = {fact["id"]: fact for fact in shared_json("data/korea-central-asia-2016.json")["entries"]}
    told = [row for row in DOCUMENT["claims"] if row["sources"] != [COMPILERS]]
    assert {row["fact"] for row in told} == set(facts)
    assert len(facts) == 30
    for row in told:
        fact = facts[row["fact"]]
        (key,) = row["sources"]
        source = DOCUMENT["sources"][key]
        assert source["url"] == fact["source"]["url"]
        assert source["published"] == fact["source"]["published"]
        assert source["kind"].upper() == fact["source"]["kind"]
        assert source.get("relays") == fact["source"].get("relays")
        if fact["assertion"] == "planned":
            assert row["assertion"] == ("OCCURRED" if row["event"]["type"] == "identity.name-used" else "PLANNED")
        if row["assertion"] == "PLANNED":
            assert row["when"] == fact["when"]
            assert row["stated"] == fact["announced_on"]


def test_every_sector_of_a_fact_reaches_a_claim_of_the_compilers(record: Ledger) -> None:
    """No report gives codes: they stand in the compilers' voice, and none is lost."""
    facts = {fact["id"]: fact for fact in shared_json("data/korea-central-asia-2016.json")["entries"]}
    rows = [row for row in DOCUMENT["claims"] if row["event"]["type"] == "initiative.sectors-classified"]
    assert all(row["sources"] == [COMPILERS] for row in rows)
    claimed: dict[str, set[str]] = {}
    for row in rows:
        claimed.setdefault(row["fact"], set()).update(share["code"] for share in row["event"]["sectors"])
    assert claimed == {name: set(fact["sectors"]) for name, fact in facts.items() if "sectors" in fact}
    medical = {state.subject.removeprefix("initiative:") for state in record.initiatives(sector="12191")}
    assert medical == {"medicine", "medical-and-tourism-fair", "medical-and-tourism-conferences"}


def test_the_session_with_its_five_delegations(article: Ledger) -> None:
    session = article.meeting("kcac-forum/10")
    assert (session.status, str(session.when)) == (Status.HELD, "2016-11-15")
    assert session.level is not None
    assert session.place is not None
    assert (session.level.value, session.place.value) == (Rank.DEPUTY_MINISTER, "seoul")
    ranks = {found.party: found.ranks for found in session.participation if found.party != "KR"}
    deputies = dict.fromkeys(FIVE, (Rank.DEPUTY_MINISTER,))
    assert ranks == {**deputies, "KZ": (Rank.DIRECTOR_GENERAL,)}
    heads = {found.party: found.head_as_written for found in session.participation}
    assert heads["KZ"] == "Alibek Bakayev"


def test_the_ministers_meeting(article: Ledger) -> None:
    call = article.meeting("kcac-forum/10/minister")
    assert call.level is not None
    assert (call.status, call.level.value) == (Status.HELD, Rank.MINISTER)
    assert {found.party for found in call.participation} == {"KR", *FIVE}
    assert {statement.topic for statement in call.statements} == {
        "DPRK nuclear issue",
        "relations with Central Asia",
    }


def test_the_secretariat_announced_for_2017_at_the_foundation(article: Ledger) -> None:
    found = article.institution("kcac-secretariat")
    assert str(found.target) == "2017"
    assert found.host is not None
    assert found.host.id.key == ("institution:korea-foundation",)
    assert found.host.plan is not None
    assert found.opened is not None
    assert found.opened.occurred == ()
    assert found.status is Status.PROCLAIMED


def test_the_five_areas_as_initiatives(article: Ledger) -> None:
    found = {
        state.subject.removeprefix("initiative:"): state for state in article.initiatives(party="KR") if state.sectors
    }
    assert {slug: state.sectors[0].code for slug, state in found.items()} == AREAS
    for state in found.values():
        assert state.iati_status is ActivityStatus.PIPELINE
        assert state.target is not None
        assert state.target.plan is not None
        assert str(state.target.plan.current.when) == "2017"
        assert all(delivery.delivered.value != "yes" for delivery in state.deliveries)


@pytest.mark.parametrize("country", FIVE)
def test_five_relationships(article: Ledger, country: str) -> None:
    found = article.relationship("KR", country)
    met = {item.subject for item in found.meetings if item.happened}
    assert met == {"meeting:kcac-forum/10", "meeting:kcac-forum/10/minister"}
    positions = {item.speakers: item.position for item in found.statements if item.topic == "DPRK nuclear issue"}
    assert set(positions) == {("KR",), ("KZ", "KG", "TJ", "TM", "UZ")}
    assert "Security Council" in str(positions["KZ", "KG", "TJ", "TM", "UZ"])
    assert {milestone.id.key for milestone in found.anniversaries} == {
        ("diplomatic relations", "25"),
        ("settlement of ethnic Koreans (Goryeoin)", "80"),
    }
    assert str(found.last_contact) == "2016-11-15"


def test_attendance_is_disputed_with_its_sources(record: Ledger) -> None:
    reading = record.meeting("kcac-forum/10").figures["attendance"][0].reading
    assert reading.disputed
    assert [str(value) for value in reading.values] == ["about 200 persons", "about 150 persons"]
    assert {source.publisher for source in reading.sources} == {"Korea.net", "Ministry of Foreign Affairs of Korea"}
    assert [effective.claim.sources[0].publisher for effective in reading.against] == ["Asia Economy"]


def test_the_target_is_narrowed_to_the_second_half_of_2017(record: Ledger) -> None:
    found = record.institution("kcac-secretariat")
    assert str(found.target) == "2017-41"
    assert found.opened is not None
    assert found.opened.plan is not None
    assert (found.opened.plan.revisions, found.opened.plan.restatements) == (0, 2)
    assert [officer.value for officer in found.officers] == [("head", "p-k7s2")]
    assert found.statute is not None
    assert [plan.id.key for plan in found.work_plans] == [("2017",)]


def test_nothing_in_the_record_is_irregular(record: Ledger) -> None:
    states: list[Any] = [*record.initiatives(), *record.institutions(), *record.meetings(), *record.relationships()]
    assert [anomaly for state in states for anomaly in state.anomalies] == []
    assert {milestone.id.key[0] for state in states for milestone in state.disputed} == {"attendance"}


def test_words_of_two_translations_do_not_conflict(record: Ledger) -> None:
    kazakhs = next(found for found in record.meeting("kcac-forum/10").participation if found.party == "KZ")
    assert kazakhs.delegation is not None
    words = {effective.claim.event.rank_as_worded for effective in kazakhs.delegation.claims}  # type: ignore[union-attr]
    assert len(words) == 2
    assert not kazakhs.delegation.disputed


def test_plans_stay_plans(record: Ledger) -> None:
    assert all(state.iati_status in (None, ActivityStatus.PIPELINE) for state in record.initiatives())
    plans = [
        entry
        for entry in record.entries()
        if isinstance(entry.body, Claim) and entry.body.assertion is Assertion.PLANNED
    ]
    assert len(plans) > 20


@pytest.mark.parametrize(
    "document",
    [[], {}, {"sources": {}, "claims": [{"sources": ["x"], "assertion": "PLANNED", "event": {}}]}],
)
def test_other_documents_are_refused(document: Any) -> None:
    with pytest.raises(CodecError):
        load_claims(io.StringIO(json.dumps(document)))
