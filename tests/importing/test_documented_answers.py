"""The answers that the API's own documentation shows, saved as they are printed there, become records."""

from pathlib import Path

import pytest
from documents import ADMIN_JSON, LIST_JSON, LIST_XML
from inprocess import Http
from saved import Run, save

# An invoice around the payments of the sample, as the API showed invoices.
INVOICES = """\
<invoices type="array">
  <invoice>
    <line-items type="array">
      <line-item>
        <price>200.00</price>
        <name-and-description>Web site</name-and-description>
        <quantity type="float">1.0</quantity>
        <sort-order nil="true"></sort-order>
        <total>200.00</total>
        <id type="integer">31</id>
        <unit nil="true"></unit>
      </line-item>
    </line-items>
    <date>2010-08-24</date>
    <hash-key>h4Sh8kEy</hash-key>
    <id type="integer">7</id>
    <client><name>Acme</name><id type="integer">3</id></client>
    <total-billed>$200.00</total-billed>
    <invoice-no>INV-007</invoice-no>
    <state>paid</state>
  </invoice>
</invoices>
"""
CLIENTS = '[{"client":{"id":3,"name":"Acme","currency":{"name":"United States of America, Dollars","symbol":"$"}}}]'
BOOKS = {"clients.json": CLIENTS, "invoices.xml": INVOICES}


def printed(text: str) -> bytes:
    """As this server writes it: without the blanks between the tokens."""
    return text.replace("\n", "").replace("  ", "").replace('": ', '":').encode()


@pytest.mark.parametrize(("format", "sample"), [("json", LIST_JSON), ("xml", LIST_XML)])
def test_the_sample_of_payments_is_answered_as_it_is_printed(
    run: Run, http: Http, tmp_path: Path, format: str, sample: str
) -> None:
    run(save(tmp_path, {**BOOKS, f"invoices/7/payments.{format}": sample}))
    assert http.raw("GET", "/invoices/7/payments.json").get_data() == printed(LIST_JSON)
    assert http.raw("GET", "/invoices/7/payments.xml").get_data() == LIST_XML.encode()
    assert http.get("/invoices/7")["invoice"]["state"] == "paid"


def test_the_page_of_an_imported_invoice_is_where_it_was(run: Run, http: Http, tmp_path: Path) -> None:
    run(save(tmp_path, BOOKS))
    assert "INV-007" in http.get("/inv/h4Sh8kEy", auth=None)
    assert http.get("/invoices/7")["invoice"]["state"] == "sent"


def test_the_sample_of_the_admin_document_is_answered_as_it_is_printed(run: Run, admin: Http, tmp_path: Path) -> None:
    invoices = INVOICES.replace(">7<", ">123<")
    run(save(tmp_path, {**BOOKS, "invoices.xml": invoices, "admin.json": ADMIN_JSON}), "--user", "demo")
    path = "/admin/invoices/123/invoice_payments.json"
    assert admin.raw("GET", path).get_data() == printed(ADMIN_JSON)


def test_both_faces_of_a_payment_make_one(run: Run, admin: Http, http: Http, tmp_path: Path) -> None:
    """The public answer has the times, the admin's the invoice."""
    both = {
        "a.json": LIST_JSON.replace("25\n", "1\n"),
        "b.json": ADMIN_JSON.replace("123", "7").replace("100000", "5000"),
    }
    report = run(save(tmp_path, {**BOOKS, **both}), "--user", "demo")
    assert "payments: 1 taken, 0 already there" in report
    shown = http.get("/invoices/7/payments")[0]["payment"]
    assert (shown["created_at"], shown["payment_method"]) == ("2010-08-24T01:47:50Z", "cash")
    assert admin.get("/admin/invoices/7/invoice_payments/1")["invoice_payment"]["accounted"] is True
