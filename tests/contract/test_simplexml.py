"""What a page in PHP does with SimpleXML: read `invoices.xml` over plain http and walk through it."""

import urllib.request
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from served import Server
from shops import Shop


@pytest.fixture
def invoices(server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`simplexml_load_file("http://…/invoices.xml?api_token=…")`, as often as it is called."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def load(path: str = "/invoices.xml", arguments: str = "") -> ElementTree.Element:
        with urllib.request.urlopen(f"{server.url}{path}?api_token={shop.token}{arguments}") as answer:
            assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
            return ElementTree.fromstring(answer.read())

    return load


def text(element: ElementTree.Element, *names: str) -> list[str | None]:
    """`(string) $element->name` for each; an element that is missing is None, an empty one is ''."""
    return [element.findtext(name) for name in names]


def test_invoices_clients_and_lines(invoices: Any, shop: Shop) -> None:
    lines = [
        {"name_and_description": "Bread & <butter>", "price": "0.10", "quantity": "2.5", "unit": "kg"},
        {"name_and_description": "Größe “XL”", "price": "1234567.89", "quantity": 1},
    ]
    sent = {"client_id": shop.client_id, "summary": "August", "tax": "10", "line_items_attributes": lines}
    shop.post("/invoices", {"invoice": sent})
    shop.pay("50")
    top = invoices()
    assert (top.tag, top.attrib) == ("invoices", {"type": "array"})
    assert [invoice.tag for invoice in top] == ["invoice", "invoice"]
    first, second = top.findall("invoice")
    totals = ("sub-total", "tax-amount", "total-billed", "paid-total", "total-due")
    assert text(first, *totals) == ["$200.00", "$0.00", "$200.00", "$50.00", "$150.00"]
    assert text(second, *totals) == ["$1234568.14", "$123456.81", "$1358024.95", "$0.00", "$1358024.95"]
    assert text(second, "client/name", "summary", "state") == ["Acme", "August", "draft"]
    assert first.findtext("client/id") == str(shop.client_id)
    shown = [text(line, "name-and-description", "price", "quantity", "total", "unit") for line in lines_of(second)]
    assert shown == [
        ["Bread & <butter>", "0.10", "2.5", "0.25", "kg"],
        ["Größe “XL”", "1234567.89", "1.0", "1234567.89", ""],
    ]


def lines_of(invoice: ElementTree.Element) -> list[ElementTree.Element]:
    return invoice.findall("line-items/line-item")


def test_an_invoice_without_lines_has_an_empty_array_of_them(invoices: Any, shop: Shop) -> None:
    number = shop.post("/invoices", {"invoice": {"client_id": shop.client_id}})["invoice"]["id"]
    invoice = invoices(f"/invoices/{number}.xml")
    assert (invoice.tag, lines_of(invoice)) == ("invoice", [])
    assert invoice.find("line-items").attrib == {"type": "array"}
    assert text(invoice, "total-due", "summary", "notes") == ["$0.00", "", ""]
    assert invoice.find("notes").attrib == {"nil": "true"}


def test_one_invoice_is_a_list_of_one(invoices: Any, shop: Shop) -> None:
    (invoice,) = invoices().findall("invoice")
    assert invoice.findtext("id") == str(shop.invoice_id)
    assert [line.findtext("total") for line in lines_of(invoice)] == ["200.00"]


def test_no_invoices_are_a_list_of_none(invoices: Any) -> None:
    top = invoices(arguments="&page=2")
    assert (top.tag, top.attrib, list(top)) == ("invoices", {"type": "array"}, [])


def test_dates_and_amounts_have_no_type(invoices: Any, shop: Shop) -> None:
    """Typed leaves are the ids, the quantities and the truth values alone."""
    (invoice,) = invoices().findall("invoice")
    typed = {element.tag: element.get("type") for element in invoice.iter() if element.get("type")}
    boolean = {"allow-partial-payments": "boolean"}
    assert typed == {"line-items": "array", "quantity": "float", "id": "integer"} | boolean
