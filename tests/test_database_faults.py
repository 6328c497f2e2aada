"""Whatever the database cannot do is 503 with Retry-After in the client's format, and nothing is half written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from databases import Database, changed
from flask import Flask
from inprocess import Http
from postgres import Postgres
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import create_app
from curdbee_compat.extensions import db

GOOD = {"payment": {"date": "2010-09-30", "amount": "1.00"}}
ON_POSTGRES = pytest.mark.parametrize("backend", ["postgres"], indirect=True)
STATES = {
    "disk full": "53100",
    "no memory": "53200",
    "too many connections": "53300",
    "lock not had": "55P03",
    "statement took too long": "57014",
    "server is stopped": "57P01",
    "server has crashed": "57P02",
    "server is starting": "57P03",
    "input or output": "58030",
    "damaged": "XX001",
    "file too large": "XX000",
    "reads only": "25006",
    "transaction too long": "25P04",
    "deadlock": "40P01",
    "serialization": "40001",
}
FAIL = """
CREATE FUNCTION fail() RETURNS {result} LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$
"""


def refused(answer: TestResponse, suffix: str) -> bool:
    """Whether it is a proper 503."""
    found = (answer.status_code, answer.headers.get("Retry-After"), answer.mimetype)
    return found == (503, "1", f"application/{suffix.removeprefix('.')}") and b"Service Unavailable" in answer.data


@ON_POSTGRES
@by_row("state", STATES)
@by_row("when", {"in a statement": "NOT DEFERRABLE", "in the commit": "DEFERRABLE INITIALLY DEFERRED"})
def test_a_write_that_postgres_cannot_do_is_503(
    http: Http, database: Database, payments: str, state: str, when: str
) -> None:
    trigger = f"CREATE CONSTRAINT TRIGGER failing AFTER INSERT ON payments {when} FOR EACH ROW EXECUTE FUNCTION fail()"
    there = [FAIL.format(result="trigger", state=state), trigger]
    with changed(database, there, ["DROP FUNCTION fail() CASCADE"]):
        for suffix in (".json", ".xml"):
            assert refused(http.raw("POST", payments + suffix, json=GOOD), suffix)
    assert http.get(payments) == []
    http.post(payments, json=GOOD)


@ON_POSTGRES
@by_row("state", STATES)
def test_a_read_that_postgres_cannot_do_is_503(http: Http, database: Database, user: int, state: str) -> None:
    there = [
        FAIL.format(result="boolean", state=state),
        "ALTER TABLE users RENAME TO kept",
        "CREATE VIEW users AS SELECT * FROM kept WHERE fail()",
    ]
    with changed(database, there, ["DROP VIEW users", "ALTER TABLE kept RENAME TO users", "DROP FUNCTION fail()"]):
        for suffix in (".json", ".xml"):
            assert refused(http.raw("GET", f"/clients{suffix}"), suffix)
    assert http.get("/clients") == []


@ON_POSTGRES
def test_what_is_wrong_with_a_statement_of_ours_stays_500(http: Http, database: Database, payments: str) -> None:
    trigger = "CREATE TRIGGER failing BEFORE INSERT ON payments EXECUTE FUNCTION fail()"
    there = [FAIL.format(result="trigger", state="42601"), trigger]
    with changed(database, there, ["DROP FUNCTION fail() CASCADE"]):
        assert http.raw("POST", payments, json=GOOD).status_code == 500


@by_row(
    "there, back",
    {
        "a table": ("ALTER TABLE payments RENAME TO kept", "ALTER TABLE kept RENAME TO payments"),
        "a column": (
            "ALTER TABLE payments RENAME COLUMN date TO kept",
            "ALTER TABLE payments RENAME COLUMN kept TO date",
        ),
    },
)
def test_a_schema_without_something_is_503(
    http: Http, database: Database, payments: str, there: str, back: str
) -> None:
    with changed(database, [there], [back]):
        for suffix in (".json", ".xml"):
            assert refused(http.raw("GET", payments + suffix), suffix)
            assert refused(http.raw("POST", payments + suffix, json=GOOD), suffix)
    http.post(payments, json=GOOD)


@pytest.fixture
def app_on(instance: Path) -> Iterator[Callable[[str], Flask]]:
    """Make another app, on the database of a URL."""
    made: list[Flask] = []

    def app_on(url: str) -> Flask:
        made.append(create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance)}))
        return made[-1]

    yield app_on
    for app in made:
        with app.app_context():
            db.engine.dispose()


@by_row("kind", {"sqlite": "sqlite", "postgres": "postgres"})
def test_a_database_without_a_schema_is_503(
    app_on: Callable[[str], Flask], postgres_server: Postgres, tmp_path: Path, kind: str
) -> None:
    url = f"sqlite:///{tmp_path}/empty.db" if kind == "sqlite" else postgres_server.database("without_schema")
    http = Http(app_on(url), ("demo", "demo"))
    for suffix in (".json", ".xml"):
        assert refused(http.raw("GET", f"/clients{suffix}"), suffix)
        assert refused(http.raw("POST", f"/clients{suffix}", json={"client": {"name": "Ann"}}), suffix)


def test_a_file_that_is_no_database_is_503(app_on: Callable[[str], Flask], tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to be read as one\n" * 100)
    http = Http(app_on(f"sqlite:///{tmp_path}/text.db"), ("demo", "demo"))
    for suffix in (".json", ".xml"):
        assert refused(http.raw("GET", f"/clients{suffix}"), suffix)


@ON_SQLITE
@by_row("suffix", {"json": ".json", "xml": ".xml"})
def test_a_full_disk_is_503_for_writers_alone(
    app_on: Callable[[str], Flask], http: Http, database: Database, payments: str, client_id: int, suffix: str
) -> None:
    """`max_page_count` makes SQLite say what it says of a full disk: "database or disk is full"."""
    app = app_on(database.url)
    with app.app_context():
        engine = db.engine

    @sa.event.listens_for(engine, "connect")
    def fill(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite makes of it what the file has now

    full, lines = (
        Http(app, ("demo", "demo")),
        [{"name_and_description": "x" * 60_000, "price": "1", "quantity": "1"}] * 3,
    )
    bill = {"invoice": {"client_id": client_id, "line_items_attributes": lines}}
    assert refused(full.raw("POST", f"/invoices{suffix}", json=bill), suffix)
    assert len(full.get("/invoices")) == 1
    sa.event.remove(engine, "connect", fill)
    engine.dispose()
    full.post(f"/invoices{suffix}", json=bill)
    assert len(full.get("/invoices")) == 2
