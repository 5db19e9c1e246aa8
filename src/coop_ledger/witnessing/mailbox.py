"""
The way by files: a folder in which requests arrive, a folder in which answers lie; by mail, share or stick.

Knows not what a request says. Whoever can put files into the one folder may send anything.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from coop_ledger.errors import KeyFileError
from coop_ledger.log import MAX_REQUEST, Reply, format_reply
from coop_ledger.signing import read_guarded, write_whole
from coop_ledger.witnessing.witness import Witness

__all__ = ["answer_requests"]

_REQUEST: Final = ".request"
_ANSWER: Final = ".answer"
_LATER: Final = 503
_UNREADABLE: Final = Reply(400, b"the request is no readable file of the allowed size\n")


def answer_requests(
    witness: Witness, inbox: str | os.PathLike[str], outbox: str | os.PathLike[str]
) -> tuple[Path, ...]:
    """
    Answer each request that has no answer yet.

    Args:
        witness: Who answers.
        inbox: Folder of requests, ``NAME.request``; nothing in it is changed. Whoever puts a file there writes it
            under another name first and renames it, so that no half of it is read.
        outbox: Folder of answers, ``NAME.answer``, readable by all; a request whose answer lies there is done.

    Returns:
        The answers written now, in the order of the names of the requests.

    Raises:
        KeyFileError: A folder cannot be read or written, or the witness could not answer; the answers before that
            one are written, and the rest is answered by the next call.

    Guarantees: an answer is there as a whole or not at all; a request that is a link, no regular file, or too
    large is refused with 400, and holds up no other; one that the witness cannot answer now (503) waits for the
    next call.
    """
    source, target = Path(inbox), Path(outbox)
    try:
        names = sorted(entry.name for entry in os.scandir(source) if entry.name.endswith(_REQUEST))
    except (OSError, ValueError) as error:
        raise KeyFileError("the folder of requests cannot be read", where=str(source), found=str(error)) from error
    written = []
    for name in names:
        answer = target / f"{name.removesuffix(_REQUEST)}{_ANSWER}"
        if os.path.lexists(answer):
            continue
        reply = _reply(witness, source / name)
        if reply.status == _LATER:
            continue
        write_whole(answer, format_reply(reply), over=True, mode=0o644)
        written.append(answer)
    return tuple(written)


def _reply(witness: Witness, request: Path) -> Reply:
    if request.is_symlink():
        return _UNREADABLE
    try:
        data = read_guarded(request, limit=MAX_REQUEST, forbidden=0)
    except KeyFileError:
        return _UNREADABLE
    return witness.reply(data)
