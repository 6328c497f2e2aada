"""Records read and written without a session are what a session makes of them, and share its transaction."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import counting
import pytest
import sqlalchemy as sa
from databases import Database
from factories import make_client
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import DetachedInstanceError

from curdbee_compat import storing, tenancy
from curdbee_compat.extensions import begin_write, commit, db, rollback
from curdbee_compat.models.client import Client
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment, PaymentMethod
from curdbee_compat.models.user import User
from curdbee_compat.prepared import Prepared

MODELS = (Invoice, User, Client, PaymentMethod)


@pytest.fixture
def writing(app: Flask, invoice_id: int) -> Iterator[None]:
    """A transaction that may write, begun when everything is there and rolled back."""
    with tenancy.command(app):
        begin_write()
        yield
        rollback()


def read(invoice_id: int, method: str = "cash") -> list[Any]:
    """The invoice, its user, its client and a way of paying, loaded."""
    query = sa.select(*(column for model in MODELS for column in storing.columns(model)))
    joined = (
        query.select_from(Invoice)
        .join(User, User.id == Invoice.user_id)
        .join(Client)
        .outerjoin(PaymentMethod, PaymentMethod.name == sa.bindparam("method"))
    )
    found = Prepared(joined.where(Invoice.id == sa.bindparam("id")), dates=True)
    return storing.loaded(MODELS, found.all({"id": invoice_id, "method": method})[0])


def row(record: Any) -> dict[str, Any]:
    """Its row as it stands in the database, but for the id."""
    table = type(record).__table__
    found = db.session.execute(sa.select(table).where(table.c.id == record.id)).one()
    return {name: value for name, value in found._mapping.items() if name != "id"}


def new(user: int, invoice_id: int, **values: Any) -> Payment:
    """A payment that is nowhere yet."""
    given = {"amount_cents": 500, "date": date(2010, 9, 30), "payment_method_id": 1}
    return Payment(user_id=user, invoice_id=invoice_id, **given | values)


def test_what_is_loaded_is_what_a_session_loads(writing: None, invoice_id: int) -> None:
    for record in read(invoice_id):
        same = db.session.get_one(type(record), record.id)
        for column in sa.inspect(type(record)).column_attrs:
            value = getattr(record, column.key)
            assert (value, type(value)) == (getattr(same, column.key), type(getattr(same, column.key))), column


def test_what_was_not_joined_is_none(writing: None, invoice_id: int) -> None:
    assert [record is None for record in read(invoice_id, "barter")] == [False, False, False, True]


def test_a_relation_that_nobody_set_is_no_absent_record(writing: None, invoice_id: int) -> None:
    with pytest.raises(DetachedInstanceError):
        _ = read(invoice_id)[0].client


def test_what_is_stored_is_what_a_session_flushes(writing: None, user: int, invoice_id: int) -> None:
    stored, flushed = new(user, invoice_id), new(user, invoice_id, created_by="1 password")
    storing.store(stored, **stored.sent_by("1 password"))
    db.session.add(flushed)
    db.session.flush()
    assert row(stored) == row(flushed)
    assert (stored.accounted, stored.possible_duplicate, stored.id + 1) == (False, False, flushed.id)


def test_the_database_tells_what_it_computed(writing: None, user: int, invoice_id: int) -> None:
    payments = [new(user, invoice_id) for _ in range(2)]
    for payment in payments:
        storing.store(payment, **payment.sent_by("1 password"))
    assert [payment.possible_duplicate for payment in payments] == [False, True]
    assert [row(payment)["possible_duplicate"] for payment in payments] == [False, True]


def test_only_what_has_changed_is_written(app: Flask, writing: None, invoice_id: int) -> None:
    then = datetime.fromisoformat("2010-08-01")
    db.session.execute(sa.update(Invoice).values(updated_at=then))
    invoice = read(invoice_id)[0]
    before = row(invoice)
    invoice.paid_cents, invoice.notes = invoice.paid_cents, "x"
    with counting.queries(app) as sent:
        storing.store_changes(invoice)
    assert [(" notes=" in query.sql, "paid_cents" in query.sql) for query in sent] == [(True, False)]
    assert row(invoice) == before | {"notes": "x", "updated_at": invoice.updated_at}
    assert invoice.updated_at > then


def test_nothing_changed_sends_nothing(app: Flask, writing: None, invoice_id: int) -> None:
    invoice = read(invoice_id)[0]
    invoice.paid_cents = invoice.paid_cents
    with counting.queries(app) as sent:
        storing.store_changes(invoice)
    assert (sent, row(invoice)["updated_at"]) == ([], invoice.updated_at)


@pytest.mark.parametrize(("end", "kept"), [(commit, 1), (rollback, 0)])
def test_statements_and_session_share_one_transaction(
    app: Flask, database: Database, user: int, invoice_id: int, end: Any, kept: int
) -> None:
    with tenancy.command(app):
        begin_write()
        payment = new(user, invoice_id)
        storing.store(payment, **payment.sent_by("1 password"))
        assert db.session.get_one(Payment, payment.id).amount_cents == 500
        db.session.add(Client(user_id=user, name="Ada", currency_id=150))
        end()
    with database.engine.connect() as connection:
        counts = [
            connection.scalar(sa.select(sa.func.count()).select_from(Payment)),
            connection.scalar(sa.select(sa.func.count()).select_from(Client).where(Client.name == "Ada")),
        ]
    assert counts == [kept, kept]


def test_a_session_without_a_write_begins_by_itself(app: Flask, database: Database, user: int) -> None:
    with tenancy.command(app):
        begin_write()
        commit()
        make_client(database, user, name="Ada")  # nobody holds a lock
        assert db.session.scalar(sa.select(Client.name)) == "Ada"


def test_what_is_left_open_is_rolled_back_at_the_end(app: Flask, database: Database, user: int) -> None:
    for name in ("Ada", "Grace"):  # the second finds no lock of the first
        with tenancy.command(app):
            begin_write()
            db.session.add(Client(user_id=user, name=name, currency_id=150))
            db.session.flush()
    with database.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(Client)) == 0


def test_what_follows_a_failure_is_in_a_transaction_again(
    app: Flask, database: Database, user: int, client_id: int
) -> None:
    with tenancy.command(app):
        begin_write()
        db.session.add(Client(id=client_id, user_id=user, name="Ada", currency_id=150))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        assert db.session.execute(sa.update(Client).values(name="Grace")).rowcount == 1
        rollback()
    with database.engine.connect() as connection:
        assert connection.scalar(sa.select(Client.name)) == "Acme"
