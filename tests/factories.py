"""Rows straight into a database: users, whom no API makes, and rows with ids or times that no API would give.

Everything a test can say through the API it should say there."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any

import secrecy
from databases import Database
from sqlalchemy import select
from sqlalchemy.orm import Session

from curdbee_compat.models.base import today
from curdbee_compat.models.client import Client
from curdbee_compat.models.invoice import Invoice, InvoiceLineItem
from curdbee_compat.models.payment import Payment, PaymentMethod
from curdbee_compat.models.user import US_DOLLAR, User, password_hash, token_digest

_numbers = count(1)


@cache
def kept_hash(password: str) -> str:
    """scrypt takes a tenth of a second; one hash of a password serves a whole run."""
    return password_hash(password)


def token_of(name: str) -> str:
    """The API token that `make_user` gives: 20 characters, as the original's were."""
    return secrecy.note(f"{name}-token-".ljust(20, "0"))


def make_user(database: Database, name: str = "demo", password: str | None = None, **changes: Any) -> int:
    """A user whose password is the name, unless another is given. Returns the id."""
    values = {
        "name": name,
        "email": f"{name}@example.test",
        "password_hash": kept_hash(password or name),
        "token_digest": token_digest(token_of(name)),
        "currency_id": US_DOLLAR,
    }
    return _added(database, User(**values | changes))


def make_client(database: Database, user_id: int, **changes: Any) -> int:
    """A client. Returns the id."""
    values = {"user_id": user_id, "name": "Acme", "currency_id": US_DOLLAR}
    return _added(database, Client(**values | changes))


def make_invoice(database: Database, user_id: int, **changes: Any) -> int:
    """An invoice without lines, and a client of its own unless one is given. Returns the id."""
    values: dict[str, Any] = {"user_id": user_id, "currency_id": US_DOLLAR, "date": date(2010, 8, 1)}
    if "client_id" not in changes:
        values["client_id"] = make_client(database, user_id)
    values["invoice_no"] = f"ROW-{next(_numbers)}"
    return _added(database, Invoice(**values | changes))


def make_billed_invoice(database: Database, user_id: int, client_id: int) -> int:
    """Invoice number 1 of a new user, of today, over one line of 200.00. Returns the id."""
    line = InvoiceLineItem(user_id=user_id, name_and_description="Work", price_cents=20000, quantity=10000)
    line.total_cents = 20000
    values = {"invoice_no": "1", "date": today(), "sub_total_cents": 20000, "total_cents": 20000, "line_items": [line]}
    return make_invoice(database, user_id, client_id=client_id, **values)


def make_payments(database: Database, invoice_id: int, rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """Payments of one invoice, which counts them as received. `payment_method` is a name that exists. Returns ids."""
    with Session(database.engine) as session:
        invoice = session.get_one(Invoice, invoice_id)
        made = []
        for row in rows:
            values = {"date": date(2010, 9, 30), "amount_cents": 5000, "accounted": False} | dict(row)
            method = values.pop("payment_method", None)
            if method:
                values["payment_method_id"] = session.scalars(
                    select(PaymentMethod.id).where(PaymentMethod.name == method)
                ).one()
            made.append(Payment(user_id=invoice.user_id, invoice_id=invoice_id, **values))
            invoice.receive(values["amount_cents"])
        session.add_all(made)
        session.commit()
        return [payment.id for payment in made]


def make_payment(database: Database, invoice_id: int, **row: Any) -> int:
    """One payment, as `make_payments`."""
    return make_payments(database, invoice_id, [row])[0]


def at(text: str) -> datetime:
    """A time as the tables keep it: "2010-09-30T01:47:50Z", UTC, without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _added(database: Database, row: Any) -> int:
    with Session(database.engine) as session:
        session.add(row)
        session.commit()
        return row.id
