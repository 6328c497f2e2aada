"""No request waits longer than it may, whatever the database does, and commands are not held to that."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from served import Server
from shops import Shop
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import create_app, waits
from curdbee_compat.extensions import db
from curdbee_compat.postgres import Impatient

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


def left() -> float:
    """Seconds that the request may still wait."""
    deadline = waits.deadline()
    assert deadline is not None
    return deadline - time.monotonic()


def test_what_a_request_computes_is_no_waiting(app: Flask) -> None:
    with app.test_request_context("/healthz"):
        app.preprocess_request()
        before, began, computed = left(), time.monotonic(), time.thread_time()
        while time.thread_time() < computed + 0.3:
            pass
        time.sleep(0.2)
        waited = time.monotonic() - began - (time.thread_time() - computed)
        assert before - left() == pytest.approx(waited, abs=0.05)


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


def paid(server: Server, shop: Shop) -> int:
    """The status of one more payment."""
    json_body = (shop.authorization, "Content-Type: application/json")
    return server.call(f"POST {shop.payments}", *json_body, body=json.dumps(GOOD).encode()).status


@ON_SQLITE
def test_readers_go_on_while_writers_wait_for_a_lock(server: Server, shop: Shop, served_database: Database) -> None:
    """More writers than there are threads."""
    with ThreadPoolExecutor(12) as threads, served_database.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        writers = [threads.submit(paid, server, shop) for _ in range(12)]
        time.sleep(1)
        began = time.monotonic()
        assert [shop.paid() for _ in range(10)] == [[]] * 10
        assert time.monotonic() - began < 2
        assert not any(writer.done() for writer in writers)
        other.rollback()
        assert [writer.result() for writer in writers] == [201] * 12


@ON_SQLITE
def test_who_waits_too_long_for_a_turn_is_refused_in_time(
    server: Server, shop: Shop, served_database: Database
) -> None:
    with ThreadPoolExecutor(12) as threads, served_database.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        began = time.monotonic()
        statuses = set(threads.map(lambda _: paid(server, shop), range(12)))
        assert time.monotonic() - began < waits.REQUEST + 2
        other.rollback()
    assert statuses == {503}


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


@ON_POSTGRES
def test_to_begin_and_to_say_for_whom_is_one_round_trip(
    http: Http, payments: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    http.raw("POST", payments, json=GOOD)
    trips: list[object] = []
    wait = Impatient.wait

    def counted(connection: Impatient, *arguments: Any, **named: Any) -> Any:
        trips.append(connection)
        return wait(connection, *arguments, **named)

    monkeypatch.setattr(Impatient, "wait", counted)
    assert http.raw("POST", payments, json=GOOD).status_code == 201
    begun, statements = 2, 5
    ended = 3  # the login's is rolled back, the other committed; the pool's rollback has nothing to send
    assert len(trips) == begun + statements + ended
