"""The second wall, on Postgres: whatever the code asks for, a transaction sees and writes what it works for alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from actions import Asked, reads, writes
from backends import ON_SQLITE
from databases import Database
from flask import Flask
from inprocess import Http
from ledgers import ledger
from permalinks import made, permalink, seen
from tables import by_row

from curdbee_compat import auth, prepared, tenancy
from curdbee_compat.extensions import db
from curdbee_compat.selects import Selects

ON_POSTGRES = pytest.mark.parametrize("backend", ["postgres"], indirect=True)
TENANTS = [table for table in db.metadata.sorted_tables if "user_id" in table.c]
CHANGING = [table for table in TENANTS if table.name != "audit_entries"]  # which triggers let nobody change
Counts = dict[str, int]


@pytest.fixture
def unscoped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The code asks for everybody's rows."""
    monkeypatch.setattr(Selects, "mine", lambda self, model: sa.true())
    forget()
    yield
    forget()


def forget() -> None:
    """The selects that were made before are made anew."""
    prepared.once.cache_clear()
    prepared.prepared.cache_clear()


@pytest.fixture
def theirs(http: Http, stranger: Http, database: Database) -> list[Any]:
    """All rows of the user `demo`, who has one of everything and a mail."""
    ledger(http, database, 1)
    key = {"Idempotency-Key": "k"}
    http.post("/deliver/invoice/1", delivery={"recipients": "a@b.test"}, status=200, headers=key)
    return rows(database, 1)


def rows(database: Database, user_id: int) -> list[Any]:
    """All that a user has, read by somebody whom no wall stops."""
    with database.engine.connect() as connection:
        return [
            connection.execute(sa.select(table).where(table.c.user_id == user_id).order_by(table.c.id)).all()
            for table in TENANTS
        ]


@contextmanager
def working_for(app: Flask, scope: tenancy.Scope | None) -> Iterator[sa.Connection]:
    """A transaction of the app's; it is undone."""
    with app.app_context():
        if scope:
            tenancy.work_for(scope)
        with db.engine.connect() as connection:
            yield connection


def counted(app: Flask, scope: tenancy.Scope | None) -> Counts:
    """How many rows are seen in each table, where it is any."""
    with working_for(app, scope) as connection:
        found = {table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in TENANTS}
    return {name: count for name, count in found.items() if count}


def changed(app: Flask, scope: tenancy.Scope | None) -> Counts:
    """How many rows of each table can be changed and then deleted, where it is any."""
    found: Counts = {}
    with working_for(app, scope) as connection:
        for table in reversed(CHANGING):
            done = [
                connection.execute(sa.update(table).values(created_at=sa.func.now())).rowcount,
                connection.execute(sa.delete(table)).rowcount,
            ]
            found |= {table.name: max(done)} if any(done) else {}
    return found


def public(actions: dict[str, list[Asked]]) -> Iterator[Asked]:
    """Those of the public API, which name records of `demo`."""
    for requests in actions.values():
        yield from (one for one in requests if not one.path.startswith(("/admin", "/default_settings")))


def send(http: Http, asked: Asked) -> Any:
    """The answer, whatever it is."""
    return http.raw(asked.method, asked.path, **({} if asked.sent is None else {"json": asked.sent}))


def names_a_record(asked: Asked) -> bool:
    return bool(re.search(r"/\d", asked.path))


@ON_POSTGRES
def test_code_that_forgot_whose_rows_it_reads_reads_nothing_of_anothers(
    theirs: list[Any], stranger: Http, unscoped: None
) -> None:
    asked = list(public(reads()))
    assert len(asked) > 40
    for one in asked:
        answer = send(stranger, one)
        assert answer.status_code == (404 if names_a_record(one) else 200), one
        assert b"<id" not in answer.data, one
        assert answer.mimetype != "application/json" or names_a_record(one) or answer.json == [], one


@ON_POSTGRES
def test_code_that_forgot_whose_rows_it_writes_writes_nothing_of_anothers(
    theirs: list[Any], stranger: Http, database: Database, unscoped: None
) -> None:
    asked = sorted(public(writes(1)), key=names_a_record, reverse=True)  # before there is a record of his own
    assert len(asked) > 40
    for one in asked:
        answer = send(stranger, one)
        assert answer.status_code == 404 or not names_a_record(one), one
        assert answer.status_code < 500, one
    assert rows(database, 1) == theirs


@ON_SQLITE
def test_where_there_is_no_second_wall_such_code_does_harm(
    theirs: list[Any], stranger: Http, database: Database, unscoped: None
) -> None:
    """So the tests above would see it."""
    assert [send(stranger, one).status_code for one in public(reads()) if names_a_record(one)].count(404) == 0
    assert stranger.put("/clients/1", client={"city": "Elsewhere"})["client"]["city"] == "Elsewhere"
    assert rows(database, 1) != theirs


@ON_POSTGRES
def test_an_admin_sees_his_own_in_the_public_api_and_everybodys_in_his(
    theirs: list[Any], admin: Http, unscoped: None
) -> None:
    for _ in range(2):  # on the same connection, in turn
        assert admin.get("/invoices") == []
        assert admin.raw("GET", "/invoices/1").status_code == 404
        assert [row["id"] for row in admin.get("/admin/invoices")["invoices"]] == [1]
        assert [row["id"] for row in admin.get("/admin/invoices/1/invoice_payments")["invoice_payments"]] == [1]


@ON_POSTGRES
def test_who_is_no_admin_is_nobody_in_the_admin_api(app: Flask, theirs: list[Any], http: Http, admin: Http) -> None:
    for name, seen_there in (("demo", 0), ("admin", 1)):
        with app.test_request_context("/admin/invoices"):
            assert auth.one_user(auth.BY_NAME, login=name, digest="") is not None
            found = prepared.Prepared(sa.select(sa.func.count()).select_from(db.metadata.tables["invoices"])).all({})
        assert found == [(seen_there,)]


@ON_POSTGRES
@by_row(
    "send",
    {
        "a list": lambda http: http.get("/clients"),
        "a record": lambda http: http.get("/invoices/1"),
        "an update": lambda http: http.put("/clients/1", client={"city": "Elsewhere"}),
        "a payment": lambda http: http.post("/invoices/1/payments", payment={"date": "2010-09-30", "amount": "1"}),
    },
)
def test_a_password_that_has_to_be_hashed_first_opens_as_much(
    theirs: list[Any], http: Http, monkeypatch: pytest.MonkeyPatch, send: Callable[[Http], Any]
) -> None:
    """What was known of the user before went with its transaction."""
    monkeypatch.setattr(auth, "remembered", type(auth.remembered)())
    assert send(http)


@ON_POSTGRES
def test_an_admin_whose_password_has_to_be_hashed_first_sees_as_much(
    theirs: list[Any], admin: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "remembered", type(auth.remembered)())
    assert [row["id"] for row in admin.get("/admin/invoices")["invoices"]] == [1]


@ON_POSTGRES
@by_row(
    "scope", {"nobody": None, "somebody without rows": tenancy.of_user(2), "a key of no page": tenancy.of_page("x")}
)
def test_a_transaction_that_works_for_none_of_them_sees_and_changes_no_row(
    app: Flask, theirs: list[Any], http: Http, scope: tenancy.Scope | None
) -> None:
    http.get("/invoices")  # the connection worked for the owner before
    assert counted(app, scope) == {}
    assert changed(app, scope) == {}


@ON_POSTGRES
@by_row("scope", {"the owner": tenancy.of_user(1), "an admin": tenancy.ADMIN, "a command": tenancy.COMMAND})
def test_a_transaction_that_works_for_them_sees_and_changes_all(
    app: Flask, theirs: list[Any], scope: tenancy.Scope
) -> None:
    everywhere = {table.name: len(found) for table, found in zip(TENANTS, theirs, strict=True)}
    assert all(everywhere.values())
    assert counted(app, scope) == everywhere
    assert changed(app, scope) == {table.name: everywhere[table.name] for table in CHANGING}


@ON_POSTGRES
@by_row("scope, refused", {"nobody": (None, True), "himself": (tenancy.of_user(2), False), "an owner": (1, True)})
def test_no_row_is_made_for_another_user(app: Flask, theirs: list[Any], scope: Any, refused: bool) -> None:
    scope = tenancy.of_user(scope) if isinstance(scope, int) else scope
    for table, (row, *_) in zip(TENANTS, theirs, strict=True):
        with working_for(app, scope) as connection:
            connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
            values = {**row._mapping, "id": 99, "user_id": 2}
            assert is_refused(connection, sa.insert(table).values(values)) == refused, table.name


@ON_POSTGRES
def test_no_row_is_given_to_another_user(app: Flask, theirs: list[Any]) -> None:
    for table in CHANGING:
        with working_for(app, tenancy.of_user(1)) as connection:
            assert is_refused(connection, sa.update(table).values(user_id=2)), table.name


def is_refused(connection: sa.Connection, statement: Any) -> bool:
    """Whether row-level security refuses it; what else may be wrong with it does not count."""
    try:
        connection.execute(statement)
    except sa.exc.IntegrityError:
        return False
    except sa.exc.ProgrammingError as error:
        return "row-level security" in str(error.orig)
    return False


@ON_POSTGRES
@pytest.mark.parametrize("kind", ["invoice", "estimate"])
def test_the_key_of_a_page_shows_that_page_and_changes_nothing(
    app: Flask, theirs: list[Any], http: Http, kind: str
) -> None:
    statement = made(http, kind, client={"name": "Seen"})
    path = permalink(http, statement)
    permalink(http, made(http, kind, client={"name": "Unseen"}))
    assert "Seen" in seen(http, path)
    scope = tenancy.of_page(path.rpartition("/")[2])
    assert counted(app, scope) == {"clients": 1, f"{kind}s": 1, f"{kind}_line_items": 1}
    assert changed(app, scope) == {}
    with working_for(app, scope) as connection:
        assert connection.scalars(sa.text("SELECT name FROM clients")).all() == ["Seen"]
        assert connection.scalars(sa.text(f"SELECT id FROM {kind}s")).all() == [statement["id"]]


@ON_POSTGRES
def test_every_table_of_users_data_has_the_wall(database: Database) -> None:
    forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY 1"
    policies = "SELECT tablename FROM pg_policies WHERE policyname = :name ORDER BY 1"
    with database.engine.connect() as connection:
        found = [connection.scalars(sa.text(forced)).all()]
        found += [connection.scalars(sa.text(policies), {"name": name}).all() for name in ("own", "everybody")]
    assert found == [sorted(table.name for table in TENANTS)] * 3
