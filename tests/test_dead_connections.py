"""Connections to Postgres that have died, as all do when it is restarted: the first statement of a request finds out,
and is sent once more on a new one. Nothing else is ever sent to find out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import counting
import psycopg
import pytest
import sqlalchemy as sa
from databases import Database
from deaths import CLIENTS, kill, present
from factories import token_of
from flask import Flask
from inprocess import Http
from permalinks import made, permalink
from postgres import Postgres
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import auth, idempotency
from curdbee_compat.extensions import db
from curdbee_compat.postgres import Impatient

GOOD = {"payment": {"date": "2010-09-30", "amount": "1.00"}}
pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


@pytest.fixture
def engine(app: Flask, http: Http) -> Iterator[sa.Engine]:
    """The app's own, with connections that this test alone has used."""
    with app.app_context():
        engine = db.engine
    engine.dispose()
    http.get("/clients")
    yield engine
    engine.dispose()


def pay(http: Http, payments: str) -> TestResponse:
    """The answer to one more payment."""
    return http.raw("POST", payments, json=GOOD)


@by_row(
    "send, status",
    {
        "a list": (lambda http, paths: http.raw("GET", paths["payments"]), 200),
        "a record": (lambda http, paths: http.raw("GET", paths["payment"]), 200),
        "XML": (lambda http, paths: http.raw("GET", "/invoices.xml"), 200),
        "a token": (lambda http, paths: http.raw("GET", f"/clients?api_token={token_of('demo')}", auth=None), 200),
        "a wrong password": (lambda http, paths: http.raw("GET", "/clients", auth=("demo", "wrong")), 401),
        "a create": (lambda http, paths: pay(http, paths["payments"]), 201),
        "an update": (lambda http, paths: http.raw("PUT", paths["payment"], json=GOOD), 200),
        "a delete": (lambda http, paths: http.raw("DELETE", paths["payment"]), 200),
        "an admin's list": (lambda http, paths: http.raw("GET", "/admin/invoices", auth=("admin", "admin")), 200),
        "an admin's file": (lambda http, paths: http.raw("GET", "/admin/users.csv", auth=("admin", "admin")), 200),
        "a public page": (lambda http, paths: http.raw("GET", paths["page"], auth=None), 200),
        "readiness": (lambda http, paths: http.raw("GET", "/readyz", auth=None), 200),
    },
)
def test_after_a_restart_every_request_is_answered(
    http: Http,
    admin: Http,
    engine: sa.Engine,
    database: Database,
    payments: str,
    payment: str,
    send: Callable[[Http, dict[str, str]], TestResponse],
    status: int,
) -> None:
    admin.get("/clients")
    paths = {"payments": payments, "payment": payment, "page": permalink(http, made(http))}
    assert kill(database) >= 1
    first = send(http, paths)
    assert first.status_code == status, first.text
    assert [http.raw("GET", payments).status_code for _ in range(3)] == [200] * 3
    assert [pay(http, payments).status_code for _ in range(3)] == [201] * 3


def test_a_write_that_was_sent_again_is_done_once(
    http: Http, engine: sa.Engine, database: Database, payments: str
) -> None:
    for number in range(1, 4):
        assert kill(database) >= 1
        assert pay(http, payments).status_code == 201
        assert len(http.get(payments)) == number


def test_who_has_to_be_verified_anew_is_let_in(
    http: Http, engine: sa.Engine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "remembered", type(auth.remembered)())
    kill(database)
    assert http.get("/clients") == []


def test_who_has_to_be_verified_anew_sees_his_records(
    http: Http, payments: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(http, payments)
    monkeypatch.setattr(auth, "remembered", type(auth.remembered)())
    assert len(http.get(payments)) == 1


def test_when_one_of_several_has_died_reads_go_on(
    http: Http, engine: sa.Engine, database: Database, payments: str
) -> None:
    for connection in [engine.connect() for _ in range(3)]:
        connection.close()
    assert kill(database, 1) == 1
    assert [http.raw("GET", payments).status_code for _ in range(6)] == [200] * 6
    assert len(present(database)) <= 3


def test_requests_share_the_connections_that_there_are(
    app: Flask, http: Http, admin: Http, engine: sa.Engine, database: Database, payments: str, payment: str
) -> None:
    pay(http, payments)
    before = present(database)
    for _ in range(10):
        assert pay(http, payments).status_code == 201
        assert http.raw("PUT", payment, json={"payment": {"amount": "x"}}).status_code == 422
        for path, status in ((payments, 200), (f"{payments}/999", 404), ("/invoices.yaml", 406)):
            assert http.raw("GET", path).status_code == status
        assert admin.raw("GET", "/admin/invoices").status_code == 200
        assert Http(app, ("demo", "wrong")).raw("GET", payments).status_code in (401, 429)
    assert present(database) == before
    assert len(before) == 1


def test_nothing_is_sent_to_find_out_whether_a_connection_lives(
    app: Flask, http: Http, engine: sa.Engine, payments: str
) -> None:
    given: list[Any] = []

    class Told(psycopg.Cursor):
        """What the driver is given, by whomever."""

        def execute(self, query: Any, *rest: Any, **named: Any) -> Any:
            if query != "BEGIN":  # which the driver would send by itself
                given.append(query)
            return super().execute(query, *rest, **named)

        def executemany(self, query: Any, *rest: Any, **named: Any) -> Any:
            given.append(query)
            return super().executemany(query, *rest, **named)

    @sa.event.listens_for(engine, "connect")
    def told(connection: psycopg.Connection, _record: object) -> None:
        connection.cursor_factory = Told

    engine.dispose()
    pay(http, payments)
    given.clear()
    with counting.statements(app) as sent:
        assert [pay(http, payments).status_code for _ in range(2)] == [201] * 2
        assert [http.raw("GET", payments).status_code for _ in range(3)] == [200] * 3
    sa.event.remove(engine, "connect", told)
    assert given == sent
    assert len(given) == 2 * 5 + 2 + 1 + 1


@contextmanager
def away(server: Postgres, url: str) -> Iterator[None]:
    """The database ends all connections and takes no new one."""
    name = sa.make_url(url).database
    maintenance = sa.create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with maintenance.connect() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        ended = f"SELECT pg_terminate_backend(pid) {CLIENTS} AND datname = :name"
        connection.execute(sa.text(ended), {"name": name})
        try:
            yield
        finally:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_while_the_database_is_away_each_request_tries_once(
    http: Http,
    engine: sa.Engine,
    database: Database,
    postgres_server: Postgres,
    payments: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[object] = []
    connect = Impatient.connect

    def told(*arguments: Any, **options: Any) -> Impatient:
        tried.append(options)
        return connect(*arguments, **options)

    monkeypatch.setattr(Impatient, "connect", told)
    database.engine.dispose()
    with away(postgres_server, database.url):
        answers = [http.raw(method, payments, json=GOOD) for method in ("GET", "POST", "GET", "POST")]
        assert len(tried) == len(answers)
    assert [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers] == [(503, "1")] * 4
    assert http.get(payments) == []
    assert pay(http, payments).status_code == 201


def test_a_read_whose_connection_dies_in_the_middle_may_be_sent_again(
    http: Http, engine: sa.Engine, database: Database, payments: str
) -> None:
    sent: list[str] = []

    def after(statement: str) -> None:
        sent.append(statement)
        kill(database)

    with counting.read(after=after):
        answer = http.raw("GET", payments)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert len(sent) == 1
    assert http.get(payments) == []


@by_row(
    "path, sent, headers",
    {
        "a payment": ("/invoices/1/payments", GOOD, {}),
        # These join the session in, and the connection dies beside it.
        "a payment with a key": ("/invoices/1/payments", GOOD, {"Idempotency-Key": "k"}),
        "a payment by a new method": (
            "/invoices/1/payments",
            {"payment": GOOD["payment"] | {"payment_method": "barter"}},
            {},
        ),
        "a record of a session": ("/clients", {"client": {"name": "Ada"}}, {}),
    },
)
@by_row(
    "moment",
    {
        "before the lock": "FOR NO KEY UPDATE",
        "before a row is added": "INSERT INTO payments",
        "before another": "INSERT INTO audit_entries",
        "before it is committed": "COMMIT",
    },
)
def test_a_write_whose_connection_dies_in_the_middle_was_never_made(
    app: Flask,
    http: Http,
    engine: sa.Engine,
    database: Database,
    payments: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
    sent: dict[str, Any],
    headers: dict[str, str],
    moment: str,
) -> None:
    before, commit, killed = http.get(path), idempotency.commit, list[int]()
    if path == "/clients":
        moment = moment.replace("payments", "clients")

    def told(sql: str, _values: object = None) -> None:
        if moment in sql and not killed:
            killed.append(kill(database))

    def committed() -> None:
        told("COMMIT")
        commit()

    monkeypatch.setattr(idempotency, "commit", committed)
    with counting.told(app, told):
        answer = http.raw("POST", path, json=sent, headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert (http.get(path), len(killed)) == (before, 1)
    assert http.raw("POST", path, json=sent, headers=headers).status_code == 201
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_no_statement_gets_a_name_of_the_drivers_own(app: Flask, database: Database) -> None:
    """Behind PgBouncer a connection of the server has other clients' names as well."""
    with app.app_context():
        for number in range(8):
            db.session.execute(sa.select(sa.bindparam("number", number)))
        assert db.session.execute(sa.text("SELECT name FROM pg_prepared_statements")).all() == []
