"""D11: a party attended, else is listed, else absent where denied, else unknown; never absent by silence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from coop_ledger.domain import NO, YES, MeetingMode, Rank, Status, Where, announced, denied, observed, occurred
from coop_ledger.domain import events as ev
from coop_ledger.projections import ConflictKind, Presence, as_plain
from tests.projections.support import KOREA_NET, LATER, MINISTRY, PRESS, YONHAP, day, meeting

HELD = ev.MeetingHeld("forum/10", level=Rank.DEPUTY_MINISTER, mode=MeetingMode.IN_PERSON)
DAY = "2016-11-15"


def delegation(party: str, maker: Any = occurred, source: Any = PRESS, **fields: Any) -> Any:
    return maker(ev.DelegationAttended("forum/10", party, **fields), when=DAY, sources=source)


def test_participation_is_attended_listed_absent_or_unknown() -> None:
    held = ev.MeetingHeld("forum/10", level=Rank.DEPUTY_MINISTER)
    present = {"host": "KR", "participant": "KZ", "speaker": "BY"}
    kz = ev.DelegationAttended("forum/10", "KZ", "p-1", "A. Bakayev", (Rank.DIRECTOR_GENERAL,))
    found = meeting(
        announced(held, when="2016-11-15", sources=PRESS, parties={"participant": "KR KZ TM"}),
        occurred(held, when="2016-11-15", sources=KOREA_NET, where=Where("KR", "seoul"), parties=present),
        occurred(kz, when="2016-11-15", sources=KOREA_NET),
        denied(ev.DelegationAttended("forum/10", "KG"), when="2016-11-15", sources=KOREA_NET),
        announced(ev.DelegationAttended("forum/10", "UZ", ranks=(Rank.MINISTER,)), when="2016-11-15", sources=PRESS),
        announced(ev.DelegationAttended("forum/10", "TM"), when="2016-11-15", sources=PRESS),
        occurred(ev.TopicDiscussed("forum/10", "water"), sources=PRESS, parties={"speaker": "TJ"}),
        occurred(ev.TextAdopted("joint"), sources=PRESS, where=Where(meeting="forum/10")),
        occurred(
            ev.StatementMade("country:KP", "nuclear issue", "violates resolutions"), sources=PRESS,
            where=Where(meeting="forum/10"), parties={"speaker": "KR KZ", "addressee": "KG"},
        ),
        occurred(ev.FigureReported("meeting:forum/10", "attendance", Decimal(150)), when="2016-11-15", sources=PRESS),
        announced(ev.FigureReported("meeting:forum/10", "cost", Decimal(1)), when="2016-11-15", sources=PRESS),
    )  # fmt: skip
    assert {p.party: p.presence for p in found.participation} == {
        "KR": Presence.LISTED,
        "KZ": Presence.ATTENDED,
        "TM": Presence.UNKNOWN,
        "KG": Presence.ABSENT,
        "UZ": Presence.UNKNOWN,
    }
    kazakhs = next(p for p in found.participation if p.party == "KZ")
    assert (kazakhs.ranks, kazakhs.head, kazakhs.head_as_written) == ((Rank.DIRECTOR_GENERAL,), "p-1", "A. Bakayev")
    assert (found.status, str(found.when), found.level.value, found.place.value) == (
        Status.HELD, "2016-11-15", Rank.DEPUTY_MINISTER, "seoul",
    )  # fmt: skip
    assert found.topics == ("water",)
    assert [document.id.subject for document in found.documents] == ["agreement:joint"]
    assert [(s.topic, s.speakers, s.addressees, s.position) for s in found.statements] == [
        ("nuclear issue", ("KR", "KZ"), ("KG",), "violates resolutions")
    ]
    assert {measure: [str(f.value) for f in figures] for measure, figures in found.figures.items()} == {
        "attendance": ["150"]
    }


def test_listed_and_denied_is_a_conflict_and_d6_decides_what_is_shown() -> None:
    listed = occurred(HELD, when=DAY, sources=KOREA_NET, parties={"participant": "KR KZ TM"})
    shown = meeting(listed, delegation("TM", denied))
    assert shown.presence_of("TM") is Presence.LISTED
    assert [(c.kind, c.field, c.values) for c in shown.conflicts] == [(ConflictKind.DENIAL, "presence", (YES, NO))]
    assert next(p for p in shown.participation if p.party == "TM").disputed
    outvoted = meeting(listed, delegation("TM", denied, MINISTRY), delegation("TM", denied, YONHAP))
    assert outvoted.presence_of("TM") is Presence.ABSENT
    absent = meeting(listed, delegation("TJ", denied))
    assert (absent.presence_of("TJ"), absent.conflicts) == (Presence.ABSENT, ())
    within = meeting(listed, delegation("TM", denied), delegation("TM", source=MINISTRY))
    assert (within.presence_of("TM"), [c.field for c in within.conflicts]) == (Presence.ATTENDED, ["happened"])


def test_a_party_that_no_claim_names_is_unknown_never_absent() -> None:
    found = meeting(
        announced(
            ev.MeetingHeld("forum/10"), when=DAY, stated="2016-10", sources=PRESS, parties={"participant": "KR UZ"}
        ),
        occurred(HELD, when=DAY, sources=KOREA_NET, parties={"host": "KR"}),
        delegation("KZ", ranks=(Rank.DIRECTOR_GENERAL,)),
    )
    presences = {party: found.presence_of(party) for party in ("KR", "KZ", "UZ", "KG")}
    assert presences == {
        "KR": Presence.LISTED, "KZ": Presence.ATTENDED, "UZ": Presence.UNKNOWN, "KG": Presence.UNKNOWN,
    }  # fmt: skip


def test_ranks_and_modes_are_readings_with_their_disputes() -> None:
    found = meeting(
        delegation("KZ", announced, ranks=(Rank.MINISTER,), mode=MeetingMode.IN_PERSON),
        delegation("KZ", ranks=(Rank.DIRECTOR_GENERAL,), mode=MeetingMode.VIDEO),
        delegation("KZ", source=KOREA_NET, ranks=(Rank.DEPUTY_MINISTER,)),
        delegation("UZ", announced, ranks=(Rank.MINISTER,)),
    )
    kazakhs, uzbeks = found.participation
    assert (kazakhs.ranks, kazakhs.mode, kazakhs.head, kazakhs.disputed) == (
        (Rank.DEPUTY_MINISTER,), MeetingMode.VIDEO, None, True,
    )  # fmt: skip
    assert kazakhs.readings["ranks"].values == ((Rank.DEPUTY_MINISTER,), (Rank.DIRECTOR_GENERAL,))
    assert kazakhs.planned["ranks"].value == (Rank.MINISTER,)
    assert (uzbeks.ranks, dict(uzbeks.readings), uzbeks.presence) == ((Rank.MINISTER,), {}, Presence.EXPECTED)
    assert as_plain(kazakhs)["planned"]["mode"]["value"] == "in-person"


def test_a_meeting_as_of_a_day_knows_nobody_who_came_later() -> None:
    found = meeting(
        occurred(ev.MeetingHeld("forum/10"), when="2016-11", sources=LATER, parties={"participant": "KR KZ"}),
        delegation("KG"),
        occurred(ev.DelegationAttended("forum/10", "TJ"), when="2016-11", sources=LATER),
        announced(ev.DelegationAttended("forum/10", "UZ"), when="2016-11", stated="2016-10", sources=LATER),
        occurred(ev.TextAdopted("joint"), when=DAY, sources=PRESS),
        occurred(ev.FigureReported("meeting:forum/10", "attendance", Decimal(150)), when=DAY, sources=PRESS),
    )
    early = found.on(day("2016-11-10"))
    assert {p.party: p.presence for p in early.participation} == {
        "KR": Presence.UNKNOWN, "KZ": Presence.UNKNOWN, "TJ": Presence.UNKNOWN, "UZ": Presence.EXPECTED,
    }  # fmt: skip
    assert (dict(early.figures), early.documents) == ({}, ())
    assert early.presence_of("KG") is Presence.UNKNOWN
    assert found.on(day("2016-10-31")).participation[0].party == "UZ"


def test_a_meeting_that_was_seen_in_place_has_the_participants_that_were_seen() -> None:
    seen = observed(HELD, when=DAY, sources=KOREA_NET, parties={"participant": "KR KZ"})
    found = meeting(seen, delegation("KZ", denied))
    assert (found.status, found.presence_of("KR")) == (Status.HELD, Presence.LISTED)
    assert [(c.field, c.values) for c in found.conflicts] == [("presence", (YES, NO))]


def test_an_absence_on_other_days_contradicts_no_list() -> None:
    listed = occurred(HELD, when=DAY, sources=KOREA_NET, parties={"participant": "KR TM"})
    away = denied(ev.DelegationAttended("forum/10", "TM"), when="2015", sources=PRESS)
    found = meeting(listed, away)
    assert (found.presence_of("TM"), found.conflicts) == (Presence.LISTED, ())
    always = denied(ev.DelegationAttended("forum/10", "TM"), when="2015/2017", sources=PRESS)
    assert [c.field for c in meeting(listed, always).conflicts] == ["presence"]


def test_where_it_was_held_is_a_country_and_a_place() -> None:
    planned = announced(HELD, when=DAY, sources=PRESS, where=Where("TM", "ashgabat"))
    found = meeting(planned, occurred(HELD, when=DAY, sources=KOREA_NET, where=Where("KR", "seoul")))
    assert (found.country.value, found.place.value, found.country.disputed) == ("KR", "seoul", False)
    assert found.on(day("2016-10-01")).country is None  # where it was held is not known before
    assert (meeting(planned).country, meeting(planned).held.plan.current.values["where.country"]) == (None, "TM")
