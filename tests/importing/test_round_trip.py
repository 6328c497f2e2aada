"""What this server answered, imported into an empty database, is answered again, byte for byte."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from backends import Backend
from databases import Database
from flask import Flask
from inprocess import Http
from kinds import KINDS, make
from profiles import bill, profile
from saved import answers, forget, importing, save

from curdbee_compat.models.base import today

LINES = [
    {"name_and_description": "Größe & <Co>\r\nzwei", "price": "12.345", "quantity": "1.2345", "unit": "h"},
    {"name_and_description": "Last", "price": "-3.10", "quantity": 7, "sort_order": 2},
    {"name_and_description": "First", "price": "1000000.01", "quantity": 3, "sort_order": 1},
]
TERMS: list[dict[str, Any]] = [
    {},
    {"discount": "7.5%", "shipping": "3%", "tax": "19", "tax2": "2.125", "tax2_compound": True},
    {"discount": "12.34", "shipping": "5", "tax": "8.875", "tax2": "1", "tax2_compound": False},
    {"tax": "0.333", "tax2": "-4", "notes": "n", "summary": "s", "due_date": "2031-01-01", "payment_options": [""]},
    {"date": "1999-12-31", "payment_options": ["paypal", "gcheckout"], "line_items_attributes": []},
    {"line_items_attributes": [{"name_and_description": "Credit", "price": "-50", "quantity": 1}], "tax": "20"},
]


def books(http: Http, admin: Http, app: Flask) -> None:
    """Records of every kind in every state, in three currencies."""
    for kind in ("clients", "items"):
        make(http, KINDS[kind])
    codes = admin.get("/default_settings/currencies")
    yen, euro = (next(c["currency"]["id"] for c in codes if c["currency"]["symbol"] == s) for s in ("¥", "€"))
    for currency in (yen, euro):
        make(http, KINDS["clients"], currency_id=currency, email="a@example.test")
    make(http, KINDS["items"], price="-0.05", description="d")
    for client_id in (1, 2, 3):
        for terms in TERMS:
            sent = {"client_id": client_id, "line_items_attributes": LINES} | terms
            http.post("/invoices", invoice=sent)
            http.post("/estimates", estimate=sent)
    for path in ("/deliver/invoice/7", "/deliver/invoice/8", "/deliver/estimate/9", "/invoices/8/close"):
        http.post(path, status=200, **({"delivery": {"recipients": "a@example.test"}} if "deliver" in path else {}))
    http.post("/estimates/2/convert")
    for amount, method in (("5", "PayPal"), ("0.01", None), ("-1", "gift card"), ("12.50", "Größe & <Co>")):
        for invoice_id in (1, 4, 7, 8):
            payment = {"date": "2010-09-30", "amount": amount, "payment_method": method}
            http.post(f"/invoices/{invoice_id}/payments", payment=payment)
    http.post("/invoices/5/payments", payment={"date": "2010-09-30", "amount": "99"})
    start = today().isoformat()
    profile(http, start, invoice_no="CARE", occurences=1)
    moved = profile(http, start, frequency="Daily", occurences=400, payment_due_term="Net 30", tax="7")
    assert bill(app, start)
    http.put(f"/recurring_profiles/{moved}", recurring_profile={"frequency": "Weekly"})
    http.put("/invoices/6", invoice={"allow_partial_payments": True})


def age(database: Database) -> None:
    """Every record is from long ago, each from a time of its own."""
    with database.engine.begin() as connection:
        for table in ("clients", "items", "invoices", "estimates", "recurring_profiles", "payments"):
            for id in connection.execute(sa.text(f"SELECT id FROM {table}")).scalars().all():
                made, changed = (f"20{10 + more}-01-{id % 28 + 1:02d} 03:04:05.000000" for more in (0, 3))
                statement = sa.text(f"UPDATE {table} SET created_at = :made, updated_at = :changed WHERE id = :id")
                connection.execute(statement, {"made": made, "changed": changed, "id": id})


@pytest.fixture
def before(http: Http, admin: Http, app: Flask, database: Database) -> dict[str, bytes]:
    """What the server answers of these books, in both formats."""
    books(http, admin, app)
    age(database)
    return answers(http)


@pytest.mark.parametrize("format", ["json", "xml"])
def test_imported_answers_are_answered_again(
    before: dict[str, bytes], format: str, http: Http, user: int, running: Backend, instance: Path, tmp_path: Path
) -> None:
    folder = save(tmp_path, {name: content for name, content in before.items() if name.endswith(format)})
    forget(running, user)
    assert importing(running, instance, folder) == [
        "clients: 5 taken, 0 already there",
        "estimates: 18 taken, 0 already there",
        "invoices: 21 taken, 0 already there",
        "items: 2 taken, 0 already there",
        "payments: 17 taken, 0 already there",
        "recurring_profiles: 2 taken, 0 already there",
        "skipped: 0",
    ]
    assert answers(http) == before
