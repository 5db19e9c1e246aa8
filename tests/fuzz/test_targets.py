"""F18: the targets of `make fuzz` by Hypothesis, so that they cannot go stale between two nights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target, allowed

changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), st.binary(max_size=4)), min_size=1, max_size=3)


@pytest.mark.parametrize("name", TARGETS)
def test_every_reader_takes_what_it_begins_with(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    assert all(allowed(TARGETS[name], seed) for seed in seeds)


@pytest.mark.parametrize("name", TARGETS)
@given(which=st.integers(0, 9), changes=changes)
def test_no_bytes_lead_to_another_error(name: str, which: int, changes: list[tuple[float, int, bytes]]) -> None:
    seeds = TARGETS[name].seeds()
    data = bytearray(seeds[which % len(seeds)])
    for place, gone, put in changes:
        at = int(place * len(data))
        data[at : at + gone] = put
    allowed(TARGETS[name], bytes(data))


def test_what_is_none_of_our_errors_goes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        allowed(Target(lambda data: 1 // len(data), list), b"")
