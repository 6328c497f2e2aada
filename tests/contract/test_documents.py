"""The samples of the two API documents, as printed there: the Payments page of 2008-2012 and the admin page."""

import json
import re
from datetime import date
from typing import Any

import pytest
from databases import Database
from documents import LIST_JSON, LIST_XML, SHOW_JSON, SHOW_XML
from factories import at, make_invoice, make_payments
from inprocess import Http
from tables import by_row

HOST = "example.curdbee.com"


CREATE = {
    "json": """{
  "payment": {
    "date": "2010-09-30",
    "amount": "100.00",
    "payment_method": "PayPal"
  }
}
""",
    "xml": """<?xml version="1.0" encoding="UTF-8"?>
<payment>
   <date>2010-09-30</date>
   <amount>100.00</amount>
   <payment-method>PayPal</payment-method>
</payment>
""",
}

# The comma after "150.00" stands in the document.
UPDATE = {
    "json": """{
  "payment": {
    "amount": "150.00",
  }
}
""",
    "xml": """<payment>
  <amount>150.00</amount>
</payment>
""",
}

FORMATS = by_row("suffix", {"json": "json", "xml": "xml"})


def ordered(text: str | bytes) -> Any:
    """A JSON text as nested lists, so that a comparison sees the order of keys too."""
    return json.loads(text, object_pairs_hook=lambda pairs: [list(pair) for pair in pairs])


@pytest.fixture
def sample(database: Database, user: int) -> str:
    """The path of the document's invoice: two payments, and nothing due."""
    invoice_id = make_invoice(database, user)
    first, second = at("2010-08-24T01:47:50Z"), at("2010-09-30T01:47:50Z")
    cash = {"id": 25, "amount_cents": 5000, "payment_method": "cash", "date": date(2010, 9, 25)}
    paypal = {"id": 45, "amount_cents": 15000, "payment_method": "PayPal", "date": date(2010, 9, 30)}
    rows = [
        cash | {"created_at": first, "updated_at": first},
        paypal | {"created_at": second, "updated_at": second},
    ]
    make_payments(database, invoice_id, rows)
    return f"/invoices/{invoice_id}/payments"


def send(http: Http, method: str, path: str, suffix: str, body: str) -> Any:
    return http.raw(method, f"{path}.{suffix}", body=body, content_type=f"application/{suffix}", host=HOST)


def test_list_in_json_is_the_documents(http: Http, sample: str) -> None:
    assert ordered(http.raw("GET", f"{sample}.json").data) == ordered(LIST_JSON)


def test_list_in_xml_is_the_documents(http: Http, sample: str) -> None:
    assert http.raw("GET", f"{sample}.xml").data == LIST_XML.encode()


def test_show_in_json_is_the_documents(http: Http, sample: str) -> None:
    assert ordered(http.raw("GET", f"{sample}/45.json").data) == ordered(SHOW_JSON)


def test_show_in_xml_is_the_documents(http: Http, sample: str) -> None:
    assert http.raw("GET", f"{sample}/45.xml").data == SHOW_XML.encode()


@FORMATS
def test_create_answers_201_the_payment_and_its_location(http: Http, sample: str, suffix: str) -> None:
    response = send(http, "POST", sample, suffix, CREATE[suffix])
    assert response.status_code == 201, response.data
    new_id = int(re.search(rb'(?:"id":|<id type="integer">)(\d+)', response.data).group(1))
    assert response.headers["Location"] == f"http://{HOST}/payments/{new_id}"
    assert response.data == http.raw("GET", f"{sample}/{new_id}.{suffix}").data
    stored = http.get(f"{sample}/{new_id}.json")["payment"]
    assert (stored["date"], stored["amount"], stored["payment_method"]) == ("2010-09-30", "100.00", "PayPal")


@FORMATS
def test_update_answers_200_the_payment_and_its_location(http: Http, sample: str, suffix: str) -> None:
    response = send(http, "PUT", f"{sample}/25", suffix, UPDATE[suffix])
    assert response.status_code == 200, response.data
    assert response.headers["Location"] == f"http://{HOST}/payments/25"
    assert response.data == http.raw("GET", f"{sample}/25.{suffix}").data
    stored = http.get(f"{sample}/25.json")["payment"]
    assert (stored["date"], stored["amount"], stored["payment_method"]) == ("2010-09-25", "150.00", "cash")


@FORMATS
def test_delete_answers_200_without_a_body(http: Http, sample: str, suffix: str) -> None:
    response = http.raw("DELETE", f"{sample}/45.{suffix}")
    assert (response.status_code, response.data) == (200, b"")
    assert [row["payment"]["id"] for row in http.get(f"{sample}.json")] == [25]


def test_the_documents_story_ends_with_nothing_due(http: Http, payments: str) -> None:
    """50.00 paid, 100.00 more corrected to 150.00, of an invoice over 200.00: every balance is 0.00."""
    http.post(f"{payments}.json", payment={"date": "2010-09-25", "amount": "50.00", "payment_method": "cash"})
    created = json.loads(send(http, "POST", payments, "json", CREATE["json"]).data)["payment"]
    assert created["balance"] == "50.00"
    send(http, "PUT", f"{payments}/{created['id']}", "json", UPDATE["json"])
    assert [row["payment"]["balance"] for row in http.get(f"{payments}.json")] == ["0.00", "0.00"]
