"""
One file, two verifiers, one exit code: bytes and lines of bundles, files of folders, leaves, notes and redactions that
somebody changed. What alone may differ stands in :mod:`tests.attacks.agreement`.

What ``tests/attacks`` makes is given to both there, by ``convicted``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.codec import canonical, parse
from coop_ledger.errors import InvalidValueError
from coop_ledger.log import (
    Checkpoint,
    Frontier,
    Limits,
    Note,
    Policy,
    Signature,
    format_checkpoint,
    format_instant,
    format_note,
    format_vkey,
    leaf_hash,
    parse_note,
)
from examples import verify_bundle as second
from tests.attacks.agreement import agreed, told_by_the_second
from tests.attacks.signed import LOG, NOON, WITNESSES, cosigned, grow, note_of, policy, respelled, signed
from tests.attacks.tools import ORIGIN, honest, plan, redact, root_of_file

often = settings(deadline=None, suppress_health_check=list(HealthCheck))
Lines = list[bytes]
NAMES = ("a.example", "a\x7fb", "a\x80b", "a\x85b", "a b", "a\xa0b", "a\u2028b", "a\u200bb", "a+b", "", "ä", "a\u3000b")
"""Names of signers: with blanks and controls of all kinds, and some that may be."""


class Site(NamedTuple):
    """What an honest ledger gave away."""

    whole: bytes
    bare: bytes
    folder: Path
    early: bytes
    late: bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A ledger with calls, acts and a redaction: as bundles, as a folder that was published twice, and its notes."""
    folder = tmp_path_factory.mktemp("site")
    path = honest(folder / "ledger.db")
    early = note_of(path, "one", "two")
    with Ledger.open(path, readonly=True) as ledger:
        ledger.publish(folder / "public", checkpoint=early)
    redact(path, 0, "/note", "/sources/0/title")
    grow(path, 6, 7)
    late = note_of(path, "one", "two")
    with Ledger.open(path, readonly=True) as ledger:
        ledger.publish(folder / "public", checkpoint=late)
        ledger.export(folder / "whole", checkpoint=late)
        ledger.export(folder / "bare", openings=False)
    assert root_of_file(path)[1] == 15
    return Site((folder / "whole").read_bytes(), (folder / "bare").read_bytes(), folder / "public", early, late)


def both(raw: bytes, **options: Any) -> int:
    """The exit code that both give a bundle."""
    with TemporaryDirectory() as name:
        path = Path(name, "ledger.bundle")
        path.write_bytes(raw)
        return agreed(path, **options)[0].exit_code


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(shutil.copytree(folder, Path(name, "public"), symlinks=True))


def resealed(lines: Lines, note: Callable[[Checkpoint], bytes] | None = None) -> Lines:
    """Counts, root and checkpoint made anew after the leaves, as a thorough attacker does."""
    header, footer = json.loads(lines[0]), json.loads(lines[-1])
    frontier = Frontier()
    frontier.extend(leaf_hash(line.partition(b"\t")[0]) for line in lines[1:-1])
    header["size"] = footer["entries"] = len(lines) - 2
    footer |= {"opened": sum(b"\t" in line for line in lines[1:-1]), "root": frontier.root().hex()}
    footer.pop("checkpoint", None)
    if note is not None:
        footer["checkpoint"] = note(Checkpoint(ORIGIN, header["size"], frontier.root())).decode()
    return [line_of(header), *lines[1:-1], line_of(footer)]


def joined(lines: Lines) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def anchors(site: Site) -> st.SearchStrategy[dict[str, Any]]:
    """Nothing brought along, a checkpoint, a policy, or both."""
    notes = st.sampled_from([site.early, site.late, site.late.partition(b"\n\n")[0] + b"\n"])
    rules = st.sampled_from([policy(quorum="none"), policy()])
    return st.fixed_dictionaries({}, optional={"checkpoint": notes, "policy": rules})


def test_what_is_honest_is_sound_for_both(site: Site) -> None:
    for options, code in (
        ({}, 10),
        ({"checkpoint": site.early}, 11),
        ({"checkpoint": site.late, "policy": policy(quorum="none")}, 0),
        ({"checkpoint": site.early, "policy": policy(quorum="none")}, 11),
        ({"policy": policy(quorum="none")}, 10),
        ({"policy": policy()}, 0),
    ):
        for raw in (site.whole, site.bare):
            expected = 10 if raw is site.bare and "checkpoint" not in options else code
            assert both(raw, **options) == expected, options
        assert agreed(site.folder, **options)[0].exit_code == code


# Bytes and lines


@often
@given(st.data())
def test_bytes_of_a_bundle(site: Site, data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from([site.whole, site.bare]))
    for _ in range(data.draw(st.integers(1, 2))):
        start = data.draw(st.sampled_from([0, len(raw) // 2, max(0, len(raw) - 1_500)]))
        at, cut = data.draw(st.integers(start, len(raw))), data.draw(st.integers(0, 3))
        put = st.binary(max_size=3) | st.sampled_from([b"\t", b"\n", b" ", b"0", b"\\u0000", b'"', b"\r", b"\x7f"])
        raw = raw[:at] + data.draw(put) + raw[at + cut :]
    both(raw, **data.draw(anchors(site)))


@pytest.mark.parametrize(("old", "new"), [(b'":["', b'": ["'), (b'"No. ', b'"\\u004eo. '), (b"}\n", b" }\n")])
def test_openings_in_another_spelling(site: Site, old: bytes, new: bytes) -> None:
    lines = site.whole.split(b"\n")[:-1]
    leaf, tab, openings = lines[2].partition(b"\t")
    assert tab
    lines[2] = leaf + tab + (openings + b"\n").replace(old, new, 1)[:-1]
    assert both(joined(resealed(lines))) == Verdict.INVALID.exit_code


def test_openings_that_say_nothing(site: Site) -> None:
    lines = site.whole.split(b"\n")[:-1]
    for openings in (b"", b"{}", b"[]", b"null"):
        lines[8] = lines[8].partition(b"\t")[0] + b"\t" + openings
        assert both(joined(resealed(lines))) == Verdict.INVALID.exit_code


@often
@given(st.data())
def test_lines_of_a_bundle(site: Site, data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([site.whole, site.bare])).split(b"\n")[:-1]
    places = st.integers(0, len(lines) - 1)
    for _ in range(data.draw(st.integers(1, 2))):
        one, other = data.draw(places), data.draw(places)
        match data.draw(st.sampled_from(["drop", "swap", "repeat", "openings", "cut"])):
            case "drop":
                lines[one] = lines[other]
                del lines[other]
                lines.append(lines[-1])
            case "swap":
                lines[one], lines[other] = lines[other], lines[one]
            case "repeat":
                lines.insert(one, lines[other])
            case "openings":
                mine, yours = lines[one].partition(b"\t"), lines[other].partition(b"\t")
                lines[one] = b"".join((mine[0], *yours[1:]))
            case _:
                lines[one] = lines[one].partition(b"\t")[0]
    raw = joined(lines)
    both(raw, **data.draw(anchors(site)))
    if data.draw(st.booleans()):
        kept = [line for line in lines if line.startswith(b'{"body":')]
        both(joined(resealed([site.whole.split(b"\n")[0], *kept, site.whole.split(b"\n")[-2]])))


# Values


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from places_in(inner, (*path, key))


LABELS = st.sampled_from(
    ["k", " k", "k ", "k\n", "", "x" * 200, "x" * 201, "\x7f", "\u2003k", "ä\u0085", "batch", "alone"]
)
ONCE = st.tuples(LABELS, st.integers(-1, 4), st.integers(-1, 4)).map(list)
TIMES = st.sampled_from(
    ["2999-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z",
     "2016-02-30T00:00:00.000000Z", "2016-12-31T23:59:60.000000Z", "2016-12-31T24:00:00.000000Z",
     "2016-12-31T23:59:59Z", "٢016-12-31T23:59:59.000000Z"]
)  # fmt: skip
ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 20), st.sampled_from([2**53 - 1, 2**53]), LABELS, ONCE, TIMES,
    st.sampled_from(["\x00", "/note", "/a~b", "/", "0" * 64, "other.example/1", "act.redaction"]),
    st.sampled_from([[], {}, {"/note": "0" * 64}, {"/x/y": "0" * 64}, {"": "0" * 64}]),
)  # fmt: skip


def edited(data: st.DataObject, value: Any) -> Any:
    """A value in which something is something else, is gone, or was added."""
    path = data.draw(st.sampled_from(list(places_in(value))))
    if not path:
        return data.draw(ANY)
    holder = value
    for part in path[:-1]:
        holder = holder[part]
    match data.draw(st.sampled_from(["put", "put", "neighbour", "take", "add"])):
        case "put":
            holder[path[-1]] = data.draw(ANY)
        case "neighbour" if isinstance(holder[path[-1]], int):
            holder[path[-1]] += data.draw(st.sampled_from([-1, 1]))
        case "take":
            del holder[path[-1]]
        case _ if isinstance(holder, dict):
            keys = st.sampled_from(["a", "once", "recorded_clamped", "v", "/note", "ä", "checkpoint", ""])
            holder[data.draw(keys)] = data.draw(ANY)
    return value


def line_of(value: Any) -> bytes:
    """A value as a line, in canonical form where it has one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogatepass").replace(b"\n", b" ")


@often
@given(st.data())
def test_values_of_a_bundle(site: Site, data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([site.whole, site.bare])).split(b"\n")[:-1]
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(lines) - 1))
        leaf, tab, openings = lines[at].partition(b"\t")
        if tab and data.draw(st.booleans()):
            value = edited(data, json.loads(openings))
            lines[at] = leaf + tab + line_of(value)
        else:
            lines[at] = line_of(edited(data, json.loads(leaf))) + tab + openings
    both(joined(lines), **data.draw(anchors(site)))
    if all(isinstance(json.loads(line), dict) for line in (lines[0], lines[-1])):
        both(joined(resealed(lines)), **data.draw(anchors(site)))


KEYS = {
    "once": ONCE,
    "recorded_at": TIMES,
    "recorder": LABELS,
    "position": st.integers(0, 15),
    "v": st.sampled_from([0, 1, 2, -1, True, "1"]),
    "version": st.integers(0, 3),
    "type": st.sampled_from(["act.redaction", "act.merge", "institution.opened", "claim.unheard", "A", ""]),
    "id": st.sampled_from(["01586478-3800-7000-8000-000000000001", "01586478-3800-4000-8000-000000000001", ""]),
    "recorded_clamped": st.sampled_from([True, False]),
    "origin": st.sampled_from([ORIGIN, "other.example/1", "a b", "a+b"]),
}


@often
@given(st.data())
def test_leaves_of_another_shape_under_a_right_root(site: Site, data: st.DataObject) -> None:
    lines = site.bare.split(b"\n")[:-1]
    for _ in range(data.draw(st.integers(1, 3))):
        at, key = data.draw(st.integers(1, len(lines) - 2)), data.draw(st.sampled_from(sorted(KEYS)))
        leaf = json.loads(lines[at])
        if key in leaf and data.draw(st.integers(0, 5)) == 0:
            del leaf[key]
        else:
            leaf[key] = data.draw(KEYS[key])
        lines[at] = line_of(leaf)
    both(joined(resealed(lines)), **data.draw(anchors(site)))


@often
@given(st.data())
def test_redactions_of_every_kind(site: Site, data: st.DataObject) -> None:
    """Fields of several entries, some sealed and some not, of entries before and behind, in bodies of other forms."""
    lines = site.whole.split(b"\n")[:-1]
    leaves = [json.loads(line.partition(b"\t")[0]) for line in lines[1:-1]]
    (act,) = (leaf for leaf in leaves if leaf["type"] == "act.redaction")
    ids = st.sampled_from([leaf["id"] for leaf in leaves] + ["01586478-3800-7000-8000-999999999999", "", "x"])
    paths = st.sampled_from(["/note", "/sources/0/title", "/sources/0/quote", "/event/name", "/x", "note", "/a ", ""])
    body = data.draw(st.fixed_dictionaries(
        {"target": st.just(leaves[0]["id"]) | ids, "paths": st.lists(paths, max_size=3),
         "basis": st.just("GDPR 17") | LABELS, "authority": st.just("officer") | LABELS | st.just("x" * 65)},
        optional={"note": st.just("x")},
    ))  # fmt: skip
    at = data.draw(st.integers(1, len(lines) - 1))
    new = {**act, "id": "01586478-3800-7000-8000-777777777777", "body": body, "recorded_at": leaves[-1]["recorded_at"]}
    if data.draw(st.booleans()):
        body.pop(data.draw(st.sampled_from(sorted(body))))
    if data.draw(st.booleans()):
        for path in (path for path in body.get("paths", ()) if isinstance(path, str)):  # erase what it names
            leaf, tab, openings = lines[1].partition(b"\t")
            left = {key: one for key, one in json.loads(openings or "{}").items() if key != path}
            lines[1] = leaf + (tab + line_of(left) if left else b"")
    lines.insert(at, line_of(new))
    for position, line in enumerate(lines[1:-1]):
        leaf, tab, openings = line.partition(b"\t")
        lines[position + 1] = line_of({**json.loads(leaf), "position": position}) + tab + openings
    both(joined(resealed(lines)))


@pytest.mark.parametrize(
    ("paths", "code"),
    [(["/sources/0/quote"], 40), (["/sources/0/quote", "/x"], 40), (["/note", "/x"], 40), (["/note"], 10)],
)
def test_a_redaction_that_is_partly_void(site: Site, paths: list[str], code: int) -> None:
    """What is sealed is erased, and must be gone; what is not sealed makes the ledger invalid (T54)."""
    lines = site.whole.split(b"\n")[:-1]
    (at,) = (at for at, line in enumerate(lines) if b'"act.redaction"' in line)
    leaf = json.loads(lines[at])
    lines.insert(-1, line_of({
        **leaf, "id": "01586478-3800-7000-8000-777777777777", "position": 15, "body": {**leaf["body"], "paths": paths},
        "recorded_at": json.loads(lines[-2].partition(b"\t")[0])["recorded_at"],
    }))  # fmt: skip
    assert both(joined(resealed(lines))) == code


@pytest.mark.parametrize("key", ["", " k", "k ", "k\n", "a\x7fb", "\u2003k", "x" * 201])
def test_keys_of_calls_that_are_no_labels(site: Site, key: str) -> None:
    lines = site.bare.split(b"\n")[:-1]
    lines[12] = line_of({**json.loads(lines[12]), "once": [key, 0, 1]})
    assert both(joined(resealed(lines))) == Verdict.INVALID.exit_code
    lines[12] = line_of({**json.loads(lines[12]), "once": ["a\x80 \u2003b", 0, 1]})
    assert both(joined(resealed(lines))) == Verdict.SELF_CONSISTENT.exit_code


def test_an_entry_from_the_future(site: Site) -> None:
    """More than a day ahead of the checker's clock is too much (T16); less is how far clocks differ."""
    lines = site.bare.split(b"\n")[:-1]
    for ahead, code in ((timedelta(days=1, minutes=10), 40), (timedelta(hours=23), 10)):
        lines[15] = line_of({**json.loads(lines[15]), "recorded_at": format_instant(datetime.now(UTC) + ahead)})
        assert both(joined(resealed(lines))) == code


def test_an_act_on_an_entry_that_is_not_there_is_irregular_and_no_sign_of_tampering(site: Site) -> None:
    """As in a ledger file: only what a redaction names must be there (T23, T54)."""
    lines, kinds = site.bare.split(b"\n")[:-1], set[str]()
    for at, line in enumerate(lines[1:-1], start=1):
        leaf = json.loads(line)
        if "target" in leaf["body"] and leaf["type"] != "act.redaction":
            leaf["body"]["target"] = "01586478-3800-7000-8000-999999999999"
            kinds.add(leaf["type"])
            lines[at] = line_of(leaf)
    assert kinds >= {"act.correction", "act.retraction"}
    assert both(joined(resealed(lines))) == Verdict.SELF_CONSISTENT.exit_code


def test_a_leaf_of_another_format_may_have_other_keys(site: Site) -> None:
    lines = site.bare.split(b"\n")[:-1]
    lines[15] = line_of({**json.loads(lines[15]), "v": 2, "where": "Seoul"})
    assert both(joined(resealed(lines))) == Verdict.UNDECIDED.exit_code


# Notes


@often
@given(st.data())
def test_signers_of_a_checkpoint(site: Site, data: st.DataObject) -> None:
    text, gap, lines = site.late.decode().rpartition("\n\n")
    changed = lines.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        dash, name, signature = changed[at][:-1].split(" ", 2)
        match data.draw(st.sampled_from(["name", "swap", "drop", "repeat", "character"])):
            case "name":
                changed[at] = f"{dash} {data.draw(st.sampled_from(NAMES) | st.text(max_size=3))} {signature}\n"
            case "swap":
                changed[at], changed[-1] = changed[-1], changed[at]
            case "drop" if len(changed) > 1:
                del changed[at]
            case "repeat":
                changed.append(changed[at])
            case _:
                place = data.draw(st.integers(0, len(signature) - 1))
                signature = f"{signature[:place]}{data.draw(st.sampled_from('AQ+/=z '))}{signature[place + 1 :]}"
                changed[at] = f"{dash} {name} {signature}\n"
        if any(line.count(" ") < 2 for line in changed):
            break
    note = (text + gap + "".join(changed)).encode("utf-8", "replace")
    in_bundle = site.whole.split(b"\n")[:-1]
    in_bundle[-1] = canonical({**parse(in_bundle[-1]), "checkpoint": note.decode().replace("\0", "0")})
    options = data.draw(anchors(site))
    both(joined(in_bundle), **options)
    with copied(site.folder) as folder:
        (folder / "checkpoint").write_bytes(note)
        agreed(folder, **options)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_signers(site: Site, name: str) -> None:
    lines = site.whole.split(b"\n")[:-1]
    note = parse(lines[-1])["checkpoint"].replace("— one.example/w", f"— {name}", 1)
    lines[-1] = canonical({**parse(lines[-1]), "checkpoint": note})
    fits = name in ("a.example", "a\u200bb", "ä")
    assert both(joined(lines)) == (10 if fits else 40)


def test_checkpoints_of_other_histories(site: Site) -> None:
    origin, size, root = ORIGIN, 15, parse(site.whole.split(b"\n")[-2])["root"]
    others = [
        ("other.example/1", size, bytes.fromhex(root)),
        (origin, 16, bytes.fromhex(root)),
        (origin, 15, bytes(32)),
    ]
    for other in others:
        for rules in (None, policy(quorum="none")):
            for brought in (Checkpoint(*other), signed(Checkpoint(*other))):
                options = {"checkpoint": brought, "policy": rules}
                # a note about another log is none by the log's key, whose name is its origin
                stranger = rules is not None and isinstance(brought, bytes) and other[0] != ORIGIN
                expected = Verdict.UNDECIDED if stranger else Verdict.DIVERGED
                assert both(site.whole, **options) == expected.exit_code
                assert agreed(site.folder, **options)[0].verdict is expected
    lines = site.whole.split(b"\n")[:-1]
    for other in others:
        own = cosigned(signed(Checkpoint(*other)), {"one": 1_479_632_400, "two": 1_479_632_400})
        lines[-1] = canonical({**parse(lines[-1]), "checkpoint": own.decode()})
        assert both(joined(lines)) == Verdict.INVALID.exit_code
        expected = Verdict.DIVERGED if other[0] == ORIGIN else Verdict.UNDECIDED
        assert both(joined(lines), policy=policy()) == expected.exit_code


# Folders

PLACES = (
    "tile/0/000", "tile/0/001", "tile/0/000.p/3", "tile/0/000.p/20", "tile/0/000.p/256", "tile/0/000.p/x",
    "tile/1/000.p/1", "tile/2/000", "tile/entries/000.p/5", "tile/entries/x", "tile/readme", "tile/.x", "readme",
    "tile/entries/000.p/.part-1", "tile/64/000", "tile/0/x000/000", "tile/0/x001/000.p/1",
)  # fmt: skip
"""Names of files, some of them those of a published ledger."""


@often
@given(st.data())
def test_files_of_a_folder(site: Site, data: st.DataObject) -> None:
    with copied(site.folder) as folder:
        for _ in range(data.draw(st.integers(1, 2))):
            files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
            path = data.draw(st.sampled_from(files))
            raw = path.read_bytes()
            match data.draw(st.sampled_from(["bytes", "bytes", "gone", "other", "new", "link", "folder"])):
                case "bytes":
                    at, cut = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 3))
                    path.write_bytes(raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + cut :])
                case "gone" if len(files) > 1:
                    path.unlink()
                case "other":
                    path.write_bytes(data.draw(st.sampled_from(files)).read_bytes())
                case "link":
                    path.unlink()
                    path.symlink_to(
                        data.draw(st.sampled_from(["/dev/zero", "elsewhere", str(site.folder / "checkpoint")]))
                    )
                case kind:
                    target = folder / data.draw(st.sampled_from(PLACES))
                    if target.exists() or any(one.is_file() for one in target.parents):
                        continue
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.mkdir() if kind == "folder" else target.write_bytes(raw)
        agreed(folder, **data.draw(anchors(site)))


def test_a_folder_without_a_checkpoint_is_as_long_as_its_files_reach(site: Site) -> None:
    with copied(site.folder) as folder:
        (folder / "checkpoint").unlink()
        report, said = agreed(folder)
        assert (report.exit_code, report.size, report.origin) == (10, 15, ORIGIN)
        assert "checked: 15 entries" in said
        assert agreed(folder, checkpoint=site.early)[0].exit_code == 11
        shutil.rmtree(folder / "tile")
        assert agreed(folder)[0].exit_code == Verdict.UNREADABLE.exit_code


def test_what_an_earlier_publication_left_is_compared_and_what_a_later_one_began_is_not(site: Site) -> None:
    for name, code in (("tile/0/000.p/12", 40), ("tile/entries/000.p/12", 40), ("tile/0/000.p/16", 10)):
        with copied(site.folder) as folder:
            (folder / name).write_bytes(b"x" * 32)
            assert agreed(folder)[0].exit_code == code, name


def test_folders_of_several_levels(tmp_path: Path) -> None:
    path = honest(tmp_path / "long.db", more=300)
    with Ledger.open(path, readonly=True) as ledger:
        ledger.publish(tmp_path / "public", checkpoint=signed(Checkpoint(*root_of_file(path))))
    with Ledger.open(path) as ledger:
        ledger.record(*(plan(number) for number in range(500, 720)))
        ledger.publish(tmp_path / "public", checkpoint=signed(Checkpoint(ledger.origin, ledger.size, ledger.root)))
    assert agreed(tmp_path / "public")[0].exit_code == 10
    for file in sorted(path for path in (tmp_path / "public").rglob("*") if path.is_file()):
        raw = file.read_bytes()
        file.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        report, _ = agreed(tmp_path / "public")
        assert report.verdict is Verdict.INVALID, file
        file.write_bytes(raw)


# What a caller mistakes


def test_a_policy_is_no_more_than_its_keys_to_the_second_reader(site: Site) -> None:
    """The one anchor on which the two differ: enough witnesses for the one are not enough for the other."""
    lines = site.whole.split(b"\n")[:-1]
    note = cosigned(signed(Checkpoint(ORIGIN, 15, bytes.fromhex(parse(lines[-1])["root"]))), {"one": 1_479_632_400})
    lines[-1] = canonical({**parse(lines[-1]), "checkpoint": note.decode()})
    rules: Policy = policy()
    with TemporaryDirectory() as name:
        path = Path(name, "ledger.bundle")
        path.write_bytes(joined(lines))
        report, said = agreed(path, policy=rules)
    assert (report.exit_code, "sound, and anchored" in said) == (10, True)


def test_keys_of_witnesses_alone_say_nothing(site: Site) -> None:
    """Whose log it is has to be known from elsewhere, or anybody's log would do that these witnesses watch."""
    text = "".join(f"witness {name} {format_vkey(key.vkey)}\n" for name, key in WITNESSES.items())
    for options in ({}, {"checkpoint": site.late}):
        assert both(site.whole, policy=f"{text}quorum one\n", **options) == 20
        assert agreed(site.folder, policy=f"{text}quorum none\n", **options)[0].exit_code == 20
    moved = respelled(site.late, 1, blob=parse_note(site.late).signatures[2].blob)
    assert both(site.bare, policy=f"{text}quorum one\n", checkpoint=moved) == 20


@pytest.mark.parametrize(("ahead", "code"), [(0, 10), (1, 40), (23, 40), (25, 40)])
def test_a_policy_may_let_clocks_differ_by_less_than_a_day(tmp_path: Path, ahead: int, code: int) -> None:
    """By five minutes without a word of it; and never by more."""
    with Ledger.open(
        tmp_path / "ahead.db", origin=ORIGIN, clock=lambda: datetime.now(UTC) + timedelta(hours=ahead)
    ) as ledger:
        ledger.record(plan(1))
        ledger.export(tmp_path / "ahead")
    assert agreed(tmp_path / "ahead")[0].exit_code == (40 if ahead > 24 else 10)
    report, said = agreed(tmp_path / "ahead", policy=policy())
    assert (report.exit_code, "recorded in the future" in said) == (code, ahead > 24)
    wide = policy(Limits(skew_s=86_400 * 300))
    assert agreed(tmp_path / "ahead", policy=wide)[0].exit_code == (40 if ahead > 24 else 10)


@pytest.mark.parametrize(("at", "code"), [(NOON, 0), (2**63 - 1, 0), (2**63, 40), (2**64 - 1, 40)])
def test_times_of_witnesses_are_below_2_63(site: Site, at: int, code: int) -> None:
    """The signature holds over exactly that time; the policy lets clocks differ without end."""

    def note(checkpoint: Checkpoint) -> bytes:
        text, key = format_checkpoint(checkpoint), WITNESSES["one"].vkey
        signature = WITNESSES["one"].sign(b"cosignature/v1\ntime %d\n" % at + text.encode())
        line = Signature(key.name, key.key_id, at.to_bytes(8) + signature)
        return format_note(Note(text, (LOG.sign_note(text), line)))

    raw = joined(resealed(site.whole.split(b"\n")[:-1], note))
    with TemporaryDirectory() as folder:
        path = Path(folder, "ledger.bundle")
        path.write_bytes(raw)
        report, said = agreed(path, policy=policy(Limits(skew_s=2**63), quorum="one"))
    assert (report.exit_code, "states no time" in said) == (code, code == 40)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"\n", b"\t\n"),
        lambda text: text.replace(b"\n", b" \n"),
        lambda text: text.replace(b"\n", b"\n "),
        lambda text: b"\n" + text,
        lambda text: text + b"\n",
        lambda text: text.replace(b"\n", b""),
        lambda text: b"\t" + text,
        lambda text: b"",
    ],
)
def test_another_spelling_of_three_lines_is_no_checkpoint(
    site: Site, tmp_path: Path, edit: Callable[[bytes], bytes]
) -> None:
    path, given = tmp_path / "ledger.bundle", tmp_path / "checkpoint"
    path.write_bytes(site.whole)
    three = site.late.partition(b"\n\n")[0]
    for text in (three, three + b"\n"):
        assert agreed(path, checkpoint=text)[0].exit_code == 0
    given.write_bytes(edit(three + b"\n"))
    with pytest.raises(InvalidValueError):
        verify(path, checkpoint=given.read_bytes())
    assert told_by_the_second(path, "--checkpoint", given)[0] == second.MISUSED


def test_a_path_that_no_database_may_have(site: Site, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["f" * 100] * 6)
    deep.mkdir(parents=True)
    for raw, code in ((site.whole, 10), (site.whole[:-1], 50), (b"PK\x03\x04", 50), (site.whole.split(b"\n")[1], 50)):
        (deep / "ledger.bundle").write_bytes(raw)
        assert agreed(deep / "ledger.bundle")[0].exit_code == code


def test_what_is_no_bundle_is_not_called_invalid(tmp_path: Path) -> None:
    for name in ("ledger", "empty", "other"):
        (tmp_path / name).touch()
    (tmp_path / "ledger").unlink()
    honest(tmp_path / "ledger")
    (tmp_path / "other").write_bytes(b"PK\x03\x04")
    (tmp_path / "folder").mkdir()
    for name, word in (
        ("ledger", "a ledger file"),
        ("empty", "is empty"),
        ("other", "no bundle"),
        ("folder", "no published ledger"),
        ("nothing", "No such file"),
    ):
        code, said = told_by_the_second(tmp_path / name)
        assert (code, word in said) == (50, True), said
    assert "Ledger.export" in told_by_the_second(tmp_path / "ledger")[1]
