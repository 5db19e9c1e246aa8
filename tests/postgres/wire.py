"""
A wire to the test server that can be cut: a socket that passes bytes on until it sees a word, and then breaks.
"""

from __future__ import annotations

import select
import socket
import threading
from pathlib import Path
from types import TracebackType

__all__ = ["Wire"]


class Wire:
    """
    Passes connections on to a server's socket.

    Args:
        folder: Where its own socket stands.
        server: The folder of the server's socket.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, f"{server}/.s.PGSQL.5432"
        self.word: bytes | None = None
        self.passes_on = False
        self.refuses = False
        self.cuts = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut_at(self, word: bytes, *, passes_on: bool, refuses: bool = False, waits: bool = True) -> None:
        """
        Cut the next connection that says a word.

        Args:
            word: What the client says.
            passes_on: Whether the server gets to hear it, so that only its answer is lost.
            refuses: Whether nobody is let through after that.
            waits: Whether the server has answered when it is cut.
        """
        self.word, self.passes_on, self._will_refuse, self._waits = word, passes_on, refuses, waits

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.refuses:
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.server)
        with client, server:
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    if one is client and self.word is not None and self.word in data:
                        self.word, self.refuses, self.cuts = None, self._will_refuse, self.cuts + 1
                        if self.passes_on:
                            server.sendall(data)
                        if self.passes_on and self._waits:
                            server.recv(1)
                        return
                    (server if one is client else client).sendall(data)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._listening.close()
