"""What stands in a body: wire semantics, section 2. Each row's id begins with s2."""

import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import date

import pytest
from databases import Database
from factories import at, make_invoice, make_payments
from inprocess import Http
from tables import by_row

DECLARATION = rb'<\?xml version="1.0" encoding="UTF-8"\?>\n'


@pytest.fixture
def one(database: Database, user: int) -> str:
    """The path of a list of one payment, which has no method."""
    invoice_id = make_invoice(database, user)
    when = at("2010-08-24T01:47:50Z")
    row = {"id": 7, "amount_cents": 5000, "date": date(2010, 9, 30), "created_at": when, "updated_at": when}
    make_payments(database, invoice_id, [row])
    return f"/invoices/{invoice_id}/payments"


SHAPES = {
    "s2-json-list": (".json", rb'\A\[\{"payment":\{[^\n\s]*\}\}\]\Z'),
    "s2-xml-list-of-one": (".xml", rb"\A" + DECLARATION + rb'<payments type="array">\n  <payment>\n'),
    "s2-json-show": ("/7.json", rb'\A\{"payment":\{[^\n\s]*\}\}\Z'),
    "s2-xml-layout": ("/7.xml", rb"\A" + DECLARATION + rb"<payment>\n(?:  <[a-z-]+.*>\n)+</payment>\n\Z"),
    "s2-key-order-json": (
        "/7.json",
        b".*".join(
            b'"%s":' % key
            for key in (
                b"created_at",
                b"updated_at",
                b"payment_method",
                b"amount",
                b"balance",
                b"date",
                b"id",
            )
        ),
    ),
    "s2-key-order-xml": (
        "/7.xml",
        b"(?s:.*)".join(
            b"<%s" % key
            for key in (
                b"created-at",
                b"updated-at",
                b"payment-method",
                b"amount",
                b"balance",
                b"date",
                b"id",
            )
        ),
    ),
    "s2-decimal-in-json": ("/7.json", rb'"amount":"50\.00","balance":"0\.00"'),
    "s2-decimal-in-xml": ("/7.xml", rb"<amount>50\.00</amount>\n  <balance>0\.00</balance>"),
    "s2-date-in-json": ("/7.json", rb'"date":"2010-09-30"'),
    "s2-datetime-in-json": ("/7.json", rb'"created_at":"2010-08-24T01:47:50Z"'),
    "s2-date-in-xml": ("/7.xml", rb"<date>2010-09-30</date>"),
    "s2-datetime-in-xml": ("/7.xml", rb"<created-at>2010-08-24T01:47:50Z</created-at>"),
    "s2-integer-in-xml": ("/7.xml", rb'<id type="integer">7</id>'),
    "s2-nil-in-json": ("/7.json", rb'"payment_method":null'),
    "s2-nil-in-xml": ("/7.xml", rb'<payment-method nil="true"(/>|></payment-method>)\n'),
}


@by_row("suffix, pattern", SHAPES)
def test_shape(http: Http, one: str, suffix: str, pattern: bytes) -> None:
    response = http.raw("GET", one + suffix)
    assert response.status_code == 200
    assert re.search(pattern, response.data), response.data


@by_row(
    "suffix, body",
    {
        "s2-json-list-empty": (".json", b"[]"),
        "s2-xml-list-empty": (".xml", b'<?xml version="1.0" encoding="UTF-8"?>\n<payments type="array"/>\n'),
    },
)
def test_empty_list(http: Http, payments: str, suffix: str, body: bytes) -> None:
    assert http.raw("GET", payments + suffix).data == body


def test_s2_id_is_the_only_typed_leaf_of_a_payment(http: Http, payment: str) -> None:
    record = ElementTree.fromstring(http.raw("GET", f"{payment}.xml").data)
    assert {leaf.tag: leaf.attrib for leaf in record if leaf.attrib} == {"id": {"type": "integer"}}


@by_row(
    "pattern",
    {
        "s2-boolean-in-xml": rb'<allow-partial-payments type="boolean">false</allow-partial-payments>',
        "s2-empty-string-in-xml": rb"<hash-key></hash-key>",
        "s2-float-in-xml": rb'<quantity type="float">1\.0</quantity>',
        "s2-array-in-xml": rb'<line-items type="array">\n    <line-item>\n',
        "s2-object-in-xml": rb'<client>\n    <name>Acme</name>\n    <id type="integer">\d+</id>\n  </client>',
    },
)
def test_shape_of_an_invoice_in_xml(http: Http, invoice_id: int, pattern: bytes) -> None:
    body = http.raw("GET", f"/invoices/{invoice_id}.xml").data
    assert re.search(pattern, body), body


TEXTS = {
    "s2-non-ascii-latin": "café",
    "s2-non-ascii-snowman": "☃",
    "s2-non-ascii-beyond-16-bits": "\U0001f4b6",
    "s2-line-separator": "a\u2028b",
    "s2-quotes-and-brackets": "\"a\" 'b' <c> & d ]]>",
    "s2-tab-and-line-break": "a\tb\nc",
    "trap-carriage-return": "a\rb\r\nc",
}


@by_row("text", TEXTS)
def test_text_comes_back_in_both_formats(http: Http, payments: str, text: str) -> None:
    made = http.post(payments, payment={"date": "2010-09-30", "amount": 1, "payment_method": text})["payment"]
    assert made["payment_method"] == text
    listed = json.loads(http.raw("GET", f"{payments}.json").data.decode("utf-8"))
    assert listed[0]["payment"]["payment_method"] == text
    shown = ElementTree.fromstring(http.raw("GET", f"{payments}/{made['id']}.xml").data)
    assert shown.findtext("payment-method") == text


def test_s2_quotes_are_bare_in_xml_text(http: Http, payments: str) -> None:
    http.post(payments, payment={"date": "2010-09-30", "amount": 1, "payment_method": "\"'<>&"})
    assert b"<payment-method>\"'&lt;&gt;&amp;</payment-method>" in http.raw("GET", f"{payments}.xml").data


# A control character or half a surrogate pair, once stored, makes every later list unreadable to strict clients.
UNREADABLE = {
    "s2-control-character": "a\x01b",
    "s2-control-character-escape": "\x1b[31m",
    "s2-control-character-nul": "a\x00b",
    "s2-lone-surrogate": "\ud800",
    "s2-control-character-fffe": "\ufffe",
}


@by_row("text", UNREADABLE)
def test_text_that_xml_cannot_hold_is_refused(http: Http, payments: str, text: str) -> None:
    sent = {"date": "2010-09-30", "amount": 1, "payment_method": text}
    errors = http.post(payments, payment=sent, status=422)
    assert [attribute for attribute, _ in errors] == ["payment_method"]
    assert http.get(payments) == []


@by_row(
    "path, content_type",
    {
        "s2-content-type-json": (".json", "application/json; charset=utf-8"),
        "s2-content-type-xml": (".xml", "application/xml; charset=utf-8"),
    },
)
def test_content_type(http: Http, payments: str, path: str, content_type: str) -> None:
    assert http.raw("GET", payments + path).headers["Content-Type"].lower() == content_type
