"""D7: what lasts begins by OCCURRED and lasts until its counterpart or the next one; HOLDS only bounds it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coop_ledger.domain import (
    NO,
    REDACTED,
    UNDECIDED,
    YES,
    Answer,
    Claim,
    MissionKind,
    Source,
    announced,
    denied,
    observed,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.domain.entries import Ruling
from coop_ledger.projections import INSTITUTION, NAMES, RELATIONSHIP, ConflictKind, Period, fold, project
from tests.projections.support import KOREA_NET, MINISTRY, PRESS, UNDATED, day, effective, entries, state_of

START = date(2016, 1, 1)


def institution(*claims: Claim) -> Any:
    return state_of(INSTITUTION, "institution:kcac", *claims)


def pair(*claims: Claim) -> Any:
    return state_of(RELATIONSHIP, "relationship:KR-KZ", *claims)


def took(person: str, when: str | None, maker: Any = occurred, source: Source = PRESS) -> Any:
    return maker(ev.OfficeTaken("kcac", "head", person), when=when, sources=source)


def left(person: str, when: str | None, maker: Any = occurred, source: Source = PRESS) -> Any:
    return maker(ev.OfficeLeft("kcac", "head", person), when=when, sources=source)


def seat(place: str, when: str | None, maker: Any = occurred, source: Source = PRESS) -> Any:
    return maker(ev.SeatEstablished("kcac", place), when=when, sources=source)


def joined(when: str | None, maker: Any = occurred, party: str = "KZ", source: Source = PRESS) -> Any:
    return maker(ev.MemberAdmitted("kcac", party), when=when, sources=source)


def gone(when: str | None, maker: Any = occurred, party: str = "KZ") -> Any:
    return maker(ev.MemberWithdrew("kcac", party), when=when, sources=PRESS)


def shown(periods: tuple[Period, ...]) -> list[tuple[str, str, str | None]]:
    return [
        (period.value[-1], str(period.begun), None if period.ended is None else str(period.ended)) for period in periods
    ]


# laws

_kinds = st.sampled_from(("took", "left", "seen"))
_facts = st.lists(st.tuples(_kinds, st.sampled_from(("a", "b", "c")), st.integers(0, 8)), max_size=6)


def _history(facts: list[tuple[str, str, int]]) -> list[Claim]:
    makers = {"took": took, "left": left, "seen": lambda person, when: took(person, when, observed)}
    return [makers[kind](person, str(START + timedelta(days=at))) for kind, person, at in facts]


@given(_facts)
def test_of_an_exclusive_state_no_two_values_are_sure_on_a_day(facts: list[tuple[str, str, int]]) -> None:
    if not facts:
        return
    found = institution(*_history(facts))
    for at in range(-1, 10):
        on = START + timedelta(days=at)
        sure = {period.value for period in found.officers if period.on(on) is YES and not period.disputed}
        assert len(sure) <= 1


@given(_facts)
def test_a_sighting_never_begins_or_ends_what_is_recorded(facts: list[tuple[str, str, int]]) -> None:
    """Take the sightings away: the same recorded periods begin on the same days, and no recorded end moves."""
    recorded = [fact for fact in facts if fact[0] != "seen"]
    if not recorded:
        return
    with_seen = [p for p in institution(*_history(facts)).officers if p.recorded]
    without = [p for p in institution(*_history(recorded)).officers if p.recorded]
    assert [(p.value, p.begun) for p in with_seen] == [(p.value, p.begun) for p in without]
    for one, other in zip(with_seen, without, strict=True):
        assert other.ended is None or one.ended is not None


@given(_facts)
def test_a_sighting_is_of_its_period_or_a_conflict(facts: list[tuple[str, str, int]]) -> None:
    if not facts:
        return
    found = institution(*_history(facts))
    attached = [e.position for period in found.officers for e in period.sightings]
    conflicting = {e.position for conflict in found.conflicts for e in conflict.claims}
    seen = {at for at, fact in enumerate(facts) if fact[0] == "seen"}
    lost = {p for milestone in found.milestones if milestone.has_happened is not YES for p in milestone.positions}
    assert len(attached) == len(set(attached))
    assert seen <= {*attached, *conflicting, *lost}
    for period in found.officers:
        for one in period.sightings:
            assert one.claim.when is not None
            assert one.claim.when.first.latest is not None
            if not period.disputed:
                ended_that_day = period.ended is not None and period.ended.latest == one.claim.when.first.latest
                assert period.on(one.claim.when.first.latest) is not NO or ended_that_day


@given(_facts, st.integers(-1, 9))
def test_a_state_of_a_day_agrees_with_its_periods(facts: list[tuple[str, str, int]], at: int) -> None:
    if not facts:
        return
    now, on = institution(*_history(facts)), START + timedelta(days=at)

    def answers(periods: tuple[Period, ...]) -> list[tuple[Any, Answer]]:
        return [(period.value, period.on(on)) for period in periods if period.on(on) is not NO]

    assert answers(now.on(on).officers) == answers(now.officers)


# offices, hosts, seats: one at a time


def test_an_office_lasts_until_it_is_left_or_taken_by_the_next() -> None:
    found = institution(
        took("a", "2010"), took("b", "2012-05-01"), left("b", "2014"), took("c", "2016"), left("c", "2018-03"),
        took("clerk", "2011", lambda event, **more: announced(event, **more)),
    )  # fmt: skip
    assert shown(found.officers) == [
        ("a", "2010", "2012-05-01"),
        ("b", "2012-05-01", "2014"),
        ("c", "2016", "2018-03"),
    ]
    a, b, c = found.officers
    assert [a.on(day(text)) for text in ("2009-12-31", "2010-06-01", "2012-04-30", "2012-05-01")] == [
        NO, UNDECIDED, YES, NO,
    ]  # fmt: skip
    assert (b.on(day("2012-05-01")), b.on(day("2014-06-01")), b.on(day("2015-01-01"))) == (YES, UNDECIDED, NO)
    assert (c.on(None), c.recorded, c.value) == (NO, True, ("head", "c"))
    assert [m.id.event for m in c.milestones] == [ev.OfficeTaken, ev.OfficeLeft]
    assert found.on(day("2013-01-01")).officers[-1].ended is None
    assert len(found.on(day("2013-01-01")).officers) == 2
    assert found.conflicts == ()


def test_a_sighting_bounds_the_beginning_from_above_and_the_end_from_below() -> None:
    found = institution(
        took("a", "2016"), took("a", "2016-05-02", observed), took("a", "2018-03-01", observed), left("a", "2018")
    )
    assert shown(found.officers) == [("a", "2016-01-01..2016-05-02", "2018-03-01..2018-12-31")]
    assert len(found.officers[0].sightings) == 2
    (only_seen,) = institution(took("a", "2016-05-02", observed)).officers
    assert (only_seen.recorded, str(only_seen.begun), only_seen.ended) == (False, "..2016-05-02", None)
    assert [only_seen.on(day(text)) for text in ("2016-05-01", "2016-05-02", "2030-01-01")] == [UNDECIDED, YES, YES]


def test_a_sighting_of_another_leaves_the_time_between_undecided() -> None:
    found = institution(took("a", "2010-01-01"), took("b", "2014-06-30", observed))
    assert shown(found.officers) == [
        ("a", "2010-01-01", "2010-01-02..2014-06-30"),
        ("b", "2010-01-02..2014-06-30", None),
    ]
    assert [[p.on(day(text)) for p in found.officers] for text in ("2010-01-01", "2012-01-01", "2014-06-30")] == [
        [YES, NO], [UNDECIDED, UNDECIDED], [NO, YES],
    ]  # fmt: skip
    assert found.conflicts == ()
    back = institution(*(took(who, when, observed) for who, when in (("a", "2010"), ("b", "2012"), ("a", "2014"))))
    assert [period.value[1] for period in back.officers] == ["a", "b", "a"]


def test_a_seen_state_ends_where_the_next_is_recorded_to_begin() -> None:
    found = institution(took("a", "2010-05-01", observed), took("b", "2012-01-01"))
    assert shown(found.officers) == [("a", "..2010-05-01", "2012-01-01"), ("b", "2012-01-01", None)]
    span = institution(seat("seoul", "2010", observed), seat("busan", "2012-01-01/2012-01-05"))
    assert shown(span.seats)[0] == ("seoul", "..2010-12-31", "2012-01-01")


def test_an_end_without_a_beginning_leaves_the_beginning_unknown() -> None:
    found = institution(left("a", "2012"), took("a", "2010", observed), left("b", "2015"), gone("2013"))
    assert shown(found.officers) == [("a", "..2010-12-31", "2012"), ("b", "2012-01-01..2015-12-31", "2015")]
    (member,) = found.members
    assert (member.on(day("2010-01-01")), member.on(day("2014-01-01")), member.on(None)) == (UNDECIDED, NO, NO)
    after = institution(took("a", "2010"), left("b", "2015-03-03"))
    assert shown(after.officers)[0] == ("a", "2010", "2010-01-02..2015-03-03")


def test_one_value_again_is_another_period_only_with_another_between() -> None:
    found = institution(seat("seoul", "2010"), seat("busan", "2015"), seat("seoul", "2018"))
    assert shown(found.seats) == [("seoul", "2010", "2015"), ("busan", "2015", "2018"), ("seoul", "2018", None)]
    assert found.conflicts == ()
    assert found.seat.id.key == ("seoul",)
    assert found.on(day("2016-06-01")).seat.id.key == ("busan",)
    again = institution(seat("seoul", "2010"), seat("seoul", "2018"))
    assert [(c.kind, c.field) for c in again.conflicts] == [(ConflictKind.VALUES, "when")]
    assert [period.disputed for period in again.seats] == [True]


def test_host_and_seat_are_those_in_place_else_planned() -> None:
    def hosted(host: str, when: str, maker: Any = occurred, **more: Any) -> Any:
        return maker(ev.HostDesignated("kcac", f"institution:{host}"), when=when, sources=PRESS, **more)

    found = institution(hosted("kf", "2017"), hosted("apc", "2020", announced, stated="2019"))
    assert found.host.id.key == ("institution:kf",)
    assert [period.value for period in found.hosts] == [("institution:kf",)]
    before = found.on(day("2015-01-01"))
    assert (before.host, before.hosts) == (None, ())
    plan = institution(hosted("apc", "2020", announced, stated="2019"))
    assert plan.host.id.key == ("institution:apc",)
    seen = institution(
        hosted("kf", "2017"), hosted("apc", "2020", observed), hosted("moon", "2030", announced, stated="2016")
    )
    assert seen.host.id.key == ("institution:apc",)
    assert seen.on(day("2018-05-01")).host is None


# members: any number


def test_members_join_leave_and_join_again() -> None:
    found = institution(joined("2010"), gone("2012"), joined("2014"), joined("2014", party="KG"), gone("2013"))
    assert shown(found.members)[0] == ("KZ", "2010", "2012")
    assert shown(found.members)[-1][0] == "KG"
    assert found.members_on(day("2011-06-01")) == {"KZ": YES}
    assert found.members_on(day("2014-06-01")) == {"KZ": UNDECIDED, "KG": UNDECIDED}
    assert found.members_on(None) == {"KZ": YES, "KG": YES}


def test_founding_members_are_those_named_as_members() -> None:
    parties = {"member": "KR KZ", "participant": "TM"}
    found = institution(
        occurred(ev.EstablishmentAgreed("kcac"), when="2016-11-15", sources=PRESS, parties=parties),
        occurred(ev.StatuteAdopted("kcac"), when="2017", sources=PRESS, parties={"member": "KR KZ"}),
        observed(ev.StatuteAdopted("kcac"), when="2018", sources=PRESS, parties={"member": "KG"}),
        gone("2019", party="KR"),
    )
    assert shown(found.members) == [
        ("KR", "2016-11-15", "2019"), ("KZ", "2016-11-15", None), ("KG", "..2018-12-31", None),
    ]  # fmt: skip
    assert found.conflicts == ()
    assert institution(denied(ev.EstablishmentAgreed("kcac"), sources=PRESS, parties=parties)).members == ()


def test_a_founder_that_was_admitted_later_is_a_conflict_and_both_stay_visible() -> None:
    agreed = occurred(ev.EstablishmentAgreed("kcac"), when="2016", sources=PRESS, parties={"member": "KZ"})
    found = institution(agreed, joined("2018", source=KOREA_NET))
    assert [(c.kind, c.keys, c.event) for c in found.conflicts] == [(ConflictKind.BEGINNINGS, ((), ("KZ",)), None)]
    assert sorted(str(value) for value in found.conflicts[0].values) == ["2016", "2018"]
    assert [(str(period.begun), period.disputed) for period in found.members] == [("2018", True)]
    same = institution(agreed, joined("2016-11-15"))
    assert (same.conflicts, shown(same.members)) == ((), [("KZ", "2016-11-15", None)])
    back = institution(agreed, gone("2017"), joined("2018"))
    assert (back.conflicts, len(back.members)) == ((), 2)


def test_a_member_admitted_twice_is_a_conflict_whoever_else_left_between() -> None:
    found = institution(joined("2010"), gone("2012", party="KG"), joined("2014"))
    assert [(conflict.kind, conflict.field) for conflict in found.conflicts] == [(ConflictKind.VALUES, "when")]


# conflicts


@pytest.mark.parametrize(
    "claims",
    [
        (took("a", "2010"), took("b", "2014", observed), left("a", "2016")),
        (took("a", "2010"), took("b", "2014", observed), took("c", "2016")),
        (took("a", "2010"), took("b", "2014", observed), took("a", "2016", observed)),
        (took("a", "2010"), took("a", "2014-05-05", observed), took("b", "2014-05-05", observed)),
        (took("a", "2010"), left("a", "2012"), took("a", "2014", observed)),
        (left("a", "2012"), took("a", "2014", observed)),
        (took("a", "2014"), took("a", "2012", observed)),
        (joined("2010"), gone("2012"), joined("2014", observed)),
        (left("a", "2012"), took("a", "2010", observed), took("a", "2014", observed)),
        (joined("2014"), joined("2012", observed)),
        (took("x", "2008"), took("a", "2012", observed), took("a", "2014")),
        (took("a", "2010"), took("b", "2012"), took("a", "2014", observed)),
        (took("a", "2010"), left("a", "2011"), took("b", "2012"), left("b", "2013"), took("a", "2014", observed)),
        (took("a", "2010"), took("b", "2012"), left("b", "2013"), took("a", "2014", observed)),
        (took("a", "2010", observed), took("b", "2012"), took("a", "2014")),
        (took("a", "2010"), took("b", "2012"), took("a", "2014"), took("c", "2016"), took("b", "2018", observed)),
    ],
)
def test_a_sighting_that_surely_differs_is_a_conflict(claims: tuple[Claim, ...]) -> None:
    found = institution(*claims)
    assert [conflict.kind for conflict in found.conflicts] == [ConflictKind.SIGHTING]
    conflict = found.conflicts[0]
    assert len(conflict.values) == 2
    periods = found.officers or found.members
    disputed = {e.position for e in conflict.claims if e.claim.assertion.value == "HOLDS"}
    assert not disputed & {e.position for period in periods for e in period.sightings}
    others = {e.position for e in conflict.claims} - disputed
    behind = [(period, {p for m in period.milestones for p in m.positions}) for period in periods]
    assert [period.disputed for period, at in behind if others & at] == [True]
    assert [period.disputed for period, at in behind if not others & at] == [False] * (len(periods) - 1)


def test_a_resolved_sighting_leaves_the_record_undisputed() -> None:
    fed = [effective(at, claim) for at, claim in enumerate((joined("2014"), joined("2012", observed)))]
    ids = tuple(one.id for one in fed)
    ruling = Ruling(2, "r", ids, ids[0], "the text counted it in too early")
    found = fold(INSTITUTION, "institution:kcac", [attrs.evolve(one, rulings=(ruling,)) for one in fed])  # type: ignore[arg-type]
    assert [(conflict.resolved, conflict.ruling) for conflict in found.conflicts] == [(True, ruling)]
    assert [(str(period.begun), period.disputed) for period in found.members] == [("2014", False)]


@pytest.mark.parametrize(
    "claims",
    [
        (took("a", "2010"), took("b", "2010", observed), left("a", "2016")),
        (took("a", "2010"), left("a", "2012"), took("b", "2014", observed)),
        (took("a", "2010"), left("a", "2012"), took("a", "2012", observed)),
        (took("a", "2010", observed), left("a", "2011"), took("b", "2012"), took("a", "2014")),
        (took("b", "2012", observed), took("a", "2014")),
        (took("a", "2010"), left("a", "2020"), took("b", "2015"), took("c", "2017", observed)),
    ],
)
def test_a_sighting_that_need_not_differ_is_none(claims: tuple[Claim, ...]) -> None:
    assert institution(*claims).conflicts == ()


def test_a_sighting_that_may_lie_in_either_of_two_terms_decides_nothing_of_them() -> None:
    found = institution(left("a", "2012"), took("a", "2014"), took("a", "[2011..2015]", observed))
    assert found.conflicts == ()
    asked = {
        text: [period.on(day(text)) for period in found.officers] for text in ("2011-06-01", "2013-06-01", "2015-01-01")
    }
    assert [any(answer is YES for answer in answers) for answers in asked.values()] == [False, False, True]
    assert UNDECIDED in asked["2011-06-01"]
    assert sum(len(period.sightings) for period in found.officers) == 1
    twice = institution(took("a", "2010"), took("b", "2012"), took("a", "2014"), took("a", "[2011..2015]", observed))
    assert [len(period.sightings) for period in twice.officers] == [1, 0, 0]
    assert [period.on(day("2013-01-01")) for period in twice.officers] == [NO, YES, NO]


def test_two_values_seen_on_one_day_are_both_shown_as_disputed() -> None:
    found = institution(took("a", "2014/2016", observed), took("b", "2015-05-05", observed))
    assert [conflict.kind for conflict in found.conflicts] == [ConflictKind.SIGHTING]
    assert {(period.value[1], period.disputed) for period in found.officers} == {("a", True), ("b", True)}


def test_beginnings_that_overlap_are_a_conflict_and_d6_shows_one() -> None:
    found = institution(took("a", "2016"), took("b", "2016-05", source=KOREA_NET))
    assert [(c.kind, c.values) for c in found.conflicts] == [
        (ConflictKind.BEGINNINGS, (("head", "b"), ("head", "a"))),
    ]
    assert [(period.value[1], period.disputed) for period in found.officers] == [("b", True)]
    voices = institution(took("a", "2016"), took("a", "2016", source=MINISTRY), took("b", "2016", source=KOREA_NET))
    assert [period.value[1] for period in voices.officers] == ["a"]
    explained = institution(took("a", "2016"), left("a", "2016"), took("b", "2016"))
    assert explained.conflicts == ()
    assert [period.value[1] for period in explained.officers] == ["a", "b"]
    too_late = institution(took("a", "2016"), took("b", "2016-05", source=KOREA_NET), left("a", "2017"))
    assert [conflict.kind for conflict in too_late.conflicts] == [ConflictKind.BEGINNINGS]
    before = institution(took("a", "2016-05"), took("b", "2016", source=KOREA_NET), left("a", "2017"))
    assert [conflict.kind for conflict in before.conflicts] == [ConflictKind.BEGINNINGS]


def test_a_resolution_decides_between_beginnings() -> None:
    claims = [took("a", "2016"), took("b", "2016-05", source=KOREA_NET)]
    fed = [effective(at, claim) for at, claim in enumerate(claims)]
    ids = tuple(one.id for one in fed)
    ruling = Ruling(2, "r", ids, ids[0], "the gazette")
    found = fold(INSTITUTION, "institution:kcac", [attrs.evolve(one, rulings=(ruling,)) for one in fed])  # type: ignore[arg-type]
    assert [(conflict.resolved, conflict.ruling) for conflict in found.conflicts] == [(True, ruling)]
    assert [(period.value[1], period.disputed) for period in found.officers] == [("a", False)]


def test_undated_and_far_facts_never_raise() -> None:
    far = institution(took("a", "9999-12-31", observed), took("b", "9999-12-31", observed), seat("x", "0001-01-01"))
    assert len(far.officers) == 2
    found = institution(took("a", None, observed, UNDATED), took("b", None, observed, UNDATED), left("b", None))
    assert {period.on(None) for period in found.officers} <= {YES, NO}
    span = institution(took("a", "2010"), left("a", "2012-01/2012-03"))
    assert shown(span.officers)[0][1:] == ("2010", "2012-01-01..2012-01-31")


def test_missions_and_relations_last_until_they_end() -> None:
    sent = {"sender": "KR", "receiver": "KZ"}
    embassy, liaison = MissionKind.EMBASSY, MissionKind.LIAISON_OFFICE
    found = pair(
        occurred(ev.RelationsEstablished("KR-KZ"), when="1992-01-28", sources=PRESS),
        occurred(ev.RelationsSevered("KR-KZ"), when="2000", sources=PRESS),
        occurred(ev.RelationsRestored("KR-KZ"), when="2003", sources=PRESS),
        occurred(ev.MissionOpened("KR-KZ", liaison), when="1993", sources=PRESS, parties=sent),
        occurred(ev.MissionClosed("KR-KZ", liaison), when="1996", sources=PRESS, parties=sent),
        observed(ev.MissionOpened("KR-KZ", embassy, "almaty"), when="1996", sources=PRESS, parties=sent),
    )
    assert [(str(p.begun), p.ended and str(p.ended)) for p in found.relations] == [
        ("1992-01-28", "2000"),
        ("2003", None),
    ]
    assert [(p.value, p.on(None)) for p in found.missions] == [
        (("KR", "KZ", "liaison-office", ""), NO),
        (("KR", "KZ", "embassy", "almaty"), YES),
    ]


# names


def test_a_renamed_capital_has_three_periods() -> None:
    def named(name: str, when: str | None, maker: Any = occurred) -> Any:
        return maker(ev.NameUsed("place:astana", name), when=when, sources=PRESS)

    claims = [
        named("Astana", "1998/2019-03-20"), named("Nur-Sultan", "2019-03-20/2022-09-17"),
        named("Astana", "2022-09-17/.."), named("Akmola", "1995", observed), named("Tselinograd", "1961/"),
        named("Astana City", "2016-05-05"), named("Akmolinsk", "1830", denied), named("Nowhere", None, announced),
    ]  # fmt: skip
    found: Any = project(NAMES, entries(*claims))["place:astana"]  # type: ignore[index]
    assert [(*p.value, str(p.begun), p.ended and str(p.ended), p.recorded) for p in found.periods if p.recorded] == [
        ("Tselinograd", "1961-01-01..1961-12-31", "1961-01-01..", True),
        ("Astana", "1998-01-01..1998-12-31", "2019-03-20", True),
        ("Nur-Sultan", "2019-03-20", "2022-09-17", True),
        ("Astana", "2022-09-17", None, True),
    ]

    def called(text: str) -> dict[str, Answer]:
        return {name: a for name, a in found.called_on(day(text)).items() if name not in ("Tselinograd", "Akmola")}

    assert called("2020-01-01") == {"Nur-Sultan": YES, "Astana City": UNDECIDED}
    assert called("2019-03-20") == {"Astana": YES, "Nur-Sultan": YES, "Astana City": UNDECIDED}
    assert called("2016-05-05") == {"Astana": YES, "Astana City": YES}
    assert called("2022-09-18") == {"Astana": YES, "Astana City": UNDECIDED}
    assert found.called_on(day("1995-06-01")) == {
        "Akmola": UNDECIDED, "Tselinograd": UNDECIDED, "Astana City": UNDECIDED,
    }  # fmt: skip
    assert {p.value[0]: p.on(None) for p in found.periods if p.value[0] != "Astana"} == {
        "Akmola": UNDECIDED, "Astana City": UNDECIDED, "Nur-Sultan": NO, "Tselinograd": UNDECIDED,
    }  # fmt: skip
    early = found.on(day("2018-01-01"))
    assert "Nur-Sultan" not in {period.value[0] for period in early.periods} | {name.name for name in early.current}


def test_a_name_that_was_in_use_without_an_end_ends_when_a_claim_says_so() -> None:
    def named(when: str) -> Any:
        return occurred(ev.NameUsed("place:astana", "Nur-Sultan"), when=when, sources=PRESS)

    claims = [named("2019-03-23/.."), named("2019-03-23/2022-09-16")]
    for told in (claims, claims[::-1]):
        found: Any = project(NAMES, entries(*told))["place:astana"]  # type: ignore[index]
        assert [(str(p.begun), str(p.ended)) for p in found.periods] == [("2019-03-23", "2022-09-16")]
        assert found.called_on(day("2022-09-16")) == {"Nur-Sultan": YES}
        assert found.called_on(day("2022-09-17")) == {}
    (open_one,) = project(NAMES, entries(named("2019-03-23/.."), named("2019/")))["place:astana"].periods  # type: ignore[index]
    assert (open_one.ended, open_one.on(None)) == (None, YES)


def test_a_person_has_names_for_a_time_too() -> None:
    found: Any = project(
        NAMES, entries(occurred(ev.PersonNamed("p-1", "Kim", "Latn"), when="2016/2018", sources=PRESS))
    )["person:p-1"]  # type: ignore[index]
    assert found.called_on(day("2017-01-01")) == {"Kim": YES}
    assert (found.called_on(day("2019-01-01")), found.periods) == ({}, ())


@pytest.mark.parametrize("chosen", [0, 1])
def test_of_two_values_seen_on_one_day_only_the_chosen_one_is_shown(chosen: int) -> None:
    claims = (seat("seoul", "2014-05-05", observed), seat("busan", "2014-05-05", observed), seat("jeju", "2016"))
    fed = [effective(at, claim) for at, claim in enumerate(claims)]
    ruling = Ruling(3, "r", (fed[0].id, fed[1].id), fed[chosen].id, "the plate on the door")
    found = fold(INSTITUTION, "institution:kcac", [attrs.evolve(one, rulings=(ruling,)) for one in fed])  # type: ignore[arg-type]
    assert [conflict.resolved for conflict in found.conflicts] == [True]
    assert [(period.value, period.disputed) for period in found.seats] == [
        ((("seoul", "busan")[chosen],), False), (("jeju",), False),
    ]  # fmt: skip


def test_what_else_was_seen_of_a_value_outlives_the_sighting_that_was_not_chosen() -> None:
    claims = (
        seat("seoul", "2012", observed), seat("seoul", "2014-05-05", observed), seat("busan", "2014-05-05", observed),
    )  # fmt: skip
    fed = [effective(at, claim) for at, claim in enumerate(claims)]
    ruling = Ruling(3, "r", (fed[1].id, fed[2].id), fed[2].id, "the plate on the door")
    found = fold(INSTITUTION, "institution:kcac", [attrs.evolve(one, rulings=(ruling,)) for one in fed])  # type: ignore[arg-type]
    assert [(period.value, period.disputed) for period in found.seats] == [(("seoul",), False), (("busan",), False)]


def test_the_name_of_a_person_ends_when_a_later_claim_says_when() -> None:
    def named(name: Any, when: str) -> Claim:
        return occurred(ev.PersonNamed("p-1", name, "Latn"), when=when, sources=PRESS)

    open_ended = named("Aigul Sadykova", "2010/..")
    people = state_of(
        NAMES, "person:p-1", open_ended, named("Aigul Sadykova", "2010/2015"), named("A. Bekova", "2016/..")
    )
    assert people.called_on(day("2012-05-05")) == {"Aigul Sadykova": YES}
    assert people.called_on(day("2018-05-05")) == {"A. Bekova": YES}
    erased = state_of(NAMES, "person:p-1", named(REDACTED, "2010/.."), named(REDACTED, "2010/2015"))
    assert erased.called_on(day("2018-05-05")) == {REDACTED: YES}


_exact = st.lists(st.tuples(_kinds, st.sampled_from("abc"), st.integers(0, 6)), max_size=4)
_days = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted)


def _dated(kind: str, person: str, low: int, high: int) -> Claim:
    days = f"[{START + timedelta(days=low)}..{START + timedelta(days=high)}]"
    made: Claim = left(person, days) if kind == "left" else took(person, days, observed if kind == "seen" else occurred)
    return made


def _answers(found: Any, on: date) -> dict[str, Answer]:
    every: dict[str, Answer] = {}
    for period in found.officers:
        every[period.value[1]] = every.get(period.value[1], NO) | period.on(on)
    return every


def _in_one_order(facts: list[tuple[str, str, int]], kind: str, person: str, ends: list[int]) -> bool:
    """Whether a record with these days joins no other beginning or end of its value, and overlaps none of the other."""
    beside = [(fact, who) for fact, who, at in facts if fact != "seen" and ends[0] <= at <= ends[1]]
    return kind == "seen" or not any(fact != kind or who == person for fact, who in beside)


@settings(max_examples=400)
@given(_exact, _kinds, st.sampled_from("abcd"), _days, st.data())
def test_widening_a_day_decides_nothing(
    facts: list[tuple[str, str, int]], kind: str, person: str, ends: list[int], data: st.DataObject
) -> None:
    """Of any claim: but what overlaps is one happening (D3), and ends come before the next beginning (D9)."""
    assume(_in_one_order(facts, kind, person, ends))
    low = data.draw(st.integers(ends[0], ends[1]))
    high = data.draw(st.integers(low, ends[1]))
    wide = institution(*_history(facts), _dated(kind, person, *ends))
    narrow = institution(*_history(facts), _dated(kind, person, low, high))
    assume(not wide.conflicts and not narrow.conflicts)
    for at in range(-1, 9):
        on = START + timedelta(days=at)
        was, now = _answers(wide, on), _answers(narrow, on)
        for one in {*was, *now}:
            before = was.get(one, NO)
            assert before is UNDECIDED or now.get(one, NO) is before, (on, one, before, now.get(one, NO))


def test_a_name_that_more_voices_deny_has_no_period() -> None:
    used = ev.NameUsed("place:astana", "Nur-Sultan")
    said = occurred(used, when="2019/2022", sources=PRESS)
    against = [denied(used, when="2019/2022", sources=source) for source in (KOREA_NET, MINISTRY)]
    assert [period.value for period in state_of(NAMES, "place:astana", said).periods] == [("Nur-Sultan",)]
    assert state_of(NAMES, "place:astana", said, *against).periods == ()
