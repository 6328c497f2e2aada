"""No request waits longer than it may, whatever the database does, and commands are not held to that."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import counting
import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from databases import EVERYBODY, Database, migrate
from factories import make_invoice, make_user
from faults.cluster import Cluster
from faults.processes import send
from faults.stages import Database as Plain
from flask import Flask
from inprocess import Http
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import create_app, waits
from curdbee_compat.extensions import db
from curdbee_compat.server import AT_ONCE, WRITERS, Gate

GOOD = {"payment": {"date": "2010-09-30", "amount": "1.00"}}
ON_POSTGRES = pytest.mark.parametrize("backend", ["postgres"], indirect=True)
SHORT = 2.5  # seconds for a request here


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A Postgres that may be frozen."""
    made = Cluster()
    yield made
    made.close()


@pytest.fixture(scope="module")
def frozen_app(cluster: Cluster, instance: Path) -> Iterator[tuple[Http, str]]:
    """A user's requests to an app on it, and the path of an invoice's payments."""
    url = cluster.server.database("waits")
    migrate(url, instance)
    app = create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance)})
    plain = Plain(url, sa.create_engine(url, poolclass=sa.NullPool, connect_args=EVERYBODY))
    user_id = make_user(plain, "demo")
    yield Http(app, ("demo", "demo")), f"/invoices/{make_invoice(plain, user_id)}/payments"
    with app.app_context():
        db.engine.dispose()


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """Nobody of it does anything."""
    pids = cluster.pids
    send(pids, SIGSTOP)
    try:
        yield
    finally:
        send(pids, SIGCONT)


def timed(http: Http, method: str, path: str) -> tuple[TestResponse, float]:
    """An answer, and how long it took."""
    began = time.monotonic()
    return http.raw(method, path, json=GOOD), time.monotonic() - began


@by_row("method, suffix", {"reader": ("GET", ".json"), "writer": ("POST", ".xml")})
def test_a_frozen_server_is_503_in_time(
    frozen_app: tuple[Http, str], cluster: Cluster, monkeypatch: pytest.MonkeyPatch, method: str, suffix: str
) -> None:
    http, payments = frozen_app
    before = len(http.get(payments))
    monkeypatch.setattr(waits, "REQUEST", SHORT)
    with frozen(cluster):
        kept, in_time = timed(http, method, payments + suffix)
        anew, for_connecting = timed(http, method, payments + suffix)
    assert SHORT <= in_time < SHORT + 1
    assert for_connecting < SHORT + 1
    for answer in (kept, anew):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.mimetype == f"application/{suffix[1:]}"
    assert http.raw("POST", payments, json=GOOD).status_code == 201
    assert len(http.get(payments)) == before + 1


@by_row("statements, status", {"between statements": (1, 503), "after the last one": (2, 200)})
def test_a_server_that_freezes_under_a_request_holds_it_no_longer(
    frozen_app: tuple[Http, str], cluster: Cluster, monkeypatch: pytest.MonkeyPatch, statements: int, status: int
) -> None:
    http, payments = frozen_app
    http.get(payments)
    monkeypatch.setattr(waits, "REQUEST", SHORT)
    sent: list[str] = []
    with ExitStack() as stack:

        def after(statement: str) -> None:
            sent.append(statement)
            if len(sent) == statements:
                stack.enter_context(frozen(cluster))

        with counting.read(after=after):
            answer, in_time = timed(http, "GET", f"{payments}?page={statements}")
    assert (answer.status_code, in_time < SHORT + 1, len(sent)) == (status, True, statements)


def test_a_server_that_takes_connections_and_says_nothing_is_503_in_time(instance: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"postgresql://someone@127.0.0.1:{listener.getsockname()[1]}/curdbee"
        app = create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance)})
        answer, in_time = timed(Http(app, ("demo", "demo")), "GET", "/clients")
        assert (answer.status_code, in_time < waits.CONNECT + 1) == (503, True)


@ON_POSTGRES
def test_requests_have_limits_of_the_server_and_commands_have_none(app: Flask, database: Database) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    def shown() -> list[str]:
        db.engine.dispose()
        with db.engine.connect() as connection:
            return [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

    with app.test_request_context():
        app.preprocess_request()
        assert shown() == ["7s", "5s", "30s"]
    with app.app_context():
        assert shown() == ["0", "0", "0"]
        db.engine.dispose()


@ON_POSTGRES
def test_what_the_url_says_goes_before(app: Flask, database: Database, instance: Path) -> None:
    url = sa.make_url(database.url).update_query_dict({"options": "-c lock_timeout=1234"})
    other = create_app(
        {"CURDBEE_DATABASE_URL": url.render_as_string(hide_password=False), "CURDBEE_INSTANCE": str(instance)}
    )
    with other.test_request_context():
        other.preprocess_request()
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "1234ms"
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "7s"
        db.engine.dispose()


@ON_SQLITE
def test_a_request_without_a_connection_is_503_in_time(
    http: Http, database: Database, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "POOL", 0.2)
    app = create_app({"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)})
    with app.app_context():
        engine = db.engine
    taken = [engine.connect() for _ in range(15)]
    answer, in_time = timed(Http(app, ("demo", "demo")), "GET", "/clients")
    for connection in taken:
        connection.close()
    engine.dispose()
    assert (answer.status_code, answer.headers["Retry-After"], in_time < 3) == (503, "1", True)


class Waiting:
    """An application in which requests wait until they are let go."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Semaphore(0), threading.Event()

    def __call__(self, environ: dict[str, Any], _start: Any) -> list[bytes]:
        self.inside.release()
        self.go.wait(10)
        return []


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    """It; all are let go in the end."""
    made = Waiting()
    yield made
    made.go.set()


def sent(gate: Gate, method: str) -> None:
    """A request of its own thread."""
    threading.Thread(target=gate, args=({"REQUEST_METHOD": method}, None)).start()


def test_writers_leave_a_turn_to_readers(waiting: Waiting) -> None:
    gate = Gate(waiting, 1)
    for _ in range(AT_ONCE + 1):
        sent(gate, "POST")
    assert [waiting.inside.acquire(timeout=5) for _ in range(WRITERS)] == [True] * WRITERS
    assert not waiting.inside.acquire(timeout=0.3)
    sent(gate, "GET")
    assert waiting.inside.acquire(timeout=5)


@by_row("method, room", {"readers": ("GET", AT_ONCE), "writers": ("POST", WRITERS)})
def test_who_waited_too_long_for_a_turn_is_let_in_to_be_refused(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch, method: str, room: int
) -> None:
    monkeypatch.setattr(waits, "REQUEST", 0.5)
    gate = Gate(waiting, 1)
    for _ in range(room + 1):
        sent(gate, method)
    assert [waiting.inside.acquire(timeout=5) for _ in range(room)] == [True] * room
    assert not waiting.inside.acquire(timeout=0.1)
    assert waiting.inside.acquire(timeout=3)


def test_who_has_no_time_left_does_not_connect(instance: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"postgresql://someone@127.0.0.1:{listener.getsockname()[1]}/curdbee"
        app = create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance)})
        over = {waits.KEY: time.monotonic() + 0.1}
        answer = app.test_client().get("/clients.xml?api_token=x", environ_overrides=over)
        assert (answer.status_code, answer.mimetype) == (503, "application/xml")
        with pytest.raises(TimeoutError):
            listener.accept()
