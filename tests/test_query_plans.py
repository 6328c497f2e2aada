"""Every query that the APIs send finds its rows by an index, so that one user's many rows are nothing to another.

The statements are those that requests really send; the database is asked how it would run each."""

from collections.abc import Iterable

import pytest
from actions import reads, route, routes, writes
from counting import Query, queries
from databases import Database
from factories import token_of
from flask import Flask
from inprocess import Http
from ledgers import ledger, strangers
from permalinks import made, permalink
from plans import scanned
from sqlalchemy import insert
from tables import by_row

from curdbee_compat.models.base import now
from curdbee_compat.models.installation import LoginFailure

EVERYWHERE = {"installation": "one row", "payment_methods": "shared by all users, and few"}
# What belongs to no one user, newest first, is read along the primary key until a page is full; sorted or searched
# otherwise, it is read whole.
WHOLE = {
    ("api.currencies_index", "currencies"): "165 rows, all of them asked for",
    ("admin.invoices_index", "invoices"): "every user's",
    ("admin.users_index", "users"): "all of them",
}
COUNT, OTHERS = 3, 20


def amid_strangers(database: Database) -> None:
    """Others have as much as the user, and Postgres knows that his rows are few. SQLite goes by its rules alone."""
    strangers(database, OTHERS)
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


def whole(database: Database, sent: Iterable[Query]) -> set[str]:
    """The tables that these statements would go through, but for those of which that is nothing."""
    with database.engine.connect() as connection:
        found = scanned(connection, sent)
    assert found
    return set().union(*found.values()) - EVERYWHERE.keys()


def test_every_action_finds_rows_by_an_index(app: Flask, http: Http, admin: Http, database: Database) -> None:
    ledger(http, database, COUNT)
    amid_strangers(database)
    admin.get("/default_settings/currencies")
    sent: dict[str, list[Query]] = {}
    for name, requests in (reads() | writes(COUNT)).items():
        with queries(app) as seen:
            for asked in requests:
                asked.of(http, admin)
        sent.setdefault(route(name), []).extend(seen)
    with database.engine.connect() as connection:
        tables = scanned(connection, [query for seen in sent.values() for query in seen])
    found = {(name, table) for name, seen in sent.items() for query in seen for table in tables[query.sql]}
    assert {pair for pair in found if pair[1] not in EVERYWHERE} == WHOLE.keys()


def test_every_route_is_tried(app: Flask) -> None:
    assert {route(name) for name in reads() | writes(COUNT)} == routes(app)


@by_row(
    "path, auth, status",
    {
        "token": (f"/clients?api_token={token_of('demo')}", None, 200),
        "wrong token": (f"/clients?api_token={token_of('nobody')}", None, 401),
        "wrong password": ("/clients", ("demo", "guessed"), 401),
        "nobody": ("/clients", ("nobody", "guessed"), 401),
    },
)
def test_who_asks_is_found_by_an_index(
    app: Flask, http: Http, database: Database, path: str, auth: tuple[str, str] | None, status: int
) -> None:
    with database.engine.begin() as connection:
        failures = [{"address": f"10.0.0.{n % 20}", "name_digest": "x", "at": now()} for n in range(200)]
        connection.execute(insert(LoginFailure), failures)
    amid_strangers(database)
    with queries(app) as sent:
        assert http.raw("GET", path, auth=auth).status_code == status
    assert whole(database, sent) == set()


@pytest.mark.parametrize("kind", ["invoice", "estimate"])
def test_a_public_page_is_found_by_an_index(app: Flask, http: Http, database: Database, kind: str) -> None:
    statement = made(http, kind)
    amid_strangers(database)
    path = permalink(http, statement)
    with queries(app) as sent:
        assert http.raw("GET", path, auth=None).status_code == 200
    assert whole(database, sent) == set()


@by_row(
    "sql",
    {
        "by no index": "SELECT id FROM invoices WHERE notes = 'x'",
        "sorted by an index": "SELECT id FROM invoices WHERE notes = 'x' ORDER BY id",
        "by the second column of one": "SELECT id FROM invoices WHERE client_id = 1",
        "joined by none": "SELECT invoices.id FROM users JOIN invoices ON notes = users.name WHERE users.id = 1",
        "within another": "SELECT id FROM users WHERE id = 1 AND EXISTS (SELECT 1 FROM invoices WHERE notes = 'x')",
        "to be changed": "UPDATE invoices SET notes = '' WHERE notes = 'x'",
        "to be deleted": "DELETE FROM invoices WHERE notes = 'x'",
    },
)
def test_a_query_without_an_index_is_noticed(database: Database, sql: str) -> None:
    assert whole(database, [Query(sql, ())]) == {"invoices"}
