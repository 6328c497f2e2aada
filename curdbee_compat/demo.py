"""Demo data: what the samples of the two API documents show, so that they can be tried as printed."""

from datetime import date, datetime
from typing import Any, TypeVar

from curdbee_compat import sequences, users
from curdbee_compat.extensions import db
from curdbee_compat.models.base import OwnedRecord
from curdbee_compat.models.client import Client
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment
from curdbee_compat.models.user import new_token

Made = TypeVar("Made", bound=OwnedRecord)

HELP = f"""\
user demo, password demo, API token {users.DEMO_TOKEN}
user admin, password admin, for the admin API
try, with the server running:
  curl -u demo:demo http://127.0.0.1:8000/invoices/7/payments.json
  curl -u admin:admin http://127.0.0.1:8000/admin/invoices/123/invoice_payments.json"""


def fill() -> None:
    """Two users and the invoices of one of them. Refused where there is a user already. The caller commits."""
    if users.any_there():
        raise users.Refused("the database has users already; demo data is for an empty one")
    demo = users.add("demo", users.DEMO_PASSWORDS["demo"], users.DEMO_TOKEN)
    users.add("admin", users.DEMO_PASSWORDS["admin"], new_token(), admin=True)
    db.session.flush()
    _public_sample(demo.id)
    _admin_sample(demo.id)
    db.session.flush()
    sequences.catch_up()


def _public_sample(user_id: int) -> None:
    """Invoice 7, paid: the list sample of the page Payments of CurdBee's API documentation."""
    client = _made(
        Client(user_id=user_id),
        name="Riverside Bakery",
        email="accounts@riverside-bakery.example",
        address="12 Mill Lane",
        city="Portland",
        province="OR",
        zip_code="97201",
        country="United States",
        phone="+1 503 555 0142",
    )
    line = {"name_and_description": "Web site, August 2010", "price_cents": 20_000, "quantity": 1_0000}
    invoice = _made(
        Invoice(id=7, user_id=user_id),
        client_id=client.id,
        invoice_no="INV-007",
        date=date(2010, 8, 24),
        due_date=date(2010, 9, 30),
        notes="Thank you for your business.",
        line_items_attributes=[line],
    )
    cash = _made(
        Payment(id=25, user_id=user_id, invoice_id=7),
        date=date(2010, 9, 25),
        amount_cents=5_000,
        payment_method="cash",
    )
    paypal = _made(
        Payment(id=45, user_id=user_id, invoice_id=7),
        date=date(2010, 9, 30),
        amount_cents=15_000,
        payment_method="PayPal",
    )
    _date("2010-08-24T01:47:50Z", client, invoice, *invoice.line_items, cash)
    _date("2010-09-30T01:47:50Z", paypal)
    invoice.updated_at = paypal.created_at


def _admin_sample(user_id: int) -> None:
    """Invoice 123, with 200.00 still due: the sample of the admin document."""
    client = _made(
        Client(user_id=user_id),
        name="Harbour Street Books",
        email="office@harbour-street-books.example",
        address="3 Harbour Street",
        city="Galway",
        country="Ireland",
        phone="+353 91 555 017",
    )
    lines = [
        {"name_and_description": "Lettering of the shop front", "price_cents": 60_000, "quantity": 1_0000},
        {"name_and_description": "Repairs", "price_cents": 8_000, "quantity": 5_0000, "unit": "hours"},
    ]
    invoice = _made(
        Invoice(id=123, user_id=user_id),
        client_id=client.id,
        invoice_no="INV-123",
        date=date(2024, 1, 2),
        due_date=date(2024, 2, 1),
        tax_rate=20_000,
        line_items_attributes=lines,
    )
    payment = _made(
        Payment(id=1, user_id=user_id, invoice_id=123),
        date=date(2024, 1, 15),
        amount_cents=100_000,
        payment_method_id=1,
        accounted=True,
    )
    _date("2024-01-02T09:30:00Z", client, invoice, *invoice.line_items)
    _date("2024-01-15T14:05:00Z", payment)
    invoice.updated_at = payment.created_at


def _made(record: Made, **values: Any) -> Made:
    """The record with these attributes, as the API would have given them."""
    db.session.add(record)
    record.change(values)
    db.session.flush()
    return record


def _date(moment: str, *records: OwnedRecord) -> None:
    """Made then, and not changed since."""
    for record in records:
        record.created_at = record.updated_at = datetime.fromisoformat(moment).replace(tzinfo=None)
