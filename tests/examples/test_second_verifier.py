"""A second reader of the format, written from its page alone, says what the package says."""

from __future__ import annotations

import ast
import base64
import contextlib
import hashlib
import io
import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coop_ledger import Claim, CoopLedgerError, Ledger, Source, announced, read_published
from coop_ledger import events as ev
from coop_ledger.interchange import read_bundle
from coop_ledger.log import COSIGNATURE, Note, format_note, format_vkey, parse_note
from coop_ledger.signing import LogSigner, SigningKey
from coop_ledger.testing import stories
from examples import verify_bundle as second
from tests.shared import ROOT

ORIGIN = "forum.example.org/2026-k3f9"
VECTORS = ROOT.parent / "shared" / "data" / "vectors" / "merkle"
PAGE = (ROOT / "docs" / "reference" / "format.md").read_text(encoding="utf-8")
WORKED = PAGE[PAGE.index("```text bundle\n") + 15 :].partition("```")[0].encode()
LEAVES = [line.partition(b"\t")[0] for line in WORKED.splitlines()[1:-1]]
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def vectors(name: str) -> Any:
    path = VECTORS / name
    if not path.is_file():
        pytest.skip(f"no public vectors: {name}")
    return json.loads(path.read_text(encoding="utf-8"))


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and all that is printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = second.main([str(argument) for argument in arguments])
    return code, out.getvalue()


def of_bytes(raw: bytes, *arguments: object) -> tuple[int, str]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "ledger.bundle")
        path.write_bytes(raw)
        return run(path, *arguments)


def package_takes(raw: bytes) -> bool:
    """Whether the package makes a ledger of a bundle; each refusal is one of its own errors."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "ledger.bundle")
        path.write_bytes(raw)
        try:
            Ledger.from_bundle(path).close()
        except CoopLedgerError:
            return False
        return True


def canonical(value: Any) -> bytes:
    """The only form, for keys within ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def bundle_of(leaves: list[bytes], openings: bool = False, checkpoint: str | None = None) -> bytes:
    """A bundle over any leaves, with the right root, by the rules of the page."""
    tree, opened = second.Tree(), 0
    for leaf in leaves:
        tree.add(second.leaf_hash(leaf.partition(b"\t")[0]))
        opened += b"\t" in leaf
    header = {"format": "coop-ledger-bundle", "openings": openings, "origin": ORIGIN, "size": len(leaves), "version": 1}
    footer = {"entries": len(leaves), "opened": opened, "root": tree.root().hex()}
    footer |= {"checkpoint": checkpoint} if checkpoint is not None else {}
    return b"".join(line + b"\n" for line in (canonical(header), *leaves, canonical(footer)))


def changed(leaf: bytes, **members: Any) -> bytes:
    """A leaf with other members; None takes one away."""
    value = json.loads(leaf) | members
    return canonical({key: part for key, part in value.items() if part is not None})


def made(folder: Path, stories_told: list[list[Claim]], *, openings: bool = True) -> bytes:
    """A bundle of a ledger with these stories, by the package."""
    with Ledger.in_memory(origin=ORIGIN) as ledger:
        for number, story in enumerate(stories_told):
            ledger.record(*story, once=f"story {number}" if number % 2 else None)
        ledger.export(folder / "made.bundle", openings=openings)
    return (folder / "made.bundle").read_bytes()


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A ledger with its checkpoint, cosigned, as bundle, folder and proof; and the verifier keys."""
    from coop_ledger import Source, announced
    from coop_ledger import events as ev

    folder = tmp_path_factory.mktemp("witnessed")
    key, witness = SigningKey.generate(ORIGIN), SigningKey.generate("witness.example.net", kind=COSIGNATURE)
    signer = LogSigner.begin(key, folder / "last")
    ledger = Ledger.in_memory(origin=ORIGIN)
    source = Source("Made-up Gazette", title="A title")
    for count in (3, 300):
        ledger.record(*(announced(ev.InstitutionOpened(f"i-{at}"), when="2018", sources=source) for at in range(count)))
        signed = parse_note(ledger.checkpoint(signer))
        lines = (*signed.signatures, witness.cosign(signed.text, timestamp=1_795_000_000))
        (folder / f"note-{ledger.size}").write_bytes(format_note(Note(signed.text, lines)))
    note = (folder / "note-303").read_bytes()
    ledger.publish(folder / "public", checkpoint=note)
    ledger.export(folder / "made.bundle", checkpoint=note)
    proof = ledger.prove(7, size=303)
    (folder / "proof").write_bytes(proof.text(note))
    (folder / "leaf").write_bytes(proof.leaf)
    (folder / "other").write_bytes(ledger.prove(8).leaf)
    ledger.close()
    stranger = SigningKey.generate("stranger.example.net")
    keys = [format_vkey(one.vkey) for one in (key, witness, stranger)]
    return {"folder": folder, "key": keys[0], "witness": keys[1], "stranger": keys[2]}


def test_it_is_one_file_of_the_standard_library_that_shares_no_code() -> None:
    source = Path(second.__file__).read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source)))
    names = {part.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for part in node.names}
    names |= {(node.module or ".").partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names
    assert "coop_ledger" not in source
    assert not {"importlib", "subprocess", "ctypes", "runpy"} & names
    assert not {"exec", "eval", "__import__"} & {node.id for node in nodes if isinstance(node, ast.Name)}


def test_the_worked_bundle_agrees_with_itself() -> None:
    code, said = of_bytes(WORKED)
    assert code == second.CONSISTENT
    assert "bd1d4d866df42c0920cf5205a005204974c6adfbeaae82a9d31a6b2450f45d2a" in said
    assert "INVALID" not in said
    assert "ODD" not in said


# Ed25519, notes, proofs: public vectors


def test_every_wycheproof_case() -> None:
    ran = 0
    for group in vectors("ed25519/wycheproof-ed25519.json")["testGroups"]:
        for case in group["tests"]:
            parts = (bytes.fromhex(part) for part in (group["publicKey"]["pk"], case["msg"], case["sig"]))
            assert second.ed25519(*parts) is (case["result"] == "valid"), case["tcId"]
            ran += 1
    assert ran == 151


@pytest.mark.parametrize("public", [second.P + 1, 1 | 1 << 255, 1, 2**255 - 1, second.P - 1, 0])
def test_a_key_in_another_spelling_or_of_small_order_signs_nothing(public: int) -> None:
    raw = public.to_bytes(32, "little")
    assert not second.ed25519(raw, b"", (1).to_bytes(32, "little") + bytes(32))


def test_names_of_keys_hold_no_control_characters() -> None:
    material = bytes([1]) + bytes(range(32))
    for name, fits in (("a", True), ("a\x7fb", False), ("a\x9fb", False), ("a\xa0b", False)):
        key_id = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
        text = f"{name}+{key_id}+{base64.b64encode(material).decode()}"
        with contextlib.nullcontext() if fits else pytest.raises(second.RefusedError):
            assert second.key_of(text).name == name


def test_no_point_has_a_second_spelling() -> None:
    for y in range(19):
        for sign in (0, 1 << 255):
            assert second._point((second.P + y | sign).to_bytes(32, "little")) is None
    assert second._point((1 | 1 << 255).to_bytes(32, "little")) is None


def test_every_cosignature_case() -> None:
    cases = vectors("notes/cosignatures.json")
    for case in cases["positive"]:
        one = second.checkpoint_of(case["note"].encode())
        by = second.signers(one.text, one.lines, [second.key_of(key) for key in case["vkeys"]])
        said = {f"cosigned by {valid['key']!a} at {valid['timestamp']}" for valid in case["expect_valid"]}
        assert set(by.values()) == said
    for case in cases["negative_derived"]:
        one = second.checkpoint_of(case["note"].encode())
        keys = [second.key_of(key) for key in case["vkeys"]]
        if case["expect"] == "reject":
            with pytest.raises(second.RefusedError):
                second.signers(one.text, one.lines, keys)
        else:
            assert second.signers(one.text, one.lines, keys) == {}


def test_checkpoint_texts() -> None:
    for case in vectors("notes/checkpoint-text.json")["derived_strict"]["cases"]:
        raw = case["text"].encode() + "\n— a.example AAAAAAAA\n".encode()
        try:
            second.checkpoint_of(raw)
            taken = True
        except second.RefusedError:
            taken = False
        assert taken is (case["expect"] == "accept"), case["name"]


def test_verifier_keys_and_proof_files() -> None:
    keys = vectors("notes/vkeys.json")
    for case in keys["good"]:
        assert second.key_of(case["vkey"])[:2] == (case["name"], case["type"])
    for case in keys["bad"] + keys["disputed"]:
        with pytest.raises(second.RefusedError):
            second.key_of(case["vkey"])
    proofs = vectors("notes/tlog-proof.json")
    for case in proofs["parse_bad"]:
        with pytest.raises(second.RefusedError):
            second.proof_of(case["text"].encode())
    for case in proofs["complete_derived"]["cases"]:
        index, hashes, one = second.proof_of(case["proof"].encode())
        hashed = second.leaf_hash(case["leaf_bytes_utf8"].encode())
        assert second.includes(index, one.size, hashed, hashes, one.root)
        assert second.signers(one.text, one.lines, [second.key_of(case["log_vkey"])])


def test_every_inclusion_probe() -> None:
    for case in vectors("proofs/inclusion.json"):
        root, hashed = base64.b64decode(case["root"] or ""), base64.b64decode(case["leafHash"] or "")
        proof = [base64.b64decode(sibling) for sibling in case["proof"] or ()]
        fits = (
            len(hashed) == 32
            and case["leafIdx"] >= 0
            and second.includes(case["leafIdx"], case["treeSize"], hashed, proof, root)
        )
        assert fits is not case["wantErr"], case["source"]


# Bundles


@slow
@given(st.lists(stories(), max_size=4), st.booleans())
def test_an_honest_bundle_is_sound(told: list[list[Claim]], openings: bool) -> None:
    with TemporaryDirectory() as folder:
        raw = made(Path(folder), [story for story in told if story], openings=openings)
        lines = list(read_bundle(Path(folder, "made.bundle")))
    code, said = of_bytes(raw)
    assert code == second.CONSISTENT, said
    assert f"checked: {len(lines) - 2} entries" in said
    assert package_takes(raw)


@slow
@given(st.lists(stories(), min_size=1, max_size=2), st.data())
def test_a_byte_that_is_changed_anywhere_is_found(told: list[list[Claim]], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        raw = made(Path(folder), [story for story in told if story])
    at = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))
    spoiled = raw[:at] + bytes([other]) + raw[at + 1 :]
    code, said = of_bytes(spoiled)
    assert code in (second.INVALID, second.UNREADABLE), said
    assert not package_takes(spoiled)


@slow
@given(st.data())
def test_a_byte_that_is_changed_in_a_signed_bundle_is_found_or_changes_nothing_that_is_said(
    witnessed: dict[str, Any], data: st.DataObject
) -> None:
    raw = (witnessed["folder"] / "made.bundle").read_bytes()
    keys = ("--key", witnessed["key"], "--key", witnessed["witness"])
    begin = raw.rindex(b"\n", 0, -1) + 1
    at = data.draw(st.integers(begin, len(raw) - 1))
    spoiled = raw[:at] + bytes([data.draw(st.integers(0, 255))]) + raw[at + 1 :]
    honest, now = of_bytes(raw, *keys), of_bytes(spoiled, *keys)
    assert honest[0] == second.ANCHORED
    # a line whose name or key id was changed is a stranger's: the note has one signer less
    assert now[0] != second.ANCHORED or now[1].count("signed by") <= 2
    if now != honest and now[0] == second.ANCHORED:
        assert set(now[1].splitlines()) < set(honest[1].splitlines())


@slow
@given(st.binary(max_size=300) | st.sampled_from(LEAVES).flatmap(lambda leaf: st.just(leaf[:-1])))
def test_any_bytes_are_answered(raw: bytes) -> None:
    for content in (raw, WORKED[: len(raw)], WORKED + raw, bundle_of([raw.replace(b"\n", b"")])):
        code, said = of_bytes(content)
        assert code in (10, 40, 50)
        assert said.isascii()


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth > 1 else []


LONG = "x" * 65_600
BREAKS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "gap": lambda leaves: [leaves[0], changed(leaves[1], position=2), leaves[2]],
    "order": lambda leaves: [leaves[1], leaves[0], leaves[2]],
    "id twice": lambda leaves: [leaves[0], changed(leaves[1], id=json.loads(leaves[0])["id"]), leaves[2]],
    "origin": lambda leaves: [*leaves[:2], changed(leaves[2], origin="other.example.org")],
    "time": lambda leaves: [*leaves[:2], changed(leaves[2], recorded_at="2016-11-18T08:59:59.999999Z")],
    "no time": lambda leaves: [*leaves[:2], changed(leaves[2], recorded_at="2016-12-32T08:59:59.999999Z")],
    "leap second": lambda leaves: [*leaves[:2], changed(leaves[2], recorded_at="2016-12-31T23:59:60.000000Z")],
    "clamped": lambda leaves: [*leaves[:2], changed(leaves[2], recorded_clamped=True)],
    "clamped first": lambda leaves: [changed(leaves[0], recorded_clamped=True), *leaves[1:]],
    "clamped false": lambda leaves: [leaves[0], changed(leaves[1], recorded_clamped=False), leaves[2]],
    "once cut": lambda leaves: leaves[:1],
    "once begins late": lambda leaves: [changed(leaves[0], once=None), *leaves[1:]],
    "once of another size": lambda leaves: [leaves[0], changed(leaves[1], once=["import 7", 1, 3]), leaves[2]],
    "once again": lambda leaves: [*leaves[:2], changed(leaves[2], once=["import 7", 0, 1])],
    "once of a boolean": lambda leaves: [*leaves[:2], changed(leaves[2], once=["k", False, 1])],
    "version": lambda leaves: [*leaves[:2], changed(leaves[2], version=0)],
    "recorder": lambda leaves: [*leaves[:2], changed(leaves[2], recorder=" x")],
    "type": lambda leaves: [*leaves[:2], changed(leaves[2], type="Act")],
    "extra key": lambda leaves: [*leaves[:2], changed(leaves[2], extra=1)],
    "missing key": lambda leaves: [*leaves[:2], changed(leaves[2], sealed=None)],
    "float": lambda leaves: [*leaves[:2], leaves[2].replace(b'"v":1', b'"v":1.0')],
    "minus zero": lambda leaves: [leaves[0].replace(b'"position":0', b'"position":-0'), *leaves[1:]],
    "blank": lambda leaves: [*leaves[:2], leaves[2].replace(b'"v":1', b'"v": 1')],
    "escape": lambda leaves: [*leaves[:2], leaves[2].replace(b"desk", b"d\\u0065sk")],
    "key twice": lambda leaves: [*leaves[:2], leaves[2].replace(b'"v":1', b'"v":1,"v":1')],
    "surrogate": lambda leaves: [leaves[0].replace(b"Korea", b"\\ud800"), *leaves[1:]],
    "zero": lambda leaves: [leaves[0].replace(b"Korea", b"\\u0000"), *leaves[1:]],
    "not UTF-8": lambda leaves: [leaves[0].replace(b"Korea", b"\xff"), *leaves[1:]],
    "too long": lambda leaves: [leaves[0].replace(b"Korea", LONG.encode()), *leaves[1:]],
    "sealed nowhere": lambda leaves: [*leaves[:2], changed(leaves[2], sealed={"/a/b": "0" * 64})],
    "sealed and there": lambda leaves: [*leaves[:2], changed(leaves[2], sealed={"/basis": "0" * 64})],
    "too deep": lambda leaves: [leaves[0], changed(leaves[1], body={"x": nested(15)}), leaves[2]],
    "bad commitment": lambda leaves: [changed(leaves[0], sealed={"/note": "A" * 64}), *leaves[1:]],
}


@pytest.mark.parametrize("name", BREAKS)
def test_each_broken_rule_is_named_with_its_line_and_refused_by_both(name: str) -> None:
    raw = bundle_of(BREAKS[name](LEAVES))
    code, said = of_bytes(raw)
    if name == "too long":  # a line that no entry can have is no entry's
        assert (code, "UNREADABLE: line 2" in said) == (second.UNREADABLE, True)
    else:
        assert code == second.INVALID
        assert "INVALID line" in said or "INVALID end" in said
    assert not package_takes(raw)


def test_an_honest_rebuilt_bundle_is_taken_by_both() -> None:
    assert of_bytes(bundle_of(LEAVES))[0] == second.CONSISTENT
    assert package_takes(bundle_of(LEAVES))
    assert package_takes(WORKED)


def test_a_value_may_be_as_deep_as_the_page_says() -> None:
    raw = bundle_of([LEAVES[0], changed(LEAVES[1], body={"x": nested(14)}), LEAVES[2]])
    assert of_bytes(raw)[0] == second.CONSISTENT


def test_a_leaf_of_another_format_is_undecided() -> None:
    code, said = of_bytes(bundle_of([*LEAVES[:2], changed(LEAVES[2], v=2)]))
    assert code == second.UNDECIDED
    assert "UNDECIDED line 4" in said
    code, said = of_bytes(WORKED.replace(b'"version":1}\n', b'"version":2}\n', 1))
    assert code == second.UNREADABLE


def test_a_text_that_was_erased_must_not_be_there_and_one_that_is_missing_is_told() -> None:
    openings = PAGE[PAGE.index("```text openings-0\n") + 19 :].partition("\n")[0].encode()
    raw = bundle_of([LEAVES[0] + b"\t" + openings, *LEAVES[1:]], openings=True)
    code, said = of_bytes(raw)
    assert code == second.INVALID
    assert "INVALID line 2: the text '/note' is there" in said
    assert not package_takes(raw)
    raw = bundle_of(LEAVES, openings=True)
    code, said = of_bytes(raw)
    assert code == second.INVALID
    assert said.count("INVALID") == said.count("INVALID line 2: the text '/sources/0/title' is missing") == 1
    assert package_takes(raw)  # who is handed less than all can still keep it, and verify says what is missing


@pytest.mark.parametrize(
    ("old", "new", "said_of_it"),
    [
        (b"Said there", b"Said where", "the opening of '/note' does not give its commitment"),
        (b'],"/sources/0/title"', b'] ,"/sources/0/title"', "the openings are not in their canonical form"),
    ],
)
def test_one_changed_text_is_one_finding(tmp_path: Path, old: bytes, new: bytes, said_of_it: str) -> None:
    source = Source("Made-up Gazette", title="An office opens")
    told = made(
        tmp_path, [[announced(ev.InstitutionOpened("office"), when="2017", sources=source, note="Said there.")]]
    )
    assert told.count(old) == 1
    code, said = of_bytes(told.replace(old, new))
    assert code == second.INVALID
    assert said.count("INVALID line") == said.count(f"INVALID line 2: {said_of_it}") == 1
    assert "(1 finding)" in said


@pytest.mark.parametrize(
    "body", [{"paths": ["/nowhere"]}, {"target": "01586478-3800-7000-8000-000000000009"}, {"paths": ["/note", "/x"]}]
)
def test_a_redaction_of_what_is_not_sealed_is_found(body: dict[str, Any]) -> None:
    raw = bundle_of([*LEAVES[:2], changed(LEAVES[2], body=json.loads(LEAVES[2])["body"] | body)])
    code, said = of_bytes(raw)
    assert code == second.INVALID
    assert said.count("INVALID") == said.count("INVALID line 4: it redacts ") == 1
    assert package_takes(raw)


def test_an_opening_of_no_sealed_path_is_not_shown() -> None:
    """Damaged openings may have words where a path should be."""
    openings = b'{"/Alibek N1234567":["' + b"2" * 64 + b'","words"]}'
    code, said = of_bytes(bundle_of([LEAVES[0] + b"\t" + openings, *LEAVES[1:]], openings=True))
    assert (code, "an opening is of no path that is sealed" in said) == (second.INVALID, True)
    assert "Alibek" not in said


def test_openings_that_were_not_promised_are_refused() -> None:
    raw = WORKED.replace(b'"openings":true', b'"openings":false')
    assert "UNREADABLE: line 2" in of_bytes(raw)[1]
    assert not package_takes(raw)


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(entries: int) -> int:
        leaves = []
        for at in range(entries):
            one = f"01586478-3800-7000-8000-{at:012x}"
            leaves.append(changed(LEAVES[1], once=None, id=one, position=at, body={"x": "y" * 3000}))
        with TemporaryDirectory() as folder:
            path = Path(folder, "ledger.bundle")
            path.write_bytes(bundle_of(leaves))
            tracemalloc.start()
            assert run(path)[0] == second.CONSISTENT
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    peak(10)
    assert peak(1500) < peak(150) + 100_000


@pytest.mark.parametrize(
    "openings",
    [b'{"/note":[' + b"[]," * (5 << 20) + b"[]]}", b'{"/note":["%b","%b"]}' % (b"0" * 64, b"\xc3\xa4" * (8_388_500))],
    ids=["tiny arrays", "one text"],
)
def test_openings_without_measure_cost_no_more_than_their_line(tmp_path: Path, openings: bytes) -> None:
    path = tmp_path / "ledger.bundle"
    path.write_bytes(bundle_of([LEAVES[0] + b"\t" + openings, *LEAVES[1:]], openings=True))
    del openings
    tracemalloc.start()
    code, said = run(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (code, "INVALID line 2: the opening" in said) == (second.INVALID, True)
    assert most < 80 << 20


# Folders, checkpoints, proofs


def both(folder: Path) -> tuple[bool, bool]:
    """Whether the second reader and the package find nothing."""
    try:
        read_published(folder)
        taken = True
    except CoopLedgerError:
        taken = False
    return run(folder)[0] == second.CONSISTENT, taken


def test_a_signed_ledger_is_anchored_in_every_form(witnessed: dict[str, Any]) -> None:
    folder = witnessed["folder"]
    proof = ("--proof", folder / "proof", "--leaf", folder / "leaf")
    for target in ((folder / "made.bundle",), (folder / "public",), proof, ("--checkpoint", folder / "note-303")):
        log, witness = ("--key", witnessed["key"]), ("--key", witnessed["witness"])
        # who holds the log's key can sign anew what he hands over: that needs a witness
        alone = second.CONSISTENT if len(target) == 1 else second.ANCHORED
        for name, keys, wanted in (
            ("signed by 'forum", log, alone),
            ("cosigned by 'witness", (*log, *witness), second.ANCHORED),
            ("no log whose key you gave signed it", witness, second.UNDECIDED),
            ("no log whose key you gave signed it", ("--key", witnessed["stranger"]), second.UNDECIDED),
        ):
            code, said = run(*target, *keys)
            assert (code, name in said) == (wanted, True), said
        assert run(*target)[0] == second.CONSISTENT
    assert run(folder / "public", "--checkpoint", folder / "note-303")[0] == second.ANCHORED
    code, said = run(folder / "made.bundle", "--checkpoint", folder / "note-3")
    assert (code, "only the first 3 of 303" in said) == (second.STALE, True)
    assert run(folder / "public", "--checkpoint", folder / "note-3", "--key", witnessed["key"])[0] == second.STALE
    assert run("--proof", folder / "proof", "--leaf", folder / "other", "--key", witnessed["key"])[0] == second.INVALID


def test_a_checkpoint_of_another_history_is_found(witnessed: dict[str, Any], tmp_path: Path) -> None:
    kept = witnessed["folder"] / "note-3"
    longer, forged = witnessed["folder"] / "note-303", tmp_path / "forged"
    assert of_bytes(bundle_of(LEAVES), "--checkpoint", kept)[0] == second.DIVERGED
    assert of_bytes(bundle_of(LEAVES), "--checkpoint", longer)[0] == second.DIVERGED
    forged.write_bytes(kept.read_bytes().replace(b"\n3\n", b"\n2\n"))
    assert run("--checkpoint", forged, "--key", witnessed["key"])[0] == second.INVALID
    note = kept.read_text(encoding="utf-8")
    assert of_bytes(bundle_of(LEAVES, checkpoint=note))[0] == second.INVALID
    assert not package_takes(bundle_of(LEAVES, checkpoint=note))


@slow
@given(st.data())
def test_a_checkpoint_of_a_smaller_size_in_the_bundle_is_compared(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 3))
    tree = second.Tree()
    for leaf in LEAVES[:size]:
        tree.add(second.leaf_hash(leaf))
    root = data.draw(st.sampled_from([tree.root(), bytes(32)]))
    note = f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n\n— a.example AAAAAAAA\n"
    raw = bundle_of(LEAVES, checkpoint=note)
    assert (of_bytes(raw)[0] == second.CONSISTENT) is package_takes(raw) is (root == tree.root())


@slow
@given(st.lists(stories(), max_size=3), st.data())
def test_folders_are_judged_as_the_package_does(told: list[list[Claim]], data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder, signer = Path(name, "public"), LogSigner.begin(SigningKey.generate(ORIGIN), Path(name, "last"))
        with Ledger.in_memory(origin=ORIGIN) as ledger:
            for story in told:
                if story:
                    ledger.record(*story)
            ledger.publish(folder, checkpoint=ledger.checkpoint(signer))
        assert both(folder) == (True, True)
        path = data.draw(st.sampled_from(sorted(path for path in folder.rglob("*") if path.is_file())))
        raw = path.read_bytes()
        at = data.draw(st.integers(0, len(raw) - 1))
        spoiled = raw[:at] + data.draw(st.binary(max_size=2)) + raw[at + 1 :]
        path.write_bytes(spoiled)
        ours, theirs = both(folder)
        if path.name == "checkpoint":  # the package leaves it to the caller whether leaves and checkpoint name one log
            assert theirs or not ours
        else:
            assert ours is theirs is (spoiled == raw)


@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/001.p/47", "tile/1/000.p/1", "tile/entries/000"])
def test_a_file_that_is_missing_is_found(witnessed: dict[str, Any], name: str) -> None:
    path = witnessed["folder"] / "public" / name
    raw = path.read_bytes()
    try:
        path.unlink()
        assert both(witnessed["folder"] / "public") == (False, False)
        path.write_bytes(raw + b"x")
        assert both(witnessed["folder"] / "public") == (False, False)
    finally:
        path.write_bytes(raw)
    assert hashlib.sha256(raw).digest() == hashlib.sha256(path.read_bytes()).digest()


def test_what_cannot_be_read_is_said_without_a_traceback(tmp_path: Path) -> None:
    assert run(tmp_path / "nothing")[0] == second.UNREADABLE
    assert run(tmp_path)[0] == second.UNREADABLE
    assert run("/dev/null")[0] == second.UNREADABLE
    assert of_bytes(b"[" * 60_000 + b"\n")[0] == second.UNREADABLE
    (tmp_path / "link").symlink_to("/dev/zero")
    assert run(tmp_path / "link")[0] == second.UNREADABLE


def test_what_a_caller_mistakes_is_one_sentence(
    witnessed: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, key = witnessed["folder"], witnessed["key"]
    (tmp_path / "key").write_text(f"{key}\n")
    (tmp_path / "bad").write_bytes(b"\xff no key")
    bundle = folder / "made.bundle"
    assert run(bundle, "--checkpoint", folder / "note-303", "--key", tmp_path / "key")[0] == second.ANCHORED
    for arguments in (
        (bundle, "--key", "nonsense"),
        (bundle, "--key", tmp_path / "nothing"),
        (bundle, "--key", tmp_path),
        (bundle, "--key", tmp_path / "bad"),
        (bundle, "--key", f"{key[:-1]}A"),
        (bundle, "--key=a\0b"),
        (bundle, "--key", key, "--key", key.replace("+", "+", 1)[:-4] + "AAA="),
        (bundle, "--checkpoint", tmp_path / "nothing"),
        (bundle, "--checkpoint", tmp_path / "key"),
        (bundle, "--proof", tmp_path / "nothing", "--leaf", folder / "leaf"),
    ):
        capsys.readouterr()
        code, said = run(*arguments)
        errors = capsys.readouterr().err
        assert (code, said, errors.count("\n"), "Traceback" in errors) == (second.MISUSED, "", 1, False), errors
    material = bytes([9]) + bytes(32)
    unknown = hashlib.sha256(b"a\n" + material).hexdigest()[:8]
    code, said = run(bundle, "--key", f"a+{unknown}+{base64.b64encode(material).decode()}")
    assert (code, "UNDECIDED key" in said) == (second.UNDECIDED, True)


@slow
@given(st.data())
def test_spoiled_proofs_checkpoints_and_keys_are_answered(witnessed: dict[str, Any], data: st.DataObject) -> None:
    folder = witnessed["folder"]
    files = {name: (folder / name).read_bytes() for name in ("proof", "leaf", "note-303")}
    name = data.draw(st.sampled_from(sorted(files)))
    raw = files[name]
    at, cut = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 3))
    files[name] = raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + cut :]
    key = data.draw(st.sampled_from([witnessed["key"], witnessed["key"][:-1], data.draw(st.text("+a1=\udc80"))]))
    with TemporaryDirectory() as other:
        for one, content in files.items():
            Path(other, one).write_bytes(content)
        proof = run("--proof", Path(other, "proof"), "--leaf", Path(other, "leaf"), f"--key={key}")[0]
        note = run("--checkpoint", Path(other, "note-303"), f"--key={key}")[0]
    assert {proof, note} <= {0, 2, 10, 20, 40, 50}
    if key != witnessed["key"]:
        assert proof == note == second.MISUSED
    elif files["leaf"] != (folder / "leaf").read_bytes():
        assert proof in (second.INVALID, second.UNDECIDED)


def test_invalid_is_said_before_undecided(witnessed: dict[str, Any], tmp_path: Path) -> None:
    folder, path = witnessed["folder"], tmp_path / "ledger.bundle"
    path.write_bytes(bundle_of([*LEAVES[:2], changed(LEAVES[2], v=2)]))
    assert run(path, "--proof", folder / "proof", "--leaf", folder / "other")[0] == second.INVALID
    assert run(path, "--proof", folder / "proof", "--leaf", folder / "leaf")[0] == second.UNDECIDED


def test_what_passes_the_limits_is_not_called_invalid() -> None:
    header = {"format": "coop-ledger-bundle", "openings": False, "origin": ORIGIN, "size": 10_000_001, "version": 1}
    assert of_bytes(canonical(header) + b"\n")[0] == second.UNREADABLE
    assert not package_takes(canonical(header) + b"\n")


@pytest.mark.parametrize("spoil", [lambda raw: raw + b"x", lambda raw: raw[:-1], lambda raw: raw + raw])
def test_what_follows_or_breaks_off_is_found(spoil: Callable[[bytes], bytes]) -> None:
    assert of_bytes(spoil(WORKED))[0] == second.UNREADABLE
    assert not package_takes(spoil(WORKED))


@pytest.mark.parametrize("name", ["gap", "time", "id twice", "origin", "blank"])
def test_the_rules_over_leaves_hold_in_folders_too(tmp_path: Path, name: str) -> None:
    """A folder whose tiles all fit: what its entries say is checked as in a bundle."""
    leaves, tree = BREAKS[name](LEAVES), second.Tree()
    for folder in ("tile/0/000.p", "tile/entries/000.p"):
        (tmp_path / folder).mkdir(parents=True)
    for leaf in leaves:
        tree.add(second.leaf_hash(leaf))
    (tmp_path / "tile/0/000.p/3").write_bytes(b"".join(map(second.leaf_hash, leaves)))
    (tmp_path / "tile/entries/000.p/3").write_bytes(b"".join(len(one).to_bytes(2, "big") + one for one in leaves))
    note = f"{ORIGIN}\n3\n{base64.b64encode(tree.root()).decode()}\n\n— a.example AAAAAAAA\n"
    (tmp_path / "checkpoint").write_text(note, encoding="utf-8")
    code, said = run(tmp_path)
    assert (code, "INVALID tile/entries/000.p/3 leaf" in said) == (second.INVALID, True)
