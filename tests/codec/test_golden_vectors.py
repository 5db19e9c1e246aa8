"""
Golden vectors: what was said becomes these bytes, on every machine and in every version.

Envelope vectors are only ever added to; event bodies may change before the first release (``tests/vectors``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.codec import (
    REGISTRY,
    canonical,
    class_of,
    decode,
    parse,
    parse_canonical,
    parse_openings,
    sealed_paths,
)
from coop_ledger.domain import Entry, EventBase, Once, UnknownEvent, field_specs
from coop_ledger.log import leaf_hash, parse_instant
from tests.vectors.cases import EVENTS
from tests.vectors.regenerate import FOLDER, regenerate
from tests.vectors.vectors import body_of, encoded, event_vectors, text_of


def vectors(kind: str) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / kind).glob("*.json"))}


EVENT_VECTORS = vectors("events")
ENVELOPE_VECTORS = vectors("envelope")
ENTRY_VECTORS = {
    name: vector for name, vector in (EVENT_VECTORS | ENVELOPE_VECTORS).items() if vector.keys() & {"claim", "act"}
}


def test_every_event_and_act_has_a_vector() -> None:
    acts = {name for name in ENVELOPE_VECTORS if name.startswith("act.")}
    assert EVENT_VECTORS.keys() | acts == REGISTRY.keys()
    assert list(EVENTS) == [name for name in REGISTRY if not name.startswith("act.")]


def test_every_field_of_every_event_is_in_its_vector() -> None:
    for name, vector in EVENT_VECTORS.items():
        cls = class_of(name)
        assert issubclass(cls, EventBase)
        assert vector["claim"]["event"].keys() - {"type"} == field_specs(cls).keys(), name


@pytest.mark.parametrize("name", ENTRY_VECTORS)
def test_a_vector_is_written_as_it_stands(name: str) -> None:
    vector = ENTRY_VECTORS[name]
    entry, leaf = encoded(vector)
    assert leaf.hex() == vector["leaf_hex"]
    assert leaf == vector["leaf"].encode()
    assert leaf_hash(leaf).hex() == vector["leaf_hash"]
    assert (entry.openings and entry.openings.decode()) == vector["openings"]
    assert sorted(sealed_paths(body_of(vector))) == list(vector["salts"])


@pytest.mark.parametrize("name", ENTRY_VECTORS)
def test_a_vector_is_read_back(name: str) -> None:
    vector = ENTRY_VECTORS[name]
    openings = vector["openings"] and vector["openings"].encode()
    wanted = Entry(
        vector["position"],
        vector["id"],
        parse_instant(vector["recorded_at"]),
        "recorded_clamped" in vector,
        vector["recorder"],
        body_of(vector),
        Once(*vector["once"]) if "once" in vector else None,
    )
    leaf = bytes.fromhex(vector["leaf_hex"])
    assert decode(leaf, openings) == wanted == decode(leaf, openings, trusted=True)


def in_order(value: Any) -> bytes:
    """JSON with sorted keys, by the standard library alone; enough while all keys are ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def by_hand(vector: dict[str, Any]) -> tuple[bytes, str, bytes | None]:
    """The leaf of a vector, its hash and its openings from DESIGN §7 alone: hashlib and json, nothing of ours."""
    body = json.loads(json.dumps(vector.get("claim", vector.get("act"))))
    if "claim" in vector:
        name = body["event"].pop("type")
    else:
        name = body.pop("type")
        if "claim" in body:
            body["claim"] |= {"type": body["claim"]["event"].pop("type"), "version": 1}
    sealed, openings = {}, {}
    for path, salt in vector["salts"].items():
        holder = body
        *parents, last = path.split("/")[1:]
        for part in parents:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        text = holder.pop(last)
        form = in_order([vector["origin"], vector["id"], path, salt, text])
        sealed[path] = hashlib.sha256(b"coop-ledger/sealed/v1" + b"\0" + form).hexdigest()
        openings[path] = [salt, text]
    shared = ("id", "once", "origin", "position", "recorded_at", "recorded_clamped", "recorder")
    leaf = in_order(
        {key: vector[key] for key in shared if key in vector}
        | {"body": body, "sealed": sealed, "type": name, "v": 1, "version": 1}
    )
    return leaf, hashlib.sha256(b"\0" + leaf).hexdigest(), in_order(openings) if openings else None


@pytest.mark.parametrize("name", ENTRY_VECTORS)
def test_a_vector_follows_from_the_design_alone(name: str) -> None:
    vector = ENTRY_VECTORS[name]
    leaf, digest, openings = by_hand(vector)
    assert leaf.hex() == vector["leaf_hex"]
    assert digest == vector["leaf_hash"]
    assert (openings and openings.decode()) == vector["openings"]


def test_an_unknown_type_is_read_whole() -> None:
    vector = ENVELOPE_VECTORS["unknown-type"]
    leaf = bytes.fromhex(vector["leaf_hex"])
    assert leaf == in_order(vector["value"]) == vector["leaf"].encode()
    assert hashlib.sha256(b"\0" + leaf).hexdigest() == vector["leaf_hash"] == leaf_hash(leaf).hex()
    name, version = vector["unknown"]
    assert decode(leaf, None).body == UnknownEvent(name, version, vector["value"]["body"])


def test_canonical_forms() -> None:
    vector = ENVELOPE_VECTORS["canonical-form"]
    for text, form in zip(vector["texts"], vector["canonical_hex"], strict=True):
        assert canonical(parse(text.encode())).hex() == form
        assert parse_canonical(bytes.fromhex(form)) == json.loads(text)


def test_openings_of_vectors_are_canonical() -> None:
    for vector in ENTRY_VECTORS.values():
        if vector["openings"] is not None:
            blob = vector["openings"].encode()
            assert canonical(parse_openings(blob)) == blob


def test_envelope_vectors_are_only_ever_added_to() -> None:
    """A vector that differs from its digest was changed; one without a digest was added past ``make vectors``."""
    frozen = json.loads((FOLDER / "frozen.json").read_text("utf-8"))
    files = {path.name: path.read_bytes() for path in (FOLDER / "envelope").iterdir()}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == frozen
    first = ("bare", "sealed", "once", "clamped", "not-ascii", "unknown-type", "canonical-form")
    assert frozen.keys() >= {f"{name}.json" for name in (*first, *(n for n in REGISTRY if n.startswith("act.")))}


def test_event_vectors_are_what_the_code_writes() -> None:
    """If this fails, run ``make vectors`` and read the diff like code."""
    current = {path.stem: path.read_text("utf-8") for path in (FOLDER / "events").glob("*.json")}
    wanted = {name: text_of(vector) for name, vector in event_vectors().items()}
    assert [name for name in sorted(current | wanted) if current.get(name) != wanted.get(name)] == []


def test_regenerating_touches_nothing_frozen(tmp_path: Path) -> None:
    for kind in ("events", "envelope"):
        shutil.copytree(FOLDER / kind, tmp_path / kind)
    shutil.copy(FOLDER / "frozen.json", tmp_path)
    assert regenerate(tmp_path, frozen=False) == []
    event, envelope = tmp_path / "events" / "institution.opened.json", tmp_path / "envelope" / "bare.json"
    event.write_text("{}", "utf-8")
    envelope.write_text("{}", "utf-8")
    (tmp_path / "envelope" / "once.json").unlink()
    assert regenerate(tmp_path, frozen=True) == []
    assert regenerate(tmp_path, frozen=False) == ["events/institution.opened.json"]
    assert event.read_bytes() == (FOLDER / "events" / event.name).read_bytes()
    assert envelope.read_text("utf-8") == "{}"
    assert not (tmp_path / "envelope" / "once.json").exists()


def test_regenerating_writes_what_is_missing(tmp_path: Path) -> None:
    written = regenerate(tmp_path, frozen=True)
    assert len(written) == len(EVENT_VECTORS) + len(ENVELOPE_VECTORS)
    assert (tmp_path / "frozen.json").read_bytes() == (FOLDER / "frozen.json").read_bytes()
    assert regenerate(tmp_path, frozen=True) == []
