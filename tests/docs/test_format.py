"""The norm of the bytes: every worked block of its page is computed again."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache

import pytest

from coop_ledger import Source, announced, occurred
from coop_ledger import events as ev
from coop_ledger.codec import canonical, commitment, decode, encode, encode_openings, parse_openings
from coop_ledger.domain import Act, Claim, Once, Redaction, When
from coop_ledger.log import (
    assemble,
    leaf_hash,
    node_hash,
    placed,
    prove_consistency,
    prove_inclusion,
    reader_over,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "reference" / "format.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```text ([a-z0-9-]+)\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL))

ORIGIN = "forum.example.org/2026-k3f9"
IDS = [f"01586478-3800-7000-8000-{number:012x}" for number in range(3)]
SALTS = bytes([0x11] * 32 + [0x22] * 32)
RECORDED: list[tuple[Claim | Act, str, Once | None]] = [
    (
        announced(
            ev.InstitutionOpened("kcac-secretariat"),
            when="2017",
            sources=Source("Korea.net", When("2016-11-18"), title="Forum agrees on office"),
            note="Said at the forum – in Seoul.",
        ),
        "2016-11-18T09:00:00.000000Z",
        Once("import 7", 0, 2),
    ),
    (
        occurred(ev.MeetingHeld("kcac-forum/10"), when="2016-11-15", sources=Source("MOFA")),
        "2016-11-18T09:00:00.000000Z",
        Once("import 7", 1, 2),
    ),
    (Redaction(IDS[0], ("/note",), "court order", "registrar-2"), "2016-12-01T08:30:00.250000Z", None),
]


@cache
def entries() -> tuple[tuple[bytes, bytes | None], ...]:
    """Leaf and openings of each, as recorded."""
    made = []
    for position, (body, recorded_at, once) in enumerate(RECORDED):
        encoded = encode(
            body, origin=ORIGIN, entry_id=IDS[position], recorder="desk-1", once=once, draw=lambda size: SALTS[:size]
        )
        leaf = assemble(encoded.head, placed(position, recorded_at, False), encoded.tail)
        made.append((leaf, encoded.openings))
    return tuple(made)


def erased() -> bytes | None:
    """What is left of the first entry's openings."""
    left = parse_openings(entries()[0][1])
    del left["/note"]
    return encode_openings(left)


def bundle() -> bytes:
    """The bundle by the rules of the page: no line of it comes from the package that writes bundles."""
    (first, _), (second, _), (third, _) = entries()
    root = root_of(map(leaf_hash, (first, second, third))).hex()
    header = {"format": "coop-ledger-bundle", "openings": True, "origin": ORIGIN, "size": 3, "version": 1}
    footer = {"entries": 3, "opened": 1, "root": root}
    lines = [canonical(header), first + b"\t" + (erased() or b""), second, third, canonical(footer)]
    return b"".join(line + b"\n" for line in lines)


def worked() -> dict[str, str]:
    """What each worked block must hold."""
    leaves = [leaf for leaf, _ in entries()]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    read, root = reader_over(hashes), root_of(hashes)
    salt, text = parse_openings(entries()[0][1])["/note"]
    signed = [ORIGIN, "3", base64.b64encode(root).decode()]
    return {
        **{f"leaf-{at}": leaf.decode() for at, leaf in enumerate(leaves)},
        "openings-0": (entries()[0][1] or b"").decode(),
        "preimage": "coop-ledger/sealed/v1␀" + canonical([ORIGIN, IDS[0], "/note", salt, text]).decode(),
        "commitment": commitment(ORIGIN, IDS[0], "/note", salt, text),
        "hashes": "\n".join(found.hex() for found in (*hashes, node_hash(*hashes[:2]), root)),
        "inclusion-1-of-3": "\n".join(found.hex() for found in prove_inclusion(1, 3, read)),
        "consistency-2-to-3": "\n".join(found.hex() for found in prove_consistency(2, 3, read)),
        "checkpoint": "\n".join(signed),
        "bundle": bundle().decode().removesuffix("\n"),
        "bundle-sha256": hashlib.sha256(bundle()).hexdigest(),
    }


def test_every_worked_block_is_what_it_says() -> None:
    assert worked() == BLOCKS


def test_the_worked_ledger_is_one() -> None:
    openings = [erased(), None, None]
    for position, (leaf, _) in enumerate(entries()):
        assert decode(leaf, openings[position], origin=ORIGIN, position=position, entry_id=IDS[position])
        assert json.loads(BLOCKS[f"leaf-{position}"])["sealed"].keys() >= parse_openings(openings[position]).keys()


def test_the_worked_preimage_hashes_to_the_worked_commitment() -> None:
    hashed = hashlib.sha256(BLOCKS["preimage"].replace("␀", "\0").encode()).hexdigest()
    assert hashed == BLOCKS["commitment"] == json.loads(BLOCKS["leaf-0"])["sealed"]["/note"]


def test_the_worked_proofs_hold() -> None:
    first, second, third, node, root = map(bytes.fromhex, BLOCKS["hashes"].split())
    inclusion = [bytes.fromhex(line) for line in BLOCKS["inclusion-1-of-3"].split()]
    assert inclusion == [first, third]
    verify_inclusion(1, 3, second, inclusion, root)
    consistency = [bytes.fromhex(line) for line in BLOCKS["consistency-2-to-3"].split()]
    verify_consistency(2, 3, node, root, consistency)


@pytest.mark.parametrize(
    "heading", ["Checkpoints", "Cosignatures", "Proof files", "Tiles on a web server", "Bundles", "Sealed texts"]
)
def test_the_page_has_its_sections(heading: str) -> None:
    assert f"\n## {heading}\n" in PAGE
