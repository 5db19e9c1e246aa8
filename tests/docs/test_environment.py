"""What `make` prepares: its environment runs the code that stands here, and `make clean` leaves nothing of it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.shared import ROOT


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script of `make`, in a folder that has an environment already."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / ".ci" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "requirements.txt").write_text("attrs")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["environment.py", "demo"])
    return module


def installed(module: ModuleType, monkeypatch: pytest.MonkeyPatch, **origin: object) -> list[str]:
    """What a second run installs, where the package was put there in some way."""
    folder = Path(".venv/lib/python3.11/site-packages/coop_ledger-0.1.0.dist-info")
    folder.mkdir(parents=True)
    Path(".venv/installed-demo").write_text(module.fingerprint("demo"))
    if origin:
        (folder / "direct_url.json").write_text(json.dumps(origin))
    calls: list[str] = []
    monkeypatch.setattr(module, "install", calls.append)
    module.main()
    return calls


def test_an_editable_install_of_this_folder_stands(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = {"url": f"file://{Path.cwd()}", "dir_info": {"editable": True}}
    assert installed(environment, monkeypatch, **origin) == []


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "file://{here}", "dir_info": {}},
        {"url": "file:///elsewhere", "dir_info": {"editable": True}},
        {"url": "file://{here}", "archive_info": {}},
        {},
    ],
)
def test_any_other_install_is_made_anew(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, origin: dict[str, object]
) -> None:
    given = {**origin, "url": str(origin["url"]).format(here=Path.cwd())} if origin else {}
    assert installed(environment, monkeypatch, **given) == ["demo"]


@pytest.fixture
def npm(environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that is called npm and notes down how it was called, in a folder with a lock for it."""
    folder = tmp_path / "tests" / "interop" / "npm"
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}")
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nls >> ../../calls; echo $1 >> ../../calls; exit $(cat ../../code)\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    (tmp_path / "code").write_text("0")
    return program


def test_packages_for_node_are_installed_once_by_their_lock(environment: ModuleType, npm: Path) -> None:
    for _ in range(2):
        environment.install_for_node()
    assert Path("calls").read_text().split() == ["package-lock.json", "package.json", "ci"]
    Path("tests/interop/npm/package-lock.json").write_text("{ }")
    environment.install_for_node()
    assert Path("calls").read_text().split()[3:] == ["package-lock.json", "package.json", "ci"]


def test_where_npm_fails_or_is_missing_nothing_else_does(
    environment: ModuleType, npm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("code").write_text("1")
    environment.install_for_node()
    assert "will be skipped" in capsys.readouterr().err
    assert not Path(".venv/npm/installed").exists()
    monkeypatch.setenv("PATH", "")
    environment.install_for_node()
    assert capsys.readouterr().err == ""


def test_clean_removes_the_demo_too() -> None:
    done = subprocess.run(["make", "-n", "clean"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert " forum.db " in done.stdout


def test_readers_are_not_told_to_install_into_the_environment_of_make() -> None:
    assert "-m venv .venv" not in (ROOT / "README.md").read_text(encoding="utf-8")


def test_without_strace_a_sentence_says_so(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing may be skipped it ends the run; where the package can be installed, that is tried first."""
    calls = list[tuple[str, ...]]()

    def failing(command: tuple[str, ...], **_: object) -> int:
        calls.append(command)
        return 1

    monkeypatch.setattr(environment.shutil, "which", lambda name: name if name == "apt-get" else None)
    monkeypatch.setattr(environment.os, "geteuid", lambda: 0)
    monkeypatch.setattr(environment.subprocess, "call", failing)
    monkeypatch.delenv("COOP_LEDGER_FORBID_SKIPS", raising=False)
    environment.install_strace()
    assert [command[:2] for command in calls] == [("apt-get", "install"), ("apt-get", "update"), ("apt-get", "install")]
    assert "will be skipped" in capsys.readouterr().err
    monkeypatch.setenv("COOP_LEDGER_FORBID_SKIPS", "1")
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1_000)
    with pytest.raises(SystemExit):
        environment.install_strace()
    assert "install the package strace" in capsys.readouterr().err
    assert len(calls) == 3
