"""Fixtures: one app on SQLite and on Postgres, a fresh database for every test, users who send requests to it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import factories
import postgres
import pytest
from backends import Backend
from databases import Database, PostgresDatabase, SqliteDatabase
from flask import Flask
from inprocess import Http
from served import Server
from shops import Shop

MEMORY = "/dev/shm"  # on a disk, every commit would wait for it


@pytest.fixture(scope="session")
def instance() -> Iterator[Path]:
    """The app's instance folder of this test process, in memory where the machine allows it."""
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="curdbee-", dir=where) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def on_sqlite(instance: Path) -> Iterator[Backend]:
    """The app on SQLite. Tests take `app` and `database`, which exist on both."""
    backend = Backend(SqliteDatabase(instance / "curdbee.db"), instance)
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """Started by the first test that asks for it."""
    server = postgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def on_postgres(postgres_server: postgres.Postgres, instance: Path) -> Iterator[Backend]:
    """The app on Postgres."""
    backend = Backend(PostgresDatabase(postgres_server, "app", instance), instance)
    yield backend
    backend.close()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database; every test that touches one runs on both."""
    return request.param


@pytest.fixture(scope="session")
def running(backend: str, request: pytest.FixtureRequest) -> Backend:
    """The app on that kind of database."""
    return request.getfixturevalue(f"on_{backend}")


@pytest.fixture(scope="session")
def app(running: Backend) -> Flask:
    """The application, made once as in production."""
    return running.app


@pytest.fixture
def database(backend: str, running: Backend) -> Database:
    """The app's database, holding only what the migrations put there."""
    if backend == "sqlite":
        running.let_go()  # the file under it is replaced
    running.database.reset()
    return running.database


@pytest.fixture
def user(database: Database) -> int:
    """The id of the user `demo`, password `demo`, whose requests `http` sends."""
    return factories.make_user(database, "demo")


@pytest.fixture
def http(app: Flask, user: int) -> Http:
    """Requests of the user `demo`."""
    return Http(app, ("demo", "demo"))


@pytest.fixture
def stranger(app: Flask, user: int, database: Database) -> Http:
    """Requests of a second ordinary user, `stranger`."""
    factories.make_user(database, "stranger")
    return Http(app, ("stranger", "stranger"))


@pytest.fixture
def admin(app: Flask, user: int, database: Database) -> Http:
    """Requests of the user `admin`, who is one."""
    factories.make_user(database, "admin", admin=True)
    return Http(app, ("admin", "admin"))


@pytest.fixture
def client_id(database: Database, user: int) -> int:
    """A client of the user's. Straight into the database, as the invoice is: thousands of tests begin with them."""
    return factories.make_client(database, user)


@pytest.fixture
def invoice_id(database: Database, user: int, client_id: int) -> int:
    """An invoice of the user's over 200.00."""
    return factories.make_billed_invoice(database, user, client_id)


@pytest.fixture
def payments(invoice_id: int) -> str:
    """The path of that invoice's payments."""
    return f"/invoices/{invoice_id}/payments"


@pytest.fixture
def payment(http: Http, payments: str) -> str:
    """The path of a payment of 50.00 among them."""
    sent = {"date": "2010-09-25", "amount": "50.00", "payment_method": "cash"}
    return f"{payments}/{http.post(payments, payment=sent)['payment']['id']}"


@pytest.fixture(scope="session")
def served_database(running: Backend) -> Database:
    """What `server` serves. It is never emptied: a test makes a user of its own there."""
    return running.served_database


@pytest.fixture
def server(running: Backend) -> Iterator[Server]:
    """`curdbee-compat serve` over a socket; a failing test shows what it logged meanwhile."""
    before = len(running.server.log)
    yield running.server
    print(running.server.log[before:])


@pytest.fixture
def shop(server: Server, served_database: Database) -> Shop:
    """A user of the served app, made for this test, with an invoice over 200.00."""
    return Shop(server, served_database)
