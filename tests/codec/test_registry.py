"""Wire names: each class has one, by hand; and old versions lead to the newest."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.codec import REGISTRY, VERSIONS, class_of, wire_name
from coop_ledger.codec.registry import check_registry
from coop_ledger.codec.upcast import Upcasts, check_chain, upcast
from coop_ledger.domain import ACT_TYPES, EVENT_TYPES, Claim, Duplicate, Merge, UnknownEvent, When
from coop_ledger.errors import UnknownEventTypeError


def test_the_registry_holds_the_union_and_the_six_acts() -> None:
    events = [cls for name, (cls, _) in REGISTRY.items() if not name.startswith("act.")]
    acts = [cls for name, (cls, _) in REGISTRY.items() if name.startswith("act.")]
    assert events == list(EVENT_TYPES)
    assert sorted(cls.__name__ for cls in acts) == sorted(cls.__name__ for cls in ACT_TYPES)
    assert len(acts) == 6


def test_wire_names_have_one_shape_and_families_are_modules() -> None:
    modules = {
        "initiatives": "initiative",
        "agreements": "agreement",
        "institutions": "institution",
        "meetings": "meeting",
        "relations": "relations",
        "identity": "identity",
        "figures": "figures",
        "acts": "act",
    }
    for name, (cls, version) in REGISTRY.items():
        assert re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)*", name)
        assert name.partition(".")[0] == modules[cls.__module__.rpartition(".")[2]]
        assert version == VERSIONS[name] == 1


@given(st.sampled_from(sorted(REGISTRY)))
def test_name_and_class_lead_to_each_other(name: str) -> None:
    assert wire_name(class_of(name)) == name


@pytest.mark.parametrize("name", ["institution.open", "", "os.system", "InstitutionOpened", None, 7, ["x"], {}])
def test_a_name_that_is_none_gives_no_class(name: object) -> None:
    """T65: a tag picks a class of the registry or nothing."""
    with pytest.raises(UnknownEventTypeError, match="no such event or act"):
        class_of(name)


def test_the_nearest_name_is_hinted() -> None:
    with pytest.raises(UnknownEventTypeError) as caught:
        class_of("institution.openend")
    assert caught.value.hint == "write 'institution.opened'"


@pytest.mark.parametrize("cls", [Claim, UnknownEvent, When, object, "act.merge", [], None])
def test_a_class_that_is_none_gives_no_name(cls: object) -> None:
    with pytest.raises(UnknownEventTypeError, match="this class is no event and no act"):
        wire_name(cls)


@pytest.mark.parametrize(
    ("registry", "said"),
    [
        ({"a.b": (Merge, 1)}, "Duplicate"),
        ({"a.b": (Merge, 1), "a.c": (Duplicate, 1), "a.d": (Merge, 1)}, "Merge"),
        ({"a.b": (Merge, 1), "a.c": (Duplicate, 1), "a.d": (When, 1)}, "When"),
        ({"a.b": (Merge, 1), "a.c": (Duplicate, 0)}, "versions count from 1: a.c"),
    ],
)
def test_a_wrong_registry_stops_the_import(registry: dict[str, tuple[type, int]], said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        check_registry(registry, (Merge, Duplicate))


def _renamed(old: str, new: str) -> Any:
    return lambda body: {**{key: value for key, value in body.items() if key != old}, new: body[old]}


CHAIN: Upcasts = {("made.up", 1): _renamed("a", "b"), ("made.up", 2): _renamed("b", "c")}


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_old_version_becomes_the_newest(version: int) -> None:
    body = {"abc"[version - 1]: "kept"}
    before = dict(body)
    assert upcast("made.up", version, body, versions={"made.up": 3}, upcasts=CHAIN) == {"c": "kept"}
    assert body == before


def test_the_newest_version_is_left_alone() -> None:
    body = {"institution": "kcac-secretariat"}
    assert upcast("institution.opened", 1, body) is body


@pytest.mark.parametrize(
    ("versions", "upcasts", "said"),
    [
        ({"made.up": 3}, {("made.up", 1): dict}, "made.up v2"),
        ({"made.up": 3}, {("made.up", 2): dict}, "made.up v1"),
        ({"made.up": 2}, CHAIN, "made.up v2"),
        ({}, CHAIN, "made.up v1, made.up v2"),
        ({"made.up": 1}, {("made.up", 0): dict}, "made.up v0"),
    ],
)
def test_a_chain_with_a_gap_or_an_unknown_target_stops_the_import(
    versions: dict[str, int], upcasts: Upcasts, said: str
) -> None:
    with pytest.raises(RuntimeError, match=said):
        check_chain(versions, upcasts)


def test_a_whole_chain_is_taken() -> None:
    check_chain({"made.up": 3, "other.thing": 1}, CHAIN)
