"""The samples of the admin document, /admin/invoices/:id/invoice_payments, as printed there."""

import json
from datetime import date
from typing import Any

import pytest
from databases import Database
from documents import ADMIN_JSON, INVOICE_PAYMENT
from factories import make_invoice, make_payments
from inprocess import Http

PATH = "/admin/invoices/123/invoice_payments"
FIELDS = ["id", "invoice_id", "amount_cents", "payment_method_id", "date", "accounted"]

LIST = json.loads(ADMIN_JSON)
SHOW = {"invoice_payment": INVOICE_PAYMENT}

CREATE = {"invoice_payment": {"amount_cents": 100000, "payment_method_id": 1, "date": "2024-01-15"}}
UPDATE = {"invoice_payment": {"amount_cents": 120000, "date": "2024-01-20"}}
BATCH = """{
  "batch_action": "update",
  "collection_selection": [1, 2, 3],
  "batch_action_inputs": {
    "date": "2024-01-15"
  }
}
"""


@pytest.fixture(autouse=True)
def invoice(database: Database, user: int) -> int:
    """Invoice 123 of an ordinary user."""
    return make_invoice(database, user, id=123)


def make_rows(database: Database, invoice: int, *ids: int, **changes: Any) -> None:
    row = {"amount_cents": 100000, "payment_method_id": 1, "date": date(2024, 1, 15), "accounted": True}
    make_payments(database, invoice, [row | changes | {"id": row_id} for row_id in ids])


def test_list_is_the_documents(admin: Http, database: Database, invoice: int) -> None:
    make_rows(database, invoice, 1)
    response = admin.raw("GET", f"{PATH}.json")
    assert (response.status_code, json.loads(response.data)) == (200, LIST)
    assert list(json.loads(response.data)["invoice_payments"][0]) == FIELDS


def test_show_is_the_documents(admin: Http, database: Database, invoice: int) -> None:
    make_rows(database, invoice, 1)
    response = admin.raw("GET", f"{PATH}/1.json")
    assert (response.status_code, json.loads(response.data)) == (200, SHOW)
    assert list(json.loads(response.data)["invoice_payment"]) == FIELDS


def test_create_answers_201_and_the_full_object(admin: Http) -> None:
    """The document's answer is without `accounted`; ours always has the whole row."""
    answer = admin.post(f"{PATH}.json", json=CREATE)
    assert answer == {"invoice_payment": CREATE["invoice_payment"] | {"id": 1, "invoice_id": 123, "accounted": False}}
    assert admin.get(f"{PATH}/1.json") == answer


def test_create_says_where_the_new_payment_is(admin: Http) -> None:
    response = admin.raw("POST", f"{PATH}.json", json=CREATE, host="example.test")
    assert response.headers["Location"].removesuffix(".json") == f"http://example.test{PATH}/1"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_update_answers_200_and_the_full_object(admin: Http, database: Database, invoice: int, method: str) -> None:
    make_rows(database, invoice, 1)
    response = admin.raw(method, f"{PATH}/1.json", json=UPDATE)
    assert response.status_code == 200, response.data
    changed = {"invoice_payment": SHOW["invoice_payment"] | UPDATE["invoice_payment"]}
    assert json.loads(response.data) == changed
    assert admin.get(f"{PATH}/1.json") == changed


def test_delete_answers_204_without_a_body(admin: Http, database: Database, invoice: int) -> None:
    make_rows(database, invoice, 1)
    response = admin.raw("DELETE", f"{PATH}/1.json")
    assert (response.status_code, response.data) == (204, b"")
    assert admin.get(f"{PATH}.json") == {"invoice_payments": []}


def test_batch_update_says_how_many_it_changed(admin: Http, database: Database, invoice: int) -> None:
    make_rows(database, invoice, 1, 2, 3, date=date(2023, 12, 31))
    response = admin.raw("POST", f"{PATH}/batch_action.json", body=BATCH, content_type="application/json")
    assert response.status_code == 200, response.data
    assert json.loads(response.data) == {"message": "Batch action completed", "affected_count": 3}
    assert {row["date"] for row in admin.get(f"{PATH}.json")["invoice_payments"]} == {"2024-01-15"}


def test_the_same_payment_in_both_apis(admin: Http, http: Http) -> None:
    """100000 hundredths there are "1000.00" here, and method 1 is the first of the table, cash."""
    admin.post(f"{PATH}.json", json=CREATE)
    shown = http.get("/invoices/123/payments/1.json")["payment"]
    assert (shown["amount"], shown["payment_method"], shown["date"]) == ("1000.00", "cash", "2024-01-15")
