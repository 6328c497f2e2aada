"""Whom the requests are sent to: a WSGI application in this process, with the database that it answers from."""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from bench import data
from bench.limit import Limit
from bench.scenarios import FORGIVEN, Request, Scenario
from curdbee_compat import create_app

# Twice what there is. Ten failures of a name within a minute are enough.
GUESSED_AGAIN = (
    "INSERT INTO login_failures (address, name_digest, at) SELECT address, name_digest, at FROM login_failures"
)
GUESSED_NOW = "UPDATE login_failures SET at = strftime('%Y-%m-%d %H:%M:%f000', 'now')"
HOST = "127.0.0.1:8000"


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Target(Protocol):
    """Somebody who answers, on a database of his own."""

    name: str
    database: sqlite3.Connection

    def ask(self, request: Request) -> Answer:
        """One request, one answer."""


@dataclass
class InProcess:
    """A WSGI application called as a server would call it."""

    name: str
    app: Callable[..., Any]
    database: sqlite3.Connection
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def ask(self, request: Request) -> Answer:
        body = self.answer(environ(request))
        return Answer(int(self.status[:3]), {name.lower(): value for name, value in self.headers}, body)

    def answer(self, environ: dict[str, Any]) -> bytes:
        """The body. Nothing else is done here, since this is what is timed; status and headers are kept."""
        written = self.app(environ, self._start_response)
        try:
            return b"".join(written)
        finally:
            close = getattr(written, "close", None)
            if close is not None:
                close()

    def _start_response(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        self.status, self.headers = status, headers


@contextmanager
def application(size: str, work: Path, kept: Path, name: str = "application") -> Iterator[InProcess]:
    """This application, on a copy of the data in `work`."""
    path = data.copy(size, work / f"{name}.db", kept)
    app = create_app(data.settings(data.url(path), work))
    with closing(data.connect(path)) as database:
        yield InProcess(name, app, database)
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@contextmanager
def limit(size: str, work: Path, kept: Path) -> Iterator[InProcess]:
    """The limit, on a copy of the same data."""
    path = data.copy(size, work / "limit.db", kept)
    with closing(data.connect(path)) as database, closing(Limit(path)) as app:
        yield InProcess("limit", app, database)


def environ(request: Request) -> dict[str, Any]:
    """A WSGI environment as gunicorn makes it."""
    sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.all_headers.items()}
    if "HTTP_CONTENT_TYPE" in sent:
        sent |= {"CONTENT_TYPE": sent.pop("HTTP_CONTENT_TYPE"), "CONTENT_LENGTH": str(len(request.body))}
    path, _, query = request.path.partition("?")
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "RAW_URI": request.path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "HTTP_ACCEPT": "*/*",
        **sent,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def prepared(scenario: Scenario, target: Target) -> Request:
    """The request as it is sent to this target now, once it has come to what the scenario takes for granted."""
    if scenario.throttled:
        _throttle(target, scenario.request)
        return scenario.request
    if scenario.hashes:
        target.database.execute(FORGIVEN)
        return scenario.request
    request = scenario.request if target.name != "limit" else scenario.limit or scenario.request
    if request.method != "GET":
        return request
    answer = target.ask(request)  # which also makes a repeated read one that was read before
    if scenario.revalidates and target.name != "limit":
        return replace(request, headers={**request.headers, "If-None-Match": answer.headers["etag"]})
    return request


def _throttle(target: Target, guess: Request) -> None:
    """Come to where this guess is refused without a look at it. A real failure is made sixteen: hashing takes long."""
    target.database.execute(GUESSED_NOW)
    if target.ask(guess).status == 429:
        return
    for _ in range(4):
        target.database.execute(GUESSED_AGAIN)
    if (status := target.ask(guess).status) != 429:
        raise RuntimeError(f"the {target.name} answers {status} to somebody who has guessed sixteen times")
