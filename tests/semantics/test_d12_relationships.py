"""D12: a claim belongs to A–B when both are among its country parties, in any role; levels are per side."""

from __future__ import annotations

from typing import Any

from coop_ledger.domain import YES, Claim, MissionKind, Status, announced, observed, occurred
from coop_ledger.domain import events as ev
from coop_ledger.projections import RELATIONSHIP, Period, project
from tests.projections.support import LATER, PRESS, day, entries, state_of


def test_levels_are_per_side_and_third_parties_only_saw_them() -> None:
    def level(words: str, when: str, maker: Any = occurred, said: str | None = None, **parties: str) -> Any:
        return maker(ev.LevelDeclared("KR-KZ", words), when=when, sources=PRESS, stated_by=said, parties=parties)

    found = state_of(
        RELATIONSHIP,
        "relationship:KR-KZ",
        level("strategic", "2009-05", declarer="KR KZ"),
        level("special strategic", "2019", declarer="KR"),
        level("extended", "2020", said="KZ"),
        level("comprehensive", "2005", observed, said="CN"),
    )
    assert [(p.value, str(p.begun), p.ended and str(p.ended), p.recorded) for p in found.levels] == [
        (("KR", "comprehensive"), "..2005-12-31", "2009-05", False),
        (("KR", "strategic"), "2009-05", "2019", True),
        (("KR", "special strategic"), "2019", None, True),
        (("KZ", "comprehensive"), "..2005-12-31", "2009-05", False),
        (("KZ", "strategic"), "2009-05", "2009-05-02..2020-12-31", True),
        (("KZ", "extended"), "2009-05-02..2020-12-31", None, False),
    ]
    assert found.conflicts == ()
    assert [p.value[1] for p in found.levels if p.on(day("2010-01-01")) is YES] == ["strategic"]


def test_a_relationship_is_what_both_take_part_in() -> None:
    pair, sent = {"participant": "KR KZ"}, {"sender": "KR", "receiver": "KZ"}
    spoken = {"speaker": "KR", "addressee": "KZ"}
    found = state_of(
        RELATIONSHIP, "relationship:KR-KZ",
        occurred(ev.StateRecognised("KR-KZ"), when="1991-12-30", sources=PRESS),
        occurred(ev.RelationsEstablished("KR-KZ"), when="1992-01-28", sources=PRESS),
        occurred(ev.LevelDeclared("KR-KZ", "strategic"), when="2009", sources=PRESS, parties={"declarer": "KR"}),
        announced(ev.LevelDeclared("KR-KZ", "alliance"), when="2030", sources=PRESS),
        occurred(ev.MissionOpened("KR-KZ", MissionKind.EMBASSY), when="1993", sources=PRESS, parties=sent),
        announced(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=PRESS, parties=pair),
        occurred(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=PRESS, parties=pair),
        announced(ev.MeetingHeld("forum/11"), when="2017", sources=PRESS, parties=pair),
        occurred(ev.VisitPaid("tour"), when="2016-05", sources=PRESS, parties={"visitor": "KZ", "host": "KR"}),
        occurred(ev.StatementMade("country:KP", "nuclear issue"), sources=PRESS, parties=spoken),
        announced(ev.AnniversaryMarked("relationship:KR-KZ", "relations", 25), when="2017", sources=PRESS),
        occurred(ev.AgreementSigned("mou"), when="2015", sources=PRESS, parties={"signatory": "KR KZ"}),
        announced(ev.InstitutionOpened("kcac"), when="2017", sources=PRESS, parties=pair),
        announced(ev.InitiativeStarted("water"), when="2017", sources=PRESS, parties=pair),
        occurred(ev.NameUsed("initiative:water", "Water"), sources=PRESS, parties=pair),
        occurred(ev.MeetingHeld("elsewhere"), when="2016-12", sources=PRESS, parties={"participant": "KR KG"}),
    )  # fmt: skip
    assert found.countries == ("KR", "KZ")
    assert found.status is Status.ESTABLISHED
    assert str(found.established.dating) == "1992-01-28"
    assert str(found.recognised.dating) == "1991-12-30"
    assert [level.value for level in found.levels] == [("KR", "strategic")]
    assert isinstance(found.levels[0], Period)
    assert [mission.value for mission in found.missions] == [("KR", "KZ", "embassy", "")]
    assert [(t.subject, t.happened) for t in found.meetings] == [
        ("meeting:forum/10", True),
        ("meeting:forum/11", False),
    ]
    assert [t.subject for t in found.visits] == ["visit:tour"]
    assert [(s.topic, s.speakers) for s in found.statements] == [("nuclear issue", ("KR",))]
    assert [m.id.key for m in found.anniversaries] == [("relations", "25")]
    assert [t.subject for t in found.agreements] == ["agreement:mou"]
    assert [t.subject for t in found.institutions] == ["institution:kcac"]
    assert [t.subject for t in found.initiatives] == ["initiative:water"]
    assert str(found.last_contact) == "2016-11-15"


def test_n_countries_give_every_pair() -> None:
    claim = occurred(
        ev.MeetingHeld("forum/10"), when="2016", sources=PRESS, parties={"participant": "KR KZ KG institution:kf"}
    )
    assert list(project(RELATIONSHIP, entries(claim))) == [
        "relationship:KG-KR",
        "relationship:KG-KZ",
        "relationship:KR-KZ",
    ]
    alone = occurred(ev.MeetingHeld("forum/10"), when="2016", sources=PRESS, parties={"participant": "KR"})
    assert project(RELATIONSHIP, entries(alone)) == {}
    assert state_of(RELATIONSHIP, "relationship:KG-KR", claim).last_contact is not None


def test_positions_of_a_topic_over_time_and_last_contact_on_a_day() -> None:
    spoken = {"speaker": "KR", "addressee": "KZ"}
    both = {"participant": "KR KZ"}

    def said(topic: str, position: str, stated: str | None) -> Claim:
        event = ev.StatementMade("country:KP", topic, position)
        return occurred(event, when=stated, stated=stated, sources=LATER, parties=spoken)

    found: Any = project(
        RELATIONSHIP,
        entries(
            said("tests", "condemns", "2016-11-15"), said("tests", "regrets", "2014-05"), said("trade", "more", None),
            occurred(ev.MeetingHeld("forum/9"), when="2015-10", sources=LATER, parties=both),
            occurred(ev.MeetingHeld("forum/10"), when="2016-11-15", sources=LATER, parties=both),
            announced(ev.MeetingHeld("forum/11"), when="2017", stated="2016-12", sources=LATER, parties=both),
            occurred(ev.VisitPaid("tour"), when="2014", sources=LATER, parties={"visitor": "KZ", "host": "KR"}),
            occurred(ev.AnniversaryMarked("relationship:KR-KZ", "relations", 25), when="2017", sources=LATER),
        ),
    )["relationship:KR-KZ"]  # type: ignore[index]  # fmt: skip
    assert [(s.position, str(s.stated)) for s in found.topics["tests"]] == [
        ("regrets", "2014-05"), ("condemns", "2016-11-15"),
    ]  # fmt: skip
    assert list(found.topics) == ["tests", "trade"]
    early = found.on(day("2015-12-31"))
    assert [s.position for s in early.topics["tests"]] == ["regrets"]
    assert [t.subject for t in early.meetings] == ["meeting:forum/9"]
    assert (str(early.last_contact), str(found.last_contact), early.anniversaries) == ("2015-10", "2016-11-15", ())
