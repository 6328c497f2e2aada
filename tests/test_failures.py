"""When something goes wrong: what the client is told, what the log says, and that the next request works again."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from databases import Database
from factories import token_of
from flask import Flask
from inprocess import Http, basic
from served import free_port
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import create_app, sqlite
from curdbee_compat.extensions import begin_write, db
from curdbee_compat.models.client import Client

TOKEN = token_of("demo")
GOOD = {"payment": {"date": "2010-09-30", "amount": "1.00"}}
IN_CASH = {"payment": {**GOOD["payment"], "payment_method": "cash"}}
AppOn = Callable[[str], Flask]

ON_POSTGRES = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


@pytest.fixture
def app_on(tmp_path: Path) -> Iterator[AppOn]:
    """Make another app, on the database of a URL."""
    made = []

    def app_on(url: str) -> Flask:
        app = create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(tmp_path)})
        made.append(app)
        return app

    yield app_on
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def broken(app_on: AppOn, database: Database, user: int) -> Http:
    """The app with a path that fails after it has written something."""
    app = app_on(database.url)

    @app.route("/broken", methods=["GET", "POST"])
    def fail() -> None:
        begin_write()
        db.session.add(Client(user_id=user, name="Half", currency_id=150))
        db.session.flush()
        raise RuntimeError("inside information")

    return Http(app, ("demo", "demo"))


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, at most ten seconds."""
    deadline = monotonic() + 10
    while not condition():
        assert monotonic() < deadline, "waited in vain"
        sleep(0.01)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_fault_of_ours_is_500_and_found_in_the_log_by_its_id(
    broken: Http, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    in_json, in_xml = broken.raw(method, "/broken.json"), broken.raw(method, "/broken.xml")
    body = in_json.json
    assert (in_json.status_code, body["status"], body["error"]) == (500, 500, "Internal Server Error")
    assert list(body) == ["status", "error", "request_id"]
    assert (in_xml.status_code, in_xml.mimetype) == (500, "application/xml")
    assert b'<status type="integer">500</status>\n  <error>Internal Server Error</error>\n' in in_xml.data
    in_xml_id = in_xml.text.partition("<request-id>")[2].partition("</request-id>")[0]
    traces = [record for record in caplog.records if record.exc_info]
    assert len(traces) == 2
    for record, request_id in zip(traces, (body["request_id"], in_xml_id), strict=True):
        assert len(request_id) > 10
        assert request_id in record.getMessage()
        assert "inside information" in str(record.exc_info[1])
    assert "inside information" not in in_json.text + in_xml.text
    assert body["request_id"] != in_xml_id


def test_what_a_failed_request_wrote_is_undone_and_holds_nobody_up(broken: Http, http: Http) -> None:
    assert broken.raw("POST", "/broken").status_code == 500
    assert http.get("/clients") == []
    http.post("/clients", client={"name": "Whole"})
    assert [row["client"]["name"] for row in broken.get("/clients")] == ["Whole"]


@ON_SQLITE
@by_row(
    "suffix, mimetype, body",
    {
        "json": (".json", "application/json", b'{"status":503,"error":"Service Unavailable"}'),
        "xml": (".xml", "application/xml", b"<error>Service Unavailable</error>"),
    },
)
def test_a_locked_file_is_503_for_writers_alone(
    http: Http,
    database: Database,
    payments: str,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
    mimetype: str,
    body: bytes,
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_DEADLINE", 0.1)
    with database.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        began = monotonic()
        response = http.raw("POST", payments + suffix, json=GOOD)
        assert (response.status_code, response.mimetype) == (503, mimetype)
        assert monotonic() - began < 3  # SQLite's own waiting would add 5 seconds
        assert body in response.data
        assert int(response.headers["Retry-After"]) >= 1
        assert http.get(payments) == []
    http.post(payments, json=GOOD)


@ON_SQLITE
def test_a_writer_waits_for_a_lock_that_is_soon_released(http: Http, database: Database, payments: str) -> None:
    with ThreadPoolExecutor(1) as thread, database.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        answer = thread.submit(http.raw, "POST", payments, json=GOOD)
        sleep(0.3)
        assert not answer.done()
        other.rollback()
        assert answer.result().status_code == 201


def in_a_deadlock(http: Http, database: Database, payments: str) -> TestResponse:
    """The answer to a payment that waits for a transaction which then waits for it. Postgres breaks off whoever looks
    first, a second after it began to wait: on a slow machine that can be the other."""
    with ThreadPoolExecutor(1) as thread, database.engine.connect() as other:
        other.exec_driver_sql("SELECT id FROM payment_methods WHERE name = 'cash' FOR UPDATE")
        answer = thread.submit(http.raw, "POST", payments, json=IN_CASH)
        with database.engine.connect() as watcher:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            until(lambda: bool(watcher.exec_driver_sql(waiting).scalar()))
        with suppress(sa.exc.OperationalError):
            other.exec_driver_sql("SELECT id FROM users FOR UPDATE")
        other.rollback()
        return answer.result()


@ON_POSTGRES
def test_whom_the_database_chooses_to_break_a_deadlock_may_try_again(
    http: Http, user: int, database: Database, payments: str
) -> None:
    answers = [in_a_deadlock(http, database, payments)]
    while len(answers) < 5 and answers[-1].status_code == 201:
        answers.append(in_a_deadlock(http, database, payments))
    assert (answers[-1].status_code, answers[-1].headers.get("Retry-After")) == (503, "1")
    http.post(payments, json=IN_CASH)
    assert len(http.get(payments)) == len(answers)


@by_row(
    "url",
    {
        "sqlite": "sqlite:///{folder}/missing/curdbee.db",
        "postgres": "postgresql://someone:very-secret@127.0.0.1:{port}/curdbee",
    },
)
def test_an_unreachable_database_is_503_everywhere_but_on_healthz(
    app_on: AppOn, tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.set_level(logging.INFO)
    http = Http(app_on(url.format(folder=tmp_path, port=free_port())), ("demo", "demo"))
    in_json, in_xml = http.raw("GET", "/clients.json"), http.raw("POST", "/clients.xml", json={})
    assert (in_json.status_code, in_json.json) == (503, {"status": 503, "error": "Service Unavailable"})
    assert (in_xml.status_code, in_xml.mimetype) == (503, "application/xml")
    for response in (in_json, in_xml):
        assert int(response.headers["Retry-After"]) >= 1
    ready = http.raw("GET", "/readyz", auth=None)
    assert (ready.status_code, ready.text) == (503, "cannot reach the database; the log of the server says why\n")
    assert http.raw("GET", "/healthz", auth=None).status_code == 200
    assert "very-secret" not in caplog.text
    assert "not ready: " in caplog.text


def test_health_and_readiness_need_no_login(http: Http) -> None:
    for path in ("/healthz", "/readyz"):
        response = http.raw("GET", path, auth=None)
        assert (response.status_code, response.mimetype) == (200, "text/plain")


@pytest.fixture
def other_schema(database: Database) -> Iterator[Callable[[str], None]]:
    """Change what the database says about its schema; afterwards it is as it was."""
    with database.engine.connect() as connection:
        present = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()

    def change(statement: str) -> None:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    yield change
    change("DELETE FROM alembic_version")
    change(f"INSERT INTO alembic_version VALUES ('{present}')")


@by_row(
    "statement, reason",
    {
        "none": ("DELETE FROM alembic_version", "the database has no schema yet"),
        "older": ("UPDATE alembic_version SET version_num = '0000'", "the database's schema is at 0000"),
    },
)
def test_not_ready_with_another_schema(
    http: Http, other_schema: Callable[[str], None], statement: str, reason: str
) -> None:
    other_schema(statement)
    response = http.raw("GET", "/readyz", auth=None)
    assert (response.status_code, response.mimetype) == (503, "text/plain")
    assert reason in response.text
    assert "curdbee-compat db upgrade" in response.text
    assert http.raw("GET", "/healthz", auth=None).status_code == 200


@ON_SQLITE
def test_not_ready_with_an_empty_file(app_on: AppOn, backend: str, tmp_path: Path) -> None:
    response = Http(app_on(f"sqlite:///{tmp_path}/empty.db"), None).raw("GET", "/readyz")
    assert (response.status_code, "curdbee-compat db upgrade" in response.text) == (503, True)


def test_bare_bytes_in_a_query_are_borne(app: Flask, http: Http, payments: str) -> None:
    """Not every server refuses them before the application can."""
    headers = {"Authorization": basic("demo", "demo")}
    sent = app.test_client().get(payments, headers=headers, environ_overrides={"QUERY_STRING": "page=1&name=caf\xe9"})
    assert (sent.status_code, sent.json) == (200, [])
