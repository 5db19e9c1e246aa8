"""Erased texts in states: a third state, and never a reason to show another claim."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from coop_ledger import REDACTED, Source, SourceKind, When, as_plain, occurred
from coop_ledger import events as ev
from coop_ledger.domain import Claim, Prose
from coop_ledger.projections import MEETING, NAMES, project
from tests.projections.support import entries

KINDS = (SourceKind.PRIMARY, SourceKind.AGENCY, SourceKind.PRESS)


def attended(name: Prose, source: Source) -> Claim:
    return occurred(ev.DelegationAttended("talks", "KR", head_as_written=name), when="2016-11-15", sources=source)


def shown(*told: tuple[Prose, Source]) -> Prose | None:
    (part,) = project(MEETING, entries(*(attended(*one) for one in told)))["meeting:talks"].participation  # type: ignore[index]
    return part.head_as_written


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("Kim", "Ким", "金")),
            st.builds(
                Source,
                st.sampled_from("abc"),
                st.sampled_from((When("2016"), When("2017"))),
                kind=st.sampled_from(KINDS),
            ),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_shown_is_what_was_shown_or_erased(told: list[tuple[str, Source, bool]]) -> None:
    before = shown(*((name, source) for name, source, _ in told))
    after = shown(*((REDACTED if gone else name, source) for name, source, gone in told))
    assert after in (before, REDACTED)
    if not any(gone and name == before for name, _, gone in told):
        assert after == before


def test_texts_that_are_equal_bring_none_up_together() -> None:
    """What one claim is ranked by is not lent to another that says the same, whose words may go."""
    early = Source("Early press", When("2016"))
    late = Source("Late ministry", When("2018"), kind=SourceKind.PRIMARY)
    other = Source("Ministry", When("2017"), kind=SourceKind.PRIMARY)
    assert shown(("Kim", early), ("Ким", other), ("Kim", late)) == "Ким"
    assert shown((REDACTED, early), ("Ким", other), (REDACTED, late)) == "Ким"
    assert shown(("Kim", early), (REDACTED, other), ("Kim", late)) is REDACTED


def test_erased_and_other_names_of_a_day_are_plain_data() -> None:
    claims = [
        occurred(ev.PersonNamed("p-1", name), when="2010/2015", sources=Source("Gazette")) for name in ("Zo", REDACTED)
    ]
    called = project(NAMES, entries(*claims))["person:p-1"].called_on(date(2012, 1, 1))  # type: ignore[index]
    assert as_plain(called) == {"REDACTED": "yes", "Zo": "yes"}
