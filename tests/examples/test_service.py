"""The service of the how-to, as processes that are talked to over HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.audit import Verdict, verify
from coop_ledger.errors import (
    CoopLedgerError,
    ReusedKeyError,
    StoreBusyError,
    StoreFullError,
    StoreUncertainError,
    StoreUnreachableError,
)
from tests.shared import ROOT

fastapi = pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

PROMISE = {"office": "kcac-secretariat", "when": "2017", "publisher": "Korea.net", "published": "2016-11-18"}


class Service:
    """Where a service listens, and its process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], path: Path) -> None:
        self.port, self.process, self.path = port, process, path
        self.recorded: set[str] = set()
        """Ids of what was acknowledged."""

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def promise(self, key: str, **fields: str) -> tuple[int, Any]:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        status, answer = self.call("POST", "/promises", {**PROMISE, **fields}, **headers)
        self.recorded |= {answer["id"]} if status in (200, 201) else set()
        return status, answer


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path = tmp_path_factory.mktemp("service") / "offices.db"
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        number = listening.fileno()
        command = [sys.executable, "-m", "uvicorn", "examples.service.app:app", "--fd", str(number)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}", "SERVICE_LEDGER": str(path)}
        process = subprocess.Popen(
            [*command, "--log-level", "warning", "--timeout-graceful-shutdown", "2"],
            env=environment, cwd=ROOT, pass_fds=[number],
        )  # fmt: skip
        try:
            running = Service(listening.getsockname()[1], process, path)
            running.call("GET", "/offices/kcac-secretariat")  # it answers as soon as its ledger is there
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    with Ledger.open(path, readonly=True) as ledger:
        assert running.recorded <= {entry.id for entry in ledger.entries()}
    assert verify(path).verdict is Verdict.SELF_CONSISTENT


def test_a_promise_is_recorded_once(service: Service) -> None:
    status, first = service.promise("a/1")
    assert (status, set(first)) == (201, {"position", "id", "root"})
    assert service.promise("a/1") == (200, {**first, "root": service.promise("a/1")[1]["root"]})
    status, refused = service.promise("a/1", office="another")
    assert (status, refused["error"]) == (409, "ReusedKeyError")
    found = service.call("GET", "/offices/kcac-secretariat")
    assert found == (200, {"office": "kcac-secretariat", "status": "planned", "target": "2017"})


@pytest.mark.parametrize("fields", [{"when": "2017-H2"}, {"office": "Not A Slug"}, {"published": "someday"}])
def test_what_is_wrong_is_the_callers(service: Service, fields: dict[str, str]) -> None:
    status, told = service.promise("b/1", **fields)
    assert (status, told["error"]) == (422, "InvalidValueError")


def test_what_is_not_there(service: Service) -> None:
    status, told = service.call("GET", "/offices/nowhere")
    assert (status, told["error"]) == (404, "EntryNotFoundError")
    status, told = service.call("GET", "/entries?after=4000")
    assert (status, told["error"]) == (422, "InvalidValueError")


def test_entries_are_followed_while_others_record(service: Service) -> None:
    with Ledger.open(service.path, readonly=True) as ledger:
        size = ledger.size
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("GET", f"/entries?after={size - 1}")
    answer = connection.getresponse()
    assert answer.status == 200
    callers = [
        threading.Thread(target=lambda name=name: [service.promise(f"{name}/{number}") for number in range(10)])
        for name in ("x", "y", "z")
    ]
    for caller in callers:
        caller.start()
    got = [json.loads(answer.readline())["position"] for _ in range(30)]
    for caller in callers:
        caller.join()
    assert got == list(range(size, size + 30))
    answer.close()
    connection.close()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreBusyError("x"), 503), (StoreUnreachableError("x"), 503), (StoreUncertainError("x"), 503),
        (StoreFullError("x"), 500), (ReusedKeyError("x", key="k", fields=()), 409),
    ],
)  # fmt: skip
def test_who_hears_of_an_error_knows_whether_to_call_again(error: CoopLedgerError, status: int) -> None:
    from examples.service.app import told

    answer = asyncio.run(told(fastapi.Request({"type": "http"}), error))
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, "1" if status == 503 else None)
