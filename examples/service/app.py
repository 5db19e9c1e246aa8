"""
A small service over HTTP: offices that were promised, recorded once, asked for, and followed.

Run in a checkout: ``SERVICE_LEDGER=offices.db uvicorn examples.service.app:app --workers 2``; the ledger may also be
one in PostgreSQL, named by its address, which says ``target_session_attrs=read-write`` where it names several servers:
a standby that is reached after a failover is a 500 otherwise.
What each part is for: ``docs/how-to/serve-from-fastapi.md``.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

from coop_ledger import AlreadyRecorded, Entry, Ledger, Source, When, announced, as_plain
from coop_ledger import events as ev
from coop_ledger.aio import AsyncFollower, AsyncLedger
from coop_ledger.errors import (
    AppendConflictError,
    CoopLedgerError,
    DomainError,
    EntryNotFoundError,
    InvalidValueError,
    ReusedKeyError,
    StoreBusyError,
    StoreUncertainError,
    StoreUnreachableError,
)

ORIGIN = "offices.example/1"
STATUS = {
    EntryNotFoundError: 404,
    ReusedKeyError: 409,
    AppendConflictError: 409,
    InvalidValueError: 422,
    DomainError: 422,
    StoreBusyError: 503,
    StoreUnreachableError: 503,
    StoreUncertainError: 503,
}
"""Which error of the ledger is whose: the caller's, or, for all others, ours."""


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """Each process of the service opens the ledger for itself, and closes it at its end."""
    async with await AsyncLedger.open(os.environ["SERVICE_LEDGER"], origin=ORIGIN, recorder="service") as ledger:
        app.state.ledger = ledger
        yield


app = FastAPI(title="Offices", lifespan=opened)


@app.exception_handler(CoopLedgerError)
async def told(_request: Request, error: CoopLedgerError) -> JSONResponse:
    """An error of the ledger in its own words, with the status that says whose it is."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)
    headers = {"Retry-After": "1"} if status == 503 else None
    return JSONResponse({"error": type(error).__name__, "message": str(error)}, status, headers)


class Promise(BaseModel):
    """What somebody published: an office will open."""

    office: str
    when: str | None = None
    publisher: str
    published: str
    url: str | None = None


@app.post("/promises", status_code=201)
async def promise(
    request: Request, response: Response, body: Promise, idempotency_key: Annotated[str, Header()]
) -> dict[str, object]:
    """Record a promise, once for each key: a call that is repeated gets the answer of then, with status 200."""
    source = Source(body.publisher, When(body.published), url=body.url)
    claim = announced(ev.InstitutionOpened(body.office), when=body.when, sources=source)
    receipt = await _ledger(request).record(claim, once=idempotency_key)
    if isinstance(receipt, AlreadyRecorded):
        response.status_code = 200
    return {"position": receipt.positions[0], "id": receipt.ids[0], "root": receipt.root.hex()}


@app.get("/offices/{office}")
async def office(request: Request, office: str) -> dict[str, object]:
    """What is known of an office."""
    state = await _ledger(request).ask(Ledger.institution, office)
    return {
        "office": office,
        "status": as_plain(state.status),
        "target": None if state.target is None else str(state.target),
    }


@app.get("/entries")
async def entries(request: Request, after: int = -1) -> StreamingResponse:
    """Entries behind a position, and those to come, one JSON text a line, until the caller goes away."""
    followed = await _ledger(request).follow(after=after).begin()  # what is wrong is told before the answer begins
    return StreamingResponse(_lines(followed), media_type="application/x-ndjson")


async def _lines(followed: AsyncFollower) -> AsyncIterator[str]:
    async with followed:
        async for entry in followed:
            yield json.dumps(_told(entry)) + "\n"


def _told(entry: Entry) -> dict[str, object]:
    return {"position": entry.position, "id": entry.id, "recorded_at": entry.recorded_at.isoformat()}


def _ledger(request: Request) -> AsyncLedger:
    ledger: AsyncLedger = request.app.state.ledger
    return ledger
