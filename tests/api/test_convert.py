"""Convert: an estimate becomes an invoice, once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from inprocess import Http

LINES = [
    {"name_and_description": "Work", "price": "200.00", "quantity": 1, "unit": "h", "sort_order": 2},
    {"name_and_description": "Rebate", "price": "-1.50", "quantity": 0.5, "sort_order": 1},
]
TERMS = {"discount": "10%", "shipping": "5%", "tax": "19", "tax2": "2.5", "tax2_compound": True}
TEXTS = {"notes": "n", "summary": "s", "payment_options": ["paypal"]}
DATES = {"date": "2011-02-03", "due_date": "2011-02-17", "estimate_no": "E-9"}


@pytest.fixture
def estimate(http: Http, client_id: int) -> dict[str, Any]:
    """An estimate with everything that one can have."""
    sent = {"client_id": client_id, "line_items_attributes": LINES, **TERMS, **TEXTS, **DATES}
    return http.post("/estimates", estimate=sent)["estimate"]


def test_the_answer_is_a_draft_invoice_of_today(http: Http, estimate: dict[str, Any]) -> None:
    earliest = datetime.now(UTC).date()
    response = http.raw("POST", f"/estimates/{estimate['id']}/convert")
    latest = datetime.now(UTC).date()
    assert (response.status_code, list(response.json)) == (201, ["invoice"])
    invoice = response.json["invoice"]
    assert response.headers["Location"] == f"http://localhost/invoices/{invoice['id']}"
    assert http.get(f"/invoices/{invoice['id']}") == response.json
    assert [element["invoice"]["id"] for element in http.get("/invoices")] == [invoice["id"]]

    assert date.fromisoformat(invoice["date"]) in (earliest, latest)
    assert date.fromisoformat(invoice["due_date"]) - date.fromisoformat(invoice["date"]) == timedelta(days=14)
    assert (invoice["state"], invoice["hash_key"], invoice["invoice_no"]) == ("draft", "", "1")
    assert invoice["allow_partial_payments"] is False
    own = {"id", "date", "due_date", "created_at", "updated_at", "line_items"}
    same = [name for name in invoice if name in estimate and name not in own]
    assert {name: invoice[name] for name in same} == {name: estimate[name] for name in same}
    assert {"client", "notes", "summary", "payment_options", "total_billed", "tax2_compound"} <= set(same)
    without_ids = [[line | {"id": None} for line in shown["line_items"]] for shown in (invoice, estimate)]
    assert without_ids[0] == without_ids[1]


def test_the_estimate_is_closed_and_otherwise_what_it_was(http: Http, estimate: dict[str, Any]) -> None:
    http.post(f"/estimates/{estimate['id']}/convert")
    shown = http.get(f"/estimates/{estimate['id']}")["estimate"]
    assert shown | {"updated_at": None} == estimate | {"updated_at": None, "state": "closed"}


@pytest.mark.parametrize("suffix", ["", ".json", ".xml"])
def test_every_format_and_no_body(http: Http, estimate: dict[str, Any], suffix: str) -> None:
    response = http.raw("POST", f"/estimates/{estimate['id']}/convert{suffix}")
    assert response.status_code == 201
    assert response.mimetype == ("application/xml" if suffix == ".xml" else "application/json")
    assert response.data == http.raw("GET", f"/invoices/1{suffix}").data
    assert (b"<invoice>" in response.data) == (suffix == ".xml")


def test_the_number_is_the_next_of_the_invoices(http: Http, client_id: int, estimate: dict[str, Any]) -> None:
    http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "INV-099"})
    assert http.post(f"/estimates/{estimate['id']}/convert")["invoice"]["invoice_no"] == "INV-100"
    assert http.post("/estimates", estimate={"client_id": client_id})["estimate"]["estimate_no"] == "E-10"


def test_percentages_stay_what_they_are(http: Http, estimate: dict[str, Any]) -> None:
    number = http.post(f"/estimates/{estimate['id']}/convert")["invoice"]["id"]
    line = {"name_and_description": "More", "price": "100.75", "quantity": 1}
    changed = http.put(f"/invoices/{number}", invoice={"line_items_attributes": [line]})["invoice"]
    assert (changed["sub_total"], changed["discount_amount"], changed["shipping_amount"]) == (
        *("$300.00", "$30.00", "$15.00"),
    )
    assert http.get(f"/estimates/{estimate['id']}")["estimate"]["sub_total"] == "$199.25"


@pytest.mark.parametrize("between", [None, "reopen"])
def test_a_second_time_is_refused(http: Http, estimate: dict[str, Any], between: str | None) -> None:
    path = f"/estimates/{estimate['id']}"
    http.post(f"{path}/convert")
    if between:
        http.post(f"{path}/{between}", status=200)
    ((attribute, message),) = http.post(f"{path}/convert", status=422)
    assert attribute == "base"
    assert f"<error>{message}</error>" in http.post(f"{path}/convert.xml", status=422)
    assert len(http.get("/invoices")) == 1


def test_a_duplicate_of_a_converted_one_can_be_converted(http: Http, estimate: dict[str, Any]) -> None:
    http.post(f"/estimates/{estimate['id']}/convert")
    copy = http.post(f"/estimates/{estimate['id']}/duplicate")["estimate"]
    assert copy["state"] == "draft"
    assert http.post(f"/estimates/{copy['id']}/convert")["invoice"]["invoice_no"] == "2"


def test_the_invoice_is_on_its_own(http: Http, estimate: dict[str, Any]) -> None:
    number = http.post(f"/estimates/{estimate['id']}/convert")["invoice"]["id"]
    http.post(f"/invoices/{number}/payments", payment={"date": "2011-02-03", "amount": "5"})
    shown = http.get(f"/estimates/{estimate['id']}")["estimate"]
    assert (shown["paid_total"], shown["state"]) == ("$0.00", "closed")
    http.delete(f"/estimates/{estimate['id']}")
    assert http.get(f"/invoices/{number}")["invoice"]["paid_total"] == "$5.00"


def test_a_delivered_estimate_makes_an_invoice_without_a_page(http: Http, estimate: dict[str, Any]) -> None:
    http.post(f"/deliver/estimate/{estimate['id']}", delivery={"recipients": ["a@example.test"]}, status=200)
    invoice = http.post(f"/estimates/{estimate['id']}/convert")["invoice"]
    assert (invoice["hash_key"], invoice["state"]) == ("", "draft")
    assert http.get(f"/estimates/{estimate['id']}")["estimate"]["hash_key"] != ""


def test_the_currency_is_the_estimates(http: Http) -> None:
    client_id = http.post("/clients", client={"name": "Tokyo", "currency_id": 69})["client"]["id"]
    sent = {"client_id": client_id, "line_items_attributes": LINES[:1]}
    number = http.post("/estimates", estimate=sent)["estimate"]["id"]
    http.put(f"/clients/{client_id}", client={"currency_id": 150})
    assert http.post(f"/estimates/{number}/convert")["invoice"]["total_billed"] == "¥200.00"


def test_what_is_missing_or_anothers(http: Http, stranger: Http, estimate: dict[str, Any]) -> None:
    stranger.post(f"/estimates/{estimate['id']}/convert", status=404)
    for number in ("99", "abc", "0", "-1", str(2**63)):
        http.post(f"/estimates/{number}/convert", status=404)
    assert (http.get("/invoices"), stranger.get("/invoices")) == ([], [])
    assert http.get(f"/estimates/{estimate['id']}")["estimate"] == estimate
    for method in ("GET", "PUT", "DELETE"):
        response = http.raw(method, f"/estimates/{estimate['id']}/convert")
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert http.raw("POST", f"/invoices/{estimate['id']}/convert").status_code == 404
