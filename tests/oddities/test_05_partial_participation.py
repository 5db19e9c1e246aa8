"""A training "for the five" that three attended, its end seen by an ambassador and by video: a part is no whole."""

from __future__ import annotations

from typing import Any

from coop_ledger import (
    UNDECIDED,
    YES,
    Ledger,
    MeetingMode,
    Rank,
    SectorVocabulary,
    Source,
    SourceKind,
    When,
    announced,
    denied,
    occurred,
)
from coop_ledger import events as ev
from coop_ledger.projections import ConflictKind, Presence

DAY = "2017-10-05"
COURSE = "initiative:smart-water-training"
TRAINING = ev.InitiativeDelivered("smart-water-training", "training")
SESSION = "smart-water-training/closing"
HELD = ev.MeetingHeld(SESSION, kind="closing session", mode=MeetingMode.IN_PERSON)
BULLETIN = Source("Made-up Bulletin", When("2017-10-06"), kind=SourceKind.PRIMARY)
HERALD = Source("Made-up Herald", When("2017-10-09"))
EARLIER = Source("Made-up Gazette", When("2017-05-10"))


def delegation(party: str, maker: Any = occurred, source: Source = BULLETIN, **fields: Any) -> Any:
    return maker(ev.DelegationAttended(SESSION, party, **fields), when=DAY, sources=source)


HISTORY = (
    announced(TRAINING, when="2017-10", sources=EARLIER, parties={"beneficiary": "KZ KG TJ TM UZ"}),
    occurred(ev.SectorsClassified(COURSE, SectorVocabulary.DAC_PURPOSE, (ev.SectorShare("14081"),)), sources=EARLIER),
    announced(HELD, when=DAY, sources=EARLIER, parties={"host": "KR"}),
    delegation("KZ", announced, EARLIER, ranks=(Rank.MINISTER,)),
    occurred(TRAINING, when=DAY, sources=BULLETIN, parties={"beneficiary": "KZ KG UZ"}),
    occurred(HELD, when=DAY, sources=BULLETIN, parties={"host": "KR", "participant": "KG"}),
    delegation("KZ", ranks=(Rank.AMBASSADOR,)),
    delegation("UZ", ranks=(Rank.DEPUTY_MINISTER,), mode=MeetingMode.VIDEO),
    delegation("TJ", denied, HERALD),
)  # fmt: skip


def told() -> Ledger:
    ledger = Ledger.in_memory()
    ledger.record(*HISTORY)
    return ledger


def test_delivered_to_three_of_five_is_met_in_part_and_pending_for_two() -> None:
    ledger = told()
    (promise,) = ledger.commitments(subject=COURSE)
    assert (promise.met, promise.in_part, promise.pending) == (YES, YES, ("TJ", "TM"))
    reached = {one.beneficiary: one.delivered for one in ledger.initiative(COURSE).deliveries}
    assert reached == {"KG": YES, "KZ": YES, "TJ": UNDECIDED, "TM": UNDECIDED, "UZ": YES}
    assert [row.country for row in ledger.sectors() if row.delivered] == ["KG", "KZ", "UZ"]
    assert len(ledger.sectors()) == 5  # announced for all five
    assert (ledger.overdue(on="2018-01-01"), ledger.conflicts(COURSE)) == ([], [])


def test_each_party_came_was_listed_was_absent_or_is_unknown() -> None:
    found = told().meeting(SESSION)
    assert {party: found.presence_of(party) for party in ("KR", "KZ", "KG", "TJ", "TM", "UZ")} == {
        "KR": Presence.LISTED,
        "KZ": Presence.ATTENDED,
        "KG": Presence.LISTED,
        "TJ": Presence.ABSENT,
        "TM": Presence.UNKNOWN,
        "UZ": Presence.ATTENDED,
    }
    assert "TM" not in [one.party for one in found.participation]
    assert (found.conflicts, found.anomalies) == ((), ())


def test_an_ambassador_in_the_place_of_a_minister_is_a_change_and_video_is_one_delegation_s_mode() -> None:
    ledger = told()
    found = ledger.meeting(SESSION)
    by_party = {one.party: one for one in found.participation}
    assert by_party["KZ"].ranks == (Rank.AMBASSADOR,)
    assert by_party["KZ"].planned["ranks"].value == (Rank.MINISTER,)
    assert (by_party["UZ"].mode, by_party["KZ"].mode, by_party["KG"].ranks) == (MeetingMode.VIDEO, None, ())
    assert found.mode is not None
    assert found.mode.value is MeetingMode.IN_PERSON
    (sent,) = [one for one in ledger.commitments(subject=f"meeting:{SESSION}") if one.key == ("KZ",)]
    assert [(one.field, one.planned, one.actual) for one in sent.differences] == [
        ("ranks", (Rank.MINISTER,), (Rank.AMBASSADOR,))
    ]
    assert ledger.conflicts() == []


def test_a_list_of_all_five_contradicts_only_the_absence() -> None:
    ledger = told()
    then = ledger.at(published="2017-10-31")
    before, everybody = then.meeting(SESSION), {"host": "KR", "participant": "KZ KG TJ TM UZ"}
    courier = Source("Made-up Courier", When("2017-12-01"))
    ledger.record(occurred(HELD, when=DAY, sources=courier, parties=everybody))
    (conflict,) = ledger.conflicts()
    assert (conflict.kind, conflict.field, conflict.keys) == (ConflictKind.DENIAL, "presence", (("TJ",),))
    found = ledger.meeting(SESSION)
    assert [one.party for one in found.participation if one.disputed] == ["TJ"]
    assert found.presence_of("TM") is Presence.LISTED
    assert ledger.commitments(subject=COURSE)[0].pending == ("TJ", "TM")  # to be listed there is no training
    assert then.meeting(SESSION) == ledger.at(published="2017-10-31").meeting(SESSION) == before
    assert before.presence_of("TJ") is Presence.ABSENT
