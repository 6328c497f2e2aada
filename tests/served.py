"""The real server as a subprocess, and bare conversations with it over a socket."""

import itertools
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import secrecy
from tethered import Tethered

FIRST_PORT, PORTS_EACH = 10_000, 1_000
PLACE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 20  # among the suite's processes
PORTS = itertools.cycle(range(FIRST_PORT + PORTS_EACH * PLACE, FIRST_PORT + PORTS_EACH * (PLACE + 1)))
TIMEOUT = 15  # seconds for any one answer; a test that hits it has failed


@dataclass
class Reply:
    """An answer as it stood on the wire. Header names are lower case."""

    version: str
    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    closed: bool = field(default=False)


class Server:
    """`curdbee-compat serve`, on a free port unless one is given, with a log that failures can show. Stopped at once,
    not gracefully."""

    program: Sequence[str] = ("-m", "curdbee_compat.cli")

    def __init__(
        self, database_url: str, instance: Path, workers: int = 1, port: int | None = None, **settings: str
    ) -> None:
        self.port = port or free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self._log = instance / f"serve-{self.port}.log"
        serve = [*self.program, "serve", "--port", str(self.port), "--workers", str(workers)]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CURDBEE_")}
        environ |= {"CURDBEE_DATABASE_URL": database_url, "CURDBEE_INSTANCE": str(instance)} | settings
        note_settings(environ)
        with open(self._log, "wb") as log:
            self._process = Tethered([sys.executable, *serve], log, signal="QUIT", env=environ)
        self._wait()

    @property
    def log(self) -> str:
        """What the server printed so far."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Of the process from which all of its others come."""
        return self._process.pid

    @property
    def processes(self) -> list[int]:
        """The server's own, oldest first: the one that starts the others, the sender if there is one, the workers."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # some end meanwhile
                python = not (folder / "cmdline").read_bytes().startswith(b"/bin/sh")
                if python and os.getsid(int(folder.name)) == self._process.session:
                    found.append(int(folder.name))
        return sorted(found)

    def kill(self) -> None:
        """End all of its processes by SIGKILL."""
        self._process.kill()

    @property
    def command_lines(self) -> bytes:
        """Those of its processes."""
        return secrecy.command_lines(self._process.session)

    def stop(self) -> None:
        """End it and wait for its workers to be gone."""
        try:
            self._process.stop()
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server did not stop:\n{self.log}") from None

    def raw(self, request: bytes, head: bool = False) -> Reply:
        """Send these bytes on a connection of their own and read one answer, as its headers delimit it, or `head`."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_reply(connection.makefile("rb"), head)

    def call(self, line: str, *headers: str, body: bytes = b"", length: bool = True) -> Reply:
        """An ordinary HTTP/1.1 request, `"GET /invoices"`, with Host and, if it has a body, its length."""
        framing = [f"Content-Length: {len(body)}"] if length and body else []
        return self.raw(request(line, f"Host: {self.host}", "Connection: close", *framing, *headers, body=body))

    def until_close(self, request: bytes) -> bytes:
        """Send these bytes and read until the server closes, as clients of HTTP/1.0 do."""
        with self.connect() as connection:
            connection.sendall(request)
            return connection.makefile("rb").read()

    def connect(self) -> socket.socket:
        """A fresh connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=TIMEOUT).close()
                return
            except (urllib.error.URLError, ConnectionError):
                if not self._process.running or time.monotonic() > deadline:
                    raise RuntimeError(f"the server did not start:\n{self.log}") from None
                time.sleep(0.05)


def note_settings(environ: Mapping[str, str]) -> None:
    """Tell which settings are secrets: passwords, keys, and the parts of URLs that are passwords."""
    for name, value in environ.items():
        if name.startswith("CURDBEE_") and name.endswith(("_PASSWORD", "_KEY")):
            secrecy.note(value)
        if name.startswith("CURDBEE_") and name.endswith("_URL"):
            secrecy.note(urllib.parse.urlsplit(value).password or "")
    key = Path(environ.get("CURDBEE_INSTANCE", ".")) / "secret_key"
    if key.is_file():
        secrecy.note(key.read_text())


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now, nor will before it is used: one of this process's
    own, below those that the system gives out."""
    while True:
        port = next(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def read_reply(stream: BinaryIO, head: bool = False) -> Reply:
    """One answer from a stream of bytes; without Content-Length the body ends where the connection does.

    `head`: it answers a HEAD, so no body follows whatever its length says."""
    version, status, reason = re.fullmatch(rb"(HTTP/\d\.\d) (\d{3}) ?(.*)\r\n", stream.readline()).groups()
    headers = {}
    for line in iter(stream.readline, b"\r\n"):
        if not line:
            raise ConnectionResetError("broken off in its headers")
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length")
    if head or status in (b"204", b"304"):
        length = "0"
    body = stream.read() if length is None else stream.read(int(length))
    closed = headers.get("connection", "").lower() == "close"
    return Reply(version.decode(), int(status), reason.decode("latin-1"), headers, body, closed)


def request(line: str, *headers: str, body: bytes = b"", version: str = "HTTP/1.1") -> bytes:
    """A request as bytes: just these headers, so that nothing is sent that a test does not show."""
    head = "\r\n".join([f"{line} {version}", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body
